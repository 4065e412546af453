/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of domains: by number, in order.
 * Locking: its own lock, outside domain.lock and never held across anything.
 * Trust: the raw lookups are for the few named in hv/internal.h.
 */
#include "domain_private.h"

#include <hv/console.h>
#include <hv/string.h>

#define IDS	DOMID_FIRST_RESERVED
#define WORDS	((IDS + 63) / 64)

static struct {
	struct spinlock lock;
	uint32_t rover;
	uint64_t taken[WORDS];		/* numbers in use, found or not */
	uint64_t present[WORDS];	/* domains that can be found */
	struct domain *domain[IDS];
} table;

uint32_t domain_count;

void domain_table_init(void)
{
	spin_lock_init(&table.lock);
	memset(table.taken, 0, sizeof(table.taken));
	memset(table.present, 0, sizeof(table.present));
	table.rover = 0;
	domain_count = 0;
}

static bool bit_get(const uint64_t *map, uint32_t n)
{
	return (map[n / 64] >> (n % 64)) & 1;
}

static void bit_set(uint64_t *map, uint32_t n)
{
	map[n / 64] |= (uint64_t)1 << (n % 64);
}

static void bit_clear(uint64_t *map, uint32_t n)
{
	map[n / 64] &= ~((uint64_t)1 << (n % 64));
}

/* First number >= from whose bit is `value`; IDS if there is none. */
static uint32_t bit_find(const uint64_t *map, uint32_t from, bool value)
{
	for (uint32_t w = from / 64; w < WORDS; w++) {
		uint64_t word = value ? map[w] : ~map[w];

		if (w == from / 64)
			word &= ~(uint64_t)0 << (from % 64);
		if (word) {
			uint32_t n = w * 64 + (uint32_t)__builtin_ctzll(word);

			return n < IDS ? n : IDS;
		}
	}
	return IDS;
}

/* The table is locked. Numbers go round, so that one is not soon used again. */
static uint32_t rover_next(void)
{
	uint32_t id = bit_find(table.taken, table.rover + 1, false);

	if (id == IDS)
		id = bit_find(table.taken, 1, false);
	if (id != IDS)
		table.rover = id;
	return id;
}

int domid_take(domid_t wanted, domid_t *id)
{
	uint32_t n = wanted;
	int rc = 0;

	if (wanted != DOMID_INVALID && wanted >= IDS)
		return -XEN_EINVAL;
	spin_lock(&table.lock);
	if (wanted == DOMID_INVALID)
		n = rover_next();
	if (n == IDS)
		rc = -XEN_ENOSPC;
	else if (bit_get(table.taken, n))
		rc = -XEN_EEXIST;
	else
		bit_set(table.taken, n);
	spin_unlock(&table.lock);
	*id = (domid_t)n;
	return rc;
}

void domid_release(domid_t id)
{
	spin_lock(&table.lock);
	bit_clear(table.taken, id);
	spin_unlock(&table.lock);
}

void domain_table_publish(struct domain *d)
{
	spin_lock(&table.lock);
	table.domain[d->id] = d;
	bit_set(table.present, d->id);
	domain_count++;
	spin_unlock(&table.lock);
}

void domain_table_remove(struct domain *d)
{
	spin_lock(&table.lock);
	table.domain[d->id] = NULL;
	bit_clear(table.present, d->id);
	bit_clear(table.taken, d->id);
	domain_count--;
	spin_unlock(&table.lock);
}

struct domain *domain_lookup_raw(domid_t id)
{
	struct domain *d = NULL;
	uint32_t n = id;

	if (n >= IDS)
		return NULL;
	n &= (uint32_t)edge_array_index_mask(n, IDS);
	spin_lock(&table.lock);
	if (bit_get(table.present, n) && domain_get(table.domain[n]))
		d = table.domain[n];
	spin_unlock(&table.lock);
	return d;
}

struct domain *domain_lookup_next_raw(domid_t id)
{
	struct domain *d = NULL;
	uint32_t n = id;

	if (n >= IDS)
		return NULL;
	spin_lock(&table.lock);
	for (n = bit_find(table.present, n, true); n < IDS; n = bit_find(table.present, n + 1, true)) {
		if (domain_get(table.domain[n])) {
			d = table.domain[n];
			break;
		}
	}
	spin_unlock(&table.lock);
	return d;
}
