/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of one domain in another's address space. There is no register of them: the mapper's tables
 * say what is foreign, the frame says whose it is, so mapping costs nothing beside the entry, and
 * the rare sweep walks the tables of the few domains that map anything.
 * Locking: p2m.lock of one domain at a time.
 * Trust: gfns are the guest's; the gate has said yes before foreign_map().
 */
#include "p2m_private.h"

#include <hv/cpu.h>
#include <hv/foreign.h>
#include <hv/gate.h>
#include <hv/sweep.h>

int foreign_map(struct domain *mapper, gfn_t at, struct domain *owner, gfn_t gfn)
{
	enum p2m_type type;
	mfn_t mfn;
	int rc = -XEN_EINVAL;

	if (domain_is_dying(owner))
		return -XEN_ESRCH;
	mfn = p2m_get_frame(owner, gfn, true, &type);
	if (mfn == MFN_INVALID)
		return -XEN_EINVAL;
	if (type == P2M_RAM)
		rc = p2m_set(mapper, at, mfn, P2M_FOREIGN, 0);
	if (rc)
		frame_put(mfn);
	return rc;
}

int foreign_map_shared(struct domain *mapper, gfn_t at, mfn_t mfn)
{
	int rc = p2m_set(mapper, at, mfn, P2M_FOREIGN, 0);

	if (rc)
		frame_put(mfn);
	return rc;
}

struct sweep {
	const struct domain *subject;	/* NULL: everybody's pages */
	struct domain *mapper;
	gfn_t cursor;
};

static bool sweep_takes(const struct sweep *s, struct p2m_entry e)
{
	bool shared;
	const struct domain_link *owner = frame_owner(e.mfn, &shared);

	if (!owner || (s->subject && s->subject != s->mapper && !domain_link_is(owner, s->subject)))
		return false;
	return !gate_may_keep_foreign(s->mapper, owner, shared);
}

/* p2m is locked. Finds the next page to take at or after the cursor, within the budget. */
static bool sweep_find(struct sweep *s, gfn_t *gfn, struct p2m_entry *found)
{
	struct p2m *p = &s->mapper->p2m;

	for (unsigned int n = 0; n < P2M_ENTRIES_PER_LOOK && p->root && s->cursor <= p->max_gfn; n++) {
		unsigned int level;

		p2m_walk(p, s->cursor, found, &level);
		*gfn = s->cursor;
		s->cursor = (s->cursor | (p2m_span(level) - 1)) + 1;
		if (found->leaf && found->type == P2M_FOREIGN && sweep_takes(s, *found))
			return true;
	}
	return false;
}

/* A program of the mapper's may still hold the address: the scratch page takes the place, so that it reads zeroes instead of faulting. */
static bool sweep_take(struct sweep *s, gfn_t gfn, struct p2m_entry e)
{
	mfn_t mfn;

	if (p2m_take(s->mapper, gfn, e.mfn, e.type, &mfn) != 0)
		return false;
	edge_guest_flush_wait(s->mapper);
	frame_put(mfn);
	sweep_scratch_enter(s->mapper, gfn);
	return true;
}

/* What is mapped behind the cursor by now was allowed under the new labels: nothing is missed by going on from there. */
int foreign_sweep(struct domain *mapper, const struct domain *subject, uint64_t *cursor, uint32_t *revoked)
{
	struct sweep s = { .subject = subject, .mapper = mapper, .cursor = *cursor };
	bool more = mapper->p2m.mapped_foreign > 0;
	int rc = 0;

	while (more && rc == 0) {
		struct p2m_entry e;
		gfn_t gfn;
		bool hit;

		write_lock(&mapper->p2m.lock);
		hit = sweep_find(&s, &gfn, &e);
		more = mapper->p2m.root && s.cursor <= mapper->p2m.max_gfn;
		write_unlock(&mapper->p2m.lock);
		if (hit)
			*revoked += sweep_take(&s, gfn, e);
		if (more && cpu_should_yield())
			rc = -XEN_ERESTART;
	}
	/* What the mapper has unmapped by itself until now may still be reached by old translations. */
	if (rc == 0)
		p2m_drain(mapper);
	*cursor = s.cursor;
	return rc;
}
