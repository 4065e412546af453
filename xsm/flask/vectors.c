/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions made under one policy.
 * Locking: lock-free readers; c->lock for adding, a leaf but for the heap's. Trust: SIDs are in range.
 */
#include "vectors.h"

#include <stdatomic.h>
#include <hv/lock.h>

#include "policydb.h"

#define CHUNK 64u
#define BUDGET (8u << 20)	/* bytes: about 40,000 pairs */

static _Atomic uint32_t threshold = BUDGET / sizeof(struct flask_vector);

uint32_t flask_cache_threshold(void)
{
	return atomic_load_explicit(&threshold, memory_order_relaxed);
}

void flask_set_cache_threshold(uint32_t pairs)
{
	atomic_store_explicit(&threshold, pairs, memory_order_relaxed);
}

struct vector_chunk {
	struct flask_vector *_Atomic vector[CHUNK];
};

struct vector_row {
	struct vector_chunk *_Atomic chunk[FLASK_MAX_SIDS / CHUNK];
};

struct vector_cache {
	struct spinlock lock;
	struct arena arena;
	uint32_t pairs, sources;	/* lock */
	struct vector_row *_Atomic row[FLASK_MAX_SIDS];
};

struct vector_cache *vector_cache_create(void)
{
	struct vector_cache *c;
	struct arena arena;

	arena_init(&arena, BUDGET);
	c = arena_alloc(&arena, sizeof(*c));
	if (!c)
		return NULL;
	spin_lock_init(&c->lock);
	c->arena = arena;
	return c;
}

void vector_cache_destroy(struct vector_cache *c)
{
	struct arena arena = c->arena;	/* c lies in it */

	arena_free(&arena);
}

const struct flask_vector *vector_cache_find(const struct vector_cache *c, sid_t source, sid_t target)
{
	struct vector_cache *mutable = (struct vector_cache *)(uintptr_t)c;	/* C11 has no atomic load of const objects */
	struct vector_row *row = atomic_load_explicit(&mutable->row[source], memory_order_acquire);
	struct vector_chunk *chunk = row ? atomic_load_explicit(&row->chunk[target / CHUNK], memory_order_acquire) : NULL;

	return chunk ? atomic_load_explicit(&chunk->vector[target % CHUNK], memory_order_acquire) : NULL;
}

static const struct flask_vector *add_locked(struct vector_cache *c, sid_t source, sid_t target, const struct flask_vector *v)
{
	struct vector_row *row = atomic_load_explicit(&c->row[source], memory_order_relaxed);
	struct vector_chunk *chunk;
	struct flask_vector *copy;

	if (!row) {
		row = arena_alloc(&c->arena, sizeof(*row));
		if (!row)
			return NULL;
		atomic_store_explicit(&c->row[source], row, memory_order_release);
		c->sources++;
	}
	chunk = atomic_load_explicit(&row->chunk[target / CHUNK], memory_order_relaxed);
	if (!chunk) {
		chunk = arena_alloc(&c->arena, sizeof(*chunk));
		if (!chunk)
			return NULL;
		atomic_store_explicit(&row->chunk[target / CHUNK], chunk, memory_order_release);
	}
	copy = atomic_load_explicit(&chunk->vector[target % CHUNK], memory_order_relaxed);
	if (copy)
		return copy;		/* another CPU was faster */
	if (c->pairs >= flask_cache_threshold())
		return NULL;
	copy = arena_alloc(&c->arena, sizeof(*copy));
	if (!copy)
		return NULL;
	c->pairs++;
	*copy = *v;
	atomic_store_explicit(&chunk->vector[target % CHUNK], copy, memory_order_release);
	return copy;
}

void vector_cache_size(struct vector_cache *c, uint32_t *pairs, uint32_t *sources)
{
	spin_lock(&c->lock);
	*pairs = c->pairs;
	*sources = c->sources;
	spin_unlock(&c->lock);
}

const struct flask_vector *vector_cache_add(struct vector_cache *c, sid_t source, sid_t target, const struct flask_vector *v)
{
	const struct flask_vector *kept;

	spin_lock(&c->lock);
	kept = add_locked(c, source, target, v);
	spin_unlock(&c->lock);
	return kept;
}
