/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: loads whose time tells what virtualisation costs where no operation is asked for: `load` prints ticks of the TSC, also on a machine
 * without a hypervisor; `work` computes and ends; `share` (control domain) lets children work, one alone and two at once.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "child.h"

#define WORK_ROUNDS	60000000u	/* or work= */
#define TABLE_WORDS	4096u
#define FAULT_ROUNDS	200u
#define WALK_ROUNDS	2000u
#define WALK_PAGES	512u
#define WALK_VA		(1ull << 39)	/* the root's second entry, nobody else's */
#define PTE		3u
#define CR3_MASK	0xfffffffff000ull
#define SHARE_PAGES	1024u
#define HEARTBEAT	0x60u
#define PERIODIC	(1u << 17)
#define MASKED		(1u << 16)
#define BEAT_COUNT	10000000u
#define PAGE_FAULT	14

static uint64_t *walk_pt;

static uint64_t read_cr3(void)
{
	uint64_t v;

	__asm__ volatile("movq %%cr3, %0" : "=r"(v));
	return v;
}

static void load_cr3(uint64_t v)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(v) : "memory");
}

/* A mixing of numbers in a table that fits the cache. */
static void compute(void)
{
	static uint64_t table[TABLE_WORDS];
	uint64_t x = 0x9e3779b97f4a7c15ull, rounds = argument("work", WORK_ROUNDS);

	for (uint64_t i = 0; i < rounds; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		table[x % TABLE_WORDS] += x;
	}
	__asm__ volatile("" : : "r"(table) : "memory");
}

static volatile uint8_t *walk_page(uint64_t i)
{
	return (volatile uint8_t *)(WALK_VA + i * PAGE_SIZE);
}

static void walk_init(void)
{
	uint64_t *root = (uint64_t *)(read_cr3() & CR3_MASK), *table[3];
	uint8_t *pages = page_alloc(WALK_PAGES);

	for (unsigned int i = 0; i < 3; i++)
		table[i] = page_alloc(1);
	root[1] = (uint64_t)table[0] | PTE;
	table[0][0] = (uint64_t)table[1] | PTE;
	table[1][0] = (uint64_t)table[2] | PTE;
	walk_pt = table[2];
	for (uint64_t i = 0; i < WALK_PAGES; i++)
		walk_pt[i] = (uint64_t)(pages + i * PAGE_SIZE) | PTE;
}

static void fault(struct trap_frame *f)
{
	uint64_t cr2;

	(void)f;
	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	walk_pt[(cr2 - WALK_VA) / PAGE_SIZE % WALK_PAGES] |= PTE;
}

/* Each page in turn is taken out and touched. */
static void faults(void)
{
	irq_handler[PAGE_FAULT] = fault;
	for (unsigned int r = 0; r < FAULT_ROUNDS; r++)
		for (uint64_t i = 0; i < WALK_PAGES; i++) {
			walk_pt[i] &= ~(uint64_t)PTE;
			__asm__ volatile("invlpg (%0)" : : "r"(walk_page(i)) : "memory");
			(void)*walk_page(i);
		}
	irq_handler[PAGE_FAULT] = NULL;
}

/* A new address space each round: every page is walked for again. */
static void walks(void)
{
	uint64_t cr3 = read_cr3();

	for (unsigned int r = 0; r < WALK_ROUNDS; r++) {
		load_cr3(cr3);
		for (uint64_t i = 0; i < WALK_PAGES; i++)
			(void)*walk_page(i);
	}
}

static void measure(const char *name, void (*load)(void))
{
	uint64_t start = rdtsc();

	load();
	say("guest: load %s %lu", name, rdtsc() - start);
}

int test_load(void)
{
	walk_init();
	measure("compute", compute);
	measure("faults", faults);
	measure("walks", walks);
	return 0;
}

int test_work(void)
{
	compute();
	return 0;
}

static void heartbeat(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

/* From the first one's start until all have ended. */
static int together(const char *name, unsigned int n)
{
	struct xen_domctl_getdomaininfo info = { 0 };
	struct child c[2];
	uint64_t start;

	for (unsigned int i = 0; i < n; i++) {
		CHECK_OK(child_create(&c[i], CHILD_LABEL, SHARE_PAGES, 1));
		CHECK_OK(child_load(&c[i], "work"));
	}
	start = rdtsc();
	for (unsigned int i = 0; i < n; i++)
		CHECK_OK(child_start(&c[i]));
	for (unsigned int i = 0; i < n; i++) {
		do {
			halt_once();
			CHECK_OK(child_info(&c[i], &info));
		} while (!(info.flags & XEN_DOMINF_shutdown));
	}
	say("guest: load %s %lu", name, rdtsc() - start);
	for (unsigned int i = 0; i < n; i++)
		CHECK_OK(child_destroy(&c[i]));
	return 0;
}

int test_share(void)
{
	int line;

	irq_handler[HEARTBEAT] = heartbeat;
	lapic_timer(PERIODIC, HEARTBEAT, BEAT_COUNT);
	line = together("alone", 1);
	line = line ? line : together("two", 2);
	lapic_timer(MASKED, HEARTBEAT, 0);
	return line;
}
