/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl, sysctl, platform_op and xsm_op as a toolstack calls them, well-meaning and not: a domain
 * from creation to its end, its label, its registers. Locking: none. Trust: tests only.
 */
#include "guestcalls.h"

#include <hv/flask.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <xen/domctl.h>
#include <xen/hvm/save.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/xsm/flask_op.h>

#define BUF_GPA 0x4000u
#define BUF_BYTES 0x4000u

static struct domain *control, *guest;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(0, CONTROL, 64, 1);
	guest = hosted_domain(9, TENANT_1, 16, 1);
	return 0;
}

static int64_t domctl(struct domain *caller, uint32_t cmd, domid_t id, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
	hosted_write(caller, ARG_GPA, op, sizeof(*op));
	int64_t rc = hosted_hypercall(caller, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0);
	hosted_read(caller, ARG_GPA, op, sizeof(*op));
	return rc;
}

static int64_t sysctl(struct domain *caller, uint32_t cmd, struct xen_sysctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	hosted_write(caller, ARG_GPA, op, sizeof(*op));
	int64_t rc = hosted_hypercall(caller, __HYPERVISOR_sysctl, ARG_GPA, 0, 0, 0, 0);
	hosted_read(caller, ARG_GPA, op, sizeof(*op));
	return rc;
}

static int64_t xsm(struct domain *caller, uint32_t cmd, struct xen_flask_op *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	hosted_write(caller, ARG_GPA, op, sizeof(*op));
	int64_t rc = hosted_hypercall(caller, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0);
	hosted_read(caller, ARG_GPA, op, sizeof(*op));
	return rc;
}

static struct xen_domctl create_op(const char *context)
{
	struct xen_domctl op = { 0 };

	op.u.createdomain.ssidref = sid_of(context);
	op.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	op.u.createdomain.max_vcpus = 2;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = op.u.createdomain.max_maptrack_frames = -1;
	op.u.createdomain.grant_opts = 1;
	op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_LAPIC;
	return op;
}

static domid_t create(const char *context)
{
	struct xen_domctl op = create_op(context);

	assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, 0, &op), 0);
	return op.domain;
}

static char *label_of(domid_t id)
{
	static char text[256];
	struct xen_domctl op = { 0 };
	size_t n;

	assert_int_equal(domctl(control, XEN_DOMCTL_getdomaininfo, id, &op), 0);
	assert_int_equal(op.domain, id);
	assert_int_equal(flask_sid_to_context(op.u.getdomaininfo.ssidref, text, sizeof(text), &n),
			 0);
	return text;
}

static void test_create(void **state)
{
	struct xen_domctl op = create_op(TENANT_1);
	domid_t id;

	(void)state;
	id = create(TENANT_1);
	assert_string_equal(label_of(id), "system_u:system_r:guest_build_t:s0:c1");
	assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, id, &op), -XEN_EEXIST);
	assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, 77, &op), 0);
	assert_int_equal(op.domain, 77);
	op = create_op("system_u:system_r:xenstore_t:s0");
	assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, 0, &op), -XEN_EACCES);
	op.u.createdomain.ssidref = 0x12345;
	assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, 0, &op), -XEN_EINVAL);
	assert_int_equal(domctl(guest, XEN_DOMCTL_createdomain, 0, &op), -XEN_EACCES);
}

static void test_create_refuses(void **state)
{
	uint64_t before;

	(void)state;
#define REFUSE(change) do { \
		struct xen_domctl op = create_op(TENANT_1); \
		op.u.createdomain.change; \
		assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, 0, &op), -XEN_EINVAL); \
	} while (0)
	before = heap_pages_free();
	REFUSE(flags = XEN_DOMCTL_CDF_hvm);
	REFUSE(flags |= XEN_DOMCTL_CDF_iommu);
	REFUSE(flags |= 0x80000000u);
	REFUSE(iommu_opts = 1);
	REFUSE(max_vcpus = 0);
	REFUSE(max_vcpus = MAX_VCPUS + 1);
	REFUSE(max_grant_frames = 65);
	REFUSE(max_maptrack_frames = INT32_MAX);
	REFUSE(grant_opts = 2);
	REFUSE(vmtrace_size = 4096);
	REFUSE(cpupool_id = 1);
	REFUSE(arch.emulation_flags = XEN_X86_EMU_ALL);
	REFUSE(arch.misc_flags = 2);
	assert_int_equal(heap_pages_free(), before);
