/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's small services of hv/edge.h.
 * Locking: none.
 * Trust: arguments are the hypervisor's.
 */
#include <hv/cpu.h>
#include <hv/edge.h>
#include "arch.h"

static bool has_rdrand __ro_after_init, has_ibpb __ro_after_init;

void cpu_features_init(void)
{
	has_rdrand = cpuid(1, 0).c & (1u << 30);
	has_ibpb = cpuid(0x80000000, 0).a >= 0x80000008 && (cpuid(0x80000008, 0).b & (1u << 12));
}

unsigned int edge_cpu_id(void)
{
	return *(const uint32_t __seg_gs *)0;
}

void edge_relax(void)
{
	cpu_pause();
}

/* STI takes effect after the following instruction: an interrupt that comes after the check wakes the HLT. */
void edge_idle(void)
{
	cpu_tlb_ack();
	cpu_send_kicks(edge_cpu_id());
	if (!cpu_work_pending())
		__asm__ volatile("sti; hlt; cli" : : : "memory");
}

uint64_t edge_random(void)
{
	static _Atomic uint64_t state;
	uint64_t v = 0;
	bool ok = false;

	for (int i = 0; has_rdrand && !ok && i < 10; i++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(ok) : : "cc");
	if (ok)
		return v;
	/* No generator: a mixed counter, good for spreading addresses, not for keys. */
	v = atomic_fetch_add(&state, 0x9e3779b97f4a7c15ull) ^ rdtsc();
	v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9ull;
	v = (v ^ (v >> 27)) * 0x94d049bb133111ebull;
	return v ^ (v >> 31);
}

void edge_speculation_barrier_domain(void)
{
	if (has_ibpb)
		wrmsr(MSR_PRED_CMD, 1);
	else
		__asm__ volatile("lfence" : : : "memory");
}

uint64_t edge_array_index_mask(uint64_t index, uint64_t size)
{
	uint64_t mask;

	__asm__ volatile("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(index), "r"(size) : "cc");
	return mask;
}
