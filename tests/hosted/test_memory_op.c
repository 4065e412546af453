/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op as a guest and as the control domain call it: counts, limits, what is mapped where, and
 * what comes back. Locking: none. Trust: tests only.
 */
#include "guestcalls.h"
#include "invariants.h"

#include <hv/foreign.h>
#include <hv/sweep.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <xen/memory.h>

#define LIST_GPA 0x2000u
#define ERRS_GPA 0x3000u
#define GUEST_BUILD "system_u:system_r:guest_build_t:s0:c1"

/* `guest` is under construction and does nothing itself; `running` runs. */
static struct domain *control, *guest, *running;
static mfn_t leaving = MFN_INVALID;
static bool forgotten;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(0, CONTROL, 32, 1);
	guest = hosted_domain(1, GUEST_BUILD, 32, 1);
	running = hosted_domain(2, TENANT_1, 32, 1);
	return 0;
}

static int64_t reservation(struct domain *d, unsigned int cmd, domid_t domid, const xen_pfn_t *gfns,
			   unsigned long n, unsigned int order)
{
	struct xen_memory_reservation op = { .nr_extents = n,
					     .extent_order = order,
					     .domid = domid };

	op.extent_start.p = (xen_pfn_t *)(uintptr_t)(gfns ? LIST_GPA : 0);
	if (gfns)
		hosted_write(d, LIST_GPA, gfns, (n < 3 ? n : 1) * sizeof(*gfns));
	return guest_call(d, __HYPERVISOR_memory_op, cmd, &op, sizeof(op));
}

static void test_populate_and_decrease(void **state)
{
	const xen_pfn_t gfns[] = { 0x100, 0x500 };
	uint64_t before = guest_pages_free();

	(void)state;
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, gfns, 2, 0), 2);
	assert_int_equal(running->tot_pages, 34);
	assert_int_equal(guest_pages_free(), before - 2);
	assert_int_equal(p2m_lookup(running, 0x500).type, P2M_RAM);
	assert_int_equal(reservation(running, XENMEM_decrease_reservation, DOMID_SELF, gfns, 2, 0),
			 2);
	assert_int_equal(guest_pages_free(), before);
	assert_int_equal(reservation(running, XENMEM_decrease_reservation, DOMID_SELF, gfns, 2, 0),
			 0);
}

static void test_populate_limits(void **state)
{
	xen_pfn_t gfns[] = { 0x1000, 0x2000, (xen_pfn_t)1 << 40 };
	struct xen_memory_reservation on_demand = { .nr_extents = 1, .domid = DOMID_SELF, .mem_flags = XENMEMF_populate_on_demand,
						    .extent_start.p = (xen_pfn_t *)LIST_GPA };

	(void)state;
	running->max_pages = running->tot_pages + 1;
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, gfns, 2, 0), 1);
	running->max_pages = 100000;
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, gfns + 1, 2, 0),
			 1);
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, gfns, 1, 10), 0);
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, gfns,
				     (unsigned long)1 << 60, 0),
			 0);
	/* More at once than may be, of what is there; and on demand, which nobody has. */
	assert_int_equal(reservation(running, XENMEM_decrease_reservation, DOMID_SELF, (const xen_pfn_t[]){ 0 }, 1, 10), 0);
	assert_int_equal(p2m_lookup(running, 0).type, P2M_RAM);
	gfns[0] = 0x3000;
	hosted_write(running, LIST_GPA, gfns, sizeof(gfns[0]));
	assert_int_equal(guest_call(running, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &on_demand, sizeof(on_demand)), 0);
	assert_int_equal(p2m_lookup(running, 0x3000).type, P2M_INVALID);
}

/* An order that p2m has no leaf for is entered page by page; a large one as one leaf. */
static void test_populate_orders(void **state)
{
	xen_pfn_t gfns[] = { 0x400, 0x601, 0x800 };
	uint64_t pages;

	(void)state;
	guest->max_pages = 100000;
	pages = guest->tot_pages;
	assert_int_equal(reservation(control, XENMEM_populate_physmap, 1, gfns, 1, 9), 1);
	assert_int_equal(p2m_lookup(guest, 0x5ff).type, P2M_RAM);
	assert_int_equal(reservation(control, XENMEM_populate_physmap, 1, gfns + 1, 1, 3), 1);
	assert_int_equal(p2m_lookup(guest, 0x608).type, P2M_RAM);
	assert_int_equal(p2m_lookup(guest, 0x609).type, P2M_INVALID);
	assert_int_equal(guest->tot_pages, pages + 512 + 8);
}

