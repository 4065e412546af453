/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a VMMCALL exit to the dispatcher and back: registers in, result or continued registers out.
 * Locking: none.
 * Trust: registers are the guest's; the privilege level is the processor's word.
 */
#include <hv/hypercall.h>
#include <hv/vcpu.h>

/* xen/arch-x86/xen-x86_64.h and xen-x86_32.h: where the arguments are. */
static void args_read(const struct guest_regs *r, struct hypercall *hc)
{
	if (hc->compat) {
		hc->nr = (uint32_t)r->rax;
		hc->arg[0] = (uint32_t)r->rbx;
		hc->arg[1] = (uint32_t)r->rcx;
		hc->arg[2] = (uint32_t)r->rdx;
		hc->arg[3] = (uint32_t)r->rsi;
		hc->arg[4] = (uint32_t)r->rdi;
		hc->arg[5] = (uint32_t)r->rbp;
	} else {
		hc->nr = r->rax;
		hc->arg[0] = r->rdi;
		hc->arg[1] = r->rsi;
		hc->arg[2] = r->rdx;
		hc->arg[3] = r->r10;
		hc->arg[4] = r->r8;
		hc->arg[5] = r->r9;
	}
}

static void args_write(struct guest_regs *r, const struct hypercall *hc)
{
	if (hc->compat) {
		r->rbx = (uint32_t)hc->arg[0];
		r->rcx = (uint32_t)hc->arg[1];
		r->rdx = (uint32_t)hc->arg[2];
		r->rsi = (uint32_t)hc->arg[3];
		r->rdi = (uint32_t)hc->arg[4];
	} else {
		r->rdi = hc->arg[0];
		r->rsi = hc->arg[1];
		r->rdx = hc->arg[2];
		r->r10 = hc->arg[3];
		r->r8 = hc->arg[4];
	}
}

/* Not inlined: its frame is no other exit's business. */
__attribute__((noinline)) void hypercall_from_guest(struct vcpu *v, unsigned int insn_len)
{
	struct guest_paging mode;
	struct hypercall hc;

	edge_vcpu_get_paging(v, &mode);
	hc.compat = !mode.long_mode;
	hc.privileged = mode.cpl == 0;
	hc.nested = false;
	args_read(&v->regs, &hc);
	hypercall_dispatch(v, &hc);
	args_write(&v->regs, &hc);	/* progress, or what a finished long call gives back */
	if (hc.restart)
		return;
	v->regs.rax = hc.compat ? (uint32_t)hc.result : (uint64_t)hc.result;
	v->regs.rip += insn_len;
}
