/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions made under one policy, by pair of SIDs: two loads to the pair, one to the words. Filled when a pair is first met; freed with the policy.
 * Locking: reading takes none (entries are published whole and never change); adding takes a leaf lock. Trust: SIDs are in range.
 */
#ifndef XSM_FLASK_VECTORS_H
#define XSM_FLASK_VECTORS_H

#include <hv/flask.h>

struct vector_cache;

struct vector_cache *vector_cache_create(void);	/* NULL: no memory */
void vector_cache_destroy(struct vector_cache *c);
const struct flask_vector *vector_cache_find(const struct vector_cache *c, sid_t source, sid_t target);
void vector_cache_size(struct vector_cache *c, uint32_t *pairs, uint32_t *sources);
/* Copies v; NULL when the budget is used up. */
const struct flask_vector *vector_cache_add(struct vector_cache *c, sid_t source, sid_t target, const struct flask_vector *v);

#endif
