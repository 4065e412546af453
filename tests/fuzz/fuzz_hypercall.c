/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four domains that do whatever the input says: the control domain, two guests of one tenant, one of another. Hypercalls with blocks of arguments
 * that look right or not, writes to their own and to shared memory, MSRs, ports, the local APIC, time. Nothing of it may panic, loop, reach memory
 * it should not, or be missing when all domains are gone. The policy allows nearly everything (fuzz.mk), so that what lies behind it is met.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/timer.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/xsm/flask_op.h>

#include "hosted.h"

#define DOMAINS 4u
#define PAGES 48u
#define BLOCK 0x1000u		/* where argument blocks go */
#define SHARED_GFN (PAGES + 1)
#define GRANT_GFN (PAGES + 2)
#define MAX_STEPS 64u
#define MAX_CONTINUATIONS 200000u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const labels[DOMAINS] = { "system_u:system_r:dom0_t:s0-s0:c0.c1023", "system_u:system_r:guest_t:s0:c1",
	"system_u:system_r:guest_t:s0:c1", "system_u:system_r:guest_t:s0:c2" };
static struct domain *domain[DOMAINS];
static uint64_t guest_free;

/* --- input --------------------------------------------------------------------------------------------------------------- */

static const uint8_t *in;
static size_t left;

static uint64_t take(unsigned int bytes)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes && left; i++, left--)
		v |= (uint64_t)*in++ << (8 * i);
	return v;
}

/* A number, a pointer into the domain's memory, or something at a limit. */
static uint64_t take_argument(void)
{
	static const uint64_t odd[] = { 0, ~0ull, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff, 0x80000000, PAGES * PAGE_SIZE - 8, 0x7ff0 };

	switch (take(1) % 8) {
	case 0: case 1:
		return take(1);
	case 2: case 3:
		return BLOCK + take(1) * 16;
	case 4:
		return take(2);
	case 5:
		return take(4);
	case 6:
		return odd[take(1) % 8];
	default:
		return take(8);
	}
}

/* --- what a step does ------------------------------------------------------------------------------------------------------ */

static bool able(const struct domain *d)
{
	return !domain_is_dying(d) && !d->is_shut_down && d->vcpu[0] && vcpu_is_online(d->vcpu[0]);
}

static int64_t call(struct domain *d, uint64_t nr, const uint64_t arg[5])
{
	struct hypercall hc = { .nr = nr, .arg = { arg[0], arg[1], arg[2], arg[3], arg[4] }, .privileged = true };

	hosted_run_vcpu(d->vcpu[0]);
	for (unsigned int rounds = 0; ; rounds++) {
		hc.restart = false;
		hypercall_dispatch(d->vcpu[0], &hc);
		if (hosted_windows() != 0) {
			fprintf(stderr, "a window stays open after hypercall %llu\n", (unsigned long long)nr);
			abort();
		}
		if (!hc.restart || !able(d))
			return hc.result;
		if (rounds > MAX_CONTINUATIONS) {
			fprintf(stderr, "hypercall %llu never ends\n", (unsigned long long)nr);
			abort();
		}
	}
}

static void write_block(struct domain *d, gpa_t at, const void *bytes, size_t len)
{
	if (guest_phys_write(d, at, bytes, len) != 0)
		return;
}

static void step_write(struct domain *d)
{
	uint8_t bytes[256];
	gpa_t at = (take(1) % (PAGES + 4)) * PAGE_SIZE + take(2) % PAGE_SIZE;
	size_t n = take(1);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)take(1);
	write_block(d, at, bytes, n);
}

static void step_raw(struct domain *d)
{
	uint64_t nr = take(1) % 72, arg[5];

	for (unsigned int i = 0; i < 5; i++)
		arg[i] = take_argument();
	call(d, nr, arg);
}

/* Calls that find their sub-operation in a block with a version: made right, filled from the input. */
static void step_control(struct domain *d)
{
	uint8_t block[sizeof(struct xen_sysctl)] = { 0 };
	uint64_t arg[5] = { BLOCK };
	uint32_t cmd = (uint32_t)take(1), version = 0;
	size_t head = 8;
	uint64_t nr = 0;

	switch (take(1) % 4) {
	case 0:
		nr = __HYPERVISOR_domctl;
		version = XEN_DOMCTL_INTERFACE_VERSION;
		block[8] = (uint8_t)(take(1) % 8);	/* the domain */
		head = offsetof(struct xen_domctl, u);
		break;
	case 1:
		nr = __HYPERVISOR_sysctl;
		version = XEN_SYSCTL_INTERFACE_VERSION;
		break;
	case 2:
		nr = __HYPERVISOR_platform_op;
		version = XENPF_INTERFACE_VERSION;
		break;
	default:
		nr = __HYPERVISOR_xsm_op;
		version = XEN_FLASK_INTERFACE_VERSION;
		break;
	}
	memcpy(block, &cmd, 4);
	memcpy(block + 4, &version, 4);
	for (size_t i = head, n = take(1); i < sizeof(block) && n; i += 8, n--) {
		uint64_t word = take_argument();

		memcpy(block + i, &word, sizeof(block) - i < 8 ? sizeof(block) - i : 8);
	}
	write_block(d, BLOCK, block, sizeof(block));
	call(d, nr, arg);
}

