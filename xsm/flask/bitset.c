/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sparse sets of small numbers.
 * Locking: immutable once read. Trust: the file's form of them is checked in full here.
 */
#include "bitset.h"

#define WORD_BITS 64u
#define FILE_WORD_BYTES 12u

/*@
  requires \valid_read(word + (0 .. nr - 1)) && 0 < nr && high > 0 && high % 64 == 0;
  assigns \nothing;
  ensures \result == \null ==> words_ok(word, nr);
  ensures \result == \null ==> word[nr - 1].start < limit;
*/
static const char *words_fault(const struct bitset_word *word, uint32_t nr, uint32_t high, uint32_t limit)
{
	struct bitset all = { word, nr };

	/*@ loop invariant i <= nr && words_ok(word, i); loop assigns i; loop variant nr - i; */
	for (uint32_t i = 0; i < nr; i++) {
		if (word[i].start % WORD_BITS || word[i].start > high - WORD_BITS)
			return "a word of a bitmap stands outside of it";
		if (word[i].map == 0)
			return "a bitmap has an empty word";
		if (i > 0 && word[i].start <= word[i - 1].start)
			return "a bitmap is not sorted";
		/*@ assert \forall integer j; 0 <= j < i ==> word[j].start + 64 <= word[i].start; */
	}
	/*@ assert words_ok(word, nr); */
	if (word[nr - 1].start + WORD_BITS != high)
		return "a bitmap's length is wrong";
	return bitset_below(&all, limit) ? NULL : "a bitmap names what does not exist";
}

/* NULL: they are not as they should be, or nothing could be read. */
/*@
  requires reader_ok(r) && 0 < nr && high > 0 && high % 64 == 0;
  assigns TAKES(r), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures \result != \null ==> \valid_read(\result + (0 .. nr - 1)) && \old(given(r->arena)) == born(\base_addr(\result)) < given(r->arena);
  ensures \result != \null ==> words_ok(\result, nr);
  ensures \result != \null ==> \result[nr - 1].start < limit;
*/
static const struct bitset_word *words_fill(struct reader *r, uint32_t nr, uint32_t high, uint32_t limit)
{
	struct bitset_word *word = reader_array(r, nr, sizeof(*word));
	const char *fault;

	/*@
	  loop invariant i <= nr && reader_step{Pre,Here}(r) && (word == \null ==> r->failed) && (word != \null ==> born(\base_addr(word)) < given(r->arena));
	  loop assigns i, READS(r), FRESH(struct bitset_word, r->arena);
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		word[i].start = read_u32(r);
		word[i].map = read_u64(r);
	}
	fault = r->failed ? NULL : words_fault(word, nr, high, limit);
	return reader_require(r, fault == NULL, fault) ? word : NULL;
}

/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures \result.nr != 0 ==> \valid_read(\result.word + (0 .. \result.nr - 1)) && \old(given(r->arena)) == born(\base_addr(\result.word)) < given(r->arena);
  ensures \result.nr != 0 ==> words_ok(\result.word, \result.nr);
  ensures \result.nr != 0 ==> \result.word[\result.nr - 1].start < limit;
*/
static struct bitset words_read(struct reader *r, uint32_t limit)
{
	uint32_t unit = read_u32(r), high = read_u32(r), nr = read_count(r, FILE_WORD_BYTES);
	struct bitset b = { NULL, 0 };

	reader_require(r, unit == WORD_BITS && high % WORD_BITS == 0, "a bitmap has another word size");
	reader_require(r, high == 0 || nr > 0, "a bitmap has a length but no words");
	/*@ assert reader_read{Pre,Here}(r); */
	b.word = !r->failed && high > 0 ? words_fill(r, nr, high, limit) : NULL;
	b.nr = b.word ? nr : 0;
	return b;
}

void bitset_set(struct bitset *b, const struct bitset_word *word, uint32_t nr)
{
	b->word = word;
	b->nr = nr;
	/*@ assert nr > 0 ==> words_ok(word, nr); */
}

void bitset_read(struct reader *r, struct bitset *b, uint32_t limit)
{
	struct bitset got = words_read(r, limit);

	/*@ assert \forall struct bitset_word *w, integer i; 0 <= born(\base_addr(w)) < \at(given(r->arena), Pre) ==> w[i].start == \at(w[i].start, Pre) && w[i].map == \at(w[i].map, Pre); */
	/*@ assert \forall struct bitset_word *w, integer n; (0 < n ==> 0 <= born(\base_addr(w)) < \at(given(r->arena), Pre)) && \at(words_ok(w, n), Pre) ==> words_ok(w, n); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) ==> set_same{Pre,Here}(o); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) ==> bitset_kept(o, r->arena); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside(o, b), Pre) ==> beside(o, b); */
	/*@ ghost L: ; */
	bitset_set(b, got.word, got.nr);
	/*@ assert r->bytes == \at(r->bytes, L) && r->len == \at(r->len, L) && r->arena == \at(r->arena, L); */
	/*@ assert r->at == \at(r->at, L) && r->failed == \at(r->failed, L) && given(r->arena) == \at(given(r->arena), L); */
	/*@ assert reader_read{L,Here}(r); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside(o, b), Pre) ==> bitset_kept(o, r->arena) && set_same{Pre,Here}(o); */
}

/* Index of the first word that ends beyond `bit`. */
/*@
  requires bitset_ok(b);
  assigns \nothing;
  ensures \result <= b->nr;
  ensures \forall integer i; 0 <= i < \result ==> b->word[i].start + 64 <= bit;
  ensures \forall integer i; \result <= i < b->nr ==> bit < b->word[i].start + 64;
*/
static uint32_t word_at(const struct bitset *b, uint32_t bit)
{
	uint32_t low = 0, high = b->nr;

	/*@
	  loop invariant low <= high <= b->nr;
	  loop invariant \forall integer i; 0 <= i < low ==> b->word[i].start + 64 <= bit;
	  loop invariant \forall integer i; high <= i < b->nr ==> bit < b->word[i].start;
	  loop assigns low, high;
	  loop variant high - low;
	*/
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (b->word[mid].start <= bit && bit - b->word[mid].start >= WORD_BITS)
			low = mid + 1;
		else if (b->word[mid].start <= bit)
			return mid;
		else
			high = mid;
	}
	return low;
}

