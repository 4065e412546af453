/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory: the frame table, guest frames, and the hypervisor's own heap. All RAM that is given over at boot is either heap
 * (mapped, one contiguous piece) or guest memory (never mapped but through windows).
 * Locking: own leaf lock; frame reference counts are atomic. Trust: callers have bounded orders and counts.
 */
#ifndef HV_MM_H
#define HV_MM_H

#include <hv/types.h>

extern mfn_t frame_table_end;		/* first mfn that is no memory of ours */

#define FRAME_BYTES 16u			/* of the frame table, for each frame */
#define FRAMES_MAX UINT32_MAX		/* 16 TiB less a page */

/* Boot (and the hosted edge): hand over a frame table of zeros for frames below end, and the heap, both mapped; then ranges of guest memory. */
void mm_init(void *table, mfn_t end, void *heap_va, mfn_t heap_mfn, size_t heap_pages);
void mm_add_guest_range(mfn_t start, size_t count);

/* --- hypervisor heap: zeroed; charged to payer (NULL: the hypervisor itself, boot and fixed tables only); NULL on lack of memory or over the payer's limit */
void *heap_alloc(struct domain *payer, size_t size);
void heap_free(struct domain *payer, void *p);
/*@ ghost extern uint64_t heap_clock; */
/*@
  // What the heap gives out is younger than all that was there: `heap_age` is a name for that order, `heap_clock` of what comes next.
  axiomatic heap { logic integer heap_age(void *base) reads \nothing; }
  predicate zero_bytes{L}(uint8_t *p, integer n) = \forall uint8_t *q; \base_addr(q) == \base_addr(p) && p <= q < p + n ==> *q == 0;
  logic integer heap_bytes(integer order) = order <= 0 ? 4096 : 2 * heap_bytes(order - 1);
*/
/*@
  requires order <= 18;
  assigns heap_clock;
  ensures heap_clock >= \old(heap_clock);
  ensures \result != \null ==> heap_age(\base_addr(\result)) == \old(heap_clock) < heap_clock && \valid((char *)\result + (0 .. heap_bytes(order) - 1));
  ensures \result != \null ==> zero_bytes((uint8_t *)\result, heap_bytes(order));
*/
void *heap_alloc_pages(struct domain *payer, unsigned int order);
/*@ assigns \nothing; */
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
/*@ ghost extern int frame_refs; */	/* in proofs: references on frames that whoever runs now has taken */
/*@ requires frame_wp: mfn != (mfn_t)MFN_INVALID; assigns frame_refs; ensures frame_refs == \old(frame_refs) - 1; */
/* Drops one; the last one scrubs and frees the page, takes it off its owner's count and drops the owner's reference. */
void frame_put(mfn_t mfn);
/* Whose it is, borrowed with the caller's reference on the frame; *shared: one of the hypervisor's own pages, of that domain. NULL: nobody's. */
const struct domain_link *frame_owner(mfn_t mfn, bool *shared);
uint64_t guest_pages_free(void);
uint64_t guest_pages_total(void);
/*
 * XENMEM_claim_pages: keep memory for d until it has `pages` in all; 0 gives the claim up. -XEN_EINVAL: there is a claim already, or pages is not between
 * what d has and its max_pages; -XEN_ENOMEM: not that much is free. Allocations and domain_destroy() use the claim up.
 */
int __must_check guest_claim_set(struct domain *d, uint64_t pages);
uint64_t guest_pages_claimed(void);

#endif
