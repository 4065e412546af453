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
	uint64_t taken[WORDS];		/* numbers in use */
	struct domain *domain[IDS];	/* NULL: it cannot be found (any more, or yet) */
} table;

uint32_t domain_count;

void domain_table_init(void)
{
	memset(&table, 0, sizeof(table));
	spin_lock_init(&table.lock);
	domain_count = 0;
}

/* First number >= from that is taken, or is not; IDS if there is none. */
static uint32_t id_find(uint32_t from, bool taken)
{
	for (uint32_t w = from / 64; w < WORDS; w++) {
		uint64_t word = taken ? table.taken[w] : ~table.taken[w];

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
	uint32_t id = id_find(table.rover + 1, false);

	if (id == IDS)
		id = id_find(1, false);
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
	else if (table.taken[n / 64] >> (n % 64) & 1)
		rc = -XEN_EEXIST;
	else
		table.taken[n / 64] |= (uint64_t)1 << (n % 64);
	spin_unlock(&table.lock);
	*id = (domid_t)n;
	return rc;
}

void domain_table_publish(struct domain *d)
{
	spin_lock(&table.lock);
	table.domain[d->id] = d;
	domain_count++;
	spin_unlock(&table.lock);
}

void domain_table_remove(struct domain *d)
{
	spin_lock(&table.lock);
	domain_count -= table.domain[d->id] != NULL;
	table.domain[d->id] = NULL;
	table.taken[d->id / 64] &= ~((uint64_t)1 << (d->id % 64));
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
	if (table.domain[n] && domain_get(table.domain[n]))
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
	for (n = id_find(n, true); n < IDS; n = id_find(n + 1, true)) {
		if (table.domain[n] && domain_get(table.domain[n])) {
			d = table.domain[n];
			break;
		}
	}
	spin_unlock(&table.lock);
	return d;
}
