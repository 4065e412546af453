/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map tracking: what a domain has mapped of others, by handle.
 * Locking: the mapper's domain.lock. Trust: handles are the guest's, bounded here; entries are ours and charged to the mapper.
 */
#include "grant_private.h"

#include <hv/edge.h>

struct grant_map *maptrack_lookup(const struct grant_state *s, grant_handle_t handle)
{
	if (handle >= s->nr_maps)
		return NULL;
	handle &= (uint32_t)edge_array_index_mask(handle, s->nr_maps);
	return &s->chunk[handle / MAPS_PER_CHUNK][handle % MAPS_PER_CHUNK];
}

static bool maptrack_grow(struct domain *d)
{
	struct grant_state *s = d->grant;
	struct grant_map *c;

	if (s->nr_maps >= s->max_maps)
		return false;
	c = heap_alloc(d, MAPS_PER_CHUNK * sizeof(*c));
	if (!c)
		return false;
	for (uint32_t i = 0; i < MAPS_PER_CHUNK; i++)
		c[i].next_free = i + 1 < MAPS_PER_CHUNK ? s->nr_maps + i + 1 : NO_HANDLE;
	s->chunk[s->nr_maps / MAPS_PER_CHUNK] = c;
	s->free_map = s->nr_maps;
	__atomic_store_n(&s->nr_maps, s->nr_maps + MAPS_PER_CHUNK, __ATOMIC_RELEASE);	/* the sweep looks without the lock */
	return true;
}

struct grant_map *maptrack_alloc(struct domain *d, grant_handle_t *handle)
{
	struct grant_state *s = d->grant;
	struct grant_map *m;

	if (s->free_map == NO_HANDLE && !maptrack_grow(d))
		return NULL;
	*handle = s->free_map;
	m = maptrack_lookup(s, *handle);
	s->free_map = m->next_free;
	m->state = MAP_BUSY;
	return m;
}

void maptrack_release(struct domain *d, struct grant_map *m, grant_handle_t handle)
{
	m->granter.opaque = 0;
	m->mfn = MFN_INVALID;
	m->gfn = GFN_INVALID;
	m->readonly = false;
	m->state = MAP_FREE;
	m->next_free = d->grant->free_map;
	d->grant->free_map = handle;
}
