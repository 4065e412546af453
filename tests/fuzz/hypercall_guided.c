/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of the hypercall fuzzer that know what goes together: the input chooses who, where and what is wrong with it.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <abi/ravelin.h>
#include <hv/evtchn.h>
#include <hv/p2m.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "hypercall_world.h"

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
		struct gnttab_unmap_grant_ref unmap = { .host_addr = (MAP_GFN + take(1) % 16) << PAGE_SHIFT, .handle = (uint32_t)take(1) % 16 };

		block_call(user, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, sizeof(unmap));
	} else {
		struct gnttab_map_grant_ref map = { .host_addr = (MAP_GFN + take(1) % 16) << PAGE_SHIFT, .flags = GNTMAP_host_map | (what & 4),
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

/* An sHype policy as rav loads it, whole or spoiled; then what the guests' labels mean to it. */
static void step_shype(struct domain *d)
{
	static uint8_t policy[2][8192];
	static size_t size[2];
	static const char *const paths[2] = { "build/shype/banks", "build/shype/apart" };
	unsigned int which = take(1) & 1;
	struct ravelin_op op = { .cmd = RAVELIN_SHYPE_LOAD, .interface_version = RAVELIN_INTERFACE_VERSION };
	uint64_t arg[5] = { BLOCK };
	FILE *f = size[which] ? NULL : fopen(paths[which], "rb");

	if (f) {
		size[which] = fread(policy[which], 1, sizeof(policy[which]), f);
		fclose(f);
	}
	if (size[which] == 0)
		abort();
	write_block(d, 8 * PAGE_SIZE, policy[which], size[which]);
	if (take(1) % 4 == 0)
		spoil(d, 8 * PAGE_SIZE, size[which]);
	op.u.shype_load.buffer = 8 * PAGE_SIZE;
	op.u.shype_load.size = (uint32_t)size[which];
	op.u.shype_load.revoke = take(1) & 1;
	op.u.shype_load.conflicts = 12 * PAGE_SIZE;
	write_block(d, BLOCK, &op, sizeof(op));
	if (call(d, RAVELIN_HYPERCALL, arg) == 0)
		world_dirty = true;
}

void step_guided(struct domain *d)
{
	switch (take(1) % 9) {
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
	case 7:
		step_shype(d);
		break;
	default:
		step_build(d);
		break;
	}
}

