/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU's readiness to run: blocking and waking, up and down, paused and not.
 * Locking: the run queue of v->cpu. Who makes something pending stores it before asking for the
 * state, who blocks does it the other way round: no wake is lost.
 * Trust: guests block and wake as they please; each call is constant work.
 */
#include "sched_private.h"

#include <hv/console.h>

void vcpu_sched_init(struct vcpu *v)
{
	list_init(&v->rq_link);
	v->affinity = v->soft_affinity = ~(uint64_t)0;
	atomic_store(&v->cpu, v->id % (cpu_count ? cpu_count : 1));
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = edge_now_ns();
}

bool vcpu_is_running(const struct vcpu *v)
{
	return atomic_load(&((struct vcpu *)(uintptr_t)v)->running);
}

struct cpu *vcpu_rq_lock(struct vcpu *v)
{
	for (;;) {
		struct cpu *c = &cpus[atomic_load(&v->cpu)];

		spin_lock(&c->rq.lock);
		if (atomic_load(&v->cpu) == c->id)
			return c;
		spin_unlock(&c->rq.lock);
	}
}

static bool is_asleep(const struct vcpu *v)
{
	uint32_t state = atomic_load(&((struct vcpu *)(uintptr_t)v)->state);

	return state == VCPU_BLOCKED || state == VCPU_POLLING;
}

static bool outranks_current(const struct cpu *c, const struct vcpu *v, uint64_t now)
{
	return !c->current || v->credit > vcpu_credit_at(c->current, now) + PREEMPT_GAIN;
}

/* c is locked and v belongs to it, neither running nor queued; unlocks. */
static void enqueue(struct cpu *c, struct vcpu *v, bool expired)
{
	unsigned int target = sched_place(v, expired);
	uint64_t now = edge_now_ns();
	bool preempt = false;

	if (target != c->id) {
		atomic_store(&v->cpu, target);
		spin_unlock(&c->rq.lock);
		c = &cpus[target];
		spin_lock(&c->rq.lock);
	}
	/* In between somebody else may have done it, or paused v. */
	if (atomic_load(&v->cpu) == target && !v->queued && !vcpu_is_running(v) &&
	    vcpu_is_schedulable(v)) {
		runstate_change(v, RUNSTATE_runnable, now);
		rq_level(c, v);
		preempt = outranks_current(c, v, now);
		rq_insert(c, v);
		/* A queue that was empty had no time slice. */
		preempt |= c->rq.slice_end == UINT64_MAX;
		/* It has something to do now: who wakes next shall find another. */
		atomic_fetch_and(&sched_idle_cpus, ~((uint64_t)1 << target));
	}
	spin_unlock(&c->rq.lock);
	if (preempt)
		cpu_raise_work(target, CPU_WORK_RESCHED);
}

static void reconsider(struct vcpu *v, bool expired)
{
	struct cpu *c = vcpu_rq_lock(v);
	bool ready = vcpu_is_schedulable(v);

	if (ready && !v->queued && !vcpu_is_running(v)) {
		enqueue(c, v, expired);
		return;
	}
	if (v->queued && !ready)
		rq_remove(c, v);
	if (!ready && !vcpu_is_running(v) && v->runstate.state != runstate_of(v))
		runstate_change(v, runstate_of(v), edge_now_ns());
	spin_unlock(&c->rq.lock);
	if (vcpu_is_running(v) && !ready)
		cpu_raise_work(c->id, CPU_WORK_RESCHED);
}

void vcpu_reconsider(struct vcpu *v)
{
	reconsider(v, false);
}

void vcpu_requeue(struct vcpu *v)
{
	reconsider(v, true);
}

/* Sleep earns credit: who waits for events mostly sleeps, and is served first when one comes. */
void vcpu_wake(struct vcpu *v)
{
	struct cpu *c = vcpu_rq_lock(v);
	bool woken = is_asleep(v);
	uint64_t now = edge_now_ns();

	if (woken) {
		if (!vcpu_is_running(v) && now > v->asleep_since) {
			uint64_t slept = now - v->asleep_since;

			v->credit += slept < SLICE_NS ? (int64_t)slept : CREDIT_MAX;
		}
		atomic_store(&v->poll_port, 0);		/* a poll that something else ended is over */
		atomic_store(&v->state, VCPU_RUNNABLE);
	}
	spin_unlock(&c->rq.lock);
	if (woken)
		vcpu_reconsider(v);
}

void vcpu_kick(struct vcpu *v)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (is_asleep(v)) {
		vcpu_wake(v);
	} else if (vcpu_is_running(v)) {
		unsigned int cpu = atomic_load(&v->cpu);

		if (cpu != edge_cpu_id())
			edge_cpu_kick(cpu);
	}
}

void vcpu_up(struct vcpu *v)
{
	struct cpu *c = vcpu_rq_lock(v);

	if (atomic_load(&v->state) == VCPU_DOWN)
		atomic_store(&v->state, VCPU_RUNNABLE);
	spin_unlock(&c->rq.lock);
	vcpu_reconsider(v);
}

void vcpu_down(struct vcpu *v)
{
	struct cpu *c = vcpu_rq_lock(v);

	atomic_store(&v->state, VCPU_DOWN);
	spin_unlock(&c->rq.lock);
	vcpu_reconsider(v);
}

void vcpu_block(struct vcpu *v)
{
	struct cpu *c = vcpu_rq_lock(v);

	if (atomic_load(&v->state) == VCPU_RUNNABLE)
		atomic_store(&v->state, atomic_load(&v->poll_port) ? VCPU_POLLING : VCPU_BLOCKED);
	spin_unlock(&c->rq.lock);
}

/* v is current. */
void vcpu_yield(struct vcpu *v)
{
	struct cpu *c = &cpus[atomic_load(&v->cpu)];

	c->rq.yielded = true;
	c->rq.resched = true;
}

void vcpu_pause(struct vcpu *v)
{
	atomic_fetch_add(&v->pause_count, 1);
	vcpu_reconsider(v);
}

void vcpu_unpause(struct vcpu *v)
{
	uint32_t before = atomic_fetch_sub(&v->pause_count, 1);

	BUG_ON(before == 0);
	if (before == 1)
		vcpu_reconsider(v);
}

/* A vCPU that has a CPU to itself has no time slice, at whose end a new cap would be looked at. */
void domain_sched_set(struct domain *d, uint32_t weight, uint32_t cap)
{
	d->sched_weight = weight;
	d->sched_cap = cap;
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && vcpu_is_running(d->vcpu[i]))
			cpu_raise_work(atomic_load(&d->vcpu[i]->cpu), CPU_WORK_RESCHED);
}

int vcpu_set_affinity(struct vcpu *v, uint64_t hard, uint64_t soft)
{
	struct cpu *c;
	bool allowed;

	if (!(hard & sched_cpus_online()))
		return -XEN_EINVAL;
	c = vcpu_rq_lock(v);
	v->affinity = hard;
	v->soft_affinity = soft;
	allowed = (hard >> c->id) & 1;
	if (v->queued && !allowed)
		rq_remove(c, v);
	spin_unlock(&c->rq.lock);
	if (vcpu_is_running(v) && !allowed)
		cpu_raise_work(c->id, CPU_WORK_RESCHED);
	vcpu_reconsider(v);
	return 0;
}
