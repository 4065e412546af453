/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes that can be repeated: what one prepares and leaves behind is undone while everything is allowed.
 * Locking: one vCPU. Trust: a guest.
 */
#include "sweep.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/save.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/xsm/flask_op.h>

#include <abi/ravelin.h>

#define REF		8u
#define CONTEXT		"system_u:system_r:guest_t:s0:c1"
#define HANDLE(at)	{ .p = (void *)(at) }

struct child sweep_other;
static struct child made;
static uint8_t buffer[4 * PAGE_SIZE] __attribute__((aligned(4096)));
static uint64_t scratch, grant_frame_gpa;
static evtchn_port_t port, peer;
static grant_handle_t handle;
static uint32_t other_sid;

static int64_t clean_rc;		/* cleaning is checked by what comes after it */

static void ignore(int64_t rc)
{
	clean_rc = rc;
}

static void buffer_set(uint64_t value)
{
	memcpy(buffer, &value, sizeof(value));
}

/* --- memory ------------------------------------------------------------------------------------------------------------------ */

#define MEMORY(scene, cmd, type, ...) \
	static int64_t run_##scene(void) { struct type op = { __VA_ARGS__ }; return hypercall2(__HYPERVISOR_memory_op, XENMEM_##cmd, &op); }
#define MEMORY_PLAIN(scene, cmd) \
	static int64_t run_##scene(void) { return hypercall2(__HYPERVISOR_memory_op, XENMEM_##cmd, 0); }

MEMORY_PLAIN(maximum_ram_page, maximum_ram_page)
MEMORY_PLAIN(sharing_freed, get_sharing_freed_pages)
MEMORY_PLAIN(sharing_shared, get_sharing_shared_pages)
MEMORY(current_reservation, current_reservation, xen_memory_domain, .domid = sweep_other.id)
MEMORY(maximum_reservation, maximum_reservation, xen_memory_domain, .domid = sweep_other.id)
MEMORY(add_to_physmap, add_to_physmap, xen_add_to_physmap, .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = scratch >> PAGE_SHIFT)
MEMORY(add_to_physmap_other, add_to_physmap, xen_add_to_physmap, .domid = sweep_other.id, .space = XENMAPSPACE_grant_table, .gpfn = FREE_GFN)
MEMORY(remove_from_physmap, remove_from_physmap, xen_remove_from_physmap, .domid = sweep_other.id, .gpfn = FREE_GFN)
MEMORY(set_pod_target, set_pod_target, xen_pod_target, .domid = sweep_other.id, .target_pages = OTHER_PAGES)
MEMORY(get_pod_target, get_pod_target, xen_pod_target, .domid = sweep_other.id)
MEMORY(memory_map, memory_map, xen_memory_map, .nr_entries = 8, .buffer = HANDLE(buffer))

static void map_in_other(void)
{
	ignore(run_add_to_physmap_other());
}

static void unmap_in_other(void)
{
	ignore(run_remove_from_physmap());
}

static void unmap_scratch(void)
{
	child_unmap(scratch);
}

static int64_t run_set_memory_map(void)
{
	struct xen_foreign_memory_map op = { .domid = sweep_other.id, .map = { .nr_entries = 1, .buffer = HANDLE(buffer) } };
	struct { uint64_t addr, size; uint32_t type; } __attribute__((packed)) entry = { 0, 1 << 20, 1 };

	memcpy(buffer, &entry, sizeof(entry));
	return hypercall2(__HYPERVISOR_memory_op, XENMEM_set_memory_map, &op);
}

static int64_t reservation(unsigned int cmd)
{
	struct xen_memory_reservation op = { .extent_start = HANDLE(buffer), .nr_extents = 1, .domid = sweep_other.id };

	buffer_set(OWN_GFN);
	return hypercall2(__HYPERVISOR_memory_op, cmd, &op);
}

static void take_page(void)
{
	ignore(reservation(XENMEM_decrease_reservation));
}

static int64_t run_populate_physmap(void)
{
	return reservation(XENMEM_populate_physmap);
}

static void give_page(void)
{
	ignore(run_populate_physmap());
}

static int64_t run_batch_foreign(void)
{
	return child_map(&sweep_other, OWN_GFN, scratch);
}

