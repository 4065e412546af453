/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's heap and console as libc's, for tests of one module: each allocation gets its own red zones, so that AddressSanitizer sees every
 * byte that is read beyond it. Linked where the real core is not.
 * Locking: libc's. Trust: tests only.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <hv/console.h>
#include <hv/edge.h>
#include <hv/mm.h>
#include <hv/options.h>

struct boot_options options;
static _Atomic size_t pages_used;

size_t shim_pages_used(void);
size_t shim_pages_used(void)
{
	return pages_used;
}

void *heap_alloc(struct domain *payer, size_t size)
{
	(void)payer;
	return calloc(1, size);
}

void heap_free(struct domain *payer, void *p)
{
	(void)payer;
	free(p);
}

void *heap_alloc_pages(struct domain *payer, unsigned int order)
{
	void *p = calloc(1, PAGE_SIZE << order);

	(void)payer;
	pages_used += p ? (size_t)1 << order : 0;
	return p;
}

void heap_free_pages(struct domain *payer, void *va, unsigned int order)
{
	(void)payer;
	pages_used -= va ? (size_t)1 << order : 0;
	free(va);
}

void log_print(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	if (!getenv("HOSTED_CONSOLE"))
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

unsigned int race_cpu(void) __attribute__((weak));	/* race_*.c: each thread is a CPU */

unsigned int edge_cpu_id(void)
{
	return race_cpu ? race_cpu() : 0;
}

void edge_relax(void)
{
}
