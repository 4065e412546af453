/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: calls that any guest may make, for the comparison of two hypervisors.
 * Locking: none. Trust: a guest.
 */
#include "diff.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define F(type, member, set, base) { #member, offsetof(struct type, member), sizeof(((struct type *)0)->member), set, base }
#define REGISTER(n, text, set, base) { text, (n) * 8, 8, set, base }

#define REGISTERS(text, call, look_, ...) { .name = text, .nr = __HYPERVISOR_##call, .kind = BY_REGISTERS, .look = look_, .size = 40, .field = { __VA_ARGS__ } }
#define EVENT(op, type, n, ...) \
	{ .name = "event." #op, .nr = __HYPERVISOR_event_channel_op, .kind = SUB_AND_POINTER, .sub = EVTCHNOP_##op, .size = sizeof(struct evtchn_##type), \
	  .randoms = n, .field = { __VA_ARGS__ } }
#define MEMORY(op, type, look_, n, ...) \
	{ .name = "memory." #op, .nr = __HYPERVISOR_memory_op, .kind = SUB_AND_POINTER, .look = look_, .sub = XENMEM_##op, .size = sizeof(struct xen_##type), \
	  .randoms = n, .field = { __VA_ARGS__ } }
#define GRANT(op, type, look_, n, ...) \
	{ .name = "grant." #op, .nr = __HYPERVISOR_grant_table_op, .kind = SUB_POINTER_COUNT, .look = look_, .sub = GNTTABOP_##op, .size = sizeof(struct gnttab_##type), \
	  .randoms = n, .field = { __VA_ARGS__ } }
