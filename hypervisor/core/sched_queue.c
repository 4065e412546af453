/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run queues ordered by credit. A running vCPU pays credit in inverse proportion to its domain's
 * weight, a sleeping one gains some; only differences matter. Who comes to a queue is brought near
 * to what runs there, so that neither old debts nor old savings count for long.
 * Locking: the queue's lock, a leaf but for the timers'.
 * Trust: no guest data.
 */
#include "sched_private.h"

#define CAP_PERIOD_NS	(30 * NS_PER_MS)
/* How far a vCPU may lag behind what runs where it queues. */
#define LAG_MAX		(2 * CREDIT_MAX)
/* Far from an overflow, which a lone vCPU of small weight comes to within a year. */
#define CREDIT_FLOOR	(-((int64_t)1 << 60))

_Atomic uint64_t sched_idle_cpus;

void rq_level(const struct cpu *c, struct vcpu *v)
{
	if (v->credit > c->rq.credit + CREDIT_MAX)
		v->credit = c->rq.credit + CREDIT_MAX;
	if (v->credit < c->rq.credit - LAG_MAX)
		v->credit = c->rq.credit - LAG_MAX;
}

void rq_insert(struct cpu *c, struct vcpu *v)
{
	struct list *at = c->rq.queue.prev;

	while (at != &c->rq.queue && list_entry(at, struct vcpu, rq_link)->credit < v->credit)
		at = at->prev;
	list_insert_after(at, &v->rq_link);
	v->queued = true;
	atomic_fetch_add_explicit(&c->rq.load, 1, memory_order_relaxed);
}

void rq_remove(struct cpu *c, struct vcpu *v)
{
	list_del(&v->rq_link);
	v->queued = false;
	atomic_fetch_sub_explicit(&c->rq.load, 1, memory_order_relaxed);
}

int64_t vcpu_credit_at(const struct vcpu *v, uint64_t now)
{
	uint32_t weight = v->domain->sched_weight ? v->domain->sched_weight : DEFAULT_WEIGHT;
	uint64_t ran = now > v->run_since ? now - v->run_since : 0;

	if (ran > 100u * SLICE_NS)
		ran = 100u * SLICE_NS;
	return v->credit - (int64_t)(ran * DEFAULT_WEIGHT / weight);
}

static uint64_t cap_period(uint64_t now)
{
	return now / CAP_PERIOD_NS;
}

static void cap_charge(struct domain *d, uint64_t ns, uint64_t now)
{
	if (!d->sched_cap)
		return;
	if (atomic_exchange(&d->cap_period, cap_period(now)) != cap_period(now))
		atomic_store(&d->cap_used, 0);
	atomic_fetch_add(&d->cap_used, ns);
}

bool domain_cap_allows(struct domain *d, uint64_t now)
{
	if (!d->sched_cap || atomic_load(&d->cap_period) != cap_period(now))
		return true;
	return atomic_load(&d->cap_used) < (uint64_t)d->sched_cap * (CAP_PERIOD_NS / 100);
}

uint64_t domain_cap_period_end(uint64_t now)
{
	return (cap_period(now) + 1) * CAP_PERIOD_NS;
}

int64_t vcpu_account(struct vcpu *v, uint64_t now)
{
	v->credit = vcpu_credit_at(v, now);
	if (v->credit < CREDIT_FLOOR)
		v->credit = 0;	/* the others are levelled with it */
	if (now > v->run_since)
		cap_charge(v->domain, now - v->run_since, now);
	v->run_since = now;
	return v->credit;
}

static uint32_t cpu_load(unsigned int cpu)
{
	uint32_t queued = atomic_load_explicit(&cpus[cpu].rq.load, memory_order_relaxed);

	return queued + (cpus[cpu].current ? 1 : 0);
}

/*
 * Least loaded of the allowed CPUs, `best` if none has less than (or, when expired, no more than)
 * it.
 */
static unsigned int least_loaded(uint64_t allowed, unsigned int best, bool expired)
{
	uint32_t least = (allowed >> best) & 1 ? cpu_load(best) : UINT32_MAX;

	for (uint64_t left = allowed; left; left &= left - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(left);
		uint32_t load = cpu_load(cpu);

		if (load < least || (expired && load == least && cpu != best)) {
			least = load;
			best = cpu;
			expired = false;
		}
	}
	return best;
}

/*
 * An idle CPU, the last one first; else the last one, whose caches are warm. After a slice an
 * equally busy CPU will do as well: so three vCPUs on two CPUs take turns. (Boot brings up one
 * thread of each core, so that two labels never share one: nothing to choose here.)
 */
unsigned int sched_place(const struct vcpu *v, bool expired)
{
	uint64_t allowed = v->affinity & sched_cpus_online();
	uint64_t idle = atomic_load(&sched_idle_cpus) & allowed;
	unsigned int last = atomic_load(&v->cpu);

	if (idle & v->soft_affinity)
		idle &= v->soft_affinity;
	if ((idle >> last) & 1)
		return last;
	if (idle)
		return (unsigned int)__builtin_ctzll(idle);
	if (!expired && (allowed >> last) & 1)
		return last;
	return least_loaded(allowed, last, expired);
}
