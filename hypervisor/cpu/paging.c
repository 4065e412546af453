/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own page tables. Tables come from a pool in the image until there is a heap.
 * Locking: boot changes the shape with one CPU running; later only leaf entries that belong to one CPU or one lock change.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/mm.h>
#include <hv/string.h>
#include "arch.h"
#include "../boot/boot.h"
#include "paging.h"

#define POOL_TABLES 96u		/* a frame table for 16 TiB takes 64, a heap of 16 GiB as many again as that has GiB */
#define TRAMPOLINE_TABLES 4u	/* kept back: a starting CPU loads its root in 32-bit mode, so below 4 GiB */

static uint64_t pool[POOL_TABLES][512] __attribute__((aligned(4096)));
static hpa_t pool_pa;
static unsigned int pool_used;
static hpa_t root;
static bool heap_ready;
static uint64_t fix_next = VA_FIX;

/* Valid before and after relocation: the address of pool is taken relative to the code. */
static uint64_t *table_va(hpa_t pa)
{
	if (pa - pool_pa < sizeof(pool))
		return (uint64_t *)((uintptr_t)pool + (pa - pool_pa));
	return heap_mfn_to_va(pa >> PAGE_SHIFT);
}

static hpa_t table_alloc(void)
{
	void *t;

	if (pool_used < POOL_TABLES - TRAMPOLINE_TABLES)
		return pool_pa + PAGE_SIZE * pool_used++;
	t = heap_ready ? heap_alloc_pages(NULL, 0) : NULL;
	return t ? heap_va_to_mfn(t) << PAGE_SHIFT : 0;
}

static unsigned int index_at(uint64_t va, unsigned int level)
{
	return (unsigned int)(va >> (12 + 9 * level)) & 511;
}

/* The entry for va at a level (0: 4 KiB), making the tables above it. NULL: no memory, or a larger page is in the way. */
static uint64_t *entry_at(uint64_t va, unsigned int level)
{
	uint64_t *table = table_va(root);

	for (unsigned int l = 3; l > level; l--) {
		uint64_t *e = &table[index_at(va, l)];

		if (*e & PTE_PS)
			return NULL;
		if (!(*e & PTE_P)) {
			hpa_t t = table_alloc();

			if (!t)
				return NULL;
			*e = t | PTE_P | PTE_W;
		}
		table = table_va(*e & PTE_ADDR);
	}
	return &table[index_at(va, level)];
}

static bool fits(uint64_t va, hpa_t pa, uint64_t size, uint64_t page)
{
	return ((va | pa) & (page - 1)) == 0 && size >= page;
}

int paging_map(uint64_t va, hpa_t pa, uint64_t size, uint64_t flags)
{
	while (size) {
		unsigned int level = flags & MAP_LARGE && fits(va, pa, size, 1ull << 21) ? 1 : 0;
		uint64_t step = 1ull << (12 + 9 * level);
		uint64_t *e = entry_at(va, level);

		if (!e)
			return -XEN_ENOMEM;
		*e = pa | flags | (level ? PTE_PS : 0);
		va += step;
		pa += step;
		size -= step < size ? step : size;
	}
	return 0;
}

/* One table for all of them: whoever asks about frames that do not exist reads zeros. */
__init int paging_map_zeros(uint64_t va)
{
	static const uint64_t zeros[512] __attribute__((aligned(4096)));
	static hpa_t table;
	uint64_t *e = entry_at(va, 1);

	if (!table) {
		table = table_alloc();
		for (unsigned int i = 0; table && i < 512; i++)
			table_va(table)[i] = (image_pa + ((uintptr_t)zeros - (uintptr_t)image_start)) | MAP_RO;
	}
	if (!e || !table)
		return -XEN_ENOMEM;
	*e = table | PTE_P | PTE_W;
	return 0;
}