static int64_t run_acquire_resource(void)
{
	struct xen_mem_acquire_resource op = { .domid = sweep_other.id, .type = XENMEM_resource_grant_table, .nr_frames = 1,
					       .id = XENMEM_resource_grant_table_id_shared, .frame_list = HANDLE(buffer) };

	buffer_set(scratch >> PAGE_SHIFT);
	return hypercall2(__HYPERVISOR_memory_op, XENMEM_acquire_resource, &op);
}

/* --- version, console, timer, vCPUs, scheduling -------------------------------------------------------------------------------- */

#define CALL(scene, nr, a, b, c) static int64_t run_##scene(void) { return hypercall3(__HYPERVISOR_##nr, a, b, c); }
#define VERSION(scene, cmd) CALL(scene, xen_version, XENVER_##cmd, buffer, 0)

VERSION(extraversion, extraversion)
VERSION(compile_info, compile_info)
VERSION(capabilities, capabilities)
VERSION(changeset, changeset)
VERSION(platform_parameters, platform_parameters)
VERSION(guest_handle, guest_handle)
VERSION(commandline, commandline)
CALL(version, xen_version, XENVER_version, 0, 0)
CALL(pagesize, xen_version, XENVER_pagesize, 0, 0)
CALL(set_timer, set_timer_op, 1ull << 60, 0, 0)
CALL(vm_assist, vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag, 0)
CALL(vcpu_is_up, vcpu_op, VCPUOP_is_up, 0, 0)
CALL(vcpu_runstate, vcpu_op, VCPUOP_get_runstate_info, 0, buffer)
CALL(vcpu_stop_periodic, vcpu_op, VCPUOP_stop_periodic_timer, 0, 0)
CALL(vcpu_stop_singleshot, vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0)
CALL(vcpu_down, vcpu_op, VCPUOP_down, 1, 0)
CALL(vcpu_get_physid, vcpu_op, VCPUOP_get_physid, 0, buffer)
CALL(sched_yield, sched_op, SCHEDOP_yield, 0, 0)
CALL(console_write, console_io, CONSOLEIO_write, 0, buffer)
CALL(console_read, console_io, CONSOLEIO_read, 16, buffer)

static int64_t run_get_features(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };

	return hypercall2(__HYPERVISOR_xen_version, XENVER_get_features, &f);
}

static int64_t run_multicall(void)
{
	static struct multicall_entry e;

	e = (struct multicall_entry){ .op = __HYPERVISOR_sched_op, .args = { SCHEDOP_yield } };
	return hypercall2(__HYPERVISOR_multicall, &e, 1);
}

static int64_t run_vcpu_set_singleshot(void)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = 1ull << 60 };

	return hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, &t);
}

static int64_t run_vcpu_register_runstate(void)
{
	struct vcpu_register_runstate_memory_area a = { .addr.p = (uint64_t)buffer + PAGE_SIZE };

	return hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a);
}

static int64_t run_sched_poll(void)
{
	struct sched_poll p = { .nr_ports = 0, .timeout = 1 };

	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_poll, &p);
}

static int64_t run_sched_remote_shutdown(void)
{
	struct sched_remote_shutdown r = { .domain_id = sweep_other.id, .reason = SHUTDOWN_reboot };

	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &r);
}

#define PARAM(scene, cmd, who, ...) \
	static int64_t run_##scene(void) { struct xen_hvm_param p = { .domid = who, __VA_ARGS__ }; return hypercall2(__HYPERVISOR_hvm_op, HVMOP_##cmd, &p); }
PARAM(param_set_other, set_param, sweep_other.id, .index = HVM_PARAM_STORE_PFN, .value = 5)
PARAM(param_get_other, get_param, sweep_other.id, .index = HVM_PARAM_STORE_PFN)
PARAM(param_set_self, set_param, DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ, .value = 2ull << 56 | UPCALL_VECTOR)
PARAM(param_get_self, get_param, DOMID_SELF, .index = HVM_PARAM_STORE_PFN)

/* --- event channels ----------------------------------------------------------------------------------------------------------------- */

#define EVENT(scene, cmd, type, out, ...) \
	static int64_t run_##scene(void) \
	{ \
		struct evtchn_##type op = { __VA_ARGS__ }; \
		int64_t rc = hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_##cmd, &op); \
		out; \
		return rc; \
	}
#define TAKES(field) if (rc == 0) port = op.field

