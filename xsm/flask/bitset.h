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

#define BITSET_END UINT32_MAX

/* Every member must be below `limit`. */
void bitset_read(struct reader *r, struct bitset *b, uint32_t limit);
bool bitset_test(const struct bitset *b, uint32_t bit);
/* The lowest member >= from, BITSET_END if there is none. */
uint32_t bitset_next(const struct bitset *b, uint32_t from);
/* `first` is a member: the last one of those that follow it without a gap. */
uint32_t bitset_run_end(const struct bitset *b, uint32_t first);
bool bitset_equal(const struct bitset *a, const struct bitset *b);
bool bitset_contains(const struct bitset *a, const struct bitset *b);	/* b is a subset of a */
/* Every member is below `limit`. */
bool bitset_below(const struct bitset *b, uint32_t limit);
bool bitset_copy(struct bitset *to, const struct bitset *from, struct arena *a);

#endif
