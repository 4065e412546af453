/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sparse sets of small numbers, as policies hold them: sorted 64-bit words.
 * Locking: immutable once read. Trust: contents were checked when read.
 */
#ifndef XSM_FLASK_BITSET_H
#define XSM_FLASK_BITSET_H

#include "reader.h"

struct bitset_word {
	uint32_t start;		/* multiple of 64 */
	uint64_t map;		/* never 0 */
};

struct bitset {
	const struct bitset_word *word;
	uint32_t nr;
};

/*@
  predicate words_ok{L}(struct bitset_word *w, integer n) =
    (\forall integer i; 0 <= i < n ==> w[i].start <= 0xffffffc0 && w[i].start % 64 == 0 && w[i].map != 0) &&
    (\forall integer i, j; 0 <= i < j < n ==> w[i].start + 64 <= w[j].start);
  predicate bitset_ok{L}(struct bitset *b) = \valid_read(b) && \valid_read(b->word + (0 .. b->nr - 1)) && words_ok(b->word, b->nr);
  // The set's words are younger than what it stands in: in an array of sets, none is another's words.
  predicate bitset_kept{L}(struct bitset *b, struct arena *a) = \valid_read(b) && \valid_read(b->word + (0 .. b->nr - 1)) && words_ok(b->word, b->nr) &&
    (b->nr != 0 ==> born(\base_addr(b)) < born(\base_addr(b->word)) < given(a) && 0 <= born(\base_addr(b->word)));
  // What becomes of the sets beside b, when b is read: nothing.
  predicate beside{L}(struct bitset *o, struct bitset *b) = \separated(o, b) && (o->nr != 0 ==> apart(o->word, b));
  predicate set_older{L}(struct bitset *o, struct reader *r) = older(o, r->arena) && \separated(o, r) && \separated(o, r->arena) && bitset_kept(o, r->arena);
  predicate set_same{L1,L2}(struct bitset *o) = \at(o->word, L1) == \at(o->word, L2) && \at(o->nr, L1) == \at(o->nr, L2);
  predicate sets_stay{L1,L2}(struct bitset *b, struct reader *r) =
    \forall struct bitset *o; beside{L1}(o, b) && set_older{L1}(o, r) ==> bitset_kept{L2}(o, \at(r->arena, L1)) && set_same{L1,L2}(o);
  predicate member{L}(struct bitset *b, integer n) =
    \exists integer i; 0 <= i < b->nr && b->word[i].start <= n < b->word[i].start + 64 && ((b->word[i].map >> (n % 64)) & 1) != 0;
*/

#define BITSET_END UINT32_MAX

/* Every member must be below `limit`. */
/*@
  requires reader_ok(r) && \valid(b) && \separated(b, r, r->arena) && older(b, r->arena);
  assigns TAKES(r), b->word, b->nr, FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures bitset_kept(b, r->arena);
  ensures b->nr != 0 ==> born(\base_addr(b->word)) >= \old(given(r->arena));
  ensures b->nr != 0 ==> b->word[b->nr - 1].start < limit;
  ensures sets_stay{Pre,Here}(b, r);
*/
void bitset_read(struct reader *r, struct bitset *b, uint32_t limit);
/* Of words that are as they should be. */
/*@
  requires \valid(b) && (nr > 0 ==> \valid_read(word + (0 .. nr - 1)) && \separated(b, word + (0 .. nr - 1)) && words_ok(word, nr));
  assigns b->word, b->nr;
  ensures bitset_ok(b) && b->word == word && b->nr == nr;
  ensures nr > 0 ==> word[nr - 1].start == \old(word[nr - 1].start);
  ensures \forall struct bitset *o, struct arena *a; \old(beside(o, b)) && \old(bitset_kept(o, a)) ==> bitset_kept(o, a) && set_same{Pre,Here}(o);
*/
void bitset_set(struct bitset *b, const struct bitset_word *word, uint32_t nr);
/*@ requires whole_wp: bitset_ok(b); assigns \nothing; ensures \result <==> member(b, bit); */
bool bitset_test(const struct bitset *b, uint32_t bit);
/* The lowest member >= from, BITSET_END if there is none. */
/*@ requires bitset_ok(b); assigns \nothing; */
uint32_t bitset_next(const struct bitset *b, uint32_t from);
/* `first` is a member: the last one of those that follow it without a gap. */
/*@ requires bitset_ok(b) && member(b, first); assigns \nothing; */
uint32_t bitset_run_end(const struct bitset *b, uint32_t first);
/*@ requires bitset_ok(a) && bitset_ok(b); assigns \nothing; */
bool bitset_equal(const struct bitset *a, const struct bitset *b);
/*@ requires bitset_ok(a) && bitset_ok(b); assigns \nothing; */
bool bitset_contains(const struct bitset *a, const struct bitset *b);	/* b is a subset of a */
/* Every member is below `limit`. */
/*@ requires bitset_ok(b); assigns \nothing; ensures \result && b->nr != 0 ==> b->word[b->nr - 1].start < limit; */
bool bitset_below(const struct bitset *b, uint32_t limit);
/*@
  requires bitset_ok(from) && \valid(to) && arena_ok(a) && \separated(to, a) && older(to, a);
  requires from->nr != 0 ==> older(from->word, a) && \separated(a, from->word + (0 .. from->nr - 1));
  assigns ARENA(a), to->word, to->nr, FRESH(struct bitset_word, a);
  ensures arena_ok(a) && \old(given(a)) <= given(a);
  ensures \result ==> bitset_ok(to) && to->nr == \old(from->nr);
*/
bool bitset_copy(struct bitset *to, const struct bitset *from, struct arena *a);

#endif
