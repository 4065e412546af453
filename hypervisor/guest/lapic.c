/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual local APIC: which interrupt a vCPU gets next (APM volume 2, 16.6).
 * Locking: lapic.lock for all of struct lapic but irr_words, pending_init_sipi and nmi_pending,
 * which may be peeked at. Timer queue and run queue locks nest inside. Trust: the guest writes its
 * registers; other vCPUs and event channels request vectors.
 */
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/string.h>
#include "lapic_private.h"

int lapic_highest(const uint32_t bits[8])
{
	for (int i = 7; i >= 0; i--)
		if (bits[i])
			return i * 32 + 31 - __builtin_clz(bits[i]);
	return GUEST_NO_VECTOR;
}

static bool bit_test(const uint32_t bits[8], unsigned int n)
{
	return bits[n / 32] & (1u << (n % 32));
}

static void bit_set(uint32_t bits[8], unsigned int n)
{
	bits[n / 32] |= 1u << (n % 32);
}

static void bit_clear(uint32_t bits[8], unsigned int n)
{
	bits[n / 32] &= ~(1u << (n % 32));
}

void lapic_reset(struct vcpu *v)
{
	struct lapic *l = &v->lapic;

	timer_stop(&l->timer);
	l->dfr = ~0u;
	l->spiv = 0xff;
	l->ldr = lapic_is_x2(l) ? (l->id >> 4) << 16 | 1u << (l->id & 15) : 0;
	l->tpr = l->esr = l->esr_next = l->tdcr = l->tmict = 0;
	l->icr = 0;
	l->timer_start = l->timer_period = l->tsc_deadline = 0;
	for (unsigned int i = 0; i < APIC_LVTS; i++)
		l->lvt[i] = LVT_MASKED;
	memset(l->irr, 0, sizeof(l->irr));
	memset(l->isr, 0, sizeof(l->isr));
	memset(l->tmr, 0, sizeof(l->tmr));
	atomic_store(&l->irr_words, 0);
	atomic_store(&l->nmi_pending, false);
}

void lapic_init(struct vcpu *v)
{
	struct lapic *l = &v->lapic;

	spin_lock_init(&l->lock);
	timer_init(&l->timer, lapic_timer_fn, v);
	l->id = 2 * v->id;	/* the rule libxl writes the MADT by */
	l->base_msr = APIC_BASE_ADDR | APIC_BASE_ENABLE | (v->id == 0 ? APIC_BASE_BSP : 0);
	l->wait_sipi = v->id != 0;
	atomic_store(&l->pending_init_sipi, 0);
	lapic_reset(v);
}

uint32_t lapic_ppr(const struct lapic *l)
{
	int isr = lapic_highest(l->isr);
	uint32_t in_service = isr == GUEST_NO_VECTOR ? 0 : (uint32_t)isr & 0xf0;

	return (l->tpr & 0xf0) >= in_service ? l->tpr : in_service;
}

bool lapic_request(struct lapic *l, uint8_t vector, bool level)
{
	bool fresh;

	if (!lapic_accepts(l))
		return false;
	if (vector < 16) {
		lapic_error(l, ESR_RECV_ILLEGAL);
		return false;
	}
	fresh = !bit_test(l->irr, vector);
	bit_set(l->irr, vector);
	if (level)
		bit_set(l->tmr, vector);
	else
		bit_clear(l->tmr, vector);
	atomic_fetch_or(&l->irr_words, 1u << (vector / 32));
	return fresh;
}

void lapic_error(struct lapic *l, uint32_t bit)
{
	uint8_t vector = (uint8_t)l->lvt[LVT_ERROR];

	l->esr_next |= bit;
	if (!(l->lvt[LVT_ERROR] & LVT_MASKED) && vector >= 16)
		lapic_request(l, vector, false);
}

void lapic_set_irq(struct vcpu *v, uint8_t vector, bool level)
{
	bool fresh;

	spin_lock(&v->lapic.lock);
	fresh = lapic_request(&v->lapic, vector, level);
	spin_unlock(&v->lapic.lock);
	if (fresh)
		vcpu_kick(v);
}

static int deliverable(const struct lapic *l, uint32_t floor)
{
	int vector;

	if (!atomic_load_explicit(&((struct lapic *)(uintptr_t)l)->irr_words,
				  memory_order_relaxed) ||
	    !lapic_accepts(l))
		return GUEST_NO_VECTOR;
	vector = lapic_highest(l->irr);
	if (vector == GUEST_NO_VECTOR || ((uint32_t)vector & 0xf0) <= (floor & 0xf0))
		return GUEST_NO_VECTOR;
	return vector;
}

static int lapic_pending(struct vcpu *v)
{
	struct lapic *l = &v->lapic;
	int vector;

	if (!atomic_load(&l->irr_words))
		return GUEST_NO_VECTOR;
	spin_lock(&l->lock);
	vector = deliverable(l, lapic_ppr(l));
	spin_unlock(&l->lock);
	return vector;
}

int lapic_held_vector(struct vcpu *v)
{
	struct lapic *l = &v->lapic;
	int vector, in_service;

	if (!(l->tpr & 0xf0) || !atomic_load(&l->irr_words))
		return GUEST_NO_VECTOR;
	spin_lock(&l->lock);
	in_service = lapic_highest(l->isr);
	vector = deliverable(l, in_service == GUEST_NO_VECTOR ? 0 : (uint32_t)in_service);
	spin_unlock(&l->lock);
	return vector;
}

/*
 * The callback vector goes past the local APIC: it is level-like, pending as long as the guest has
 * not cleared its upcall flag, and neither TPR nor a vector in service holds it back (ABI:
 * HVM_PARAM_CALLBACK_IRQ, type 2).
 */
static int callback_vector(const struct vcpu *v)
{
	uint64_t via = v->domain->hvm_param[HVM_PARAM_CALLBACK_IRQ];

	if (via >> 56 != HVM_PARAM_CALLBACK_TYPE_VECTOR || (via & 0xff) < 16 || v->upcall_vector ||
	    !evtchn_pending(v))
		return GUEST_NO_VECTOR;
	return (int)(via & 0xff);
}

int guest_interrupt_pending(struct vcpu *v)
{
	int vector = callback_vector(v);

	return vector != GUEST_NO_VECTOR ? vector : lapic_pending(v);
}

void guest_interrupt_accept(struct vcpu *v, int vector)
{
	struct lapic *l = &v->lapic;
	unsigned int n = (unsigned int)vector & 0xff;

	if (callback_vector(v) == vector)
		return;
	spin_lock(&l->lock);
	/* Not the callback vector of a flag that another vCPU has cleared just now: no EOI would ever end it. */
	if (bit_test(l->irr, n)) {
		bit_clear(l->irr, n);
		bit_set(l->isr, n);
	}
	if (!l->irr[n / 32])
		atomic_fetch_and(&l->irr_words, ~(1u << (n / 32)));
	spin_unlock(&l->lock);
}

void guest_interrupt_return(struct vcpu *v, int vector)
{
	struct lapic *l = &v->lapic;
	unsigned int n = (unsigned int)vector & 0xff;

	spin_lock(&l->lock);
	/* Not the callback vector: it never was in service, and is pending by its flag. */
	if (bit_test(l->isr, n)) {
		bit_clear(l->isr, n);
		bit_set(l->irr, n);
		atomic_fetch_or(&l->irr_words, 1u << (n / 32));
	}
	spin_unlock(&l->lock);
}
