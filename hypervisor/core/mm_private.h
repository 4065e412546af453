/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the frame allocator's files share: zones of free blocks, accounts.
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
void heap_init(void *va, mfn_t mfn, size_t pages, size_t reserved);
bool heap_mfn_in_range(mfn_t mfn);
bool __must_check heap_charge(struct domain *payer, uint64_t bytes);
void heap_uncharge(struct domain *payer, uint64_t bytes);

/* domain.c: n more references on a domain that the caller holds one of. */
void domain_get_many(struct domain *d, uint32_t n);

#endif