EVENT(event_alloc, alloc_unbound, alloc_unbound, TAKES(port), .dom = DOMID_SELF, .remote_dom = sweep_other.id)
EVENT(event_virq, bind_virq, bind_virq, TAKES(port), .virq = VIRQ_DEBUG)
EVENT(event_global_virq, bind_virq, bind_virq, TAKES(port), .virq = VIRQ_CON_RING)
EVENT(event_ipi, bind_ipi, bind_ipi, TAKES(port), .vcpu = 0)
EVENT(event_close, close, close, if (rc == 0) port = 0, .port = port)
EVENT(event_send, send, send, (void)0, .port = peer)
EVENT(event_status, status, status, (void)0, .dom = DOMID_SELF, .port = port)
EVENT(event_bind_vcpu, bind_vcpu, bind_vcpu, (void)0, .port = port, .vcpu = 1)
EVENT(event_unmask, unmask, unmask, (void)0, .port = port)
EVENT(event_reset, reset, reset, (void)0, .dom = sweep_other.id)
EVENT(event_loop, alloc_unbound, alloc_unbound, TAKES(port), .dom = DOMID_SELF, .remote_dom = DOMID_SELF)
EVENT(event_loop_bind, bind_interdomain, bind_interdomain, if (rc == 0) peer = op.local_port, .remote_dom = DOMID_SELF, .remote_port = port)

static void port_open(void)
{
	ignore(run_event_ipi());
}

static void port_close(void)
{
	if (port)
		ignore(run_event_close());
}

static void pair_open(void)
{
	ignore(run_event_loop());
	ignore(run_event_loop_bind());
}

static void pair_close(void)
{
	port_close();
	port = peer;
	port_close();
}

/* --- grants ---------------------------------------------------------------------------------------------------------------------------- */

#define GRANT(scene, cmd, type, after, ...) \
	static int64_t run_##scene(void) \
	{ \
		struct gnttab_##type op = { __VA_ARGS__ }; \
		int64_t rc = hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_##cmd, &op, 1); \
		after; \
	}
#define STATUS return rc ? rc : op.status
#define MAPPED if (rc == 0 && op.status == 0) handle = op.handle; STATUS

GRANT(grant_map, map_grant_ref, map_grant_ref, MAPPED, .host_addr = scratch, .flags = GNTMAP_host_map, .ref = REF, .dom = sweep_other.id)
GRANT(grant_map_ro, map_grant_ref, map_grant_ref, MAPPED, .host_addr = scratch, .flags = GNTMAP_host_map | GNTMAP_readonly, .ref = REF,
      .dom = sweep_other.id)
GRANT(grant_unmap, unmap_grant_ref, unmap_grant_ref, STATUS, .host_addr = scratch, .handle = handle)
GRANT(grant_copy, copy, copy, STATUS, .source = { .u.ref = REF, .domid = sweep_other.id }, .len = 16, .flags = GNTCOPY_source_gref,
      .dest = { .u.gmfn = (uint64_t)buffer >> PAGE_SHIFT, .domid = DOMID_SELF })
GRANT(grant_setup, setup_table, setup_table, STATUS, .dom = sweep_other.id, .nr_frames = 1, .frame_list = HANDLE(buffer))
GRANT(grant_query, query_size, query_size, STATUS, .dom = sweep_other.id)
GRANT(grant_set_version, set_version, set_version, return rc, .version = 1)
GRANT(grant_get_version, get_version, get_version, return rc, .dom = sweep_other.id)

static void grant_map(void)
{
	ignore(run_grant_map());
}

static void grant_unmap(void)
{
	ignore(run_grant_unmap());
}

/* --- domctl ------------------------------------------------------------------------------------------------------------------------------ */

