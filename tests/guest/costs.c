/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the measure. Under QEMU's `-icount shift=0` a tick of the TSC is one instruction of the machine, hypervisor included, so the
 * figures are exact and the same in each run.
 * Locking: one vCPU. Trust: a guest.
 */
#include "costs.h"

#include <xen/event_channel.h>

static long nothing(void)
{
	return 0;
}

/* Where a trace of instructions finds the loop (tests/bench/decoder.sh). */
void __attribute__((noinline)) costs_mark(void)
{
	__asm__ volatile("");
}

/* Both loops are this one, so that what it costs itself falls out. */
static uint64_t __attribute__((noinline)) ticks(long (*volatile once)(void), long want, uint64_t rounds, uint64_t *wrong)
{
	uint64_t start, took;

	costs_mark();
	start = rdtsc();
	for (uint64_t i = 0; i < rounds; i++)
		*wrong += once() != want;
	took = rdtsc() - start;
	costs_mark();
	return took;
}

uint64_t costs_ticks(long (*once)(void), long want, uint64_t rounds, uint64_t *wrong)
{
	uint64_t empty = ticks(nothing, 0, rounds, wrong);

	return (ticks(once, want, rounds, wrong) - empty) / rounds;
}

int costs_measure_rounds(const char *name, long (*once)(void), long want, uint64_t rounds)
{
	const char *only = argument_text("only");
	uint64_t wrong = 0, cost;

	if (only && strncmp(only, name, strlen(name)) != 0)
		return 0;
	CHECK_EQ(once(), want);
	cost = costs_ticks(once, want, rounds, &wrong);
	CHECK_EQ(wrong, 0);
	say("guest: cost %s %lu", name, cost);
	return 0;
}

int costs_measure(const char *name, long (*once)(void), long want)
{
	return costs_measure_rounds(name, once, want, argument("rounds", COSTS_ROUNDS));
}

#define ENTRIES_PER_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define TABLE_FRAMES ((COSTS_REF + COSTS_GRANTS + ENTRIES_PER_FRAME - 1) / ENTRIES_PER_FRAME)

static struct grant_entry_v1 *table_map(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table };
	uint64_t gpa = scratch_gpa(TABLE_FRAMES);

	for (x.idx = 0; x.idx < TABLE_FRAMES; x.idx++) {
		x.gpfn = (gpa >> PAGE_SHIFT) + x.idx;
		if (hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x))
			return NULL;
	}
	return (struct grant_entry_v1 *)gpa;
}

struct grant_entry_v1 *costs_grant(domid_t to, unsigned int n)
{
	static struct grant_entry_v1 *entries;
	char *pages = page_alloc(COSTS_MANY);

	if (!entries)
		entries = table_map();
	for (unsigned int i = 0; entries && i < n; i++)
		entries[COSTS_REF + i] = (struct grant_entry_v1){
			.flags = GTF_permit_access, .domid = to, .frame = (uint32_t)gfn_of(pages + i % COSTS_MANY * PAGE_SIZE),
		};
	return entries;
}

bool costs_event_take(uint32_t port)
{
	unsigned long bit = 1ul << port % 64;

	shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	return __atomic_fetch_and(&shared_info->evtchn_pending[port / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

long costs_event_send(uint32_t port)
{
	struct evtchn_send s = { .port = port };

	return hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}
