/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's registers, as the page of xAPIC mode and as the MSRs of x2APIC mode.
 * Locking: lapic.lock around each access; IPIs are sent after it was dropped. Trust: offsets and
 * values are the guest's.
 */
#include <hv/domain.h>
#include <hv/evtchn.h>
#include "lapic_private.h"

#define VERSION		0x00050014u	/* 6 LVT entries, integrated */
#define LVT_COMMON	0x000100ffu	/* vector, mask */
#define TDCR_WRITABLE	0xbu
#define MSR_APIC_BASE	0x1bu
#define MSR_X2APIC	0x800u

static const uint32_t lvt_writable[APIC_LVTS] = {
	LVT_COMMON | LVT_MODE_MASK, LVT_COMMON | 0x700, LVT_COMMON | 0x700,
	LVT_COMMON | 0xa700, LVT_COMMON | 0xa700, LVT_COMMON,
};

/* 0, or -XEN_EINVAL where there is no register to read. */
static int reg_read(struct vcpu *v, uint32_t offset, uint32_t *val)
{
	struct lapic *l = &v->lapic;

	if (offset >= APIC_ISR && offset < APIC_ESR) {
		unsigned int n = (offset - APIC_ISR) / 16;

		*val = n < 8 ? l->isr[n] : n < 16 ? l->tmr[n - 8] : l->irr[n - 16];
		return 0;
	}
	if (offset >= APIC_LVT && offset < APIC_LVT + 16 * APIC_LVTS) {
		*val = l->lvt[(offset - APIC_LVT) / 16];
		return 0;
	}
	switch (offset) {
	case APIC_ID:
		*val = lapic_is_x2(l) ? l->id : l->id << 24;
		break;
	case APIC_VERSION:
		*val = VERSION;
		break;
	case APIC_TPR:
		*val = l->tpr;
		break;
	case APIC_PPR:
		*val = lapic_ppr(l);
		break;
	case APIC_LDR:
		*val = l->ldr;
		break;
	case APIC_DFR:
		*val = l->dfr;
		break;
	case APIC_SPIV:
		*val = l->spiv;
		break;
	case APIC_ESR:
		*val = l->esr;
		break;
	case APIC_ICR:
		*val = (uint32_t)l->icr;
		break;
	case APIC_ICR_HIGH:
		*val = (uint32_t)(l->icr >> 32);
		break;
	case APIC_TMICT:
		*val = l->tmict;
		break;
	case APIC_TMCCT:
		*val = lapic_timer_count(v);
		break;
	case APIC_TDCR:
		*val = l->tdcr;
		break;
	default:
		*val = 0;
		return -XEN_EINVAL;
	}
	return 0;
}

static void eoi(struct lapic *l)
{
	int vector = lapic_highest(l->isr);

	if (vector != GUEST_NO_VECTOR)
		l->isr[(unsigned int)vector / 32] &= ~(1u << ((unsigned int)vector % 32));
}

/* An upcall that was raised while nothing was accepted is not raised again: its flag is set already. */
static void spiv_write(struct vcpu *v, uint32_t val)
{
	struct lapic *l = &v->lapic;

	l->spiv = val & 0x1ff;
	if (val & SPIV_ENABLED) {
		if (v->upcall_vector && evtchn_pending(v))
			lapic_request(l, v->upcall_vector, false);
		return;
	}
	for (unsigned int i = 0; i < APIC_LVTS; i++)
		l->lvt[i] |= LVT_MASKED;
}

static void lvt_write(struct vcpu *v, unsigned int n, uint32_t val)
{
	struct lapic *l = &v->lapic;

	val &= lvt_writable[n];
	if (!(l->spiv & SPIV_ENABLED))
		val |= LVT_MASKED;
	if (n == LVT_TIMER)
		lapic_timer_lvt(v, val);
	l->lvt[n] = val;
}

/* All but ICR. 0, or -XEN_EINVAL where there is no register to write. */
static int reg_write(struct vcpu *v, uint32_t offset, uint32_t val)
{
	struct lapic *l = &v->lapic;

	if (offset >= APIC_LVT && offset < APIC_LVT + 16 * APIC_LVTS) {
		lvt_write(v, (offset - APIC_LVT) / 16, val);
		return 0;
	}
	switch (offset) {
	case APIC_TPR:
		l->tpr = val & 0xff;
		break;
	case APIC_EOI:
		eoi(l);
		break;
	case APIC_LDR:
		l->ldr = val & 0xff000000u;
		break;
	case APIC_DFR:
		l->dfr = val | 0x0fffffffu;
		break;
	case APIC_SPIV:
		spiv_write(v, val);
		break;
	case APIC_ESR:
		l->esr = l->esr_next;
		l->esr_next = 0;
		break;
	case APIC_ICR_HIGH:
		l->icr = (l->icr & 0xffffffffu) | (uint64_t)val << 32;
		break;
	case APIC_TMICT:
		lapic_timer_start(v, val);
		break;
	case APIC_TDCR:
		lapic_timer_divide(v, val & TDCR_WRITABLE);
		break;
	default:
		return -XEN_EINVAL;
	}
	return 0;
}

