/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl: a domain's life, from createdomain to destroydomain.
 * Locking: domain.lock around each change of state.
 * Trust: written for a hostile toolstack: unknown bits are refused, counts are bounded, and
 * whatever is asked of a dying domain fails.
 */
#include "control_op.h"

#include <hv/guest.h>
#include <hv/string.h>

#define GRANT_FRAMES_DEFAULT	64u
#define MAPTRACK_DEFAULT	1024u
#define CONTROLLER_PAUSES_MAX	255u
#define CREATE_REQUIRED		(XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap)
#define CREATE_KNOWN		(CREATE_REQUIRED | XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_xs_domain)

/* Only what PVH guests of ours can have: local APIC, nested paging, grant table v1, no IOMMU. */
static bool create_is_valid(const struct xen_domctl_createdomain *c)
{
	if ((c->flags & CREATE_REQUIRED) != CREATE_REQUIRED ||
	    (c->flags & ~(uint32_t)CREATE_KNOWN) || c->iommu_opts)
		return false;
	if (c->arch.emulation_flags != XEN_X86_EMU_LAPIC ||
	    (c->arch.misc_flags & ~XEN_X86_MSR_RELAXED))
		return false;
	if (c->max_vcpus == 0 || c->max_vcpus > MAX_VCPUS ||
	    c->grant_opts != XEN_DOMCTL_GRANT_version(1))
		return false;
	if (c->max_grant_frames > (int32_t)GRANT_FRAMES_DEFAULT ||
	    c->max_maptrack_frames > (int32_t)MAPTRACK_DEFAULT)
		return false;
	return c->vmtrace_size == 0 && c->cpupool_id == 0;
}

static uint32_t create_limit(int32_t asked, uint32_t standard)
{
	return asked < 0 ? standard : (uint32_t)asked;
}

static void create_config(const struct xen_domctl *op, struct domain_config *c)
{
	const struct xen_domctl_createdomain *in = &op->u.createdomain;

	*c = (struct domain_config){
		.id = op->domain == 0 || op->domain >= DOMID_FIRST_RESERVED ? DOMID_INVALID
									    : op->domain,
		.max_vcpus = in->max_vcpus,
		.max_evtchn_port = in->max_evtchn_port,
		.max_grant_frames = create_limit(in->max_grant_frames, GRANT_FRAMES_DEFAULT),
		.max_maptrack_frames = create_limit(in->max_maptrack_frames, MAPTRACK_DEFAULT),
		.flags = in->flags,
		.emulation_flags = in->arch.emulation_flags,
	};
	memcpy(c->handle, in->handle, sizeof(c->handle));
}

int64_t op_domctl_createdomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct domain_config config;
	struct domain *d;
	int rc;

	create_config(op, &config);
	rc = gate_create_label(az, op->u.createdomain.ssidref, &config.build_sid, &config.run_sid);
	if (rc)
		return rc;
	if (!create_is_valid(&op->u.createdomain))
		return -XEN_EINVAL;
	rc = domain_create(&config, &d);
	if (rc)
		return rc;
	op->domain = d->id;
	domain_put(d);
	return 0;
}

int64_t op_domctl_destroydomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct domain *d = authz_target(az);

	return d == authz_self(az) || d->is_control ? -XEN_EINVAL : domain_destroy(d);
}

int64_t op_domctl_pausedomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct domain *d = authz_target(az);
	int rc = 0;

	if (d == authz_self(az))
		return -XEN_EINVAL;
	spin_lock(&d->lock);
	if (d->controller_pauses >= CONTROLLER_PAUSES_MAX)
		rc = -XEN_EOVERFLOW;
	else
		d->controller_pauses++;
	if (rc == 0)
		domain_pause(d);	/* before anybody can take it back */
	spin_unlock(&d->lock);
	return rc;
}

/*
 * The last of them lets it run, the first time as the end of its building: it takes the label it will run under before anything of it runs. What a
 * change of policy has stopped, a later one starts again, if it may. The gate's answer holds as long as the lock.
 */
int64_t op_domctl_unpausedomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct domain *d = authz_target(az);
	int rc = gate_settle_label(d);

	if (rc)
		return rc;
	spin_lock(&d->lock);
	if (d->controller_pauses == 0 || domain_is_dying(d))
		rc = -XEN_EINVAL;
	else if (d->controller_pauses == 1)
		rc = gate_start_domain(az, d);
	if (rc == 0 && --d->controller_pauses == 0)
		d->life = DOMAIN_RUNNING;
	spin_unlock(&d->lock);
	if (rc == 0)
		domain_unpause(d);
	return rc;
}

int64_t op_domctl_resumedomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct domain *d = authz_target(az);

	if (d == authz_self(az) || domain_is_dying(d))
		return -XEN_EINVAL;
	domain_resume(d);
	return 0;
}

/*
 * createdomain has fixed the number; here they are made. Repeated after a lack of memory it goes on
 * where it stopped.
 */
int64_t op_domctl_max_vcpus(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);
	int rc = 0;

	if (d == authz_self(az) || op->u.max_vcpus.max != d->max_vcpus)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < d->max_vcpus && rc == 0; i++) {
		spin_lock(&d->lock);
		if (!d->vcpu[i])
			rc = vcpu_create(d, i);
		spin_unlock(&d->lock);
	}
	return rc;
}

int64_t op_domctl_max_mem(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	if (domain_is_dying(d))
		return -XEN_EINVAL;
	atomic_store(&d->max_pages, op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10));
	return 0;
}

int64_t op_domctl_setdomainhandle(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	spin_lock(&d->lock);
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	spin_unlock(&d->lock);
	return 0;
}

int64_t op_domctl_settimeoffset(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	spin_lock(&d->lock);
	d->time_offset_s = op->u.settimeoffset.time_offset_seconds;
	spin_unlock(&d->lock);
	pvclock_update_wallclock(d);
	return 0;
}

/* An NMI; the machine our guests see has neither a reset line nor buttons. */
int64_t op_domctl_sendtrigger(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct vcpu *v = control_vcpu(authz_target(az), op->u.sendtrigger.vcpu);

	if (!v)
		return -XEN_ESRCH;
	if (op->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return -XEN_ENOSYS;
	guest_nmi_set(v);
	return 0;
}

/* The port is looked up when the event is raised: until then it may come and go. */
int64_t op_domctl_subscribe(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	spin_lock(&d->lock);
	d->suspend_port = op->u.subscribe.port;
	spin_unlock(&d->lock);
	return 0;
}
