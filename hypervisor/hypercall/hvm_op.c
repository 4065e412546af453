/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvm_op: HVM parameters and the upcall vector.
 * Locking: domain.lock of the domain whose parameter it is. Trust: `arg` is the hypervisor's copy; its fields are the guest's. On oneself and on
 * another domain are different permissions, and what a guest may set or read of its own is fixed here, whatever the policy says (ABI-NOTES 6).
 */
#include "handlers.h"

#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>

#define FIRST_EXTERNAL_VECTOR 0x10

enum param_rule {
	PARAM_TOOLSTACK = 0,	/* not for the domain itself */
	PARAM_READ,		/* the domain itself may read it */
	PARAM_OWN,		/* … and set it */
	PARAM_GONE,		/* deprecated: nobody */
};

static const uint8_t param_rule[HVM_NR_PARAMS] = {
	[HVM_PARAM_CALLBACK_IRQ] = PARAM_OWN,
	[HVM_PARAM_VM86_TSS] = PARAM_OWN,
	[HVM_PARAM_VM86_TSS_SIZED] = PARAM_OWN,
	[HVM_PARAM_ACPI_IOPORTS_LOCATION] = PARAM_OWN,
	[HVM_PARAM_VM_GENERATION_ID_ADDR] = PARAM_OWN,
	[HVM_PARAM_STORE_EVTCHN] = PARAM_OWN,
	[HVM_PARAM_CONSOLE_EVTCHN] = PARAM_OWN,
	[HVM_PARAM_X87_FIP_WIDTH] = PARAM_OWN,
	[HVM_PARAM_STORE_PFN] = PARAM_READ,
	[HVM_PARAM_CONSOLE_PFN] = PARAM_READ,
	[HVM_PARAM_ALTP2M] = PARAM_READ,
	[HVM_PARAM_PAE_ENABLED] = PARAM_GONE,
	[HVM_PARAM_DM_DOMAIN] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR0] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR3] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR4] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_INT3] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_SINGLE_STEP] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_MSR] = PARAM_GONE,
	[HVM_PARAM_NESTEDHVM] = PARAM_GONE,
	[HVM_PARAM_BUFIOREQ_EVTCHN] = PARAM_GONE,
};

/* Needs `self` of its own or `other` of another; *index is bounded and its rule asked. The caller releases *d if it is not itself. */
static int param_open(struct authz *az, struct xen_hvm_param *op, enum perm self, enum perm other, enum param_rule least,
		      struct domain **d)
{
	struct domain *caller = authz_self(az);
	bool own = op->domid == DOMID_SELF || op->domid == caller->id;
	int rc;

	if (op->index >= HVM_NR_PARAMS)
		return -XEN_EINVAL;
	op->index &= (uint32_t)edge_array_index_mask(op->index, HVM_NR_PARAMS);
	authz_note(az, "param", op->index);
	rc = own ? gate_check_self(az, self) : gate_open_domain(az, op->domid, other, d);
	if (rc)
		return rc;
	if (own)
		*d = caller;
	if (param_rule[op->index] == PARAM_GONE)
		rc = -XEN_EINVAL;
	else if (own && param_rule[op->index] < least)
		rc = -XEN_EPERM;
	if (rc && !own)
		gate_release(az, *d);
	return rc;
}

/* What stands for a feature we do not have can only be set to "off". */
static int param_check_value(uint32_t index, uint64_t old, uint64_t val)
{
	switch (index) {
	case HVM_PARAM_VIRIDIAN:
	case HVM_PARAM_ALTP2M:
	case HVM_PARAM_MCA_CAP:
	case HVM_PARAM_ACPI_S_STATE:
		return val ? -XEN_EINVAL : 0;
	case HVM_PARAM_TIMER_MODE:
		return val > HVMPTM_one_missed_tick_pending ? -XEN_EINVAL : 0;
	case HVM_PARAM_TRIPLE_FAULT_REASON:
		return val > SHUTDOWN_MAX ? -XEN_EINVAL : 0;
	case HVM_PARAM_X87_FIP_WIDTH:
		return val != 0 && val != 4 && val != 8 ? -XEN_EINVAL : 0;
	case HVM_PARAM_IOREQ_PFN:
	case HVM_PARAM_BUFIOREQ_PFN:
	case HVM_PARAM_IOREQ_SERVER_PFN:
	case HVM_PARAM_NR_IOREQ_SERVER_PAGES:
		return old && old != val ? -XEN_EEXIST : 0;
	default:
		return 0;
	}
}

int64_t op_hvm_set_param(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_hvm_param *op = arg;
	struct domain *d;
	int rc = param_open(az, op, PERM_hvm2__setparam_self, PERM_hvm__setparam, PARAM_OWN, &d);

	if (rc)
		return rc;
	spin_lock(&d->lock);
	rc = param_check_value(op->index, d->hvm_param[op->index], op->value);
	if (!rc)
		d->hvm_param[op->index] = op->value;
	spin_unlock(&d->lock);
	if (d != authz_self(az))
		gate_release(az, d);
	return rc;
}

int64_t op_hvm_get_param(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_hvm_param *op = arg;
	struct domain *d;
	int rc = param_open(az, op, PERM_hvm2__getparam_self, PERM_hvm__getparam, PARAM_READ, &d);

	if (rc)
		return rc;
	spin_lock(&d->lock);
	op->value = d->hvm_param[op->index];
	spin_unlock(&d->lock);
	if (d != authz_self(az))
		gate_release(az, d);
	return 0;
}

int64_t op_hvm_set_evtchn_upcall_vector(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_hvm_evtchn_upcall_vector *op = arg;
	struct domain *d = authz_self(az);
	struct vcpu *v;

	if (op->vector < FIRST_EXTERNAL_VECTOR)
		return -XEN_EINVAL;
	if (op->vcpu >= MAX_VCPUS)
		return -XEN_ENOENT;
	v = d->vcpu[op->vcpu & edge_array_index_mask(op->vcpu, MAX_VCPUS)];
	if (!v)
		return -XEN_ENOENT;
	spin_lock(&d->lock);
	v->upcall_vector = op->vector;
	if (evtchn_pending(v))
		lapic_set_irq(v, op->vector, false);
	spin_unlock(&d->lock);
	return 0;
}
