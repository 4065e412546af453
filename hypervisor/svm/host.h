/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to svm/: the processor instructions that nobody else needs.
 * Locking: none. Trust: operands are the hypervisor's.
 */
#ifndef SVM_HOST_H
#define SVM_HOST_H

#include <hv/types.h>
#include "../cpu/arch.h"

#define MSR_VM_CR	0xc0010114u
#define MSR_VM_HSAVE_PA	0xc0010117u
#define VM_CR_SVMDIS	(1ull << 4)

static inline void host_xsetbv(uint64_t v)
{
	__asm__ volatile("xsetbv" :: "c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

static inline uint64_t host_xgetbv(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo | (uint64_t)hi << 32;
}

static inline void host_vmsave(uint64_t pa)
{
	__asm__ volatile("vmsave %%rax" :: "a"(pa) : "memory");
}

/*
 * The interrupt that ended guest mode is still pending: let its handler run. The hypervisor has
 * interrupts off everywhere else.
 */
static inline void host_take_interrupts(void)
{
	__asm__ volatile("sti; nop; cli" ::: "memory");
}

#endif