/* Calls with a sub-operation in a register and a block behind a pointer. */
static void step_block(struct domain *d)
{
	static const uint8_t calls[] = { __HYPERVISOR_memory_op, __HYPERVISOR_grant_table_op, __HYPERVISOR_event_channel_op, __HYPERVISOR_hvm_op,
		__HYPERVISOR_sched_op, __HYPERVISOR_vcpu_op, __HYPERVISOR_xen_version, __HYPERVISOR_physdev_op };
	uint8_t nr = calls[take(1) % sizeof(calls)], words = (uint8_t)(take(1) % 16);
	uint64_t cmd = take(1) % 32, arg[5] = { cmd, BLOCK, take(1) % 8, 0, 0 };

	if (nr == __HYPERVISOR_vcpu_op) {
		arg[1] = take(1) % 4;
		arg[2] = BLOCK;
	}
	for (unsigned int i = 0; i < words; i++) {
		uint64_t word = take_argument();

		/* Halves: most structures here begin with 16-bit and 32-bit fields. */
		if (take(1) & 1)
			word = (word & 0xffff) | take(2) << 16 | take(2) << 32;
		write_block(d, BLOCK + i * 8, &word, sizeof(word));
	}
	call(d, nr, arg);
}

static void step_multicall(struct domain *d)
{
	struct multicall_entry entry = { 0 };
	uint64_t arg[5] = { BLOCK + 0x800, take(1) % 8 };

	for (uint64_t i = 0; i < arg[1]; i++) {
		entry.op = take(1) % 64;
		for (unsigned int j = 0; j < 6; j++)
			entry.args[j] = take_argument();
		write_block(d, BLOCK + 0x800 + i * sizeof(entry), &entry, sizeof(entry));
	}
	call(d, __HYPERVISOR_multicall, arg);
}

/* --- steps that know what goes together: the input chooses who, where and what is wrong with it ----------------------------------- */

static int64_t block_call(struct domain *d, uint64_t nr, uint64_t cmd, void *block, size_t len)
{
	uint64_t arg[5] = { cmd, BLOCK, 1 };
	int64_t rc;

	write_block(d, BLOCK, block, len);
	rc = call(d, nr, arg);
	if (hosted_try_read(d, BLOCK, block, len) != 0)
		memset(block, 0, len);
	return rc;
}

static struct domain *take_able(void)
{
	struct domain *d = domain[take(1) % DOMAINS];

	return able(d) ? d : NULL;
}

/* What the owner would write into its grant frame, then a map, copy or unmap of it by another. */
static void step_grant(struct domain *owner)
{
	struct domain *user = take_able();
	uint8_t ref = (uint8_t)(take(1) % 16), what = (uint8_t)take(1);
	struct p2m_entry e = p2m_lookup(owner, GRANT_GFN);

	if (!user || e.type != P2M_SHARED)
		return;
	((struct grant_entry_v1 *)hosted_mfn_va(e.mfn))[ref] = (struct grant_entry_v1){
		.flags = (uint16_t)(what & 1 ? take(2) : 1u | (what & 4)), .domid = user->id, .frame = (uint32_t)take(1) };
	if (what & 8) {
		struct gnttab_copy copy = { .source.u.ref = ref, .source.domid = owner->id, .source.offset = (uint16_t)take(2) % 4096,
					    .dest.u.gmfn = take(1) % (PAGES + 4), .dest.domid = DOMID_SELF, .dest.offset = (uint16_t)take(1),
					    .len = (uint16_t)take(2), .flags = (uint16_t)(take(1) % 4) };

		block_call(user, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy, sizeof(copy));
	} else if (what & 16) {
		struct gnttab_unmap_grant_ref unmap = { .host_addr = (100 + take(1) % 16) << PAGE_SHIFT, .handle = (uint32_t)take(1) % 16 };

		block_call(user, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, sizeof(unmap));
	} else {
		struct gnttab_map_grant_ref map = { .host_addr = (100 + take(1) % 16) << PAGE_SHIFT, .flags = GNTMAP_host_map | (what & 4),
						    .ref = ref, .dom = owner->id };

		block_call(user, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &map, sizeof(map));
	}
}

