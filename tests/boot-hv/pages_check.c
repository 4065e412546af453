/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be mapped in the hypervisor's address space, and how: each leaf entry belongs to one region, each region has its rules
 * (hypervisor/cpu/arch.h, layout.h).
 * Locking: none. Trust boundary: a test tool of the build host.
 */
#include "pages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE		0x1000ull
#define LARGE		0x200000ull
#define VA_HEAP		0xffff800000000000ull
#define VA_FRAMES	0xffffa00000000000ull
#define VA_CPU		0xffffc00000000000ull
#define VA_CPU_SIZE	0x200000ull
#define VA_RECORD	(VA_CPU + 64 * VA_CPU_SIZE)	/* behind the last CPU's: the record of a crash, in low memory that a reset leaves alone */
#define LOW_MEMORY	0x200000ull
#define VA_PIN		0xffffd00000000000ull
#define VA_FIX		0xffffe00000000000ull
#define VA_FIX_END	0xffffe00020000000ull
#define VA_IMAGE	0xffffffff80000000ull
#define PIN_SLOTS	16384u
#define WINDOW_FIRST	32u
#define WINDOWS		4u
#define DEVICES		0xc0000000ull	/* physical: nothing below is a register of the test machine's */
#define MAX_LEAVES	65536u
#define SYMBOL_BYTES	(1u << 20)

struct leaf {
	uint64_t va, pa, size;
	bool no_execute, user, write, uncached;
};

static struct leaf leaves[MAX_LEAVES];
static unsigned int leaf_count, wrong;
static char *symbols;

/* Bounds of the image's sections, offsets from its start. */
static struct {
	uint64_t text, text_end, init, init_end, rodata, rodata_end, roinit, roinit_end, data, data_end;
} image_of;

static void complain(const struct leaf *l, const char *why)
{
	wrong++;
	printf("FAIL  %016lx -> %012lx, %s%s%s: %s\n", (unsigned long)l->va, (unsigned long)l->pa, l->user ? "user " : "", l->write ? "w" : "r",
	       l->no_execute ? "" : "x", why);
}

static void must(bool holds, const struct leaf *l, const char *why)
{
	if (!holds)
		complain(l, why);
}

bool pages_symbol(const char *name, uint64_t *offset)
{
	char word[80];
	const char *at;

	snprintf(word, sizeof(word), " %s\n", name);
	at = strstr(symbols, word);
	while (at && at > symbols && at[-1] != '\n')
		at--;
	*offset = at ? strtoull(at, NULL, 16) : 0;
	return at;
}

static uint64_t symbol(const char *name)
{
	uint64_t offset;

	if (!pages_symbol(name, &offset)) {
		fprintf(stderr, "pages: the image has no symbol %s\n", name);
		exit(2);
	}
	return offset;
}

void pages_symbols_read(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	symbols = calloc(1, SYMBOL_BYTES);
	n = f && symbols ? fread(symbols, 1, SYMBOL_BYTES - 1, f) : 0;
	if (f)
		fclose(f);
	if (!n) {
		fprintf(stderr, "pages: %s: no symbols\n", path);
		exit(2);
	}
	image_of.text = symbol("text_start");
	image_of.text_end = symbol("text_end");
	image_of.init = symbol("init_start");
	image_of.init_end = symbol("init_end");
	image_of.rodata = symbol("rodata_start");
	image_of.rodata_end = symbol("rodata_end");
	image_of.roinit = symbol("roinit_start");
	image_of.roinit_end = symbol("roinit_end");
	image_of.data = symbol("data_start");
	image_of.data_end = symbol("data_end");
}

/* "ffff800000000000: 0000000001000000 XG-DA---W": X is no-execute, P a large page, C uncached. */
static void leaves_read(const char *text)
{
	unsigned long va, pa;
	char flags[10];

	leaf_count = 0;
	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%lx: %lx %9s", &va, &pa, flags) != 3)
			continue;
		if (leaf_count == MAX_LEAVES) {
			fprintf(stderr, "pages: too many entries\n");
			exit(2);
		}
		leaves[leaf_count++] = (struct leaf){ .va = va, .pa = pa, .size = strchr(flags, 'P') ? LARGE : PAGE, .no_execute = strchr(flags, 'X'),
						      .user = strchr(flags, 'U'), .write = strchr(flags, 'W'), .uncached = strchr(flags, 'C') };
	}
}

struct range {
	uint64_t va, pa, end;		/* va: of its start; end is physical */
};

/* The region's frames follow each other as its addresses do. */
static struct range linear(uint64_t from, uint64_t to)
{
	struct range r = { 0 };

	for (unsigned int i = 0; i < leaf_count; i++) {
		struct leaf *l = &leaves[i];

		if (l->va < from || l->va >= to)
			continue;
		if (!r.end)
			r = (struct range){ .va = l->va, .pa = l->pa };
		must(l->pa - r.pa == l->va - r.va, l, "is not where its region's other pages are");
		r.end = l->pa + l->size;
	}
	return r;
}