#define DOMCTL(scene, command, ...) \
	static int64_t run_##scene(void) \
	{ \
		static struct xen_domctl op; \
		op = (struct xen_domctl){ __VA_ARGS__ }; \
		return domctl(&sweep_other, &op, XEN_DOMCTL_##command); \
	}
#define BITMAP { .bitmap = HANDLE(buffer), .nr_bits = 64 }

DOMCTL(pausedomain, pausedomain)
DOMCTL(unpausedomain, unpausedomain)
DOMCTL(getdomaininfo, getdomaininfo)
DOMCTL(shadow_op_off, shadow_op, .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF)
DOMCTL(shadow_op_get_allocation, shadow_op, .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION)
DOMCTL(max_mem, max_mem, .u.max_mem.max_memkb = 4096)
DOMCTL(getvcpuinfo, getvcpuinfo)
DOMCTL(scheduler_putinfo, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_DOMCTL_SCHEDOP_putinfo, .u.credit.weight = 512 })
DOMCTL(scheduler_getinfo, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_DOMCTL_SCHEDOP_getinfo })
DOMCTL(setdomainhandle, setdomainhandle, .u.setdomainhandle.handle = { 1, 2, 3 })
DOMCTL(settimeoffset, settimeoffset, .u.settimeoffset.time_offset_seconds = 3600)
DOMCTL(getvcpuaffinity, getvcpuaffinity, .u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard = BITMAP })
DOMCTL(getnodeaffinity, getnodeaffinity, .u.nodeaffinity.nodemap = BITMAP)
DOMCTL(resumedomain, resumedomain)
DOMCTL(subscribe, subscribe, .u.subscribe.port = 3)
DOMCTL(gethvmcontext, gethvmcontext)
DOMCTL(gettscinfo, gettscinfo)
DOMCTL(domain_get_cpu_policy, get_cpu_policy)
DOMCTL(get_mempool, get_paging_mempool_size)
DOMCTL(set_mempool, set_paging_mempool_size, .u.paging_mempool.size = 1 << 20)

static int64_t run_setvcpuaffinity(void)
{
	static struct xen_domctl op;

	op = (struct xen_domctl){ .u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard = BITMAP } };
	buffer_set(1);
	return domctl(&sweep_other, &op, XEN_DOMCTL_setvcpuaffinity);
}

static int64_t run_getpageframeinfo3(void)
{
	static struct xen_domctl op;

	op = (struct xen_domctl){ .u.getpageframeinfo3 = { .num = 1, .array = HANDLE(buffer) } };
	buffer_set(OWN_GFN);
	return domctl(&sweep_other, &op, XEN_DOMCTL_getpageframeinfo3);
}

static int64_t run_createdomain(void)
{
	static struct xen_domctl op;
	int64_t rc;

	op = (struct xen_domctl){ .u.createdomain = { .ssidref = other_sid, .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = 1,
		.max_evtchn_port = 127, .max_grant_frames = 4, .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
		.arch.emulation_flags = XEN_X86_EMU_LAPIC } };
	made.id = DOMID_INVALID;
	rc = domctl(&made, &op, XEN_DOMCTL_createdomain);
	if (rc == 0)
		made.id = op.domain;
	return rc;
}

static void made_create(void)
{
	ignore(run_createdomain());
}

static void made_destroy(void)
{
	if (made.id != DOMID_INVALID)
		ignore(child_destroy(&made));
}

static int64_t run_destroydomain(void)
{
	static struct xen_domctl op;

	op = (struct xen_domctl){ 0 };
	return domctl(&made, &op, XEN_DOMCTL_destroydomain);
}

static void pause_other(void)
{
	ignore(run_pausedomain());
}

static void unpause_other(void)
{
	ignore(run_unpausedomain());
}

/* --- sysctl, platform_op, xsm_op ---------------------------------------------------------------------------------------------------------- */

#define SYSCTL(scene, command, ...) \
	static int64_t run_##scene(void) { static struct xen_sysctl op; op = (struct xen_sysctl){ __VA_ARGS__ }; return sysctl(&op, XEN_SYSCTL_##command); }
