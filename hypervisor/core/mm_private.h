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

/* There is one for each page of RAM, so it is small: what is in a list has no owner. */
struct frame {
	union {
		struct domain_link owner;	/* FRAME_GUEST, FRAME_SHARED */
		struct {
			uint32_t next, prev;	/* frame numbers, FRAME_NONE: free blocks by order, slabs with free objects by size */
		};
	};
	struct refcount refs;		/* one for "allocated", one for each mapping or use */
	uint8_t order;			/* of a free block or a heap allocation; slab: of the objects' size */
	_Atomic uint8_t kind;		/* enum frame_kind; neighbours look at it while it changes */
	union {
		uint16_t flags;		/* free: FRAME_DIRTY */
		struct {
			uint8_t used, free;	/* slab: objects in use; the first free one, in units of the smallest */
		};
	};
};

_Static_assert(sizeof(struct frame) == FRAME_BYTES, "boot makes room for the frame table");

#define FRAME_NONE UINT32_MAX

struct frame_list {
	uint32_t first, last;
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

static inline void frame_list_init(struct frame_list *l)
{
	l->first = l->last = FRAME_NONE;
}

static inline bool frame_list_empty(const struct frame_list *l)
{
	return l->first == FRAME_NONE;
}

static inline void frame_list_join(struct frame_list *l, uint32_t before, uint32_t after, uint32_t next, uint32_t prev)
{
	*(before == FRAME_NONE ? &l->first : &mfn_to_frame(before)->next) = next;
	*(after == FRAME_NONE ? &l->last : &mfn_to_frame(after)->prev) = prev;
}

static inline void frame_list_add(struct frame_list *l, struct frame *f, bool at_end)
{
	uint32_t n = (uint32_t)frame_to_mfn(f);

	f->prev = at_end ? l->last : FRAME_NONE;
	f->next = at_end ? FRAME_NONE : l->first;
	frame_list_join(l, f->prev, f->next, n, n);
}

static inline void frame_list_del(struct frame_list *l, struct frame *f)
{
	frame_list_join(l, f->prev, f->next, f->next, f->prev);
	f->owner.opaque = 0;
}

struct zone {
	struct spinlock lock;
	struct frame_list free[MAX_ORDER + 1];	/* by order; clear ones first, then dirty */
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

void heap_init(void *va, mfn_t mfn, size_t pages);
bool __must_check heap_charge(struct domain *payer, uint64_t bytes);

#endif
