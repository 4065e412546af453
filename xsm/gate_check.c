/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's questions: one decision, its audit record, and what each kind of check compares.
 * Locking: none.
 * Trust: labels are the policy's; ids and notes in the records may be the guest's choice.
 */
#include "authz.h"

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/flask.h>
#include <hv/internal.h>
#include <hv/shype.h>

enum { SECINITSID_XEN = 2, SECINITSID_DOM0 = 3, SECINITSID_SECURITY = 7 };

/*@ requires \valid_read(d); assigns \nothing; ensures \result == label_of(d); */
static sid_t domain_sid(const struct domain *d)
{
	return atomic_load_explicit(&((struct domain *)(uintptr_t)d)->label.sid,
				    memory_order_acquire);
}

struct gate_object gate_object_of(const struct domain *source, const struct domain *d)
{
	return (struct gate_object){ d->id, source == d ? d->label.self_sid : domain_sid(d) };
}

struct gate_object gate_source(const struct domain *d)
{
	return (struct gate_object){ d->id, domain_sid(d) };
}

/*@ requires \valid_read(words + (0 .. FLASK_WORDS - 1)) && p < PERM_COUNT; assigns \nothing; ensures \result <==> has(words, p); */
static bool gate_bit(const uint64_t *words, enum perm p)
{
	return (words[p / 64] >> (p % 64)) & 1;
}

/* p, and q unless it is PERM_INVALID. */
/*@ requires pass(az); assigns \nothing; */
static void gate_audit(struct authz *az, struct gate_object source, struct gate_object target,
		       enum perm p, enum perm q, bool granted, bool permissive)
{
	struct audit_avc a = {
		.granted = granted, .permissive = permissive, .perm = p, .second = q,
		.caller = az->self->id, .source = source.id, .target = target.id, .ssid = source.sid, .tsid = target.sid,
		.operation = az->op->name, .object = az->note, .object_value = az->note_value,
	};

	audit_avc(&a);
}

/*@ requires \valid_read(words + (0 .. FLASK_WORDS - 1)) && p < PERM_COUNT; assigns \nothing; ensures \result <==> p != PERM_INVALID && has(words, p); */
static bool gate_has(const uint64_t *words, enum perm p)
{
	return p != PERM_INVALID && gate_bit(words, p);
}

/*@ requires \valid_read(words + (0 .. FLASK_WORDS - 1)) && p < PERM_COUNT; assigns \nothing; ensures \result == p || \result == PERM_INVALID; */
static enum perm gate_unless(const uint64_t *words, enum perm p)
{
	return gate_has(words, p) ? PERM_INVALID : p;
}

/* p and q are missing, or PERM_INVALID; what the policy wants to hear of stands in one record. */
/*@ requires pass(az) && \valid_read(v) && p < PERM_COUNT && q < PERM_COUNT; assigns \nothing;
    ensures (v->permissive || !enforces) ? \result == 0 : \result == -az->op->denied; */
static int gate_deny(struct authz *az, const struct flask_vector *v, struct gate_object source,
		     struct gate_object target, enum perm p, enum perm q)
{
	bool permissive = v->permissive || !flask_enforcing();

	p = gate_unless(v->dontaudit, p);
	q = gate_unless(v->dontaudit, q);
	if (!az->op->quiet && (p || q))
		gate_audit(az, source, target, p ? p : q, p ? q : PERM_INVALID, false, permissive);
	return permissive ? 0 : -az->op->denied;
}

int gate_shype_refuse(struct authz *az, struct gate_object source, struct gate_object target, enum perm p,
		      const struct shype_reason *why)
{
	struct audit_avc a = {
		.perm = p, .caller = az->self->id, .source = source.id, .target = target.id, .ssid = source.sid, .tsid = target.sid,
		.operation = az->op->name, .object = az->note, .object_value = az->note_value, .engine = why->text,
	};

	if (!az->op->quiet)
		audit_avc(&a);
	return -az->op->denied;
}

