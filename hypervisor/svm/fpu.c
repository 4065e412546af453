/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's x87, SSE and AVX state: switched whole with the vCPU, never lazily, so that no
 * register of one guest is ever live under another. The hypervisor itself is compiled without these
 * registers.
 * Locking: the vCPU is being loaded, is loaded or is being saved on this CPU. Trust: the image is
 * written by the processor only.
 */
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/string.h>
#include "host.h"
#include "vcpu.h"

/* One page holds what svm_features.xcr0_switched can name (checked at boot). */
#define FPU_ORDER	0
#define FXSAVE_FCW	0
#define FXSAVE_MXCSR	24
#define XSAVE_BV	512
#define FCW_RESET	0x37f
#define MXCSR_RESET	0x1f80

int svm_fpu_create(struct vcpu *v)
{
	svm_vcpu(v)->fpu = heap_alloc_pages(v->domain, FPU_ORDER);
	if (!svm_vcpu(v)->fpu)
		return -XEN_ENOMEM;
	svm_fpu_reset(v);
	return 0;
}

void svm_fpu_destroy(struct vcpu *v)
{
	if (svm_vcpu(v)->fpu)
		heap_free_pages(v->domain, svm_vcpu(v)->fpu, FPU_ORDER);
	svm_vcpu(v)->fpu = NULL;
}

/*
 * AMD's FXRSTOR and XRSTOR leave the x87 pointers to the last instruction and operand alone when the image has no exception
 * pending: FNINIT clears what another guest left in them.
 */
static void image_restore(const void *image)
{
	__asm__ volatile("fninit");
	if (svm_features.xsave)
		__asm__ volatile("xrstor64 (%0)"
				 :: "r"(image), "a"((uint32_t)svm_features.xcr0_switched), "d"(0)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" :: "r"(image) : "memory");
}

void svm_fpu_reset(struct vcpu *v)
{
	uint8_t *image = svm_vcpu(v)->fpu;
	uint16_t fcw = FCW_RESET;
	uint32_t mxcsr = MXCSR_RESET;

	memset(image, 0, PAGE_SIZE);
	memcpy(image + FXSAVE_FCW, &fcw, sizeof(fcw));
	memcpy(image + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	/*
	 * Components in their initial state need no bit in XSTATE_BV; x87 and SSE have one because
	 * FCW and MXCSR are spelled out.
	 */
	image[XSAVE_BV] = svm_features.xsave ? 3 : 0;
	v->xcr0 = 1;
}

void svm_fpu_set_xcr0(uint64_t xcr0)
{
	if (svm_features.xsave)
		host_xsetbv(xcr0);
}

/*
 * XSETBV exits, so v->xcr0 should be known; QEMU's emulator (7.2) executes it without an exit. What
 * it may then name is bounded by what that CPU model has.
 */
void svm_fpu_read_xcr0(struct vcpu *v)
{
	if (svm_features.xsave)
		v->xcr0 = (host_xgetbv() & svm_features.xcr0) | 1;
}

/*
 * Always all components that any guest may have, whatever this one has enabled: nothing is left
 * behind.
 */
void svm_fpu_load(struct vcpu *v)
{
	svm_fpu_set_xcr0(svm_features.xcr0_switched);
	image_restore(svm_vcpu(v)->fpu);
	svm_fpu_set_xcr0(v->xcr0);
}

void svm_fpu_save(struct vcpu *v)
{
	void *image = svm_vcpu(v)->fpu;

	svm_fpu_read_xcr0(v);
	svm_fpu_set_xcr0(svm_features.xcr0_switched);
	if (svm_features.xsave)
		__asm__ volatile("xsave64 (%0)"
				 :: "r"(image), "a"((uint32_t)svm_features.xcr0_switched), "d"(0)
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" :: "r"(image) : "memory");
}