#undef REFUSE
}

static int64_t cpu_load(domid_t id, uint64_t cr0)
{
	struct {
		struct hvm_save_descriptor hd;
		struct hvm_save_header h;
		struct hvm_save_descriptor cd;
		struct hvm_hw_cpu c;
		struct hvm_save_descriptor end;
	} __attribute__((packed)) blob = {
		.hd = { HVM_SAVE_CODE(HEADER), 0, sizeof(blob.h) },
		.h = { .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION },
		.cd = { HVM_SAVE_CODE(CPU), 0, sizeof(blob.c) },
		.c = { .cr0 = cr0, .rip = 0x1000850, .rflags = 2 },
		.end = { HVM_SAVE_CODE(END), 0, 0 },
	};
	struct xen_domctl op = { 0 };

	op.u.hvmcontext.size = sizeof(blob);
	op.u.hvmcontext.buffer.p = (uint8_t *)BUF_GPA;
	hosted_write(control, BUF_GPA, &blob, sizeof(blob));
	return domctl(control, XEN_DOMCTL_sethvmcontext, id, &op);
}

/* What libxl does, in its order, to the first instruction; then the label is the one asked for. */
static void test_life(void **state)
{
	struct xen_domctl op = { .u.max_vcpus.max = 3 };
	uint64_t before = guest_pages_free();
	domid_t id;

	(void)state;
	id = create(TENANT_1);
	assert_int_equal(domctl(control, XEN_DOMCTL_max_vcpus, id, &op), -XEN_EINVAL);
	op.u.max_vcpus.max = 2;
	assert_int_equal(domctl(control, XEN_DOMCTL_max_vcpus, id, &op), 0);
	op.u.max_mem.max_memkb = 1024;
	assert_int_equal(domctl(control, XEN_DOMCTL_max_mem, id, &op), 0);
	op.u.paging_mempool.size = 0x280001;
	assert_int_equal(domctl(control, XEN_DOMCTL_set_paging_mempool_size, id, &op), -XEN_EINVAL);
	op.u.paging_mempool.size = 0x280000;
	assert_int_equal(domctl(control, XEN_DOMCTL_set_paging_mempool_size, id, &op), 0);
	assert_int_equal(cpu_load(id, 0x11), 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, id, &op), 0);
	assert_string_equal(label_of(id), TENANT_1);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, id, &op), -XEN_EINVAL);
	assert_int_equal(cpu_load(id, 0x11), -XEN_EACCES);
	assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, id, &op), 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_getdomaininfo, id, &op), 0);
	assert_int_equal(op.u.getdomaininfo.flags &
				 (XEN_DOMINF_paused | XEN_DOMINF_dying | XEN_DOMINF_hvm_guest),
			 XEN_DOMINF_paused | XEN_DOMINF_hvm_guest);
	assert_int_equal(op.u.getdomaininfo.nr_online_vcpus, 1);
	assert_int_equal(op.u.getdomaininfo.max_vcpu_id, 1);
	assert_int_equal(domctl(control, XEN_DOMCTL_destroydomain, id, &op), 0);
	domain_reap();
	assert_int_equal(domctl(control, XEN_DOMCTL_destroydomain, id, &op), -XEN_ESRCH);
	assert_int_equal(guest_pages_free(), before);
	assert_int_equal(domctl(control, XEN_DOMCTL_destroydomain, 0, &op), -XEN_EACCES);
}

static int64_t blob_set(domid_t id, const void *blob, uint32_t size)
{
	struct xen_domctl op = { 0 };

	op.u.hvmcontext.size = size;
	op.u.hvmcontext.buffer.p = (uint8_t *)BUF_GPA;
	hosted_write(control, BUF_GPA, blob, size);
	return domctl(control, XEN_DOMCTL_sethvmcontext, id, &op);
}

