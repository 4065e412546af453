/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables: who may map what, what keeps a page alive, and what a hostile granter or mapper gains (nothing).
 * Locking: the last test runs two CPUs. Trust: tests only.
 */
#include "guestcalls.h"

#include <pthread.h>

#include <hv/mm.h>
#include <xen/memory.h>

#define GRANTED_GFN 5u		/* of the granter */
#define MAP_GFN 0x50000u	/* of the mapper: no RAM there */
#define REF 8u

struct sides {
	struct domain *granter, *mapper;
	uint32_t granter_refs, mapper_refs;
	struct grant_entry_v1 *table;
};

static struct grant_entry_v1 *table_of(struct domain *d)
{
	mfn_t mfn = grant_frame_get(d, 0, false);
	struct grant_entry_v1 *table = hosted_mfn_va(mfn);

	frame_put(mfn);
	return table;
}

static int setup(void **state)
{
	static struct sides s;

	hosted_machine_init();
	s.granter = hosted_domain(1, TENANT_1, 16, 1);
	s.mapper = hosted_domain(2, TENANT_1, 16, 1);
	s.granter_refs = refcount_read(&s.granter->refs);
	s.mapper_refs = refcount_read(&s.mapper->refs);
	s.table = table_of(s.granter);
	*state = &s;
	return 0;
}

static void grant(struct sides *s, grant_ref_t ref, domid_t to, gfn_t gfn, uint16_t flags)
{
	s->table[ref] = (struct grant_entry_v1){ .flags = flags, .domid = to, .frame = (uint32_t)gfn };
}

static struct gnttab_map_grant_ref map_flags(struct domain *d, domid_t from, grant_ref_t ref, gfn_t gfn, uint32_t flags)
{
	struct gnttab_map_grant_ref op = { .host_addr = gfn << PAGE_SHIFT, .flags = flags, .ref = ref, .dom = from, .status = 77 };

	assert_int_equal(guest_call(d, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	return op;
}

static struct gnttab_map_grant_ref map(struct domain *d, domid_t from, grant_ref_t ref, gfn_t gfn)
{
	return map_flags(d, from, ref, gfn, GNTMAP_host_map);
}

static int16_t unmap(struct domain *d, grant_handle_t handle, gfn_t gfn)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = gfn << PAGE_SHIFT, .handle = handle, .status = 77 };

