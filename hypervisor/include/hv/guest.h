/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine a guest sees: CPUID, MSRs, local APIC, ports, instruction decoding. Portable; svm/ calls in on exits.
 * Locking: the vCPU is current unless said otherwise. Trust: every value is the guest's.
 */
#ifndef HV_GUEST_H
#define HV_GUEST_H

#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/vcpu.h>
#include <hv/types.h>

/* --- CPUID: one table, deny by default -------------------------------------------------------------------------- */
struct cpuid_regs { uint32_t a, b, c, d; };
#define CPUID_MAX_LEAVES 160	/* libxc writes a whole policy of its own into a buffer of this many: more than 4.17 has (122) */
struct cpuid_leaf { uint32_t leaf, subleaf; struct cpuid_regs r; };	/* subleaf ~0: does not matter */
struct cpuid_leaf_set { uint32_t nr; struct cpuid_leaf l[CPUID_MAX_LEAVES]; };
void cpuid_host_init(void (*host)(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r));	/* svm/cpu hands over the raw CPUID */
const struct cpuid_leaf_set *cpuid_policy_max(void);		/* what a guest may have at most; also "default" */
int __must_check cpuid_domain_init(struct domain *d);
void cpuid_domain_free(struct domain *d);
/* From XEN_DOMCTL_set_cpu_policy: bits beyond the maximum are cleared silently only where Xen does; else -XEN_EINVAL with *err_leaf/subleaf; unknown leaf -XEN_ERANGE. */
int __must_check cpuid_domain_set(struct domain *d, const struct cpuid_leaf *leaves, uint32_t nr, uint32_t *err_leaf, uint32_t *err_subleaf);
void guest_cpuid(struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out);

/* The machine's registers of a new vCPU: local APIC, MTRRs. Once, before anything else here is called for it; no lock held. */
void guest_vcpu_init(struct vcpu *v);

/* --- MSRs: one table; 0, or -XEN_EINVAL for #GP ------------------------------------------------------------------ */
int __must_check guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val);
int __must_check guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val);

/* The page attribute table lives with the vCPU's hardware half. */
#define GUEST_PAT_RESET 0x0007040600070406ull
bool guest_pat_valid(uint64_t val);

/* --- ports: size 1, 2, 4 ------------------------------------------------------------------------------------------ */
uint32_t guest_port_read(struct vcpu *v, uint16_t port, unsigned int size);
void guest_port_write(struct vcpu *v, uint16_t port, unsigned int size, uint32_t val);
/* What port 0xe9 and console_io have in common: the guest's text in the log, line by line, printable, limited, each line under its name. */
void guest_log_write(struct vcpu *v, const char *text, size_t n);

/* --- local APIC ---------------------------------------------------------------------------------------------------- */
#define LAPIC_GFN 0xfee00u				/* the page cannot be moved */
void lapic_init(struct vcpu *v);			/* reset state; BSP bit for vCPU 0 */
int __must_check lapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val);	/* 0x800-0x8ff and APIC_BASE */
int __must_check lapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t val);
uint64_t lapic_deadline_read(struct vcpu *v);		/* TSC deadline, MSR 0x6e0 */
void lapic_deadline_write(struct vcpu *v, uint64_t tsc);
uint32_t lapic_mmio_read(struct vcpu *v, uint32_t offset);
void lapic_mmio_write(struct vcpu *v, uint32_t offset, uint32_t val);
void lapic_set_irq(struct vcpu *v, uint8_t vector, bool level);		/* any CPU; kicks */

/* --- what to inject on the next entry ------------------------------------------------------------------------------ */
#define GUEST_NO_VECTOR (-1)
/* False: none of the functions below has anything for v. */
static inline bool guest_interrupt_possible(struct vcpu *v)
{
	return atomic_load(&v->lapic.irr_words) || atomic_load(&v->lapic.nmi_pending) || evtchn_pending(v);
}
/* Highest-priority deliverable external interrupt: event channel upcall (callback type 2 vector, past the LAPIC) or LAPIC. Does not consume. */
int guest_interrupt_pending(struct vcpu *v);
/* The vector was injected: LAPIC IRR -> ISR; nothing for the callback vector. */
void guest_interrupt_accept(struct vcpu *v, int vector);
/* It was accepted, but the guest did not get it: pending again. */
void guest_interrupt_return(struct vcpu *v, int vector);
/*
 * INIT and SIPI that arrived for v; called by its CPU before entry. RESET: *reset is the state to start from (real mode at the SIPI's
 * vector). WAIT: v must not run now, it has been taken down until the SIPI.
 */
enum guest_startup { GUEST_STARTUP_NONE, GUEST_STARTUP_WAIT, GUEST_STARTUP_RESET };
enum guest_startup guest_startup_pending(struct vcpu *v, struct cpu_context *reset);
bool guest_nmi_take(struct vcpu *v);		/* an NMI is pending: it is v's to inject now */
void guest_nmi_set(struct vcpu *v);		/* any CPU; kicks. VCPUOP_send_nmi, NMI IPIs */
/* Highest requested vector that TPR alone holds back; GUEST_NO_VECTOR if none. */
int lapic_held_vector(struct vcpu *v);
/* The state an INIT leaves, starting at vector's page in real mode. */
void guest_reset_context(struct cpu_context *c, uint8_t sipi_vector);

/* --- instruction decoding ------------------------------------------------------------------------------------------ */
/* Bytes at RIP through the guest's page tables; up to 15; returns how many could be read. */
unsigned int guest_fetch_insn(struct vcpu *v, uint8_t buf[15]);
enum insn_kind { INSN_CPUID, INSN_HLT, INSN_RDTSC, INSN_RDTSCP, INSN_RDMSR_WRMSR, INSN_VMMCALL, INSN_XSETBV, INSN_INVD_WBINVD, INSN_RDPMC, INSN_OTHER };
/* Length including prefixes of the instruction of that kind at the bytes, or 0 if the bytes are something else. */
unsigned int insn_length(const uint8_t *bytes, unsigned int n, enum insn_kind kind, bool long_mode);
struct insn_mov {		/* the plain loads and stores accepted on emulated MMIO */
	unsigned int len, size;		/* of the instruction; of the access */
	unsigned int dest_size;		/* of the register: larger than size when extending */
	bool write, has_imm, zero_extend, sign_extend;
	bool high_byte;			/* reg 4-7 are AH, CH, DH, BH */
	unsigned int reg;
	uint64_t imm;
};
int __must_check insn_decode_mov(const uint8_t *bytes, unsigned int n, bool long_mode, bool def32, struct insn_mov *out);
/* Nested page fault at gpa that no p2m entry satisfies: emulates LAPIC MMIO, else -XEN_EFAULT (svm injects or crashes the guest). Advances RIP. */
int __must_check guest_mmio_fault(struct vcpu *v, gpa_t gpa, bool write);

/* Guest did what no guest may: log, crash the domain (SHUTDOWN_crash). */
void guest_crash(struct vcpu *v, const char *why, uint64_t detail);

#endif
