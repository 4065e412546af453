/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling a guest: pending bits of the 2-level form, the upcall, and the choice between 2-level and FIFO.
 * Locking: domain.lock; evtchn_pending() none. Trust: shared_info and vcpu_info are written by the guest at any time; nothing read there steers more
 * than whether that guest is told.
 */
#include "evtchn_private.h"
#include "shared_bits.h"

#include <hv/guest.h>

#define WORD_BITS 64u

void upcall_raise(struct vcpu *v)
{
	if (!v->info || __atomic_exchange_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
		return;
	if (v->upcall_vector)
		lapic_set_irq(v, v->upcall_vector, false);
	else
		vcpu_kick(v);
}

static void twolevel_select(struct domain *d, const struct channel *ch, evtchn_port_t port)
{
	struct vcpu *v = evtchn_vcpu(d, ch->vcpu);

	/* Without vcpu_info nothing is lost: registering one raises every selector. */
	if (v && v->info && !shared64_test_and_set(&v->info->evtchn_pending_sel, port / WORD_BITS))
		upcall_raise(v);
}

static void twolevel_raise(struct domain *d, const struct channel *ch, evtchn_port_t port)
{
	struct shared_info *si = d->shared_info;

	if (port >= TWOLEVEL_PORTS || shared64_test_and_set(&si->evtchn_pending[port / WORD_BITS], port % WORD_BITS))
		return;
	if (!shared64_test(&si->evtchn_mask[port / WORD_BITS], port % WORD_BITS))
		twolevel_select(d, ch, port);
	poll_wake(d, port);
}

static void twolevel_unmask(struct domain *d, const struct channel *ch, evtchn_port_t port)
{
	struct shared_info *si = d->shared_info;

	if (port < TWOLEVEL_PORTS && shared64_test_and_clear(&si->evtchn_mask[port / WORD_BITS], port % WORD_BITS) &&
	    shared64_test(&si->evtchn_pending[port / WORD_BITS], port % WORD_BITS))
		twolevel_select(d, ch, port);
}

void channel_raise(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	if (d->evtchn->fifo)
		fifo_raise(d, ch, port);
	else
		twolevel_raise(d, ch, port);
}

void channel_clear_pending(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	if (d->evtchn->fifo)
		fifo_clear_pending(d, ch, port);
	else if (port < TWOLEVEL_PORTS)
		(void)shared64_test_and_clear(&d->shared_info->evtchn_pending[port / WORD_BITS], port % WORD_BITS);
}

int evtchn_unmask(struct domain *d, evtchn_port_t port)
{
	struct channel *ch;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, port);
	if (ch && d->evtchn->fifo)
		fifo_unmask(d, ch, port);
	else if (ch)
		twolevel_unmask(d, ch, port);
	spin_unlock(&d->lock);
	return ch ? 0 : -XEN_EINVAL;
}

bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port)
{
	const struct channel *ch = channel_lookup(d->evtchn, port);

	if (!ch)
		return false;
	if (d->evtchn->fifo)
		return fifo_is_pending(d, ch, port);
	return port < TWOLEVEL_PORTS && shared64_test(&d->shared_info->evtchn_pending[port / WORD_BITS], port % WORD_BITS);
}

/* A vCPU's info pointer changes only by its own call or while it is down: reading it here needs no lock. */
bool evtchn_pending(const struct vcpu *v)
{
	return v->info && __atomic_load_n(&v->info->evtchn_upcall_pending, __ATOMIC_SEQ_CST);
}

/* Events may have been raised against the former place: the guest gets one spurious round instead of losing any (ABI-NOTES 4). */
void evtchn_vcpu_info_moved(struct vcpu *v)
{
	__atomic_store_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->info->evtchn_pending_sel, ~(xen_ulong_t)0, __ATOMIC_SEQ_CST);
	upcall_raise(v);
}
