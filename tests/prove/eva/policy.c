/* SPDX-License-Identifier: Apache-2.0 */
/* For Eva: what Flask, sHype and the audit log answer to the handlers of xsm_op and ravelin_op. Locking: none. Trust: proofs only. */
#include "handlers.c"
#include <hv/flask.h>
#include <hv/shype.h>
#include <hv/sweep.h>
#include <xsm_op.h>

static char any_name[64];

/* A reason, or none: it is there whenever something is refused for one. */
static int any_error(struct flask_error *err)
{
	if (any_bool)
		return 0;
	*err = (struct flask_error){ .offset = any_u64, .section = "section", .reason = any_bool ? "reason" : NULL };
	return -XEN_EINVAL;
}

static bool any_set(void) { return any_bool; }
int flask_load(const void *policy, size_t len, struct flask_error *err) { guest_look(policy, len); return any_error(err); }
void flask_reclaim(void) { }
bool flask_enforcing(void) { return any_set(); }
int flask_set_enforcing(bool on) { look(on); return guest_status(); }
uint32_t flask_seqno(void) { return any_u32; }
uint32_t flask_fallback_count(void) { return any_u32; }
void flask_hash(uint8_t sha256[32]) { guest_fill(sha256, 32); }
int flask_context_to_sid(const char *ctx, size_t len, sid_t *sid)
{
	guest_look(ctx, len);
	if (any_bool)
		return -XEN_EINVAL;
	*sid = any_u32;
	return 0;
}
int flask_sid_to_context(sid_t sid, char *buf, size_t size, size_t *needed)
{
	look(sid);
	if (size)
		guest_fill(buf, size);
	*needed = any_u64;
	if (*needed > size)
		return -XEN_ERANGE;
	return guest_status();
}
bool flask_sid_valid(sid_t sid) { look(sid); return any_bool; }
int flask_access(sid_t s, sid_t t, uint16_t policy_class, uint32_t *allowed, uint32_t *auditallow, uint32_t *auditdeny, uint32_t *seqno)
{
	look((uint64_t)s + t + policy_class);
	*allowed = any_u32;
	*auditallow = any_u32;
	*auditdeny = any_u32;
	*seqno = any_u32;
	return guest_status();
}
int flask_derive(sid_t s, sid_t t, uint16_t policy_class, enum flask_derive how, sid_t *out)
{
	look((uint64_t)s + t + policy_class + how);
	if (any_bool)
		return -XEN_EINVAL;
	*out = any_u32;
	return 0;
}
int flask_bool_find(const char *name, size_t len, uint32_t *id) { if (len) guest_look(name, len); *id = any_u32; return guest_status(); }
int flask_bool_get(uint32_t id, struct flask_boolean *b)
{
	look(id);
	if (any_bool)
		return -XEN_ENOENT;
	guest_fill(any_name, sizeof(any_name) - 1);
	*b = (struct flask_boolean){ any_name, any_bool, any_bool };
	return 0;
}
int flask_bool_set_pending(uint32_t id, bool value) { look((uint64_t)id + value); return guest_status(); }
bool flask_bools_settled(uint32_t id) { look(id); return any_bool; }
int flask_bools_commit(uint32_t id) { look(id); return guest_status(); }
int flask_object_add(const struct flask_object *o) { look(o->kind + o->sid + o->low + o->high); return guest_status(); }
int flask_object_remove(const struct flask_object *o) { look(o->kind + o->sid + o->low + o->high); return guest_status(); }
bool flask_object_drop(struct flask_object *o)
{
	if (any_bool)
		return false;
	guest_fill(o, sizeof(*o));
	return true;
}
void flask_cache_stats(unsigned int cpu, struct flask_cache_stats *out)
{
	/*@ assert bounded: cpu < MAX_CPUS; */
	guest_fill(out, sizeof(*out));
}
void flask_cache_size(uint32_t *pairs, uint32_t *sources) { *pairs = any_u32; *sources = any_u32; }
uint32_t flask_cache_threshold(void) { return any_u32; }
void flask_set_cache_threshold(uint32_t pairs) { look(pairs); }
void gate_labels_refresh(void) { }
int policy_sweep(const struct domain *subject, struct sweep_progress *progress) { progress->cursor = any_u64; return guest_status(); }

int shype_load_begin(const void *policy, size_t len, struct flask_error *err) { guest_look(policy, len); return any_error(err); }
int shype_load_decide(bool revoke) { look(revoke); return guest_status(); }
void shype_load_reclaim(void) { }
uint32_t shype_conflicts(const struct ravelin_shype_conflict **list)
{
	static struct ravelin_shype_conflict some[RAVELIN_SHYPE_CONFLICTS];

	guest_fill(some, sizeof(some));
	*list = some;
	return any_u32;
}
void shype_state(struct ravelin_shype_state *s) { guest_fill(s, sizeof(*s)); }
int shype_ask(struct ravelin_shype_ask *q) { guest_look(q, sizeof(*q)); guest_fill(q, sizeof(*q)); return guest_status(); }
int shype_attach(struct authz *az, struct domain *d, struct domain *with, struct ravelin_shype_attach *q)
{
	look(d->id + (with ? with->id : 0u));
	guest_look(q, sizeof(*q));
	guest_fill(q, sizeof(*q));
	return guest_status();
}

int audit_state(struct ravelin_audit_state *s) { guest_fill(s, sizeof(*s)); return guest_status(); }
int audit_read(struct vcpu *v, struct ravelin_audit_read *r) { look(v->id); guest_look(r, sizeof(*r)); guest_fill(r, sizeof(*r)); return guest_status(); }
int audit_release(uint64_t before) { look(before); return guest_status(); }
int audit_link(domid_t caller, const struct ravelin_audit_link *l) { look(caller); guest_look(l, sizeof(*l)); return guest_status(); }
