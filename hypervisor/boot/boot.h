/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the boot loader handed over, copied before its memory is given away; and boot's own steps.
 * Locking: one CPU.
 * Trust: the loader is trusted with what it loads, not with lengths: everything is bounded.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <hv/types.h>

#define BOOT_MODULES 8
#define BOOT_RANGES 256

struct boot_range {
	uint64_t start, end;		/* bytes */
	uint32_t type;			/* e820: 1 is RAM */
};

struct boot_mod {
	hpa_t pa;
	uint64_t len;
	char cmdline[1024];
};

struct boot_info {
	bool valid;			/* the loader's magic was one of ours */
	bool truncated;			/* more modules, ranges or text than there is room for */
	bool names_itself;		/* command lines begin with the file's name (not GRUB) */
	uint32_t protocol;		/* 1 or 2 */
	char cmdline[1024];
	char loader[48];
	unsigned int modules, ranges;
	struct boot_mod module[BOOT_MODULES];
	struct boot_range range[BOOT_RANGES];
	bool has_rsdp;			/* else it is searched for */
	uint8_t rsdp[36];
};
extern struct boot_info boot_info;

/* Reads the loader's structure; runs before relocation, at physical addresses. */
void multiboot_parse(uint32_t magic, uintptr_t info);

/* From the linker script. */
extern char image_start[], image_end[], text_start[], text_end[], init_start[], init_end[], rodata_start[], rodata_end[],
	roinit_start[], roinit_end[], data_start[], data_end[], rela_start[], rela_end[];
extern hpa_t image_pa;
extern uint64_t image_va;

void __init memory_init(void);		/* map, heap, guest ranges */
hpa_t __init memory_low_page(void);	/* a free page below 1 MiB for the AP trampoline; 0: none */
/* Gives the modules' pages to the guests; after the dom0 builder has copied them. */
void __init boot_release_modules(void);
/* From now on boot's code is gone and what is marked __ro_after_init is read-only. */
void boot_seal(void);
_Noreturn void boot_main(void);
/* One line, then a stop without a reset: what is missing is the operator's to fix. */
_Noreturn void boot_stop(const char *fmt, ...) __printf(1, 2);

extern const char embedded_policy[], embedded_policy_end[];

#endif