static void fifo_setup(struct domain *d)
{
	struct evtchn_init_control control = { .control_gfn = take(1) % PAGES, .offset = 0, .vcpu = take(1) & 1 };
	struct evtchn_expand_array array = { .array_gfn = take(1) % PAGES };

	block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_init_control, &control, sizeof(control));
	block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, &array, sizeof(array));
}

static void step_event(struct domain *d)
{
	struct domain *other = take_able();
	uint32_t port = 1 + (uint32_t)take(1) % 8;
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_port = port };
	struct evtchn_send send = { port };
	struct evtchn_bind_vcpu move = { port, take(1) % 3 };
	struct evtchn_bind_virq virq = { .virq = (uint32_t)take(1) % 24, .vcpu = take(1) & 1 };

	if (!other)
		return;
	alloc.remote_dom = bind.remote_dom = other->id;
	switch (take(1) % 10) {
	case 0:
		fifo_setup(d);
		break;
	case 1: case 2:
		if (block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc, sizeof(alloc)) == 0) {
			bind = (struct evtchn_bind_interdomain){ .remote_dom = d->id, .remote_port = alloc.port };
			block_call(other, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind, sizeof(bind));
		}
		break;
	case 3:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind, sizeof(bind));
		break;
	case 4:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_close, &send, sizeof(send));
		break;
	case 5:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, &move, sizeof(move));
		break;
	case 6:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &virq, sizeof(virq));
		break;
	case 7:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_unmask, &send, sizeof(send));
		break;
	default:
		block_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_send, &send, sizeof(send));
		break;
	}
}

static int64_t domctl(struct domain *d, struct xen_domctl *op, uint32_t cmd, domid_t target)
{
	uint64_t arg[5] = { BLOCK };
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = target;
	write_block(d, BLOCK, op, sizeof(*op));
	rc = call(d, __HYPERVISOR_domctl, arg);
	if (hosted_try_read(d, BLOCK, op, sizeof(*op)) != 0)
		memset(op, 0, sizeof(*op));
	return rc;
}

static void spoil(struct domain *d, gpa_t at, size_t len)
{
	for (unsigned int n = (unsigned int)take(1) % 4; n; n--) {
		uint64_t word = take_argument();

		write_block(d, at + (len ? take(2) % len : 0), &word, 1u << take(1) % 4);
	}
}

/* Another domain's whole context: read, spoiled, written back. */
static void step_context(struct domain *d)
{
	domid_t target = (domid_t)(1 + take(1) % 7);
	struct xen_domctl op = { 0 };
	uint32_t size;

	op.u.hvmcontext.size = 0x3000;
	op.u.hvmcontext.buffer.p = (uint8_t *)(uintptr_t)(8 * PAGE_SIZE);
	if (domctl(d, &op, XEN_DOMCTL_gethvmcontext, target) < 0)
		return;
	size = op.u.hvmcontext.size;
	spoil(d, 8 * PAGE_SIZE, size);
	op = (struct xen_domctl){ 0 };
	op.u.hvmcontext.size = size;
	op.u.hvmcontext.buffer.p = (uint8_t *)(uintptr_t)(8 * PAGE_SIZE);
	domctl(d, &op, XEN_DOMCTL_sethvmcontext, target);
}

static void step_cpu_policy(struct domain *d)
{
	domid_t target = (domid_t)(1 + take(1) % 7);
	struct xen_domctl op = { 0 };

	op.u.cpu_policy.nr_leaves = 96;
	op.u.cpu_policy.leaves.p = (void *)(uintptr_t)(8 * PAGE_SIZE);
	op.u.cpu_policy.nr_msrs = 2;
	op.u.cpu_policy.msrs.p = (void *)(uintptr_t)(12 * PAGE_SIZE);
	if (domctl(d, &op, XEN_DOMCTL_get_cpu_policy, target) < 0)
		return;
	spoil(d, 8 * PAGE_SIZE, op.u.cpu_policy.nr_leaves * 24);
	domctl(d, &op, XEN_DOMCTL_set_cpu_policy, target);
}

