/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dispatcher and multicall with arguments that cannot be fetched or given back, operations that there are not, work that has to wait.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"
#include "../../hypervisor/hypercall/ops.h"

#include <hv/audit.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/p2m.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/hvm/dm_op.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/version.h>
#include <xen/xsm/flask_op.h>

#define NOWHERE		0x7fff0000u
#define BUF_GPA		0x2000u
#define LIST_GPA	0x3000u
#define READONLY_GFN	0x40000u
#define ENTRIES		8u

static struct domain *control, *guest;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(3, CONTROL, 64, 1);
	guest = hosted_domain(1, TENANT_1, 16, 1);
	return 0;
}

/* A page of the caller's that it can read alone, with this in it. */
static gpa_t readonly_copy(struct domain *d, const void *bytes, size_t len)
{
	mfn_t mfn;

	hosted_write(d, LIST_GPA, bytes, len);
	mfn = p2m_get_frame(d, LIST_GPA >> PAGE_SHIFT, false, NULL);
	assert_int_not_equal(mfn, MFN_INVALID);
	hosted_machine_unchecked();
	assert_int_equal(p2m_set(d, READONLY_GFN, mfn, P2M_GRANT_RO, 0), 0);
	return (gpa_t)READONLY_GFN << PAGE_SHIFT;
}

static void test_what_cannot_be_fetched(void **state)
{
	(void)state;
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, NOWHERE, 0, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_sysctl, NOWHERE, 0, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_xsm_op, NOWHERE, 0, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, NOWHERE, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_memory_op, XENMEM_current_reservation, NOWHERE, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_multicall, NOWHERE, 1, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_multicall, NOWHERE, 0, 0, 0, 0), 0);
}

static void test_what_cannot_be_given_back(void **state)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = 3 };
	struct multicall_entry e = { .op = __HYPERVISOR_xen_version, .args = { XENVER_version } };

	(void)state;
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, readonly_copy(guest, &alloc, sizeof(alloc)), 0, 0, 0),
			 -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_multicall, readonly_copy(control, &e, sizeof(e)), 1, 0, 0, 0), -XEN_EFAULT);
}

/* What fails gives nothing back: where its argument cannot be written, that is not noticed. */
static void test_what_fails_is_not_given_back(void **state)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = 77 };
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1, .u.getvcpuinfo.vcpu = 77 };

	(void)state;
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, readonly_copy(guest, &alloc, sizeof(alloc)), 0, 0, 0),
			 -XEN_ESRCH);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, readonly_copy(control, &op, sizeof(op)), 0, 0, 0, 0), -XEN_EINVAL);
}

/* A domain that names itself by its number is not held by what it asks, nor let go. */
static void test_own_number(void **state)
{
	unsigned int count = domain_count;
	uint32_t refs = refcount_read(&guest->refs);
	evtchn_port_t port = (evtchn_port_t)guest_alloc_unbound(guest, DOMID_SELF);

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		struct evtchn_status status = { .dom = guest->id, .port = port };
		struct gnttab_copy copy = { .source = { .u.ref = 8, .domid = guest->id }, .dest = { .u.gmfn = 6, .domid = DOMID_SELF }, .len = 8,
					    .flags = GNTCOPY_source_gref };
		struct gnttab_query_size size = { .dom = guest->id };

		assert_int_equal(evtchn_call(guest, status, &status), 0);
		assert_int_equal(guest_call(guest, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &size, sizeof(size)), 0);
		assert_int_equal(guest_call(guest, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy, sizeof(copy)), 0);
		assert_int_not_equal(copy.status, GNTST_okay);
		copy.source.domid = DOMID_SELF;
		assert_int_equal(guest_call(guest, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy, sizeof(copy)), 0);
	}
	assert_int_equal(refcount_read(&guest->refs), refs);
	hosted_domain_kill(guest);
	assert_int_equal(domain_count, count - 1);	/* nothing holds it */
	assert_null(domain_lookup_raw(1));
}

