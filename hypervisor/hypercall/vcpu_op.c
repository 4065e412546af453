/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcpu_op: a domain's own vCPUs: state, timers, NMI. The areas it registers are in vcpu_area.c.
 * Locking: domain.lock to count vCPUs. Trust: the vCPU number and `arg` are the guest's.
 */
#include "vcpu_op.h"
#include "handlers.h"

#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/timer.h>
#include <xen/sched.h>

struct vcpu *vcpu_op_target(struct authz *az, const struct hypercall *hc)
{
	uint32_t id = (uint32_t)hc->arg[1];

	if (id >= MAX_VCPUS)
		return NULL;
	return authz_self(az)->vcpu[id & edge_array_index_mask(id, MAX_VCPUS)];
}

/* One that nobody has given a state to yet, or that has seen INIT, waits for its SIPI. */
int64_t op_vcpu_up(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = vcpu_op_target(az, hc);
	bool waits;

	if (!v)
		return -XEN_ENOENT;
	spin_lock(&v->lapic.lock);
	waits = v->lapic.wait_sipi;
	spin_unlock(&v->lapic.lock);
	if (waits)
		return -XEN_EINVAL;
	vcpu_up(v);
	return 0;
}

int64_t op_vcpu_down(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = vcpu_op_target(az, hc);

	if (!v)
		return -XEN_ENOENT;
	domain_vcpu_down(authz_self(az), v);
	return 0;
}

int64_t op_vcpu_is_up(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct vcpu *v = vcpu_op_target(az, hc);

	return v ? vcpu_is_online(v) : -XEN_ENOENT;
}

int64_t op_vcpu_get_runstate_info(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = vcpu_op_target(az, hc);

	if (!v)
		return -XEN_ENOENT;
	vcpu_get_runstate(v, arg);
	return 0;
}

/* There is never a periodic timer to stop: set_periodic_timer is refused. */
int64_t op_vcpu_stop_periodic_timer(struct authz *az, void *arg, struct hypercall *hc)
{
	return vcpu_op_target(az, hc) ? 0 : -XEN_ENOENT;
}

/* The hottest call of all (ABI-NOTES 4). A deadline in the past fires at once unless the guest asks to be told instead. */
int64_t op_vcpu_set_singleshot_timer(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct vcpu_set_singleshot_timer *op = arg;
	struct vcpu *v = vcpu_op_target(az, hc);

	if (!v)
		return -XEN_ENOENT;
	if (v != authz_vcpu(az))
		return -XEN_EINVAL;
	if ((op->flags & VCPU_SSHOTTMR_future) && op->timeout_abs_ns < edge_now_ns())
		return -XEN_ETIME;
	timer_set(&v->singleshot, op->timeout_abs_ns);
	return 0;
}

int64_t op_vcpu_stop_singleshot_timer(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = vcpu_op_target(az, hc);

	if (!v)
		return -XEN_ENOENT;
	if (v != authz_vcpu(az))
		return -XEN_EINVAL;
	timer_stop(&v->singleshot);
	return 0;
}

int64_t op_vcpu_send_nmi(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = vcpu_op_target(az, hc);

	if (!v)
		return -XEN_ENOENT;
	guest_nmi_set(v);
	return 0;
}

/* No vCPU is tied to a processor for good, and which one it is on is not its business. */
int64_t op_vcpu_get_physid(struct authz *az, void *arg, struct hypercall *hc)
{
	return vcpu_op_target(az, hc) ? -XEN_EINVAL : -XEN_ENOENT;
}
