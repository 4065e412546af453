/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first domain: built from the boot loader's modules as a PVH guest.
 * Locking: boot CPU only, before other CPUs run. Trust: kernel and initrd are the operator's, but are parsed as hostile; nothing is decompressed.
 */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include <hv/domain.h>
#include <hv/types.h>

/* A boot module in machine memory, reached through windows; need not be page-aligned. len 0: absent. */
struct boot_module {
	hpa_t start;
	size_t len;
};

struct pvh_inputs {
	struct boot_module kernel;	/* ELF64 with a PVH entry note; anything else is refused with one line */
	struct boot_module initrd;	/* optional */
	const char *cmdline;		/* the kernel's, without its file name; may be NULL */
	uint64_t mem_bytes;		/* dom0_mem=; 0: all but a reserve */
	unsigned int vcpus;		/* 1 .. MAX_VCPUS */
};

/*
 * Creates domain 0 under the initial SID dom0, fills its memory, brings up vCPU 0; it stays paused. *out carries the caller's reference.
 * On failure one line was printed, everything is given back, and the boot must stop. Needs the heap, guest memory and xsm_init().
 */
int __must_check pvh_build_dom0(const struct pvh_inputs *in, struct domain **out);
/* Life RUNNING, the controller's pause undone: the scheduler may pick it from now on. */
void pvh_start_dom0(struct domain *d);

#endif
