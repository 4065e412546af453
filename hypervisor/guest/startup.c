/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU's reset, and its start by INIT and SIPI in real mode (APM volume 2, 14.1 and 16.5).
 * Locking: lapic.lock for the decision. Trust: the SIPI's vector is another vCPU's of the same
 * domain.
 */
#include <hv/domain.h>
#include <hv/string.h>
#include "lapic_private.h"

#define CR0_ET		0x10u
#define DR6_RESET	0xffff0ff0u
#define DR7_RESET	0x400u
#define ATTR_CODE	0x9bu
#define ATTR_DATA	0x93u
#define ATTR_LDT	0x82u
#define ATTR_TSS	0x8bu

/*
 * CR0.CD, set by a real reset, is left clear: it would only make the guest slow, and says nothing
 * about caches it does not own.
 */
void guest_reset_context(struct cpu_context *c, uint8_t vector)
{
	const struct guest_segment data = { .attr = ATTR_DATA, .limit = 0xffff };

	memset(c, 0, sizeof(*c));
	c->regs.rflags = 2;
	c->cr0 = CR0_ET;
	c->dr6 = DR6_RESET;
	c->dr7 = DR7_RESET;
	c->xcr0 = 1;
	c->pat = GUEST_PAT_RESET;
	c->cs = (struct guest_segment){ (uint16_t)(vector << 8), ATTR_CODE, 0xffff,
					(uint64_t)vector << 12 };
	c->ds = c->es = c->fs = c->gs = c->ss = data;
	c->ldtr = (struct guest_segment){ 0, ATTR_LDT, 0xffff, 0 };
	c->tr = (struct guest_segment){ 0, ATTR_TSS, 0xffff, 0 };
	c->gdtr.limit = c->idtr.limit = 0xffff;
}

enum guest_startup guest_startup_pending(struct vcpu *v, struct cpu_context *reset)
{
	struct lapic *l = &v->lapic;
	uint32_t p;

	if (!atomic_load_explicit(&l->pending_init_sipi, memory_order_relaxed))
		return GUEST_STARTUP_NONE;
	spin_lock(&l->lock);
	p = atomic_exchange(&l->pending_init_sipi, 0);
	if (p & LAPIC_INIT)
		lapic_reset(v);
	spin_unlock(&l->lock);
	if (p & LAPIC_SIPI) {
		guest_reset_context(reset, (uint8_t)p);
		return GUEST_STARTUP_RESET;
	}
	/* A SIPI that came before vcpu_down() found the vCPU still up: it must not be lost. */
	vcpu_down(v);
	if (atomic_load(&l->pending_init_sipi))
		vcpu_up(v);
	return GUEST_STARTUP_WAIT;
}
