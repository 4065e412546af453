/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hosted test may ask of the fake machine.
 * Locking: none; a test that runs threads gives each its own CPU (hosted_cpu_set). Trust: tests only.
 */
#ifndef TESTS_HOSTED_H
#define TESTS_HOSTED_H

#include <hv/edge.h>
#include <hv/lock.h>
#include <hv/types.h>
#include <hv/vcpu.h>

#include "../../hypervisor/core/mm_private.h"	/* frames and their counts */

static inline uint32_t refcount_read(const struct refcount *r)
{
	return atomic_load(&((struct refcount *)(uintptr_t)r)->n);
}

static inline bool spin_is_locked(struct spinlock *l)
{
	return atomic_load(&l->owner) != atomic_load(&l->next);
}

/* --- the fake edge alone (edge.c) --------------------------------------------------------------------------------- */
#define HOSTED_BASE_MFN 0x100u			/* the first frame of memory; below it is nothing, as on a PC's first megabyte */

void hosted_edge_init(size_t mib);	/* fresh memory, time 1 s, counters 0; callable again for the next test */
void *hosted_mfn_va(mfn_t mfn);			/* where a frame lies in this process */
void hosted_cpu_set(unsigned int cpu);		/* this thread is that CPU */
void hosted_time_set(uint64_t ns);
void hosted_time_advance(uint64_t ns);
void hosted_time_auto(uint64_t step_ns);	/* each reading of the clock moves it on by this much; 0: stands still */
uint64_t hosted_timer_deadline(unsigned int cpu);
unsigned int hosted_kicks(unsigned int cpu);	/* how often edge_cpu_kick() named it */
unsigned int hosted_flushes(void);		/* how often edge_guest_flush_wait() was called */
unsigned int hosted_windows(void);		/* windows open on this CPU: 0 between operations */
unsigned int hosted_pins(void);			/* pages pinned by guest_page_pin() */
const char *hosted_console(void);		/* what was written to the serial line since the last hosted_console_clear() */
void hosted_console_clear(void);
void hosted_console_input(const char *text);

/* What the machine would do for good ends in the test's hands: -1 returned on the way back from edge_die() or edge_machine_restart(). */
#define HOSTED_CATCH() (__builtin_setjmp(hosted_jump) ? (hosted_jump_armed = false, -1) : (hosted_jump_armed = true, 0))
extern void *hosted_jump[5];
extern bool hosted_jump_armed;

struct hosted_vcpu {				/* v->arch */
	struct cpu_context context;
	struct guest_paging paging;		/* as created: 64-bit, paging off, CPL 0: linear addresses are guest-physical */
	unsigned int loads, runs;
};
struct hosted_vcpu *hosted_vcpu(struct vcpu *v);
/* Called by edge_vcpu_run() in place of entering a guest; NULL: does nothing. */
extern void (*hosted_guest)(struct vcpu *v);

/* --- a whole machine (machine.c): heap, guest memory, policy, domains ------------------------------------------------ */
struct domain;
/* Edge, heap, guest frames, console, policy (build/policy unless given). What the machine before it holds must fit together (invariants.h). */
void hosted_machine_init(void);
void hosted_machine_init_policy(const char *policy_path);
void hosted_machine_unchecked(void);	/* this one need not: the test takes and enters frames by hand */
/* A running domain with `pages` pages of RAM from gfn 0 and `vcpus` vCPUs up; label NULL: guest_t of no tenant. The reference is the test's. */
/* Begins and ends a pass as a hypercall does (gate_quiesce()): no policy is freed meanwhile. For what is called without a hypercall while others load policies. */
void hosted_pass_toggle(void);
struct domain *hosted_domain(domid_t id, const char *label, unsigned int pages, unsigned int vcpus);
extern unsigned int hosted_maptrack_frames;		/* Xen frames of handles that the next domains may have */
extern unsigned int hosted_cpus;			/* that the next machine has; 2 unless told */
void hosted_domain_kill(struct domain *d);		/* destroys it whole and drops the reference */
void hosted_write(struct domain *d, gpa_t at, const void *src, size_t len);
uint32_t hosted_write_file(struct domain *d, gpa_t at, const char *path);	/* its size */
void hosted_read(struct domain *d, gpa_t at, void *dst, size_t len);
int hosted_try_read(struct domain *d, gpa_t at, void *dst, size_t len);	/* -XEN_EFAULT: not all of it is there */
/* vCPU 0 of d issues a hypercall on this CPU; continuations are followed until it ends. */
int64_t hosted_hypercall(struct domain *d, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);
void hosted_run_vcpu(struct vcpu *v);			/* v is this CPU's current from now on */

#endif