int gate_share(struct authz *az, struct gate_object a, struct gate_object b, enum perm p)
{
	struct shype_reason why;

	if (a.id == b.id)
		return 0;
	if (!shype_may_share(a.sid, b.sid, &why))
		return gate_shype_refuse(az, a, b, p, &why);
	shype_note_sharing(a.id, a.sid, b.id, b.sid);
	return 0;
}

/* By which one domain reaches what another has. Event channels have labels of their own: gate_event.c. */
/*@ assigns \nothing; ensures \result <==> shares(p); */
static bool perm_shares(enum perm p)
{
	return p == PERM_grant__map_read || p == PERM_grant__map_write || p == PERM_grant__copy || p == PERM_mmu__map_read ||
	       p == PERM_mmu__map_write || p == PERM_domain2__resource_map;
}

/* Granted, and nobody wants to hear of it: what nearly every question comes to. */
/*@ requires \valid_read(v) && p < PERM_COUNT; assigns \nothing; ensures \result ==> has(&v->allowed[0], p); */
static bool granted_quietly(const struct flask_vector *v, enum perm p)
{
	return ((v->allowed[p / 64] & ~v->auditallow[p / 64]) >> (p % 64)) & 1;
}

/*@ requires pass(az) && \valid_read(v) && p < PERM_COUNT && q < PERM_COUNT; assigns \nothing;
    ensures (kept(v, p) && (q == PERM_INVALID || kept(v, q))) ? \result == 0 : \result == -az->op->denied; */
static __slow int gate_decide_flask(struct authz *az, const struct flask_vector *v, struct gate_object source, struct gate_object target,
			     enum perm p, enum perm q)
{
	bool has_p = flask_allowed(v, p), has_q = q == PERM_INVALID || flask_allowed(v, q);

	if (!has_p || !has_q)
		return gate_deny(az, v, source, target, has_p ? PERM_INVALID : p, has_q ? PERM_INVALID : q);
	if (gate_bit(v->auditallow, p) || gate_has(v->auditallow, q))
		gate_audit(az, source, target, p, q, true, false);
	return 0;
}

/* Both engines must agree. */
/*@ requires pass(az) && p < PERM_COUNT && q < PERM_COUNT; assigns az->note;
    ensures decided(source.id, source.sid, target.id, target.sid, p, q) ? \result == 0 : \result == -az->op->denied; */
static int gate_decide_both(struct authz *az, struct gate_object source, struct gate_object target,
			    enum perm p, enum perm q)
{
	const struct flask_vector *v = flask_vector(source.sid, target.sid);
	int rc = 0;

	if (unlikely(!granted_quietly(v, p) || (q != PERM_INVALID && !granted_quietly(v, q))))
		rc = gate_decide_flask(az, v, source, target, p, q);
	if (rc == 0 && perm_shares(p))
		rc = gate_share(az, source, target, p);
	az->note = NULL;
	return rc;
}

int gate_decide(struct authz *az, struct gate_object source, struct gate_object target, enum perm p)
{
	return gate_decide_both(az, source, target, p, PERM_INVALID);
}

/*@ requires \valid_read(v) && p < PERM_COUNT; assigns \nothing; ensures \result <==> kept(v, p); */
static bool vector_keeps(const struct flask_vector *v, enum perm p)
{
	return flask_allowed(v, p) || v->permissive || !flask_enforcing();
}

bool gate_would_allow(const struct authz *az, const struct domain *d, enum perm p)
{
	return vector_keeps(flask_vector(domain_sid(az->self), gate_object_of(az->self, d).sid), p);
}

/* What has a label of its own and is no domain. */
/*@ assigns \nothing; ensures \result.id == DOMID_INVALID && \result.sid == initial_label(number); */
static struct gate_object gate_initial(unsigned int number)
{
	return (struct gate_object){ DOMID_INVALID, flask_initial_sid(number) };
}

int gate_check_xen(struct authz *az, enum perm p)
{
	return gate_decide(az, gate_source(az->self), gate_initial(SECINITSID_XEN), p);
}

int gate_check_security(struct authz *az, enum perm p)
{
	return gate_decide(az, gate_source(az->self), gate_initial(SECINITSID_SECURITY), p);
}

