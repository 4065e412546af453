/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes of the toolstack's operations: domctl, sysctl, platform_op, xsm_op.
 * Locking: none. Trust: tests only.
 */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>

#include <hv/flask.h>
#include <hv/internal.h>
#include <xen/domctl.h>
#include <xen/hvm/save.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/xsm/flask_op.h>

#include "../../xsm/audit_ring.h"

static int64_t domctl(struct scene *s, uint32_t cmd, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = s->other->id;
	return sweep_head_call(s, __HYPERVISOR_domctl, op, sizeof(*op));
}

/* A scene that has nothing to prepare: the call with these fields. */
#define POLICY_OUT { .nr_leaves = 120, .leaves = HANDLE_AT(BLOB_GPA), .nr_msrs = 2, .msrs = HANDLE_AT(BLOB_GPA + PAGE_SIZE) }
#define DOMCTL(sc, cmd, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct xen_domctl op = { __VA_ARGS__ }; \
		return domctl(s, XEN_DOMCTL_##cmd, &op); \
	}

DOMCTL(destroydomain, destroydomain)
DOMCTL(pausedomain, pausedomain)
DOMCTL(getdomaininfo, getdomaininfo)
DOMCTL(shadow_op_off, shadow_op, .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF)
DOMCTL(shadow_op_get_allocation, shadow_op, .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION)
DOMCTL(shadow_op_set_allocation, shadow_op, .u.shadow_op = { .op = XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, .mb = 1 })
DOMCTL(max_mem, max_mem, .u.max_mem.max_memkb = 4096)
DOMCTL(getvcpuinfo, getvcpuinfo)
DOMCTL(max_vcpus, max_vcpus, .u.max_vcpus.max = s->other->max_vcpus)
DOMCTL(scheduler_putinfo, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_DOMCTL_SCHEDOP_putinfo, .u.credit.weight = 512 })
DOMCTL(scheduler_getinfo, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_DOMCTL_SCHEDOP_getinfo })
DOMCTL(setdomainhandle, setdomainhandle, .u.setdomainhandle.handle = { 1, 2, 3 })
DOMCTL(settimeoffset, settimeoffset, .u.settimeoffset.time_offset_seconds = 3600)
DOMCTL(getvcpuaffinity, getvcpuaffinity,
       .u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard = { .bitmap = HANDLE_AT(BUF_GPA), .nr_bits = 64 } })
DOMCTL(resumedomain, resumedomain)
DOMCTL(sendtrigger, sendtrigger, .u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI)
DOMCTL(subscribe, subscribe, .u.subscribe.port = 3)
DOMCTL(gethvmcontext, gethvmcontext, .u.hvmcontext = { .size = 4 * PAGE_SIZE, .buffer = HANDLE_AT(BLOB_GPA) })
DOMCTL(gethvmcontext_partial, gethvmcontext_partial,
       .u.hvmcontext_partial = { .type = HVM_SAVE_CODE(CPU), .bufsz = PAGE_SIZE, .buffer = HANDLE_AT(BLOB_GPA) })
DOMCTL(gettscinfo, gettscinfo)
DOMCTL(getnodeaffinity, getnodeaffinity, .u.nodeaffinity.nodemap = { .bitmap = HANDLE_AT(BUF_GPA), .nr_bits = 64 })
DOMCTL(domain_get_cpu_policy, get_cpu_policy, .u.cpu_policy = POLICY_OUT)
DOMCTL(get_mempool, get_paging_mempool_size)
DOMCTL(set_mempool, set_paging_mempool_size, .u.paging_mempool.size = 1 << 20)

static void buffer_fill(struct scene *s, uint64_t value)
{
	hosted_write(s->caller, BUF_GPA, &value, sizeof(value));
}

/* The id of the domain found. */
int64_t scene_getdomaininfo_next(struct scene *s)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 0 };
	int64_t rc = sweep_head_call(s, __HYPERVISOR_domctl, &op, sizeof(op));

	return rc ? rc : op.domain;
}

int64_t scene_createdomain(struct scene *s)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_createdomain,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.u.createdomain = { .ssidref = s->other_sid, .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = 1, .max_evtchn_port = 127,
				    .max_grant_frames = 4, .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
				    .arch.emulation_flags = XEN_X86_EMU_LAPIC },
	};
	int64_t rc = sweep_head_call(s, __HYPERVISOR_domctl, &op, sizeof(op));

	if (rc == 0)
		hosted_domain_kill(scene_domain_of(s, op.domain));
	return rc;
}

