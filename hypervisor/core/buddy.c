/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Free memory as blocks of 2^order frames that lie at multiples of their size; two free halves
 * become one block again.
 * Locking: zone.lock, a leaf.
 * Trust: a block that is given must have been taken; the kinds in the frame table are checked.
 */
#include "mm_private.h"

#include <hv/console.h>

void zone_init(struct zone *z)
{
	spin_lock_init(&z->lock);
	for (unsigned int i = 0; i <= MAX_ORDER; i++)
		frame_list_init(&z->free[i]);
	z->free_pages = 0;
	z->claimed = 0;
	z->total_pages = 0;
}

/* Clear blocks are found first. */
static void block_insert(struct zone *z, mfn_t mfn, unsigned int order, bool dirty)
{
	struct frame *f = mfn_to_frame(mfn);

	atomic_store_explicit(&f->kind, FRAME_FREE, memory_order_relaxed);
	f->order = (uint8_t)order;
	f->flags = dirty ? FRAME_DIRTY : 0;
	frame_list_add(&z->free[order], f, dirty);
}

static void block_remove(struct zone *z, struct frame *f)
{
	frame_list_del(&z->free[f->order], f);
	/* Under the lock: a neighbour that is being freed looks at it. */
	atomic_store_explicit(&f->kind, FRAME_UNUSABLE, memory_order_relaxed);
	f->order = ORDER_MEMBER;
}

static struct frame *block_find(struct zone *z, unsigned int order, bool clean_only)
{
	for (; order <= MAX_ORDER; order++) {
		struct frame *f;

		if (frame_list_empty(&z->free[order]))
			continue;
		f = mfn_to_frame(z->free[order].first);
		if (!clean_only || !(f->flags & FRAME_DIRTY))
			return f;
	}
	return NULL;
}

mfn_t zone_take(struct zone *z, unsigned int order, bool clean_only, bool *dirty)
{
	struct frame *f = block_find(z, order, clean_only);
	unsigned int have;
	mfn_t mfn;

	if (!f)
		return MFN_INVALID;
	have = f->order;
	mfn = frame_to_mfn(f);
	*dirty = f->flags & FRAME_DIRTY;
	block_remove(z, f);
	while (have > order) {
		have--;
		block_insert(z, mfn + ((mfn_t)1 << have), have, *dirty);
	}
	z->free_pages -= (uint64_t)1 << order;
	return mfn;
}

/* The free block that completes the one at mfn, or NULL. The heap and guest memory never join. */
static struct frame *buddy_of(mfn_t mfn, unsigned int order)
{
	mfn_t other = mfn ^ ((mfn_t)1 << order);
	struct frame *f;

	if (other >= frame_table_end || heap_mfn_in_range(other) != heap_mfn_in_range(mfn))
		return NULL;
	f = mfn_to_frame(other);
	return f->kind == FRAME_FREE && f->order == order ? f : NULL;
}

void zone_give(struct zone *z, mfn_t mfn, unsigned int order, bool dirty)
{
	struct frame *buddy;

	spin_lock(&z->lock);
	BUG_ON(mfn_to_frame(mfn)->kind != FRAME_UNUSABLE);
	z->free_pages += (uint64_t)1 << order;
	while (order < MAX_ORDER && (buddy = buddy_of(mfn, order)) != NULL) {
		dirty |= buddy->flags & FRAME_DIRTY;
		block_remove(z, buddy);
		mfn &= ~((mfn_t)1 << order);
		order++;
	}
	block_insert(z, mfn, order, dirty);
	spin_unlock(&z->lock);
}
