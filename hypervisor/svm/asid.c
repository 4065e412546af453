/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address space identifiers: flushing a guest's translations is taking a new identifier, and only
 * running out of them flushes the CPU. That needs no FLUSHBYASID. And the wait for other CPUs to
 * stop using what a p2m no longer holds.
 * Locking: identifiers are their CPU's own; generations and in_guest are atomics, sequentially
 * consistent, as the protocol below needs.
 * Trust: no guest data.
 */
#include <hv/cpu.h>
#include <hv/domain.h>
#include "../cpu/arch.h"
#include "vcpu.h"

static __slow void asid_take(struct vcpu *v, struct svm_vcpu *s, struct svm_cpu *c)
{
	if (c->next_asid >= svm_features.asids) {
		c->next_asid = 1;
		c->generation++;
		s->vmcb->tlb_control = VMCB_TLB_FLUSH_ALL;
	}
	s->vmcb->asid = c->next_asid++;
	s->asid_cpu = edge_cpu_id();
	s->asid_generation = c->generation;
	s->flush_seen = atomic_load(&v->domain->p2m.flush_generation);
}

/*
 * Called with in_guest already set to the domain: whoever changes the p2m raises the generation
 * first and looks at in_guest second. So either we see the new generation here, or the changer sees
 * us and waits for our exit.
 */
void svm_asid_prepare(struct vcpu *v, unsigned int cpu)
{
	struct svm_vcpu *s = svm_vcpu(v);
	struct svm_cpu *c = &svm_cpus[cpu];

	s->vmcb->tlb_control = 0;
	if (unlikely(s->asid_cpu != cpu || s->asid_generation != c->generation ||
		     s->flush_seen != atomic_load(&v->domain->p2m.flush_generation)))
		asid_take(v, s, c);
}

/* VMRUN refused the state, perhaps before it flushed what asid_take() asked for: the next identifier taken here asks again. */
void svm_asid_refused(void)
{
	svm_cpus[edge_cpu_id()].next_asid = svm_features.asids;
}

void edge_guest_flush_wait(struct domain *d)
{
	uint64_t seen[MAX_CPUS];
	uint64_t wait = 0;

	atomic_fetch_add(&d->p2m.flush_generation, 1);
	for (unsigned int i = 0; i < cpu_count; i++) {
		seen[i] = atomic_load(&svm_cpus[i].exits);
		if (i == edge_cpu_id() || atomic_load(&cpus[i].in_guest) != d->id)
			continue;
		wait |= 1ull << i;
		edge_cpu_kick(i);
	}
	cpu_send_kicks(edge_cpu_id());
	for (unsigned int i = 0; i < cpu_count; i++) {
		if (!(wait & (1ull << i)))
			continue;
		while (atomic_load(&cpus[i].in_guest) == d->id &&
		       atomic_load(&svm_cpus[i].exits) == seen[i])
			edge_relax();
	}
}
