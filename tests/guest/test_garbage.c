/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: garbage to every hypercall number and sub-operation, from two vCPUs at once, with plausible and with absurd pointers.
 * Locking: none: the two race on purpose. Trust: a guest.
 */
#include "tests.h"

#include <xen/domctl.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/xsm/flask_op.h>

#define HYPERCALLS	64u
#define ROUNDS		1000u
#define BUFFER_PAGES	4u
#define WAKE		0x70u
#define PERIODIC	(1u << 17)

static uint8_t *buffer;
static volatile uint64_t second_done;

static void wake(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

static void unasked(struct trap_frame *f)
{
	(void)f;
}

static uint64_t small(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A number of the kind that code compares with limits. */
static uint64_t number(uint64_t *s)
{
	static const uint64_t odd[] = { 0, 1, 2, 0x7ff0, 0x7ff1, 0x7ff4, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1ull << 32, 1ull << 47,
					~0ull >> 1, 1ull << 63, ~0ull };
	uint64_t pick = small(s);

	switch (pick % 4) {
	case 0: return odd[(pick >> 8) % ARRAY_SIZE(odd)];
	case 1: return (pick >> 8) % 64;
	case 2: return (uint64_t)buffer + (pick >> 8) % (BUFFER_PAGES * PAGE_SIZE);
	default: return small(s);
	}
}

static void fill(uint64_t *s)
{
	uint32_t *word = (uint32_t *)buffer + small(s) % 512;

	for (unsigned int i = 0; i < 32; i++)
		word[i] = (uint32_t)number(s);
}

/* Giving back its own memory, in blocks of any size, ends a guest soon: every other seed does without, to get further. */
static bool ends_guest(uint64_t nr, uint64_t sub)
{
	sub &= 0x3f;
	return argument("seed", 1) % 2 == 0 && nr == __HYPERVISOR_memory_op &&
	       (sub == XENMEM_decrease_reservation || sub == XENMEM_remove_from_physmap || sub == XENMEM_add_to_physmap || sub == XENMEM_add_to_physmap_batch);
}

/* Operations named by the head of their argument: with the right version, or nothing behind the first check would be reached. */
static uint64_t craft(uint64_t nr, uint64_t *s)
{
	static const struct { uint64_t nr; uint32_t version; } head[] = {
		{ __HYPERVISOR_domctl, XEN_DOMCTL_INTERFACE_VERSION }, { __HYPERVISOR_sysctl, XEN_SYSCTL_INTERFACE_VERSION },
		{ __HYPERVISOR_platform_op, XENPF_INTERFACE_VERSION }, { __HYPERVISOR_xsm_op, XEN_FLASK_INTERFACE_VERSION },
	};
	uint32_t *word = (uint32_t *)buffer;

	for (unsigned int i = 0; i < ARRAY_SIZE(head); i++)
		if (head[i].nr == nr) {
			for (unsigned int w = 2; w < 40; w++)
				word[w] = (uint32_t)number(s);
			word[0] = (uint32_t)(small(s) % 96);
			word[1] = head[i].version;
			word[2] = small(s) % 2 ? (uint32_t)(small(s) % 4) : word[2];
			return (uint64_t)buffer;
		}
	return 0;
}

/* What a guest may well do to itself but would end the test: shutdown, taking its own vCPU down, waiting for ever. */
static bool ends_test(uint64_t nr, uint64_t sub)
{
	sub &= 0xffffffff;
	return (nr == __HYPERVISOR_sched_op && (sub == SCHEDOP_shutdown || sub == SCHEDOP_poll || sub == SCHEDOP_remote_shutdown || sub == SCHEDOP_shutdown_code)) ||
	       (nr == __HYPERVISOR_vcpu_op && (sub == VCPUOP_down || sub == VCPUOP_initialise)) ||
	       (nr == __HYPERVISOR_sched_op_compat) || (nr == __HYPERVISOR_console_io && sub == CONSOLEIO_write) || nr == __HYPERVISOR_multicall;
}

static void rain(uint64_t *s, uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t nr = small(s) % HYPERCALLS, sub = small(s) % 4 ? small(s) % 80 : number(s);

		if (ends_test(nr, sub) || ends_guest(nr, sub))
			continue;
		fill(s);
		sub = small(s) % 4 && craft(nr, s) ? (uint64_t)buffer : sub;
		(void)hypercall(nr, sub, number(s), number(s), number(s), number(s));
	}
}

static void second_cpu(void *arg)
{
	uint64_t s = *(uint64_t *)arg;

	lapic_timer(PERIODIC, WAKE, 10000000);
	irq_on();
	rain(&s, argument("rounds", ROUNDS));
	second_done = 1;
}

int test_garbage(void)
{
	uint64_t s = random64(), other = random64();

	buffer = page_alloc(BUFFER_PAGES);
	irq_handler[WAKE] = wake;
	irq_handler[2] = unasked;			/* it sends NMIs, too */
	lapic_timer(PERIODIC, WAKE, 10000000);		/* ends whatever blocks */
	irq_on();
	CHECK(cpu_start(1, second_cpu, &other));
	rain(&s, argument("rounds", ROUNDS));
	for (unsigned int i = 0; i < 200 && !second_done; i++)
		halt_once();
	return 0;
}
