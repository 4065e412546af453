/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who gets which RAM: the heap is one piece, everything else that is free becomes guest memory.
 * Locking: boot.
 * Trust: the firmware's map is taken, overlapping entries resolved against us.
 */
#include <hv/console.h>
#include <hv/edge.h>
#include <hv/mm.h>
#include <hv/string.h>
#include "boot.h"
#include "../cpu/arch.h"
#include "../cpu/paging.h"

#define FREE_MAX 512u
#define MIB (1ul << 20)
#define LARGE (2 * MIB)
#define LOW_END MIB
#define HEAP_MAX (16 * 1024 * MIB)
#define GUEST_MIN (64 * MIB)	/* dom0 does not start in less */

struct piece {
	uint64_t start, end;
};

static struct piece pieces[FREE_MAX] __initdata;
static unsigned int piece_count __initdata;
static uint64_t total_bytes;

static __init uint64_t page_up(uint64_t at)
{
	return at > UINT64_MAX - PAGE_SIZE ? ~(uint64_t)0 & PAGE_MASK : (at + PAGE_SIZE - 1) & PAGE_MASK;
}

static __init void piece_add(uint64_t start, uint64_t end)
{
	start = page_up(start);
	end &= PAGE_MASK;
	if (start >= end)
		return;
	if (piece_count < FREE_MAX)
		pieces[piece_count++] = (struct piece){ start, end };
	else
		log_warn("memory: too many pieces; %lu KiB at %#lx are not used", (end - start) >> 10, start);
}

/* Takes [start, end) out of every piece: the parts before and after remain. */
static __init void carve(uint64_t start, uint64_t end)
{
	unsigned int n = piece_count;

	for (unsigned int i = 0; i < n; i++) {
		struct piece p = pieces[i];

		if (end <= p.start || start >= p.end)
			continue;
		pieces[i].end = pieces[i].start;	/* empty */
		if (start > p.start)
			piece_add(p.start, start);
		if (end < p.end)
			piece_add(end, p.end);
	}
}

static __init const char *type_name(uint32_t type)
{
	static const char names[][12] = { "reserved", "RAM", "reserved", "ACPI", "ACPI NVS", "unusable" };

	return names[type < ARRAY_SIZE(names) ? type : 0];
}

/* The highest address we can number. */
static __init uint64_t address_limit(void)
{
	unsigned int bits = cpu_phys_bits();

	return 1ull << bits < (uint64_t)FRAMES_MAX << PAGE_SHIFT ? 1ull << bits : (uint64_t)FRAMES_MAX << PAGE_SHIFT;
}

static __init void collect(void)
{
	uint64_t limit = address_limit();

	for (unsigned int i = 0; i < boot_info.ranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		log_info("memory: %016lx-%016lx %s", r->start, r->end, type_name(r->type));
		if (r->type == 1 && r->start < limit) {
			uint64_t end = r->end < limit ? r->end : limit;

			carve(r->start, end);		/* named twice, it is there once */
			piece_add(r->start, end);
			total_bytes += end - r->start;
		}
	}
	for (unsigned int i = 0; i < boot_info.ranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->type != 1 && r->start < r->end)
			carve(r->start & PAGE_MASK, page_up(r->end));
	}
}

static __init bool contains(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < piece_count; i++)
		if (pieces[i].start <= start && pieces[i].end >= end)
			return true;
	return false;
}

static __init void reserve_ours(void)
{
	uint64_t image_end_pa = image_pa + (uint64_t)(image_end - image_start);

	if (contains(image_pa - PAGE_SIZE, image_pa))
		crash_init(image_pa - PAGE_SIZE);
	carve(0, LOW_END);
	carve(image_pa - PAGE_SIZE, image_end_pa);
	for (unsigned int i = 0; i < boot_info.modules; i++) {
		const struct boot_mod *m = &boot_info.module[i];

		if (m->len)
			carve(m->pa & PAGE_MASK, page_up(m->pa + m->len));
	}
}

/* From the top of the largest piece, at 2 MiB steps. */
static __init struct piece heap_choose(uint64_t size)
{
	struct piece best = { 0, 0 };

	for (unsigned int i = 0; i < piece_count; i++)
		if (pieces[i].end - pieces[i].start > best.end - best.start)
			best = pieces[i];
	best.end &= ~(LARGE - 1);
	if (best.end < best.start || best.end - best.start < size)
		return (struct piece){ 0, 0 };
	return (struct piece){ best.end - size, best.end };
}

static __init uint64_t highest(void)
{
	uint64_t top = 0;

	for (unsigned int i = 0; i < boot_info.ranges; i++)
		if (boot_info.range[i].type == 1 && boot_info.range[i].end > top)
			top = boot_info.range[i].end;
	return top < address_limit() ? top : address_limit();
}

