/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory: the frame table, guest frames, and the hypervisor's own heap. All RAM that is given over at boot is either heap
 * (mapped, one contiguous piece) or guest memory (never mapped but through windows).
 * Locking: own leaf lock; frame reference counts are atomic. Trust: callers have bounded orders and counts.
 */
#ifndef HV_MM_H
#define HV_MM_H

#include <hv/list.h>
#include <hv/lock.h>
#include <hv/types.h>

struct frame {
	struct list link;		/* free list (per order), or the owner's page list */
	struct refcount refs;		/* one for "allocated", one for each mapping or use */
	uint8_t order;			/* of a free block */
	_Atomic uint8_t kind;		/* enum frame_kind; neighbours look at it while it changes */
	uint16_t flags;			/* the allocators' own */
	union {
		struct domain *owner;	/* holds a domain reference; foreign code opens it through the gate only */
		void *slab_free;	/* FRAME_SLAB: first free object */
	};
};

enum frame_kind {
	FRAME_UNUSABLE = 0,		/* not ours: firmware, holes, the image */
	FRAME_FREE,
	FRAME_GUEST,			/* guest memory, counted in owner->tot_pages */
	FRAME_HEAP,			/* hypervisor's own */
	FRAME_SHARED,			/* heap page that guests may map: shared_info, grant frames */
	FRAME_SLAB,			/* heap page cut into objects of one size */
};

extern struct frame *frame_table;
extern mfn_t frame_table_end;		/* first mfn without an entry */

static inline struct frame *mfn_to_frame(mfn_t mfn)
{
	return &frame_table[mfn];
}

static inline mfn_t frame_to_mfn(const struct frame *f)
{
	return (mfn_t)(f - frame_table);
}

/* Boot (and the hosted edge): hand over the heap, already mapped at va, which also takes the frame table; then ranges of guest memory. */
void mm_init(void *heap_va, mfn_t heap_mfn, size_t heap_pages, mfn_t max_mfn);
void mm_add_guest_range(mfn_t start, size_t count);

/* --- hypervisor heap: zeroed; charged to payer (NULL: the hypervisor itself, boot and fixed tables only); NULL on lack of memory or over the payer's limit */
void *heap_alloc(struct domain *payer, size_t size);
void heap_free(struct domain *payer, void *p);
void *heap_alloc_pages(struct domain *payer, unsigned int order);
void heap_free_pages(struct domain *payer, void *va, unsigned int order);
mfn_t heap_va_to_mfn(const void *va);
void *heap_mfn_to_va(mfn_t mfn);		/* NULL if not a heap frame */
uint64_t heap_pages_free(void);

/* A heap page that guests may map. Owner's account; frame refs = 1; freed by frame_put() at the last reference, wherever it was mapped. */
void *shared_page_alloc(struct domain *owner);

/* --- guest frames ------------------------------------------------------------------------------------------------ */
/* Allocates 2^order frames to d, each with one reference and its own entry; contents are zero. Counts against max_pages: -XEN_ENOMEM,
 * -XEN_EINVAL when d is dying. Above order 9 only memory that is already clear is given (-XEN_ENOMEM otherwise): take a smaller order then. */
int __must_check guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *first);
/* Takes one more reference; false if the frame is free, not guest/shared memory, or saturated. */
bool __must_check frame_get(mfn_t mfn);
/* Drops one; the last one scrubs and frees the page, takes it off its owner's count and drops the owner's reference. */
void frame_put(mfn_t mfn);
uint64_t guest_pages_free(void);
uint64_t guest_pages_total(void);
/*
 * XENMEM_claim_pages: keep memory for d until it has `pages` in all; 0 gives the claim up. -XEN_EINVAL: there is a claim already, or pages is not between
 * what d has and its max_pages; -XEN_ENOMEM: not that much is free. Allocations and domain_destroy() use the claim up.
 */
int __must_check guest_claim_set(struct domain *d, uint64_t pages);
uint64_t guest_pages_claimed(void);
/* Scrub in idle time is not used: pages are cleared when they are freed. */

#endif
