/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl: what a domain and its vCPUs are doing, where they may run, and how much.
 * Locking: domain.lock for the scheduling parameters.
 * Trust: vCPU numbers and bitmaps are the caller's.
 */
#include "control_op.h"

#define AFFINITY_KNOWN (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT | XEN_VCPUAFFINITY_FORCE)
#define CAP_UNCHANGED UINT16_MAX

/* An id that is free stands for the next higher one: that is how the tools walk the list. */
int64_t op_domctl_getdomaininfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct domain *d;
	int rc = gate_open_domain(az, op->domain, PERM_domain__getdomaininfo, &d);

	if (rc == -XEN_ESRCH)
		rc = gate_open_next(az, op->domain, PERM_domain__getdomaininfo, &d);
	if (rc)
		return rc;
	control_domain_info(d, &op->u.getdomaininfo);
	op->domain = d->id;
	return 0;
}

int64_t op_domctl_getvcpuinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	struct vcpu *v = control_vcpu(authz_target(az), info->vcpu);
	struct vcpu_runstate_info r;

	if (!v)
		return -XEN_EINVAL;
	vcpu_get_runstate(v, &r);
	info->online = vcpu_is_online(v);
	info->blocked = v->state == VCPU_BLOCKED || v->state == VCPU_POLLING;
	info->running = vcpu_is_running(v);
	info->cpu_time = r.time[RUNSTATE_running];
	info->cpu = v->cpu;
	return 0;
}

/*
 * The masks as asked, cut to the CPUs there are; *hard and *soft keep what is not asked to change.
 */
static int affinity_read(struct vcpu *caller, const struct xen_domctl_vcpuaffinity *a,
			 uint64_t *hard, uint64_t *soft)
{
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD) {
		rc = control_bitmap_read(caller, &a->cpumap_hard, hard);
		*hard &= control_cpu_mask();
	}
	if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT))
		rc = control_bitmap_read(caller, &a->cpumap_soft, soft);
	return rc ? rc : *hard ? 0 : -XEN_EINVAL;
}

/* CPUs that there are not are in no answer. */
static int affinity_write(struct vcpu *caller, const struct xen_domctl_vcpuaffinity *a,
			  uint64_t hard, uint64_t soft)
{
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = control_bitmap_write(caller, &a->cpumap_hard, hard & control_cpu_mask());
	if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT))
		rc = control_bitmap_write(caller, &a->cpumap_soft, soft & control_cpu_mask());
	return rc;
}

static bool affinity_flags_valid(uint32_t flags)
{
	return (flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)) &&
	       !(flags & ~(uint32_t)AFFINITY_KNOWN);
}

/* What is written back is what takes effect. */
int64_t op_domctl_setvcpuaffinity(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	struct vcpu *v = control_vcpu(authz_target(az), a->vcpu);
	uint64_t hard, soft;
	int rc;

	if (!affinity_flags_valid(a->flags))
		return -XEN_EINVAL;
	if (!v)
		return -XEN_EINVAL;
	hard = v->affinity;
	soft = v->soft_affinity;
	rc = affinity_read(authz_vcpu(az), a, &hard, &soft);
	if (rc == 0)
		rc = vcpu_set_affinity(v, hard, soft);
	if (rc)
		return rc;
	return affinity_write(authz_vcpu(az), a, hard, soft & hard);
}

int64_t op_domctl_getvcpuaffinity(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	struct vcpu *v = control_vcpu(authz_target(az), a->vcpu);

	if (!affinity_flags_valid(a->flags))
		return -XEN_EINVAL;
	if (!v)
		return -XEN_EINVAL;
	return affinity_write(authz_vcpu(az), a, v->affinity, v->soft_affinity);
}

/* There is one node. */
int64_t op_domctl_setnodeaffinity(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	uint64_t nodes;
	int rc = control_bitmap_read(authz_vcpu(az), &op->u.nodeaffinity.nodemap, &nodes);

	return rc ? rc : nodes & 1 ? 0 : -XEN_EINVAL;
}

int64_t op_domctl_getnodeaffinity(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;

	return control_bitmap_write(authz_vcpu(az), &op->u.nodeaffinity.nodemap, 1);
}

int64_t op_domctl_scheduler_op_getinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	if (op->u.scheduler_op.sched_id != CONTROL_SCHEDULER)
		return -XEN_EINVAL;
	spin_lock(&d->lock);
	op->u.scheduler_op.u.credit.weight = (uint16_t)d->sched_weight;
	op->u.scheduler_op.u.credit.cap = (uint16_t)d->sched_cap;
	spin_unlock(&d->lock);
	return 0;
}

int64_t op_domctl_scheduler_op_putinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	const struct xen_domctl_sched_credit *c = &op->u.scheduler_op.u.credit;
	struct domain *d = authz_target(az);

	if (op->u.scheduler_op.sched_id != CONTROL_SCHEDULER)
		return -XEN_EINVAL;
	if (c->cap != CAP_UNCHANGED && c->cap > 100 * MAX_CPUS)
		return -XEN_EINVAL;
	spin_lock(&d->lock);
	domain_sched_set(d, c->weight ? c->weight : d->sched_weight, c->cap != CAP_UNCHANGED ? c->cap : d->sched_cap);
	spin_unlock(&d->lock);
	return 0;
}
