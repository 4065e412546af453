/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to do after an exit: one small function for each reason, in a table.
 * Locking: none held; the vCPU is loaded here, interrupts are off. Trust: everything the guest left
 * in registers is hostile. What no handler knows crashes the guest, never the host.
 */
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/guest.h>
#include <hv/hypercall.h>
#include "host.h"
#include "vcpu.h"

#define DR6_BS		(1ull << 14)
#define CPUID_XSTATE	0xdu

void svm_exit_single_step(struct vcpu *v)
{
	svm_vcpu(v)->vmcb->dr6 |= DR6_BS;
	svm_event_fault(v, VECTOR_DB);
}

/*
 * Length of the instruction that exited, or 0: its bytes cannot be read or are no longer that
 * instruction (another vCPU wrote there). The guest is then entered again at the same place and
 * gets whatever the processor makes of it.
 *
 * Reading the bytes takes a walk of the guest's page tables, so lengths are remembered by address,
 * address space and kind. A guest that gives the same instruction at the same place another number
 * of prefixes afterwards misleads itself about where it goes on, and nobody else.
 */
unsigned int svm_exit_insn_decode(struct vcpu *v, enum insn_kind kind)
{
	const struct vmcb *c = svm_vcpu(v)->vmcb;
	bool long_mode = svm_long_mode(c);
	uint8_t bytes[MAX_INSN];
	unsigned int n = guest_fetch_insn(v, bytes);
	unsigned int len = insn_length(bytes, n, kind, long_mode);

	if (long_mode)
		*svm_insn_slot(svm_vcpu(v)) = (struct svm_insn){
			.rip = c->rip, .cr3 = c->cr3, .kind = (uint8_t)kind, .len = (uint8_t)len
		};
	return len;
}

/*
 * With interrupts off only an NMI or INIT ends HLT: a vCPU that has none of them coming is down, as
 * on Xen. It is how Linux ends where it knows no way to power off, and how it takes a CPU off line.
 */
static void halt(struct vcpu *v, unsigned int len)
{
	svm_exit_skip(v, len);
	if (svm_vcpu(v)->event)
		return;
	if ((v->regs.rflags & RFLAGS_IF) || atomic_load(&v->lapic.nmi_pending) ||
	    atomic_load(&v->lapic.pending_init_sipi))
		vcpu_block(v);
	else
		domain_vcpu_down(v->domain, v);
}

/*
 * Interrupted between STI and the HLT behind it: the HLT is done here, as if the interrupt had come
 * an instruction later. QEMU (7.2 at least) forgets the shadow when it enters the guest again, and a
 * guest that is interrupted before the HLT may sleep for ever on what that interrupt was to end.
 */
static __slow void exit_shadowed(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_decode(v, INSN_HLT);

	if (len && (v->regs.rflags & RFLAGS_IF) && !svm_vcpu(v)->vmcb->cpl)
		halt(v, len);
}

/* NMI, SMI, INIT: taken when STGI opened the gate. VINTR: the next entry injects. */
static void exit_nothing(struct vcpu *v)
{
	if (unlikely(svm_vcpu(v)->vmcb->int_state & VMCB_INT_SHADOW))
		exit_shadowed(v);
}

static void exit_intr(struct vcpu *v)
{
	host_take_interrupts();
	exit_nothing(v);
}

static void exit_mc(struct vcpu *v)
{
	(void)v;
	/* the host's own: intercepted, so not yet delivered */
	__asm__ volatile("int $18" ::: "memory");
}

static void exit_db(struct vcpu *v)
{
	svm_event_exception(v, VECTOR_DB, false, 0);
}

static void exit_ac(struct vcpu *v)
{
	svm_event_exception(v, VECTOR_AC, true, (uint32_t)svm_vcpu(v)->vmcb->exit_info1);
}

static void exit_ud(struct vcpu *v)
{
	svm_event_fault(v, VECTOR_UD);
}

static void exit_gp(struct vcpu *v)
{
	svm_event_fault(v, VECTOR_GP);
}

static void exit_cpuid(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_len(v, INSN_CPUID);
	struct cpuid_regs r;

	if (!len)
		return;
	if ((uint32_t)v->regs.rax == CPUID_XSTATE)
		svm_fpu_read_xcr0(v);
	guest_cpuid(v, (uint32_t)v->regs.rax, (uint32_t)v->regs.rcx, &r);
	v->regs.rax = r.a;
	v->regs.rbx = r.b;
	v->regs.rcx = r.c;
	v->regs.rdx = r.d;
	svm_exit_skip(v, len);
}

