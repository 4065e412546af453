/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to guest/lapic*.c: register offsets and what the files share.
 * Locking: lapic.lock where a comment says "locked". Trust: register contents are the guest's.
 */
#ifndef GUEST_LAPIC_PRIVATE_H
#define GUEST_LAPIC_PRIVATE_H

#include <hv/guest.h>

/* Offsets in the page; x2APIC MSR 0x800 + offset / 16 (APM volume 2, 16.3 and 16.11). */
#define APIC_ID		0x020u
#define APIC_VERSION	0x030u
#define APIC_TPR	0x080u
#define APIC_PPR	0x0a0u
#define APIC_EOI	0x0b0u
#define APIC_LDR	0x0d0u
#define APIC_DFR	0x0e0u
#define APIC_SPIV	0x0f0u
#define APIC_ISR	0x100u
#define APIC_TMR	0x180u
#define APIC_IRR	0x200u
#define APIC_ESR	0x280u
#define APIC_ICR	0x300u
#define APIC_ICR_HIGH	0x310u
#define APIC_LVT	0x320u	/* timer; thermal, perf, LINT0, LINT1, error follow */
#define APIC_TMICT	0x380u
#define APIC_TMCCT	0x390u
#define APIC_TDCR	0x3e0u
#define APIC_SELF_IPI	0x3f0u
#define ICR_WRITABLE	0xffffffff000ccfffull

#define APIC_BASE_BSP	 (1ull << 8)
#define APIC_BASE_EXTD	 (1ull << 10)
#define APIC_BASE_ENABLE (1ull << 11)
#define APIC_BASE_ADDR	 0xfee00000ull

#define APIC_LVTS	 6u
#define LVT_TIMER	 0
#define LVT_ERROR	 5
#define LVT_MASKED	 (1u << 16)
#define LVT_MODE_MASK	 (3u << 17)
#define LVT_MODE_ONESHOT (0u << 17)
#define LVT_MODE_PERIODIC (1u << 17)
#define LVT_MODE_DEADLINE (2u << 17)
#define SPIV_ENABLED	 (1u << 8)
#define ESR_SEND_ILLEGAL (1u << 5)
#define ESR_RECV_ILLEGAL (1u << 6)
#define ESR_REGISTER	 (1u << 7)

#define LAPIC_INIT	(1u << 31)
#define LAPIC_SIPI	(1u << 8)

static inline bool lapic_is_x2(const struct lapic *l)
{
	return (l->base_msr & (APIC_BASE_ENABLE | APIC_BASE_EXTD)) ==
	       (APIC_BASE_ENABLE | APIC_BASE_EXTD);
}

static inline bool lapic_accepts(const struct lapic *l)
{
	return (l->base_msr & APIC_BASE_ENABLE) && (l->spiv & SPIV_ENABLED);
}

/* lapic.c */
int lapic_highest(const uint32_t bits[8]);		/* vector or GUEST_NO_VECTOR */
uint32_t lapic_ppr(const struct lapic *l);		/* locked */
/* locked; true: newly requested */
bool lapic_request(struct lapic *l, uint8_t vector, bool level);
void lapic_error(struct lapic *l, uint32_t bit);	/* locked */
void lapic_reset(struct vcpu *v);			/* locked; INIT: all but the identity */
/* lapic_ipi.c */
void lapic_icr_write(struct vcpu *v, uint64_t icr);	/* no lock held */
/* lapic_timer.c */
void lapic_timer_fn(void *vcpu);
void lapic_timer_start(struct vcpu *v, uint32_t count);	/* locked */
void lapic_timer_lvt(struct vcpu *v, uint32_t lvt);	/* locked */
uint32_t lapic_timer_count(const struct vcpu *v);	/* locked */
void lapic_timer_divide(struct vcpu *v, uint32_t tdcr);	/* locked */

#endif