static int64_t map_foreign(domid_t from, const xen_ulong_t *idx, const xen_pfn_t *gpfn, uint16_t n,
			   int *errs)
{
	struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF,
					       .space = XENMAPSPACE_gmfn_foreign,
					       .size = n,
					       .u.foreign_domid = from };
	int64_t rc;

	op.idxs.p = (xen_ulong_t *)LIST_GPA;
	op.gpfns.p = (xen_pfn_t *)(LIST_GPA + 0x800);
	op.errs.p = (int *)ERRS_GPA;
	hosted_write(control, LIST_GPA, idx, n * sizeof(*idx));
	hosted_write(control, LIST_GPA + 0x800, gpfn, n * sizeof(*gpfn));
	rc = guest_call(control, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op,
			sizeof(op));
	hosted_read(control, ERRS_GPA, errs, n * sizeof(*errs));
	return rc;
}

static int64_t unmap(gfn_t gfn)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = gfn };

	return guest_call(control, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op,
			  sizeof(op));
}

static void test_foreign(void **state)
{
	const xen_ulong_t idx[] = { 5, 1000, 6 };
	const xen_pfn_t gpfn[] = { 0x107fff, 0x107ffe, 0x107ffd };
	char text[] = "seen by the builder", back[sizeof(text)] = "";
	int errs[3] = { 1, 1, 1 };

	(void)state;
	hosted_write(guest, 6 * PAGE_SIZE, text, sizeof(text));
	assert_int_equal(map_foreign(1, idx, gpfn, 3, errs), 0);
	assert_int_equal(errs[0], 0);
	assert_int_equal(errs[1], -XEN_EINVAL);
	assert_int_equal(errs[2], 0);
	hosted_read(control, 0x107ffdull * PAGE_SIZE, back, sizeof(back));
	assert_string_equal(back, text);
	assert_int_equal(control->p2m.mapped_foreign, 2);
	assert_int_equal(control->tot_pages, 32);
	assert_int_equal(unmap(0x107fff), 0);
	assert_int_equal(unmap(0x107ffd), 0);
	assert_int_equal(unmap(0x107ffd), -XEN_ENOENT);
	assert_int_equal(control->p2m.mapped_foreign, 0);
}

static int64_t acquire(domid_t of, xen_pfn_t at)
{
	struct xen_mem_acquire_resource op = { .domid = of, .type = XENMEM_resource_grant_table, .id = XENMEM_resource_grant_table_id_shared, .nr_frames = 1 };

	op.frame_list.p = (xen_pfn_t *)LIST_GPA;
	hosted_write(control, LIST_GPA, &at, sizeof(at));
	return guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op));
}

/* Whoever may take another's memory away takes that one's. */
static void test_decrease_of_another(void **state)
{
	xen_pfn_t gfn = 7;

	(void)state;
	assert_int_equal(reservation(control, XENMEM_decrease_reservation, 1, &gfn, 1, 0), 1);
	assert_int_equal(p2m_lookup(guest, 7).type, P2M_INVALID);
	assert_int_equal(p2m_lookup(control, 7).type, P2M_RAM);
}

/* What cannot be entered is not held. */
static void test_foreign_to_nowhere(void **state)
{
	const xen_ulong_t idx[] = { 5, 6 };
	const xen_pfn_t gpfn[] = { P2M_GFN_LIMIT, 0x107fff };
	mfn_t mfn = p2m_lookup(guest, 5).mfn;
	unsigned int count = domain_count;
	int errs[2] = { 1, 1 };
	uint32_t refs;

	(void)state;
	assert_int_equal(map_foreign(1, idx, gpfn, 2, errs), 0);
	assert_int_equal(errs[0], -XEN_EINVAL);
	assert_int_equal(errs[1], 0);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), 1);
	mfn = grant_frame_get(guest, 0, true);
	refs = refcount_read(&mfn_to_frame(mfn)->refs);
	assert_int_equal(acquire(1, P2M_GFN_LIMIT), -XEN_EINVAL);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), refs);
	assert_int_equal(acquire(1, 0x107ffe), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), refs + 1);
	frame_put(mfn);
	assert_int_equal(unmap(0x107fff), 0);
	assert_int_equal(unmap(0x107ffe), 0);
	p2m_drain(control);
	hosted_domain_kill(guest);
	assert_int_equal(domain_count, count - 1);	/* nothing keeps it */
}

