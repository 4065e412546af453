/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivering events to the guest: exceptions we raise, deliveries an exit interrupted, NMIs,
 * interrupts; and the windows that tell when the guest can take what it cannot take now (APM volume
 * 2, 15.20 and 15.21).
 * Locking: the vCPU is loaded here. Trust: guest flags decide only when the guest itself is
 * interrupted.
 */
#include <hv/domain.h>
#include <hv/guest.h>
#include "vcpu.h"

/* #DE, #TS, #NP, #SS, #GP */
static bool is_contributory(unsigned int vector)
{
	return vector == 0 || (vector >= 10 && vector <= 13);
}

/*
 * One while the guest was taking another is what the processor makes of the two (APM volume 2, 8.2.9):
 * a double fault, a shutdown, or the second alone.
 */
void svm_event_exception(struct vcpu *v, unsigned int vector, bool has_error, uint32_t error)
{
	struct svm_vcpu *s = svm_vcpu(v);
	bool second = (s->event & VMCB_EVENT_VALID) && VMCB_EVENT_TYPE(s->event) == 3;
	unsigned int first = s->event & 0xff;

	if (second && first == VECTOR_DF && (is_contributory(vector) || vector == VECTOR_PF)) {
		guest_crash(v, "triple fault", vector);
		return;
	}
	if (second && ((is_contributory(vector) && (is_contributory(first) || first == VECTOR_PF)) ||
		       (vector == VECTOR_PF && first == VECTOR_PF))) {
		vector = VECTOR_DF;
		has_error = true;
		error = 0;
	}
	s->event = VMCB_EVENT_VALID | VMCB_EVENT_EXCEPTION | vector;
	if (has_error)
		s->event |= VMCB_EVENT_ERROR | ((uint64_t)error << 32);
}

void svm_event_fault(struct vcpu *v, unsigned int vector)
{
	svm_event_exception(v, vector, vector == 13, 0);
}

void svm_event_page_fault(struct vcpu *v, gva_t addr, uint32_t error)
{
	svm_vcpu(v)->vmcb->cr2 = addr;
	svm_event_exception(v, VECTOR_PF, true, error);
}

/* QEMU (7.2 at least) calls an interrupt whose delivery an exit cut short an exception; those have vectors below 32. */
static bool is_interrupt(uint64_t info)
{
	return (info & VMCB_EVENT_VALID) &&
	       ((info & 0x700) == VMCB_EVENT_EXTINT || (VMCB_EVENT_TYPE(info) == 3 && (info & 0xff) >= 32));
}

/*
 * An interrupt that the guest did not get, or not to the end, is pending again.
 */
static void interrupt_collect(struct vcpu *v, struct svm_vcpu *s, uint64_t info)
{
	if (is_interrupt(info))
		guest_interrupt_return(v, (int)(info & 0xff));
	else if (s->virq && (s->vmcb->vintr & VMCB_V_IRQ))
		guest_interrupt_return(v, s->virq);
	s->virq = 0;
}

/*
 * Any other event whose delivery the exit cut short is delivered again. Software interrupts are not:
 * RIP is still on the instruction, which raises them again.
 */
static __slow void delivery_collect(struct vcpu *v, struct svm_vcpu *s, uint64_t info)
{
	unsigned int vector = info & 0xff;

	if (s->vmcb->exit_code != VMEXIT_INTR)
		lapic_timer_remind();
	interrupt_collect(v, s, info);
	if (!(info & VMCB_EVENT_VALID) || (info & 0x700) == VMCB_EVENT_SOFTINT ||
	    is_interrupt(info))
		return;
	if (VMCB_EVENT_TYPE(info) == 3 && (vector == 3 || vector == 4))
		return;
	s->event = info & ~0x7ffff000ull;
	if (!(info & VMCB_EVENT_ERROR))
		s->event &= 0xffffffffull;
}

void svm_event_collect(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);
	uint64_t info = s->vmcb->exit_int_info;

	s->event = 0;
	v->lapic.tpr = (v->lapic.tpr & 0xfu) | (uint32_t)((s->vmcb->vintr & 0xf) << 4);
	if (unlikely((info & VMCB_EVENT_VALID) || s->virq ||
		     (s->vmcb->intercept_misc1 & VMCB_I1_VINTR)))
		delivery_collect(v, s, info);
}

/*
 * Ask for an exit as soon as the guest can take an interrupt; against a vector that TPR holds back,
 * when TPR drops below it.
 */
static void window_open(struct vmcb *c, unsigned int prio, bool ignore_tpr)
{
	c->vintr |= VMCB_V_IRQ | ((uint64_t)prio << VMCB_V_PRIO_SHIFT) |
		    (ignore_tpr ? VMCB_V_IGN_TPR : 0);
	c->intercept_misc1 |= VMCB_I1_VINTR;
}

/*
 * Interrupts go in as virtual ones, not by EVENTINJ: the processor takes either at once, but QEMU
 * (7.2 at least) forgets that it has delivered an injected interrupt, and delivers it a second time,
 * whatever RFLAGS.IF says, when something outside makes it leave its loop before the next exception;
 * with -icount that is soon.
 */
static void interrupt_prepare(struct vcpu *v, struct svm_vcpu *s, struct vmcb *c)
{
	int vector = guest_interrupt_pending(v);

	if (vector == GUEST_NO_VECTOR) {
		vector = lapic_held_vector(v);
		if (vector != GUEST_NO_VECTOR)
			window_open(c, (unsigned int)vector >> 4, false);
		return;
	}
	if (!(v->regs.rflags & RFLAGS_IF) || (c->int_state & VMCB_INT_SHADOW) ||
	    (c->event_inj & VMCB_EVENT_VALID)) {
		window_open(c, 0xf, true);
		return;
	}
	guest_interrupt_accept(v, vector);
	s->virq = (uint8_t)vector;
	c->vintr |= VMCB_V_IRQ | (0xfull << VMCB_V_PRIO_SHIFT) | VMCB_V_IGN_TPR |
		    ((uint64_t)s->virq << VMCB_V_VECTOR_SHIFT);
}

static void nmi_prepare(struct vcpu *v, struct svm_vcpu *s, struct vmcb *c)
{
	if (s->nmi_blocked || (c->event_inj & VMCB_EVENT_VALID) ||
	    (c->int_state & VMCB_INT_SHADOW) || !guest_nmi_take(v))
		return;
	c->event_inj = VMCB_EVENT_VALID | VMCB_EVENT_NMI | VECTOR_NMI;
	s->nmi_blocked = true;
	c->intercept_misc1 |= VMCB_I1_IRET;
}

void svm_event_prepare(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);
	struct vmcb *c = s->vmcb;

	c->intercept_misc1 &= ~VMCB_I1_VINTR;
	c->vintr = VMCB_V_INTR_MASKING | ((v->lapic.tpr >> 4) & 0xf);
	c->event_inj = s->event;
	s->event = 0;
	if (guest_interrupt_possible(v)) {
		nmi_prepare(v, s, c);
		interrupt_prepare(v, s, c);
	}
}
