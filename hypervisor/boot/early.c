/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first C: still at physical addresses. Chooses the slide, builds the final page tables, relocates the image.
 * Locking: one CPU. No pointers in static data may be followed here: they are made for the final address.
 * Trust: the loader's structure, see multiboot.c.
 */
#include <hv/string.h>
#include "boot.h"
#include "../cpu/arch.h"
#include "../cpu/paging.h"

#define R_X86_64_RELATIVE 8
#define SLIDES 400		/* times 2 MiB: the image stays below the top of the address space */

hpa_t image_pa;
uint64_t image_va;
uint64_t early_root;

struct rela {
	uint64_t offset, info;
	int64_t addend;
};

uint64_t early_main(uint32_t magic, uintptr_t info, hpa_t pa, hpa_t identity);

/* A whole word of the command line; the option table comes too late for this one. */
static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (; *line; line++)
		if (strncmp(line, word, n) == 0 && (line[n] == ' ' || line[n] == '\0'))
			return true;
	return false;
}

static uint64_t entropy(void)
{
	uint64_t r = rdtsc();

	if (cpuid(1, 0).c & (1u << 30)) {
		uint64_t v;
		bool ok;

		__asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(ok) : : "cc");
		if (ok)
			r ^= v;
	}
	return r * 0x9e3779b97f4a7c15ull >> 20;
}

static bool map_part(const char *from, const char *to, uint64_t flags)
{
	uint64_t off = (uint64_t)(from - image_start);

	return paging_map(image_va + off, image_pa + off, (uint64_t)(to - from), flags) == 0;
}

static bool map_image(void)
{
	return map_part(text_start, init_end, PTE_P | PTE_G) &&
	       map_part(rodata_start, rodata_end, MAP_RO) &&
	       map_part(roinit_start, data_end, MAP_RW);
}

/* Relocations are relative ones only; the link step checks that. */
static void relocate(void)
{
	for (const struct rela *r = (const struct rela *)rela_start; r < (const struct rela *)rela_end; r++)
		if ((uint32_t)r->info == R_X86_64_RELATIVE)
			*(uint64_t *)(image_pa + r->offset) = image_va + (uint64_t)r->addend;
}

uint64_t early_main(uint32_t magic, uintptr_t info, hpa_t pa, hpa_t identity)
{
	image_pa = pa;
	multiboot_parse(magic, info);
	image_va = VA_IMAGE;
	if (!has_word(boot_info.cmdline, "nokaslr"))
		image_va += (entropy() % SLIDES) << 21;
	early_root = paging_early_init(identity);
	if (!map_image())
		for (;;)	/* the pool is sized for the image: cannot happen */
			__asm__ volatile("cli; hlt");
	relocate();
	return image_va;
}
