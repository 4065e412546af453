/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where domain 0's kernel, initrd, start_info and ACPI tables go, and the memory map that says so. Pure arithmetic.
 * Locking: none. Trust: the kernel's addresses and all sizes are hostile.
 */
#include "pvh_private.h"

#define LOW_HOLE_START	0xa0000ull
#define LOW_HOLE_END	0x100000ull

/*@
  predicate segments_ok{L}(struct elf_image *k) = \valid_read(k) && k->nr <= ELF_MAX_SEGMENTS && k->end <= 0x100000000 &&
    \forall integer i; 0 <= i < k->nr ==> k->segment[i].paddr + k->segment[i].memsz <= 0x100000000;
  predicate in_memory{L}(struct pvh_layout *l, struct elf_segment *s) =
    s->paddr + s->memsz <= l->low_end && (s->paddr + s->memsz <= LOW_HOLE_START || s->paddr >= LOW_HOLE_END);
*/

/*@ requires n <= 0x8000000000000000; assigns \nothing; ensures n <= \result < n + PAGE_SIZE; */
static uint64_t page_up(uint64_t n)
{
	return (n + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

/*@
  requires \valid(l) && l->memory_nr < PVH_MEMORY_MAX;
  assigns l->memory_nr, l->memory[0 .. PVH_MEMORY_MAX - 1];
  ensures \old(l->memory_nr) <= l->memory_nr <= \old(l->memory_nr) + 1;
*/
static void memory_add(struct pvh_layout *l, uint64_t start, uint64_t end, uint32_t type)
{
	if (start < end)
		l->memory[l->memory_nr++] = (struct pvh_memory){ .start = start, .size = end - start, .type = type };
}

/*@ requires \valid(l); assigns l->memory_nr, l->memory[0 .. PVH_MEMORY_MAX - 1]; ensures l->memory_nr <= PVH_MEMORY_MAX; */
/* The legacy hole is backed by RAM, so that large pages start at address 0, but not offered as such. */
static void memory_map_make(struct pvh_layout *l)
{
	l->memory_nr = 0;
	memory_add(l, 0, LOW_HOLE_START, PVH_MEMORY_RAM);
	memory_add(l, LOW_HOLE_START, LOW_HOLE_END, PVH_MEMORY_RESERVED);
	memory_add(l, LOW_HOLE_END, l->low_end, PVH_MEMORY_RAM);
	memory_add(l, PVH_ACPI_GPA, PVH_ACPI_GPA + PVH_ACPI_BYTES, PVH_MEMORY_ACPI);
	memory_add(l, PVH_HIGH_START, l->high_end, PVH_MEMORY_RAM);
}

/*@ requires \valid_read(l); assigns \nothing; ensures \result <==> end <= l->low_end && (end <= LOW_HOLE_START || start >= LOW_HOLE_END); */
static bool in_ram(const struct pvh_layout *l, uint64_t start, uint64_t end)
{
	return end <= l->low_end && (end <= LOW_HOLE_START || start >= LOW_HOLE_END);
}

/*@
  requires \valid_read(l) && segments_ok(kernel);
  assigns \nothing;
  ensures \result ==> \forall integer i; 0 <= i < kernel->nr ==> in_memory(l, &kernel->segment[i]);
*/
static bool kernel_in_ram(const struct pvh_layout *l, const struct elf_image *kernel)
{
	/*@
	  loop invariant i <= kernel->nr && \forall integer j; 0 <= j < i ==> in_memory(l, &kernel->segment[j]);
	  loop assigns i;
	  loop variant kernel->nr - i;
	*/
	for (unsigned int i = 0; i < kernel->nr; i++) {
		const struct elf_segment *s = &kernel->segment[i];

		if (!in_ram(l, s->paddr, s->paddr + s->memsz))
			return false;
	}
	return true;
}

/*@
  requires \valid(l) && \valid(why) && \separated(l, kernel, why) && segments_ok(kernel);
  requires cmdline_bytes <= PVH_CMDLINE_MAX && ram <= 0x10000000000000;
  assigns *l, *why;
  ensures \result == 0 ==> l->memory_nr <= PVH_MEMORY_MAX && l->low_end <= PVH_LOW_END && l->low_end + (l->high_end - PVH_HIGH_START) == ram;
  ensures \result == 0 ==> \forall integer i; 0 <= i < kernel->nr ==> in_memory(l, &kernel->segment[i]);
  ensures \result == 0 ==> kernel->end <= l->info && l->info_bytes == sizeof(struct pvh_info_area) + cmdline_bytes;
  ensures \result == 0 ==> l->info >= LOW_HOLE_END && l->info + l->info_bytes <= l->low_end && l->info + l->info_bytes <= PVH_EARLY_END;
  ensures \result == 0 && initrd_bytes != 0 ==> l->info + l->info_bytes <= l->initrd && l->initrd + l->initrd_bytes <= l->low_end;
  ensures \result == 0 ==> l->initrd_bytes == initrd_bytes && (initrd_bytes == 0 ==> l->initrd == 0);
*/
int pvh_layout_make(struct pvh_layout *l, const struct elf_image *kernel, uint64_t initrd_bytes, size_t cmdline_bytes, uint64_t ram, const char **why)
{
	uint64_t end;

	*l = (struct pvh_layout){ 0 };
	l->low_end = ram < PVH_LOW_END ? ram : PVH_LOW_END;
	l->high_end = PVH_HIGH_START + (ram - l->low_end);
	memory_map_make(l);

	*why = "memory does not hold the kernel's segments: give more dom0_mem=";
	if (!kernel_in_ram(l, kernel))
		return -XEN_ENOMEM;

	l->info = page_up(kernel->end > LOW_HOLE_END ? kernel->end : LOW_HOLE_END);
	l->info_bytes = sizeof(struct pvh_info_area) + cmdline_bytes;
	end = page_up(l->info + l->info_bytes);
	*why = "kernel ends above 1 GiB, or its memory ends right behind it";
	if (end > PVH_EARLY_END || end > l->low_end)
		return -XEN_ENOMEM;

	*why = "memory does not hold kernel and initrd: give more dom0_mem=";
	if (initrd_bytes > l->low_end - end)
		return -XEN_ENOMEM;
	l->initrd = initrd_bytes ? end : 0;
	l->initrd_bytes = initrd_bytes;
	return 0;
}
