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

/*@
  predicate here{L}(struct authz *az) = 0 < passes[cpu_now].depth <= AUTHZ_LEVELS && az == &passes[cpu_now].level[passes[cpu_now].depth - 1];
  predicate place{L}(struct authz *az) = closed(az) && az->target == \null;
  predicate places{L} = passes[cpu_now].depth <= AUTHZ_LEVELS &&
    (\forall integer i; passes[cpu_now].depth <= i < AUTHZ_LEVELS ==> place(&passes[cpu_now].level[i]));
*/

/*@
  requires (\forall struct domain *d; 0 <= refs(d)) && places && passes[cpu_now].depth < AUTHZ_LEVELS && \valid_read(v) && domain(v->domain) && use < PERM_COUNT;
  requires apart(&passes[cpu_now].level[passes[cpu_now].depth]) && \separated(v, &passes[cpu_now]) && \separated(v->domain, &passes[cpu_now]);
  requires \forall integer s, t; \separated(vector_of(s, t), &cpus[cpu_now]);
  ensures grants(\old(v->domain), \old(v->domain), use, PERM_INVALID) ? here(\result) : \result == \null;
  ensures places;
  ensures \forall struct domain *d; d != \null ==> refs(d) == \old(refs(d));
  ensures passes[cpu_now].depth == \old(passes[cpu_now].depth) + (\result == \null ? 0 : 1);
  ensures \result != \null ==> pass(\result) && own(\result) && booked(\result) && place(\result) && \result->vcpu == v && \result->self == \old(v->domain);
*/
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

/*@ requires booked(az); assigns az->open[0 .. 3], az->opened, refs_taken; ensures booked(az) && closed(az) && even{Pre, Post}(az); */
static __slow void opened_release(struct authz *az)
{
	/*@
	  loop invariant i <= AUTHZ_OPEN_MAX && booked(az) && even{Pre, Here}(az) && (\forall integer j; 0 <= j < i ==> az->open[j] == \null);
	  loop assigns i, az->open[0 .. 3], az->opened, refs_taken;
	*/
	for (unsigned int i = 0; i < AUTHZ_OPEN_MAX; i++)
		gate_release(az, az->open[i]);
}

/*@
  requires booked(az);
  requires here(az);
  requires places;
  assigns az->open[0 .. 3], az->opened, az->self, az->target, passes[cpu_now].depth, cpus[cpu_now].pass_seq, refs_taken;
  ensures place(az) && az->self == \null;
  ensures places;
  ensures passes[cpu_now].depth == \old(passes[cpu_now].depth) - 1;
  ensures \forall struct domain *d; d != \null ==> refs(d) == \old(refs(d) - held(az, d));
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

/*@ requires \valid(az); assigns az->op; ensures az->op == op; */
void gate_set_operation(struct authz *az, const struct gate_operation *op)
{
	az->op = op;
}

bool gate_is_self(const struct authz *az, domid_t id)
{
	return id == DOMID_SELF || id == az->self->id;
}

/* *out is the caller itself, borrowed, or a referenced domain that `p` and `q` are granted on. */
/*@
  requires pass(az) && apart(az) && p < PERM_COUNT && q < PERM_COUNT && \valid(out) && \separated(out, az);
  assigns *out, az->note, refs_taken;
  ensures \result == 0 ==> domain(*out) && grants(az->self, *out, p, q) && (id == DOMID_SELF ? *out == az->self : (*out)->id == id);
  ensures \result == 0 ? refs_moved{Pre, Post}(*out, *out == az->self ? 0 : 1) : refs_moved{Pre, Post}(\null, 0);
  ensures \result == 0 || \result == -XEN_ESRCH || \result == -az->op->denied;
*/
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

/*@
  requires pass(az) && own(az) && p < PERM_COUNT;
  assigns az->target, az->note;
  ensures az->target == az->self && (grants(az->self, az->self, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied);
*/
int gate_authorize_self(struct authz *az, enum perm p)
{
	az->target = az->self;
	return gate_check_self(az, p);
}

