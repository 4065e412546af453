/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of every CPU: work that was raised, the vCPU that runs next, one entry into the guest,
 * again.
 * Locking: this CPU's run queue while choosing; two queues are never held at once.
 * Trust: a guest keeps a CPU no longer than its slice.
 */
#include "sched_private.h"

#include <hv/console.h>
#include <hv/guest.h>

/*
 * Something that ends HLT or a poll (APM volume 2, 15.21: interrupts only while RFLAGS.IF is set).
 */
static bool wants_to_run(struct vcpu *v)
{
	if (atomic_load(&v->lapic.nmi_pending) || atomic_load(&v->lapic.pending_init_sipi))
		return true;
	return (v->regs.rflags & 0x200) && guest_interrupt_pending(v) != GUEST_NO_VECTOR;
}

/* c is locked: the best queued vCPU that may run; those that may not any more leave the queue. */
static struct vcpu *first_ready(struct cpu *c, uint64_t now)
{
	list_for_each_safe(p, &c->rq.queue) {
		struct vcpu *v = list_entry(p, struct vcpu, rq_link);

		if (!vcpu_is_schedulable(v)) {
			rq_remove(c, v);
			runstate_change(v, runstate_of(v), now);
		} else if (domain_cap_allows(v->domain, now)) {
			return v;
		}
	}
	return NULL;
}

/*
 * c is locked. Running is announced before the pause counts are asked again: who pauses does it in
 * the other order (domain_is_quiet).
 */
static bool claim(struct cpu *c, struct vcpu *v, uint64_t now)
{
	rq_remove(c, v);
	atomic_store(&v->running, true);
	if (!vcpu_is_schedulable(v)) {
		atomic_store(&v->running, false);
		runstate_change(v, runstate_of(v), now);
		return false;
	}
	runstate_change(v, RUNSTATE_running, now);
	v->run_since = now;
	return true;
}

/* c is locked. */
static struct vcpu *choose(struct cpu *c, uint64_t now)
{
	struct vcpu *cur = c->current, *v;
	bool keep = cur && vcpu_is_schedulable(cur) && (cur->affinity >> c->id) & 1 &&
		    domain_cap_allows(cur->domain, now);

	do {
		v = first_ready(c, now);
		if (v)
			rq_level(c, v);
		if (keep && (!v || (!c->rq.yielded && cur->credit >= v->credit))) {
			v = cur;
			break;
		}
	} while (v && !claim(c, v, now));
	if (v)
		c->rq.credit = v->credit;
	return v;
}

/*
 * Who gives way queues again only when its state is in memory, and most often here: it counts as
 * waiting now. Nothing looks at this CPU's work again before the next one runs, who may never exit.
 */
static void slice_set(struct cpu *c, const struct vcpu *next, uint64_t now)
{
	const struct vcpu *former = c->current;
	bool capped = next && next->domain->sched_cap;
	bool comes_back = former && former != next && vcpu_is_schedulable(former);

	if (capped)
		c->rq.slice_end = now + NS_PER_MS;
	else if (list_empty(&c->rq.queue) && !comes_back)
		c->rq.slice_end = UINT64_MAX;
	else if (!next)
		c->rq.slice_end = domain_cap_period_end(now);
	else if (next != former || c->rq.slice_end <= now || c->rq.slice_end == UINT64_MAX)
		c->rq.slice_end = now + SLICE_NS;
}

