/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPUs as the core knows them, and what one asks of another.
 * Locking: work bits are atomic. Trust: no guest data.
 */
#include <hv/audit.h>
#include <hv/cpu.h>
#include <hv/evtchn.h>

#include "domain_private.h"

struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;

void core_init(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++) {
		struct cpu *c = &cpus[i];

		c->id = i;
		c->current = NULL;
		atomic_store(&c->work, 0);
		atomic_store(&c->in_guest, -1);
		spin_lock_init(&c->rq.lock);
		list_init(&c->rq.queue);
		atomic_store(&c->rq.load, 0);
		c->rq.slice_end = UINT64_MAX;
		spin_lock_init(&c->timers.lock);
		list_init(&c->timers.queue);
		c->timers.armed = UINT64_MAX;
	}
	domain_table_init();
	domain_link_init();
	evtchn_init();
}

void cpu_raise_work(unsigned int cpu, uint32_t work)
{
	atomic_fetch_or(&cpus[cpu].work, work);
	if (cpu != edge_cpu_id())
		edge_cpu_kick(cpu);
}

bool cpu_work_pending(void)
{
	return atomic_load(&this_cpu()->work) != 0;
}

bool cpu_should_yield(void)
{
	return cpu_work_pending() || edge_now_ns() >= this_cpu()->timers.armed || audit_waits(current_vcpu());
}
