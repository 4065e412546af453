/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the decoders of domctl and sysctl share: bitmaps, a domain's description.
 * Locking: domain.lock for the description.
 * Trust: sizes of bitmaps are the caller's and bounded here.
 */
#include "control_op.h"

#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#define BITMAP_BYTES_MAX 1024u

int control_bitmap_read(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t *bits)
{
	uint32_t bytes = map->nr_bits / 8 + (map->nr_bits % 8 != 0);
	int rc;

	*bits = 0;
	rc = guest_copy_in(v, bits, HANDLE_VA(map->bitmap),
			   bytes < sizeof(*bits) ? bytes : sizeof(*bits));
	if (rc == 0 && map->nr_bits < 64)
		*bits &= ((uint64_t)1 << map->nr_bits) - 1;
	return rc;
}

int control_bitmap_write(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t bits)
{
	uint32_t bytes = map->nr_bits / 8 + (map->nr_bits % 8 != 0);
	uint8_t out[BITMAP_BYTES_MAX] = { 0 };

	if (bytes > sizeof(out))
		bytes = sizeof(out);
	memcpy(out, &bits, sizeof(bits));
	return guest_copy_out(v, HANDLE_VA(map->bitmap), out, bytes);
}

static uint32_t info_vcpus(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	uint32_t flags = XEN_DOMINF_blocked;

	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		const struct vcpu *v = d->vcpu[i];

		if (!v)
			continue;
		info->max_vcpu_id = i;
		if (!vcpu_is_online(v))
			continue;
		info->nr_online_vcpus++;
		if (vcpu_is_running(v))
			flags |= XEN_DOMINF_running;
		if (v->state == VCPU_RUNNABLE)
			flags &= ~XEN_DOMINF_blocked;
	}
	return flags;
}

void control_domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	*info = (struct xen_domctl_getdomaininfo){ .domain = d->id,
						   .shared_info_frame = GFN_INVALID };
	spin_lock(&d->lock);
	info->flags = XEN_DOMINF_hvm_guest | XEN_DOMINF_hap | info_vcpus(d, info);
	/*
	 * A dying domain is reported when its resources are gone: that is what the tools wait for.
	 */
	info->flags |= d->life == DOMAIN_DEAD ? XEN_DOMINF_dying : 0;
	info->flags |= d->is_shut_down ? XEN_DOMINF_shutdown : 0;
	info->flags |= d->controller_pauses ? XEN_DOMINF_paused : 0;
	info->flags |= d->create_flags & XEN_DOMCTL_CDF_xs_domain ? XEN_DOMINF_xs_domain : 0;
	info->flags |= (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->outstanding_pages = d->claim;
	info->cpu_time = domain_cpu_time(d);
	info->ssidref = d->label.sid;
	info->gpaddr_bits = GUEST_PADDR_BITS;
	info->arch_config.emulation_flags = d->emulation_flags;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	spin_unlock(&d->lock);
}

int control_quiet_begin(struct domain *d)
{
	int rc;

	domain_pause(d);
	if (domain_is_quiet(d))
		return 0;
	rc = d->pause_count > 1 ? -XEN_ERESTART : -XEN_EBUSY;
	domain_unpause(d);
	return rc;
}

void control_quiet_end(struct domain *d)
{
	domain_unpause(d);
}
