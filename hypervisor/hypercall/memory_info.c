/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op: how much there is, and the map a guest is told.
 * Locking: domain.lock for the map.
 * Trust: the map is the toolstack's, kept and handed out as given; nothing here relies on it.
 */
#include "handlers.h"

#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#define MAP_ENTRIES_MAX 128u

int64_t op_memory_current_reservation(struct authz *az, void *arg, struct hypercall *hc)
{
	return (int64_t)authz_target(az)->tot_pages;
}

int64_t op_memory_maximum_reservation(struct authz *az, void *arg, struct hypercall *hc)
{
	return (int64_t)authz_target(az)->max_pages;
}

int64_t op_memory_maximum_gpfn(struct authz *az, void *arg, struct hypercall *hc)
{
	return (int64_t)authz_target(az)->p2m.max_gfn;
}

int64_t op_memory_maximum_ram_page(struct authz *az, void *arg, struct hypercall *hc)
{
	return (int64_t)frame_table_end - 1;
}

/* Nothing is ever shared between domains without their knowledge. */
int64_t op_memory_get_sharing_freed_pages(struct authz *az, void *arg, struct hypercall *hc)
{
	return 0;
}

int64_t op_memory_get_sharing_shared_pages(struct authz *az, void *arg, struct hypercall *hc)
{
	return 0;
}

static int64_t pod_report(const struct domain *d, struct xen_pod_target *op)
{
	op->tot_pages = d->tot_pages;
	op->pod_cache_pages = 0;
	op->pod_entries = 0;
	return 0;
}

/* No domain has memory on demand, so any target is met already. */
int64_t op_memory_set_pod_target(struct authz *az, void *arg, struct hypercall *hc)
{
	return pod_report(authz_target(az), arg);
}

int64_t op_memory_get_pod_target(struct authz *az, void *arg, struct hypercall *hc)
{
	return pod_report(authz_target(az), arg);
}

static uint32_t map_copy(struct domain *d, struct e820entry_like *map, uint32_t room)
{
	uint32_t n;

	spin_lock(&d->lock);
	n = d->e820_nr < room ? d->e820_nr : room;
	if (n)
		memcpy(map, d->e820, n * sizeof(*map));
	spin_unlock(&d->lock);
	return n;
}

int64_t op_memory_memory_map(struct authz *az, void *arg, struct hypercall *hc)
{
	struct e820entry_like map[MAP_ENTRIES_MAX];
	struct xen_memory_map *op = arg;
	struct domain *d = authz_self(az);

	if (d->e820_nr == 0)
		return -XEN_ENOSYS;
	op->nr_entries = map_copy(
		d, map, op->nr_entries < MAP_ENTRIES_MAX ? op->nr_entries : MAP_ENTRIES_MAX);
	return guest_copy_out(authz_vcpu(az), HANDLE_VA(op->buffer), map,
			      op->nr_entries * sizeof(map[0]));
}

int64_t op_memory_set_memory_map(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_foreign_memory_map *op = arg;
	struct domain *d = authz_target(az);
	struct e820entry_like *map, *old;
	size_t bytes;
	int rc;

	if (op->map.nr_entries == 0 || op->map.nr_entries > MAP_ENTRIES_MAX)
		return -XEN_EINVAL;
	bytes = op->map.nr_entries * sizeof(*map);
	map = heap_alloc(d, bytes);
	if (!map)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), map, HANDLE_VA(op->map.buffer), bytes);
	if (rc) {
		heap_free(d, map);
		return rc;
	}
	spin_lock(&d->lock);
	old = d->e820;
	d->e820 = map;
	d->e820_nr = op->map.nr_entries;
	spin_unlock(&d->lock);
	if (old)
		heap_free(d, old);
	return 0;
}