int64_t scene_unpausedomain(struct scene *s)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_pausedomain, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = s->other->id };

	assert_int_equal(guest_call(s->caller, __HYPERVISOR_domctl, ARG_GPA, &op, sizeof(op)), 0);
	return domctl(s, XEN_DOMCTL_unpausedomain, &op);
}

int64_t scene_startdomain(struct scene *s)
{
	struct xen_domctl op = { 0 };

	scene_rebuild(s);
	s->other->controller_pauses = 1;
	domain_pause(s->other);
	return domctl(s, XEN_DOMCTL_unpausedomain, &op);
}

int64_t scene_setvcpuaffinity(struct scene *s)
{
	struct xen_domctl op = {
		.u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard = { .bitmap = HANDLE_AT(BUF_GPA), .nr_bits = 64 } },
	};

	buffer_fill(s, 1);
	return domctl(s, XEN_DOMCTL_setvcpuaffinity, &op);
}

int64_t scene_setnodeaffinity(struct scene *s)
{
	struct xen_domctl op = { .u.nodeaffinity.nodemap = { .bitmap = HANDLE_AT(BUF_GPA), .nr_bits = 64 } };

	buffer_fill(s, 1);
	return domctl(s, XEN_DOMCTL_setnodeaffinity, &op);
}

/* The registers it has are those it gets. */
int64_t scene_sethvmcontext(struct scene *s)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_gethvmcontext, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = s->other->id,
				 .u.hvmcontext = { .size = 4 * PAGE_SIZE, .buffer = HANDLE_AT(BLOB_GPA) } };

	domain_pause(s->other);
	assert_int_equal(guest_call(s->caller, __HYPERVISOR_domctl, ARG_GPA, &op, sizeof(op)), 0);
	return domctl(s, XEN_DOMCTL_sethvmcontext, &op);
}

int64_t scene_settscinfo(struct scene *s)
{
	struct xen_domctl op = { 0 };

	scene_rebuild(s);
	return domctl(s, XEN_DOMCTL_settscinfo, &op);
}

int64_t scene_domain_set_cpu_policy(struct scene *s)
{
	struct xen_domctl op = { 0 };

	scene_rebuild(s);
	return domctl(s, XEN_DOMCTL_set_cpu_policy, &op);
}

int64_t scene_getpageframeinfo3(struct scene *s)
{
	struct xen_domctl op = { .u.getpageframeinfo3 = { .num = 1, .array = HANDLE_AT(BUF_GPA) } };

	buffer_fill(s, OWN_GFN);
	return domctl(s, XEN_DOMCTL_getpageframeinfo3, &op);
}

/* --- sysctl, platform_op -------------------------------------------------------------------------------------------------- */

#define SYSCTL(sc, command, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct xen_sysctl op = { .cmd = XEN_SYSCTL_##command, .interface_version = XEN_SYSCTL_INTERFACE_VERSION, __VA_ARGS__ }; \
		return sweep_head_call(s, __HYPERVISOR_sysctl, &op, sizeof(op)); \
	}

#define BITMAP_OUT { .bitmap = HANDLE_AT(BUF_GPA), .nr_bits = 64 }

