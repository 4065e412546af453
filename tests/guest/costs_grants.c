/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what mapping, unmapping and copying of granted pages costs.
 * Locking: one vCPU. Trust: a guest.
 */
#include "costs.h"

#define SMALL_COPY 64u

static struct gnttab_map_grant_ref maps[COSTS_MANY];
static struct gnttab_unmap_grant_ref unmaps[COSTS_MANY];
static struct gnttab_copy copy_op;
static uint64_t map_gpa;
static domid_t owner;

static long map_unmap(unsigned int n)
{
	long rc;

	for (unsigned int i = 0; i < n; i++)
		maps[i] = (struct gnttab_map_grant_ref){
			.host_addr = map_gpa + i * PAGE_SIZE, .flags = GNTMAP_host_map, .ref = COSTS_REF + i, .dom = owner,
		};
	rc = hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, maps, n);
	for (unsigned int i = 0; i < n; i++)
		unmaps[i] = (struct gnttab_unmap_grant_ref){ .host_addr = maps[i].host_addr, .handle = maps[i].handle };
	rc |= hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, unmaps, n);
	return rc | maps[n - 1].status | unmaps[n - 1].status;
}

static long cost_map(void)
{
	return map_unmap(1);
}

static long cost_map_many(void)
{
	return map_unmap(COSTS_MANY);
}

static long cost_copy(void)
{
	return hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy_op, 1) | copy_op.status;
}

static int measure(const char *name, const char *suffix, long (*once)(void))
{
	static char text[64];
	size_t len = strlen(name);

	memcpy(text, name, len);
	memcpy(text + len, suffix, strlen(suffix) + 1);
	return costs_measure(text, once, 0);
}

int costs_grants(domid_t granter, const char *suffix)
{
	int line;

	owner = granter;
	map_gpa = scratch_gpa(COSTS_MANY);
	copy_op = (struct gnttab_copy){ .flags = GNTCOPY_source_gref, .len = SMALL_COPY };
	copy_op.source.u.ref = COSTS_REF;
	copy_op.source.domid = granter;
	copy_op.dest.u.gmfn = gfn_of(page_alloc(1));
	copy_op.dest.domid = DOMID_SELF;
	/* Xen maps a PVH dom0's own page once; its copy to itself it refuses. */
	if (cost_map() != 0 || cost_map() != 0)
		return 0;
	line = measure("grant-map-unmap", suffix, cost_map);
	line = line ? line : measure("grant-map-unmap-32", suffix, cost_map_many);
	if (line || cost_copy() != GNTST_okay)
		return line;
	line = measure("grant-copy-64", suffix, cost_copy);
	copy_op.len = PAGE_SIZE;
	return line ? line : measure("grant-copy-4096", suffix, cost_copy);
}
