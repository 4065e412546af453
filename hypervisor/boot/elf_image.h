/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an ELF64 kernel: what to load where, and its PVH entry.
 * Locking: none. Trust: every byte of the file is hostile; each is fetched once.
 */
#ifndef BOOT_ELF_IMAGE_H
#define BOOT_ELF_IMAGE_H

#include <hv/types.h>

#define ELF_MAX_SEGMENTS 32u

/* The file: read() is only called for ranges inside `size`. */
struct elf_source {
	uint64_t size;
	void (*read)(void *ctx, uint64_t offset, void *dst, size_t len);
	void *ctx;
};

struct elf_segment {
	uint64_t paddr, memsz;		/* paddr + memsz does not wrap and ends below 4 GiB */
	uint64_t offset, filesz;	/* inside the file; filesz <= memsz */
};

struct elf_image {
	unsigned int nr;
	struct elf_segment segment[ELF_MAX_SEGMENTS];	/* disjoint, none empty */
	uint64_t start, end;		/* lowest and highest address of all segments */
	uint32_t entry;			/* XEN_ELFNOTE_PHYS32_ENTRY; inside the file part of a segment */
};

/* 0, or -XEN_EINVAL with *why: a phrase that continues "dom0 kernel …". */
int __must_check elf_parse(const struct elf_source *source, struct elf_image *image, const char **why);

#endif
