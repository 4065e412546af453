/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What CPUID may say to a guest: the host's answer through one table of masks, where what is not
 * listed is zero.
 * Locking: the maximum is fixed at boot. Trust: the host's CPUID is trusted; a toolstack's wishes
 * (cpuid_set.c) are not.
 */
#include <hv/domain.h>
#include <hv/options.h>
#include <hv/p2m.h>
#include "cpuid_policy.h"

static struct cpuid_leaf_set max_policy __ro_after_init;

/*
 * What may pass, by leaf. Left out because nothing here switches, emulates or bounds it: MONITOR,
 * VMX/SVM, performance counters and IBS, OSVW, TOPOEXT, RDTSCP and RDPID (TSC_AUX), machine checks,
 * PKU, CET, AVX-512 and AMX state, supervisor XSAVE state, 3DNow, all speculation control MSRs,
 * FFXSR.
 */
static const struct mask {
	uint32_t leaf, subleaf;
	struct cpuid_regs m;
} masks[] __initconst = {
	{ 0x0, CPUID_ANY, { 0, ~0u, ~0u, ~0u } },
	/*
	 * SSE3 PCLMUL SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE AVX F16C RDRAND; FPU
	 * to SSE2 without MCE, MCA, DS, ACPI, TM
	 */
	{ 0x1, CPUID_ANY, { ~0u, 0x0000ff00, 0x76da3203, 0x078bbb7f } },
	/*
	 * FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT CLWB SHA; UMIP VAES
	 * VPCLMULQDQ; FSRM
	 */
	{ 0x7, 0, { 0, 0x219c07a9, BIT(2) | BIT(9) | BIT(10), BIT(4) } },
	{ 0x80000000u, CPUID_ANY, { 0, ~0u, ~0u, ~0u } },
	/*
	 * LAHF CR8 ABM SSE4A MISALIGNSSE PREFETCHW; SYSCALL NX MMXEXT FXSR PAGE1GB LM
	 * and the copies of leaf 1
	 */
	{ 0x80000001u, CPUID_ANY, { ~0u, 0, 0x000001f1, 0x25d3bb7f } },
	{ 0x80000002u, CPUID_ANY, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000003u, CPUID_ANY, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000004u, CPUID_ANY, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000005u, CPUID_ANY, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000006u, CPUID_ANY, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x80000007u, CPUID_ANY, { 0, 0, 0, BIT(8) } }, /* invariant TSC */
	{ 0x80000008u, CPUID_ANY, { 0xffff, BIT(0) | BIT(2), 0, 0 } }, /* CLZERO, XSAVEERPTR */
};

struct cpuid_leaf *cpuid_find(struct cpuid_leaf_set *s, uint32_t leaf, uint32_t subleaf)
{
	for (uint32_t i = 0; i < s->nr; i++)
		if (s->l[i].leaf == leaf &&
		    (s->l[i].subleaf == CPUID_ANY || s->l[i].subleaf == subleaf))
			return &s->l[i];
	return NULL;
}

static struct cpuid_leaf *__init leaf_add(uint32_t leaf, uint32_t subleaf, struct cpuid_regs r)
{
	struct cpuid_leaf *l = &max_policy.l[max_policy.nr++];

	*l = (struct cpuid_leaf){ leaf, subleaf, r };
	return l;
}

/*
 * x87, SSE, AVX; sizes and offsets are the host's, the sum follows XCR0 when asked (guest_cpuid).
 */
static void __init xstate_init(void (*host)(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r))
{
	struct cpuid_regs d0, d1, avx;

	host(0xd, 0, &d0);
	host(0xd, 1, &d1);
	host(0xd, 2, &avx);
	d0.a &= 7;
	leaf_add(0xd, 0, (struct cpuid_regs){ d0.a, 576, d0.a & 4 ? avx.a + avx.b : 576, 0 });
	leaf_add(0xd, 1, (struct cpuid_regs){ d1.a & 7, 0, 0, 0 });
	if (d0.a & 4)
		leaf_add(0xd, 2, (struct cpuid_regs){ avx.a, avx.b, avx.c & 2, 0 });
}

/*
 * Leaves that say nothing, but that the tools of 4.17 write out: they take the number of leaves
 * they are given for all the room they have (CPUID 4, 0xb: as many subleaves as their structure
 * has).
 */
static void __init empty_leaves_add(void)
{
	static const struct {
		uint32_t leaf, subleaf;
	} empty[] __initconst = {
		{ 2, CPUID_ANY }, { 3, CPUID_ANY }, { 4, 0 }, { 4, 1 }, { 4, 2 }, { 4, 3 },
		{ 4, 4 }, { 4, 5 }, { 5, CPUID_ANY }, { 6, CPUID_ANY }, { 8, CPUID_ANY },
		{ 9, CPUID_ANY }, { 0xa, CPUID_ANY }, { 0xb, 0 }, { 0xb, 1 }, { 0xc, CPUID_ANY },
		{ CPUID_HV_BASE, CPUID_ANY }, { CPUID_HV_BASE + 0x100, CPUID_ANY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		leaf_add(empty[i].leaf, empty[i].subleaf, (struct cpuid_regs){ 0 });
}

static void __init feature_fixups(void (*host)(uint32_t leaf, uint32_t subleaf,
					       struct cpuid_regs *r))
{
	struct cpuid_leaf *l1 = cpuid_find(&max_policy, 1, 0), *l7 = cpuid_find(&max_policy, 7, 0);
	struct cpuid_leaf *sizes = cpuid_find(&max_policy, 0x80000008u, 0);

	/* Emulated whole, whatever the host has. */
	l1->r.c |= L1C_X2APIC | L1C_DEADLINE | L1C_HYPERVISOR;
	l1->r.d |= L1D_APIC;
	if (!options.xsave || !(l1->r.c & L1C_XSAVE)) {
		l1->r.c &= ~(L1C_XSAVE | L1C_AVX | L1C_FMA | L1C_F16C);
		if (l7) {
			l7->r.b &= ~BIT(5);
			l7->r.c &= ~(BIT(9) | BIT(10));
		}
	} else {
		xstate_init(host);
	}
	if (sizes) {
		uint32_t bits = sizes->r.a & 0xff;

		sizes->r.a =
			(sizes->r.a & 0xff00) | (bits < GUEST_PADDR_BITS ? bits : GUEST_PADDR_BITS);
	}
}

void __init cpuid_host_init(void (*host)(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r))
{
	struct cpuid_regs basic, ext, r;

	host(0, 0, &basic);
	host(CPUID_EXT_BASE, 0, &ext);
	max_policy.nr = 0;
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		const struct mask *m = &masks[i];

		if (m->leaf > (m->leaf & CPUID_EXT_BASE ? ext.a : basic.a))
			continue;
		host(m->leaf, m->subleaf == CPUID_ANY ? 0 : m->subleaf, &r);
		r = (struct cpuid_regs){ r.a & m->m.a, r.b & m->m.b, r.c & m->m.c, r.d & m->m.d };
		leaf_add(m->leaf, m->subleaf, r);
	}
	max_policy.l[0].r.a = basic.a < 0xd ? basic.a : 0xd;
	cpuid_find(&max_policy, CPUID_EXT_BASE, 0)->r.a = ext.a < 0x80000008u ? ext.a : 0x80000008u;
	feature_fixups(host);
	empty_leaves_add();
}

const struct cpuid_leaf_set *cpuid_policy_max(void)
{
	return &max_policy;
}
