/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selftest=: deliberate faults, so that boot tests see the protection work and not only its absence of complaints.
 * Locking: boot.
 * Trust: the operator's option; each ends in a panic.
 */
#include <hv/console.h>
#include <hv/string.h>
#include "boot.h"
#include "../cpu/arch.h"

static volatile unsigned int five = 5;

static __attribute__((noinline)) uint64_t overflow_stack(volatile uint64_t *above)
{
	volatile uint64_t frame[64];

	frame[0] = *above + 1;
	frame[63] = five ? overflow_stack(frame) : 0;	/* five always is, but the compiler cannot know */
	return frame[63] + frame[0];
}

static void out_of_bounds(void)
{
	volatile uint8_t array[4] = { 0 };

	array[five] = 1;
	five = array[0];
}

static void run_data(void)
{
	static uint8_t code[16] = { 0xc3 };
	void (*volatile fn)(void) = (void (*)(void))(uintptr_t)code;

	fn();
}

void selftest_run(const char *name)
{
	static const int constant = 1;

	log_info("selftest: %s", name);
	if (strcmp(name, "panic") == 0)
		panic("selftest: asked for");
	else if (strcmp(name, "stack") == 0)
		overflow_stack(&(uint64_t){ 0 });
	else if (strcmp(name, "wx") == 0)
		*(volatile uint8_t *)(uintptr_t)text_start = 0x90;
	else if (strcmp(name, "rodata") == 0)
		*(volatile int *)(uintptr_t)&constant = 2;
	else if (strcmp(name, "sealed") == 0)
		*(volatile uint64_t *)(uintptr_t)roinit_start = 1;
	else if (strcmp(name, "nx") == 0)
		run_data();
	else if (strcmp(name, "bounds") == 0)
		out_of_bounds();
	else if (strcmp(name, "null") == 0)
		*(volatile uint8_t *)(uintptr_t)0x1000 = 1;	/* no identity map is left */
	else
		boot_stop("selftest=%s is not known", name);
	panic("selftest: %s went unnoticed", name);
}