bool bitset_test(const struct bitset *b, uint32_t bit)
{
	uint32_t i = word_at(b, bit);

	return i < b->nr && b->word[i].start <= bit && ((b->word[i].map >> (bit % WORD_BITS)) & 1);
}

uint32_t bitset_next(const struct bitset *b, uint32_t from)
{
	/*@ loop invariant i <= b->nr && (\forall integer j; i <= j < b->nr ==> from < b->word[j].start + 64); loop assigns i; loop variant b->nr - i; */
	for (uint32_t i = word_at(b, from); i < b->nr; i++) {
		uint64_t map = b->word[i].map;

		if (b->word[i].start < from)
			map &= ~(uint64_t)0 << (from - b->word[i].start);
		if (map)
			return b->word[i].start + (uint32_t)__builtin_ctzll(map);
	}
	return BITSET_END;
}

uint32_t bitset_run_end(const struct bitset *b, uint32_t first)
{
	uint32_t i = word_at(b, first), bit = first % WORD_BITS;

	/*@ loop invariant i < b->nr && bit < 64; loop assigns i, bit; loop variant b->nr - i; */
	for (;;) {
		uint64_t absent = ~(b->word[i].map >> bit);

		bit += absent ? (uint32_t)__builtin_ctzll(absent) : WORD_BITS;
		if (bit < WORD_BITS || i + 1 == b->nr || b->word[i + 1].start != b->word[i].start + WORD_BITS ||
		    !(b->word[i + 1].map & 1))
			return b->word[i].start + bit - 1;
		i++;
		bit = 0;
	}
}

bool bitset_equal(const struct bitset *a, const struct bitset *b)
{
	if (a->nr != b->nr)
		return false;
	/*@ loop invariant i <= a->nr; loop assigns i; loop variant a->nr - i; */
	for (uint32_t i = 0; i < a->nr; i++)
		if (a->word[i].start != b->word[i].start || a->word[i].map != b->word[i].map)
			return false;
	return true;
}

bool bitset_contains(const struct bitset *a, const struct bitset *b)
{
	uint32_t i = 0;

	/*@ loop invariant i <= a->nr && j <= b->nr; loop assigns i, j; loop variant b->nr - j; */
	for (uint32_t j = 0; j < b->nr; j++) {
		/*@ loop invariant i <= a->nr; loop assigns i; loop variant a->nr - i; */
		while (i < a->nr && a->word[i].start < b->word[j].start)
			i++;
		if (i == a->nr || a->word[i].start != b->word[j].start || (b->word[j].map & ~a->word[i].map))
			return false;
	}
	return true;
}

bool bitset_copy(struct bitset *to, const struct bitset *from, struct arena *a)
{
	const struct bitset_word *old = from->word;
	uint32_t nr = from->nr;
	struct bitset_word *word = nr ? arena_array(a, nr, sizeof(*word)) : NULL;

	if (nr && !word)
		return false;
	/*@ assert nr > 0 ==> \separated(old + (0 .. nr - 1), word + (0 .. nr - 1)) && words_ok(old, nr); */
	/*@
	  loop invariant i <= nr && words_ok(old, nr);
	  loop invariant \forall integer j; 0 <= j < i ==> word[j].start == old[j].start && word[j].map == old[j].map;
	  loop assigns i, FRESH(struct bitset_word, a);
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr; i++) {
		word[i].start = old[i].start;
		word[i].map = old[i].map;
	}
	/*@ assert nr > 0 ==> words_ok(word, nr); */
	/*@ assert nr > 0 ==> \separated(to, word + (0 .. nr - 1)); */
	bitset_set(to, word, nr);
	return true;
}

bool bitset_below(const struct bitset *b, uint32_t limit)
{
	const struct bitset_word *last = b->nr ? &b->word[b->nr - 1] : NULL;

	/* The highest member stands in the last word, which is never empty. */
	return !last || last->start + (WORD_BITS - 1 - (uint32_t)__builtin_clzll(last->map)) < limit;
}