	assert_int_equal(guest_call(d, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

static void test_map_and_unmap(void **state)
{
	struct sides *s = *state;
	struct gnttab_map_grant_ref op;
	struct xen_remove_from_physmap take = { .domid = DOMID_SELF, .gpfn = MAP_GFN };
	uint32_t magic = 0x600dcafe, seen = 0;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	op = map(s->mapper, 1, REF, MAP_GFN);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(op.dev_bus_addr, 0);
	assert_int_equal(s->table[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
	hosted_write(s->mapper, (gpa_t)MAP_GFN << PAGE_SHIFT, &magic, sizeof(magic));
	hosted_read(s->granter, (gpa_t)GRANTED_GFN << PAGE_SHIFT, &seen, sizeof(seen));
	assert_int_equal(seen, magic);
	/* It goes by its handle alone. */
	assert_int_equal(guest_call(s->mapper, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &take, sizeof(take)), -XEN_EINVAL);
	assert_int_equal(p2m_lookup(s->mapper, MAP_GFN).type, P2M_GRANT);
	assert_int_equal(unmap(s->mapper, op.handle, MAP_GFN), GNTST_okay);
	assert_int_equal(s->table[REF].flags, GTF_permit_access);
	assert_int_equal(p2m_lookup(s->mapper, MAP_GFN).type, P2M_INVALID);
	assert_int_equal(unmap(s->mapper, op.handle, MAP_GFN), GNTST_bad_handle);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
}

static void test_readonly(void **state)
{
	struct sides *s = *state;
	struct gnttab_map_grant_ref op;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access | GTF_readonly);
	assert_int_equal(map(s->mapper, 1, REF, MAP_GFN).status, GNTST_general_error);
	op = map_flags(s->mapper, 1, REF, MAP_GFN, GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(p2m_lookup(s->mapper, MAP_GFN).type, P2M_GRANT_RO);
	assert_int_equal(s->table[REF].flags, GTF_permit_access | GTF_readonly | GTF_reading);
	/* Lifting the mark afterwards lets a writer in beside the reader; the bits follow who is left. */
	s->table[REF].flags &= (uint16_t)~GTF_readonly;
	assert_int_equal(map(s->mapper, 1, REF, MAP_GFN + 1).status, GNTST_okay);
	assert_int_equal(unmap(s->mapper, op.handle, MAP_GFN), GNTST_okay);
	assert_int_equal(s->table[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
}

static void test_what_is_refused(void **state)
{
	struct sides *s = *state;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	grant(s, REF + 1, 3, GRANTED_GFN, GTF_permit_access);
	grant(s, REF + 2, 2, GRANTED_GFN, GTF_invalid);
	grant(s, REF + 3, 2, GRANTED_GFN, GTF_accept_transfer);
	grant(s, REF + 4, 2, GRANTED_GFN, GTF_transitive);
	grant(s, REF + 5, 2, GRANTED_GFN, GTF_permit_access | GTF_sub_page);
	grant(s, REF + 6, 2, 0x700000, GTF_permit_access);
	for (grant_ref_t i = 1; i <= 5; i++)
		assert_int_equal(map(s->mapper, 1, REF + i, MAP_GFN).status, GNTST_general_error);
	assert_int_equal(map(s->mapper, 1, REF + 6, MAP_GFN).status, GNTST_bad_page);
	assert_int_equal(s->table[REF + 6].flags, GTF_permit_access);
	assert_int_equal(map(s->mapper, 1, 512, MAP_GFN).status, GNTST_bad_gntref);
	assert_int_equal(map(s->mapper, 1, UINT32_MAX, MAP_GFN).status, GNTST_bad_gntref);
	assert_int_equal(map(s->mapper, 55, REF, MAP_GFN).status, GNTST_bad_domain);
	assert_int_equal(map_flags(s->mapper, 1, REF, MAP_GFN, 0).status, GNTST_bad_gntref);
	assert_int_equal(map_flags(s->mapper, 1, REF, MAP_GFN, GNTMAP_host_map | GNTMAP_device_map).status, GNTST_general_error);
	assert_int_equal(map_flags(s->mapper, 1, REF, MAP_GFN, GNTMAP_host_map | GNTMAP_contains_pte).status, GNTST_general_error);
	assert_int_equal(map(s->mapper, 1, REF, (gfn_t)1 << 45).status, GNTST_bad_virt_addr);
	assert_int_equal(s->table[REF].flags, GTF_permit_access);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
}

static void test_tenants_are_apart(void **state)
{
	struct sides *s = *state;
	struct domain *c = hosted_domain(OTHER_TENANT, TENANT_2, 16, 1);

	grant(s, REF, OTHER_TENANT, GRANTED_GFN, GTF_permit_access);
	assert_int_equal(map(c, 1, REF, MAP_GFN).status, GNTST_permission_denied);
	assert_int_equal(map_flags(c, 1, REF, MAP_GFN, GNTMAP_host_map | GNTMAP_readonly).status, GNTST_permission_denied);
	assert_int_equal(s->table[REF].flags, GTF_permit_access);
	hosted_domain_kill(c);
}

/* What is mapped cannot be granted on to a third. */
static void test_no_granting_on(void **state)
{
	struct sides *s = *state;
	struct grant_entry_v1 *table = table_of(s->mapper);

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	assert_int_equal(map(s->mapper, 1, REF, MAP_GFN).status, GNTST_okay);
	table[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 1, .frame = MAP_GFN };
	assert_int_equal(map(s->granter, 2, REF, MAP_GFN).status, GNTST_bad_page);
}

static int64_t give_up_page(struct domain *d, gfn_t gfn)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = gfn };

	return guest_call(d, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op, sizeof(op));
}

static void test_page_outlives_granter_entry(void **state)
{
	struct sides *s = *state;
	uint64_t before = guest_pages_free();
	uint32_t magic = 0xfeedface, seen = 0;
	struct gnttab_map_grant_ref op;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	hosted_write(s->granter, (gpa_t)GRANTED_GFN << PAGE_SHIFT, &magic, sizeof(magic));
	op = map(s->mapper, 1, REF, MAP_GFN);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(give_up_page(s->granter, GRANTED_GFN), 0);
	s->table[REF].frame = 1;	/* and points the entry elsewhere */
	assert_int_equal(guest_pages_free(), before);
	hosted_read(s->mapper, (gpa_t)MAP_GFN << PAGE_SHIFT, &seen, sizeof(seen));
	assert_int_equal(seen, magic);
	/* A second mapping is of the same page, not of what the entry says now. */
	assert_int_equal(map(s->mapper, 1, REF, MAP_GFN + 1).status, GNTST_okay);
	assert_int_equal(p2m_lookup(s->mapper, MAP_GFN + 1).mfn, p2m_lookup(s->mapper, MAP_GFN).mfn);
	assert_int_equal(unmap(s->mapper, op.handle, MAP_GFN), GNTST_okay);
	assert_int_equal(guest_pages_free(), before);
	assert_int_equal(unmap(s->mapper, op.handle + 1, MAP_GFN + 1), GNTST_okay);
	assert_int_equal(guest_pages_free(), before + 1);
}

/* The mapper overwrites its own mapping; the handle still lets go, and nothing of the new page. */
static void test_mapping_replaced(void **state)
{
	struct sides *s = *state;
	struct gnttab_map_grant_ref a, b;
	mfn_t page;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	grant(s, REF + 1, 2, GRANTED_GFN + 1, GTF_permit_access);
	a = map(s->mapper, 1, REF, MAP_GFN);
	b = map(s->mapper, 1, REF + 1, MAP_GFN);
	assert_int_equal(b.status, GNTST_okay);
	page = p2m_lookup(s->mapper, MAP_GFN).mfn;
	assert_int_equal(unmap(s->mapper, a.handle, MAP_GFN), GNTST_okay);
	assert_int_equal(p2m_lookup(s->mapper, MAP_GFN).mfn, page);
	assert_int_equal(s->table[REF].flags, GTF_permit_access);
	assert_int_equal(s->table[REF + 1].flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(unmap(s->mapper, b.handle, MAP_GFN), GNTST_okay);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
}

/* Mapping over RAM gives that page back to the machine. */
static void test_map_over_ram(void **state)
{
	struct sides *s = *state;
	uint64_t before = guest_pages_free();

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	assert_int_equal(map(s->mapper, 1, REF, 7).status, GNTST_okay);
	assert_int_equal(guest_pages_free(), before + 1);
}

static void test_handles(void **state)
{
	static const grant_handle_t bad[] = { 1, 127, 128, 0x7fffffff, UINT32_MAX };
	struct sides *s = *state;
	struct gnttab_map_grant_ref op;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	op = map(s->mapper, 1, REF, MAP_GFN);
	assert_int_equal(op.handle, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(unmap(s->mapper, bad[i], MAP_GFN), GNTST_bad_handle);
	assert_int_equal(unmap(s->mapper, 0, MAP_GFN + 1), GNTST_bad_virt_addr);
	assert_int_equal(unmap(s->granter, 0, MAP_GFN), GNTST_bad_handle);
	assert_int_equal(unmap(s->mapper, 0, MAP_GFN), GNTST_okay);
}

static void test_batch_flushes_once(void **state)
{
	struct sides *s = *state;
	struct gnttab_unmap_grant_ref ops[40] = { 0 };
	unsigned int flushes;

	for (unsigned int i = 0; i < 40; i++) {
		grant(s, REF + i, 2, GRANTED_GFN, GTF_permit_access);
		ops[i].handle = map(s->mapper, 1, REF + i, MAP_GFN + i).handle;
		ops[i].host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT;
	}
	ops[3].handle = 9999;
	ops[7] = ops[6];
	hosted_write(s->mapper, ARG_GPA, ops, sizeof(ops));
	flushes = hosted_flushes();
	assert_int_equal(hosted_hypercall(s->mapper, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, ARG_GPA, 40, 0, 0), 0);
	assert_int_equal(hosted_flushes() - flushes, 2);	/* 32 + 8 */
	hosted_read(s->mapper, ARG_GPA, ops, sizeof(ops));
	for (unsigned int i = 0; i < 40; i++)
		assert_int_equal(ops[i].status, i == 3 || i == 7 ? GNTST_bad_handle : GNTST_okay);
}

static void test_map_array(void **state)
{
	struct sides *s = *state;
	struct gnttab_map_grant_ref ops[50] = { 0 };

	for (unsigned int i = 0; i < 50; i++) {
		grant(s, REF + i, 2, GRANTED_GFN, GTF_permit_access);
		ops[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT, .flags = GNTMAP_host_map,
							.ref = REF + i, .dom = i % 10 ? 1 : 88, .status = 77 };
	}
	hosted_write(s->mapper, ARG_GPA, ops, sizeof(ops));
	assert_int_equal(hosted_hypercall(s->mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, ARG_GPA, 50, 0, 0), 0);
	hosted_read(s->mapper, ARG_GPA, ops, sizeof(ops));
	for (unsigned int i = 0; i < 50; i++)
		assert_int_equal(ops[i].status, i % 10 ? GNTST_okay : GNTST_bad_domain);
	assert_int_equal(hosted_hypercall(s->mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, ARG_GPA, 0x80000000u, 0, 0),
			 -XEN_EINVAL);
	assert_int_equal(hosted_hypercall(s->mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0x70000000u, 3, 0, 0), -XEN_EFAULT);
}

/* What one element was allowed says nothing about its neighbours. */
static void test_each_element_is_asked_for(void **state)
{
	static const int16_t expected[] = { GNTST_okay, GNTST_permission_denied, GNTST_okay, GNTST_bad_domain, GNTST_okay };
	static const domid_t from[] = { 1, OTHER_TENANT, 1, 88, 1 };
	struct sides *s = *state;
	struct domain *c = hosted_domain(OTHER_TENANT, TENANT_2, 16, 1);
	struct gnttab_map_grant_ref ops[5] = { 0 };
	uint32_t refs = refcount_read(&s->granter->refs);

	for (unsigned int i = 0; i < 5; i++) {
		grant(s, REF + i, 2, GRANTED_GFN, GTF_permit_access);
		table_of(c)[REF + i] = s->table[REF + i];
		ops[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT, .flags = GNTMAP_host_map,
							.ref = REF + i, .dom = from[i], .status = 77 };
	}
	hosted_write(s->mapper, ARG_GPA, ops, sizeof(ops));
	assert_int_equal(hosted_hypercall(s->mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, ARG_GPA, 5, 0, 0), 0);
	hosted_read(s->mapper, ARG_GPA, ops, sizeof(ops));
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(ops[i].status, expected[i]);
	assert_int_equal(table_of(c)[REF + 1].flags, GTF_permit_access);
	assert_int_equal(refcount_read(&s->granter->refs), refs + 3);	/* the mappings' */
	hosted_domain_kill(c);
}

static void test_maptrack_limit(void **state)
{
	struct domain *d = hosted_domain(4, TENANT_1, 16, 1);
	struct sides *s = *state;
	unsigned int n = 64 * 256;

	grant(s, REF, 4, GRANTED_GFN, GTF_permit_access);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(map(d, 1, REF, MAP_GFN).status, GNTST_okay);
	assert_int_equal(map(d, 1, REF, MAP_GFN).status, GNTST_no_device_space);
	assert_int_equal(unmap(d, 123, MAP_GFN), GNTST_okay);
	assert_int_equal(map(d, 1, REF, MAP_GFN).handle, 123);
	hosted_domain_kill(d);
	assert_int_equal(s->table[REF].flags, GTF_permit_access);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
}

static void test_mapper_dies(void **state)
{
	struct sides *s = *state;
	uint64_t before = guest_pages_free();

	for (unsigned int i = 0; i < 200; i++) {
		grant(s, REF + i, 2, GRANTED_GFN + i % 4, GTF_permit_access);
		assert_int_equal(map(s->mapper, 1, REF + i, MAP_GFN + i).status, GNTST_okay);
	}
	hosted_domain_kill(s->mapper);
	for (unsigned int i = 0; i < 200; i++)
		assert_int_equal(s->table[REF + i].flags, GTF_permit_access);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
	assert_true(guest_pages_free() >= before + 16);
}

static void test_granter_dies(void **state)
{
	struct sides *s = *state;
	uint64_t before = guest_pages_free();
	uint32_t magic = 0x1eaf1e55, seen = 0;
	struct gnttab_map_grant_ref op;

	grant(s, REF, 2, GRANTED_GFN, GTF_permit_access);
	hosted_write(s->granter, (gpa_t)GRANTED_GFN << PAGE_SHIFT, &magic, sizeof(magic));
	op = map(s->mapper, 1, REF, MAP_GFN);
	hosted_domain_kill(s->granter);
	hosted_read(s->mapper, (gpa_t)MAP_GFN << PAGE_SHIFT, &seen, sizeof(seen));
	assert_int_equal(seen, magic);
	assert_int_equal(guest_pages_free(), before + 15);
	/* A mapper that lets go late: refused nothing, and the last page comes back. */
	(void)unmap(s->mapper, op.handle, MAP_GFN);
	hosted_domain_kill(s->mapper);
	assert_int_equal(guest_pages_free(), before + 32);
}

static int64_t copy(struct domain *d, struct gnttab_copy *op)
{
	assert_int_equal(guest_call(d, __HYPERVISOR_grant_table_op, GNTTABOP_copy, op, sizeof(*op)), 0);
	return op->status;
}

static void test_copy(void **state)
{
	struct sides *s = *state;
	struct domain *control = hosted_domain(0, CONTROL, 16, 1);
	struct gnttab_copy op = { .source = { .u.ref = REF, .domid = 1, .offset = 8 }, .dest = { .u.gmfn = 9, .domid = DOMID_SELF, .offset = 16 },
				  .len = 4, .flags = GNTCOPY_source_gref };
	uint32_t magic = 0xbadc0de, seen = 0;

	grant(s, REF, 0, GRANTED_GFN, GTF_permit_access | GTF_readonly);
	hosted_write(s->granter, ((gpa_t)GRANTED_GFN << PAGE_SHIFT) + 8, &magic, sizeof(magic));
	assert_int_equal(copy(control, &op), GNTST_okay);
	hosted_read(control, 0x9010, &seen, sizeof(seen));
	assert_int_equal(seen, magic);
	assert_int_equal(s->table[REF].flags, GTF_permit_access | GTF_readonly);
	/* Into a read-only grant: no. Into a writable one: yes. */
	op = (struct gnttab_copy){ .source = { .u.gmfn = 9, .domid = DOMID_SELF, .offset = 16 }, .dest = { .u.ref = REF, .domid = 1, .offset = 4092 },
				   .len = 4, .flags = GNTCOPY_dest_gref };
	assert_int_equal(copy(control, &op), GNTST_general_error);
	grant(s, REF, 0, GRANTED_GFN, GTF_permit_access);
	assert_int_equal(copy(control, &op), GNTST_okay);
	hosted_read(s->granter, ((gpa_t)GRANTED_GFN << PAGE_SHIFT) + 4092, &seen, sizeof(seen));
	assert_int_equal(seen, magic);
	op.len = 5;
	assert_int_equal(copy(control, &op), GNTST_bad_copy_arg);
	op = (struct gnttab_copy){ .source = { .u.gmfn = 9, .domid = 1 }, .dest = { .u.gmfn = 9, .domid = DOMID_SELF }, .len = 4 };
	assert_int_equal(copy(control, &op), GNTST_permission_denied);
	op.source.domid = DOMID_SELF;
	assert_int_equal(copy(control, &op), GNTST_okay);
	op.dest.domid = control->id;	/* as on Xen: by frame number it is DOMID_SELF or nothing */
	assert_int_equal(copy(control, &op), GNTST_permission_denied);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
}

/* Each offset with each length, on both sides: what does not lie within one page is refused, and nothing beside the page is written. */
static void test_copy_bounds(void **state)
{
	static const uint16_t at[] = { 0, 1, 0xfff, 0x1000, 0x1001, 0x7fff, 0x8000, 0xf000, 0xfffe, 0xffff };
	struct sides *s = *state;
	struct domain *control = hosted_domain(0, CONTROL, 16, 1);
	struct gnttab_copy op = { .source = { .u.gmfn = 8, .domid = DOMID_SELF }, .dest = { .u.ref = REF, .domid = 1 }, .flags = GNTCOPY_dest_gref };

	grant(s, REF, 0, GRANTED_GFN, GTF_permit_access);
	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(at); k++) {
			int16_t want = (uint32_t)at[i] + at[k] <= PAGE_SIZE ? GNTST_okay : GNTST_bad_copy_arg;

			op.len = at[k];
			op.dest.offset = at[i];
			op.source.offset = 0;
			assert_int_equal(copy(control, &op), at[k] > PAGE_SIZE ? GNTST_bad_copy_arg : want);
			op.dest.offset = 0;
			op.source.offset = at[i];
			assert_int_equal(copy(control, &op), at[k] > PAGE_SIZE ? GNTST_bad_copy_arg : want);
		}
}

/* The last frame that a domain may have, and the one behind it, by each way to a frame. */
static void test_table_ends(void **state)
{
	struct sides *s = *state;
	uint32_t max = grant_max_frames(s->granter);
	mfn_t last = grant_frame_get(s->granter, max - 1, true);

	assert_int_not_equal(last, MFN_INVALID);
	frame_put(last);
	for (uint32_t idx = max; idx; idx *= 2)
		for (unsigned int grow = 0; grow < 2; grow++) {
			assert_int_equal(grant_frame_get(s->granter, idx, grow), MFN_INVALID);
			assert_int_equal(grant_frame_get(s->granter, idx + 1, grow), MFN_INVALID);
		}
	assert_int_equal(grant_nr_frames(s->granter), max);
}

static void test_table_size(void **state)
{
	struct sides *s = *state;
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_setup_table t = { .dom = DOMID_SELF, .nr_frames = 4 };
	struct gnttab_set_version v = { .version = 1 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };
	mfn_t mfn;

	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q)), 0);
	assert_int_equal(q.nr_frames, 1);
	assert_int_equal(q.max_nr_frames, 64);
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &t, sizeof(t)), 0);
	assert_int_equal(t.status, GNTST_okay);
	assert_int_equal(grant_nr_frames(s->granter), 4);
	t.nr_frames = 65;
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &t, sizeof(t)), 0);
	assert_int_equal(t.status, GNTST_general_error);
	assert_true(grant_frame_get(s->granter, 9, false) == MFN_INVALID);
	mfn = grant_frame_get(s->granter, 9, true);
	assert_true(mfn != MFN_INVALID);
	frame_put(mfn);
	assert_int_equal(grant_nr_frames(s->granter), 10);
	assert_true(grant_frame_get(s->granter, 64, true) == MFN_INVALID);
	assert_true(grant_frame_get(s->granter, UINT32_MAX, true) == MFN_INVALID);
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &v, sizeof(v)), 0);
	v.version = 2;
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &v, sizeof(v)), -XEN_ENOSYS);
	v.version = 3;
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &v, sizeof(v)), -XEN_EINVAL);
	assert_int_equal(guest_call(s->granter, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), 0);
	assert_int_equal(g.version, 1);
}

