/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: calls of a toolstack on a child that never runs, for the comparison of two hypervisors.
 * Locking: none. Trust: a guest.
 */
#include "diff.h"

#include <xen/platform.h>

#define U(name, member, set, base) { #member, offsetof(struct xen_domctl, u.name.member), sizeof(((struct xen_domctl *)0)->u.name.member), set, base }
#define TARGET { "domain", offsetof(struct xen_domctl, domain), 2, SET_OTHER_DOM, BASE_CHILD }
#define DOMCTL(op, look_, n, ...) \
	{ .name = "domctl." #op, .nr = __HYPERVISOR_domctl, .kind = POINTER_ALONE, .look = look_, .sub = XEN_DOMCTL_##op, .version = XEN_DOMCTL_INTERFACE_VERSION, \
	  .size = sizeof(struct xen_domctl), .randoms = n, .field = { TARGET, __VA_ARGS__ } }
#define S(name, member, set, base) { #member, offsetof(struct xen_sysctl, u.name.member), sizeof(((struct xen_sysctl *)0)->u.name.member), set, base }
#define SYSCTL(op, look_, n, ...) \
	{ .name = "sysctl." #op, .nr = __HYPERVISOR_sysctl, .kind = POINTER_ALONE, .look = look_, .sub = XEN_SYSCTL_##op, .version = XEN_SYSCTL_INTERFACE_VERSION, \
	  .size = sizeof(struct xen_sysctl), .randoms = n, .field = { __VA_ARGS__ } }
#define PLAIN { "-", 8, 4, SET_FIXED, 0 }
#define BITMAP(name, member) \
	U(name, member.bitmap, SET_POINTER, BASE_BUFFER), U(name, member.nr_bits, SET_BITS, 64)