static __init bool has_ram(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < boot_info.ranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->type == 1 && r->start < end && r->end > start)
			return true;
	}
	return false;
}

/* The frame table in steps of a large page, which stands for 512 MiB. Where no RAM is it reads as zeros and takes none. Returns its size; va 0: only that. */
static __init uint64_t frames_map(uint64_t va, hpa_t pa)
{
	const uint64_t step = LARGE / FRAME_BYTES * PAGE_SIZE, end = highest();
	uint64_t size = 0;

	for (uint64_t at = 0; at < end; at += step) {
		uint64_t table = va + at / PAGE_SIZE * FRAME_BYTES;
		bool ram = has_ram(at, at + step);

		if (va && (ram ? paging_map(table, pa + size, LARGE, MAP_RW | MAP_LARGE) : paging_map_zeros(table)))
			boot_stop("no page tables for the frame table");
		if (va && ram)
			memset((void *)(uintptr_t)table, 0, LARGE);
		size += ram ? LARGE : 0;
	}
	return size;
}

/*
 * What guests make the hypervisor allocate is charged to them; without a limit set, a domain may have 4 MiB and 1/128 of its memory (heap_limit()). The heap
 * holds the second part for all memory there is, and the first for some domains that use it up, with what the hypervisor needs itself.
 */
static __init uint64_t heap_size(void)
{
	uint64_t size = (total_bytes / 128 + 32 * MIB + LARGE - 1) & ~(LARGE - 1);

	return size < HEAP_MAX ? size : HEAP_MAX;
}

static __init uint64_t anywhere(uint64_t region)
{
	return region + ((edge_random() & 0xff) << 30);
}

static __init void heap_start(void)
{
	uint64_t table_va = anywhere(VA_FRAMES), va = anywhere(VA_HEAP), table = frames_map(0, 0), size = heap_size();
	struct piece ours;

	if (total_bytes < table + size + GUEST_MIN)
		boot_stop("too little memory: %lu MiB; the least is %lu MiB", total_bytes / MIB, (table + size + GUEST_MIN) / MIB);
	ours = heap_choose(table + size);
	if (!ours.end)
		boot_stop("too little memory: no piece of %lu MiB for the hypervisor", (table + size) / MIB);
	carve(ours.start, ours.end);
	frames_map(table_va, ours.start);
	ours.start += table;
	if (paging_map(va, ours.start, size, MAP_RW | MAP_LARGE))
		boot_stop("no page tables for the heap");
	mm_init((void *)(uintptr_t)table_va, highest() >> PAGE_SHIFT, (void *)(uintptr_t)va, ours.start >> PAGE_SHIFT, size >> PAGE_SHIFT);
	paging_heap_ready();
	log_info("memory: %lu MiB, %lu MiB of it for the hypervisor", total_bytes / MIB, (table + size) / MIB);
}

static __init bool module_overlaps(hpa_t page)
{
	for (unsigned int i = 0; i < boot_info.modules; i++)
		if (boot_info.module[i].pa < page + PAGE_SIZE && boot_info.module[i].pa + boot_info.module[i].len > page)
			return true;
	return false;
}

__init hpa_t memory_low_page(void)
{
	for (hpa_t page = 0x8000; page < 0x90000; page += PAGE_SIZE) {
		bool ram = false, other = module_overlaps(page);

		for (unsigned int i = 0; i < boot_info.ranges; i++) {
			const struct boot_range *r = &boot_info.range[i];

			if (r->start >= page + PAGE_SIZE || r->end <= page)
				continue;
			ram |= r->type == 1 && r->start <= page && r->end >= page + PAGE_SIZE;
			other |= r->type != 1;
		}
		if (ram && !other)
			return page;
	}
	return 0;
}

__init void memory_init(void)
{
	collect();
	reserve_ours();
	heap_start();
	for (unsigned int i = 0; i < piece_count; i++)
		if (pieces[i].start < pieces[i].end)
			mm_add_guest_range(pieces[i].start >> PAGE_SHIFT, (pieces[i].end - pieces[i].start) >> PAGE_SHIFT);
}


/* Modules that share a page, or lie on what is not RAM, keep it: only whole pages of their own go. */
static __init bool module_is_ram(const struct boot_mod *m)
{
	for (unsigned int i = 0; i < boot_info.ranges; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->type == 1 && r->start <= m->pa && r->end >= m->pa + m->len && m->pa >= LOW_END)
			return true;
	}
	return false;
}

__init void boot_release_modules(void)
{
	for (unsigned int i = 0; i < boot_info.modules; i++) {
		const struct boot_mod *m = &boot_info.module[i];
		mfn_t first = (m->pa + PAGE_SIZE - 1) >> PAGE_SHIFT, end = (m->pa + m->len) >> PAGE_SHIFT;

		if (first < end && module_is_ram(m))
			mm_add_guest_range(first, end - first);
	}
}