/*
 * A vector stays as long as its policy, hence to the end of the pass. One that is not kept, or that does not grant, is asked for anew, so that a
 * denial is that of the policy and label in force now.
 */
const struct flask_vector *gate_own_vector(const struct domain *d)
{
	return flask_vector_kept(domain_sid(d), d->label.self_sid);
}

int gate_check_self(struct authz *az, enum perm p)
{
	if (az->own && granted_quietly(az->own, p)) {
		az->note = NULL;
		return 0;
	}
	return gate_decide(az, gate_source(az->self), gate_object_of(az->self, az->self), p);
}

int gate_check_target(struct authz *az, struct domain *target, enum perm p)
{
	return gate_decide(az, gate_source(az->self), gate_object_of(az->self, target), p);
}

int gate_check_target_both(struct authz *az, struct domain *target, enum perm p, enum perm q)
{
	return gate_decide_both(az, gate_source(az->self), gate_object_of(az->self, target), p, q);
}

int gate_check_pair_both(struct authz *az, struct domain *source, struct domain *target,
			 enum perm p, enum perm q)
{
	return gate_decide_both(az, gate_source(source), gate_object_of(source, target), p, q);
}

int gate_check_pair(struct authz *az, struct domain *source, struct domain *target, enum perm p)
{
	return gate_decide(az, gate_source(source), gate_object_of(source, target), p);
}

int gate_check_sids(struct authz *az, sid_t ssid, sid_t tsid, enum perm p)
{
	return gate_decide(az, (struct gate_object){ DOMID_INVALID, ssid },
			   (struct gate_object){ DOMID_INVALID, tsid }, p);
}

bool gate_may_keep_grant(const struct domain *mapper, const struct domain *granter, bool write)
{
	const struct flask_vector *v = flask_vector(domain_sid(mapper), gate_object_of(mapper, granter).sid);

	return vector_keeps(v, PERM_grant__map_read) && (!write || vector_keeps(v, PERM_grant__map_write)) && shype_may_keep(mapper, granter);
}

bool gate_may_keep_channel(const struct domain *d, sid_t label, const struct domain *peer)
{
	return vector_keeps(flask_vector(domain_sid(d), label), PERM_event__send) &&
	       vector_keeps(flask_vector(label, gate_object_of(d, peer).sid), PERM_event__bind) && shype_may_keep(d, peer);
}

bool gate_may_keep_foreign(const struct domain *mapper, const struct domain_link *owner, bool shared)
{
	const struct domain *d = domain_link_raw(owner);
	const struct flask_vector *v = flask_vector(domain_sid(mapper), gate_object_of(mapper, d).sid);
	bool keeps = shared ? vector_keeps(v, PERM_domain2__resource_map) :
			      vector_keeps(v, PERM_mmu__map_read) && vector_keeps(v, PERM_mmu__map_write);

	return keeps && shype_may_keep(mapper, d);
}

void authz_note(struct authz *az, const char *what, uint64_t value)
{
	az->note = what;
	az->note_value = value;
}

__slow void authz_refused(struct authz *az)
{
	unsigned int i = az->op->index % GATE_OPERATIONS;
	uint64_t bit = (uint64_t)1 << (i % 64);
	uint64_t seen = atomic_fetch_or_explicit(&az->self->refused_seen[i / 64], bit,
						 memory_order_relaxed);

	atomic_fetch_add_explicit(&az->self->refused_count, 1, memory_order_relaxed);
	if (!(seen & bit))
		audit_event(&(struct audit_event){ .type = AUDIT_DOMAIN, .caller = az->self->id },
			    "ravelin: absent operation refused op=%s", az->op->name);
}

int xsm_init(const void *policy, size_t len)
{
	struct flask_error err = { 0 };
	int rc = flask_init(policy, len, &err);

	if (rc)
		log_err("policy refused at byte %zu, section %s: %s", err.offset,
			err.section ? err.section : "?", err.reason ? err.reason : "?");
	return rc ? rc : shype_init(NULL, 0);
}

sid_t xsm_initial_sid_dom0(void)
{
	return flask_initial_sid(SECINITSID_DOM0);
}

