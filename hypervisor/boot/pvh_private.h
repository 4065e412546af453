/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the dom0 builder share.
 * Locking: boot CPU only. Trust: see pvh.h.
 */
#ifndef BOOT_PVH_PRIVATE_H
#define BOOT_PVH_PRIVATE_H

#include <abi/pvh.h>

#include "elf_image.h"
#include "pvh.h"

#define PVH_LOW_END	0xf0000000ull		/* RAM stops here and goes on at 4 GiB: the hole holds the local APIC and the ACPI tables */
#define PVH_HIGH_START	0x100000000ull
#define PVH_ACPI_GPA	0xfc000000ull
#define PVH_ACPI_BYTES	PAGE_SIZE
#define PVH_EARLY_END	0x40000000ull		/* Linux reads start_info and what it points to through its first mapping of 1 GiB */
#define PVH_CMDLINE_MAX	2048u			/* with the NUL: Linux's COMMAND_LINE_SIZE */
#define PVH_MEMORY_MAX	5u

/* Where everything goes in guest-physical memory. */
struct pvh_layout {
	uint64_t low_end, high_end;	/* RAM is [0, low_end) and [PVH_HIGH_START, high_end) */
	uint64_t info, info_bytes;	/* start_info, module list, memory map, command line */
	uint64_t initrd, initrd_bytes;	/* 0, 0: none */
	struct pvh_memory memory[PVH_MEMORY_MAX];
	unsigned int memory_nr;
};

/* The front part of the info area; the command line follows it. */
struct pvh_info_area {
	struct pvh_start_info start;
	struct pvh_module module;
	struct pvh_memory memory[PVH_MEMORY_MAX];
};

/* -XEN_ENOMEM and *why if kernel, initrd and info do not fit into `ram` bytes of memory (a multiple of the page size). */
int __must_check pvh_layout_make(struct pvh_layout *l, const struct elf_image *kernel, uint64_t initrd_bytes, size_t cmdline_bytes, uint64_t ram,
				 const char **why);
/* Bytes of RAM for domain 0: as asked, or all but a reserve; a multiple of the page size, 0 if there is not enough. */
uint64_t pvh_memory_choose(uint64_t asked);
/* Fills the p2m with RAM in pages as large as can be had. -XEN_ENOMEM. */
int __must_check pvh_populate(struct domain *d, gpa_t start, uint64_t bytes);

void pvh_module_read(const struct boot_module *m, uint64_t offset, void *dst, size_t len);
/* `len` bytes at `offset` of the module into guest memory. */
int __must_check pvh_module_copy(struct domain *d, gpa_t dst, const struct boot_module *m, uint64_t offset, uint64_t len);
int __must_check pvh_load_kernel(struct domain *d, const struct elf_image *kernel, const struct boot_module *m);
int __must_check pvh_write_info(struct domain *d, const struct pvh_layout *l, const char *cmdline, gpa_t rsdp);
int __must_check pvh_write_acpi(struct domain *d, unsigned int vcpus, gpa_t *rsdp);
int __must_check pvh_vcpus_create(struct domain *d, unsigned int vcpus, uint32_t entry, gpa_t info);

#endif
