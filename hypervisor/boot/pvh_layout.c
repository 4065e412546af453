/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where domain 0's kernel, initrd, start_info and ACPI tables go, and the memory map that says so. Pure arithmetic.
 * Locking: none. Trust: the kernel's addresses and all sizes are hostile.
 */
#include "pvh_private.h"

#include <hv/string.h>

#define LOW_HOLE_START	0xa0000ull
#define LOW_HOLE_END	0x100000ull

static uint64_t page_up(uint64_t n)
{
	return (n + PAGE_SIZE - 1) & PAGE_MASK;
}

static void memory_add(struct pvh_layout *l, uint64_t start, uint64_t end, uint32_t type)
{
	if (start < end)
		l->memory[l->memory_nr++] = (struct pvh_memory){ .start = start, .size = end - start, .type = type };
}

/* The legacy hole is backed by RAM, so that large pages start at address 0, but not offered as such. */
static void memory_map_make(struct pvh_layout *l)
{
	memory_add(l, 0, LOW_HOLE_START, PVH_MEMORY_RAM);
	memory_add(l, LOW_HOLE_START, LOW_HOLE_END, PVH_MEMORY_RESERVED);
	memory_add(l, LOW_HOLE_END, l->low_end, PVH_MEMORY_RAM);
	memory_add(l, PVH_ACPI_GPA, PVH_ACPI_GPA + PVH_ACPI_BYTES, PVH_MEMORY_ACPI);
	memory_add(l, PVH_HIGH_START, l->high_end, PVH_MEMORY_RAM);
}

static bool in_ram(const struct pvh_layout *l, uint64_t start, uint64_t end)
{
	return end <= l->low_end && (end <= LOW_HOLE_START || start >= LOW_HOLE_END);
}

static bool kernel_in_ram(const struct pvh_layout *l, const struct elf_image *kernel)
{
	for (unsigned int i = 0; i < kernel->nr; i++) {
		const struct elf_segment *s = &kernel->segment[i];

		if (!in_ram(l, s->paddr, s->paddr + s->memsz))
			return false;
	}
	return true;
}

int pvh_layout_make(struct pvh_layout *l, const struct elf_image *kernel, uint64_t initrd_bytes, size_t cmdline_bytes, uint64_t ram, const char **why)
{
	uint64_t end;

	memset(l, 0, sizeof(*l));
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