#define PLATFORM(scene, command, ...) \
	static int64_t run_##scene(void) \
	{ \
		static struct xen_platform_op op; \
		op = (struct xen_platform_op){ .cmd = XENPF_##command, .interface_version = XENPF_INTERFACE_VERSION, __VA_ARGS__ }; \
		return hypercall1(__HYPERVISOR_platform_op, &op); \
	}
#define POLICY(scene, command, ...) \
	static int64_t run_##scene(void) \
	{ \
		struct xen_flask_op op = { .cmd = FLASK_##command, .interface_version = XEN_FLASK_INTERFACE_VERSION, __VA_ARGS__ }; \
		return hypercall1(__HYPERVISOR_xsm_op, &op); \
	}

#define RAVELIN(sc, command, ...) \
	static int64_t run_##sc(void) \
	{ \
		struct ravelin_op op = { .cmd = RAVELIN_##command, .interface_version = RAVELIN_INTERFACE_VERSION, __VA_ARGS__ }; \
		return hypercall1(RAVELIN_HYPERCALL, &op); \
	}

SYSCTL(readconsole, readconsole, .u.readconsole = { .buffer = HANDLE(buffer), .count = 100 })
SYSCTL(readconsole_clear, readconsole, .u.readconsole = { .buffer = HANDLE(buffer), .count = 100, .clear = 1 })
SYSCTL(physinfo, physinfo)
SYSCTL(sched_id, sched_id)
SYSCTL(debug_keys, debug_keys, .u.debug_keys = { .keys = HANDLE(buffer), .nr_keys = 1 })
SYSCTL(getcpuinfo, getcpuinfo, .u.getcpuinfo = { .max_cpus = 2, .info = HANDLE(buffer) })
SYSCTL(availheap, availheap, .u.availheap.node = -1)
SYSCTL(cputopoinfo, cputopoinfo, .u.cputopoinfo = { .num_cpus = 2, .cputopo = HANDLE(buffer) })
SYSCTL(numainfo, numainfo)
SYSCTL(cpupool_info, cpupool_op, .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpumap = BITMAP })
SYSCTL(cpupool_freeinfo, cpupool_op, .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO, .cpumap = BITMAP })
SYSCTL(machine_scheduler, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_SYSCTL_SCHEDOP_getinfo })
SYSCTL(levelling_caps, get_cpu_levelling_caps)
SYSCTL(featureset, get_cpu_featureset, .u.cpu_featureset.index = XEN_SYSCTL_cpu_featureset_hvm)
SYSCTL(machine_cpu_policy, get_cpu_policy, .u.cpu_policy.index = XEN_SYSCTL_cpu_policy_hvm_default)
PLATFORM(settime32, settime32, .u.settime32.secs = 1700000000)
PLATFORM(settime64, settime64, .u.settime64.secs = 1700000000)
PLATFORM(platform_cpuinfo, get_cpuinfo, .u.pcpu_info.xen_cpuid = 1)
POLICY(policy_getenforce, GETENFORCE)
POLICY(policy_sid_to_context, SID_TO_CONTEXT, .u.sid_context = { .sid = other_sid, .size = 1024, .context = HANDLE(buffer) })
POLICY(policy_access, ACCESS, .u.access = { .ssid = other_sid, .tsid = other_sid, .tclass = 1 })
POLICY(policy_version, POLICYVERS)
POLICY(policy_mls, MLS)
RAVELIN(audit_state, AUDIT_STATE, .u.audit_state.domain = 0)
RAVELIN(audit_read, AUDIT_READ, .u.audit_read = { .from = 1, .buffer = (uint64_t)buffer, .size = sizeof(buffer) })
RAVELIN(audit_release, AUDIT_RELEASE, .u.audit_release.before = 1)
RAVELIN(shype_state, SHYPE_STATE)

static int64_t run_policy_context_to_sid(void)
{
	uint32_t sid;

	return label_to_sid(CONTEXT, &sid);
}

static int64_t run_getdomaininfolist(void)
{
	static struct xen_sysctl op;
	int64_t rc;

	op = (struct xen_sysctl){ .u.getdomaininfolist = { .max_domains = 8, .buffer = HANDLE(buffer) } };
	rc = sysctl(&op, XEN_SYSCTL_getdomaininfolist);
	return rc ? rc : op.u.getdomaininfolist.num_domains;
}

/* --- the list --------------------------------------------------------------------------------------------------------------------------- */

#define S(scene)		{ #scene, run_##scene, NULL, NULL }
#define SP(scene, prep, clean)	{ #scene, run_##scene, prep, clean }