/* An entry that cannot be fetched is not run, nor the one before it once more; one whose progress cannot be kept ends the call. */
static void test_entries_out_of_reach(void **state)
{
	struct multicall_entry e = { .op = __HYPERVISOR_event_channel_op, .args = { EVTCHNOP_alloc_unbound, BUF_GPA } };
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = 3 };
	struct xen_memory_reservation r = { .nr_extents = 200, .domid = DOMID_SELF, .extent_start.p = (xen_pfn_t *)(uintptr_t)0x4000 };
	struct hypercall hc = { .nr = __HYPERVISOR_multicall, .arg = { 0, 1 }, .privileged = true };
	gpa_t last = 16 * PAGE_SIZE - sizeof(e);
	evtchn_port_t port;

	(void)state;
	hosted_write(guest, BUF_GPA, &alloc, sizeof(alloc));
	hosted_write(guest, last, &e, sizeof(e));
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_multicall, last, 2, 0, 0, 0), -XEN_EFAULT);
	hosted_read(guest, BUF_GPA, &alloc, sizeof(alloc));
	port = alloc.port;
	assert_int_equal(guest_alloc_unbound(guest, 3), port + 1);
	hosted_write(guest, BUF_GPA, &r, sizeof(r));
	e = (struct multicall_entry){ .op = __HYPERVISOR_memory_op, .args = { XENMEM_populate_physmap, BUF_GPA } };
	hc.arg[0] = readonly_copy(guest, &e, sizeof(e));
	hosted_run_vcpu(guest->vcpu[0]);
	cpus[0].timers.armed = 0;
	hypercall_dispatch(guest->vcpu[0], &hc);
	assert_false(hc.restart);
	assert_int_equal(hc.result, -XEN_EFAULT);
}

static void test_what_there_is_not(void **state)
{
	struct xen_domctl op = { .cmd = 0xffff, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1 };

	(void)state;
	assert_int_equal(hosted_hypercall(guest, 63, 0, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(guest, 64, 0, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(guest, UINT64_MAX, 0, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(guest, 1ull << 32 | __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_xen_version, 90, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_xen_version, UINT32_MAX, 0, 0, 0, 0), -XEN_ENOSYS);
	hosted_write(control, BUF_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, BUF_GPA, 0, 0, 0, 0), -XEN_ENOSYS);
	op.cmd = XEN_DOMCTL_scheduler_op;
	op.u.scheduler_op.cmd = 99;
	hosted_write(control, BUF_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, BUF_GPA, 0, 0, 0, 0), -XEN_ENOSYS);
	op.u.scheduler_op.cmd = UINT32_MAX;
	hosted_write(control, BUF_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, BUF_GPA, 0, 0, 0, 0), -XEN_ENOSYS);
	{
		struct hypercall hc = { .nr = 63, .privileged = true, .restart = true };	/* of the call before it */

		hypercall_dispatch(guest->vcpu[0], &hc);
		assert_false(hc.restart);
	}
	op.interface_version++;
	op.cmd = XEN_DOMCTL_pausedomain;
	hosted_write(control, BUF_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, BUF_GPA, 0, 0, 0, 0), -XEN_EACCES);
}

/* What the proof of table.c asks of the tables, whose indexes it takes for granted; and each row can be found. */
static void test_rows_stand_where_their_numbers_say(void **state)
{
	uint32_t head[OP_HEAD_MAX / sizeof(uint32_t)];
	unsigned int found = 0, nests = 0;

	(void)state;
	memset(head, 0xff, sizeof(head));
	for (uint64_t n = 0; n < OP_HYPERCALLS; n++) {
		const struct op_hypercall *h = op_hypercall_find(n);

		for (uint64_t sub = 0; h && sub <= 256; sub++) {
			uint32_t number = sub == 256 ? OP_ALL : (uint32_t)sub;
			const struct op_row *row = op_find(h, number, head);

			assert_int_equal(h->number, n);
			if (row)
				assert_true(row->hypercall == n && row->sub == number && row->nested == OP_ALL && !(row->flags & ROW_NEST));
		}
	}
	for (unsigned int i = 0; i < op_row_count; i++) {
		const struct op_row *nest = NULL, *row = &op_rows[i];

		assert_non_null(op_hypercall_find(row->hypercall));
		for (unsigned int j = 0; j < op_row_count && row->nested != OP_ALL; j++)
			if (op_rows[j].hypercall == row->hypercall && op_rows[j].sub == row->sub && (op_rows[j].flags & ROW_NEST))
				nest = &op_rows[j];
		if (row->flags & ROW_NEST) {
			assert_true(row->nested + sizeof(uint32_t) <= OP_HEAD_MAX);
			nests++;
			continue;
		}
		if (nest)
			memcpy((char *)head + nest->nested, &row->nested, sizeof(row->nested));
		assert_ptr_equal(op_find(op_hypercall_find(row->hypercall), row->sub, head), row);
		found++;
	}
	assert_int_equal(found + nests, op_row_count);
}