uint32_t lapic_mmio_read(struct vcpu *v, uint32_t offset)
{
	uint32_t val;

	spin_lock(&v->lapic.lock);
	if (reg_read(v, offset, &val))
		lapic_error(&v->lapic, ESR_REGISTER);
	spin_unlock(&v->lapic.lock);
	return val;
}

void lapic_mmio_write(struct vcpu *v, uint32_t offset, uint32_t val)
{
	struct lapic *l = &v->lapic;

	if (offset == APIC_ICR) {
		lapic_icr_write(v, (l->icr & ~0xffffffffull) | val);
		return;
	}
	spin_lock(&l->lock);
	if (reg_write(v, offset, val))
		lapic_error(l, ESR_REGISTER);
	spin_unlock(&l->lock);
}

static int base_write(struct vcpu *v, uint64_t val)
{
	struct lapic *l = &v->lapic;
	uint64_t old = l->base_msr, mode = APIC_BASE_ENABLE | APIC_BASE_EXTD;

	if ((val & ~mode) != (old & ~mode) || (val & mode) == APIC_BASE_EXTD)
		return -XEN_EINVAL;
	/* From x2APIC only to off, from off not to x2APIC (APM volume 2, 16.9). */
	if ((old & mode) == mode && (val & mode) == APIC_BASE_ENABLE)
		return -XEN_EINVAL;
	if (!(old & mode) && (val & mode) == mode)
		return -XEN_EINVAL;
	spin_lock(&l->lock);
	l->base_msr = val;
	if (!(val & APIC_BASE_ENABLE))
		lapic_reset(v);
	else if (lapic_is_x2(l))
		l->ldr = (l->id >> 4) << 16 | 1u << (l->id & 15);
	spin_unlock(&l->lock);
	return 0;
}

static int x2_read(struct vcpu *v, uint32_t offset, uint64_t *val)
{
	uint32_t low;
	int rc;

	if (offset == APIC_DFR || offset == APIC_ICR_HIGH)
		return -XEN_EINVAL;
	spin_lock(&v->lapic.lock);
	rc = reg_read(v, offset, &low);
	*val = offset == APIC_ICR ? v->lapic.icr : low;
	spin_unlock(&v->lapic.lock);
	return rc;
}

/* As MSRs the registers fault on reserved bits (SDM volume 3, 11.12.1.3), where as memory they ignore them. */
static uint64_t x2_writable(uint32_t offset)
{
	if (offset >= APIC_LVT && offset < APIC_LVT + 16 * APIC_LVTS)
		return lvt_writable[(offset - APIC_LVT) / 16];
	switch (offset) {
	case APIC_TPR:
	case APIC_SELF_IPI:
		return 0xff;
	case APIC_EOI:
	case APIC_ESR:
		return 0;
	case APIC_SPIV:
		return 0x3ff;
	case APIC_ICR:
		return ICR_WRITABLE;
	case APIC_TDCR:
		return TDCR_WRITABLE;
	default:
		return UINT32_MAX;
	}
}

static int x2_write(struct vcpu *v, uint32_t offset, uint64_t val)
{
	struct lapic *l = &v->lapic;
	int rc;

	if (offset == APIC_LDR || offset == APIC_DFR || offset == APIC_ICR_HIGH || (val & ~x2_writable(offset)))
		return -XEN_EINVAL;
	if (offset == APIC_ICR) {
		lapic_icr_write(v, val);
		return 0;
	}
	if (offset == APIC_SELF_IPI) {
		lapic_set_irq(v, (uint8_t)val, false);
		return 0;
	}
	spin_lock(&l->lock);
	rc = reg_write(v, offset, (uint32_t)val);
	spin_unlock(&l->lock);
	return rc;
}

int lapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	if (msr == MSR_APIC_BASE) {
		*val = v->lapic.base_msr;
		return 0;
	}
	if (!lapic_is_x2(&v->lapic) || msr < MSR_X2APIC || msr > MSR_X2APIC + 0x3f)
		return -XEN_EINVAL;
	return x2_read(v, (msr - MSR_X2APIC) * 16, val);
}

int lapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	if (msr == MSR_APIC_BASE)
		return base_write(v, val);
	if (!lapic_is_x2(&v->lapic) || msr < MSR_X2APIC || msr > MSR_X2APIC + 0x3f)
		return -XEN_EINVAL;
	return x2_write(v, (msr - MSR_X2APIC) * 16, val);
}
