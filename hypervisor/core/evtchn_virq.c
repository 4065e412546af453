/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual interrupts: per vCPU (timer), and global ones, each of which one domain of the machine may bind.
 * Locking: domain.lock, then the binders' leaf lock. Trust: virq and vCPU numbers are the guest's; who may bind a global one is the policy's word.
 */
#include "evtchn_private.h"

#include <hv/internal.h>

/* The domain that hears each global virtual interrupt. */
static struct {
	struct spinlock lock;
	struct domain_link domain[NR_VIRQS];
} binder = { .lock = SPINLOCK_INIT };

void evtchn_init(void)
{
	binder = (typeof(binder)){ .lock = SPINLOCK_INIT };
}

bool evtchn_virq_is_global(uint32_t virq)
{
	switch (virq) {
	case VIRQ_TIMER:
	case VIRQ_DEBUG:
	case VIRQ_XENOPROF:
	case VIRQ_XENPMU:
		return false;
	default:
		return true;
	}
}

static int binder_claim(struct domain *d, uint32_t virq)
{
	int rc = -XEN_EBUSY;

	spin_lock(&binder.lock);
	if (!domain_link_is_set(&binder.domain[virq])) {
		binder.domain[virq] = domain_link_make(d);
		rc = 0;
	}
	spin_unlock(&binder.lock);
	return rc;
}

static void binder_forget(const struct domain *d, uint32_t virq)
{
	struct domain_link link = { 0 };

	spin_lock(&binder.lock);
	if (domain_link_is(&binder.domain[virq], d)) {
		link = binder.domain[virq];
		binder.domain[virq].opaque = 0;
	}
	spin_unlock(&binder.lock);
	/* Not the last reference: whoever closes the channel holds one. */
	if (domain_link_is_set(&link))
		domain_link_drop(&link);
}

/* d is locked. */
static int virq_bind_locked(struct domain *d, struct vcpu *v, uint32_t virq, evtchn_port_t *port)
{
	struct channel *ch;
	int rc;

	if (v->virq_port[virq])
		return -XEN_EEXIST;
	rc = channel_alloc(d, port, &ch);
	if (rc)
		return rc;
	if (evtchn_virq_is_global(virq))
		rc = binder_claim(d, virq);
	if (rc) {
		channel_free(d, ch, *port);
		return rc;
	}
	ch->state = CHANNEL_VIRQ;
	ch->virq = virq;
	ch->vcpu = (uint16_t)v->id;
	v->virq_port[virq] = *port;
	return 0;
}

int evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, evtchn_port_t *port)
{
	struct vcpu *v;
	int rc;

	if (virq >= NR_VIRQS || (evtchn_virq_is_global(virq) && vcpu != 0))
		return -XEN_EINVAL;
	virq &= (uint32_t)edge_array_index_mask(virq, NR_VIRQS);
	spin_lock(&d->lock);
	v = evtchn_vcpu(d, vcpu);
	rc = v ? virq_bind_locked(d, v, virq, port) : -XEN_ENOENT;
	spin_unlock(&d->lock);
	return rc;
}

/* The channel may have been moved to another vCPU than the one that lists it. */
void virq_unbind(struct domain *d, const struct channel *ch, evtchn_port_t port)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (d->vcpu[i] && d->vcpu[i]->virq_port[ch->virq] == port)
			d->vcpu[i]->virq_port[ch->virq] = 0;
	if (evtchn_virq_is_global(ch->virq))
		binder_forget(d, ch->virq);
}

void evtchn_send_vcpu_virq(struct vcpu *v, uint32_t virq)
{
	struct domain *d = v->domain;
	evtchn_port_t port;

	spin_lock(&d->lock);
	port = v->virq_port[virq];
	if (port)
		channel_raise(d, channel_lookup(d->evtchn, port), port);
	spin_unlock(&d->lock);
}

void evtchn_send_global_virq(uint32_t virq)
{
	struct domain *d = NULL;

	spin_lock(&binder.lock);
	if (domain_link_is_set(&binder.domain[virq]))
		d = domain_link_raw(&binder.domain[virq]);
	if (d && !domain_get(d))
		d = NULL;
	spin_unlock(&binder.lock);
	if (!d)
		return;
	evtchn_send_vcpu_virq(d->vcpu[0], virq);
	domain_put(d);
}
