/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm_op: questions to the policy in force: labels and their text, decisions, derived labels, counters.
 * Locking: none of its own; the policy in force does not change within a pass's use of it (hv/flask.h).
 * Trust: SIDs, classes and context strings are hostile. Labels that questions name stay in a bounded table.
 */
#include "handlers.h"
#include "xsm_op.h"

#include <hv/cpu.h>
#include <hv/flask.h>
#include <hv/guestmem.h>
#include <hv/mm.h>

#define POLICY_VERSION_MAX	33
#define POLICY_CLASS_MAX	UINT16_MAX

int64_t op_xsm_context_to_sid(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_flask_op *op = arg;
	struct xen_flask_sid_context *c = &op->u.sid_context;
	char *text;
	sid_t sid;
	int rc;

	if (c->size == 0 || c->size > XSM_TEXT_MAX)
		return -XEN_EINVAL;
	text = heap_alloc_pages(authz_self(az), 0);
	if (!text)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), text, HANDLE_VA(c->context), c->size);
	if (rc == 0)
		rc = flask_context_to_sid(text, c->size, &sid);
	heap_free_pages(authz_self(az), text, 0);
	if (rc == 0)
		c->sid = sid;
	return rc;
}

int64_t op_xsm_sid_to_context(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_flask_op *op = arg;
	struct xen_flask_sid_context *c = &op->u.sid_context;
	size_t room = c->size < XSM_TEXT_MAX ? c->size : XSM_TEXT_MAX, needed = 0;
	char *text = heap_alloc_pages(authz_self(az), 0);
	int rc;

	if (!text)
		return -XEN_ENOMEM;
	rc = flask_sid_to_context(c->sid, text, room, &needed);
	if (rc == 0)
		rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(c->context), text, needed);
	heap_free_pages(authz_self(az), text, 0);
	c->size = (uint32_t)needed;
	return rc;
}

int64_t op_xsm_access(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_flask_op *op = arg;
	struct xen_flask_access *a = &op->u.access;

	if (a->tclass == 0 || a->tclass > POLICY_CLASS_MAX || !flask_sid_valid(a->ssid) ||
	    !flask_sid_valid(a->tsid))
		return -XEN_EINVAL;
	return flask_access(a->ssid, a->tsid, (uint16_t)a->tclass, &a->allowed, &a->audit_allow,
			    &a->audit_deny, &a->seqno);
}

int64_t op_xsm_policyvers(struct authz *az, void *arg, struct hypercall *hc)
{
	return POLICY_VERSION_MAX;
}

/* Policies without levels are read as having one. */
int64_t op_xsm_mls(struct authz *az, void *arg, struct hypercall *hc)
{
	return 1;
}

/* Of oneself, the gate asks relabelself in place of relabelfrom and relabelto. */
int64_t op_xsm_relabel_domain(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_flask_op *op = arg;

	if (op->u.relabel.domid > UINT16_MAX)
		return -XEN_ESRCH;
	return gate_relabel_domain(az, (domid_t)op->u.relabel.domid, op->u.relabel.sid);
}

static int64_t derive(struct xen_flask_op *op, enum flask_derive how)
{
	struct xen_flask_transition *t = &op->u.transition;
	sid_t sid;
	int rc;

	if (t->tclass == 0 || t->tclass > POLICY_CLASS_MAX || !flask_sid_valid(t->ssid) || !flask_sid_valid(t->tsid))
		return -XEN_EINVAL;
	rc = flask_derive(t->ssid, t->tsid, (uint16_t)t->tclass, how, &sid);
	if (rc == 0)
		t->newsid = sid;
	return rc;
}

int64_t op_xsm_create(struct authz *az, void *arg, struct hypercall *hc)
{
	return derive(arg, FLASK_DERIVE_CREATE);
}

int64_t op_xsm_relabel(struct authz *az, void *arg, struct hypercall *hc)
{
	return derive(arg, FLASK_DERIVE_RELABEL);
}

int64_t op_xsm_member(struct authz *az, void *arg, struct hypercall *hc)
{
	return derive(arg, FLASK_DERIVE_MEMBER);
}

/* --- the cache of decisions: a table by source, then target ------------------------------------------------------------- */

int64_t op_xsm_getavc_threshold(struct authz *az, void *arg, struct hypercall *hc)
{
	return flask_cache_threshold();
}

int64_t op_xsm_setavc_threshold(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_flask_op *op = arg;

	if (op->u.setavc_threshold.threshold > INT32_MAX)
		return -XEN_EINVAL;		/* it is read back as a status */
	flask_set_cache_threshold(op->u.setavc_threshold.threshold);
	return 0;
}

/* A bucket is a source; its pairs are found by number, not searched. */
int64_t op_xsm_avc_hashstats(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_flask_hash_stats *s = &((struct xen_flask_op *)arg)->u.hash_stats;

	flask_cache_size(&s->entries, &s->buckets_used);
	s->buckets_total = FLASK_LABELS_MAX;
	s->max_chain_len = s->entries ? 1 : 0;
	return 0;
}

/* Nothing is freed but with its policy. */
int64_t op_xsm_avc_cachestats(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_flask_cache_stats *s = &((struct xen_flask_op *)arg)->u.cache_stats;
	struct flask_cache_stats stats;

	if (s->cpu >= cpu_count)
		return -XEN_ENOENT;
	flask_cache_stats(s->cpu, &stats);
	s->lookups = stats.lookups;
	s->hits = stats.lookups - stats.misses;
	s->misses = stats.misses;
	s->allocations = stats.allocations;
	s->reclaims = stats.reclaims;
	s->frees = 0;
	return 0;
}
