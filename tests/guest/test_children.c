/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: hostile children one after the other; each ends as it should, is destroyed, leaves no page behind, and the
 * control domain's own timer never stops.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "child.h"

#include <xen/sched.h>

#define CHILD_PAGES	1024u		/* 4 MiB */
#define HEARTBEAT	0x60u
#define PERIODIC	(1u << 17)
#define BEAT_COUNT	10000000u

enum ending {
	ENDS_WELL,		/* runs its test and powers off */
	ENDS_IN_CRASH,		/* the hypervisor ends it */
	ENDS_SOMEHOW,		/* may do either, or hang until its time is over */
	STAYS_BUSY,		/* uses the CPU until it is destroyed */
	STAYS_IDLE,		/* uses none */
};

struct child_case {
	const char *cmdline;
	unsigned int vcpus;
	unsigned int ms;	/* how long it may take, or how long it is watched */
	enum ending ending;
};

static const struct child_case child_cases[] = {
	{ "hello", 1, 20000, ENDS_WELL },
	{ "timer evtchn2l fifo grant", 1, 60000, ENDS_WELL },
	{ "attack", 1, 20000, ENDS_WELL },
	{ "triple", 1, 20000, ENDS_IN_CRASH },
	{ "badstate", 1, 2000, ENDS_SOMEHOW },
	{ "spin", 4, 500, STAYS_BUSY },
	{ "dead", 1, 20000, ENDS_WELL },		/* nothing can wake it: off, as on Xen */
	{ "idle", 1, 300, STAYS_IDLE },
	{ "insns", 1, 30000, ENDS_WELL },
	{ "mmio", 1, 5000, ENDS_SOMEHOW },
	{ "controls", 1, 5000, ENDS_SOMEHOW },
	{ "msrs", 1, 60000, ENDS_WELL },
	{ "ports", 1, 60000, ENDS_WELL },
	{ "garbage seed=1", 2, 20000, ENDS_SOMEHOW },
	{ "garbage seed=2", 2, 20000, ENDS_SOMEHOW },
	{ "garbage seed=3", 2, 20000, ENDS_SOMEHOW },
	{ "garbage seed=4", 2, 20000, ENDS_SOMEHOW },
};

static void heartbeat(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

static int beats(void)
{
	uint64_t before = irq_count[HEARTBEAT];

	CHECK(wait_for(&irq_count[HEARTBEAT], before + 3, 5000));
	return 0;
}

/* Until it shut down or the time is over; *code is its shutdown reason, ~0 while it runs. */
static int watch(struct child *c, unsigned int ms, uint32_t *code, uint64_t *cpu_ns)
{
	struct xen_domctl_getdomaininfo info;
	uint64_t end = now_ns() + ms * 1000000ull;

	*code = ~0u;
	do {
		halt_once();			/* the heartbeat wakes us */
		CHECK_OK(child_info(c, &info));
		*cpu_ns = info.cpu_time;
		if (info.flags & XEN_DOMINF_shutdown)
			*code = (info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	} while (*code == ~0u && now_ns() < end);
	return 0;
}

static int check_ending(const struct child_case *x, uint32_t code, uint64_t cpu_ns)
{
	switch (x->ending) {
	case ENDS_WELL:
		CHECK_EQ(code, SHUTDOWN_poweroff);
		return 0;
	case ENDS_IN_CRASH:
		CHECK_EQ(code, SHUTDOWN_crash);
		return 0;
	case STAYS_BUSY:
		CHECK_EQ(code, ~0u);
		CHECK(cpu_ns > x->ms * 100000ull);
		return 0;
	case STAYS_IDLE:
		CHECK_EQ(code, ~0u);
		CHECK(cpu_ns < x->ms * 500000ull);
		return 0;
	case ENDS_SOMEHOW:
		return 0;
	}
	return __LINE__;
}

static int run_child(const struct child_case *x)
{
	uint64_t before = host_free_pages(), cpu_ns = 0, start = now_ns();
	struct child c;
	uint32_t code;
	int line;

	CHECK(before != 0);
	debug_set(0x500000);
	CHECK_OK(child_create(&c, CHILD_LABEL, CHILD_PAGES, x->vcpus));
	CHECK_OK(child_load(&c, x->cmdline));
	CHECK_OK(child_start(&c));
	line = watch(&c, x->ms, &code, &cpu_ns);
	line = line ? line : check_ending(x, code, cpu_ns);
	line = line ? line : beats();
	CHECK(debug_holds(0x500000));		/* not the child's */
	CHECK_OK(child_destroy(&c));
	CHECK_EQ(host_free_pages(), before);
	say("guest: child %s: %s, code %d, %lu ms of CPU in %lu ms", line ? "FAIL" : "ok", x->cmdline, (int)code,
	    (unsigned long)(cpu_ns / 1000000), (unsigned long)((now_ns() - start) / 1000000));
	return line;
}

int test_children(void)
{
	const char *only = argument_text("child");
	int line = events_init(), failed = 0;

	irq_handler[HEARTBEAT] = heartbeat;
	lapic_timer(PERIODIC, HEARTBEAT, BEAT_COUNT);
	for (unsigned int i = 0; i < ARRAY_SIZE(child_cases) && !line; i++)
		if (!only || !strncmp(only, child_cases[i].cmdline, 4))
			failed = run_child(&child_cases[i]) ?: failed;
	lapic_timer(1u << 16, HEARTBEAT, 0);
	return line ? line : failed;
}

/* Created and destroyed many times, also half-built: free memory comes back to where it was. */
int test_cycles(void)
{
	uint64_t n = argument("cycles", 100), start = now_ns(), before;
	struct child c;

	CHECK_OK(child_create(&c, CHILD_LABEL, 64, 1));		/* what is allocated once is allocated now */
	CHECK_OK(child_destroy(&c));
	before = host_free_pages();
	CHECK(before != 0);
	for (uint64_t i = 0; i < n; i++) {
		CHECK_OK(child_create(&c, CHILD_LABEL, i % 3 == 2 ? 640 : 64, 1 + i % 2));
		if (i % 3 == 1)
			CHECK_OK(child_write(&c, 0x1000, &c, sizeof(c)));
		CHECK_OK(child_destroy(&c));
	}
	CHECK_EQ(host_free_pages(), before);
	say("guest: %lu cycles, %lu us each", (unsigned long)n, (unsigned long)((now_ns() - start) / 1000 / (n ? n : 1)));
	return 0;
}
