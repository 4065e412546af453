/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PVH kernel is handed in EBX (x86/HVM direct boot ABI, "hvm_start_info" version 1); Debian's libxen-dev has no header for it.
 * Locking: none. Trust: written by the builder, read by the guest.
 */
#ifndef ABI_PVH_H
#define ABI_PVH_H

#include <stdint.h>

#define PVH_START_MAGIC		0x336ec578u
#define PVH_START_VERSION	1u
#define PVH_FLAG_PRIVILEGED	1u	/* SIF_PRIVILEGED */
#define PVH_FLAG_INITDOMAIN	2u	/* SIF_INITDOMAIN */

enum pvh_memory_type { PVH_MEMORY_RAM = 1, PVH_MEMORY_RESERVED = 2, PVH_MEMORY_ACPI = 3, PVH_MEMORY_NVS = 4, PVH_MEMORY_BAD = 5 };

struct pvh_start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modules, cmdline, rsdp, memmap;	/* guest-physical addresses; 0: absent */
	uint32_t memmap_entries, reserved;
};

struct pvh_module {
	uint64_t start, size, cmdline, reserved;
};

struct pvh_memory {
	uint64_t start, size;
	uint32_t type, reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56 && sizeof(struct pvh_module) == 32 && sizeof(struct pvh_memory) == 24, "fixed by the ABI");

#endif