static const struct diff_shape shapes[] = {
	DOMCTL(getdomaininfo, LOOK_NOT, 0),
	DOMCTL(settscinfo, LOOK_BYTES, 0, U(tsc_info, tsc_mode, SET_SMALL, 2)),
	DOMCTL(set_cpu_policy, LOOK_NOT, 0, U(cpu_policy, nr_leaves, SET_NUMBER, 0), U(cpu_policy, nr_msrs, SET_NUMBER, 0),
	       U(cpu_policy, leaves, SET_POINTER, BASE_BUFFER)),
	DOMCTL(pausedomain, LOOK_BYTES, 0),
	DOMCTL(unpausedomain, LOOK_BYTES, 0),	/* as often as paused: the child stays paused */
	{ .name = "domctl.settscinfo later", .nr = __HYPERVISOR_domctl, .kind = POINTER_ALONE, .sub = XEN_DOMCTL_settscinfo, .version = XEN_DOMCTL_INTERFACE_VERSION,
	  .size = sizeof(struct xen_domctl), .field = { TARGET } },
	DOMCTL(max_mem, LOOK_BYTES, 0, U(max_mem, max_memkb, SET_NUMBER, 8192)),
	DOMCTL(max_vcpus, LOOK_BYTES, 0, U(max_vcpus, max, SET_NUMBER, 1)),
	DOMCTL(getvcpuinfo, LOOK_NOT, 0, U(getvcpuinfo, vcpu, SET_VCPU, 0)),
	DOMCTL(getvcpucontext, LOOK_NOT, 0, U(vcpucontext, vcpu, SET_VCPU, 0)),
	DOMCTL(setdomainhandle, LOOK_BYTES, 0, U(setdomainhandle, handle, SET_FIXED, 77)),
	DOMCTL(setdebugging, LOOK_BYTES, 0, U(setdebugging, enable, SET_FIXED, 0)),
	DOMCTL(settimeoffset, LOOK_BYTES, 0, U(settimeoffset, time_offset_seconds, SET_LONG, 0)),
	DOMCTL(setvcpuaffinity, LOOK_BYTES, 12, U(vcpuaffinity, vcpu, SET_VCPU, 0), U(vcpuaffinity, flags, SET_SMALL, 1),
	       BITMAP(vcpuaffinity, cpumap_hard), BITMAP(vcpuaffinity, cpumap_soft)),
	DOMCTL(getvcpuaffinity, LOOK_BYTES, 12, U(vcpuaffinity, vcpu, SET_VCPU, 0), U(vcpuaffinity, flags, SET_SMALL, 1),
	       BITMAP(vcpuaffinity, cpumap_hard), BITMAP(vcpuaffinity, cpumap_soft)),
	DOMCTL(setnodeaffinity, LOOK_BYTES, 0, BITMAP(nodeaffinity, nodemap)),
	DOMCTL(getnodeaffinity, LOOK_BYTES, 0, BITMAP(nodeaffinity, nodemap)),
	DOMCTL(scheduler_op, LOOK_NOT, 0, U(scheduler_op, sched_id, SET_SMALL, 5), U(scheduler_op, cmd, SET_SMALL, 1)),
	DOMCTL(resumedomain, LOOK_BYTES, 0),
	DOMCTL(sendtrigger, LOOK_BYTES, 12, U(sendtrigger, trigger, SET_SMALL, 9), U(sendtrigger, vcpu, SET_VCPU, 0)),
	DOMCTL(subscribe, LOOK_BYTES, 0, U(subscribe, port, SET_PORT, 0)),
	DOMCTL(gethvmcontext, LOOK_NOT, 0, U(hvmcontext, size, SET_NUMBER, 0), U(hvmcontext, buffer, SET_POINTER, BASE_BUFFER)),
	DOMCTL(sethvmcontext, LOOK_NOT, 0, U(hvmcontext, size, SET_NUMBER, 64), U(hvmcontext, buffer, SET_POINTER, BASE_BUFFER)),
	DOMCTL(gethvmcontext_partial, LOOK_NOT, 12, U(hvmcontext_partial, type, SET_SMALL, 2), U(hvmcontext_partial, instance, SET_VCPU, 0),
	       U(hvmcontext_partial, bufsz, SET_FIXED, 2048), U(hvmcontext_partial, buffer, SET_POINTER, BASE_BUFFER)),
	DOMCTL(set_address_size, LOOK_BYTES, 0, U(address_size, size, SET_NUMBER, 64)),
	DOMCTL(get_address_size, LOOK_BYTES, 0),
	DOMCTL(gettscinfo, LOOK_NOT, 0),
	DOMCTL(getpageframeinfo3, LOOK_BYTES, 0, U(getpageframeinfo3, num, SET_NUMBER, 1), U(getpageframeinfo3, array, SET_POINTER, BASE_LIST)),
	DOMCTL(shadow_op, LOOK_NOT, 0, U(shadow_op, op, SET_SMALL, 30)),
	DOMCTL(get_paging_mempool_size, LOOK_NOT, 0),
	DOMCTL(get_cpu_policy, LOOK_NOT, 0, U(cpu_policy, nr_leaves, SET_NUMBER, 0), U(cpu_policy, nr_msrs, SET_NUMBER, 0),
	       U(cpu_policy, leaves, SET_POINTER, BASE_BUFFER)),
	DOMCTL(set_target, LOOK_BYTES, 0, U(set_target, target, SET_OTHER_DOM, 77)),
	DOMCTL(irq_permission, LOOK_BYTES, 0, U(irq_permission, pirq, SET_NUMBER, 0xffffffff)),
	DOMCTL(ioport_permission, LOOK_BYTES, 0, U(ioport_permission, first_port, SET_NUMBER, 0xffff), U(ioport_permission, nr_ports, SET_NUMBER, 0xffff)),
	DOMCTL(hypercall_init, LOOK_BYTES, 0, U(hypercall_init, gmfn, SET_FIXED, UINT64_C(0xffffffffff))),
	DOMCTL(debug_op, LOOK_BYTES, 0, U(debug_op, op, SET_SMALL, 9), U(debug_op, vcpu, SET_VCPU, 0)),
	DOMCTL(setvnumainfo, LOOK_BYTES, 0, U(vnuma, nr_vnodes, SET_SMALL, 0)),
	DOMCTL(get_vcpu_msrs, LOOK_BYTES, 0, U(vcpu_msrs, vcpu, SET_VCPU, 0), U(vcpu_msrs, msr_count, SET_NUMBER, 0)),
	DOMCTL(getvcpuextstate, LOOK_NOT, 0, U(vcpuextstate, vcpu, SET_VCPU, 0)),
	{ .name = "domctl.createdomain", .nr = __HYPERVISOR_domctl, .kind = POINTER_ALONE, .sub = XEN_DOMCTL_createdomain, .version = XEN_DOMCTL_INTERFACE_VERSION,
	  .size = sizeof(struct xen_domctl), .randoms = 24,
	  .field = { { "domain", offsetof(struct xen_domctl, domain), 2, SET_OTHER_DOM, 78 }, U(createdomain, ssidref, SET_FIXED, BASE_SID),
		     U(createdomain, flags, SET_BIT, XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap), U(createdomain, max_vcpus, SET_NUMBER, 1),
		     U(createdomain, max_evtchn_port, SET_PORT, 1023), U(createdomain, max_grant_frames, SET_NUMBER, 4),
		     U(createdomain, max_maptrack_frames, SET_NUMBER, 4), U(createdomain, grant_opts, SET_SMALL, 1),
		     U(createdomain, arch.emulation_flags, SET_BIT, XEN_X86_EMU_LAPIC), U(createdomain, iommu_opts, SET_BIT, 0) } },

	SYSCTL(physinfo, LOOK_NOT, 0, PLAIN),
	SYSCTL(sched_id, LOOK_NOT, 0, PLAIN),
	SYSCTL(getcpuinfo, LOOK_NOT, 0, S(getcpuinfo, max_cpus, SET_NUMBER, 2), S(getcpuinfo, info, SET_POINTER, BASE_BUFFER)),
	SYSCTL(cputopoinfo, LOOK_NOT, 0, S(cputopoinfo, num_cpus, SET_NUMBER, 2), S(cputopoinfo, cputopo, SET_POINTER, BASE_BUFFER)),
	SYSCTL(numainfo, LOOK_NOT, 0, S(numainfo, num_nodes, SET_NUMBER, 1), S(numainfo, meminfo, SET_POINTER, BASE_BUFFER),
	       S(numainfo, distance, SET_POINTER, BASE_LIST)),
	SYSCTL(availheap, LOOK_NOT, 0, S(availheap, min_bitwidth, SET_NUMBER, 0), S(availheap, max_bitwidth, SET_NUMBER, 0), S(availheap, node, SET_SMALL, 0xffffffff)),
	SYSCTL(getdomaininfolist, LOOK_NOT, 0, S(getdomaininfolist, first_domain, SET_DOM, 0), S(getdomaininfolist, max_domains, SET_SMALL, 2),
	       S(getdomaininfolist, buffer, SET_POINTER, BASE_BUFFER)),
	SYSCTL(readconsole, LOOK_NOT, 0, S(readconsole, count, SET_SMALL, 16), S(readconsole, buffer, SET_POINTER, BASE_BUFFER)),
	SYSCTL(cpupool_op, LOOK_NOT, 0, S(cpupool_op, op, SET_FIXED, XEN_SYSCTL_CPUPOOL_OP_INFO), S(cpupool_op, cpupool_id, SET_SMALL, 0)),
	SYSCTL(scheduler_op, LOOK_NOT, 0, S(scheduler_op, cpupool_id, SET_SMALL, 0), S(scheduler_op, sched_id, SET_SMALL, 5), S(scheduler_op, cmd, SET_FIXED, 1)),
	SYSCTL(get_cpu_featureset, LOOK_NOT, 0, S(cpu_featureset, index, SET_SMALL, 0), S(cpu_featureset, nr_features, SET_SMALL, 0),
	       S(cpu_featureset, features, SET_POINTER, BASE_BUFFER)),
	SYSCTL(get_cpu_policy, LOOK_NOT, 0, S(cpu_policy, index, SET_SMALL, 0), S(cpu_policy, nr_leaves, SET_NUMBER, 0), S(cpu_policy, nr_msrs, SET_NUMBER, 0),
	       S(cpu_policy, leaves, SET_POINTER, BASE_BUFFER)),
	SYSCTL(perfc_op, LOOK_NOT, 0, S(perfc_op, cmd, SET_SMALL, 9)),
	SYSCTL(tbuf_op, LOOK_NOT, 0, S(tbuf_op, cmd, SET_FIXED, 99)),
	SYSCTL(coverage_op, LOOK_NOT, 0, S(coverage_op, cmd, SET_SMALL, 9)),
	SYSCTL(lockprof_op, LOOK_NOT, 0, S(lockprof_op, cmd, SET_SMALL, 9)),
	SYSCTL(psr_alloc, LOOK_NOT, 0, S(psr_alloc, target, SET_SMALL, 0), S(psr_alloc, cmd, SET_SMALL, 0)),
	SYSCTL(get_pmstat, LOOK_NOT, 0, S(get_pmstat, type, SET_SMALL, 0), S(get_pmstat, cpuid, SET_SMALL, 7)),

	{ .name = "platform.get_cpuinfo", .nr = __HYPERVISOR_platform_op, .kind = POINTER_ALONE, .look = LOOK_NOT, .sub = XENPF_get_cpuinfo,
	  .version = XENPF_INTERFACE_VERSION, .size = sizeof(struct xen_platform_op), .field = { { "cpu", offsetof(struct xen_platform_op, u.pcpu_info.xen_cpuid), 4, SET_VCPU, 0 } } },
	{ .name = "memory.set_memory_map", .nr = __HYPERVISOR_memory_op, .kind = SUB_AND_POINTER, .sub = XENMEM_set_memory_map, .size = sizeof(struct xen_foreign_memory_map),
	  .field = { { "domid", 0, 2, SET_OTHER_DOM, BASE_CHILD }, { "nr_entries", offsetof(struct xen_foreign_memory_map, map.nr_entries), 4, SET_NUMBER, 1 },
		     { "buffer", offsetof(struct xen_foreign_memory_map, map.buffer), 8, SET_POINTER, BASE_BUFFER } } },
	{ .name = "memory.claim_pages", .nr = __HYPERVISOR_memory_op, .kind = SUB_AND_POINTER, .sub = XENMEM_claim_pages, .size = sizeof(struct xen_memory_reservation),
	  .field = { { "nr_extents", offsetof(struct xen_memory_reservation, nr_extents), 8, SET_SMALL, 0 },
		     { "domid", offsetof(struct xen_memory_reservation, domid), 2, SET_OTHER_DOM, BASE_CHILD },
		     { "extent_order", offsetof(struct xen_memory_reservation, extent_order), 4, SET_SMALL, 0 } } },
	{ .name = "memory.set_pod_target", .nr = __HYPERVISOR_memory_op, .kind = SUB_AND_POINTER, .look = LOOK_NOT, .sub = XENMEM_set_pod_target, .size = sizeof(struct xen_pod_target),
	  .field = { { "domid", offsetof(struct xen_pod_target, domid), 2, SET_OTHER_DOM, BASE_CHILD } } },
	{ .name = "memory.populate_child", .nr = __HYPERVISOR_memory_op, .kind = SUB_AND_POINTER, .sub = XENMEM_populate_physmap, .size = sizeof(struct xen_memory_reservation),
	  .randoms = 24, .field = { { "extent_start", offsetof(struct xen_memory_reservation, extent_start), 8, SET_POINTER, BASE_LIST },
		     { "nr_extents", offsetof(struct xen_memory_reservation, nr_extents), 8, SET_SMALL, 1 },
		     { "domid", offsetof(struct xen_memory_reservation, domid), 2, SET_OTHER_DOM, BASE_CHILD },
		     { "extent_order", offsetof(struct xen_memory_reservation, extent_order), 4, SET_ORDER, 0 } } },
};