const struct scene sweep_scenes[] = {
	S(maximum_ram_page), S(current_reservation), S(maximum_reservation), SP(populate_physmap, take_page, give_page),
	SP(add_to_physmap, NULL, unmap_scratch), SP(add_to_physmap_other, NULL, unmap_in_other), S(memory_map), S(set_memory_map),
	SP(remove_from_physmap, map_in_other, unmap_in_other), S(set_pod_target), S(get_pod_target), S(sharing_freed), S(sharing_shared),
	SP(batch_foreign, NULL, unmap_scratch), SP(acquire_resource, NULL, unmap_scratch), S(multicall), S(set_timer), S(version),
	S(extraversion), S(compile_info), S(capabilities), S(changeset), S(platform_parameters), S(get_features), S(pagesize), S(guest_handle),
	S(commandline), S(console_write), S(console_read), SP(grant_map, NULL, grant_unmap), SP(grant_map_ro, NULL, grant_unmap),
	SP(grant_unmap, grant_map, grant_unmap), S(grant_setup), S(grant_copy), S(grant_query), S(grant_set_version), S(grant_get_version),
	S(vm_assist), S(vcpu_down), S(vcpu_is_up), S(vcpu_runstate), S(vcpu_register_runstate), S(vcpu_stop_periodic), S(vcpu_set_singleshot),
	S(vcpu_stop_singleshot), S(vcpu_get_physid), S(policy_getenforce), S(policy_context_to_sid), S(policy_sid_to_context), S(policy_access),
	S(policy_version), S(policy_mls), S(audit_state), S(audit_read), S(audit_release), S(shype_state), S(sched_yield), S(sched_poll), S(sched_remote_shutdown), SP(event_alloc, NULL, port_close),
	SP(event_virq, NULL, port_close), SP(event_global_virq, NULL, port_close), SP(event_close, port_open, port_close),
	SP(event_send, pair_open, pair_close), SP(event_status, pair_open, pair_close), SP(event_ipi, NULL, port_close),
	SP(event_bind_vcpu, pair_open, pair_close), SP(event_unmask, port_open, port_close), S(event_reset), S(param_set_other),
	S(param_get_other), S(param_set_self), S(param_get_self), SP(createdomain, NULL, made_destroy), SP(destroydomain, made_create, made_destroy),
	SP(pausedomain, NULL, unpause_other), SP(unpausedomain, pause_other, NULL), S(getdomaininfo), S(setvcpuaffinity), S(shadow_op_off),
	S(shadow_op_get_allocation), S(max_mem), S(getvcpuinfo), S(scheduler_putinfo), S(scheduler_getinfo), S(setdomainhandle), S(settimeoffset),
	S(getvcpuaffinity), S(resumedomain), S(subscribe), S(gethvmcontext), S(gettscinfo), S(getpageframeinfo3),
	S(getnodeaffinity), S(domain_get_cpu_policy), S(get_mempool), S(set_mempool), S(readconsole), S(readconsole_clear), S(physinfo), S(sched_id),
	S(getdomaininfolist), S(debug_keys), S(getcpuinfo), S(availheap), S(cputopoinfo), S(numainfo), S(cpupool_info), S(cpupool_freeinfo),
	S(machine_scheduler), S(levelling_caps), S(featureset), S(machine_cpu_policy), S(settime32), S(platform_cpuinfo), S(settime64),
};
const unsigned int sweep_scenes_nr = ARRAY_SIZE(sweep_scenes);

/* The other domain grants its page OWN_GFN; its table is written as a toolstack does it, before it runs. */
static int other_grants(void)
{
	struct grant_entry_v1 *entries = (struct grant_entry_v1 *)grant_frame_gpa;
	uint64_t keep = scratch;

	scratch = grant_frame_gpa;
	CHECK_OK(run_acquire_resource());
	scratch = keep;
	entries[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 0, .frame = OWN_GFN };
	child_unmap(grant_frame_gpa);
	return 0;
}

int sweep_scenes_init(void)
{
	struct xen_foreign_memory_map own = { .domid = DOMID_SELF, .map = { .nr_entries = 0, .buffer = HANDLE(buffer) } };
	int line;

	scratch = scratch_gpa(1);
	grant_frame_gpa = scratch_gpa(1);
	CHECK_OK(label_to_sid(CHILD_LABEL, &other_sid));
	CHECK_OK(child_create(&sweep_other, CHILD_LABEL, OTHER_PAGES, 1));
	line = other_grants();
	if (line)
		return line;
	CHECK_OK(run_set_memory_map());
	own.map.nr_entries = 1;
	CHECK_OK(hypercall2(__HYPERVISOR_memory_op, XENMEM_set_memory_map, &own));
	CHECK_OK(child_start(&sweep_other));
	return 0;
}
