/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes of the operations that any guest uses: memory, versions, console, vCPUs, scheduling, HVM parameters.
 * Locking: none. Trust: tests only.
 */
#include "sweep.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* --- memory ------------------------------------------------------------------------------------------------------------------- */

#define MEMORY(sc, cmd, type, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct type op = { __VA_ARGS__ }; \
		return sweep_arg_call(s, __HYPERVISOR_memory_op, XENMEM_##cmd, &op, sizeof(op)); \
	}
#define MEMORY_PLAIN(sc, cmd) \
	int64_t scene_##sc(struct scene *s) { return sweep_call(s, __HYPERVISOR_memory_op, XENMEM_##cmd, 0, 0, 0); }

MEMORY_PLAIN(maximum_ram_page, maximum_ram_page)
MEMORY_PLAIN(sharing_freed, get_sharing_freed_pages)
MEMORY_PLAIN(sharing_shared, get_sharing_shared_pages)
MEMORY(current_reservation, current_reservation, xen_memory_domain, .domid = s->other->id)
MEMORY(maximum_reservation, maximum_reservation, xen_memory_domain, .domid = s->other->id)
MEMORY(maximum_gpfn, maximum_gpfn, xen_memory_domain, .domid = s->other->id)
MEMORY(add_to_physmap, add_to_physmap, xen_add_to_physmap, .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = FREE_GFN)
MEMORY(add_to_physmap_other, add_to_physmap, xen_add_to_physmap, .domid = s->other->id, .space = XENMAPSPACE_shared_info, .gpfn = FREE_GFN)
MEMORY(remove_from_physmap, remove_from_physmap, xen_remove_from_physmap, .domid = s->other->id, .gpfn = OWN_GFN)
MEMORY(set_pod_target, set_pod_target, xen_pod_target, .domid = s->other->id, .target_pages = OTHER_PAGES)
MEMORY(get_pod_target, get_pod_target, xen_pod_target, .domid = s->other->id)
MEMORY(claim_pages, claim_pages, xen_memory_reservation, .domid = s->other->id, .nr_extents = OTHER_PAGES + 1)

static void buffer_fill(struct scene *s, uint64_t value)
{
	hosted_write(s->caller, BUF_GPA, &value, sizeof(value));
}

static int64_t reservation(struct scene *s, uint64_t cmd, domid_t domid, uint64_t gfn)
{
	struct xen_memory_reservation op = { .extent_start = HANDLE_AT(BUF_GPA), .nr_extents = 1, .domid = domid };

	buffer_fill(s, gfn);
	return sweep_arg_call(s, __HYPERVISOR_memory_op, cmd, &op, sizeof(op));
}

int64_t scene_decrease_reservation(struct scene *s)
{
	return reservation(s, XENMEM_decrease_reservation, DOMID_SELF, OWN_GFN);
}

int64_t scene_populate_physmap(struct scene *s)
{
	return reservation(s, XENMEM_populate_physmap, s->other->id, FREE_GFN);
}

static const struct e820entry_like map_entry = { .size = 1 << 20, .type = 1 };

int64_t scene_set_memory_map(struct scene *s)
{
	struct xen_foreign_memory_map op = { .domid = s->other->id, .map = { .nr_entries = 1, .buffer = HANDLE_AT(BUF_GPA) } };

	hosted_write(s->caller, BUF_GPA, &map_entry, sizeof(map_entry));
	return sweep_arg_call(s, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &op, sizeof(op));
}

int64_t scene_memory_map(struct scene *s)
{
	struct xen_foreign_memory_map set = { .domid = DOMID_SELF, .map = { .nr_entries = 1, .buffer = HANDLE_AT(BUF_GPA) } };
	struct xen_memory_map op = { .nr_entries = 8, .buffer = HANDLE_AT(BUF_GPA) };

	hosted_write(s->caller, BUF_GPA, &map_entry, sizeof(map_entry));
	assert_int_equal(guest_call(s->caller, __HYPERVISOR_memory_op, XENMEM_set_memory_map, &set, sizeof(set)), 0);
	return sweep_arg_call(s, __HYPERVISOR_memory_op, XENMEM_memory_map, &op, sizeof(op));
}