/* The heads that are wrong: version, and sub-operations that nobody knows. */
static void wrong_heads(void)
{
	static const struct { const char *name; uint8_t nr; uint32_t version; } head[] = {
		{ "domctl", __HYPERVISOR_domctl, XEN_DOMCTL_INTERFACE_VERSION }, { "sysctl", __HYPERVISOR_sysctl, XEN_SYSCTL_INTERFACE_VERSION },
		{ "platform", __HYPERVISOR_platform_op, XENPF_INTERFACE_VERSION },
	};
	char what[48];

	for (unsigned int i = 0; i < ARRAY_SIZE(head); i++)
		for (unsigned int k = 0; k < 4; k++) {
			uint32_t *word = diff_structure(128);

			word[0] = k & 1 ? 9999 : i == 1 ? XEN_SYSCTL_physinfo : 0;
			word[1] = k & 2 ? head[i].version : head[i].version + 1;
			if (k == 2)
				continue;
			(void)hv_snprintf(what, sizeof(what), "%s op=%s version=%s", head[i].name, k & 1 ? "9999" : "known", k & 2 ? "right" : "wrong");
			(void)diff_call(what, LOOK_BYTES, head[i].nr, (uint64_t)word, 0, 0, 0);
		}
}

void diff_shapes_control(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		diff_run(&shapes[i]);
	wrong_heads();
}
