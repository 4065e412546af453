/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching a domain to FIFO events and back: control blocks and event array pages.
 * Locking: domain.lock. Trust: frame numbers and offsets are the guest's; the pages are pinned, counted, and stay hostile.
 */
#include "evtchn_private.h"
#include "shared_bits.h"

#include <hv/guestmem.h>
#include <hv/mm.h>

#define CONTROL_ALIGN 8u

/* What is pending in shared_info is carried over; it shows in the event words as those arrive. */
static void fifo_adopt_pending(struct domain *d)
{
	struct evtchn_state *s = d->evtchn;
	struct shared_info *si = d->shared_info;

	for (evtchn_port_t port = 1; port < s->nr_chunks * CHUNK_PORTS && port < TWOLEVEL_PORTS; port++)
		if (shared64_test_and_clear(&si->evtchn_pending[port / 64], port % 64))
			channel_lookup(s, port)->pending = true;
}

/* d is locked. */
static int control_block_set(struct domain *d, struct vcpu *v, gfn_t gfn, uint32_t offset)
{
	struct fifo *f = d->evtchn->fifo;
	void *page;
	int rc;

	if (v->fifo_control || domain_is_dying(d))
		return -XEN_EINVAL;
	if (!f && !(f = heap_alloc(d, sizeof(*f))))
		return -XEN_ENOMEM;
	rc = guest_page_pin(d, gfn, &v->fifo_control_mfn, &page);
	if (rc) {
		if (!d->evtchn->fifo)
			heap_free(d, f);
		return rc;
	}
	v->fifo_control = (uint8_t *)page + offset;
	if (!d->evtchn->fifo) {
		fifo_adopt_pending(d);
		d->evtchn->fifo = f;
	}
	return 0;
}

int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op)
{
	struct vcpu *v;
	int rc;

	spin_lock(&d->lock);
	v = evtchn_vcpu(d, op->vcpu);
	if (!v)
		rc = -XEN_ENOENT;
	else if (op->offset % CONTROL_ALIGN || op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block))
		rc = -XEN_EINVAL;
	else
		rc = control_block_set(d, v, op->control_gfn, op->offset);
	spin_unlock(&d->lock);
	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	return rc;
}

/* Events that were raised before they had a word. */
static void fifo_raise_early(struct domain *d, uint32_t page)
{
	for (evtchn_port_t port = page * FIFO_PAGE_PORTS; port < (page + 1) * FIFO_PAGE_PORTS; port++) {
		struct channel *ch = channel_lookup(d->evtchn, port);

		if (ch && ch->pending) {
			ch->pending = false;
			fifo_raise(d, ch, port);
		}
	}
}

/* d is locked. */
static int fifo_page_add(struct domain *d, gfn_t gfn)
{
	struct fifo *f = d->evtchn->fifo;
	uint32_t n;
	void *page;
	int rc;

	if (!f)
		return -XEN_EOPNOTSUPP;
	n = f->nr_pages;
	if (n >= FIFO_PAGES)
		return -XEN_ENOSPC;
	if (domain_is_dying(d))
		return -XEN_EINVAL;
	rc = guest_page_pin(d, gfn, &f->page_mfn[n], &page);
	if (rc)
		return rc;
	f->page[n] = page;
	f->nr_pages = n + 1;
	fifo_raise_early(d, n);
	return 0;
}

int evtchn_fifo_expand_array(struct domain *d, gfn_t gfn)
{
	int rc;

	spin_lock(&d->lock);
	rc = fifo_page_add(d, gfn);
	spin_unlock(&d->lock);
	return rc;
}

int evtchn_fifo_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority)
{
	struct channel *ch;
	int rc = 0;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, port);
	if (ch && !d->evtchn->fifo)
		rc = -XEN_ENOSYS;
	else if (!ch || ch->state == CHANNEL_RESERVED || ch->state == CHANNEL_FREE || priority > EVTCHN_FIFO_PRIORITY_MIN)
		rc = -XEN_EINVAL;
	else
		ch->priority = (uint8_t)priority;
	spin_unlock(&d->lock);
	return rc;
}

void fifo_destroy(struct domain *d)
{
	struct fifo *f = d->evtchn->fifo;

	if (!f)
		return;
	d->evtchn->fifo = NULL;
	for (unsigned int i = 0; i < MAX_VCPUS; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v || !v->fifo_control)
			continue;
		guest_page_unpin(d, v->fifo_control_mfn, (void *)((uintptr_t)v->fifo_control & PAGE_MASK));
		v->fifo_control = NULL;
	}
	for (uint32_t i = 0; i < f->nr_pages; i++)
		guest_page_unpin(d, f->page_mfn[i], f->page[i]);
	heap_free(d, f);
}