SYSCTL(readconsole, readconsole, .u.readconsole = { .buffer = HANDLE_AT(BUF_GPA), .count = 100 })
SYSCTL(readconsole_clear, readconsole, .u.readconsole = { .buffer = HANDLE_AT(BUF_GPA), .count = 100, .clear = 1 })
SYSCTL(physinfo, physinfo, .u.physinfo.max_cpu_id = 0)
SYSCTL(sched_id, sched_id, .u.sched_id.sched_id = 0)
SYSCTL(debug_keys, debug_keys, .u.debug_keys = { .keys = HANDLE_AT(BUF_GPA), .nr_keys = 1 })
SYSCTL(getcpuinfo, getcpuinfo, .u.getcpuinfo = { .max_cpus = 2, .info = HANDLE_AT(BUF_GPA) })
SYSCTL(availheap, availheap, .u.availheap.node = -1)
SYSCTL(cputopoinfo, cputopoinfo, .u.cputopoinfo = { .num_cpus = 2, .cputopo = HANDLE_AT(BUF_GPA) })
SYSCTL(numainfo, numainfo, .u.numainfo = { .num_nodes = 1, .meminfo = HANDLE_AT(BUF_GPA), .distance = HANDLE_AT(BLOB_GPA) })
SYSCTL(cpupool_info, cpupool_op, .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpumap = BITMAP_OUT })
SYSCTL(cpupool_freeinfo, cpupool_op, .u.cpupool_op = { .op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO, .cpumap = BITMAP_OUT })
SYSCTL(machine_scheduler, scheduler_op, .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_SYSCTL_SCHEDOP_getinfo })
SYSCTL(psr_cmt_enabled, psr_cmt_op, .u.psr_cmt_op.cmd = XEN_SYSCTL_PSR_CMT_enabled)
SYSCTL(levelling_caps, get_cpu_levelling_caps, .u.cpu_levelling_caps.caps = 0)
SYSCTL(featureset, get_cpu_featureset, .u.cpu_featureset = { .index = XEN_SYSCTL_cpu_featureset_hvm, .nr_features = 64, .features = HANDLE_AT(BUF_GPA) })
SYSCTL(machine_cpu_policy, get_cpu_policy,
       .u.cpu_policy = { .index = XEN_SYSCTL_cpu_policy_hvm_default, .nr_leaves = 120, .leaves = HANDLE_AT(BLOB_GPA), .nr_msrs = 2,
			 .msrs = HANDLE_AT(BLOB_GPA + PAGE_SIZE) })

/* How many domains of the two there are the answer shows. */
int64_t scene_getdomaininfolist(struct scene *s)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist, .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
				 .u.getdomaininfolist = { .max_domains = 8, .buffer = HANDLE_AT(BUF_GPA) } };
	int64_t rc = sweep_head_call(s, __HYPERVISOR_sysctl, &op, sizeof(op));

	return rc ? rc : op.u.getdomaininfolist.num_domains;
}

#define PLATFORM(sc, command, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct xen_platform_op op = { .cmd = XENPF_##command, .interface_version = XENPF_INTERFACE_VERSION, __VA_ARGS__ }; \
		return sweep_head_call(s, __HYPERVISOR_platform_op, &op, sizeof(op)); \
	}

PLATFORM(settime32, settime32, .u.settime32.secs = 1700000000)
PLATFORM(settime64, settime64, .u.settime64.secs = 1700000000)
PLATFORM(platform_cpuinfo, get_cpuinfo, .u.pcpu_info.xen_cpuid = 1)

/* --- the policy --------------------------------------------------------------------------------------------------------------- */

#define CONTEXT "system_u:system_r:guest_t:s0:c7"

#define POLICY(sc, command, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct xen_flask_op op = { .cmd = FLASK_##command, .interface_version = XEN_FLASK_INTERFACE_VERSION, __VA_ARGS__ }; \
		return sweep_head_call(s, __HYPERVISOR_xsm_op, &op, sizeof(op)); \
	}

POLICY(policy_getenforce, GETENFORCE, .u.enforce.enforcing = 0)
POLICY(policy_setenforce, SETENFORCE, .u.enforce.enforcing = 1)
POLICY(policy_sid_to_context, SID_TO_CONTEXT, .u.sid_context = { .sid = s->other_sid, .size = 1024, .context = HANDLE_AT(BUF_GPA) })
POLICY(policy_access, ACCESS, .u.access = { .ssid = s->other_sid, .tsid = s->other_sid, .tclass = 1 })
POLICY(policy_version, POLICYVERS, .u.enforce.enforcing = 0)
POLICY(policy_mls, MLS, .u.enforce.enforcing = 0)

#define TRANSITION .u.transition = { .ssid = s->other_sid, .tsid = s->other_sid, .tclass = 1 }
POLICY(policy_create, CREATE, TRANSITION)
POLICY(policy_relabel, RELABEL, TRANSITION)
POLICY(policy_member, MEMBER, TRANSITION)
POLICY(policy_getbool, GETBOOL, .u.boolean.bool_id = 0)		/* the default policy has none */
POLICY(policy_setbool, SETBOOL, .u.boolean = { .bool_id = 0, .commit = 1 })
POLICY(policy_commitbools, COMMITBOOLS, .u.boolean.bool_id = 0)
POLICY(policy_getavc_threshold, GETAVC_THRESHOLD, .u.setavc_threshold.threshold = 0)
POLICY(policy_setavc_threshold, SETAVC_THRESHOLD, .u.setavc_threshold.threshold = 40000)
POLICY(policy_hashstats, AVC_HASHSTATS, .u.cache_stats.cpu = 0)
POLICY(policy_cachestats, AVC_CACHESTATS, .u.cache_stats.cpu = 0)
POLICY(policy_add_object, ADD_OCONTEXT, .u.ocontext = { .ocon = 1, .low = 9, .high = 9, .sid = 10 })
POLICY(policy_del_object, DEL_OCONTEXT, .u.ocontext = { .ocon = 1, .low = 8, .high = 8 })

