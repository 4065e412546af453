/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Using one grant: the two bits that tell the granter, and the pins that keep the page.
 * Locking: the granter's domain.lock. Trust: the shared entry changes under our hands; it is judged on one read of its first word, and the
 * bits are set by compare-and-swap on just that word.
 */
#include "grant_private.h"
#include "shared_bits.h"

#include <hv/edge.h>
#include <hv/p2m.h>

/* A granter that rewrites its entry faster than this gets an error for its peer. */
#define CLAIM_TRIES 8

/* An entry's first word: flags below, domain id above. */
#define WORD_FLAGS(w)	((uint16_t)(w))
#define WORD_DOMID(w)	((domid_t)((w) >> 16))

_Static_assert(offsetof(struct grant_entry_v1, domid) == 2 && sizeof(struct grant_entry_v1) == 8, "grant entry layout");

struct grant_active *grant_active(const struct grant_state *s, grant_ref_t ref, struct grant_entry_v1 **shared)
{
	uint32_t nr = s->nr_frames * GRANTS_PER_FRAME;
	const struct grant_frame *f;

	if (ref >= nr)
		return NULL;
	ref &= (uint32_t)edge_array_index_mask(ref, nr);
	f = &s->frame[ref / GRANTS_PER_FRAME];
	*shared = f->shared ? &f->shared[ref % GRANTS_PER_FRAME] : NULL;
	return &f->active[ref % GRANTS_PER_FRAME];
}

static uint32_t *entry_word(struct grant_entry_v1 *e)
{
	return (uint32_t *)(void *)e;
}

static bool entry_permits(uint32_t word, domid_t domid, bool readonly)
{
	uint16_t flags = WORD_FLAGS(word);

	return (flags & (GTF_type_mask | GTF_sub_page)) == GTF_permit_access && WORD_DOMID(word) == domid &&
	       (readonly || !(flags & GTF_readonly));
}

static int16_t entry_claim(struct grant_entry_v1 *e, domid_t domid, bool readonly)
{
	uint32_t word = shared32_read(entry_word(e));

	for (int i = 0; i < CLAIM_TRIES; i++) {
		if (!entry_permits(word, domid, readonly))
			return GNTST_general_error;
		if (shared32_replace(entry_word(e), &word, word | GTF_reading | (readonly ? 0 : GTF_writing)))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

static void entry_disclaim(struct grant_entry_v1 *e, const struct grant_active *a)
{
	uint32_t clear = (a->writers ? 0u : GTF_writing) | (a->readers || a->writers ? 0u : GTF_reading);

	if (e && clear)
		shared32_fetch_and(entry_word(e), ~clear);
}

static int16_t pin_first(struct domain *granter, struct grant_entry_v1 *e, struct grant_active *a, domid_t domid, bool readonly)
{
	int16_t status = entry_claim(e, domid, readonly);
	mfn_t mfn;

	if (status != GNTST_okay)
		return status;
	/* The granter's own RAM, now: a mapped page of a third domain cannot be granted on. */
	mfn = p2m_get_ram(granter, __atomic_load_n(&e->frame, __ATOMIC_RELAXED));
	if (mfn == MFN_INVALID) {
		entry_disclaim(e, a);
		return GNTST_bad_page;
	}
	a->mfn = mfn;
	a->domid = domid;
	return GNTST_okay;
}

int16_t grant_pin(struct domain *granter, grant_ref_t ref, domid_t domid, bool readonly, mfn_t *mfn)
{
	struct grant_entry_v1 *e;
	struct grant_active *a = grant_active(granter->grant, ref, &e);
	int16_t status = GNTST_okay;

	if (!a || !e)
		return GNTST_bad_gntref;
	if (a->readers == UINT16_MAX || a->writers == UINT16_MAX)
		return GNTST_general_error;
	if (!a->readers && !a->writers)
		status = pin_first(granter, e, a, domid, readonly);
	else if (a->domid != domid)
		status = GNTST_general_error;
	else if (!readonly && !a->writers)
		status = entry_claim(e, domid, false);
	if (status != GNTST_okay)
		return status;
	if (readonly)
		a->readers++;
	else
		a->writers++;
	*mfn = a->mfn;
	return GNTST_okay;
}

mfn_t grant_unpin(struct domain *granter, grant_ref_t ref, bool readonly)
{
	struct grant_entry_v1 *e;
	struct grant_active *a = grant_active(granter->grant, ref, &e);
	mfn_t mfn = MFN_INVALID;

	if (readonly)
		a->readers--;
	else
		a->writers--;
	entry_disclaim(e, a);
	if (!a->readers && !a->writers) {
		mfn = a->mfn;
		a->mfn = MFN_INVALID;
	}
	return mfn;
}