/* A domain made as xl makes it, as far as the input likes. */
static void step_build(struct domain *d)
{
	struct xen_domctl op = { 0 };
	struct xen_memory_reservation ram = { .extent_start.p = (xen_pfn_t *)(uintptr_t)(9 * PAGE_SIZE) };
	struct xen_add_to_physmap_batch map = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 4 };
	uint8_t steps = (uint8_t)take(1);
	domid_t id;

	op.u.createdomain = (struct xen_domctl_createdomain){ .ssidref = 12, .flags = 3, .max_vcpus = 1 + (uint32_t)take(1) % 3, .max_evtchn_port = 1023,
							      .max_grant_frames = 4, .max_maptrack_frames = 4, .grant_opts = 1,
							      .arch.emulation_flags = 1 };
	if (domctl(d, &op, XEN_DOMCTL_createdomain, 0) != 0)
		return;
	id = op.domain;
	op = (struct xen_domctl){ .u.max_mem.max_memkb = 4096 };
	if (steps & 1)
		domctl(d, &op, XEN_DOMCTL_max_mem, id);
	for (uint64_t i = 0; i < 16; i++)
		write_block(d, 9 * PAGE_SIZE + 8 * i, &i, sizeof(i));
	ram.nr_extents = 16;
	ram.domid = id;
	if (steps & 2)
		block_call(d, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &ram, sizeof(ram));
	map.u.foreign_domid = id;
	map.idxs.p = (xen_ulong_t *)(uintptr_t)(9 * PAGE_SIZE);
	map.gpfns.p = (xen_pfn_t *)(uintptr_t)(9 * PAGE_SIZE + 512);
	map.errs.p = (int *)(uintptr_t)(9 * PAGE_SIZE + 1024);
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t gfn = 120 + i;

		write_block(d, 9 * PAGE_SIZE + 512 + 8 * i, &gfn, sizeof(gfn));
	}
	if (steps & 4)
		block_call(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &map, sizeof(map));
	op = (struct xen_domctl){ 0 };
	if (steps & 8)
		domctl(d, &op, XEN_DOMCTL_unpausedomain, id);
	op = (struct xen_domctl){ 0 };
	if (steps & 16)
		domctl(d, &op, XEN_DOMCTL_destroydomain, id);
}

static void step_guided(struct domain *d)
{
	switch (take(1) % 8) {
	case 0: case 1: case 2:
		step_grant(d);
		break;
	case 3: case 4:
		step_event(d);
		break;
	case 5:
		step_context(d);
		break;
	case 6:
		step_cpu_policy(d);
		break;
	default:
		step_build(d);
		break;
	}
}

static uint32_t take_msr(void)
{
	static const uint32_t known[] = { 0x10, 0x1b, 0x3b, 0x48, 0x79, 0x8b, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x1a0, 0x200, 0x20f, 0x250,
		0x258, 0x26f, 0x277, 0x2ff, 0x400, 0x401, 0x6e0, 0x802, 0x808, 0x80b, 0x80f, 0x830, 0x832, 0x838, 0x83e, 0x83f, 0x40000000,
		0xc0000080, 0xc0000081, 0xc0000100, 0xc0000102, 0xc0000103, 0xc0010010, 0xc0010015, 0xc001001f, 0xc0010058, 0xc0011029 };
	uint8_t i = (uint8_t)take(1);

	return i < 200 ? known[i % (sizeof(known) / sizeof(known[0]))] : (uint32_t)take(4);
}

/* The guest's own page tables, whatever lies in them, for one copy each way. */
static void step_paging(struct domain *d)
{
	struct hosted_vcpu *h = hosted_vcpu(d->vcpu[0]);
	struct guest_paging former = h->paging;
	uint8_t bytes[64], insn[15];
	uint64_t va;

	h->paging = (struct guest_paging){ .cr0 = 0x80000011 | (take(1) & 1) << 16, .cr3 = take_argument(), .cr4 = take(1) & 0x30,
					   .efer = take(1) & 1 ? 0xd00 : 0, .cpl = 0, .long_mode = take(1) & 1 };
	va = take_argument();
	if (guest_copy_in(d->vcpu[0], bytes, va, sizeof(bytes)) == 0 && guest_copy_out(d->vcpu[0], va, bytes, sizeof(bytes)) != 0)
		va = 0;
	d->vcpu[0]->regs.rip = va;
	guest_fetch_insn(d->vcpu[0], insn);
	h->paging = former;
}

