/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backtraces with names. The table is filled from nm's output after the link (cpu/symbols.awk).
 * Locking: none: used by the dying.
 * Trust: stack contents may be damaged: every frame pointer is checked before it is followed.
 */
#include <hv/console.h>
#include <hv/string.h>
#include "arch.h"
#include "layout.h"
#include "../boot/boot.h"

/* count, then that many (offset of the function, offset of its name), sorted, then the names. */
struct symbol {
	uint32_t offset, name;
};
extern const char symbols_start[], symbols_end[];

static const char *symbol_find(uint64_t at, uint64_t *distance)
{
	const struct symbol *s = (const struct symbol *)(symbols_start + 8);
	const char *names;
	uint32_t count = 0, lo = 0, hi;

	if (symbols_end - symbols_start > 8)
		memcpy(&count, symbols_start, sizeof(count));
	hi = count;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s[mid].offset <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	names = (const char *)(s + count);
	*distance = at - s[lo - 1].offset;
	return names + s[lo - 1].name;
}

static void print_address(uint64_t rip)
{
	uint64_t off = rip - image_va, distance = 0;
	const char *name = off < (uint64_t)(image_end - image_start) ? symbol_find(off, &distance) : NULL;

	if (name)
		log_err("  %016lx  %s+%#lx", rip, name, distance);
	else
		log_err("  %016lx  (outside the image)", rip);
}

static bool on_a_stack(uint64_t p)
{
	uint64_t page = (p - VA_CPU) % VA_CPU_SIZE / PAGE_SIZE;
	uint64_t image = p - image_va;

	if (p & 7)
		return false;
	if (p >= VA_CPU && p - VA_CPU < MAX_CPUS * VA_CPU_SIZE)
		return (page >= CPU_STACK && page < CPU_STACK + CPU_STACK_PAGES) ||
		       (page >= CPU_STACK_NMI && page < CPU_STACK_MC + CPU_IST_PAGES && (page - CPU_STACK_NMI) % 4 < CPU_IST_PAGES);
	return image >= (uint64_t)(data_start - image_start) && image < (uint64_t)(data_end - image_start) - 16;
}

void backtrace_print(uint64_t rip, uint64_t rbp)
{
	log_err("backtrace, image at %016lx:", image_va);
	print_address(rip);
	for (unsigned int depth = 0; depth < 24 && on_a_stack(rbp) && on_a_stack(rbp + 8); depth++) {
		const uint64_t *frame = (const uint64_t *)(uintptr_t)rbp;

		if (!frame[1])
			break;
		print_address(frame[1]);
		if (frame[0] <= rbp)
			break;
		rbp = frame[0];
	}
}
