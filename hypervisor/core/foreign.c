/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of one domain in another's address space. There is no register of them: the mapper's tables
 * say what is foreign, the frame says whose it is, so mapping costs nothing beside the entry, and
 * the rare sweep walks the tables of the few domains that map anything.
 * Locking: p2m.lock of one domain at a time.
 * Trust: gfns are the guest's; the gate has said yes before foreign_map().
 */
#include "p2m_private.h"

#include <hv/audit.h>
#include <hv/cpu.h>
#include <hv/foreign.h>
#include <hv/internal.h>

#define ENTRIES_PER_LOOK 2048		/* under one hold of the lock */

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
	const struct domain *owner;	/* NULL: everybody's pages */
	struct domain *mapper;
	gfn_t cursor;
	mfn_t scratch; /* what stands in for pages taken away; of the mapper's own */
	uint32_t revoked;
};

static bool sweep_takes(const struct sweep *s, struct p2m_entry e)
{
	const struct domain *owner = frame_owner_raw(e.mfn);

	if (!owner || (s->owner && owner != s->owner))
		return false;
	return !gate_may_keep_foreign(s->mapper, owner, mfn_to_frame(e.mfn)->kind == FRAME_SHARED,
				      e.type == P2M_FOREIGN);
}

/* p2m is locked. Finds the next page to take at or after the cursor, within the budget. */
static bool sweep_find(struct sweep *s, gfn_t *gfn, struct p2m_entry *found)
{
	struct p2m *p = &s->mapper->p2m;

	for (unsigned int n = 0; n < ENTRIES_PER_LOOK && p->root && s->cursor <= p->max_gfn; n++) {
		const uint64_t *table = p->root;
		unsigned int level = P2M_ROOT_LEVEL;
		struct p2m_entry e;

		for (;; level--) {
			e = p2m_entry_read(&table[p2m_index(s->cursor, level)], level);
			if (!p2m_entry_is_link(e))
				break;
			table = p2m_entry_table(e);
		}
		*gfn = s->cursor;
		*found = e;
		s->cursor = (s->cursor | (p2m_span(level) - 1)) + 1;
		if (e.leaf && p2m_type_is_foreign(e.type) && sweep_takes(s, e))
			return true;
	}
	return false;
}

/*
 * A program of the mapper's may still hold the address: a zeroed page of the mapper's own takes the
 * place, so that it reads zeroes instead of faulting.
 */
static void sweep_take(struct sweep *s, gfn_t gfn, struct p2m_entry e)
{
	mfn_t mfn;

	if (p2m_take(s->mapper, gfn, e.mfn, e.type, &mfn) != 0)
		return;
	edge_guest_flush_wait(s->mapper);
	frame_put(mfn);
	s->revoked++;
	if (s->scratch == MFN_INVALID) {
		void *page = shared_page_alloc(s->mapper);

		if (!page)
			return;
		s->scratch = heap_va_to_mfn(page);
	}
	if (frame_get(s->scratch) && p2m_set(s->mapper, gfn, s->scratch, P2M_SHARED, 0) != 0)
		frame_put(s->scratch);
}

static int sweep_mapper(struct sweep *s)
{
	bool more = s->mapper->p2m.mapped_foreign > 0;
	int rc = 0;

	while (more && rc == 0) {
		struct p2m_entry e;
		gfn_t gfn;
		bool hit;

		write_lock(&s->mapper->p2m.lock);
		hit = sweep_find(s, &gfn, &e);
		more = s->cursor <= s->mapper->p2m.max_gfn;
		write_unlock(&s->mapper->p2m.lock);
		if (hit)
			sweep_take(s, gfn, e);
		if (more && cpu_should_yield())
			rc = -XEN_ERESTART;
	}
	/* What the mapper itself unmapped, even while we looked, may still be reached by old translations. */
	if (rc == 0)
		p2m_drain(s->mapper);
	if (s->scratch != MFN_INVALID)
		frame_put(s->scratch);
	return rc;
}

static void sweep_report(const struct sweep *s)
{
	if (s->revoked && s->owner)
		audit_event("ravelin: revoked %u pages of domain %u mapped by domain %u",
			    s->revoked, s->owner->id, s->mapper->id);
	else if (s->revoked)
		audit_event("ravelin: revoked %u foreign pages mapped by domain %u", s->revoked,
			    s->mapper->id);
}

/*
 * What is mapped behind the cursor by now was allowed under the new labels: nothing is missed by
 * going on from there.
 */
int foreign_sweep(const struct domain *owner, struct foreign_progress *progress)
{
	int rc = 0;

	while (rc == 0) {
		struct sweep s = { .owner = owner,
				   .mapper = domain_lookup_next_raw(progress->mapper),
				   .scratch = MFN_INVALID };

		if (!s.mapper)
			break;
		if (s.mapper->id == progress->mapper) {
			s.cursor = progress->cursor;
			s.revoked = progress->revoked;
		}
		rc = sweep_mapper(&s);
		if (rc) {
			*progress = (struct foreign_progress){ s.mapper->id, s.revoked, s.cursor };
		} else {
			sweep_report(&s);
			*progress = (struct foreign_progress){ (domid_t)(s.mapper->id + 1), 0, 0 };
		}
		domain_put(s.mapper);
	}
	if (rc == 0)
		*progress = (struct foreign_progress){ 0 };
	return rc;
}
