/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's guest-physical address space: gfn -> machine frame, second-level page tables.
 * Locking: p2m.lock, after domain.lock. Trust: gfns come from guests.
 */
#ifndef HV_P2M_H
#define HV_P2M_H

#include <stdatomic.h>
#include <hv/edge.h>
#include <hv/lock.h>
#include <hv/timer.h>
#include <hv/types.h>

#define GUEST_PADDR_BITS 40	/* what CPUID tells the guest */
#define P2M_MAX_GFN_BITS (GUEST_PADDR_BITS - PAGE_SHIFT)
#define P2M_GFN_LIMIT ((gfn_t)1 << P2M_MAX_GFN_BITS)

#define P2M_DEFER_MAX 64

struct p2m {
	struct rwlock lock;		/* look-ups read, which is most of what happens */
	uint64_t *root;
	/* The table of single pages that was changed last: most often the next one, too. NULL: none. */
	uint64_t *near;
	gfn_t near_gfn;			/* its first entry's */
	uint64_t epoch;			/* another whenever RAM goes: core/p2m.c */
	uint64_t table_pages;		/* heap pages used, charged to the domain */
	gfn_t max_gfn;			/* highest gfn ever filled */
	_Atomic uint64_t mapped_foreign;	/* read without the lock by the sweep */
	bool closed;			/* teardown has begun: nothing is entered any more */
	gfn_t drop_cursor;		/* teardown: next gfn to look at */
	mfn_t drop_mfn;			/* teardown: rest of the leaf whose references are being dropped */
	uint64_t drop_left;
	/* Foreign pages that were unmapped but not yet flushed; their references. */
	mfn_t deferred[P2M_DEFER_MAX];
	unsigned int deferred_nr;
	struct timer drain_timer;
	/* Counts edge_guest_flush_wait(): a vCPU that last ran under another value flushes before it enters the guest. */
	_Atomic uint64_t flush_generation;
};

int __must_check p2m_init(struct domain *d);
/* Drops every entry and reference; preemptible: -XEN_ERESTART until done, then frees the tables. Domain is dying and no vCPU runs. */
int __must_check p2m_teardown(struct domain *d);

struct p2m_entry p2m_lookup(struct domain *d, gfn_t gfn);	/* snapshot, no reference */
/*@ ghost extern int frame_refs; */
/*@ requires \valid(type); assigns *type, frame_refs; ensures frame_refs == \old(frame_refs) + (\result == (mfn_t)MFN_INVALID ? 0 : 1); */
/* The frame behind gfn with one more reference (frame_put() it), of a kind that may be read, and written if write. MFN_INVALID otherwise. */
mfn_t p2m_get_frame(struct domain *d, gfn_t gfn, bool write, enum p2m_type *type);
/* The same, of the domain's own RAM only. */
mfn_t p2m_get_ram(struct domain *d, gfn_t gfn);
/*
 * Put an entry; consumes the caller's reference on mfn on success. What was there before is dropped (for RAM: its "allocated" reference,
 * so that the page is freed when nobody else uses it) after edge_guest_flush_wait(). order: 0, 9, 18; aligned.
 * -XEN_ENOMEM when no table page may be had, or order 18 finds something there (smaller orders replace); -XEN_EINVAL outside the address space.
 */
int __must_check p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order);
/* Empty one gfn if it holds (type, mfn) as expected; flushes and drops its reference. -XEN_ENOENT otherwise. MFN_INVALID: any frame of that type. */
int __must_check p2m_clear(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type);
/*
 * As p2m_clear, for another domain's page: a toolstack unmaps thousands, one by one, and each flush is a round of interrupts. Flush and reference wait for
 * more of the kind, for the next p2m_set() or p2m_drain(), but no longer than a millisecond.
 */
int __must_check p2m_clear_foreign(struct domain *d, gfn_t gfn, mfn_t expect);
void p2m_drain(struct domain *d);
/* As p2m_clear, without the flush: the caller batches and calls edge_guest_flush_wait() before it frame_put()s *mfn, which it now owns. */
int __must_check p2m_take(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type, mfn_t *mfn);

#endif