/* A page that is itself another's cannot be passed on; a domain cannot be mapped into itself. */
static void test_foreign_of_foreign(void **state)
{
	const xen_ulong_t idx = 5, there = 0x100;
	const xen_pfn_t gpfn = 0x107fff;
	mfn_t mfn;
	int err;

	(void)state;
	mfn = p2m_get_frame(control, 4, true, NULL);
	hosted_machine_unchecked();
	assert_int_equal(p2m_set(guest, 0x100, mfn, P2M_FOREIGN, 0), 0);
	assert_int_equal(map_foreign(1, &there, &gpfn, 1, &err), 0);
	assert_int_equal(err, -XEN_EINVAL);
	assert_int_equal(map_foreign(0, &idx, &gpfn, 1, &err), -XEN_EACCES);
	assert_int_equal(map_foreign(7, &idx, &gpfn, 1, &err), -XEN_ESRCH);
}

/* The mapped page outlives its domain until the mapper lets go. */
static void test_foreign_of_the_dead(void **state)
{
	const xen_ulong_t idx = 5;
	const xen_pfn_t gpfn = 0x107fff;
	uint64_t before = guest_pages_free() + 32;
	int err;

	(void)state;
	assert_int_equal(map_foreign(1, &idx, &gpfn, 1, &err), 0);
	hosted_domain_kill(guest);
	assert_int_equal(guest_pages_free(), before - 1);
	assert_non_null(domain_lookup_raw(1));
	domain_put(guest);
	assert_int_equal(map_foreign(1, &idx, (const xen_pfn_t[]){ 0x107ffe }, 1, &err), 0);
	assert_int_equal(err, -XEN_ESRCH);
	assert_int_equal(unmap(gpfn), 0);
	p2m_drain(control);	/* a millisecond later */
	domain_reap();
	assert_int_equal(guest_pages_free(), before);
	assert_null(domain_lookup_raw(1));
}

/* The running label denies what the build label allowed: the page goes, the mapper reads zeroes of
 * its own. */
static void test_sweep(void **state)
{
	const xen_ulong_t idx[] = { 5, 6 };
	const xen_pfn_t gpfn[] = { 0x107fff, 0x40000 };
	struct sweep_progress p = { 0 };
	char text[] = "secret", back[sizeof(text)] = "x";
	int errs[2];

	(void)state;
	hosted_write(guest, 5 * PAGE_SIZE, text, sizeof(text));
	assert_int_equal(map_foreign(1, idx, gpfn, 2, errs), 0);
	while (policy_sweep(guest, &p) == -XEN_ERESTART)
		;
	assert_int_equal(control->p2m.mapped_foreign, 2);	/* still the build label */
	guest->label.sid = running->label.sid;
	hosted_console_clear();
	while (policy_sweep(guest, &p) == -XEN_ERESTART)
		;
	assert_int_equal(control->p2m.mapped_foreign, 0);
	hosted_read(control, 0x107fffull * PAGE_SIZE, back, sizeof(back));
	assert_string_equal(back, "");
	assert_non_null(strstr(hosted_console(), "revoked=2 what=\"foreign pages mapped\" domid=0"));
	assert_int_equal(unmap(0x107fff), 0);
	assert_int_equal(unmap(0x40000), 0);
	assert_int_equal(map_foreign(1, idx, gpfn, 1, errs), -XEN_EACCES);
}

static int64_t add(struct domain *d, unsigned int space, unsigned long idx, gfn_t gfn)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn
	};

	return guest_call(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &op, sizeof(op));
}

static void test_shared_pages(void **state)
{
	uint64_t before = guest_pages_free();

	(void)state;
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 9), 0);
	assert_int_equal(guest_pages_free(), before + 1);	/* the RAM that was there */
	assert_int_equal(p2m_lookup(running, 9).mfn, heap_va_to_mfn(running->shared_info));
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 1, 9), -XEN_EINVAL);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 2, 0x107fff), 0);
	assert_int_equal(grant_nr_frames(running), 3);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 64, 0x107ffe), -XEN_EINVAL);
	assert_int_equal(
		add(running, XENMAPSPACE_grant_table, XENMAPIDX_grant_table_status, 0x107ffe),
		-XEN_EINVAL);
	assert_int_equal(add(running, XENMAPSPACE_gmfn_foreign, 1, 0x107ffe), -XEN_ENOSYS);
	assert_int_equal(add(running, 77, 1, 0x107ffe), -XEN_EINVAL);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 0, (gfn_t)1 << 40), -XEN_EINVAL);
}

