/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a boot loader may leave in low memory, as Multiboot 1 or 2: copied within bounds. The first byte chooses the protocol, the rest is the
 * loader's structure and all that it points to. A loader is trusted with where things lie, so pointers of Multiboot 1 are kept inside the input.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../hypervisor/boot/boot.h"

#define ROOM	0x10000u
#define BASE	0x10000000u	/* below 4 GiB, as a loader's memory; the page behind it is not there */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static uint8_t *low;

static void low_memory_make(void)
{
	low = mmap((void *)(uintptr_t)BASE, ROOM + PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (low != (uint8_t *)(uintptr_t)BASE || mprotect(low + ROOM, PAGE_SIZE, PROT_NONE) != 0)
		abort();
}

/* At a place of the input, so far from the end that whatever text begins there ends before it. */
static void pointer_keep(uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	if (v)
		v = BASE + 256 + v % (ROOM / 2);	/* behind the structure itself */
	memcpy(at, &v, sizeof(v));
}

static void multiboot1(const uint8_t *bytes, size_t len)
{
	static const uint8_t pointers[] = { 16, 24, 48, 64 };	/* command line, modules, memory map, loader's name */
	uint32_t modules, length;

	memset(low, 0, ROOM);
	memcpy(low, bytes, len < ROOM / 2 ? len : ROOM / 2);
	for (size_t i = 0; i < sizeof(pointers); i++)
		pointer_keep(low + pointers[i]);
	memcpy(&length, low + 44, sizeof(length));
	length %= ROOM / 2;
	memcpy(low + 44, &length, sizeof(length));
	memcpy(&modules, low + 24, sizeof(modules));
	for (uint32_t at = modules; modules && at < modules + 16 * (BOOT_MODULES + 1); at += 16)
		pointer_keep((uint8_t *)(uintptr_t)at + 8);
	multiboot_parse(0x2badb002, BASE);
}

/* Its length is the loader's word, and nothing is read behind it. */
static void multiboot2(const uint8_t *bytes, size_t len)
{
	uint32_t total = (uint32_t)len & ~7u;
	uint8_t *info = low + ROOM - total;

	if (total < 8 || total > ROOM)
		return;
	memcpy(info, bytes, total);
	memcpy(info, &total, sizeof(total));
	multiboot_parse(0x36d76289, (uintptr_t)info);
}

static void text_check(const char *text, size_t size)
{
	if (!memchr(text, 0, size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!low)
		low_memory_make();
	if (len == 0)
		return 0;
	memset(&boot_info, 0, sizeof(boot_info));
	(bytes[0] & 1 ? multiboot1 : multiboot2)(bytes + 1, len - 1);
	text_check(boot_info.cmdline, sizeof(boot_info.cmdline));
	text_check(boot_info.loader, sizeof(boot_info.loader));
	if (boot_info.modules > BOOT_MODULES || boot_info.ranges > BOOT_RANGES)
		abort();
	for (unsigned int i = 0; i < boot_info.modules; i++)
		text_check(boot_info.module[i].cmdline, sizeof(boot_info.module[i].cmdline));
	for (unsigned int i = 0; i < boot_info.ranges; i++)
		if (boot_info.range[i].end < boot_info.range[i].start)
			abort();
	return 0;
}
