/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of one policy.
 * Locking: the owner's. Trust: sizes come from policy files.
 */
#include "arena.h"

#include <hv/mm.h>

#define CHUNK_ORDER 4		/* 64 KiB unless more is asked for at once */
#define CHUNK_MAX_ORDER 14

struct arena_chunk {
	struct arena_chunk *next;
	unsigned int order;
};

/*@
  // The chunk being filled: from `at` on it is nobody's yet, and zero.
  predicate arena_sound{L}(struct arena *a) = \valid(a) && heap_age(\base_addr(a)) < heap_clock &&
    (a->left > 0 ==> heap_age(\base_addr(a->at)) < heap_clock) &&
    a->left <= a->used <= a->limit && a->left % 8 == 0 && \valid(a->at + (0 .. a->left - 1)) && zero_bytes(a->at, a->left);
  // Piece after piece: it ends where what is left begins, and begins where the piece before ended, or in a chunk that nothing else stands in.
  predicate taken{L1,L2}(struct arena *a, uint8_t *p, integer size) = \at(\valid(p + (0 .. size - 1)), L2) && \at(a->at, L2) == p + size &&
    (p == \at(a->at, L1) && size <= \at(a->left, L1) || heap_age(\base_addr{L2}(p)) >= \at(heap_clock, L1)) &&
    zero_bytes{L2}(p, size) && \at(given(a), L1) + size <= \at(given(a), L2);
  predicate arena_same{L1,L2}(struct arena *a) = \at(a->at, L1) == \at(a->at, L2) && \at(a->left, L1) == \at(a->left, L2) && \at(a->used, L1) == \at(a->used, L2);
*/

/*@ requires \valid(a) && heap_age(\base_addr(a)) < heap_clock; assigns *a; ensures arena_sound(a) && a->limit == limit && a->chunks == \null && a->used == 0; */
void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

/*@
  requires arena_sound(a) && 0 < size;
  assigns ARENA(a), heap_clock, { *fresh_ | struct arena_chunk *fresh_; heap_age(\base_addr(fresh_)) >= \at(heap_clock, Pre) };
  ensures arena_sound(a);
  ensures a->limit == \old(a->limit);
  ensures \result ==> size <= a->left && given(a) > \old(given(a)) && heap_age(\base_addr(a->at)) >= \old(heap_clock);
  ensures !\result ==> arena_same{Pre,Here}(a);
*/
static bool arena_grow(struct arena *a, size_t size)
{
	size_t bytes = PAGE_SIZE << CHUNK_ORDER;
	unsigned int order = CHUNK_ORDER;
	struct arena_chunk *c;

	/*@ loop invariant CHUNK_ORDER <= order <= CHUNK_MAX_ORDER && bytes == heap_bytes(order) && bytes % 8 == 0; loop assigns order, bytes; loop variant CHUNK_MAX_ORDER - order; */
	for (; order < CHUNK_MAX_ORDER && bytes - sizeof(*c) < size; order++)
		bytes *= 2;
	if (bytes - sizeof(*c) < size || bytes > a->limit - a->used)
		return false;
	c = heap_alloc_pages(NULL, order);
	if (!c)
		return false;
	c->next = a->chunks;
	c->order = order;
	a->chunks = c;
	a->at = (uint8_t *)c + sizeof(*c);
	a->left = bytes - sizeof(*c);
	a->used += bytes;
	/*@ assert a->left % 8 == 0 && a->left <= a->used <= a->limit; */
	/*@ assert zero_bytes(a->at, a->left); */
	/*@ assert \valid(a->at + (0 .. a->left - 1)); */
	/*@ assert arena_sound(a); */
	return true;
}

/*@
  requires arena_sound(a) && 0 < size && size % 8 == 0;
  assigns ARENA(a), heap_clock, { *fresh_ | struct arena_chunk *fresh_; heap_age(\base_addr(fresh_)) >= \at(heap_clock, Pre) };
  ensures arena_sound(a);
  ensures \result == \null ==> arena_same{Pre,Here}(a);
  ensures \result != \null ==> taken{Pre,Here}(a, (uint8_t *)\result, size);
*/
static void *arena_take(struct arena *a, size_t size)
{
	void *p;

	if (size > a->left && !arena_grow(a, size))
		return NULL;
	p = a->at;
	a->at += size;
	a->left -= size;
	/*@ assert heap_age(\base_addr(a->at)) < heap_clock && a->left % 8 == 0 && a->left <= a->used <= a->limit; */
	/*@ assert zero_bytes(a->at, a->left); */
	/*@ assert \valid(a->at + (0 .. a->left - 1)); */
	/*@ assert arena_sound(a); */
	return p;
}

/* So that what comes next is aligned; 0: too large. */
/*@ assigns \nothing; ensures \result != 0 ==> \result >= size && \result % 8 == 0; ensures size <= SIZE_MAX - 7 ==> \result != 0; */
static size_t piece_size(size_t size)
{
	return size == 0 ? 8 : size <= SIZE_MAX - 7 ? (size + 7) / 8 * 8 : 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t bytes = piece_size(size);

	return bytes ? arena_take(a, bytes) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	/*@ assert bytes == n * size && bytes >= n && (size > 1 ==> bytes >= 2 * n) && (size > 4 ==> bytes >= 5 * n); */
	return arena_alloc(a, bytes);
}

/*@
  inductive chain{L}(struct arena_chunk *c) {
    case end{L}: chain{L}(\null);
    case link{L}: \forall struct arena_chunk *c; \valid(c) && chain{L}(c->next) ==> chain{L}(c);
  }
*/

/*@ requires \valid(a) && heap_age(\base_addr(a)) < heap_clock && chain(a->chunks); assigns *a; ensures arena_sound(a) && a->chunks == \null && a->used == 0; */
void arena_free(struct arena *a)
{
	struct arena_chunk *c = a->chunks, *next;

	/*@ loop invariant chain(c); loop assigns c, next; */
	for (; c; c = next) {
		next = c->next;
		heap_free_pages(NULL, c, c->order);
	}
	arena_init(a, a->limit);
}