static uint32_t places_of(mfn_t mfn)
{
	return refcount_read(&mfn_to_frame(mfn)->refs) - 1;
}

/* As on Xen: what the hypervisor shows a domain is at one guest frame, the last that was asked for. */
static void test_shared_pages_move(void **state)
{
	mfn_t info = heap_va_to_mfn(running->shared_info), table = grant_frame_get(running, 1, true);

	(void)state;
	frame_put(table);
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 0), 0);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 1, 0x107fff), 0);
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 9), 0);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 1, 0x107ffe), 0);
	assert_int_equal(p2m_lookup(running, 0).type, P2M_INVALID);
	assert_int_equal(p2m_lookup(running, 0x107fff).type, P2M_INVALID);
	assert_int_equal(p2m_lookup(running, 9).mfn, info);
	assert_int_equal(p2m_lookup(running, 0x107ffe).mfn, table);
	assert_int_equal(places_of(info), 1);
	assert_int_equal(places_of(table), 1);
	/* To where it is; and to where nothing can be. */
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 9), 0);
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, P2M_GFN_LIMIT), -XEN_EINVAL);
	assert_int_equal(p2m_lookup(running, 9).mfn, info);
	assert_int_equal(places_of(info), 1);
	/* Frame 0 is another page, with its own place. */
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 0, 0x107fff), 0);
	assert_int_equal(p2m_lookup(running, 0x107ffe).mfn, table);
	invariants_check("after pages of the hypervisor's moved");
}

/* What has come to the old place since is left alone. */
static void test_shared_pages_leave_others(void **state)
{
	const xen_pfn_t gfn = 9;
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = gfn };

	(void)state;
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, gfn), 0);
	assert_int_equal(guest_call(running, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op, sizeof(op)), 0);
	assert_int_equal(reservation(running, XENMEM_populate_physmap, DOMID_SELF, &gfn, 1, 0), 1);
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 10), 0);
	assert_int_equal(p2m_lookup(running, gfn).type, P2M_RAM);
	assert_int_equal(add(running, XENMAPSPACE_grant_table, 0, 10), 0);
	assert_int_equal(add(running, XENMAPSPACE_shared_info, 0, 11), 0);
	assert_int_equal(p2m_lookup(running, 10).type, P2M_SHARED);
	invariants_check("after others took the place");
}

static void test_move(void **state)
{
	uint64_t mfn = p2m_lookup(running, 7).mfn;

	(void)state;
	assert_int_equal(add(running, XENMAPSPACE_gmfn, 7, 0x300), 0);
	assert_int_equal(p2m_lookup(running, 0x300).mfn, mfn);
	assert_int_equal(p2m_lookup(running, 7).type, P2M_INVALID);
	assert_int_equal(add(running, XENMAPSPACE_gmfn, 7, 0x301), -XEN_EINVAL);
	assert_int_equal(running->tot_pages, 32);
}

/* The page that is to leave an address space, and whether the processors have forgotten it. */
void __real_edge_guest_flush_wait(struct domain *d);
void __wrap_edge_guest_flush_wait(struct domain *d);
void __wrap_edge_guest_flush_wait(struct domain *d)
{
	if (leaving != MFN_INVALID) {
		assert_true(refcount_read(&mfn_to_frame(leaving)->refs) > 0);
		forgotten = p2m_lookup(d, 10).mfn != leaving;
	}
	__real_edge_guest_flush_wait(d);
}

static int64_t decrease_one(void)
{
	const xen_pfn_t gfn = 10;

	return reservation(running, XENMEM_decrease_reservation, DOMID_SELF, &gfn, 1, 0) - 1;
}

static int64_t populate_over(void)
{
	const xen_pfn_t gfn = 10;

	return reservation(running, XENMEM_populate_physmap, DOMID_SELF, &gfn, 1, 0) - 1;
}

static int64_t remove_one(void)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = 10 };

	return guest_call(running, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op, sizeof(op));
}

static int64_t move_away(void)
{
	return add(running, XENMAPSPACE_gmfn, 10, 0x300);
}

