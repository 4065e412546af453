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
#include <hv/types.h>

#define P2M_MAX_GFN_BITS 36		/* 48-bit guest-physical space at most; CPUID tells the guest 40 */
#define GUEST_PADDR_BITS 40

struct p2m {
	struct spinlock lock;
	uint64_t *root;
	uint64_t table_pages;		/* heap pages used, charged to the domain */
	gfn_t max_gfn;			/* highest gfn ever filled */
	uint64_t mapped_foreign;
	/* Counts edge_guest_flush_wait(): a vCPU that last ran under another value flushes before it enters the guest. */
	_Atomic uint64_t flush_generation;
};

int __must_check p2m_init(struct domain *d);
/* Drops every entry and reference; preemptible: -XEN_ERESTART until done, then frees the tables. Domain is dying and no vCPU runs. */
int __must_check p2m_teardown(struct domain *d);

struct p2m_entry p2m_lookup(struct domain *d, gfn_t gfn);	/* snapshot, no reference */
/* The frame behind gfn with one more reference (frame_put() it), of a kind that may be read, and written if write. MFN_INVALID otherwise. */
mfn_t p2m_get_frame(struct domain *d, gfn_t gfn, bool write, enum p2m_type *type);
/*
 * Put an entry; consumes the caller's reference on mfn on success. What was there before is dropped (for RAM: its "allocated" reference,
 * so that the page is freed when nobody else uses it) after edge_guest_flush_wait(). order: 0, 9, 18; aligned.
 * -XEN_ENOMEM when no table page may be had; -XEN_EINVAL outside the address space.
 */
int __must_check p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order);
/* Empty one gfn if it holds (type, mfn) as expected; flushes and drops its reference. -XEN_ENOENT otherwise. MFN_INVALID: any frame of that type. */
int __must_check p2m_clear(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type);
/* As p2m_clear, without the flush: the caller batches and calls edge_guest_flush_wait() before it frame_put()s *mfn, which it now owns. */
int __must_check p2m_take(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type, mfn_t *mfn);

#endif
