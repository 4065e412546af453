/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stops a machine where its CPUs are in the hypervisor, by breakpoints, and checks its page tables as QEMU dumps them.
 * Usage: pages SYMBOLS SOCKET DUMP	a machine that runs; the last dump is kept
 *        pages SYMBOLS - DUMP		a dump that was kept
 * Locking: single-threaded. Trust boundary: a test tool of the build host.
 */
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS		2u
#define ROUNDS		30u
#define STOP_MS		1000u
#define IMAGE_FROM	0xffffffff80000000ull

/* Where to look: a window in use, a decision, a way in, a way out. */
static const char *const places[] = { "edge_window_unmap", "gate_resolve", "hypercall_from_guest", "svm_enter" };
#define PLACES (sizeof(places) / sizeof(places[0]))

static uint64_t root;			/* of the hypervisor's tables */
static char *tlb;			/* the last dump */
static unsigned int dumps, windows_seen, pins_seen, wrong;

static uint64_t field(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoull(p + strlen(name), NULL, 16) : 0;
}

static void select_cpu(unsigned int cpu)
{
	char text[16];

	snprintf(text, sizeof(text), "cpu %u", cpu);
	(void)machine_ask(text);
}

/* The CPU executes the image, at CPL 0, with the tables that the hypervisor has: no guest of this test does. */
static bool in_hypervisor(unsigned int cpu)
{
	const char *regs;
	uint64_t cr3;

	select_cpu(cpu);
	regs = machine_ask("info registers");
	cr3 = field(regs, "CR3=");
	if (field(regs, "RIP=") < IMAGE_FROM || field(regs, "CPL=") != 0)
		return false;
	if (!root)
		root = cr3;
	return root == cr3;
}

static void keep(const char *path, const char *mem)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%s--\n%s", tlb, mem) < 0 || fclose(f) != 0) {
		fprintf(stderr, "pages: %s cannot be written\n", path);
		exit(2);
	}
}

static uint64_t dump_check(const char *path)
{
	struct page_counts n;
	const char *mem;

	free(tlb);
	tlb = strdup(machine_ask("info tlb"));
	mem = machine_ask("info mem");
	keep(path, mem);
	wrong += pages_check(tlb, mem, &n);
	dumps++;
	windows_seen += n.windows;
	pins_seen = n.pins > pins_seen ? n.pins : pins_seen;
	return n.image;
}

/* Some CPU is in the hypervisor soon, as guests wait for time. */
static uint64_t image_find(const char *path)
{
	for (unsigned int i = 0; i < 1000; i++) {
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			if (in_hypervisor(cpu))
				return dump_check(path);
		machine_go();
		usleep(1000 + i * 37 % 5000);
		machine_halt();
	}
	fprintf(stderr, "pages: no CPU was found in the hypervisor\n");
	exit(2);
}

/* Stops there once, if a CPU comes by, and lets the guests go on for a while. */
static bool look_at(uint64_t at, unsigned int run_us, const char *path)
{
	bool there = false;

	machine_breakpoint(at, true);
	machine_go();
	if (!machine_wait(STOP_MS))
		machine_halt();
	else if (in_hypervisor(0) || in_hypervisor(1))		/* the tables are everybody's */
		there = true;
	if (there)
		(void)dump_check(path);
	machine_breakpoint(at, false);
	machine_go();
	usleep(run_us);
	machine_halt();
	return there;
}

static void run(const char *socket_path, const char *path)
{
	unsigned int stops[PLACES] = { 0 };
	uint64_t image, at[PLACES];

	for (size_t i = 0; i < PLACES; i++)
		if (!pages_symbol(places[i], &at[i])) {
			fprintf(stderr, "pages: no %s, was it inlined?\n", places[i]);
			exit(2);
		}
	machine_attach(socket_path);
	image = image_find(path);
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < PLACES; i++)
			stops[i] += look_at(image + at[i], 10000 + round * 7919 % 40000, path);
	machine_leave();
	for (size_t i = 0; i < PLACES; i++)
		printf("pages: %u stops at %s\n", stops[i], places[i]);
}

static char *file_read(const char *path)
{
	char *text = calloc(1, 8 << 20);
	FILE *f = fopen(path, "r");

	if (!f || !text || !fread(text, 1, (8 << 20) - 1, f)) {
		fprintf(stderr, "pages: %s cannot be read\n", path);
		exit(2);
	}
	fclose(f);
	return text;
}

static void check_kept(const char *path)
{
	char *text = file_read(path), *mem = strstr(text, "--\n");
	struct page_counts n;

	if (mem)
		*mem = '\0';
	wrong = pages_check(text, mem ? mem + 3 : "", &n);
	dumps = 1;
	windows_seen = n.windows;
	pins_seen = n.pins;
	free(text);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: pages SYMBOLS SOCKET|- DUMP\n");
		return 2;
	}
	pages_symbols_read(argv[1]);
	if (strcmp(argv[2], "-"))
		run(argv[2], argv[3]);
	else
		check_kept(argv[3]);
	printf("pages: %u dumps, %u windows in use, %u pinned pages, %u wrong\n", dumps, windows_seen, pins_seen, wrong);
	return wrong ? 1 : 0;
}