/* One element. Its own status is what counts once the call is allowed. */
static int64_t batch(struct scene *s, domid_t into, uint16_t space, domid_t foreign)
{
	struct {
		uint64_t idx, gfn;
		int32_t err;
	} lists = { OWN_GFN, FREE_GFN, 77 };
	struct xen_add_to_physmap_batch op = { .domid = into, .space = space, .size = 1, .u.foreign_domid = foreign, .idxs = HANDLE_AT(BUF_GPA),
					       .gpfns = HANDLE_AT(BUF_GPA + 8), .errs = HANDLE_AT(BUF_GPA + 16) };
	int64_t rc;

	hosted_write(s->caller, BUF_GPA, &lists, sizeof(lists));
	rc = sweep_arg_call(s, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op, sizeof(op));
	hosted_read(s->caller, BUF_GPA, &lists, sizeof(lists));
	return rc ? rc : lists.err;
}

int64_t scene_batch_own(struct scene *s)
{
	return batch(s, DOMID_SELF, XENMAPSPACE_gmfn, 0);
}

int64_t scene_batch_foreign(struct scene *s)
{
	return batch(s, DOMID_SELF, XENMAPSPACE_gmfn_foreign, s->other->id);
}

/* Into a third domain: it, too, must be allowed to have the page. */
int64_t scene_batch_pair(struct scene *s)
{
	scene_third(s);
	return batch(s, s->third->id, XENMAPSPACE_gmfn_foreign, s->other->id);
}

int64_t scene_acquire_resource(struct scene *s)
{
	struct xen_mem_acquire_resource op = { .domid = s->other->id, .type = XENMEM_resource_grant_table,
					       .id = XENMEM_resource_grant_table_id_shared, .nr_frames = 1, .frame_list = HANDLE_AT(BUF_GPA) };

	buffer_fill(s, FREE_GFN);
	return sweep_arg_call(s, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op));
}

/* --- multicall, timer, version, console ------------------------------------------------------------------------------------- */

int64_t scene_multicall(struct scene *s)
{
	struct multicall_entry e = { .op = __HYPERVISOR_sched_op, .args = { SCHEDOP_yield } };

	hosted_write(s->caller, BUF_GPA, &e, sizeof(e));
	return sweep_call(s, __HYPERVISOR_multicall, BUF_GPA, 1, 0, 0);
}

int64_t scene_set_timer(struct scene *s)
{
	return sweep_call(s, __HYPERVISOR_set_timer_op, 1ull << 40, 0, 0, 0);
}

#define VERSION(sc, cmd, at) \
	int64_t scene_##sc(struct scene *s) { return sweep_call(s, __HYPERVISOR_xen_version, XENVER_##cmd, at, 0, 0); }

VERSION(version, version, 0)
VERSION(extraversion, extraversion, BUF_GPA)
VERSION(compile_info, compile_info, BUF_GPA)
VERSION(capabilities, capabilities, BUF_GPA)
VERSION(changeset, changeset, BUF_GPA)
VERSION(platform_parameters, platform_parameters, BUF_GPA)
VERSION(get_features, get_features, BUF_GPA)
VERSION(pagesize, pagesize, 0)
VERSION(guest_handle, guest_handle, BUF_GPA)
VERSION(commandline, commandline, BUF_GPA)
VERSION(build_id, build_id, BUF_GPA)

int64_t scene_console_write(struct scene *s)
{
	hosted_write(s->caller, BUF_GPA, "hello\n", 6);
	return sweep_call(s, __HYPERVISOR_console_io, CONSOLEIO_write, 6, BUF_GPA, 0);
}

int64_t scene_console_read(struct scene *s)
{
	return sweep_call(s, __HYPERVISOR_console_io, CONSOLEIO_read, 16, BUF_GPA, 0);
}

/* --- vCPUs -------------------------------------------------------------------------------------------------------------------- */

int64_t scene_vm_assist(struct scene *s)
{
	return sweep_call(s, __HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag, 0, 0);
}