static uint32_t blob_get(domid_t id, void *blob, uint32_t room)
{
	struct xen_domctl op = { 0 };

	op.u.hvmcontext.size = room;
	op.u.hvmcontext.buffer.p = (uint8_t *)(uintptr_t)(blob ? BUF_GPA : 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_gethvmcontext, id, &op), 0);
	if (blob)
		hosted_read(control, BUF_GPA, blob, op.u.hvmcontext.size);
	return op.u.hvmcontext.size;
}

/* A context goes out and in again; cut short anywhere or with a wrong word it changes nothing. */
static void test_context(void **state)
{
	static uint8_t blob[BUF_BYTES], bad[BUF_BYTES];
	struct xen_domctl op = { .u.max_vcpus.max = 2 };
	struct hvm_save_descriptor foreign = { .typecode = HVM_SAVE_CODE(PIC) };
	domid_t id = create(TENANT_1);
	uint32_t size;

	(void)state;
	assert_int_equal(domctl(control, XEN_DOMCTL_max_vcpus, id, &op), 0);
	assert_int_equal(cpu_load(id, 0x11), 0);
	size = blob_get(id, NULL, 0);
	assert_in_range(size, 1, sizeof(blob));
	size = blob_get(id, blob, sizeof(blob));
	assert_int_equal(blob_set(id, blob, size), 0);
	for (uint32_t cut = 0; cut < size; cut += 7)
		assert_int_not_equal(blob_set(id, blob, cut), 0);
	memcpy(bad, blob, size);
	bad[sizeof(struct hvm_save_descriptor)] ^= 1;		/* magic */
	assert_int_equal(blob_set(id, bad, size), -XEN_EINVAL);
	memcpy(bad, blob, size);
	memcpy(bad + size - sizeof(foreign), &foreign, sizeof(foreign));
	assert_int_equal(blob_set(id, bad, size), -XEN_EOPNOTSUPP);
	foreign.typecode = 4711;
	memcpy(bad + size - sizeof(foreign), &foreign, sizeof(foreign));
	assert_int_equal(blob_set(id, bad, size), -XEN_EINVAL);
	op.u.hvmcontext.size = UINT32_MAX;
	assert_int_equal(domctl(control, XEN_DOMCTL_sethvmcontext, id, &op), -XEN_EINVAL);
	op.u.hvmcontext.size = 16;
	op.u.hvmcontext.buffer.p = (uint8_t *)BUF_GPA;
	assert_int_equal(domctl(control, XEN_DOMCTL_gethvmcontext, id, &op), -XEN_ENOSPC);
}

static void test_list_is_what_may_be_seen(void **state)
{
	struct xen_domctl op = { 0 };
	struct xen_sysctl list = { 0 };
	struct xen_domctl_getdomaininfo info[4];

	(void)state;
	list.u.getdomaininfolist.max_domains = 4;
	list.u.getdomaininfolist.buffer.p = (void *)BUF_GPA;
	assert_int_equal(sysctl(control, XEN_SYSCTL_getdomaininfolist, &list), 0);
	assert_int_equal(list.u.getdomaininfolist.num_domains, 2);
	hosted_read(control, BUF_GPA, info, sizeof(info[0]) * 2);
	assert_int_equal(info[0].domain, 0);
	assert_int_equal(info[1].domain, 9);
	assert_int_equal(domctl(control, XEN_DOMCTL_getdomaininfo, 1, &op), 0);
	assert_int_equal(op.domain, 9);
	assert_int_equal(domctl(control, XEN_DOMCTL_getdomaininfo, 10, &op), -XEN_ESRCH);
	assert_int_equal(domctl(guest, XEN_DOMCTL_getdomaininfo, 0, &op), -XEN_EACCES);
}

/* Two whom somebody opened at once can end: their numbers are free again. */
static void test_who_was_opened_ends(void **state)
{
	struct evtchn_alloc_unbound channel = { .dom = create(TENANT_1), .remote_dom = create(TENANT_1) };
	domid_t two[2] = { channel.dom, channel.remote_dom };

	(void)state;
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, two[i], &(struct xen_domctl){ 0 }), 0);
	assert_int_equal(evtchn_call(control, alloc_unbound, &channel), 0);
	for (unsigned int i = 0; i < 2; i++) {
		struct xen_domctl op = create_op(TENANT_1);

		assert_int_equal(domctl(control, XEN_DOMCTL_destroydomain, two[i], &(struct xen_domctl){ 0 }), 0);
		assert_int_equal(domctl(control, XEN_DOMCTL_createdomain, two[i], &op), 0);
	}
}

