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

/*@
  predicate counted{L} = boot_info.modules <= BOOT_MODULES && boot_info.ranges <= BOOT_RANGES &&
    \forall integer i; 0 <= i < boot_info.ranges ==> boot_info.range[i].start <= boot_info.range[i].end;
*/

/* Multiboot 1, section 3.3. */
struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length, mmap_addr,
		drives_length, drives_addr, config_table, loader_name;
} __attribute__((packed));	/* nobody promises alignment */
/* In its lists. A module: start, end, text and a spare word; a range: the entry's size without this word, address, length, type. */
#define MB1_MODULE 16u
#define MB1_RANGE  24u

#define MB1_HAS_CMDLINE (1u << 2)
#define MB1_HAS_MODS	(1u << 3)
#define MB1_HAS_MMAP	(1u << 6)
#define MB1_HAS_LOADER	(1u << 9)

/* Multiboot 2, section 3.6: tags of two words, type and size, and what belongs to them. */
#define MB2_TAG 8u
enum { MB2_END, MB2_CMDLINE, MB2_LOADER, MB2_MODULE, MB2_MMAP = 6, MB2_RSDP_OLD = 14, MB2_RSDP_NEW = 15 };

/* A number where the loader put it: nobody promises alignment. */
/*@ requires \valid_read(p + (0 .. 3)); assigns \nothing; */
static uint32_t u32_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/*@ requires \valid_read(p + (0 .. 7)); assigns \nothing; */
static uint64_t u64_at(const uint8_t *p)
{
	return u32_at(p) | (uint64_t)u32_at(p + 4) << 32;
}

/*@
  requires 0 < size && \valid(dst + (0 .. size - 1)) && readable(src, max) && \separated(dst + (0 .. size - 1), &boot_info.truncated);
  assigns dst[0 .. size - 1], boot_info.truncated;
*/
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

static const void *at(uintptr_t pa)
{
	return (const void *)pa;
}

/* None at 0. What a loader names is there, and ends. */
/*@ assigns \nothing; ensures text((char *)\result); */
static const char *text_at(uint32_t pa)
{
	return pa ? at(pa) : "";
}

/*@
  requires counted;
  assigns boot_info.range[0 .. BOOT_RANGES - 1], boot_info.ranges, boot_info.truncated;
  ensures counted;
*/
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

/*@
  requires counted && readable(text, max);
  assigns boot_info.module[0 .. BOOT_MODULES - 1], boot_info.modules, boot_info.truncated;
  ensures counted;
*/
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

/*@
  requires \valid_read(list + (0 .. MB1_MODULE * count - 1)) && counted;
  assigns boot_info.module[0 .. BOOT_MODULES - 1], boot_info.modules, boot_info.truncated;
  ensures counted;
*/
static void mb1_modules(const uint8_t *list, uint32_t count)
{
	/*@
	  loop invariant i <= count && i <= BOOT_MODULES + 1 && counted;
	  loop assigns i, list, boot_info.module[0 .. BOOT_MODULES - 1], boot_info.modules, boot_info.truncated;
	  loop invariant list == \at(list, Pre) + MB1_MODULE * i;
	  loop variant count - i;
	*/
	for (uint32_t i = 0; i < count && i <= BOOT_MODULES; i++, list += MB1_MODULE)
		add_module(u32_at(list), u32_at(list + 4), text_at(u32_at(list + 8)), 65536);
}

/*@
  requires \valid_read(list + (0 .. len - 1)) && counted;
  assigns boot_info.range[0 .. BOOT_RANGES - 1], boot_info.ranges, boot_info.truncated;
  ensures counted;
*/
static void mb1_ranges(const uint8_t *list, uint32_t len)
{
	/*@
	  loop invariant counted && \valid_read(list + (0 .. len - 1));
	  loop assigns list, len, boot_info.range[0 .. BOOT_RANGES - 1], boot_info.ranges, boot_info.truncated;
	  loop variant len;
	*/
	while (len >= MB1_RANGE && boot_info.ranges < BOOT_RANGES) {
		uint32_t size = u32_at(list);

		add_range(u64_at(list + 4), u64_at(list + 12), u32_at(list + 20));
		if (size < MB1_RANGE - 4 || size > len - 4)
			break;
		list += size + 4;
		len -= size + 4;
	}
}