static _Atomic bool stop;

/* The granter's other CPU rewrites the entry without pause. */
static void *rewrite(void *data)
{
	struct sides *s = data;
	uint32_t *word = (uint32_t *)&s->table[REF];

	for (uint32_t i = 0; !stop; i++) {
		__atomic_store_n(word, (i & 4 ? 2u : 3u) << 16 | (i & 1 ? GTF_permit_access : GTF_invalid) | (i & 2 ? GTF_readonly : 0),
				 __ATOMIC_SEQ_CST);
		__atomic_store_n(&s->table[REF].frame, i & 8 ? GRANTED_GFN : i, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void test_racing_granter(void **state)
{
	struct sides *s = *state;
	pthread_t t;

	stop = false;
	assert_int_equal(pthread_create(&t, NULL, rewrite, s), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		struct gnttab_map_grant_ref op = map_flags(s->mapper, 1, REF, MAP_GFN, GNTMAP_host_map | (i & 1 ? GNTMAP_readonly : 0));

		assert_true(op.status == GNTST_okay || op.status == GNTST_general_error || op.status == GNTST_bad_page);
		if (op.status == GNTST_okay)
			assert_int_equal(unmap(s->mapper, op.handle, MAP_GFN), GNTST_okay);
	}
	stop = true;
	pthread_join(t, NULL);
	assert_int_equal(refcount_read(&s->granter->refs), s->granter_refs);
	hosted_domain_kill(s->mapper);
	hosted_domain_kill(s->granter);
}

#define ROUNDS 2000

struct racer {
	struct domain *self, *other;
	unsigned int cpu;
};

static void *map_race(void *data)
{
	const struct racer *r = data;

	hosted_cpu_set(r->cpu);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		(void)map(r->self, r->other->id, REF + i % 3, MAP_GFN + i % 5);
		(void)unmap(r->self, i % 7, MAP_GFN + i * 3 % 5);
	}
	return NULL;
}

/* Each maps the other's pages: locks in both orders. */
static void test_mappers_race(void **state)
{
	struct sides *s = *state;
	struct racer a = { s->granter, s->mapper, 0 }, b = { s->mapper, s->granter, 1 };
	struct grant_entry_v1 *other = table_of(s->mapper);
	pthread_t t;

	for (unsigned int i = 0; i < 3; i++) {
		grant(s, REF + i, 2, GRANTED_GFN + i, GTF_permit_access);
		other[REF + i] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 1, .frame = GRANTED_GFN + i };
	}
	assert_int_equal(pthread_create(&t, NULL, map_race, &b), 0);
	map_race(&a);
	pthread_join(t, NULL);
	cpus[1].current = NULL;
	s->mapper->vcpu[0]->running = false;
	hosted_domain_kill(s->mapper);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(s->table[REF + i].flags, GTF_permit_access);
	hosted_domain_kill(s->granter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_map_and_unmap, setup),
		cmocka_unit_test_setup(test_readonly, setup),
		cmocka_unit_test_setup(test_what_is_refused, setup),
		cmocka_unit_test_setup(test_tenants_are_apart, setup),
		cmocka_unit_test_setup(test_no_granting_on, setup),
		cmocka_unit_test_setup(test_page_outlives_granter_entry, setup),
		cmocka_unit_test_setup(test_mapping_replaced, setup),
		cmocka_unit_test_setup(test_map_over_ram, setup),
		cmocka_unit_test_setup(test_handles, setup),
		cmocka_unit_test_setup(test_batch_flushes_once, setup),
		cmocka_unit_test_setup(test_map_array, setup),
		cmocka_unit_test_setup(test_each_element_is_asked_for, setup),
		cmocka_unit_test_setup(test_maptrack_limit, setup),
		cmocka_unit_test_setup(test_mapper_dies, setup),
		cmocka_unit_test_setup(test_granter_dies, setup),
		cmocka_unit_test_setup(test_copy, setup),
		cmocka_unit_test_setup(test_copy_bounds, setup),
		cmocka_unit_test_setup(test_table_ends, setup),
		cmocka_unit_test_setup(test_table_size, setup),
		cmocka_unit_test_setup(test_racing_granter, setup),
		cmocka_unit_test_setup(test_mappers_race, setup),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}
