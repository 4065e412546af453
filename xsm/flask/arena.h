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

void arena_init(struct arena *a, size_t limit);
void *arena_alloc(struct arena *a, size_t size);			/* zeroed, for any type; NULL: over the limit or no memory */
void *arena_array(struct arena *a, size_t n, size_t size);
void arena_free(struct arena *a);

#endif