static void parse_mb1(const struct mb1_info *mb)
{
	boot_info.protocol = 1;
	if (mb->flags & MB1_HAS_LOADER)
		copy_text(boot_info.loader, sizeof(boot_info.loader), text_at(mb->loader_name), 4096);
	if (mb->flags & MB1_HAS_CMDLINE)
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), text_at(mb->cmdline), 65536);
	if (mb->flags & MB1_HAS_MODS && mb->mods_addr)
		mb1_modules(at(mb->mods_addr), mb->mods_count);
	if (mb->flags & MB1_HAS_MMAP && mb->mmap_addr)
		mb1_ranges(at(mb->mmap_addr), mb->mmap_length);
}

/*@
  requires 8 <= size && \valid_read(tag + (0 .. size - 1)) && counted;
  assigns boot_info.range[0 .. BOOT_RANGES - 1], boot_info.ranges, boot_info.truncated;
  ensures counted;
*/
static void parse_mb2_mmap(const uint8_t *tag, uint32_t size)
{
	uint32_t entry = size >= 16 ? u32_at(tag + 8) : 0;

	/*@
	  loop invariant (entry >= 24 ==> 16 <= off <= size) && counted;
	  loop assigns off, boot_info.range[0 .. BOOT_RANGES - 1], boot_info.ranges, boot_info.truncated;
	  loop variant size - off;
	*/
	for (uint32_t off = 16; entry >= 24 && size - off >= entry; off += entry)
		add_range(u64_at(tag + off), u64_at(tag + off + 8), u32_at(tag + off + 16));
}

/* By value: the loader's structure lies in memory that is soon somebody's. */
/*@ requires \valid_read(from + (0 .. len - 1)); assigns boot_info.rsdp[0 .. 35], boot_info.has_rsdp; */
static void copy_rsdp(const uint8_t *from, uint32_t len)
{
	if (len < 20)
		return;
	memset(boot_info.rsdp, 0, sizeof(boot_info.rsdp));
	memcpy(boot_info.rsdp, from, len < sizeof(boot_info.rsdp) ? len : sizeof(boot_info.rsdp));
	boot_info.has_rsdp = true;
}

/*@
  requires MB2_TAG <= size && \valid_read(tag + (0 .. size - 1)) && counted;
  assigns boot_info;
  ensures counted;
*/
static void parse_mb2_tag(uint32_t type, const uint8_t *tag, uint32_t size)
{
	if (type == MB2_CMDLINE)
		copy_text(boot_info.cmdline, sizeof(boot_info.cmdline), (const char *)tag + 8, size - 8);
	else if (type == MB2_LOADER)
		copy_text(boot_info.loader, sizeof(boot_info.loader), (const char *)tag + 8, size - 8);
	else if (type == MB2_MODULE && size > 16)
		add_module(u32_at(tag + 8), u32_at(tag + 12), (const char *)tag + 16, size - 16);
	else if (type == MB2_MMAP)
		parse_mb2_mmap(tag, size);
	else if (type == MB2_RSDP_NEW || (type == MB2_RSDP_OLD && !boot_info.has_rsdp))
		copy_rsdp(tag + 8, size - 8);
}

/*@
  requires \valid_read(info + (0 .. total - 1)) && counted;
  assigns boot_info;
  ensures counted;
*/
static void parse_mb2(const uint8_t *info, uint32_t total)
{
	size_t off = MB2_TAG;	/* wider than sizes: it does not wrap */

	boot_info.protocol = 2;
	/*@
	  loop invariant MB2_TAG <= off && counted;
	  loop assigns off, boot_info;
	  loop variant total - off;
	*/
	while (total >= off && total - off >= MB2_TAG) {
		uint32_t type = u32_at(info + off), size = u32_at(info + off + 4);

		if (type == MB2_END || size < MB2_TAG || size > total - off)
			break;
		parse_mb2_tag(type, info + off, size);
		off += ((size_t)size + 7) / 8 * 8;
	}
}

void multiboot_parse(uint32_t magic, uintptr_t info)
{
	if (magic == MB1_LOADED)
		parse_mb1(at(info));
	else if (magic == MB2_LOADED)
		parse_mb2(at(info), u32_at(at(info)));
	else
		return;
	boot_info.names_itself = boot_info.protocol == 1 && strncmp(boot_info.loader, "GRUB", 4) != 0;
	boot_info.valid = true;
}
