/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page table construction, boot's side of it.
 * Locking: boot, one CPU.
 * Trust: no guest data.
 */
#ifndef CPU_PAGING_H
#define CPU_PAGING_H

#include <hv/types.h>

/* The first root, with the loader's identity map (a third-level table) at address 0 until paging_drop_identity(). */
hpa_t paging_early_init(hpa_t identity);
/* From here on tables may come from the heap. */
void paging_heap_ready(void);
/* A root for starting CPUs: ours plus one executable page at its own physical address. */
hpa_t paging_trampoline_root(hpa_t page);
void fix_drop_ro(void);			/* whatever fix_map_ro() made and nobody dropped */
void paging_protect(uint64_t va, uint64_t size, uint64_t flags);	/* changes the flags of 4 KiB entries; boot only */

#endif