#define VCPU(sc, cmd, vcpu) \
	int64_t scene_##sc(struct scene *s) { return sweep_call(s, __HYPERVISOR_vcpu_op, VCPUOP_##cmd, vcpu, ARG_GPA, 0); }
#define VCPU_ARG(sc, cmd, type, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct type op = { __VA_ARGS__ }; \
		hosted_write(s->caller, ARG_GPA, &op, sizeof(op)); \
		return sweep_call(s, __HYPERVISOR_vcpu_op, VCPUOP_##cmd, 0, ARG_GPA, 0); \
	}

VCPU(vcpu_up, up, 0)
VCPU(vcpu_down, down, 1)
VCPU(vcpu_is_up, is_up, 1)
VCPU(vcpu_runstate, get_runstate_info, 0)
VCPU(vcpu_stop_periodic, stop_periodic_timer, 0)
VCPU(vcpu_stop_singleshot, stop_singleshot_timer, 0)
VCPU(vcpu_send_nmi, send_nmi, 1)
VCPU(vcpu_get_physid, get_physid, 0)
VCPU_ARG(vcpu_register_runstate, register_runstate_memory_area, vcpu_register_runstate_memory_area, .addr.p = BLOB_GPA)
VCPU_ARG(vcpu_register_time, register_vcpu_time_memory_area, vcpu_register_time_memory_area, .addr.p = BLOB_GPA)
VCPU_ARG(vcpu_register_info, register_vcpu_info, vcpu_register_vcpu_info, .mfn = BLOB_GPA >> PAGE_SHIFT)
VCPU_ARG(vcpu_set_singleshot, set_singleshot_timer, vcpu_set_singleshot_timer, .timeout_abs_ns = 1ull << 40)

/* --- scheduling --------------------------------------------------------------------------------------------------------------- */

#define SCHED(sc, cmd, type, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct type op = { __VA_ARGS__ }; \
		return sweep_arg_call(s, __HYPERVISOR_sched_op, SCHEDOP_##cmd, &op, sizeof(op)); \
	}

int64_t scene_sched_yield(struct scene *s)
{
	return sweep_call(s, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
}

int64_t scene_sched_block(struct scene *s)
{
	return sweep_call(s, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0);
}

SCHED(sched_shutdown, shutdown, sched_shutdown, .reason = SHUTDOWN_poweroff)
SCHED(sched_shutdown_code, shutdown_code, sched_shutdown, .reason = SHUTDOWN_crash)
SCHED(sched_remote_shutdown, remote_shutdown, sched_remote_shutdown, .domain_id = s->other->id, .reason = SHUTDOWN_reboot)
SCHED(sched_watchdog, watchdog, sched_watchdog, .timeout = 100)

int64_t scene_sched_poll(struct scene *s)
{
	struct sched_poll op = { .ports = HANDLE_AT(BUF_GPA), .nr_ports = 1, .timeout = 1 };

	buffer_fill(s, (uint64_t)guest_bind_ipi(s->caller, 0));
	return sweep_arg_call(s, __HYPERVISOR_sched_op, SCHEDOP_poll, &op, sizeof(op));
}

/* --- HVM ---------------------------------------------------------------------------------------------------------------------- */

#define HVM(sc, cmd, type, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct type op = { __VA_ARGS__ }; \
		return sweep_arg_call(s, __HYPERVISOR_hvm_op, HVMOP_##cmd, &op, sizeof(op)); \
	}

HVM(param_set_other, set_param, xen_hvm_param, .domid = s->other->id, .index = HVM_PARAM_STORE_PFN, .value = 5)
HVM(param_get_other, get_param, xen_hvm_param, .domid = s->other->id, .index = HVM_PARAM_STORE_PFN)
HVM(param_set_self, set_param, xen_hvm_param, .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ, .value = 2ull << 56 | 0xf3)
HVM(param_get_self, get_param, xen_hvm_param, .domid = DOMID_SELF, .index = HVM_PARAM_STORE_PFN)
HVM(upcall_vector, set_evtchn_upcall_vector, xen_hvm_evtchn_upcall_vector, .vector = 0xf3)