int64_t scene_policy_context_to_sid(struct scene *s)
{
	struct xen_flask_op op = { .cmd = FLASK_CONTEXT_TO_SID, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.sid_context = { .size = sizeof(CONTEXT) - 1, .context = HANDLE_AT(BUF_GPA) } };

	hosted_write(s->caller, BUF_GPA, CONTEXT, sizeof(CONTEXT));
	return sweep_head_call(s, __HYPERVISOR_xsm_op, &op, sizeof(op));
}

/* The policy in force once more. */
int64_t scene_policy_load(struct scene *s)
{
	static char policy[(CALLER_PAGES << PAGE_SHIFT) - BLOB_GPA];
	static size_t len;
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	if (!len) {
		const char *path = getenv("HOSTED_POLICY");
		FILE *f = fopen(path ? path : "build/policy", "rb");

		assert_non_null(f);
		len = fread(policy, 1, sizeof(policy), f);
		fclose(f);
		assert_in_range(len, 1000, sizeof(policy) - 1);		/* whole */
	}
	hosted_write(s->caller, BLOB_GPA, policy, len);
	op.u.load.size = (uint32_t)len;
	op.u.load.buffer.p = (void *)(uintptr_t)BLOB_GPA;
	return sweep_head_call(s, __HYPERVISOR_xsm_op, &op, sizeof(op));
}

static int64_t relabel(struct scene *s, domid_t id)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION, .u.relabel.domid = id };

	assert_int_equal(flask_context_to_sid(CONTEXT, strlen(CONTEXT), &op.u.relabel.sid), 0);
	return sweep_head_call(s, __HYPERVISOR_xsm_op, &op, sizeof(op));
}

int64_t scene_relabel_other(struct scene *s)
{
	return relabel(s, s->other->id);
}

int64_t scene_relabel_self(struct scene *s)
{
	return relabel(s, DOMID_SELF);
}

/* --- ravelin_op ----------------------------------------------------------------------------------------------------------------------- */

#define RAVELIN(sc, command, ...) \
	int64_t scene_##sc(struct scene *s) \
	{ \
		struct ravelin_op op = { .cmd = RAVELIN_##command, .interface_version = RAVELIN_INTERFACE_VERSION, __VA_ARGS__ }; \
		return sweep_head_call(s, RAVELIN_HYPERCALL, &op, sizeof(op)); \
	}

RAVELIN(audit_state, AUDIT_STATE, .u.audit_state = { .domain = 2 })
RAVELIN(audit_read, AUDIT_READ, .u.audit_read = { .from = 1, .buffer = BUF_GPA, .size = 2 * PAGE_SIZE })
RAVELIN(audit_release, AUDIT_RELEASE, .u.audit_release = { .before = 1 })

RAVELIN(shype_state, SHYPE_STATE)
RAVELIN(shype_ask, SHYPE_ASK, .u.shype_ask = { .sid = { 3, 3 } })
RAVELIN(shype_load, SHYPE_LOAD, .u.shype_load = { .buffer = BUF_GPA, .size = PAGE_SIZE })
RAVELIN(shype_attach, SHYPE_ATTACH, .u.shype_attach = { .domain = s->other->id, .with = RAVELIN_SHYPE_NO_DOMAIN, .label = "disk" })
RAVELIN(shype_attach_pair, SHYPE_ATTACH, .u.shype_attach = { .domain = s->other->id, .with = s->other->id })

/* Once a boot: the scene begins one. */
int64_t scene_audit_link(struct scene *s)
{
	struct ravelin_op op = { .cmd = RAVELIN_AUDIT_LINK, .interface_version = RAVELIN_INTERFACE_VERSION, .u.audit_link = { .last = 7 } };

	assert_int_equal(audit_chain_init(), 0);
	return sweep_head_call(s, RAVELIN_HYPERCALL, &op, sizeof(op));
}
