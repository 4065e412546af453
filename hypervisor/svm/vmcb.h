/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual machine control block as the processor reads it (APM volume 2, appendix B and chapter
 * 15).
 * Locking: a VMCB belongs to the CPU that has its vCPU loaded. Trust: the save area is the guest's.
 */
#ifndef SVM_VMCB_H
#define SVM_VMCB_H

#include <assert.h>
#include <stddef.h>
#include <hv/types.h>
#include <hv/vcpu.h>

struct vmcb {
	/* control area */
	uint16_t intercept_cr_read, intercept_cr_write;
	uint16_t intercept_dr_read, intercept_dr_write;
	uint32_t intercept_exceptions;
	uint32_t intercept_misc1;
	uint32_t intercept_misc2;
	uint32_t intercept_misc3;
	uint8_t reserved_018[0x3c - 0x18];
	uint16_t pause_threshold, pause_count;
	uint64_t iopm_pa;
	uint64_t msrpm_pa;
	uint64_t tsc_offset;
	uint32_t asid;
	uint32_t tlb_control;
	uint64_t vintr;
	uint64_t int_state;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_int_info;
	uint64_t np_control;
	uint8_t reserved_098[0xa8 - 0x98];
	uint64_t event_inj;
	uint64_t n_cr3;
	uint64_t lbr_control;
	uint64_t clean;
	uint64_t next_rip;
	uint8_t reserved_0d0[0x400 - 0xd0];

	/* state save area */
	struct guest_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved_4cc;
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved_5e0[0x5f8 - 0x5e0];
	uint64_t rax, star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_648[0x668 - 0x648];
	uint64_t g_pat, dbgctl;
	uint8_t reserved_678[0x1000 - 0x678];
};

static_assert(offsetof(struct vmcb, iopm_pa) == 0x040, "VMCB layout");
static_assert(offsetof(struct vmcb, asid) == 0x058, "VMCB layout");
static_assert(offsetof(struct vmcb, exit_code) == 0x070, "VMCB layout");
static_assert(offsetof(struct vmcb, event_inj) == 0x0a8, "VMCB layout");
static_assert(offsetof(struct vmcb, next_rip) == 0x0c8, "VMCB layout");
static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "VMCB layout");
static_assert(offsetof(struct vmcb, efer) == 0x4d0, "VMCB layout");
static_assert(offsetof(struct vmcb, cr4) == 0x548, "VMCB layout");
static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "VMCB layout");
static_assert(offsetof(struct vmcb, rax) == 0x5f8, "VMCB layout");
static_assert(offsetof(struct vmcb, g_pat) == 0x668, "VMCB layout");
static_assert(sizeof(struct vmcb) == 0x1000, "VMCB layout");

/* intercept_misc1 */
#define VMCB_I1_INTR		(1u << 0)
#define VMCB_I1_NMI		(1u << 1)
#define VMCB_I1_SMI		(1u << 2)
#define VMCB_I1_INIT		(1u << 3)
#define VMCB_I1_VINTR		(1u << 4)
#define VMCB_I1_RDPMC		(1u << 15)
#define VMCB_I1_CPUID		(1u << 18)
#define VMCB_I1_RSM		(1u << 19)
#define VMCB_I1_IRET		(1u << 20)
#define VMCB_I1_INVD		(1u << 22)
#define VMCB_I1_HLT		(1u << 24)
#define VMCB_I1_INVLPGA		(1u << 26)
#define VMCB_I1_IOIO		(1u << 27)
#define VMCB_I1_MSR		(1u << 28)
#define VMCB_I1_SHUTDOWN	(1u << 31)

/* intercept_misc2 */
#define VMCB_I2_VMRUN		(1u << 0)
#define VMCB_I2_VMMCALL		(1u << 1)
#define VMCB_I2_VMLOAD		(1u << 2)
#define VMCB_I2_VMSAVE		(1u << 3)
#define VMCB_I2_STGI		(1u << 4)
#define VMCB_I2_CLGI		(1u << 5)
#define VMCB_I2_SKINIT		(1u << 6)
#define VMCB_I2_WBINVD		(1u << 9)
#define VMCB_I2_MONITOR		(1u << 10)
#define VMCB_I2_MWAIT		(1u << 11)
#define VMCB_I2_XSETBV		(1u << 13)
#define VMCB_I2_RDPRU		(1u << 14)

/* vintr */
#define VMCB_V_IRQ		(1ull << 8)
#define VMCB_V_PRIO_SHIFT	16
#define VMCB_V_IGN_TPR		(1ull << 20)
#define VMCB_V_VECTOR_SHIFT	32
#define VMCB_V_INTR_MASKING	(1ull << 24)

#define VMCB_INT_SHADOW		1ull
#define VMCB_NP_ENABLE		1ull
#define VMCB_TLB_FLUSH_ALL	1u

/* event_inj and exit_int_info */
#define VMCB_EVENT_VALID	(1ull << 31)
#define VMCB_EVENT_ERROR	(1ull << 11)
#define VMCB_EVENT_TYPE(e)	(((e) >> 8) & 7u)
#define VMCB_EVENT_EXTINT	(0ull << 8)
#define VMCB_EVENT_NMI		(2ull << 8)
#define VMCB_EVENT_EXCEPTION	(3ull << 8)
#define VMCB_EVENT_SOFTINT	(4ull << 8)

/* exit codes that are handled; SMI and INIT lie between NMI and VINTR, VMSAVE, STGI and CLGI between VMLOAD and SKINIT, MWAIT behind MONITOR */
#define VMEXIT_EXCEPTION(n)	(0x40u + (n))
#define VMEXIT_INTR		0x60
#define VMEXIT_NMI		0x61
#define VMEXIT_VINTR		0x64
#define VMEXIT_RDPMC		0x6f
#define VMEXIT_CPUID		0x72
#define VMEXIT_RSM		0x73
#define VMEXIT_IRET		0x74
#define VMEXIT_INVD		0x76
#define VMEXIT_HLT		0x78
#define VMEXIT_INVLPGA		0x7a
#define VMEXIT_IOIO		0x7b
#define VMEXIT_MSR		0x7c
#define VMEXIT_SHUTDOWN		0x7f
#define VMEXIT_VMRUN		0x80
#define VMEXIT_VMMCALL		0x81
#define VMEXIT_VMLOAD		0x82
#define VMEXIT_SKINIT		0x86
#define VMEXIT_WBINVD		0x89
#define VMEXIT_MONITOR		0x8a
#define VMEXIT_MWAIT_ARMED	0x8c
#define VMEXIT_XSETBV		0x8d
#define VMEXIT_RDPRU		0x8e
#define VMEXIT_NPF		0x400
#define VMEXIT_INVALID		(~0ull)

#endif
