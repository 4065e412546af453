/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiboot 1 and 2: copies what the loader says into boot_info.
 * Locking: one CPU. Runs before relocation, at physical addresses: no pointers in static data, no switch tables.
 * Trust: lengths and counts are bounded; text is cut, and that is reported.
 */
#include <hv/string.h>
#include "boot.h"

#define MB1_LOADED 0x2badb002u
#define MB2_LOADED 0x36d76289u

struct boot_info boot_info;

/* Multiboot 1, section 3.3. */
struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length, mmap_addr,
		drives_length, drives_addr, config_table, loader_name;
} __attribute__((packed));	/* nobody promises alignment */
struct mb1_module {
	uint32_t start, end, cmdline, reserved;
} __attribute__((packed));
struct mb1_mmap {
	uint32_t size;
	uint64_t addr, len;
	uint32_t type;
} __attribute__((packed));

#define MB1_HAS_CMDLINE (1u << 2)
#define MB1_HAS_MODS	(1u << 3)
#define MB1_HAS_MMAP	(1u << 6)
#define MB1_HAS_LOADER	(1u << 9)

/* Multiboot 2, section 3.6. */
struct mb2_tag {
	uint32_t type, size;
};
struct mb2_mmap {
	uint64_t addr, len;
	uint32_t type;
} __attribute__((packed));
enum { MB2_END, MB2_CMDLINE, MB2_LOADER, MB2_MODULE, MB2_MMAP = 6, MB2_RSDP_OLD = 14, MB2_RSDP_NEW = 15 };

static void copy_text(char *dst, size_t size, const char *src, size_t max)
{
	size_t n = strnlen(src, max);

	if (n >= size) {
		n = size - 1;
		boot_info.truncated = true;
	}
	memcpy(dst, src, n);
	dst[n] = '\0';
}

static const void *at(uint64_t pa)
{
	return (const void *)(uintptr_t)pa;
}

static void add_range(uint64_t addr, uint64_t len, uint32_t type)
{
	struct boot_range *r = &boot_info.range[boot_info.ranges];

	if (boot_info.ranges == BOOT_RANGES) {
		boot_info.truncated = true;
		return;
	}
	r->start = addr;
	if (__builtin_add_overflow(addr, len, &r->end))
		r->end = UINT64_MAX;
	r->type = type;
	boot_info.ranges++;
}

static void add_module(uint32_t start, uint32_t end, const char *text, size_t max)
{
	struct boot_mod *m = &boot_info.module[boot_info.modules];

	if (boot_info.modules == BOOT_MODULES || end < start) {
		boot_info.truncated = true;
		return;
	}
	m->pa = start;
	m->len = end - start;
	copy_text(m->cmdline, sizeof(m->cmdline), text, max);
	boot_info.modules++;
}

static void parse_mb1(const struct mb1_info *mb)
{
	boot_info.protocol = 1;
	if (mb->flags & MB1_HAS_LOADER && mb->loader_name)
		copy_text(boot_info.loader, sizeof(boot_info.loader), at(mb->loader_name), 4096);
	if (mb->flags & MB1_HAS_CMDLINE && mb->cmdline)
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), at(mb->cmdline), 65536);
	if (mb->flags & MB1_HAS_MODS && mb->mods_addr) {
		const struct mb1_module *m = at(mb->mods_addr);

		for (uint32_t i = 0; i < mb->mods_count && i <= BOOT_MODULES; i++)
			add_module(m[i].start, m[i].end, m[i].cmdline ? at(m[i].cmdline) : "", 65536);
	}
	if (mb->flags & MB1_HAS_MMAP && mb->mmap_addr) {
		uint32_t off = 0;

		while (mb->mmap_length - off >= sizeof(struct mb1_mmap) && boot_info.ranges < BOOT_RANGES) {
			const struct mb1_mmap *e = at((uint64_t)mb->mmap_addr + off);

			add_range(e->addr, e->len, e->type);
			if (e->size < 20 || e->size > mb->mmap_length - off - 4)
				break;
			off += e->size + 4;
		}
	}
}

static void parse_mb2_mmap(const uint8_t *tag, uint32_t size)
{
	uint32_t entry = size >= 16 ? *(const uint32_t *)(tag + 8) : 0;

	for (uint32_t off = 16; entry >= 24 && size - off >= entry; off += entry) {
		const struct mb2_mmap *e = (const void *)(tag + off);

		add_range(e->addr, e->len, e->type);
	}
}

/* By value: the loader's structure lies in memory that is soon somebody's. */
static void copy_rsdp(const uint8_t *from, uint32_t len)
{
	if (len < 20)
		return;
	memset(boot_info.rsdp, 0, sizeof(boot_info.rsdp));
	memcpy(boot_info.rsdp, from, len < sizeof(boot_info.rsdp) ? len : sizeof(boot_info.rsdp));
	boot_info.has_rsdp = true;
}

static void parse_mb2_tag(uint32_t type, const uint8_t *tag, uint32_t size)
{
	if (type == MB2_CMDLINE)
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), (const char *)tag + 8, size - 8);
	else if (type == MB2_LOADER)
		copy_text(boot_info.loader, sizeof(boot_info.loader), (const char *)tag + 8, size - 8);
	else if (type == MB2_MODULE && size > 16)
		add_module(*(const uint32_t *)(tag + 8), *(const uint32_t *)(tag + 12), (const char *)tag + 16, size - 16);
	else if (type == MB2_MMAP)
		parse_mb2_mmap(tag, size);
	else if (type == MB2_RSDP_NEW || (type == MB2_RSDP_OLD && !boot_info.has_rsdp))
		copy_rsdp(tag + 8, size - 8);
}

static void parse_mb2(const uint8_t *info)
{
	uint32_t total = *(const uint32_t *)info, off = 8;

	boot_info.protocol = 2;
	while (total >= off && total - off >= sizeof(struct mb2_tag)) {
		const struct mb2_tag *t = (const struct mb2_tag *)(info + off);

		if (t->type == MB2_END || t->size < sizeof(*t) || t->size > total - off)
			break;
		parse_mb2_tag(t->type, info + off, t->size);
		off += (t->size + 7) & ~7u;
	}
}

void multiboot_parse(uint32_t magic, uintptr_t info)
{
	if (magic == MB1_LOADED)
		parse_mb1(at(info));
	else if (magic == MB2_LOADED)
		parse_mb2(at(info));
	else
		return;
	boot_info.names_itself = boot_info.protocol == 1 && strncmp(boot_info.loader, "GRUB", 4) != 0;
	boot_info.valid = true;
}