/* dm_op's operation stands in the first of some buffers. */
static void test_buffers(void **state)
{
	struct { uint64_t at, size; } buffer = { NOWHERE, 64 };
	uint32_t unknown = 77;

	(void)state;
	hosted_write(control, BUF_GPA, &buffer, sizeof(buffer));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 0, BUF_GPA, 0, 0), -XEN_EINVAL);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 1, NOWHERE, 0, 0), -XEN_EFAULT);
	hosted_write(control, BUF_GPA, &buffer, sizeof(buffer));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 1, BUF_GPA, 0, 0), -XEN_EFAULT);
	buffer.size = 3;
	hosted_write(control, BUF_GPA, &buffer, sizeof(buffer));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 1, BUF_GPA, 0, 0), -XEN_EINVAL);
	buffer.at = LIST_GPA;
	buffer.size = 4;
	hosted_write(control, LIST_GPA, &unknown, sizeof(unknown));
	hosted_write(control, BUF_GPA, &buffer, sizeof(buffer));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 1, BUF_GPA, 0, 0), -XEN_ENOSYS);
	unknown = XEN_DMOP_nr_vcpus;
	hosted_write(control, LIST_GPA, &unknown, sizeof(unknown));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_dm_op, 1, 1, BUF_GPA, 0, 0), -XEN_EOPNOTSUPP);
}

/* An entry at a time when there is something else to do, and a call that is itself continued goes on where it was. */
static void test_a_long_multicall(void **state)
{
	struct hypercall hc = { .nr = __HYPERVISOR_multicall, .arg = { LIST_GPA, ENTRIES }, .privileged = true };
	struct multicall_entry e[ENTRIES];
	unsigned int rounds = 0;

	(void)state;
	for (unsigned int i = 0; i < ENTRIES; i++)
		e[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .args = { i % 2 ? XENVER_pagesize : XENVER_version }, .result = 77 };
	e[3] = (struct multicall_entry){ .op = __HYPERVISOR_multicall, .args = { LIST_GPA, 1 } };
	hosted_write(guest, LIST_GPA, e, sizeof(e));
	hosted_run_vcpu(guest->vcpu[0]);
	do {
		cpus[0].timers.armed = 0;
		hc.restart = false;
		hypercall_dispatch(guest->vcpu[0], &hc);
		rounds++;
	} while (hc.restart && rounds < 100);
	assert_int_equal(hc.result, 0);
	assert_int_equal(rounds, ENTRIES);
	hosted_read(guest, LIST_GPA, e, sizeof(e));
	for (unsigned int i = 0; i < ENTRIES; i++)
		assert_int_equal((int64_t)e[i].result, i == 3 ? -XEN_EINVAL : i % 2 ? 4096 : 0x40011);
}

/* A batch within a multicall is continued: its progress stands in the entry. */
static void test_a_continued_entry(void **state)
{
	struct hypercall hc = { .nr = __HYPERVISOR_multicall, .arg = { LIST_GPA, 1 }, .privileged = true };
	struct xen_memory_reservation r = { .nr_extents = 200, .domid = DOMID_SELF, .extent_start.p = (xen_pfn_t *)(uintptr_t)0x4000 };
	struct multicall_entry e = { .op = __HYPERVISOR_memory_op, .args = { XENMEM_populate_physmap, BUF_GPA } };
	unsigned int rounds = 0;
	xen_pfn_t gfn[200];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(gfn); i++)
		gfn[i] = 0x1000 + i;
	hosted_write(guest, 0x4000, gfn, sizeof(gfn));
	hosted_write(guest, BUF_GPA, &r, sizeof(r));
	hosted_write(guest, LIST_GPA, &e, sizeof(e));
	hosted_run_vcpu(guest->vcpu[0]);
	do {
		cpus[0].timers.armed = 0;
		hc.restart = false;
		hypercall_dispatch(guest->vcpu[0], &hc);
		rounds++;
	} while (hc.restart && rounds < 1000);
	assert_int_equal(hc.result, 0);
	assert_true(rounds > 2);
	hosted_read(guest, LIST_GPA, &e, sizeof(e));
	assert_int_equal(e.result, 200);
	assert_int_equal(p2m_lookup(guest, 0x1000).type, P2M_RAM);
	assert_int_equal(p2m_lookup(guest, 0x1000 + 199).type, P2M_RAM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_cannot_be_fetched, setup),
		cmocka_unit_test_setup(test_what_cannot_be_given_back, setup),
		cmocka_unit_test_setup(test_what_fails_is_not_given_back, setup),
		cmocka_unit_test_setup(test_own_number, setup),
		cmocka_unit_test_setup(test_entries_out_of_reach, setup),
		cmocka_unit_test_setup(test_what_there_is_not, setup),
		cmocka_unit_test(test_rows_stand_where_their_numbers_say),
		cmocka_unit_test_setup(test_buffers, setup),
		cmocka_unit_test_setup(test_a_long_multicall, setup),
		cmocka_unit_test_setup(test_a_continued_entry, setup),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
