/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: passes of the dispatcher, and every way from a domain id or a link to a struct domain.
 * Locking: none of its own; an authz belongs to one pass on one CPU.
 * Trust: the reference monitor. Nothing else outside core/ looks up a domain.
 */
#include "authz.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/flask.h>
#include <hv/internal.h>

/* What a pass leaves here has no target and nothing open. */
static struct pass {
	struct authz level[AUTHZ_LEVELS];
	unsigned int depth;
} passes[MAX_CPUS];

static const struct gate_operation use_operation = { .denied = XEN_EACCES };

struct authz *gate_begin(struct vcpu *v, enum perm use)
{
	unsigned int cpu = edge_cpu_id();
	struct pass *pass = &passes[cpu];
	struct authz *az;

	BUG_ON(pass->depth >= AUTHZ_LEVELS);
	if (pass->depth == 0)
		atomic_fetch_add_explicit(&cpus[cpu].pass_seq, 1, memory_order_seq_cst);
	az = &pass->level[pass->depth++];
	az->vcpu = v;
	az->self = v->domain;
	az->op = &use_operation;
	az->note = NULL;
	az->own = gate_own_vector(az->self);
	if (gate_check_self(az, use) == 0)
		return az;
	gate_end(az);
	return NULL;
}

/*@
  // A pass's book: what is open is counted, each once.
  predicate booked{L}(struct authz *az) = \valid(az) && az->opened ==
    (az->open[0] != \null ? 1 : 0) + (az->open[1] != \null ? 1 : 0) + (az->open[2] != \null ? 1 : 0) + (az->open[3] != \null ? 1 : 0);
  predicate closed{L}(struct authz *az) = az->opened == 0 && (\forall integer i; 0 <= i < AUTHZ_OPEN_MAX ==> az->open[i] == \null);
*/

/*@ requires booked(az); assigns az->open[0 .. 3], az->opened; ensures booked(az) && closed(az); */
static __slow void opened_release(struct authz *az)
{
	/*@
	  loop invariant i <= AUTHZ_OPEN_MAX && booked(az) && (\forall integer j; 0 <= j < i ==> az->open[j] == \null);
	  loop assigns i, az->open[0 .. 3], az->opened;
	*/
	for (unsigned int i = 0; i < AUTHZ_OPEN_MAX; i++)
		gate_release(az, az->open[i]);
}

/*@
  requires booked(az) && 0 < passes[cpu_now].depth <= AUTHZ_LEVELS && az == &passes[cpu_now].level[passes[cpu_now].depth - 1];
  ensures closed(az) && az->self == \null && az->target == \null && passes[cpu_now].depth == \old(passes[cpu_now].depth) - 1;
*/
void gate_end(struct authz *az)
{
	unsigned int cpu = edge_cpu_id();

	if (unlikely(az->opened))
		opened_release(az);
	if (az->target && az->target != az->self)
		domain_put(az->target);
	az->self = az->target = NULL;
	if (--passes[cpu].depth == 0)
		atomic_fetch_add_explicit(&cpus[cpu].pass_seq, 1, memory_order_seq_cst);
}

void gate_set_operation(struct authz *az, const struct gate_operation *op)
{
	az->op = op;
}

bool gate_is_self(const struct authz *az, domid_t id)
{
	return id == DOMID_SELF || id == az->self->id;
}

/* *out is the caller itself, borrowed, or a referenced domain that `p` and `q` are granted on. */
static int gate_resolve(struct authz *az, domid_t id, enum perm p, enum perm q, struct domain **out)
{
	struct domain *d;
	int rc;

	if (gate_is_self(az, id)) {
		*out = az->self;
		return gate_check_target_both(az, az->self, p, q);
	}
	d = domain_lookup_raw(id);
	if (!d)
		return -XEN_ESRCH;
	rc = gate_check_target_both(az, d, p, q);
	if (rc)
		domain_put(d);
	else
		*out = d;
	return rc;
}

int gate_authorize_self(struct authz *az, enum perm p)
{
	az->target = az->self;
	return gate_check_self(az, p);
}

