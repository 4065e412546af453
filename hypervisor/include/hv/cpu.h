/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Per-CPU data of the portable core, and the loop every CPU runs.
 * Locking: a field is this CPU's own unless it is atomic. Trust: no guest data.
 */
#ifndef HV_CPU_H
#define HV_CPU_H

#include <stdatomic.h>
#include <hv/edge.h>
#include <hv/list.h>
#include <hv/lock.h>
#include <hv/types.h>

struct timer;

struct cpu {
	unsigned int id;
	_Atomic bool online;
	struct vcpu *_Atomic current;	/* vCPU this CPU works for, NULL when idle or in boot */
	_Atomic uint32_t work;			/* CPU_WORK_*, set by anybody, then edge_cpu_kick() */
	/* Odd while a dispatcher pass is under way; gate_quiesce waits for it to change. */
	_Atomic uint64_t pass_seq;
	/* Domain id whose vCPU is in guest mode now, or -1; written by svm around VMRUN (seq_cst), read by edge_guest_flush_wait. */
	_Atomic int32_t in_guest;
	struct {				/* core/sched.c */
		struct spinlock lock;
		struct list queue;
		_Atomic uint32_t load;
		uint64_t slice_end;
		int64_t credit;		/* of what runs or ran last */
		uint64_t idle_ns, idle_since;
		bool resched;		/* pick again before the next entry */
		bool yielded;		/* the current vCPU lets others go first */
		uint64_t last;		/* serial of the domain whose vCPU ran last */
	} rq;
	struct cpu_frame {			/* core/p2m.c: a domain's own RAM found lately, by gfn */
		uint64_t epoch;		/* of the address space it was found in */
		gfn_t gfn;
		mfn_t mfn;
	} frames[64];
	struct cpu_walk {			/* core/guestwalk.c: what this pass has translated, by linear page */
		uint64_t pass;
		const struct vcpu *v;
		gva_t page;
		gpa_t gpa;
		bool writable;
	} walked[8];
	struct {				/* core/timer.c */
		struct spinlock lock;
		struct list queue;		/* sorted by deadline */
		uint64_t armed;		/* what the hardware was told: earliest of the queue and the slice */
		struct timer *_Atomic running;	/* whose callback is under way */
	} timers;
};

#define CPU_WORK_RESCHED 1u	/* pick again */
#define CPU_WORK_TIMER   2u	/* timers may be due */
#define CPU_WORK_CONSOLE 4u	/* serial input arrived */
#define CPU_WORK_REAP    8u	/* a domain lost its last reference */

extern struct cpu cpus[MAX_CPUS];
extern unsigned int cpu_count;		/* online CPUs, fixed after boot */

/* Once, before anything else of the core is used (boot, hosted machine): cpus[], queues, the table of domains. Does not set cpu_count. */
void core_init(void);

/*@ assigns \nothing; */
static inline struct cpu *this_cpu(void)
{
	return &cpus[edge_cpu_id()];
}

static inline struct vcpu *current_vcpu(void)
{
	return this_cpu()->current;
}

void cpu_raise_work(unsigned int cpu, uint32_t work);	/* set and kick */
bool cpu_work_pending(void);
/* True when a long operation should give way: work pending on this CPU or its slice or nearest timer is due. Cheap (TSC and memory only). */
bool cpu_should_yield(void);
/* The main loop: work, pick, run, for ever. Each CPU ends its boot here. core/sched.c */
_Noreturn void cpu_loop(void);
void cpu_step(void);		/* one round of it */
void cpu_do_work(void);		/* the work part: timers, console, reaping */

#endif
