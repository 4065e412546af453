/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of one policy: allocated piece by piece, freed at once.
 * Locking: the owner's. Trust: sizes come from policy files; every product is checked, the sum is bounded.
 */
#ifndef XSM_FLASK_ARENA_H
#define XSM_FLASK_ARENA_H

#include <hv/types.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	uint8_t *at;
	size_t left;		/* in the newest chunk */
	size_t used;		/* in all chunks */
	size_t limit;
};

/*@
  axiomatic arena {
    // Each piece is an object of its own: how much the arena that is being filled had given out when this one was. Negative for what is not its.
    logic integer born(void *base) reads \nothing;
  }
  logic integer given{L}(struct arena *a) = a->used - a->left;
  predicate outside(void *p) = born(\base_addr(p)) < 0;
  predicate apart(void *p, void *q) = \base_addr(p) != \base_addr(q);
  predicate older{L}(void *p, struct arena *a) = born(\base_addr(p)) < given(a);
  predicate inside{L}(void *p, struct arena *a) = 0 <= born(\base_addr(p)) < given(a);
  predicate arena_ok{L}(struct arena *a) = \valid(a) && outside(a) && given(a) >= 0;
  predicate zeroed{L}(void *p) = (\forall uint8_t *q; \base_addr(q) == \base_addr(p) ==> *q == 0) &&
    (\forall char *q; \base_addr(q) == \base_addr(p) ==> *q == 0) &&
    (\forall uint16_t *q; \base_addr(q) == \base_addr(p) ==> *q == 0) && (\forall uint32_t *q; \base_addr(q) == \base_addr(p) ==> *q == 0) &&
    (\forall uint64_t *q; \base_addr(q) == \base_addr(p) ==> *q == 0) && (\forall void **q; \base_addr(q) == \base_addr(p) ==> *q == \null);
  // WP counts cells of memory, one for each member of a struct: as many as the smallest type of that size has.
  predicate piece{L1,L2}(void *p, integer n, integer size, struct arena *a) =
    (p != \null ==> \valid{L2}((char *)p + (0 .. n * (size <= 8 ? 1 : size == 12 ? 5 : 2) - 1)) && born(\base_addr{L2}(p)) == given{L1}(a) < given{L2}(a) && zeroed{L2}(p)) &&
    given{L1}(a) <= given{L2}(a);
*/
/* In proofs alone: what a function has on its stack is no arena's. */
/*@ ghost /@ assigns \nothing; ensures outside(p); @/ void of_stack(void *p); */

void arena_init(struct arena *a, size_t limit);
/* Zeroed, for any type; NULL: over the limit or no memory. */
/*@ requires arena_ok(a); assigns ARENA(a); ensures arena_ok(a) && piece{Pre,Here}(\result, size, 1, a); */
void *arena_alloc(struct arena *a, size_t size);
/*@ requires arena_ok(a) && size > 0; assigns ARENA(a); ensures arena_ok(a) && piece{Pre,Here}(\result, n, size, a); */
void *arena_array(struct arena *a, size_t n, size_t size);
void arena_free(struct arena *a);

#endif
