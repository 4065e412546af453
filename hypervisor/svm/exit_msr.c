/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RDMSR and WRMSR: the few registers that live in the VMCB; all others are guest/msr.c's table.
 * Locking: the vCPU is loaded here. Trust: numbers and values are the guest's.
 */
#include <hv/guest.h>
#include "host.h"
#include "vcpu.h"

#define EFER_WRITABLE	(EFER_SCE | EFER_LME | EFER_NXE)

static int efer_write(struct svm_vcpu *s, uint64_t val)
{
	struct vmcb *c = s->vmcb;

	if (val & ~(EFER_WRITABLE | EFER_LMA))
		return -XEN_EINVAL;
	if ((c->cr0 & CR0_PG) && ((val ^ c->efer) & EFER_LME))
		return -XEN_EINVAL;
	if ((val ^ c->efer) & EFER_NXE)
		/* what was cached under the other meaning of bit 63 */
		s->asid_cpu = MAX_CPUS;
	c->efer = (val & EFER_WRITABLE) | (c->efer & EFER_LMA) | EFER_SVME;
	return 0;
}

static int msr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	const struct vmcb *c = svm_vcpu(v)->vmcb;

	switch (msr) {
	case MSR_EFER:
		*val = c->efer & ~EFER_SVME;
		return 0;
	case MSR_PAT:
		*val = c->g_pat;
		return 0;
	default:
		return guest_rdmsr(v, msr, val);
	}
}

static int msr_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	struct svm_vcpu *s = svm_vcpu(v);

	switch (msr) {
	case MSR_EFER:
		return efer_write(s, val);
	case MSR_PAT:
		if (!guest_pat_valid(val))
			return -XEN_EINVAL;
		s->vmcb->g_pat = val;
		s->asid_cpu = MAX_CPUS;
		return 0;
	default:
		return guest_wrmsr(v, msr, val);
	}
}

void svm_exit_msr(struct vcpu *v)
{
	bool write = svm_vcpu(v)->vmcb->exit_info1 & 1;
	unsigned int len = svm_exit_insn_len(v, INSN_RDMSR_WRMSR);
	uint64_t val = (v->regs.rax & 0xffffffffu) | v->regs.rdx << 32;
	uint32_t msr = (uint32_t)v->regs.rcx;

	if (!len)
		return;
	if (write ? msr_write(v, msr, val) : msr_read(v, msr, &val)) {
		svm_event_fault(v, VECTOR_GP);
		return;
	}
	if (!write) {
		v->regs.rax = val & 0xffffffffu;
		v->regs.rdx = val >> 32;
	}
	svm_exit_skip(v, len);
}
