/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scheduler's files share: run queues, credits, runstates.
 * Locking: a vCPU's scheduling state belongs to the run queue of v->cpu; v->cpu changes only under
 * the lock of the queue it leaves.
 * Trust: weights, caps and affinities come from control operations and are bounded there.
 */
#ifndef CORE_SCHED_PRIVATE_H
#define CORE_SCHED_PRIVATE_H

#include <hv/cpu.h>
#include <hv/domain.h>

#define NS_PER_MS	1000000u
#define SLICE_NS	(10 * NS_PER_MS)
#define CREDIT_MAX	((int64_t)SLICE_NS)	/* what a sleeper can save up */
#define PREEMPT_GAIN	((int64_t)NS_PER_MS / 4)	/* less is not worth a switch */
#define DEFAULT_WEIGHT	256u

/* sched_state.c */
void vcpu_sched_init(struct vcpu *v);
static inline bool vcpu_is_schedulable(const struct vcpu *v)
{
	struct vcpu *w = (struct vcpu *)(uintptr_t)v;

	return atomic_load(&w->state) == VCPU_RUNNABLE && atomic_load(&w->pause_count) == 0 &&
	       atomic_load(&w->domain->pause_count) == 0;
}

struct cpu *vcpu_rq_lock(struct vcpu *v);		/* the queue v belongs to, locked */
/*
 * What the counts and the state say now: queue v, take it off a queue, or have its CPU look again.
 */
void vcpu_reconsider(struct vcpu *v);
/* The same for a vCPU that has just used up its slice: it may go to a CPU that is no busier. */
void vcpu_requeue(struct vcpu *v);

/* sched_queue.c; the queue is locked */
void rq_insert(struct cpu *c, struct vcpu *v);		/* highest credit first */
void rq_remove(struct cpu *c, struct vcpu *v);
void rq_level(const struct cpu *c, struct vcpu *v);	/* credit within reach of what runs there */
int64_t vcpu_account(struct vcpu *v, uint64_t now);	/* pays for its time */
int64_t vcpu_credit_at(const struct vcpu *v, uint64_t now);
bool domain_cap_allows(struct domain *d, uint64_t now);
uint64_t domain_cap_period_end(uint64_t now);
/* Which CPU v should queue on; no lock needed. */
unsigned int sched_place(const struct vcpu *v, bool expired);
extern _Atomic uint64_t sched_idle_cpus;

/* runstate.c; the queue is locked */
void runstate_change(struct vcpu *v, int state, uint64_t now);
int runstate_of(const struct vcpu *v);
/* To the registered area; no lock is held, v is loaded on this CPU. */
void runstate_publish(struct vcpu *v);

static inline uint64_t sched_cpus_online(void)
{
	return cpu_count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << cpu_count) - 1;
}

#endif