static struct domain *paused;	/* what the controller counts and what the scheduler does belong together */

void __real_domain_pause(struct domain *d);
void __wrap_domain_pause(struct domain *d);

void __wrap_domain_pause(struct domain *d)
{
	if (d == paused)
		assert_true(spin_is_locked(&d->lock));
	__real_domain_pause(d);
}

/* Otherwise two unpauses in between take back one pause too many, which is a panic. */
static void test_pause_is_one_step(void **state)
{
	struct xen_domctl op = { 0 };

	(void)state;
	paused = guest;
	assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, 9, &op), 0);
	paused = NULL;
	assert_int_equal(guest->pause_count, 1);
}

/* Who paused it while it was built need not be the one who builds it: the last unpause ends the building, and no other. */
static void test_built_until_the_last_unpause(void **state)
{
	struct xen_domctl op = { 0 };
	struct domain *d;
	domid_t id;

	(void)state;
	id = create(TENANT_1);
	d = domain_lookup_raw(id);
	assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, id, &op), 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, id, &op), 0);
	assert_string_equal(label_of(id), "system_u:system_r:guest_build_t:s0:c1");
	assert_int_equal(d->life, DOMAIN_BUILDING);
	assert_int_equal(d->pause_count, 1);
	op.u.tsc_info = (struct xen_domctl_tsc_info){ 0 };
	assert_int_equal(domctl(control, XEN_DOMCTL_settscinfo, id, &op), 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, id, &op), 0);
	assert_string_equal(label_of(id), TENANT_1);
	assert_int_equal(d->life, DOMAIN_RUNNING);
	assert_int_equal(d->pause_count, 0);
	domain_put(d);
}

static void test_pause_counts(void **state)
{
	struct xen_domctl op = { 0 };

	(void)state;
	assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, 0, &op), -XEN_EACCES);
	for (unsigned int i = 0; i < 255; i++)
		assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, 9, &op), 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_pausedomain, 9, &op), -XEN_EOVERFLOW);
	for (unsigned int i = 0; i < 255; i++)
		assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, 9, &op), 0);
	assert_int_equal(guest->pause_count, 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, 9, &op), -XEN_EINVAL);
}

static void test_affinity(void **state)
{
	struct xen_domctl op = { .u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD };
	uint64_t map = ~(uint64_t)0;

	(void)state;
	op.u.vcpuaffinity.cpumap_hard.bitmap.p = (uint8_t *)BUF_GPA;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
	hosted_write(control, BUF_GPA, &map, sizeof(map));
	assert_int_equal(domctl(control, XEN_DOMCTL_setvcpuaffinity, 9, &op), 0);
	hosted_read(control, BUF_GPA, &map, sizeof(map));
	assert_int_equal(map, cpu_count >= 64 ? UINT64_MAX : (1ull << cpu_count) - 1);
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_SOFT;
	op.u.vcpuaffinity.cpumap_soft = op.u.vcpuaffinity.cpumap_hard;
	assert_int_equal(domctl(control, XEN_DOMCTL_getvcpuaffinity, 9, &op), 0);
	hosted_read(control, BUF_GPA, &map, sizeof(map));
	assert_int_equal(map, cpu_count >= 64 ? UINT64_MAX : (1ull << cpu_count) - 1);
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	map = 0;
	hosted_write(control, BUF_GPA, &map, sizeof(map));
	assert_int_equal(domctl(control, XEN_DOMCTL_setvcpuaffinity, 9, &op), -XEN_EINVAL);
	op.u.vcpuaffinity.vcpu = 7;
	assert_int_equal(domctl(control, XEN_DOMCTL_setvcpuaffinity, 9, &op), -XEN_EINVAL);
	assert_int_equal(domctl(control, XEN_DOMCTL_getvcpuaffinity, 9, &op), -XEN_EINVAL);
	op.u.vcpuaffinity.flags = 0;
	assert_int_equal(domctl(control, XEN_DOMCTL_setvcpuaffinity, 9, &op), -XEN_EINVAL);
}

