/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysctl: what the machine is, and what runs on it.
 * Locking: none.
 * Trust: counts and addresses are the caller's; arrays are written up to what the caller has room
 * for.
 */
#include "control_op.h"

#include <hv/console.h>
#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#define CONSOLE_CHUNK	256u
#define DEBUG_KEYS_MAX	32u
#define NODE_DISTANCE	10u		/* of a node to itself, as ACPI's SLIT counts */
#define SLICE_MS	10u

/*
 * The index counts bytes since boot. A short answer is a whole one: the tools ask until nothing
 * comes.
 */
static int console_copy(struct vcpu *v, struct xen_sysctl_readconsole *op, uint32_t index)
{
	uint32_t room = op->count, done = 0;
	char text[CONSOLE_CHUNK];
	int rc = 0;

	while (done < room && rc == 0) {
		uint32_t want = room - done < CONSOLE_CHUNK ? room - done : CONSOLE_CHUNK;
		size_t n = console_read_ring(&index, text, want);

		if (n == 0)
			break;
		rc = guest_copy_out(v, HANDLE_VA(op->buffer) + done, text, n);
		done += (uint32_t)n;
		if (cpu_should_yield() && op->incremental)
			break;
	}
	op->count = done;
	op->index = index;
	return rc;
}

int64_t op_sysctl_readconsole(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_readconsole *r = &op->u.readconsole;
	int rc = r->clear ? gate_check_xen(az, PERM_xen__clearconsole) : 0;

	if (rc == 0)
		rc = console_copy(authz_vcpu(az), r, r->incremental ? r->index : 0);
	if (rc == 0 && r->clear)
		console_clear_ring();
	return rc;
}

int64_t op_sysctl_physinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	op->u.physinfo = (struct xen_sysctl_physinfo){
		.threads_per_core = 1,
		.cores_per_socket = cpu_count,
		.nr_cpus = cpu_count,
		.max_cpu_id = cpu_count - 1,
		.nr_nodes = 1,
		.cpu_khz = (uint32_t)edge_tsc_khz(),
		.capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
				XEN_SYSCTL_PHYSCAP_gnttab_v1,
		.total_pages = guest_pages_total(),
		.free_pages = guest_pages_free(),
		.outstanding_pages = guest_pages_claimed(),
		.max_mfn = frame_table_end - 1,
	};
	control_host_features(op->u.physinfo.hw_cap, ARRAY_SIZE(op->u.physinfo.hw_cap));
	return 0;
}

int64_t op_sysctl_sched_id(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	op->u.sched_id.sched_id = CONTROL_SCHEDULER;
	return 0;
}

/* The next at or above *id whose getdomaininfo the caller has; the others do not exist for it. */
static int list_next(struct authz *az, domid_t *id, struct xen_domctl_getdomaininfo *info)
{
	struct domain *d;
	int rc = gate_open_next(az, *id, PERM_domain__getdomaininfo, &d);

	if (rc)
		return rc;
	control_domain_info(d, info);
	*id = (domid_t)(d->id + 1);
	gate_release(az, d);
	return 0;
}

int64_t op_sysctl_getdomaininfolist(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	domid_t id = list->first_domain;
	uint32_t n = 0;
	int rc = 0;

	for (; n < list->max_domains && rc == 0 && list_next(az, &id, &info) == 0; n++)
		rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(list->buffer) + n * sizeof(info), &info, sizeof(info));
	list->num_domains = n;
	return rc;
}

/* What the hypervisor can say of itself goes to its console. */
int64_t op_sysctl_debug_keys(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_sysctl *op = arg;
	char keys[DEBUG_KEYS_MAX];
	uint32_t n = op->u.debug_keys.nr_keys < DEBUG_KEYS_MAX ? op->u.debug_keys.nr_keys
							       : DEBUG_KEYS_MAX;
	int rc = guest_copy_in(authz_vcpu(az), keys, HANDLE_VA(op->u.debug_keys.keys), n);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < n; i++) {
		if (keys[i] == 'm')
			log_info("memory: %lu of %lu guest pages free, %lu claimed, %lu heap pages "
				 "free",
				 guest_pages_free(), guest_pages_total(), guest_pages_claimed(),
				 heap_pages_free());
		else
			log_info("debug key %d: only 'm' (memory) is known", keys[i]);
	}
	return 0;
}

int64_t op_sysctl_getcpuinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_getcpuinfo *info = &op->u.getcpuinfo;
	uint32_t n = info->max_cpus < cpu_count ? info->max_cpus : cpu_count;

	for (uint32_t i = 0; i < n; i++) {
		xen_sysctl_cpuinfo_t one = { .idletime = cpus[i].rq.idle_ns };
		int rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(info->info) + i * sizeof(one),
					&one, sizeof(one));

		if (rc)
			return rc;
	}
	info->nr_cpus = n;
	return 0;
}

/* No memory is tied to an address width or a node. */
int64_t op_sysctl_availheap(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	op->u.availheap.avail_bytes = op->u.availheap.node > 0 ? 0 : guest_pages_free() << PAGE_SHIFT;	/* there is node 0 */
	return 0;
}

/* One socket, one thread a core. */
int64_t op_sysctl_cputopoinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_cputopoinfo *info = &op->u.cputopoinfo;
	uint32_t n = info->num_cpus < cpu_count ? info->num_cpus : cpu_count;
	bool count_only = HANDLE_VA(info->cputopo) == 0;

	for (uint32_t i = 0; i < n && !count_only; i++) {
		xen_sysctl_cputopo_t one = { .core = i };
		int rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(info->cputopo) + i * sizeof(one),
					&one, sizeof(one));

		if (rc)
			return rc;
	}
	info->num_cpus = cpu_count;
	return 0;
}

int64_t op_sysctl_numainfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_numainfo *info = &op->u.numainfo;
	struct xen_sysctl_meminfo mem = { .memsize = guest_pages_total() << PAGE_SHIFT,
					  .memfree = guest_pages_free() << PAGE_SHIFT };
	uint32_t distance = NODE_DISTANCE;
	int rc = 0;

	if (info->num_nodes && HANDLE_VA(info->meminfo))
		rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(info->meminfo), &mem, sizeof(mem));
	if (rc == 0 && info->num_nodes && HANDLE_VA(info->distance))
		rc = guest_copy_out(authz_vcpu(az), HANDLE_VA(info->distance), &distance,
				    sizeof(distance));
	info->num_nodes = 1;
	return rc;
}

/* There is pool 0, with every CPU and domain in it. */
int64_t op_sysctl_cpupool_op_info(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_cpupool_op *pool = &op->u.cpupool_op;

	if (pool->cpupool_id != 0)
		return -XEN_ENOENT;
	pool->sched_id = CONTROL_SCHEDULER;
	pool->n_dom = domain_count;
	return control_bitmap_write(authz_vcpu(az), &pool->cpumap, control_cpu_mask());
}

int64_t op_sysctl_cpupool_op_freeinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_sysctl *op = arg;

	return control_bitmap_write(authz_vcpu(az), &op->u.cpupool_op.cpumap, 0);
}

int64_t op_sysctl_scheduler_op_getinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	if (op->u.scheduler_op.sched_id != CONTROL_SCHEDULER)
		return -XEN_EINVAL;
	if (op->u.scheduler_op.cpupool_id != 0)
		return -XEN_ESRCH;
	op->u.scheduler_op.u.sched_credit =
		(struct xen_sysctl_credit_schedule){ .tslice_ms = SLICE_MS };
	return 0;
}

int64_t op_sysctl_psr_cmt_op_enabled(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	op->u.psr_cmt_op.u.data = 0;
	return 0;
}