/*@
  requires pass(az) && apart(az) && booked(az) && az->target == \null && p < PERM_COUNT;
  assigns az->target, az->note, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ? grants(az->self, az->target, p, PERM_INVALID) && (id == DOMID_SELF ? az->target == az->self : az->target->id == id) :
    az->target == \null && (\result == -XEN_ESRCH || \result == -az->op->denied);
*/
int gate_authorize_domain(struct authz *az, domid_t id, enum perm p)
{
	struct domain *d;
	int rc = gate_resolve(az, id, p, PERM_INVALID, &d);

	if (rc == 0)
		az->target = d;
	return rc;
}

/*@ requires \valid_read(az); assigns \nothing; ensures \result == az->vcpu; */
struct vcpu *authz_vcpu(const struct authz *az)
{
	return az->vcpu;
}

/*@ requires \valid_read(az); assigns \nothing; ensures \result == az->self; */
struct domain *authz_self(const struct authz *az)
{
	return az->self;
}

/*@ requires \valid_read(az); assigns \nothing; ensures \result == az->target; */
struct domain *authz_target(const struct authz *az)
{
	return az->target;
}

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

/*@
  requires pass(az) && apart(az) && booked(az) && p < PERM_COUNT && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, az->note, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> grants(az->self, *out, p, PERM_INVALID) && (id == DOMID_SELF ? *out == az->self : (*out)->id == id);
  ensures \result == 0 ==> (*out == az->self || is_open(az, *out)) && opened_only{Pre, Post}(az, *out);
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
int gate_open_domain(struct authz *az, domid_t id, enum perm p, struct domain **out)
{
	return gate_open_domain_both(az, id, p, PERM_INVALID, out);
}

/*@
  requires pass(az) && apart(az) && booked(az) && p < PERM_COUNT && q < PERM_COUNT && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, az->note, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> grants(az->self, *out, p, q) && (id == DOMID_SELF ? *out == az->self : (*out)->id == id);
  ensures \result == 0 ==> (*out == az->self || is_open(az, *out)) && opened_only{Pre, Post}(az, *out);
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
int gate_open_domain_both(struct authz *az, domid_t id, enum perm p, enum perm q,
			  struct domain **out)
{
	struct domain *d;
	int rc = gate_resolve(az, id, p, q, &d);

	if (rc)
		return rc;
	/*@ assert even_but{Pre, Here}(az, d, d == az->self ? 0 : 1); */
	if (d != az->self)
		return gate_keep(az, d, out);
	*out = d;
	return 0;
}

/*@
  requires pass(az) && apart(az) && booked(az) && p < PERM_COUNT && !shares(p) && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, az->note, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> grants(az->self, *out, p, PERM_INVALID) && at_least <= (*out)->id;
  ensures \result == 0 ==> is_open(az, *out) && opened_only{Pre, Post}(az, *out);
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
int gate_open_next(struct authz *az, domid_t at_least, enum perm p, struct domain **out)
{
	domid_t id = at_least;
	struct domain *d;

	/*@
	  loop invariant refs_moved{Pre, Here}(\null, 0) && at_least <= id;
	  loop assigns id, d, refs_taken;
	  loop variant UINT16_MAX - id;
	*/
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

/*@
  requires pass(az) && apart(az) && booked(az) && p < PERM_COUNT && \valid_read(l) && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, az->note, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> l->opaque != 0 && *out == behind(l->opaque) && grants(az->self, *out, p, PERM_INVALID);
  ensures \result == 0 ==> is_open(az, *out) && opened_only{Pre, Post}(az, *out);
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
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
	/*@ assert even_but{Pre, Here}(az, d, 1); */
	return gate_keep(az, d, out);
}

/*@
  requires booked(az);
  assigns az->open[0 .. 3], az->opened, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
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