static void step_machine(struct domain *d)
{
	struct vcpu *v = d->vcpu[take(1) % 2];
	struct cpuid_regs regs;
	struct insn_mov mov;
	uint8_t insn[15];
	uint64_t val;
	int vector;

	if (!v)
		return;
	hosted_run_vcpu(v);
	switch (take(1) % 12) {
	case 10:
		step_paging(d);
		break;
	case 11:
		hosted_run_vcpu(NULL);
		vcpu_wake(v);
		break;
	case 0:
		if (guest_rdmsr(v, take_msr(), &val) == 0)
			guest_cpuid(v, (uint32_t)take(4), (uint32_t)take(1), &regs);
		break;
	case 1:
		if (guest_wrmsr(v, take_msr(), take_argument()) != 0)
			break;
		break;
	case 2:
		if (guest_wrmsr(v, 0x800 + (uint32_t)take(1), take_argument()) != 0)
			break;
		break;
	case 3:
		guest_port_write(v, (uint16_t)take(2), 1u << take(1) % 3, (uint32_t)take(4));
		guest_port_read(v, (uint16_t)take(2), 1u << take(1) % 3);
		break;
	case 4:
		lapic_mmio_write(v, (uint32_t)take(2) & 0xffc, (uint32_t)take(4));
		lapic_mmio_read(v, (uint32_t)take(2) & 0xffc);
		break;
	case 5:
		vector = guest_interrupt_pending(v);
		if (vector >= 0)
			guest_interrupt_accept(v, vector);
		break;
	case 6:
		lapic_set_irq(v, (uint8_t)take(1), take(1) & 1);
		break;
	case 7:
		for (unsigned int i = 0; i < sizeof(insn); i++)
			insn[i] = (uint8_t)take(1);
		if (insn_decode_mov(insn, (unsigned int)take(1) % 16, take(1) & 1, take(1) & 1, &mov) == 0 && mov.len > 15)
			abort();
		insn_length(insn, (unsigned int)take(1) % 16, (enum insn_kind)(take(1) % (INSN_OTHER + 1)), take(1) & 1);
		break;
	case 8:
		v->regs.rip = take_argument();
		if (guest_mmio_fault(v, take_argument(), take(1) & 1) != 0)
			break;
		break;
	default:
		hosted_time_advance(take(4));
		timer_run_due();
		vcpu_update_areas(v);
		break;
	}
}

static void step(void)
{
	struct domain *d = domain[take(1) % DOMAINS];

	if (!able(d))
		return;
	switch (take(1) % 16) {
	case 0: case 1:
		step_write(d);
		break;
	case 2: case 3:
		step_raw(d);
		break;
	case 4: case 5: case 6:
		step_guided(d);
		break;
	case 7: case 8:
		step_control(d);
		break;
	case 9: case 10: case 11: case 12:
		step_block(d);
		break;
	case 13:
		step_multicall(d);
		break;
	default:
		step_machine(d);
		break;
	}
}

/* --- a machine for each input ------------------------------------------------------------------------------------------------ */

static void show_memory(struct domain *d)
{
	struct xen_add_to_physmap add = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = SHARED_GFN };
	uint64_t arg[5] = { XENMEM_add_to_physmap, BLOCK };

	write_block(d, BLOCK, &add, sizeof(add));
	call(d, __HYPERVISOR_memory_op, arg);
	add.space = XENMAPSPACE_grant_table;
	add.gpfn = GRANT_GFN;
	write_block(d, BLOCK, &add, sizeof(add));
	call(d, __HYPERVISOR_memory_op, arg);
}

static void machine_begin(void)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		domain[i] = hosted_domain((domid_t)i, labels[i], PAGES, 2);
		show_memory(domain[i]);
	}
	/* By its label it still controls; but its end is not the machine's, so that one input's is not the next one's. */
	domain[0]->is_control = false;
}

/* Domains that the control domain has made die like the others. */
static void kill_strangers(void)
{
	struct domain *d;

	while ((d = domain_lookup_next_raw(0)) != NULL)
		hosted_domain_kill(d);
}

static void machine_end(void)
{
	hosted_run_vcpu(NULL);
	for (unsigned int i = 0; i < DOMAINS; i++)
		hosted_domain_kill(domain[i]);
	kill_strangers();
	if (guest_pages_free() != guest_free) {
		fprintf(stderr, "guest memory: %llu pages free, were %llu\n", (unsigned long long)guest_pages_free(), (unsigned long long)guest_free);
		abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	hosted_machine_init_policy("build/fuzz/policy");
	hosted_time_auto(50);
	guest_free = guest_pages_free();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	in = bytes;
	left = len;
	hosted_console_clear();
	machine_begin();
	for (unsigned int i = 0; i < MAX_STEPS && left; i++)
		step();
	machine_end();
	return 0;
}
