/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The areas a guest registers for a vCPU: vcpu_info, run state, time. Translated and pinned once, at registration (Xen walks the guest's page
 * tables again on each switch of vCPUs).
 * Locking: domain.lock; an area changes only while its vCPU is the caller or is kept from being loaded, so the scheduler reads its own without lock.
 * Trust: addresses and frame numbers are the guest's; what is pinned stays hostile.
 */
#include "vcpu_op.h"
#include "handlers.h"

#include <hv/evtchn.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#define INFO_ALIGN 8u

/* Until area_end() v is the caller or loaded nowhere, whoever else brings it up meanwhile. */
static int area_begin(struct authz *az, struct vcpu *v)
{
	if (v == authz_vcpu(az))
		return 0;
	if (vcpu_is_online(v))
		return -XEN_EINVAL;
	vcpu_pause(v);
	if (!vcpu_is_running(v))
		return 0;
	vcpu_unpause(v);	/* on its way down */
	return -XEN_ERESTART;
}

static void area_end(struct authz *az, struct vcpu *v)
{
	if (v != authz_vcpu(az))
		vcpu_unpause(v);
}

/* d is locked. Events and time of the former place are carried over (xen/vcpu.h). */
static int info_move(struct domain *d, struct vcpu *v, gfn_t gfn, uint32_t offset)
{
	struct vcpu_info *info;
	mfn_t mfn;
	void *page;
	int rc;

	if (v->info_mfn != MFN_INVALID)
		return -XEN_EINVAL;
	rc = guest_page_pin(d, gfn, &mfn, &page);
	if (rc)
		return rc;
	info = (struct vcpu_info *)((uint8_t *)page + offset);
	if (v->info)
		memcpy(info, v->info, sizeof(*info));
	else
		memset(info, 0, sizeof(*info));
	v->info = info;
	v->info_mfn = mfn;
	pvclock_update(v);
	evtchn_vcpu_info_moved(v);
	return 0;
}

int64_t op_vcpu_register_info(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct vcpu_register_vcpu_info *op = arg;
	struct vcpu *v = vcpu_op_target(az, hc);
	struct domain *d = authz_self(az);
	int rc;

	if (!v)
		return -XEN_ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct vcpu_info) || op->offset % INFO_ALIGN)
		return -XEN_ENXIO;
	rc = area_begin(az, v);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	rc = info_move(d, v, op->mfn, op->offset);
	spin_unlock(&d->lock);
	area_end(az, v);
	return rc;
}

/* One piece of an area, inside one page, as the caller's page tables have it now. *mfn carries a reference. */
static int piece_pin(struct authz *az, gva_t va, mfn_t *mfn)
{
	enum p2m_type type;
	gpa_t gpa;
	int rc = guest_translate(authz_vcpu(az), va, true, &gpa);

	if (rc)
		return rc;
	*mfn = p2m_get_frame(authz_self(az), gpa >> PAGE_SHIFT, true, &type);
	if (*mfn == MFN_INVALID)
		return -XEN_EFAULT;
	if (type != P2M_RAM) {
		frame_put(*mfn);
		return -XEN_EINVAL;
	}
	return 0;
}

struct pieces {
	mfn_t mfn[2];		/* MFN_INVALID: none */
	uint16_t offset;
};

static int pieces_pin(struct authz *az, gva_t va, size_t len, struct pieces *p)
{
	size_t room = PAGE_SIZE - (va & (PAGE_SIZE - 1));
	int rc;

	*p = (struct pieces){ .mfn = { MFN_INVALID, MFN_INVALID }, .offset = va & (PAGE_SIZE - 1) };
	if (!va)
		return 0;	/* unregister */
	rc = piece_pin(az, va, &p->mfn[0]);
	if (rc || room >= len)
		return rc;
	rc = piece_pin(az, va + room, &p->mfn[1]);
	if (rc)
		frame_put(p->mfn[0]);
	return rc;
}

static void frame_put_if(mfn_t mfn)
{
	if (mfn != MFN_INVALID)
		frame_put(mfn);
}

/* p holds the former pieces afterwards. */
static void runstate_swap(struct domain *d, struct vcpu *v, struct pieces *p)
{
	spin_lock(&d->lock);
	for (unsigned int i = 0; i < 2; i++) {
		mfn_t former = v->runstate_mfn[i];

		v->runstate_mfn[i] = p->mfn[i];
		p->mfn[i] = former;
	}
	v->runstate_off = p->offset;
	spin_unlock(&d->lock);
}

int64_t op_vcpu_register_runstate(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct vcpu_register_runstate_memory_area *op = arg;
	struct vcpu *v = vcpu_op_target(az, hc);
	struct pieces p;
	int rc;

	if (!v)
		return -XEN_ENOENT;
	rc = pieces_pin(az, op->addr.p, sizeof(struct vcpu_runstate_info), &p);
	if (rc)
		return rc;
	rc = area_begin(az, v);
	if (rc == 0) {
		runstate_swap(authz_self(az), v, &p);
		area_end(az, v);
	}
	frame_put_if(p.mfn[0]);
	frame_put_if(p.mfn[1]);
	if (v == authz_vcpu(az))
		vcpu_update_areas(v);
	return rc;
}

/* Inside one page: Linux gives it a page of its own. */
int64_t op_vcpu_register_time(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct vcpu_register_time_memory_area *op = arg;
	struct vcpu *v = vcpu_op_target(az, hc);
	struct domain *d = authz_self(az);
	mfn_t mfn = MFN_INVALID, former;
	int rc = 0;

	if (!v)
		return -XEN_ENOENT;
	if ((op->addr.p & (PAGE_SIZE - 1)) > PAGE_SIZE - sizeof(struct vcpu_time_info) || op->addr.p % INFO_ALIGN)
		return -XEN_ENXIO;
	rc = area_begin(az, v);
	if (rc)
		return rc;
	if (op->addr.p)
		rc = piece_pin(az, op->addr.p, &mfn);
	if (rc == 0) {
		spin_lock(&d->lock);
		former = v->time_mfn;
		v->time_mfn = mfn;
		v->time_off = (uint16_t)(op->addr.p & (PAGE_SIZE - 1));
		spin_unlock(&d->lock);
		frame_put_if(former);
	}
	area_end(az, v);
	if (rc)
		return rc;
	if (v == authz_vcpu(az))
		pvclock_update(v);
	return 0;
}
