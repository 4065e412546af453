/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domain 0's memory: how much, and filling its p2m.
 * Locking: boot CPU only; the allocator's and p2m's own inside. Trust: sizes are the operator's.
 */
#include "pvh_private.h"

#include <hv/mm.h>

#define RESERVE_SHARE	16u			/* by default one part in so many is left for guests, */
#define RESERVE_MAX	(128ull << 20)		/* but not more than this */
#define ORDER_4K	0u
#define ORDER_2M	9u
#define ORDER_1G	18u

uint64_t pvh_memory_choose(uint64_t asked)
{
	uint64_t available = guest_pages_free() << PAGE_SHIFT;
	uint64_t reserve = available / RESERVE_SHARE < RESERVE_MAX ? available / RESERVE_SHARE : RESERVE_MAX;

	if (available <= PVH_ACPI_BYTES)
		return 0;
	available -= PVH_ACPI_BYTES;
	if (asked)
		return asked > available ? 0 : asked & PAGE_MASK;
	return (available - reserve) & PAGE_MASK;
}

static unsigned int order_below(unsigned int order)
{
	return order == ORDER_1G ? ORDER_2M : ORDER_4K;
}

static unsigned int order_for(gfn_t gfn, uint64_t pages, unsigned int largest)
{
	unsigned int order = largest;

	while (order && ((gfn & ((1ull << order) - 1)) || pages < 1ull << order))
		order = order_below(order);
	return order;
}

static void frames_give_back(mfn_t first, unsigned int order)
{
	for (uint64_t i = 0; i < 1ull << order; i++)
		frame_put(first + i);
}

int pvh_populate(struct domain *d, gpa_t start, uint64_t bytes)
{
	gfn_t gfn = start >> PAGE_SHIFT;
	uint64_t pages = bytes >> PAGE_SHIFT;
	unsigned int largest = ORDER_1G;

	while (pages) {
		unsigned int order = order_for(gfn, pages, largest);
		mfn_t mfn;
		int rc = guest_frames_alloc(d, order, &mfn);

		if (rc && order) {		/* no block that large: do not ask again */
			largest = order_below(order);
			continue;
		}
		if (rc)
			return rc;
		rc = p2m_set(d, gfn, mfn, P2M_RAM, order);
		if (rc) {
			frames_give_back(mfn, order);
			return rc;
		}
		gfn += 1ull << order;
		pages -= 1ull << order;
	}
	return 0;
}
