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

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static bool arena_grow(struct arena *a, size_t size)
{
	unsigned int order = CHUNK_ORDER;
	struct arena_chunk *c;
	size_t bytes;

	while (order < CHUNK_MAX_ORDER && (PAGE_SIZE << order) - sizeof(*c) < size)
		order++;
	bytes = PAGE_SIZE << order;
	if (bytes - sizeof(*c) < size || bytes > a->limit - a->used)
		return false;
	c = heap_alloc_pages(NULL, order);
	if (!c)
		return false;
	c->next = a->chunks;
	c->order = order;
	a->chunks = c;
	a->at = (uint8_t *)(c + 1);
	a->left = bytes - sizeof(*c);
	a->used += bytes;
	return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t rounded = (size + 7) & ~(size_t)7;
	void *p;

	if (rounded < size)
		return NULL;
	if (rounded == 0)
		rounded = 8;
	if (rounded > a->left && !arena_grow(a, rounded))
		return NULL;
	p = a->at;
	a->at += rounded;
	a->left -= rounded;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return arena_alloc(a, bytes);
}

void arena_free(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *c = a->chunks;

		a->chunks = c->next;
		heap_free_pages(NULL, c, c->order);
	}
	arena_init(a, a->limit);
}
