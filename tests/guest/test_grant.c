/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: grants of a domain to itself: map, unmap, copy, and what must fail.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"

#include <xen/grant_table.h>

#define REF	8u
#define BAD_REF	300u
#define TEXT	0x5261766c696e2021ull

static struct grant_entry_v1 *entries;

static long grant_op(unsigned int cmd, void *op)
{
	return hypercall3(__HYPERVISOR_grant_table_op, cmd, op, 1);
}

static int table_map(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .idx = 0 };
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	uint64_t gpa = scratch_gpa(1);

	CHECK_OK(grant_op(GNTTABOP_query_size, &q));
	CHECK_EQ(q.status, GNTST_okay);
	CHECK(q.max_nr_frames >= 1);
	x.gpfn = gpa >> PAGE_SHIFT;
	CHECK_OK(hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x));
	entries = (struct grant_entry_v1 *)gpa;
	return 0;
}

static int map_and_unmap(volatile uint64_t *page, uint32_t flags)
{
	struct gnttab_map_grant_ref m = { .host_addr = scratch_gpa(1), .flags = GNTMAP_host_map | flags, .ref = REF, .dom = own_domid() };
	struct gnttab_unmap_grant_ref u = { .host_addr = m.host_addr };
	volatile uint64_t *mapped = (volatile uint64_t *)m.host_addr;

	*page = TEXT;
	CHECK_OK(grant_op(GNTTABOP_map_grant_ref, &m));
	CHECK_EQ(m.status, GNTST_okay);
	CHECK(*mapped == TEXT);
	CHECK(entries[REF].flags & GTF_reading);
	if (!(flags & GNTMAP_readonly)) {
		*mapped = ~TEXT;
		CHECK(*page == ~TEXT);
	}
	u.handle = m.handle;
	CHECK_OK(grant_op(GNTTABOP_unmap_grant_ref, &u));
	CHECK_EQ(u.status, GNTST_okay);
	CHECK_EQ(entries[REF].flags, GTF_permit_access);
	CHECK_OK(grant_op(GNTTABOP_unmap_grant_ref, &u));	/* a second time */
	CHECK_EQ(u.status, GNTST_bad_handle);
	return 0;
}

static int copy(uint64_t *page)
{
	uint64_t *to = page_alloc(1);
	struct gnttab_copy c = { .flags = GNTCOPY_source_gref, .len = 64 };

	*page = TEXT;
	c.source.u.ref = REF;
	c.source.domid = own_domid();
	c.dest.u.gmfn = gfn_of(to);
	c.dest.domid = DOMID_SELF;
	CHECK_OK(grant_op(GNTTABOP_copy, &c));
	CHECK_EQ(c.status, GNTST_okay);
	CHECK(*to == TEXT);
	c.len = 4096;
	c.source.offset = 64;
	CHECK_OK(grant_op(GNTTABOP_copy, &c));
	CHECK(c.status != GNTST_okay);
	return 0;
}

static int failures(void)
{
	struct gnttab_map_grant_ref m = { .host_addr = scratch_gpa(1), .flags = GNTMAP_host_map, .ref = BAD_REF, .dom = own_domid() };

	CHECK_OK(grant_op(GNTTABOP_map_grant_ref, &m));
	CHECK(m.status < 0);
	m.ref = 0xffffffff;
	CHECK_OK(grant_op(GNTTABOP_map_grant_ref, &m));
	CHECK_EQ(m.status, GNTST_bad_gntref);
	m.dom = 0x7fef;
	CHECK_OK(grant_op(GNTTABOP_map_grant_ref, &m));
	CHECK_EQ(m.status, GNTST_bad_domain);
	return 0;
}

int test_grant(void)
{
	void *page = page_alloc(1);
	int line = table_map();

	if (line)
		return line;
	entries[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = own_domid(), .frame = (uint32_t)gfn_of(page) };
	line = map_and_unmap(page, 0);
	line = line ? line : map_and_unmap(page, GNTMAP_readonly);
	line = line ? line : copy(page);
	line = line ? line : failures();
	entries[REF].flags = 0;
	return line;
}
