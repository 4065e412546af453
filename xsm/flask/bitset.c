/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sparse sets of small numbers.
 * Locking: immutable once read. Trust: the file's form of them is checked in full here.
 */
#include "bitset.h"

#include <hv/string.h>

#define WORD_BITS 64u
#define FILE_WORD_BYTES 12u

static void read_word(struct reader *r, struct bitset_word *w, const struct bitset_word *prev, uint32_t high)
{
	w->start = read_u32(r);
	w->map = read_u64(r);
	reader_require(r, w->start % WORD_BITS == 0 && high >= WORD_BITS && w->start <= high - WORD_BITS,
		       "a word of a bitmap stands outside of it");
	reader_require(r, w->map != 0, "a bitmap has an empty word");
	reader_require(r, !prev || w->start > prev->start, "a bitmap is not sorted");
}

void bitset_read(struct reader *r, struct bitset *b, uint32_t limit)
{
	uint32_t unit = read_u32(r), high = read_u32(r), nr = read_count(r, FILE_WORD_BYTES);
	struct bitset_word *word;

	*b = (struct bitset){ 0 };
	if (!reader_require(r, unit == WORD_BITS && high % WORD_BITS == 0, "a bitmap has another word size"))
		return;
	if (high == 0)
		nr = 0;
	if (!reader_require(r, high == 0 || nr > 0, "a bitmap has a length but no words") || nr == 0)
		return;
	word = reader_array(r, nr, sizeof(*word));
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_word(r, &word[i], i ? &word[i - 1] : NULL, high);
	if (r->failed || !reader_require(r, word[nr - 1].start + WORD_BITS == high, "a bitmap's length is wrong"))
		return;
	*b = (struct bitset){ word, nr };
	if (!reader_require(r, bitset_below(b, limit), "a bitmap names what does not exist"))
		*b = (struct bitset){ 0 };
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
	struct bitset_word *word = NULL;

	if (from->nr) {
		word = arena_array(a, from->nr, sizeof(*word));
		if (!word)
			return false;
		memcpy(word, from->word, from->nr * sizeof(*word));
	}
	*to = (struct bitset){ word, from->nr };
	return true;
}

bool bitset_below(const struct bitset *b, uint32_t limit)
{
	const struct bitset_word *last = b->nr ? &b->word[b->nr - 1] : NULL;

	/* The highest member stands in the last word, which is never empty. */
	return !last || last->start + (WORD_BITS - 1 - (uint32_t)__builtin_clzll(last->map)) < limit;
}