static int64_t move_over(void)
{
	return add(running, XENMAPSPACE_gmfn, 11, 10);
}

static int64_t share_over(void)
{
	return add(running, XENMAPSPACE_shared_info, 0, 10);
}

static int64_t grants_over(void)
{
	return add(running, XENMAPSPACE_grant_table, 0, 10);
}

/* By whatever way a page leaves: it is nobody else's before every processor has forgotten where it was. */
static void test_forgotten_before_it_is_free(void **state)
{
	int64_t (*const way[])(void) = { decrease_one, populate_over, remove_one, move_away, move_over, share_over, grants_over };

	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++) {
		setup(state);
		running->max_pages = 100;
		leaving = p2m_lookup(running, 10).mfn;
		forgotten = false;
		assert_int_equal(way[i](), 0);
		leaving = MFN_INVALID;
		assert_true(forgotten);
	}
}

/* No memory for the tables above the new place: the page is where it was. */
static void test_move_that_fails(void **state)
{
	mfn_t mfn = p2m_lookup(running, 7).mfn;
	uint64_t room = running->heap_limit;

	(void)state;
	running->heap_limit = running->heap_used;
	assert_int_equal(add(running, XENMAPSPACE_gmfn, 7, (gfn_t)1 << 27), -XEN_ENOMEM);
	running->heap_limit = room;
	assert_int_equal(p2m_lookup(running, 7).mfn, mfn);
	assert_int_equal(running->tot_pages, 32);
}

/* Whatever the policy allows: a page of one's own is not foreign. */
static int setup_lax(void **state)
{
	(void)state;
	hosted_machine_init_policy("build/tests/threads-lax.policy");
	control = hosted_domain(0, CONTROL, 32, 1);
	return 0;
}

static void test_foreign_of_oneself(void **state)
{
	const xen_ulong_t idx = 5;
	const xen_pfn_t gpfn = 0x107fff;
	int err;

	(void)state;
	assert_int_equal(map_foreign(0, &idx, &gpfn, 1, &err), -XEN_EINVAL);
	assert_int_equal(map_foreign(DOMID_SELF, &idx, &gpfn, 1, &err), -XEN_EINVAL);
}

static void test_resource(void **state)
{
	struct xen_mem_acquire_resource op = { .domid = 1, .type = XENMEM_resource_grant_table };
	const xen_pfn_t gfn = 0x107fff;

	(void)state;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op,
				    sizeof(op)),
			 0);
	assert_int_equal(op.nr_frames, 64);
	op.nr_frames = 1;
	op.frame_list.p = (xen_pfn_t *)LIST_GPA;
	hosted_write(control, LIST_GPA, &gfn, sizeof(gfn));
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op,
				    sizeof(op)),
			 0);
	assert_int_equal(p2m_lookup(control, gfn).type, P2M_FOREIGN);
	op.nr_frames = 0;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op)), -XEN_EINVAL);
	op.nr_frames = 65;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op)), -XEN_EINVAL);
	op.nr_frames = 1;
	op.frame = UINT64_MAX;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op,
				    sizeof(op)),
			 -XEN_EINVAL);
	op.frame = 0;
	op.type = XENMEM_resource_vmtrace_buf;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op,
				    sizeof(op)),
			 -XEN_EOPNOTSUPP);
	assert_int_equal(unmap(gfn), 0);
	op = (struct xen_mem_acquire_resource){ .domid = 1,
						.type = XENMEM_resource_grant_table,
						.id = 1 };
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op,
				    sizeof(op)),
			 -XEN_EINVAL);
}