/* An idle CPU takes over the best vCPU that waits for another. */
static bool steal(struct cpu *c)
{
	uint64_t now = edge_now_ns();

	for (unsigned int i = 1; i < cpu_count; i++) {
		struct cpu *from = &cpus[(c->id + i) % cpu_count];
		struct domain_link keep;
		struct vcpu *found = NULL;

		if (atomic_load(&from->rq.load) == 0 || !spin_trylock(&from->rq.lock))
			continue;
		list_for_each(p, &from->rq.queue) {
			struct vcpu *v = list_entry(p, struct vcpu, rq_link);

			if ((v->affinity >> c->id) & 1 && domain_cap_allows(v->domain, now)) {
				found = v;
				break;
			}
		}
		if (found) {
			keep = domain_link_make(found->domain);	/* queued nowhere, it may end */
			rq_remove(from, found);
			atomic_store(&found->cpu, c->id);
		}
		spin_unlock(&from->rq.lock);
		if (!found)
			continue;
		vcpu_reconsider(found);
		domain_link_drop(&keep);
		return true;
	}
	return false;
}

/* The former vCPU's state is in memory and its record written before another CPU may load it, or end the domain. */
static void switch_out(struct cpu *c, struct vcpu *v, uint64_t now)
{
	struct domain_link keep = domain_link_make(v->domain);

	edge_vcpu_save(v);
	spin_lock(&c->rq.lock);
	runstate_change(v, runstate_of(v), now);
	v->asleep_since = now;
	spin_unlock(&c->rq.lock);
	runstate_publish(v);
	atomic_store(&v->running, false);
	vcpu_requeue(v);
	domain_link_drop(&keep);
}

static void switch_in(struct cpu *c, struct vcpu *v)
{
	if (c->rq.last != v->domain->serial)
		edge_speculation_barrier_domain();
	c->rq.last = v->domain->serial;
	edge_vcpu_load(v);
	vcpu_update_areas(v);
}

/* Not inlined, as idle(): most rounds pass by both. */
static __attribute__((noinline)) struct vcpu *pick(struct cpu *c)
{
	struct vcpu *former = c->current, *next;
	uint64_t now = edge_now_ns();

	c->rq.resched = false;
	if (former && !vcpu_is_schedulable(former) && wants_to_run(former))
		vcpu_wake(former);
	spin_lock(&c->rq.lock);
	if (former)
		c->rq.credit = vcpu_account(former, now);
	next = choose(c, now);
	c->rq.yielded = false;
	slice_set(c, next, now);
	atomic_store_explicit(&c->current, next, memory_order_relaxed);
	spin_unlock(&c->rq.lock);
	if (former && former != next)
		switch_out(c, former, now);
	if (next && next != former)
		switch_in(c, next);
	timer_program();
	return next;
}

static __slow void idle(struct cpu *c)
{
	uint64_t bit = (uint64_t)1 << c->id;

	/* First the sign, then the look around: what is queued elsewhere in between sees one or the other. */
	atomic_fetch_or(&sched_idle_cpus, bit);
	if (!steal(c)) {
		c->rq.idle_since = edge_now_ns();
		edge_idle();
		c->rq.idle_ns += edge_now_ns() - c->rq.idle_since;
	}
	atomic_fetch_and(&sched_idle_cpus, ~bit);
}

void cpu_do_work(void)
{
	struct cpu *c = this_cpu();
	uint32_t work = atomic_exchange(&c->work, 0);

	if (work & CPU_WORK_TIMER)
		timer_run_due();
	if (work & CPU_WORK_CONSOLE)
		console_poll_input();
	if (work & CPU_WORK_REAP)
		domain_reap();
	if (work & (CPU_WORK_RESCHED | CPU_WORK_TIMER))
		c->rq.resched = true;
}

static inline __attribute__((always_inline)) void step(void)
{
	struct cpu *c = this_cpu();
	struct vcpu *v;

	if (unlikely(atomic_load(&c->work)))
		cpu_do_work();
	v = atomic_load_explicit(&c->current, memory_order_relaxed);
	if (unlikely(!v || c->rq.resched || !vcpu_is_schedulable(v)))
		v = pick(c);
	if (v)
		edge_vcpu_run(v);
	else
		idle(c);
}

void cpu_step(void)
{
	step();
}

/* In a function of its own, that holds the round and little else. */
__attribute__((noinline)) void cpu_loop(void)
{
	for (;;)
		step();
}