static void test_wrong_versions(void **state)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_pausedomain,
				 .interface_version = 0x14,
				 .domain = 9 };
	struct xen_flask_op f = { .cmd = FLASK_GETENFORCE, .interface_version = 2 };

	(void)state;
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0),
			 -XEN_EACCES);
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_sysctl, ARG_GPA, 0, 0, 0, 0),
			 -XEN_EACCES);
	hosted_write(control, ARG_GPA, &f, sizeof(f));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0),
			 -XEN_ENOSYS);
	assert_int_equal(domctl(control, 4711, 9, &op), -XEN_ENOSYS);
	assert_int_equal(domctl(control, XEN_DOMCTL_gdbsx_domstatus, 9, &op), -XEN_ENOSYS);
	op.u.shadow_op.op = 4711;
	assert_int_equal(domctl(control, XEN_DOMCTL_shadow_op, 9, &op), -XEN_ENOSYS);
}

static void test_refusals_are_recorded_once(void **state)
{
	struct xen_domctl op = { 0 };
	const char *line;

	(void)state;
	hosted_console_clear();
	assert_int_equal(domctl(control, XEN_DOMCTL_setvnumainfo, 9, &op), -XEN_EOPNOTSUPP);
	assert_int_equal(domctl(control, XEN_DOMCTL_setvnumainfo, 9, &op), -XEN_EOPNOTSUPP);
	line = strstr(hosted_console(), "absent operation refused op=domctl.setvnumainfo by=0");
	assert_non_null(line);
	assert_null(strstr(line + 1, "absent operation"));
	assert_int_equal(control->refused_count, 2);
}

static void test_machine(void **state)
{
	struct xen_sysctl op = { 0 };

	(void)state;
	assert_int_equal(sysctl(control, XEN_SYSCTL_physinfo, &op), 0);
	assert_int_equal(op.u.physinfo.capabilities, 0x109);
	assert_int_equal(op.u.physinfo.free_pages, guest_pages_free());
	op = (struct xen_sysctl){ .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO,
						    .cpupool_id = 1 } };
	assert_int_equal(sysctl(control, XEN_SYSCTL_cpupool_op, &op), -XEN_ENOENT);
	op = (struct xen_sysctl){ .u.numainfo.num_nodes = 0 };
	assert_int_equal(sysctl(control, XEN_SYSCTL_numainfo, &op), 0);
	assert_int_equal(op.u.numainfo.num_nodes, 1);
	for (int node = -1; node < 2; node++) {
		op = (struct xen_sysctl){ .u.availheap.node = node };
		assert_int_equal(sysctl(control, XEN_SYSCTL_availheap, &op), 0);
		assert_int_equal(op.u.availheap.avail_bytes, node < 1 ? guest_pages_free() << PAGE_SHIFT : 0);
	}
	op = (struct xen_sysctl){ .u.cpu_policy.index = 5 };
	assert_int_equal(sysctl(control, XEN_SYSCTL_get_cpu_policy, &op), 0);
	assert_int_equal(op.u.cpu_policy.nr_leaves, 0x78);
	op.u.cpu_policy._rsvd = 1;
	assert_int_equal(sysctl(control, XEN_SYSCTL_get_cpu_policy, &op), -XEN_EINVAL);
	assert_int_equal(sysctl(guest, XEN_SYSCTL_physinfo, &op), -XEN_EACCES);
}

static void test_console_ring(void **state)
{
	struct xen_sysctl op = { .u.readconsole = { .incremental = 1, .count = 512 } };
	char text[512];

	(void)state;
	op.u.readconsole.buffer.p = (char *)BUF_GPA;
	assert_int_equal(sysctl(control, XEN_SYSCTL_readconsole, &op), 0);
	assert_in_range(op.u.readconsole.count, 1, 512);
	hosted_read(control, BUF_GPA, text, op.u.readconsole.count);
	do {
		op.u.readconsole.count = 512;
		assert_int_equal(sysctl(control, XEN_SYSCTL_readconsole, &op), 0);
	} while (op.u.readconsole.count);
	op.u.readconsole = (struct xen_sysctl_readconsole){ .count = 512,
							    .incremental = 1,
							    .index = UINT32_MAX,
							    .buffer = op.u.readconsole.buffer };
	assert_int_equal(sysctl(control, XEN_SYSCTL_readconsole, &op), 0);
}

