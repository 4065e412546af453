/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant mappings that the policy no longer allows. The mapper keeps its handle, and finds a zeroed page of its own where the granter's was, so that a
 * backend that serves others lives on; the granter has its page back after the flush.
 * Locking: the mapper's domain.lock to judge and take; nothing across the flush, when the entry is BUSY; both to let go. Trust: the mapper goes on meanwhile.
 */
#include "grant_private.h"

#include <hv/cpu.h>
#include <hv/gate.h>
#include <hv/internal.h>
#include <hv/p2m.h>
#include <hv/sweep.h>

/* The mapper is locked. The granter if the mapping has to go; the mapping is BUSY then, and its link keeps the granter. */
static struct domain *revoke_claim(struct domain *mapper, const struct domain *subject, struct grant_map *m)
{
	struct domain *granter;

	if (m->state != MAP_LIVE)
		return NULL;
	granter = domain_link_raw(&m->granter);
	if (subject && subject != mapper && subject != granter)
		return NULL;
	if (gate_may_keep_grant(mapper, granter, !m->readonly))
		return NULL;
	m->state = MAP_BUSY;
	return granter;
}

/* The mapping is BUSY by our doing and flushed. */
static void revoke_finish(struct domain *mapper, struct domain *granter, struct grant_map *m, mfn_t taken, mfn_t scratch)
{
	struct domain_link link = m->granter;
	mfn_t pinned;

	domain_lock_pair(mapper, granter);
	pinned = grant_unpin(granter, m->ref, m->readonly);
	m->granter.opaque = 0;
	m->mfn = scratch;
	m->state = MAP_REVOKED;
	domain_unlock_pair(mapper, granter);
	if (taken != MFN_INVALID)
		frame_put(taken);
	if (pinned != MFN_INVALID)
		frame_put(pinned);
	domain_link_drop(&link);
}

static bool revoke_one(struct domain *mapper, const struct domain *subject, grant_handle_t handle)
{
	mfn_t taken = MFN_INVALID, put = MFN_INVALID;
	struct domain *granter;
	struct grant_map *m;

	spin_lock(&mapper->lock);
	m = maptrack_lookup(mapper->grant, handle);
	granter = m ? revoke_claim(mapper, subject, m) : NULL;
	if (granter && p2m_take(mapper, m->gfn, m->mfn, m->readonly ? P2M_GRANT_RO : P2M_GRANT, &taken))
		taken = MFN_INVALID;	/* the guest has put something else there */
	spin_unlock(&mapper->lock);
	if (!granter)
		return false;
	edge_guest_flush_wait(mapper);
	if (taken != MFN_INVALID)
		put = sweep_scratch_enter(mapper, m->gfn);
	revoke_finish(mapper, granter, m, taken, put);
	return true;
}

void grant_recheck(struct domain *mapper, grant_handle_t handle)
{
	revoke_one(mapper, NULL, handle);
}

/* An entry that is BUSY is being undone; should that be refused, grant_recheck() is asked. Handles made behind the cursor were asked for under the new tables. */
int grant_sweep(struct domain *mapper, const struct domain *subject, uint64_t *cursor, uint32_t *revoked)
{
	const struct grant_state *s = mapper->grant;

	while (s && *cursor < __atomic_load_n(&s->nr_maps, __ATOMIC_ACQUIRE)) {
		*revoked += revoke_one(mapper, subject, (grant_handle_t)*cursor);
		if (++*cursor % 64 == 0 && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}
