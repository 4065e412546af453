/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual CPU.
 * Locking: see each field. Trust: registers are the guest's.
 */
#ifndef HV_VCPU_H
#define HV_VCPU_H

#include <hv/types.h>
#include <stdatomic.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>
#include <hv/edge.h>
#include <hv/list.h>
#include <hv/lock.h>
#include <hv/timer.h>

/* General registers, in the order the entry code pushes them; rip, rsp, rflags are copied from and to the VMCB around each exit. */
struct guest_regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rsp, rflags;
};

struct guest_segment {
	uint16_t sel;
	uint16_t attr;		/* VMCB form: type, S, DPL, P, AVL, L, D, G in 12 bits */
	uint32_t limit;
	uint64_t base;
};

struct cpu_context {
	struct guest_regs regs;
	uint64_t cr0, cr2, cr3, cr4, efer, dr6, dr7, xcr0, pat;
	uint64_t dr[4];
	struct guest_segment cs, ds, es, fs, gs, ss, tr, ldtr, gdtr, idtr;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip, tsc;
	uint32_t pending_event;	/* HVM CPU record form */
	uint32_t error_code;
	bool fpu_valid;
	uint8_t fpu[512];	/* FXSAVE image */
};

enum vcpu_state {
	VCPU_DOWN = 0,		/* not brought up (or sent VCPUOP_down / INIT) */
	VCPU_RUNNABLE,
	VCPU_BLOCKED,		/* HLT or SCHEDOP_block: until an event or interrupt */
	VCPU_POLLING,		/* SCHEDOP_poll */
};

/* guest/lapic.c */
struct lapic {
	struct spinlock lock;		/* leaf, after everything but the run queue */
	uint64_t base_msr;		/* IA32_APIC_BASE */
	uint32_t id, ldr, dfr, spiv, tpr, esr, esr_next, tdcr, tmict;	/* esr_next: errors since the last write to ESR */
	uint64_t icr;
	uint32_t lvt[6];		/* timer, thermal, perf, lint0, lint1, error */
	uint32_t irr[8], isr[8], tmr[8];
	struct timer timer;
	uint64_t timer_start, timer_period;	/* ns */
	uint64_t tsc_deadline;
	_Atomic uint32_t pending_init_sipi;	/* LAPIC_INIT, LAPIC_SIPI, bits 7:0 vector; under lock, peeked at without */
	bool wait_sipi;				/* INIT was the last thing that happened to it: SIPI is taken */
	_Atomic uint32_t irr_words;		/* bit n: irr[n] may be non-zero; lets entry skip the lock */
	_Atomic bool nmi_pending;
};

struct vcpu {
	unsigned int id;
	struct domain *domain;		/* the vCPU lives no longer than its domain; this is "self", no gate needed */
	void *arch;			/* svm/: VMCB and save areas */
	struct guest_regs regs;		/* valid while not in guest mode */

	/* scheduler: written under the run queue lock of v->cpu */
	_Atomic uint32_t state;		/* enum vcpu_state */
	_Atomic uint32_t pause_count;	/* vCPU's own, beside domain.pause_count */
	_Atomic uint32_t cpu;		/* where it runs or is queued */
	_Atomic bool running;		/* is some CPU's current (loaded, maybe in the hypervisor) */
	bool queued;
	struct list rq_link;
	int64_t credit;
	uint64_t affinity;		/* hard, bit per CPU */
	uint64_t soft_affinity;
	uint64_t run_since;
	uint64_t asleep_since;
	uint64_t audit_wait_since;	/* ns: its next record has found no room; 0: it has */
	struct vcpu_runstate_info runstate;	/* under the run queue lock */

	/* paravirtual interfaces; domain.lock */
	struct vcpu_info *info;		/* mapped: in shared_info, or a pinned guest page */
	mfn_t info_mfn;			/* pinned frame, MFN_INVALID while in shared_info */
	mfn_t runstate_mfn[2];		/* first and second page piece, MFN_INVALID: none; holds a reference, as time_mfn does */
	uint16_t runstate_off;
	mfn_t time_mfn;			/* MFN_INVALID = none */
	uint16_t time_off;
	uint64_t xen_time_version;
	struct timer singleshot;	/* VCPUOP_set_singleshot_timer, set_timer_op -> VIRQ_TIMER */
	struct timer poll_timer;
	_Atomic evtchn_port_t poll_port;	/* for one port; 0: none, UINT32_MAX: many, check all; vcpu_wake() clears it */
	evtchn_port_t virq_port[NR_VIRQS];	/* domain.lock; 0 = unbound */
	void *fifo_control;		/* mapped control block or NULL */
	mfn_t fifo_control_mfn;
	uint8_t upcall_vector;		/* HVMOP_set_evtchn_upcall_vector, 0 = none */

	/* the machine it sees */
	struct lapic lapic;
	uint64_t mtrr_def_type, mtrr_fixed[11], mtrr_base[8], mtrr_mask[8];
	uint64_t tsc_offset;
	uint64_t xcr0;
	struct {				/* guest_log_write: a line under way, and how many more may be printed now */
		char line[120];
		uint8_t len;
		uint32_t tokens, dropped;
		uint64_t refilled;		/* ns */
	} debug;
};

static inline bool vcpu_is_online(const struct vcpu *v)
{
	return atomic_load_explicit(&((struct vcpu *)(uintptr_t)v)->state, memory_order_acquire) != VCPU_DOWN;
}

/* core/vcpu.c. Created down and unscheduled; -XEN_ENOMEM, -XEN_EEXIST. Caller holds domain.lock or the domain is not yet published. */
int __must_check vcpu_create(struct domain *d, unsigned int id);
void vcpu_destroy(struct vcpu *v);

/* core/sched.c */
void vcpu_wake(struct vcpu *v);			/* blocked or polling -> runnable; any context, leaf lock */
void vcpu_kick(struct vcpu *v);			/* an interrupt or event became pending: wake it, or make it leave guest mode */
/*@ assigns \nothing; */
void vcpu_up(struct vcpu *v);			/* down -> runnable */
void vcpu_down(struct vcpu *v);			/* any -> down; takes effect when it is next descheduled */
void vcpu_block(struct vcpu *v);		/* v is current: blocks at the end of this exit unless something is pending */
void vcpu_yield(struct vcpu *v);
void vcpu_pause(struct vcpu *v);		/* counted, asynchronous */
void vcpu_unpause(struct vcpu *v);
bool vcpu_is_running(const struct vcpu *v);	/* loaded on some CPU: its registers may not be read yet */
void vcpu_get_runstate(struct vcpu *v, struct vcpu_runstate_info *out);
/* After runstate or time changed while v is current: write registered areas. */
void vcpu_update_areas(struct vcpu *v);
int __must_check vcpu_set_affinity(struct vcpu *v, uint64_t hard, uint64_t soft);

/* core/pvclock.c: fill the time record in v->info (and registered area); called on load of v on a CPU and on registration. */
void pvclock_update(struct vcpu *v);
void pvclock_update_wallclock(struct domain *d);
/* The control domain set the time: secs.nsecs since 1970 at that system time. Updates every domain. */
void pvclock_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_time);
/* Drops the frames behind registered areas and vcpu_info; the vCPU does not run. core/vcpu.c */
void vcpu_release_areas(struct vcpu *v);

#endif
