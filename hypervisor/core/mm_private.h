/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the frame allocator's files share: the frame table, zones of free blocks, accounts.
 * Locking: zone.lock is a leaf. Trust: callers bound orders and counts.
 */
#ifndef CORE_MM_PRIVATE_H
#define CORE_MM_PRIVATE_H

#include <hv/domain.h>
#include <hv/mm.h>

#define MAX_ORDER	18u	/* 1 GiB */
#define ORDER_MEMBER	0xffu	/* not the first frame of a block */

/* frame.flags of a free block: its content is whatever the firmware or a boot module left there. */
#define FRAME_DIRTY	1u

enum frame_kind {
	FRAME_UNUSABLE = 0,		/* not ours: firmware, holes, the image */
	FRAME_FREE,
	FRAME_GUEST,			/* guest memory, counted in its owner's tot_pages */
	FRAME_HEAP,			/* hypervisor's own */
	FRAME_SHARED,			/* heap page that guests may map: shared_info, grant frames */
	FRAME_SLAB,			/* heap page cut into objects of one size */
};

struct frame {
	struct list link;		/* free list (per order) or partly used slabs (per size) */
	struct refcount refs;		/* one for "allocated", one for each mapping or use */
	uint8_t order;			/* of a free block or a heap allocation; slab: of the objects' size */
	_Atomic uint8_t kind;		/* enum frame_kind; neighbours look at it while it changes */
	uint16_t flags;			/* free: FRAME_DIRTY; slab: objects in use */
	union {
		struct domain_link owner;	/* FRAME_GUEST, FRAME_SHARED */
		void *slab_free;		/* FRAME_SLAB: first free object */
	};
};

extern struct frame *frame_table;

static inline struct frame *mfn_to_frame(mfn_t mfn)
{
	return &frame_table[mfn];
}

static inline mfn_t frame_to_mfn(const struct frame *f)
{
	return (mfn_t)(f - frame_table);
}

struct zone {
	struct spinlock lock;
	struct list free[MAX_ORDER + 1];	/* by order; clear ones first, then dirty */
	_Atomic uint64_t free_pages, claimed;	/* changed under the lock, read without it */
	uint64_t total_pages;
};

extern struct zone guest_zone;

/* buddy.c */
void zone_init(struct zone *z);
/* Takes a block out; MFN_INVALID if there is none. z is locked by the caller. */
mfn_t zone_take(struct zone *z, unsigned int order, bool clean_only, bool *dirty);
void zone_give(struct zone *z, mfn_t mfn, unsigned int order, bool dirty);	/* locks z */

/* heap.c */
extern struct heap_range {
	char *va;
	hpa_t pa;
	uint64_t bytes;
} heap_range;

/* NULL: no frame of the heap's. */
static inline void *heap_pa_to_va(hpa_t pa)
{
	return pa - heap_range.pa < heap_range.bytes ? heap_range.va + (pa - heap_range.pa) : NULL;
}

static inline bool heap_mfn_in_range(mfn_t mfn)
{
	return mfn < frame_table_end && heap_pa_to_va(mfn << PAGE_SHIFT);
}

void heap_init(void *va, mfn_t mfn, size_t pages, size_t reserved);
bool __must_check heap_charge(struct domain *payer, uint64_t bytes);

#endif