int gate_authorize_domain(struct authz *az, domid_t id, enum perm p)
{
	struct domain *d;
	int rc = gate_resolve(az, id, p, PERM_INVALID, &d);

	if (rc == 0)
		az->target = d;
	return rc;
}

struct vcpu *authz_vcpu(const struct authz *az)
{
	return az->vcpu;
}

struct domain *authz_self(const struct authz *az)
{
	return az->self;
}

struct domain *authz_target(const struct authz *az)
{
	return az->target;
}

/*@
  requires booked(az) && d != \null && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out;
  ensures booked(az);
  ensures \result == 0 ? *out == d && az->opened == \old(az->opened) + 1 && (\exists integer i; 0 <= i < AUTHZ_OPEN_MAX && az->open[i] == d) :
    \result == -XEN_ENOMEM && \old(az->opened) == AUTHZ_OPEN_MAX && az->opened == AUTHZ_OPEN_MAX;
  ensures \forall integer i; 0 <= i < AUTHZ_OPEN_MAX && \old(az->open[i]) != \null ==> az->open[i] == \old(az->open[i]);
*/
int gate_keep(struct authz *az, struct domain *d, struct domain **out)
{
	/*@ loop invariant i <= AUTHZ_OPEN_MAX && (\forall integer j; 0 <= j < i ==> az->open[j] != \null); loop assigns i; */
	for (unsigned int i = 0; i < AUTHZ_OPEN_MAX; i++) {
		if (!az->open[i]) {
			az->open[i] = d;
			az->opened++;
			*out = d;
			return 0;
		}
	}
	domain_put(d);
	return -XEN_ENOMEM;
}

int gate_open_domain(struct authz *az, domid_t id, enum perm p, struct domain **out)
{
	return gate_open_domain_both(az, id, p, PERM_INVALID, out);
}

int gate_open_domain_both(struct authz *az, domid_t id, enum perm p, enum perm q,
			  struct domain **out)
{
	struct domain *d;
	int rc = gate_resolve(az, id, p, q, &d);

	if (rc)
		return rc;
	if (d != az->self)
		return gate_keep(az, d, out);
	*out = d;
	return 0;
}

int gate_open_next(struct authz *az, domid_t at_least, enum perm p, struct domain **out)
{
	domid_t id = at_least;
	struct domain *d;

	for (;;) {
		d = domain_lookup_next_raw(id);
		if (!d)
			return -XEN_ESRCH;
		if (gate_would_allow(az, d, p))
			return gate_keep(az, d, out);
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

int gate_open_link(struct authz *az, const struct domain_link *l, enum perm p, struct domain **out)
{
	struct domain *d;
	int rc;

	if (!domain_link_is_set(l))
		return -XEN_ESRCH;
	d = domain_link_raw(l);
	rc = gate_check_target(az, d, p);
	if (rc)
		return rc;
	if (!domain_get(d))
		return -XEN_ESRCH;
	return gate_keep(az, d, out);
}

/*@
  requires booked(az);
  assigns az->open[0 .. 3], az->opened;
  ensures booked(az);
  ensures \forall integer i; 0 <= i < AUTHZ_OPEN_MAX ==>
    az->open[i] == \old(az->open[i]) || (az->open[i] == \null && \old(az->open[i]) == d);
  ensures \forall integer i; 0 <= i < AUTHZ_OPEN_MAX && \old(az->open[i]) == d && (\forall integer j; 0 <= j < i ==> \old(az->open[j]) != d) ==>
    az->open[i] == \null;
*/
void gate_release(struct authz *az, struct domain *d)
{
	/*@ loop invariant i <= AUTHZ_OPEN_MAX && (\forall integer j; 0 <= j < i ==> az->open[j] != d || d == \null); loop assigns i; */
	for (unsigned int i = 0; i < AUTHZ_OPEN_MAX; i++) {
		if (az->open[i] == d && d) {
			az->open[i] = NULL;
			az->opened--;
			domain_put(d);
			return;
		}
	}
}
