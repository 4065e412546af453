/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to guest memory: per-CPU windows, and single pages pinned for longer.
 * Locking: windows are their CPU's own. Pins: pin_lock, a leaf.
 * Trust: frames come from the p2m with a reference held; what is in them is hostile.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include "arch.h"
#include "layout.h"

/* Inlined, too, what goes through the window stays between the two. */
static inline void window_open(uint64_t *pte, mfn_t mfn)
{
	*pte = mfn << PAGE_SHIFT | PTE_P | PTE_W | PTE_NX;
	__asm__ volatile("" ::: "memory");
}

static inline void window_close(uint64_t *pte, const void *va)
{
	__asm__ volatile("" ::: "memory");
	*pte = 0;
	invlpg(va);
}

void *edge_window_map(mfn_t mfn)
{
	struct cpu_arch *c = cpu_arch_mine();
	uint32_t depth = c->window_depth;

	BUG_ON(depth >= EDGE_WINDOWS);
	window_open(&c->window_ptes[depth], mfn);
	c->window_depth = depth + 1;
	return c->windows + depth * PAGE_SIZE;
}

void edge_window_unmap(void *va)
{
	struct cpu_arch *c = cpu_arch_mine();
	uint32_t depth = c->window_depth - 1;

	BUG_ON(depth >= EDGE_WINDOWS || va != c->windows + depth * PAGE_SIZE);
	c->window_depth = depth;
	window_close(&c->window_ptes[depth], va);
}

inline __attribute__((always_inline)) uint64_t edge_window_read(mfn_t mfn, unsigned int offset)
{
	const struct cpu_arch *c = cpu_arch_mine();
	uint32_t depth = c->window_depth;
	const char *va = c->windows + depth * PAGE_SIZE;
	uint64_t word;

	BUG_ON(depth >= EDGE_WINDOWS);
	window_open(&c->window_ptes[depth], mfn);
	word = __atomic_load_n((const uint64_t *)(const void *)(va + offset % PAGE_SIZE), __ATOMIC_RELAXED);
	window_close(&c->window_ptes[depth], va);
	return word;
}

/*
 * Pins. A slot that was unmapped may still be in other CPUs' TLBs: it is used again only when each of them has flushed since, which it does
 * on its next timer tick or kick. Nobody waits for that; a full region says so.
 */
static struct spinlock pin_lock = SPINLOCK_INIT;
static uint64_t pin_freed_at[VA_PIN_SLOTS];	/* generation at unmap; PIN_USED while mapped */
static uint32_t pin_next;
static _Atomic uint64_t pin_generation = 1;
#define PIN_USED UINT64_MAX

static uint64_t oldest_ack(void)
{
	uint64_t oldest = UINT64_MAX;

	for (unsigned int i = 0; i < MAX_CPUS; i++) {
		uint64_t ack = __atomic_load_n(&cpu_arch[i].tlb_ack, __ATOMIC_ACQUIRE);

		if (atomic_load(&cpus[i].online) && ack < oldest)
			oldest = ack;
	}
	return oldest;
}

void cpu_tlb_ack(void)
{
	struct cpu_arch *c = cpu_arch_mine();
	uint64_t gen = atomic_load(&pin_generation);

	if (c->tlb_ack == gen)
		return;
	write_cr3(read_cr3());
	__atomic_store_n(&c->tlb_ack, gen, __ATOMIC_RELEASE);
}

static void *pin_slot_va(uint32_t slot)
{
	return (void *)(uintptr_t)(VA_PIN + (uint64_t)slot * PAGE_SIZE);
}

static uint32_t find_slot(uint64_t acked)
{
	for (uint32_t i = 0; i < VA_PIN_SLOTS; i++) {
		uint32_t slot = (pin_next + i) % VA_PIN_SLOTS;

		if (pin_freed_at[slot] < acked) {
			pin_next = slot + 1;
			return slot;
		}
	}
	return VA_PIN_SLOTS;
}

/* Tables for the whole region at boot, so that later only entries change. */
void pin_init(void)
{
	for (uint64_t i = 0; i < VA_PIN_SLOTS; i += 512)
		if (!paging_pte(VA_PIN + i * PAGE_SIZE))
			panic("no memory for the region of pinned pages");
	cpu_tlb_ack();
}

void *edge_pin_map(mfn_t mfn)
{
	uint64_t *pte = NULL;
	uint32_t slot;

	cpu_tlb_ack();
	spin_lock(&pin_lock);
	slot = find_slot(oldest_ack());
	if (slot < VA_PIN_SLOTS)
		pte = paging_pte(VA_PIN + (uint64_t)slot * PAGE_SIZE);
	if (pte) {
		pin_freed_at[slot] = PIN_USED;
		*pte = mfn << PAGE_SHIFT | PTE_P | PTE_W | PTE_NX;
	}
	spin_unlock(&pin_lock);
	if (pte)
		return pin_slot_va(slot);
	for (unsigned int i = 0; i < cpu_count; i++)
		edge_cpu_kick(i);	/* idle CPUs acknowledge then: the next attempt may succeed */
	return NULL;
}

void edge_pin_unmap(void *va)
{
	uint32_t slot = (uint32_t)(((uint64_t)(uintptr_t)va - VA_PIN) / PAGE_SIZE);
	uint64_t *pte;

	BUG_ON(slot >= VA_PIN_SLOTS || pin_freed_at[slot] != PIN_USED);
	spin_lock(&pin_lock);
	pte = paging_pte(VA_PIN + (uint64_t)slot * PAGE_SIZE);
	if (pte)
		*pte = 0;
	pin_freed_at[slot] = atomic_fetch_add(&pin_generation, 1);
	spin_unlock(&pin_lock);
	invlpg(va);
}