static bool holds(const struct range *r, const struct leaf *l)
{
	return l->pa < r->end && l->pa + l->size > r->pa;
}

/* text, what boot needed, constants, what boot decided, data */
static void check_image(const struct leaf *l, uint64_t off)
{
	if (off >= image_of.text && off < image_of.text_end)
		must(!l->write && !l->no_execute, l, "text is writable, or not text");
	else if (off >= image_of.init && off < image_of.init_end)
		complain(l, "the code of boot is still there");
	else if (off >= image_of.rodata && off < image_of.rodata_end)
		must(!l->write && l->no_execute, l, "constants are writable or executable");
	else if (off >= image_of.roinit && off < image_of.roinit_end)
		must(!l->write && l->no_execute, l, "what boot decided is writable or executable");
	else if (off >= image_of.data && off < image_of.data_end)
		must(l->write && l->no_execute, l, "data is executable, or constant");
	else
		complain(l, "is beside the image's sections");
}

static bool is_stack(uint64_t page)
{
	return (page >= 1 && page < 9) || (page >= 10 && page < 12) || (page >= 14 && page < 16) || (page >= 18 && page < 20);
}

static void check_cpu(const struct leaf *l, const struct range *heap, const struct range *image, struct page_counts *n)
{
	uint64_t page = (l->va - VA_CPU) % VA_CPU_SIZE / PAGE;

	must(l->write && l->no_execute && l->size == PAGE, l, "a CPU's own page is not plain data");
	if (page >= WINDOW_FIRST && page < WINDOW_FIRST + WINDOWS) {
		must(!holds(image, l), l, "a window onto the image");
		n->windows++;
	} else if (is_stack(page)) {
		must(holds(heap, l) || holds(image, l), l, "a stack that is not in memory of the hypervisor's");
	} else {
		complain(l, "a guard page is mapped");
	}
}

static void check_leaf(const struct leaf *l, const struct range *heap, const struct range *image, struct page_counts *n)
{
	must(!l->user, l, "is accessible to user mode");
	must(!l->write || l->no_execute, l, "is writable and executable");
	must(!l->write || !holds(&(struct range){ .pa = image->pa, .end = image->pa + image_of.data - image_of.text }, l), l,
	     "is another way to what the image holds constant");
	if (l->va >= VA_IMAGE) {
		check_image(l, l->va - n->image);
	} else if (l->va >= VA_FIX) {
		must(l->va < VA_FIX_END && l->uncached && l->no_execute && l->pa >= DEVICES, l, "is no device's register");
		n->devices++;
	} else if (l->va >= VA_PIN) {
		must(l->va < VA_PIN + PIN_SLOTS * PAGE && l->no_execute && l->size == PAGE && !holds(image, l) && !holds(heap, l), l, "is no pinned page");
		n->pins++;
	} else if (l->va == VA_RECORD) {
		must(l->no_execute && l->size == PAGE && l->pa < LOW_MEMORY, l, "is no record of a crash");
	} else if (l->va >= VA_CPU) {
		check_cpu(l, heap, image, n);
	} else if (l->va >= VA_FRAMES) {
		must(l->no_execute && (l->write ? !holds(image, l) && !holds(heap, l) : holds(image, l)), l, "is no memory of the frame table's");
	} else if (l->va >= VA_HEAP) {
		must(l->write && l->no_execute && !holds(image, l), l, "is no memory of the heap's");
	} else {
		complain(l, "is in the lower half");
	}
}

/* "ffff800000000000-ffff800005000000 0000000005000000 -rw": what is accessible to whom, all levels of the tables considered. */
static uint64_t mem_bytes(const char *text)
{
	unsigned long from, to, size;
	uint64_t sum = 0;
	char flags[8];

	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%lx-%lx %lx %7s", &from, &to, &size, flags) != 4)
			continue;
		sum += size;
		if (flags[0] != '-') {
			wrong++;
			printf("FAIL  %016lx-%016lx %s: accessible to user mode\n", from, to, flags);
		}
	}
	return sum;
}

unsigned int pages_check(const char *tlb, const char *mem, struct page_counts *n)
{
	struct range heap, image;
	uint64_t sum = 0;

	wrong = 0;
	leaves_read(tlb);
	heap = linear(VA_HEAP, VA_FRAMES);
	image = linear(VA_IMAGE, UINT64_MAX);
	*n = (struct page_counts){ .leaves = leaf_count, .image = image.va - image_of.text };
	for (unsigned int i = 0; i < leaf_count; i++) {
		check_leaf(&leaves[i], &heap, &image, n);
		sum += leaves[i].size;
	}
	if (sum != mem_bytes(mem)) {
		wrong++;
		printf("FAIL  info tlb lists %lu bytes, info mem %lu\n", (unsigned long)sum, (unsigned long)mem_bytes(mem));
	}
	if (!image.end || !heap.end || !n->devices) {
		wrong++;
		printf("FAIL  this is no dump of the hypervisor's tables\n");
	}
	return wrong;
}
