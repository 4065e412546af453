/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and unmaking a vCPU; the areas that the guest registers for it.
 * Locking: domain.lock, or the domain is not published or has no users left.
 * Trust: registered areas are guest memory: written, never read.
 */
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/mm.h>

#include "sched_private.h"

static void areas_init(struct vcpu *v)
{
	v->info_mfn = MFN_INVALID;
	v->runstate_mfn[0] = v->runstate_mfn[1] = MFN_INVALID;
	v->time_mfn = MFN_INVALID;
	v->fifo_control_mfn = MFN_INVALID;
	if (v->id < XEN_LEGACY_MAX_VCPUS && v->domain->shared_info)
		v->info = &v->domain->shared_info->vcpu_info[v->id];
}

int vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v;
	int rc;

	if (id >= d->max_vcpus || domain_is_dying(d))
		return -XEN_EINVAL;
	if (d->vcpu[id])
		return -XEN_EEXIST;
	v = heap_alloc(d, sizeof(*v));
	if (!v)
		return -XEN_ENOMEM;
	v->id = id;
	v->domain = d;
	areas_init(v);
	vcpu_sched_init(v);
	rc = edge_vcpu_create(v);
	if (rc) {
		heap_free(d, v);
		return rc;
	}
	guest_vcpu_init(v);
	evtchn_vcpu_init(v);
	pvclock_update(v);
	d->vcpu[id] = v;
	return 0;
}

/* Its timers have ended: domain_destroy() waits for that. */
void vcpu_destroy(struct vcpu *v)
{
	struct domain *d = v->domain;

	d->vcpu[v->id] = NULL;
	edge_vcpu_destroy(v);
	heap_free(d, v);
}

static void area_put(mfn_t *mfn)
{
	if (*mfn != MFN_INVALID)
		frame_put(*mfn);
	*mfn = MFN_INVALID;
}

void vcpu_release_areas(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct vcpu_info *info;
	mfn_t pinned;

	spin_lock(&d->lock);
	info = v->info;
	pinned = v->info_mfn;
	v->info = NULL;
	v->info_mfn = MFN_INVALID;
	spin_unlock(&d->lock);
	if (pinned != MFN_INVALID)
		guest_page_unpin(d, pinned, (void *)((uintptr_t)info & PAGE_MASK));
	area_put(&v->runstate_mfn[0]);
	area_put(&v->runstate_mfn[1]);
	area_put(&v->time_mfn);
}

