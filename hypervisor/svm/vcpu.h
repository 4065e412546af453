/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to svm/: the hardware half of a vCPU, and what each file here offers to the others.
 * Locking: a struct svm_vcpu belongs to the CPU that has the vCPU loaded. Trust: the VMCB's save
 * area is the guest's.
 */
#ifndef SVM_VCPU_H
#define SVM_VCPU_H

#include <stdatomic.h>
#include <hv/guest.h>
#include <hv/vcpu.h>
#include "../cpu/arch.h"
#include "vmcb.h"

/* The guest's: exceptions, flags. */
enum {
	VECTOR_DB = 1, VECTOR_NMI = 2, VECTOR_UD = 6, VECTOR_DF = 8, VECTOR_GP = 13, VECTOR_PF = 14,
	VECTOR_AC = 17, VECTOR_MC = 18
};
#define ATTR_L		(1u << 9)	/* of a code segment: 64-bit */
#define RFLAGS_TF	(1u << 8)
#define RFLAGS_IF	(1u << 9)

#define SVM_EXIT_COUNTERS 0x92	/* exit codes below this, one for nested faults, one for the rest */

struct svm_vcpu {
	struct vmcb *vmcb;
	uint64_t vmcb_pa;
	/* XSAVE or FXSAVE image, 64-byte aligned, in pages of its own */
	void *fpu;
	uint64_t dr[4];
	/* address space identifier: good for one CPU and one generation of it */
	unsigned int asid_cpu;
	uint64_t asid_generation;
	/* domain's p2m.flush_generation at the time the identifier was taken */
	uint64_t flush_seen;
	/* events */
	/* to be injected first: exception we raise, or delivery that was interrupted */
	uint64_t event;
	uint8_t virq;			/* vector offered to the guest as a virtual interrupt; 0: none */
	bool nmi_blocked;		/* until IRET */
	/* live-lock bound for faults that the p2m says should not happen */
	uint64_t npf_gpa;
	unsigned int npf_repeats;
	unsigned int hole_accesses;
	uint64_t exits[SVM_EXIT_COUNTERS];
	/* lengths that were decoded in 64-bit code: a guest calls from a handful of places */
	struct svm_insn {
		uint64_t rip, cr3;
		uint8_t kind, len;	/* len 0: empty */
	} insn[16];
};
#define MAX_INSN	15

struct svm_cpu {
	uint64_t host_pa;		/* VMSAVE area of the host's own FS, GS, TR … */
	uint64_t generation;
	uint32_t next_asid;
	/* counts returns from guest mode; edge_guest_flush_wait watches it */
	_Atomic uint64_t exits;
} __attribute__((aligned(64)));		/* on a cache line of its own */

struct svm_features {
	uint32_t asids;
	bool nrips, rdpru, xsave;
	uint64_t xcr0;			/* state components that guests may have; 0 without XSAVE */
	uint64_t xcr0_switched;		/* those and what a guest could leave behind unasked */
	uint64_t iopm_pa, msrpm_pa;
};
extern struct svm_features svm_features;
extern struct svm_cpu svm_cpus[MAX_CPUS];

static inline struct svm_vcpu *svm_vcpu(const struct vcpu *v)
{
	return v->arch;
}

/*
 * enter.S: loads regs and the guest's VMLOAD state, runs, puts back. On return interrupts are off
 * and GIF is set.
 */
void svm_enter(struct guest_regs *regs, uint64_t vmcb_pa, uint64_t host_pa);

/* asid.c */
void svm_asid_prepare(struct vcpu *v, unsigned int cpu);	/* this one */
void svm_asid_refused(void);
/* fpu.c */
int __must_check svm_fpu_create(struct vcpu *v);
void svm_fpu_destroy(struct vcpu *v);
void svm_fpu_load(struct vcpu *v);
void svm_fpu_save(struct vcpu *v);
void svm_fpu_set_xcr0(uint64_t xcr0);
void svm_fpu_read_xcr0(struct vcpu *v);	/* v is loaded */
void svm_fpu_reset(struct vcpu *v);
/* event.c */
void svm_event_prepare(struct vcpu *v);
void svm_event_exception(struct vcpu *v, unsigned int vector, bool has_error, uint32_t error);
void svm_event_fault(struct vcpu *v, unsigned int vector);	/* #GP with error 0, #UD */
void svm_event_page_fault(struct vcpu *v, gva_t addr, uint32_t error);
/* after an exit: what was under way has to be delivered again */
void svm_event_collect(struct vcpu *v);
/* exit*.c */
void svm_exit_handle(struct vcpu *v);
__slow void svm_exit_single_step(struct vcpu *v);
__slow unsigned int svm_exit_insn_decode(struct vcpu *v, enum insn_kind kind);
void svm_exit_msr(struct vcpu *v);
void svm_exit_io(struct vcpu *v);
void svm_exit_npf(struct vcpu *v);

static inline bool svm_long_mode(const struct vmcb *c)
{
	return (c->efer & EFER_LMA) && (c->cs.attr & ATTR_L);
}

static inline struct svm_insn *svm_insn_slot(struct svm_vcpu *s)
{
	return &s->insn[(s->vmcb->rip ^ (s->vmcb->rip >> 8)) % ARRAY_SIZE(s->insn)];
}

/* Length of the instruction that exited, or 0: enter the guest again at the same place. */
static inline unsigned int svm_exit_insn_len(struct vcpu *v, enum insn_kind kind)
{
	const struct svm_insn *known = svm_insn_slot(svm_vcpu(v));
	const struct vmcb *c = svm_vcpu(v)->vmcb;

	if (svm_features.nrips && c->next_rip - c->rip - 1 < MAX_INSN)
		return (unsigned int)(c->next_rip - c->rip);
	if (known->rip == c->rip && known->cr3 == c->cr3 && known->kind == kind && known->len &&
	    svm_long_mode(c))
		return known->len;
	return svm_exit_insn_decode(v, kind);
}

/* An instruction was emulated whole: no shadow behind it, and a single step is complete. */
static inline void svm_exit_done(struct vcpu *v)
{
	svm_vcpu(v)->vmcb->int_state &= ~VMCB_INT_SHADOW;
	if (unlikely(v->regs.rflags & RFLAGS_TF))
		svm_exit_single_step(v);
}

static inline void svm_exit_skip(struct vcpu *v, unsigned int len)
{
	v->regs.rip += len;
	if (!svm_long_mode(svm_vcpu(v)->vmcb))
		v->regs.rip &= 0xffffffffu;
	svm_exit_done(v);
}

#endif
