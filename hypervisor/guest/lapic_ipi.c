/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interprocessor interrupts, and what INIT, SIPI and NMI do to their target (APM volume 2, 16.5).
 * Locking: one lapic.lock at a time, the target's. Trust: destination and vector are the guest's; a
 * target is always a vCPU of the sender's own domain.
 */
#include <hv/domain.h>
#include <hv/string.h>
#include "lapic_private.h"

#define ICR_MODE(icr)		(((icr) >> 8) & 7u)
#define ICR_LOGICAL		(1u << 11)
#define ICR_ASSERT		(1u << 14)
#define ICR_LEVEL		(1u << 15)
#define ICR_SHORTHAND(icr)	(((icr) >> 18) & 3u)

enum { MODE_FIXED = 0, MODE_LOWEST = 1, MODE_SMI = 2, MODE_NMI = 4, MODE_INIT = 5, MODE_SIPI = 6 };
enum { SHORT_NONE, SHORT_SELF, SHORT_ALL, SHORT_OTHERS };

static bool logical_match(const struct lapic *l, uint32_t dest, bool x2_sender)
{
	if (lapic_is_x2(l))
		return x2_sender && dest >> 16 == l->ldr >> 16 && (dest & l->ldr & 0xffff);
	if (x2_sender)
		return false;
	if (l->dfr >> 28 == 0xf)
		return dest & (l->ldr >> 24);
	return dest >> 4 == l->ldr >> 28 && (dest & (l->ldr >> 24) & 0xf);
}

static bool matches(const struct vcpu *from, const struct vcpu *to, uint64_t icr)
{
	bool x2 = lapic_is_x2(&from->lapic);
	uint32_t dest = (uint32_t)(x2 ? icr >> 32 : icr >> 56);

	switch (ICR_SHORTHAND(icr)) {
	case SHORT_SELF:
		return from == to;
	case SHORT_ALL:
		return true;
	case SHORT_OTHERS:
		return from != to;
	default:
		break;
	}
	if (dest == (x2 ? ~0u : 0xffu))
		return true;
	return icr & ICR_LOGICAL ? logical_match(&to->lapic, dest, x2) : dest == to->lapic.id;
}

void guest_nmi_set(struct vcpu *v)
{
	if (!atomic_exchange(&v->lapic.nmi_pending, true))
		vcpu_kick(v);
}

bool guest_nmi_take(struct vcpu *v)
{
	return atomic_load_explicit(&v->lapic.nmi_pending, memory_order_relaxed) &&
	       atomic_exchange(&v->lapic.nmi_pending, false);
}

static void init_send(struct vcpu *to)
{
	spin_lock(&to->lapic.lock);
	to->lapic.wait_sipi = true;
	atomic_store(&to->lapic.pending_init_sipi, LAPIC_INIT);
	spin_unlock(&to->lapic.lock);
	vcpu_kick(to);
}

static void sipi_send(struct vcpu *to, uint8_t vector)
{
	bool taken;

	spin_lock(&to->lapic.lock);
	taken = to->lapic.wait_sipi;
	to->lapic.wait_sipi = false;
	if (taken)
		atomic_fetch_or(&to->lapic.pending_init_sipi, LAPIC_SIPI | vector);
	spin_unlock(&to->lapic.lock);
	if (taken)
		vcpu_up(to);
}

static void deliver(struct vcpu *to, uint64_t icr)
{
	switch (ICR_MODE(icr)) {
	case MODE_FIXED:
	case MODE_LOWEST:
		lapic_set_irq(to, (uint8_t)icr, false);
		break;
	case MODE_NMI:
		guest_nmi_set(to);
		break;
	case MODE_INIT:
		init_send(to);
		break;
	case MODE_SIPI:
		sipi_send(to, (uint8_t)icr);
		break;
	default:	/* SMI, external: there is nobody to take them */
		break;
	}
}

/* Of those that match, the one with the lowest task priority. */
static void deliver_lowest(struct vcpu *from, uint64_t icr)
{
	struct domain *d = from->domain;
	struct vcpu *best = NULL;

	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		struct vcpu *to = d->vcpu[i];

		if (to && matches(from, to, icr) && lapic_accepts(&to->lapic) &&
		    (!best || to->lapic.tpr < best->lapic.tpr))
			best = to;
	}
	if (best)
		deliver(best, icr);
}

void lapic_icr_write(struct vcpu *v, uint64_t icr)
{
	struct lapic *l = &v->lapic;
	struct domain *d = v->domain;
	unsigned int mode = ICR_MODE(icr);

	spin_lock(&l->lock);
	l->icr = icr & ICR_WRITABLE;
	if ((mode == MODE_FIXED || mode == MODE_LOWEST) && (icr & 0xff) < 16) {
		lapic_error(l, ESR_SEND_ILLEGAL);
		spin_unlock(&l->lock);
		return;
	}
	spin_unlock(&l->lock);
	/* INIT level de-assert: only synchronised arbitration once, does nothing since. */
	if (mode == MODE_INIT && (icr & ICR_LEVEL) && !(icr & ICR_ASSERT))
		return;
	if (mode == MODE_LOWEST) {
		deliver_lowest(v, icr);
		return;
	}
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		struct vcpu *to = d->vcpu[i];

		if (to && matches(v, to, icr))
			deliver(to, icr);
	}
}