static void exit_hlt(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_len(v, INSN_HLT);

	if (len)
		halt(v, len);
}

static void exit_vmmcall(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_len(v, INSN_VMMCALL);
	uint64_t rip = v->regs.rip;

	if (!len)
		return;
	hypercall_from_guest(v, len);
	if (v->regs.rip != rip)
		svm_exit_done(v);
}

/*
 * Caches are coherent with whatever a domain without devices can see: nothing to write back, and
 * never anything to throw away.
 */
static void exit_wbinvd(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_len(v, INSN_INVD_WBINVD);

	if (len)
		svm_exit_skip(v, len);
}

static void exit_xsetbv(struct vcpu *v)
{
	unsigned int len = svm_exit_insn_len(v, INSN_XSETBV);
	uint64_t val = (v->regs.rax & 0xffffffffu) | v->regs.rdx << 32;
	struct cpuid_regs d;

	if (!len)
		return;
	guest_cpuid(v, CPUID_XSTATE, 0, &d);
	if (svm_vcpu(v)->vmcb->cpl || (uint32_t)v->regs.rcx || !(val & 1) ||
	    (val & ~(uint64_t)d.a) || (val & 6) == 4) {
		svm_event_fault(v, VECTOR_GP);
		return;
	}
	v->xcr0 = val;
	svm_fpu_set_xcr0(val);
	svm_exit_skip(v, len);
}

/*
 * The NMI handler returns: the next one may come, but not before this IRET is done. The shadow
 * holds it back for one instruction; should the IRET fault, one NMI may nest, which the guest has
 * to expect after a fault in its NMI handler anyway.
 */
static void exit_iret(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);

	s->nmi_blocked = false;
	s->vmcb->intercept_misc1 &= ~VMCB_I1_IRET;
	s->vmcb->int_state |= VMCB_INT_SHADOW;
}

static void exit_shutdown(struct vcpu *v)
{
	guest_crash(v, "triple fault", 0);
}

static void (*const handlers[])(struct vcpu *v) = {
	[VMEXIT_EXCEPTION(VECTOR_DB)] = exit_db,
	[VMEXIT_EXCEPTION(VECTOR_AC)] = exit_ac,
	[VMEXIT_EXCEPTION(VECTOR_MC)] = exit_mc,
	[VMEXIT_INTR] = exit_intr,
	[VMEXIT_NMI ... VMEXIT_VINTR] = exit_nothing,
	[VMEXIT_RDPMC] = exit_gp,
	[VMEXIT_CPUID] = exit_cpuid,
	[VMEXIT_RSM] = exit_ud,
	[VMEXIT_IRET] = exit_iret,
	[VMEXIT_INVD] = exit_wbinvd,
	[VMEXIT_HLT] = exit_hlt,
	[VMEXIT_INVLPGA] = exit_ud,
	[VMEXIT_IOIO] = svm_exit_io,
	[VMEXIT_MSR] = svm_exit_msr,
	[VMEXIT_SHUTDOWN] = exit_shutdown,
	[VMEXIT_VMRUN] = exit_ud,
	[VMEXIT_VMLOAD ... VMEXIT_SKINIT] = exit_ud,
	[VMEXIT_WBINVD] = exit_wbinvd,
	[VMEXIT_MONITOR ... VMEXIT_MWAIT_ARMED] = exit_ud,
	[VMEXIT_XSETBV] = exit_xsetbv,
	[VMEXIT_RDPRU] = exit_ud,
};
static_assert(ARRAY_SIZE(handlers) <= SVM_EXIT_COUNTERS - 2, "a counter for each");

void svm_exit_handle(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);
	uint64_t code = s->vmcb->exit_code;

	if (code == VMEXIT_VMMCALL) {		/* most often */
		s->exits[VMEXIT_VMMCALL]++;
		exit_vmmcall(v);
	} else if (code == VMEXIT_NPF) {
		s->exits[SVM_EXIT_COUNTERS - 2]++;
		svm_exit_npf(v);
	} else if (code < ARRAY_SIZE(handlers) && handlers[code]) {
		s->exits[code]++;
		handlers[code](v);
	} else {
		s->exits[SVM_EXIT_COUNTERS - 1]++;
		/* QEMU's emulator writes only half of the code for a refused state. */
		if ((uint32_t)code == (uint32_t)VMEXIT_INVALID) {
			svm_asid_refused();
			guest_crash(v, "state the processor refuses", code);
		} else {
			guest_crash(v, "unexpected exit", code);
		}
	}
}
