/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's page tables as QEMU dumps them: what they may hold, and the machine that they are read from.
 * Locking: single-threaded. Trust boundary: a test tool of the build host; the dumps are data.
 */
#ifndef TESTS_BOOT_HV_PAGES_H
#define TESTS_BOOT_HV_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- pages_check.c ------------------------------------------------------------------------------------------------------- */
struct page_counts {
	unsigned int leaves, windows, pins, devices;
	uint64_t image;			/* where the image is mapped */
};
/* Offsets within the image, from `nm` on standard input or a file. */
void pages_symbols_read(const char *path);
bool pages_symbol(const char *name, uint64_t *offset);
/* `tlb` and `mem` are the answers to `info tlb` and `info mem`. Prints what is wrong; 0 if nothing. */
unsigned int pages_check(const char *tlb, const char *mem, struct page_counts *counts);

/* --- pages_machine.c: QEMU's stub for a debugger ----------------------------------------------------------------------- */
void machine_attach(const char *socket_path);		/* the machine stands still from here on */
void machine_go(void);
bool machine_wait(unsigned int ms);			/* until it stops at a breakpoint */
void machine_halt(void);
void machine_breakpoint(uint64_t at, bool set);
const char *machine_ask(const char *command);		/* of QEMU's monitor; the answer lasts until the next */
void machine_leave(void);				/* it runs on */

#endif