#define SCHED(op, type, ...) \
	{ .name = "sched." #op, .nr = __HYPERVISOR_sched_op, .kind = SUB_AND_POINTER, .sub = SCHEDOP_##op, .size = sizeof(struct type), .field = { __VA_ARGS__ } }
#define VCPU(op, member, look_, ...) \
	{ .name = "vcpu." #op, .nr = __HYPERVISOR_vcpu_op, .kind = SUB_VCPU_POINTER, .look = look_, .sub = VCPUOP_##op, .size = 72, \
	  .field = { { "vcpu", 64, 8, SET_VCPU, 0 }, __VA_ARGS__ } }
#define RESERVATION(n) \
	F(xen_memory_reservation, domid, SET_DOM, DOMID_SELF), F(xen_memory_reservation, extent_start, SET_POINTER, BASE_LIST), \
	F(xen_memory_reservation, nr_extents, SET_SMALL, n), F(xen_memory_reservation, extent_order, SET_ORDER, 0), \
	F(xen_memory_reservation, mem_flags, SET_BIT, 0)

static const struct diff_shape shapes[] = {
	REGISTERS("version", xen_version, LOOK_WHERE, REGISTER(0, "op", SET_NUMBER, 0), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("version.extraversion", xen_version, LOOK_WHERE, REGISTER(0, "op", SET_FIXED, XENVER_extraversion), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("version.capabilities", xen_version, LOOK_BYTES, REGISTER(0, "op", SET_FIXED, XENVER_capabilities), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("version.platform", xen_version, LOOK_BYTES, REGISTER(0, "op", SET_FIXED, XENVER_platform_parameters),
		  REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("version.handle", xen_version, LOOK_WHERE, REGISTER(0, "op", SET_FIXED, XENVER_guest_handle), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	{ .name = "version.features", .nr = __HYPERVISOR_xen_version, .kind = SUB_AND_POINTER, .sub = XENVER_get_features, .size = sizeof(struct xen_feature_info),
	  .field = { F(xen_feature_info, submap_idx, SET_NUMBER, 0) } },
	{ .name = "version.build_id", .nr = __HYPERVISOR_xen_version, .kind = SUB_AND_POINTER, .look = LOOK_NOT, .sub = XENVER_build_id, .size = 64,
	  .field = { F(xen_build_id, len, SET_NUMBER, 0) } },

	EVENT(alloc_unbound, alloc_unbound, 12, F(evtchn_alloc_unbound, dom, SET_DOM, DOMID_SELF), F(evtchn_alloc_unbound, remote_dom, SET_DOM, DOMID_SELF)),
	EVENT(bind_interdomain, bind_interdomain, 12, F(evtchn_bind_interdomain, remote_dom, SET_DOM, DOMID_SELF),
	      F(evtchn_bind_interdomain, remote_port, SET_PORT, 1)),
	EVENT(bind_virq, bind_virq, 24, F(evtchn_bind_virq, virq, SET_NUMBER, 0), F(evtchn_bind_virq, vcpu, SET_VCPU, 0)),
	EVENT(bind_ipi, bind_ipi, 0, F(evtchn_bind_ipi, vcpu, SET_VCPU, 0)),
	EVENT(bind_vcpu, bind_vcpu, 24, F(evtchn_bind_vcpu, port, SET_PORT, 1), F(evtchn_bind_vcpu, vcpu, SET_VCPU, 0)),
	EVENT(status, status, 24, F(evtchn_status, dom, SET_DOM, DOMID_SELF), F(evtchn_status, port, SET_PORT, 1)),
	EVENT(send, send, 0, F(evtchn_send, port, SET_PORT, 1)),
	EVENT(unmask, unmask, 0, F(evtchn_unmask, port, SET_PORT, 1)),
	EVENT(close, close, 0, F(evtchn_close, port, SET_PORT, 1)),
	EVENT(set_priority, set_priority, 12, F(evtchn_set_priority, port, SET_PORT, 2), F(evtchn_set_priority, priority, SET_NUMBER, 7)),
	EVENT(expand_array, expand_array, 0, F(evtchn_expand_array, array_gfn, SET_GFN, BASE_SACRIFICE)),
	EVENT(init_control, init_control, 12, F(evtchn_init_control, control_gfn, SET_GFN, BASE_SACRIFICE), F(evtchn_init_control, offset, SET_NUMBER, 1),
	      F(evtchn_init_control, vcpu, SET_VCPU, 31)),
	EVENT(bind_pirq, bind_pirq, 0, F(evtchn_bind_pirq, pirq, SET_FIXED, 900), F(evtchn_bind_pirq, flags, SET_FIXED, 0)),
	REGISTERS("event", event_channel_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 15), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("event.unknown", event_channel_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 0x80000001), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),

	GRANT(query_size, query_size, LOOK_BYTES, 0, F(gnttab_query_size, dom, SET_DOM, DOMID_SELF)),
	GRANT(get_version, get_version, LOOK_BYTES, 0, F(gnttab_get_version, dom, SET_DOM, DOMID_SELF)),
	GRANT(setup_table, setup_table, LOOK_WHERE, 12, F(gnttab_setup_table, dom, SET_DOM, DOMID_SELF), F(gnttab_setup_table, nr_frames, SET_SMALL, 1),
	      F(gnttab_setup_table, frame_list, SET_POINTER, BASE_BUFFER)),
	GRANT(map_grant_ref, map_grant_ref, LOOK_BYTES, 24, F(gnttab_map_grant_ref, host_addr, SET_ADDRESS, BASE_SCRATCH),
	      F(gnttab_map_grant_ref, flags, SET_BIT, GNTMAP_host_map), F(gnttab_map_grant_ref, ref, SET_NUMBER, 12),
	      F(gnttab_map_grant_ref, dom, SET_DOM, BASE_CHILD)),
	GRANT(unmap_grant_ref, unmap_grant_ref, LOOK_BYTES, 12, F(gnttab_unmap_grant_ref, host_addr, SET_ADDRESS, BASE_SCRATCH),
	      F(gnttab_unmap_grant_ref, dev_bus_addr, SET_LONG, 0), F(gnttab_unmap_grant_ref, handle, SET_NUMBER, 0)),
	GRANT(copy, copy, LOOK_BYTES, 24, F(gnttab_copy, source.u.ref, SET_NUMBER, 12), F(gnttab_copy, source.domid, SET_DOM, BASE_CHILD),
	      F(gnttab_copy, source.offset, SET_NUMBER, 0), F(gnttab_copy, dest.u.gmfn, SET_GFN, BASE_SACRIFICE), F(gnttab_copy, dest.domid, SET_DOM, DOMID_SELF),
	      F(gnttab_copy, dest.offset, SET_NUMBER, 0), F(gnttab_copy, len, SET_NUMBER, 16), F(gnttab_copy, flags, SET_SMALL, GNTCOPY_source_gref)),
	GRANT(set_version, set_version, LOOK_BYTES, 0, F(gnttab_set_version, version, SET_ORDER, 1)),
	REGISTERS("grant", grant_table_op, LOOK_NOT, REGISTER(0, "op", SET_NUMBER, 3), REGISTER(1, "at", SET_POINTER, BASE_BUFFER), REGISTER(2, "count", SET_FIXED, 0)),
	REGISTERS("grant.count", grant_table_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, GNTTABOP_query_size), REGISTER(1, "at", SET_FIXED, UINT64_C(0x7f0000000000)),
		  REGISTER(2, "count", SET_LONG, 1)),

	MEMORY(current_reservation, memory_domain, LOOK_NOT, 0, F(xen_memory_domain, domid, SET_OTHER_DOM, BASE_CHILD)),
	MEMORY(maximum_reservation, memory_domain, LOOK_NOT, 0, F(xen_memory_domain, domid, SET_OTHER_DOM, BASE_CHILD)),
	MEMORY(maximum_gpfn, memory_domain, LOOK_NOT, 0, F(xen_memory_domain, domid, SET_OTHER_DOM, BASE_CHILD)),
	MEMORY(add_to_physmap, add_to_physmap, LOOK_BYTES, 24, F(xen_add_to_physmap, domid, SET_DOM, DOMID_SELF), F(xen_add_to_physmap, space, SET_SMALL, XENMAPSPACE_shared_info),
	       F(xen_add_to_physmap, idx, SET_SMALL, 0), F(xen_add_to_physmap, gpfn, SET_GFN, BASE_SCRATCH_GFN)),
	MEMORY(remove_from_physmap, remove_from_physmap, LOOK_BYTES, 0, F(xen_remove_from_physmap, domid, SET_DOM, DOMID_SELF),
	       F(xen_remove_from_physmap, gpfn, SET_GFN, BASE_SCRATCH_GFN)),
	MEMORY(add_to_physmap_batch, add_to_physmap_batch, LOOK_BYTES, 12, F(xen_add_to_physmap_batch, domid, SET_DOM, DOMID_SELF),
	       F(xen_add_to_physmap_batch, space, SET_SMALL, XENMAPSPACE_gmfn_foreign), F(xen_add_to_physmap_batch, size, SET_SMALL, 1),
	       F(xen_add_to_physmap_batch, u.foreign_domid, SET_DOM, BASE_CHILD), F(xen_add_to_physmap_batch, idxs, SET_POINTER, BASE_BUFFER),
	       F(xen_add_to_physmap_batch, gpfns, SET_POINTER, BASE_LIST), F(xen_add_to_physmap_batch, errs, SET_POINTER, BASE_BUFFER)),
	MEMORY(decrease_reservation, memory_reservation, LOOK_BYTES, 12, RESERVATION(1)),
	MEMORY(populate_physmap, memory_reservation, LOOK_BYTES, 12, RESERVATION(8)),
	MEMORY(increase_reservation, memory_reservation, LOOK_NOT, 0, F(xen_memory_reservation, domid, SET_OTHER_DOM, 77)),
	MEMORY(memory_map, memory_map, LOOK_NOT, 0, F(xen_memory_map, nr_entries, SET_SMALL, 0), F(xen_memory_map, buffer, SET_POINTER, BASE_BUFFER)),
	MEMORY(get_pod_target, pod_target, LOOK_NOT, 0, F(xen_pod_target, domid, SET_OTHER_DOM, BASE_CHILD)),
	MEMORY(acquire_resource, mem_acquire_resource, LOOK_WHERE, 24, F(xen_mem_acquire_resource, domid, SET_OTHER_DOM, BASE_CHILD),
	       F(xen_mem_acquire_resource, type, SET_SMALL, XENMEM_resource_grant_table), F(xen_mem_acquire_resource, id, SET_SMALL, 0),
	       F(xen_mem_acquire_resource, nr_frames, SET_SMALL, 1), F(xen_mem_acquire_resource, pad, SET_SMALL, 0), F(xen_mem_acquire_resource, frame, SET_LONG, 0),
	       F(xen_mem_acquire_resource, frame_list, SET_POINTER, BASE_LIST)),
	REGISTERS("memory", memory_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 63), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),

	SCHED(poll, sched_poll, F(sched_poll, timeout, SET_FIXED, 1), F(sched_poll, nr_ports, SET_NUMBER, 0), F(sched_poll, ports, SET_POINTER, BASE_BUFFER)),
	SCHED(watchdog, sched_watchdog, F(sched_watchdog, id, SET_NUMBER, 1), F(sched_watchdog, timeout, SET_FIXED, 100000)),
	SCHED(remote_shutdown, sched_remote_shutdown, F(sched_remote_shutdown, domain_id, SET_OTHER_DOM, 77), F(sched_remote_shutdown, reason, SET_SMALL, 0)),
	REGISTERS("sched", sched_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 8), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),

	VCPU(is_up, none, LOOK_BYTES, { "-", 0, 8, SET_FIXED, 0 }),
	VCPU(stop_periodic_timer, none, LOOK_BYTES, { "-", 0, 8, SET_FIXED, 0 }),
	VCPU(stop_singleshot_timer, none, LOOK_BYTES, { "-", 0, 8, SET_FIXED, 0 }),
	VCPU(get_runstate_info, none, LOOK_NOT, { "-", 0, 8, SET_FIXED, 0 }),
	VCPU(set_singleshot_timer, none, LOOK_BYTES, { "timeout", 0, 8, SET_TIME, 1 }, { "flags", 8, 4, SET_BIT, 0 }),
	VCPU(set_periodic_timer, none, LOOK_BYTES, { "period", 0, 8, SET_LONG, 0 }),
	VCPU(register_vcpu_info, none, LOOK_BYTES, { "mfn", 0, 8, SET_GFN, 0xffffffffff }, { "offset", 8, 4, SET_NUMBER, 0 }),
	VCPU(register_runstate_memory_area, none, LOOK_NOT, { "area", 0, 8, SET_POINTER, BASE_BUFFER }),
	VCPU(register_vcpu_time_memory_area, none, LOOK_NOT, { "area", 0, 8, SET_POINTER, BASE_BUFFER }),
	VCPU(get_physid, none, LOOK_BYTES, { "-", 0, 8, SET_FIXED, 0 }),
	REGISTERS("vcpu", vcpu_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 14), REGISTER(1, "vcpu", SET_VCPU, 0), REGISTER(2, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("vcpu.up", vcpu_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, VCPUOP_up), REGISTER(1, "vcpu", SET_VCPU, 1)),
	REGISTERS("vcpu.down", vcpu_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, VCPUOP_down), REGISTER(1, "vcpu", SET_FIXED, 1)),

	{ .name = "hvm.get_param", .nr = __HYPERVISOR_hvm_op, .kind = SUB_AND_POINTER, .look = LOOK_BYTES, .sub = HVMOP_get_param, .size = sizeof(struct xen_hvm_param),
	  .field = { F(xen_hvm_param, domid, SET_DOM, DOMID_SELF), F(xen_hvm_param, index, SET_NUMBER, HVM_PARAM_STORE_PFN) } },
	{ .name = "hvm.set_param", .nr = __HYPERVISOR_hvm_op, .kind = SUB_AND_POINTER, .look = LOOK_BYTES, .sub = HVMOP_set_param, .size = sizeof(struct xen_hvm_param),
	  .field = { F(xen_hvm_param, domid, SET_OTHER_DOM, 77), F(xen_hvm_param, index, SET_NUMBER, HVM_PARAM_STORE_PFN), F(xen_hvm_param, value, SET_LONG, 5) } },
	{ .name = "hvm.upcall_vector", .nr = __HYPERVISOR_hvm_op, .kind = SUB_AND_POINTER, .sub = HVMOP_set_evtchn_upcall_vector,
	  .size = sizeof(struct xen_hvm_evtchn_upcall_vector),
	  .field = { F(xen_hvm_evtchn_upcall_vector, vcpu, SET_VCPU, 0), F(xen_hvm_evtchn_upcall_vector, vector, SET_NUMBER, UPCALL_VECTOR) } },
	REGISTERS("hvm", hvm_op, LOOK_NOT, REGISTER(0, "op", SET_FIXED, 63), REGISTER(1, "at", SET_POINTER, BASE_BUFFER)),

	REGISTERS("set_timer", set_timer_op, LOOK_BYTES, REGISTER(0, "at", SET_LONG, 0)),
	REGISTERS("vm_assist", vm_assist, LOOK_BYTES, REGISTER(0, "cmd", SET_SMALL, VMASST_CMD_enable), REGISTER(1, "type", SET_NUMBER, 5)),
	REGISTERS("console", console_io, LOOK_BYTES, REGISTER(0, "op", SET_FIXED, 2), REGISTER(1, "count", SET_NUMBER, 0), REGISTER(2, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("console.write", console_io, LOOK_BYTES, REGISTER(0, "op", SET_FIXED, CONSOLEIO_write), REGISTER(1, "count", SET_FIXED, 0),
		  REGISTER(2, "at", SET_POINTER, BASE_BUFFER)),
	REGISTERS("multicall", multicall, LOOK_BYTES, REGISTER(0, "at", SET_POINTER, BASE_BUFFER), REGISTER(1, "count", SET_FIXED, 0)),
	REGISTERS("multicall.one", multicall, LOOK_BYTES, REGISTER(0, "at", SET_POINTER, BASE_BUFFER), REGISTER(1, "count", SET_FIXED, 1)),
};

/* Numbers of which nothing is known, or nothing to an HVM guest. */
static void unknown_numbers(void)
{
	static const uint8_t nr[] = { 0, 1, 2, 3, 4, 5, 9, 10, 11, 14, 16, 19, 22, 23, 25, 26, 27, 28, 37, 40, 41, 50, 51, 55, 60, 63 };
	char what[32];

	for (unsigned int i = 0; i < ARRAY_SIZE(nr); i++) {
		(void)diff_structure(8);
		(void)hv_snprintf(what, sizeof(what), "hypercall %u", nr[i]);
		(void)diff_call(what, LOOK_BYTES, nr[i], 99, UINT64_C(0x7f0000000000), 1, 0);
	}
}

void diff_shapes_guest(void)
{
	diff_grants();
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		diff_run(&shapes[i]);
	unknown_numbers();
}