static void test_memory_map(void **state)
{
	const struct e820entry_like map[2] = { { 0, 0xa0000, 1 }, { 0x100000, 0x100000, 1 } };
	struct e820entry_like back[2];
	struct xen_foreign_memory_map set = { .domid = 1, .map = { .nr_entries = 2 } };
	struct xen_memory_map get = { .nr_entries = 128 };
	uint64_t heap;

	(void)state;
	get.buffer.p = set.map.buffer.p = (void *)LIST_GPA;
	assert_int_equal(
		guest_call(running, __HYPERVISOR_memory_op, XENMEM_memory_map, &get, sizeof(get)),
		-XEN_ENOSYS);
	hosted_write(control, LIST_GPA, map, sizeof(map));
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &set,
				    sizeof(set)),
			 0);
	assert_int_equal(guest->e820_nr, 2);
	set.map.nr_entries = 129;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &set,
				    sizeof(set)),
			 -XEN_EINVAL);
	/* Another one takes its place. */
	heap = guest->heap_used;
	set.map.nr_entries = 2;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &set, sizeof(set)), 0);
	assert_int_equal(guest->heap_used, heap);
	guest->label = running->label;
	running = guest;
	assert_int_equal(
		guest_call(running, __HYPERVISOR_memory_op, XENMEM_memory_map, &get, sizeof(get)),
		0);
	assert_int_equal(get.nr_entries, 2);
	hosted_read(running, LIST_GPA, back, sizeof(back));
	assert_memory_equal(back, map, sizeof(map));
	set.domid = 0;
	assert_int_equal(guest_call(running, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &set,
				    sizeof(set)),
			 -XEN_EACCES);
}

/* libxc sends every memory operation through a multicall of one entry. */
static void test_multicall(void **state)
{
	struct multicall_entry list[3] = {
		{ .op = __HYPERVISOR_memory_op, .args = { XENMEM_maximum_gpfn, 0x1800 } },
		{ .op = __HYPERVISOR_multicall, .args = { 0, 1 } },
		{ .op = 4711 },
	};
	domid_t id = 1;

	(void)state;
	hosted_write(control, 0x1800, &id, sizeof(id));
	hosted_write(control, LIST_GPA, list, sizeof(list));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_multicall, LIST_GPA, 3, 0, 0, 0),
			 0);
	hosted_read(control, LIST_GPA, list, sizeof(list));
	assert_int_equal(list[0].result, 31);
	assert_int_equal((int64_t)list[1].result, -XEN_EINVAL);
	assert_int_equal((int64_t)list[2].result, -XEN_ENOSYS);
	assert_int_equal(
		hosted_hypercall(control, __HYPERVISOR_multicall, 0xffffffff000, 3, 0, 0, 0),
		-XEN_EFAULT);
}

static void test_counts(void **state)
{
	struct xen_pod_target pod = { .target_pages = 1, .domid = 1 };
	xen_pfn_t none = 0;

	(void)state;
	assert_int_equal(guest_call(control, __HYPERVISOR_memory_op, XENMEM_set_pod_target, &pod,
				    sizeof(pod)),
			 0);
	assert_int_equal(pod.tot_pages, 32);
	assert_int_equal(reservation(control, XENMEM_claim_pages, 1, NULL, 100, 0), 0);
	assert_int_equal(reservation(control, XENMEM_claim_pages, 1, NULL, 0, 0), 0);
	assert_int_equal(reservation(control, XENMEM_claim_pages, 1, &none, 1, 0), -XEN_EINVAL);
	assert_int_equal(
		hosted_hypercall(running, __HYPERVISOR_memory_op, XENMEM_exchange, 0, 0, 0, 0),
		-XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(running, __HYPERVISOR_memory_op, 63, 0, 0, 0, 0),
			 -XEN_ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_populate_and_decrease, setup),
		cmocka_unit_test_setup(test_populate_limits, setup),
		cmocka_unit_test_setup(test_populate_orders, setup),
		cmocka_unit_test_setup(test_foreign, setup),
		cmocka_unit_test_setup(test_foreign_to_nowhere, setup),
		cmocka_unit_test_setup(test_decrease_of_another, setup),
		cmocka_unit_test_setup(test_foreign_of_foreign, setup),
		cmocka_unit_test_setup(test_foreign_of_the_dead, setup),
		cmocka_unit_test_setup(test_sweep, setup),
		cmocka_unit_test_setup(test_shared_pages_move, setup),
		cmocka_unit_test_setup(test_shared_pages_leave_others, setup),
		cmocka_unit_test_setup(test_shared_pages, setup),
		cmocka_unit_test_setup(test_move, setup),
		cmocka_unit_test_setup(test_forgotten_before_it_is_free, setup),
		cmocka_unit_test_setup(test_move_that_fails, setup),
		cmocka_unit_test_setup(test_foreign_of_oneself, setup_lax),
		cmocka_unit_test_setup(test_resource, setup),
		cmocka_unit_test_setup(test_memory_map, setup),
		cmocka_unit_test_setup(test_multicall, setup),
		cmocka_unit_test_setup(test_counts, setup),
	};

	return cmocka_run_group_tests_name("memory_op", tests, NULL, NULL);
}
