/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this processor's SVM can do, and making a CPU ready to run guests; the permission maps that
 * all guests share.
 * Locking: boot, one CPU at a time; read-only afterwards. Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/mm.h>
#include <hv/options.h>
#include <hv/string.h>
#include "host.h"
#include "svm.h"
#include "vcpu.h"

struct svm_features svm_features __ro_after_init;
struct svm_cpu svm_cpus[MAX_CPUS];

#define CPUID_SVM_LEAF		0x8000000au
#define SVM_FEATURE_NP		(1u << 0)
#define SVM_FEATURE_NRIPS	(1u << 3)
#define XCR0_X87_SSE_AVX	7ull
#define XCR0_PKRU		(1ull << 9)

#define IOPM_ORDER	2	/* 12 KiB are used */
#define MSRPM_ORDER	1

const char *svm_unsupported(void)
{
	uint64_t vm_cr;

	if (cpuid(0x80000000u, 0).a < CPUID_SVM_LEAF || !(cpuid(0x80000001u, 0).c & (1u << 2)))
		return "this CPU has no AMD SVM";
	if (rdmsr_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVMDIS))
		return "SVM is switched off in the firmware";
	if (!(cpuid(CPUID_SVM_LEAF, 0).d & SVM_FEATURE_NP))
		return "this CPU has no nested paging";
	return NULL;
}

/* Clears both bits of an MSR in the map: reads and writes do not exit (APM volume 2, 15.11). */
static void __init msrpm_allow(uint8_t *map, uint32_t msr)
{
	uint32_t offset = 0;

	if (msr >= 0xc0000000u && msr < 0xc0002000u)
		offset = 0x800;
	else if (msr >= 0xc0010000u && msr < 0xc0012000u)
		offset = 0x1000;
	offset += (msr & 0x1fffu) / 4;
	map[offset] = (uint8_t)(map[offset] & ~(3u << (msr % 4 * 2)));
}

/*
 * All ports exit. MSRs exit but for those that VMLOAD and VMSAVE switch with the guest: they cost
 * no exit and reach nothing but the guest's own state.
 */
static int __init permission_maps_init(void)
{
	static const uint32_t own[] __initconst = {
		0xc0000100, 0xc0000101, 0xc0000102,			/* FS, GS, kernel GS base */
		/* STAR, LSTAR, CSTAR, SFMASK */
		0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,
		0x174, 0x175, 0x176,					/* SYSENTER */
	};
	uint8_t *io = heap_alloc_pages(NULL, IOPM_ORDER);
	uint8_t *msr = heap_alloc_pages(NULL, MSRPM_ORDER);

	if (!io || !msr)
		return -XEN_ENOMEM;
	memset(io, 0xff, PAGE_SIZE << IOPM_ORDER);
	memset(msr, 0xff, PAGE_SIZE << MSRPM_ORDER);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		msrpm_allow(msr, own[i]);
	svm_features.iopm_pa = heap_va_to_mfn(io) << PAGE_SHIFT;
	svm_features.msrpm_pa = heap_va_to_mfn(msr) << PAGE_SHIFT;
	return 0;
}

/*
 * Guests may have x87, SSE and AVX. Protection keys are hidden from them, but CR4 is theirs to
 * write: PKRU is switched all the same, so that it carries nothing from one to the other.
 */
static void __init xsave_init(void)
{
	struct cpuid d = cpuid(0xd, 0), pkru = cpuid(0xd, 9);

	svm_features.xsave = true;
	svm_features.xcr0 = d.a & XCR0_X87_SSE_AVX;
	svm_features.xcr0_switched = svm_features.xcr0;
	if ((d.a & XCR0_PKRU) && pkru.a + pkru.b <= PAGE_SIZE)
		svm_features.xcr0_switched |= XCR0_PKRU;
}

static int __init svm_boot_init(void)
{
	struct cpuid svm = cpuid(CPUID_SVM_LEAF, 0);

	svm_features.asids = svm.b;
	svm_features.nrips = svm.d & SVM_FEATURE_NRIPS;
	svm_features.rdpru =
		cpuid(0x80000000u, 0).a >= 0x80000008u && (cpuid(0x80000008u, 0).b & (1u << 4));
	if ((cpuid(1, 0).c & (1u << 26)) && options.xsave)
		xsave_init();
	log_info("SVM: %u ASIDs, next RIP %s, guest FPU state by %s", svm.b,
		 svm_features.nrips ? "saved" : "decoded", svm_features.xsave ? "XSAVE" : "FXSAVE");
	return permission_maps_init();
}

int svm_cpu_init(void)
{
	struct svm_cpu *c = &svm_cpus[edge_cpu_id()];
	void *host = heap_alloc_pages(NULL, 0), *hsave = heap_alloc_pages(NULL, 0);
	int rc;

	if (svm_unsupported())
		return -XEN_EOPNOTSUPP;
	if (!host || !hsave)
		return -XEN_ENOMEM;
	if (!svm_features.iopm_pa) {
		rc = svm_boot_init();
		if (rc)
			return rc;
	}
	if (svm_features.xsave)
		host_xsetbv(svm_features.xcr0_switched);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, heap_va_to_mfn(hsave) << PAGE_SHIFT);
	c->host_pa = heap_va_to_mfn(host) << PAGE_SHIFT;
	c->generation = 1;
	c->next_asid = 1;
	host_vmsave(c->host_pa);
	atomic_store(&this_cpu()->in_guest, -1);
	return 0;
}
