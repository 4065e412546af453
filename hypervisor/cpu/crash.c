/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash record: a panic's text in a page that a warm reset leaves alone, reported at the next boot.
 * Locking: boot, or the dying CPU.
 * Trust: what is found at boot may be anything: checked by magic, length and sum, and printed as text only.
 */
#include <hv/console.h>
#include <hv/string.h>
#include "arch.h"

#define CRASH_MAGIC 0x315453414c564152ull	/* "RAVLAST1" */

struct crash_record {
	uint64_t magic;
	uint32_t len, sum;
	char text[PAGE_SIZE - 16];
};

static struct crash_record *record __ro_after_init;

static uint32_t text_sum(const char *p, size_t n)
{
	uint32_t h = 2166136261u;	/* FNV-1a: unsigned on purpose, products wrap */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h;
}

__init void crash_init(hpa_t page)
{
	_Static_assert(sizeof(struct crash_record) == PAGE_SIZE, "one page");
	uint64_t va = VA_CPU + MAX_CPUS * VA_CPU_SIZE;

	if (page && paging_map(va, page, PAGE_SIZE, MAP_RW) == 0)
		record = (struct crash_record *)(uintptr_t)va;
}

static void print_lines(const char *p, size_t n)
{
	char line[200];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n' && len + 1 < sizeof(line)) {
			line[len++] = p[i] >= ' ' && p[i] < 127 ? p[i] : '?';
			continue;
		}
		line[len] = '\0';
		log_warn("| %s", line);
		len = 0;
	}
}

__init void crash_report_previous(void)
{
	if (!record || record->magic != CRASH_MAGIC)
		return;
	record->magic = 0;
	if (record->len > sizeof(record->text) || record->sum != text_sum(record->text, record->len))
		return;
	log_warn("the hypervisor crashed before this boot; its last words were:");
	print_lines(record->text, record->len);
}

void crash_save(const char *text, size_t len)
{
	if (!record)
		return;
	if (len > sizeof(record->text))
		len = sizeof(record->text);
	memcpy(record->text, text, len);
	record->len = (uint32_t)len;
	record->sum = text_sum(text, len);
	__asm__ volatile("" : : : "memory");
	record->magic = CRASH_MAGIC;
	__asm__ volatile("wbinvd" : : : "memory");
}