static void test_settime(void **state)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64,
				      .interface_version = XENPF_INTERFACE_VERSION,
				      .u.settime64 = { .secs = 1700000000 } };

	(void)state;
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_platform_op, ARG_GPA, 0, 0, 0, 0),
			 0);
	assert_int_equal(guest->shared_info->wc_sec, control->shared_info->wc_sec);
	op.u.settime64.mbz = 1;
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_platform_op, ARG_GPA, 0, 0, 0, 0),
			 -XEN_EINVAL);
}

static void test_contexts(void **state)
{
	struct xen_flask_op op = { 0 };
	char text[64];

	(void)state;
	hosted_write(control, BUF_GPA, TENANT_2, sizeof(TENANT_2));
	op.u.sid_context.size = sizeof(TENANT_2) - 1;
	op.u.sid_context.context.p = (char *)BUF_GPA;
	assert_int_equal(xsm(control, FLASK_CONTEXT_TO_SID, &op), 0);
	op.u.sid_context.size = 5;
	assert_int_equal(xsm(control, FLASK_SID_TO_CONTEXT, &op), -XEN_ERANGE);
	op.u.sid_context.size = sizeof(text);
	assert_int_equal(xsm(control, FLASK_SID_TO_CONTEXT, &op), 0);
	hosted_read(control, BUF_GPA, text, sizeof(text));
	assert_string_equal(text, TENANT_2);
	op.u.sid_context.sid = 0xfffff;
	assert_int_equal(xsm(control, FLASK_SID_TO_CONTEXT, &op), -XEN_EINVAL);
	op.u.sid_context.size = UINT32_MAX;
	assert_int_equal(xsm(control, FLASK_CONTEXT_TO_SID, &op), -XEN_EINVAL);
	assert_int_equal(xsm(control, FLASK_GETENFORCE, &op), 1);
	op.u.enforce.enforcing = 0;
	assert_int_equal(xsm(control, FLASK_SETENFORCE, &op), -XEN_EACCES);
	assert_int_equal(flask_enforcing(), true);
}

/* Bytes that are no policy leave the old one in force, and the machine's memory where it was. */
static void test_load_refuses(void **state)
{
	struct xen_flask_op op = { 0 };
	uint64_t before = heap_pages_free();
	uint32_t seqno = flask_seqno();

	(void)state;
	op.u.load.size = 4096;
	op.u.load.buffer.p = (char *)BUF_GPA;
	assert_true(xsm(control, FLASK_LOAD, &op) < 0);
	op.u.load.size = 0;
	assert_int_equal(xsm(control, FLASK_LOAD, &op), -XEN_EINVAL);
	op.u.load.size = UINT32_MAX;
	assert_int_equal(xsm(control, FLASK_LOAD, &op), -XEN_EINVAL);
	op.u.load.size = 1u << 20;
	assert_int_equal(xsm(control, FLASK_LOAD, &op), -XEN_EFAULT);
	assert_int_equal(heap_pages_free(), before);
	assert_int_equal(flask_seqno(), seqno);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_create, setup),
		cmocka_unit_test_setup(test_create_refuses, setup),
		cmocka_unit_test_setup(test_life, setup),
		cmocka_unit_test_setup(test_context, setup),
		cmocka_unit_test_setup(test_list_is_what_may_be_seen, setup),
		cmocka_unit_test_setup(test_built_until_the_last_unpause, setup),
		cmocka_unit_test_setup(test_who_was_opened_ends, setup),
		cmocka_unit_test_setup(test_pause_counts, setup),
		cmocka_unit_test_setup(test_pause_is_one_step, setup),
		cmocka_unit_test_setup(test_affinity, setup),
		cmocka_unit_test_setup(test_wrong_versions, setup),
		cmocka_unit_test_setup(test_refusals_are_recorded_once, setup),
		cmocka_unit_test_setup(test_machine, setup),
		cmocka_unit_test_setup(test_console_ring, setup),
		cmocka_unit_test_setup(test_settime, setup),
		cmocka_unit_test_setup(test_contexts, setup),
		cmocka_unit_test_setup(test_load_refuses, setup),
	};

	return cmocka_run_group_tests_name("domctl", tests, NULL, NULL);
}
