/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to guest/cpuid*.c: bits by name and the search in a set of leaves.
 * Locking: sets are constant once a vCPU of the domain has run. Trust: none.
 */
#ifndef GUEST_CPUID_POLICY_H
#define GUEST_CPUID_POLICY_H

#include <hv/guest.h>

#define CPUID_ANY	0xffffffffu	/* "the subleaf does not matter" */
#define CPUID_HV_BASE	0x40000000u
#define CPUID_EXT_BASE	0x80000000u
#define BIT(n)		(1u << (n))

/* Leaf 1 */
#define L1C_X2APIC	BIT(21)
#define L1C_DEADLINE	BIT(24)
#define L1C_XSAVE	BIT(26)
#define L1C_OSXSAVE	BIT(27)
#define L1C_AVX		BIT(28)
#define L1C_FMA		BIT(12)
#define L1C_F16C	BIT(29)
#define L1C_HYPERVISOR	BIT(31)
#define L1D_APIC	BIT(9)
#define L1D_HTT		BIT(28)

struct cpuid_leaf *cpuid_find(struct cpuid_leaf_set *s, uint32_t leaf, uint32_t subleaf);
/* cpuid_hv.c: 0x40000000 and up */
void cpuid_hypervisor(struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out);

#endif