void paging_unmap(uint64_t va, uint64_t size)
{
	for (uint64_t end = va + size; va < end; va += PAGE_SIZE) {
		uint64_t *e = entry_at(va, 0);

		if (e) {
			*e = 0;
			invlpg((const void *)va);
		}
	}
}

void paging_protect(uint64_t va, uint64_t size, uint64_t flags)
{
	for (uint64_t end = va + size; va < end; va += PAGE_SIZE) {
		uint64_t *e = entry_at(va, 0);

		BUG_ON(!e || !(*e & PTE_P));
		*e = (*e & PTE_ADDR) | flags;
		invlpg((const void *)va);
	}
}

uint64_t *paging_pte(uint64_t va)
{
	return entry_at(va, 0);
}

static uint64_t fix_map(hpa_t pa, uint64_t size, uint64_t flags)
{
	uint64_t off = pa & (PAGE_SIZE - 1), va = fix_next;
	uint64_t bytes = (off + size + PAGE_SIZE - 1) & PAGE_MASK;

	/* An address from broken firmware's tables may have bits that a page table entry has not. */
	if (size > VA_FIX_SIZE || bytes + PAGE_SIZE > VA_FIX + VA_FIX_SIZE - va || pa >> cpu_phys_bits() || (pa + size) >> cpu_phys_bits())
		return 0;
	/* 4 KiB pages only, so that each mapping can be dropped by itself. */
	for (uint64_t i = 0; i < bytes; i += PAGE_SIZE)
		if (paging_map(va + i, (pa - off) + i, PAGE_SIZE, flags))
			return 0;
	fix_next += bytes + PAGE_SIZE;
	return va + off;
}

const void *fix_map_ro(hpa_t pa, uint64_t size)
{
	return (const void *)fix_map(pa, size, MAP_RO);
}

volatile void *fix_map_mmio(hpa_t pa, uint64_t size)
{
	return (volatile void *)fix_map(pa, size, MAP_UC);
}

void fix_unmap(const volatile void *p, uint64_t size)
{
	uint64_t va = (uint64_t)(uintptr_t)p, off = va & (PAGE_SIZE - 1);

	paging_unmap(va - off, (off + size + PAGE_SIZE - 1) & PAGE_MASK);
}

/* Device registers stay; firmware tables and modules were for boot. */
void fix_drop_ro(void)
{
	for (uint64_t va = VA_FIX; va < fix_next; va += PAGE_SIZE) {
		uint64_t *e = entry_at(va, 0);

		if (e && *e && !(*e & PTE_PCD)) {
			*e = 0;
			invlpg((const void *)va);
		}
	}
}

hpa_t paging_early_init(hpa_t identity)
{
	uint64_t *top;

	pool_pa = (hpa_t)(uintptr_t)pool;
	root = table_alloc();
	top = table_va(root);
	top[0] = identity | PTE_P | PTE_W;
	return root;
}

void paging_heap_ready(void)
{
	heap_ready = true;
}

void paging_drop_identity(void)
{
	table_va(root)[0] = 0;
	write_cr3(root);
}

void cpu_tlb_flush_global(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~(uint64_t)CR4_PGE);
	write_cr4(cr4);
}

hpa_t paging_root(void)
{
	return root;
}

hpa_t paging_trampoline_root(hpa_t page)
{
	hpa_t t[TRAMPOLINE_TABLES];

	for (unsigned int i = 0; i < TRAMPOLINE_TABLES; i++)
		t[i] = pool_pa + (POOL_TABLES - TRAMPOLINE_TABLES + i) * PAGE_SIZE;
	memcpy(table_va(t[3]), table_va(root), PAGE_SIZE);
	table_va(t[3])[0] = t[2] | PTE_P | PTE_W;
	table_va(t[2])[0] = t[1] | PTE_P | PTE_W;
	table_va(t[1])[index_at(page, 1)] = t[0] | PTE_P | PTE_W;
	table_va(t[0])[index_at(page, 0)] = page | PTE_P;
	return t[3];
}
