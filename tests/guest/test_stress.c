/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: two vCPUs create, fill, start, look at and destroy domains at the same time, some of which run and spin, while policies
 * are loaded. Nothing may fail, hang or stay behind. Runs under build/tests/sweep.policy.
 * Locking: the vCPUs share nothing but counters. Trust: a guest.
 */
#include "tests.h"
#include "child.h"

#include <xen/xsm/flask_op.h>

#define ROUNDS		150u
#define RUNNING_PAGES	1024u
#define EMPTY_PAGES	40u
#define LIMIT_MS	120000u

extern const uint8_t sweep_policy[], sweep_policy_end[];

struct worker {
	uint64_t rounds, state;
	volatile uint64_t done;
	int line;
};
static struct worker workers[2];

static uint64_t step(struct worker *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state;
}

static int policy_reload(void)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	long rc;

	op.u.load.size = (uint32_t)(sweep_policy_end - sweep_policy);
	set_xen_guest_handle(op.u.load.buffer, (char *)(uintptr_t)sweep_policy);
	rc = hypercall1(__HYPERVISOR_xsm_op, &op);
	CHECK(rc == 0 || rc == -XEN_EBUSY);
	return 0;
}

static int pause_and_go_on(struct child *c)
{
	struct xen_domctl d;

	memset(&d, 0, sizeof(d));
	CHECK_OK(domctl(c, &d, XEN_DOMCTL_pausedomain));
	CHECK_OK(domctl(c, &d, XEN_DOMCTL_unpausedomain));
	return 0;
}

/* A mapping of the child's page that is still there when it is destroyed keeps it until it goes. */
static int destroy_mapped(struct child *c, uint64_t at)
{
	uint64_t end = now_ns() + 5000000000ull;
	struct xen_domctl d;
	struct xen_domctl_getdomaininfo info;

	memset(&d, 0, sizeof(d));
	CHECK_OK(child_map(c, 5, at));
	*(volatile uint32_t *)at = 1;
	CHECK_OK(domctl(c, &d, XEN_DOMCTL_destroydomain));
	CHECK_OK(child_info(c, &info));
	*(volatile uint32_t *)at = 2;
	child_unmap(at);
	while (child_info(c, &info) == 0)		/* somebody else may be looking at it just now */
		CHECK(now_ns() < end);
	return 0;
}

static int one_round(struct worker *w, uint64_t at)
{
	uint64_t pick = step(w);
	bool runs = pick % 4 == 0;
	struct child c;
	int line = 0;

	CHECK_OK(child_create(&c, CHILD_LABEL, runs ? RUNNING_PAGES : EMPTY_PAGES, 1 + (unsigned int)(pick >> 8) % 3));
	if (runs)
		CHECK_OK(child_load(&c, pick % 8 == 0 ? "spin" : "ports"));
	else
		CHECK_OK(child_write(&c, 0x3000, &c, sizeof(c)));
	if (pick % 16 == 1)
		return destroy_mapped(&c, at);
	CHECK_OK(child_start(&c));
	if (pick % 3 == 0)
		line = pause_and_go_on(&c);
	if (!line && pick % 8 == 3)
		line = policy_reload();
	CHECK_OK(child_destroy(&c));
	return line;
}

static void work(void *arg)
{
	struct worker *w = arg;
	uint64_t at = scratch_gpa(1);

	for (uint64_t i = 0; i < w->rounds && !w->line; i++)
		w->line = one_round(w, at);
	w->done = 1;
}

int test_stress(void)
{
	uint64_t before, end = now_ns() + LIMIT_MS * 1000000ull;

	CHECK_OK(policy_reload());		/* what the first load keeps is allocated now */
	before = host_free_pages();
	CHECK(before != 0);
	for (unsigned int i = 0; i < 2; i++)
		workers[i] = (struct worker){ .rounds = argument("rounds", ROUNDS), .state = argument("seed", 1) * 77777 + i + 1 };
	CHECK(cpu_start(1, work, &workers[1]));
	work(&workers[0]);
	while (!workers[1].done && now_ns() < end)
		relax();
	CHECK(workers[1].done);
	CHECK_EQ(workers[0].line, 0);
	CHECK_EQ(workers[1].line, 0);
	CHECK_EQ(host_free_pages(), before);
	return 0;
}
