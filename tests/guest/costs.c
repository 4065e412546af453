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

/* Both loops are this one, so that what it costs itself falls out. */
static uint64_t __attribute__((noinline)) ticks(long (*volatile once)(void), long want, uint64_t rounds, uint64_t *wrong)
{
	uint64_t start = rdtsc();

	for (uint64_t i = 0; i < rounds; i++)
		*wrong += once() != want;
	return rdtsc() - start;
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

struct grant_entry_v1 *costs_grant(domid_t to)
{
	static struct grant_entry_v1 *entries;
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = scratch_gpa(1) >> PAGE_SHIFT };
	char *pages = page_alloc(COSTS_MANY);

	if (!entries && hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) == 0)
		entries = (struct grant_entry_v1 *)(x.gpfn << PAGE_SHIFT);
	for (unsigned int i = 0; entries && i < COSTS_MANY; i++)
		entries[COSTS_REF + i] = (struct grant_entry_v1){
			.flags = GTF_permit_access, .domid = to, .frame = (uint32_t)gfn_of(pages + i * PAGE_SIZE),
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
