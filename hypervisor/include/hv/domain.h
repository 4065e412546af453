/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain: identity, label, life, and the subsystems' parts.
 * Locking: domain.lock unless a field says otherwise. Two domains: lower id first (domain_lock_pair).
 * Trust: nobody obtains a foreign struct domain but through the gate (hv/gate.h) or the list in hv/internal.h.
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include <hv/types.h>
#include <stdatomic.h>
#include <xen/hvm/params.h>
#include <hv/list.h>
#include <hv/lock.h>
#include <hv/p2m.h>
#include <hv/vcpu.h>

struct evtchn_state;		/* core/evtchn.c */
struct grant_state;		/* core/grant.c */

enum domain_life {
	DOMAIN_BUILDING = 0,	/* created, always paused since: carries the build label */
	DOMAIN_RUNNING,		/* relabelled, has once been paused by nobody */
	DOMAIN_DYING,		/* destroydomain under way */
	DOMAIN_DEAD,		/* resources relinquished; the struct remains until the last reference (mapped pages) */
};

/* Waiting until every CPU has left the pass it was in: gate_quiesce() in hv/gate.h. */
struct gate_quiesce {
	uint64_t seq[MAX_CPUS];
	bool started;
};

/* How far policy_sweep() has come: hv/sweep.h. */
struct sweep_progress {
	domid_t domain;
	uint8_t kind;
	uint32_t revoked;	/* of that domain and kind */
	uint64_t cursor;
};

struct domain_label {
	_Atomic sid_t sid;	/* current: the build label until the first unpause */
	_Atomic sid_t self_sid;	/* type_transition(sid, sid, domain): target of checks on oneself */
	sid_t run_sid;		/* to be taken when it first runs; equals sid afterwards */
};

/* A reference from one object to another's domain. Opened through the gate or hv/internal.h only. */
struct domain_link {
	uintptr_t opaque;
};

/* One entry of a memory map, as int 15h, E820h gives it. */
struct e820entry_like {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

struct domain {
	domid_t id;
	uint64_t serial;		/* never used twice, unlike id and address */
	struct refcount refs;		/* list membership, each page, each gate pass, each channel and mapping */
	struct list link;		/* waiting to be freed */
	struct spinlock lock;
	_Atomic uint32_t life;		/* enum domain_life; changed under lock */
	struct domain_label label;
	bool relabel_pending;		/* a new label is set, what the old one allowed is not yet gone; xsm/gate_label.c */
	bool relabel_busy;		/* a CPU is taking it away */
	struct gate_quiesce relabel;
	struct sweep_progress relabel_sweep;
	_Atomic uint64_t refused_seen[8], refused_count;	/* absent operations it asked for; one bit a row */
	sid_t wall_sid;			/* the label it runs under; 0: it does not run. This and the next two: sHype's wall lock, xsm/gate_shype.c */
	uint16_t wall_label, wall_next;	/* of the sHype policy in force, and of one on trial */
	bool wall_hold;			/* broke a wall that was put up around it: to be paused */
	uint8_t handle[16];
	bool is_control;		/* domain 0 */

	/* memory */
	struct p2m p2m;
	_Atomic uint64_t tot_pages, max_pages;
	_Atomic uint64_t heap_used, heap_limit;		/* bytes */
	_Atomic uint64_t claim;		/* pages kept for it; changed under the frame allocator's lock */
	_Atomic uint32_t pinned_pages;	/* guest_page_pin */
	uint64_t paging_mempool;	/* as set; reported back */
	struct e820entry_like *e820;	/* XENMEM_set_memory_map: as given */
	uint32_t e820_nr;

	/* vCPUs: array fixed by createdomain's max_vcpus; a whole one appears at once, to who looks without the lock */
	unsigned int max_vcpus;
	struct vcpu *_Atomic vcpu[MAX_VCPUS];

	/* life */
	_Atomic uint32_t pause_count;		/* > 0: no vCPU is scheduled */
	uint32_t controller_pauses;		/* pausedomain/unpausedomain; starts at 1 */
	bool is_shut_down;
	uint32_t shutdown_code;			/* ~0 = none */
	evtchn_port_t suspend_port;		/* domctl subscribe */
	uint32_t teardown_stage;		/* destroy progress */
	struct spinlock teardown_lock;		/* try-lock only: one destroyer at a time */
	struct timer watchdog[2];
	uint32_t watchdog_inuse;

	/* subsystems */
	struct shared_info *shared_info;	/* shared_page_alloc */
	_Atomic gfn_t shared_info_gfn;		/* where it was put last */
	void *scratch;				/* shared_page_alloc: stands for revoked pages, see hv/sweep.h */
	struct evtchn_state *evtchn;
	struct grant_state *grant;
	uint64_t hvm_param[HVM_NR_PARAMS];
	uint32_t max_evtchn_port, max_grant_frames, max_maptrack_frames;

	/* createdomain's words, reported back */
	uint32_t create_flags, emulation_flags;
	uint32_t sched_weight, sched_cap;	/* cap in percent of one CPU, 0 = none */
	_Atomic uint64_t cap_period;		/* number of the accounting period cap_used belongs to */
	_Atomic uint64_t cap_used;		/* ns */

	/* what the guest's CPUID says: fixed once a vCPU has run. guest/cpuid.c */
	struct cpuid_leaf_set *cpuid;
	uint64_t tsc_khz;
	uint32_t tsc_mode, tsc_incarnation;
	int64_t time_offset_s;
	uint64_t vm_assist;
	uint32_t wc_version;
};

struct domain_config {
	domid_t id;			/* DOMID_INVALID: any free */
	sid_t build_sid, run_sid;
	uint8_t handle[16];
	uint32_t max_vcpus, max_evtchn_port, max_grant_frames, max_maptrack_frames, flags, emulation_flags;
	bool is_control;
};

/* core/domain.c: creates in life BUILDING, controller-paused, in the list. *out carries a reference of the caller's. */
int __must_check domain_create(const struct domain_config *c, struct domain **out);
/* -XEN_ERESTART until finished; then the domain is DEAD and leaves the list with its last page. Repeatable. */
int __must_check domain_destroy(struct domain *d);
/*@ ghost extern int refs_taken; */
/*@
  axiomatic domain {
    logic integer refs{L}(struct domain *d) reads refs_taken;	// that the pass on this CPU has on it, of its own
    predicate is_domain(struct domain *d) reads \nothing;
    logic struct domain *behind(integer link) reads \nothing;
  }
  // Since K, one more reference (or one less) on d, and else none.
  predicate refs_moved{K, L}(struct domain *d, integer n) = \forall struct domain *e; refs{L}(e) == refs{K}(e) + (e == d ? n : 0);
*/
/*@ requires is_domain(d); assigns refs_taken; ensures refs_moved{Pre, Post}(d, \result ? 1 : 0); */
bool __must_check domain_get(struct domain *d);		/* one more reference on a domain one already holds */
/*@ requires held_wp: refs(d) > 0; assigns refs_taken; ensures refs_moved{Pre, Post}(d, -1); */
void domain_put(struct domain *d);
/* Frees what lost its last reference (domain_put only queues it: it may be called with locks held). cpu_loop(); domain_create() too. */
void domain_reap(void);
void domain_lock_pair(struct domain *a, struct domain *b);	/* a may equal b */
void domain_unlock_pair(struct domain *a, struct domain *b);
/* Counted, asynchronous; domain_is_quiet() tells when no CPU has one of its vCPUs loaded any more. */
void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);
bool domain_is_quiet(const struct domain *d);
void domain_shutdown(struct domain *d, uint32_t reason);
/* A domain whose last vCPU goes down could never come back: that is a power-off. */
void domain_vcpu_down(struct domain *d, struct vcpu *v);
void domain_resume(struct domain *d);
void domain_sched_set(struct domain *d, uint32_t weight, uint32_t cap);	/* at once, also for what runs; domain.lock held */
uint64_t domain_cpu_time(const struct domain *d);
static inline bool domain_is_dying(const struct domain *d)
{
	return atomic_load_explicit(&((struct domain *)(uintptr_t)d)->life, memory_order_acquire) >= DOMAIN_DYING;
}

/* Links hold a reference on the domain. */
struct domain_link domain_link_make(struct domain *d);	/* takes a reference; d is one the caller holds */
struct domain_link domain_link_make_many(struct domain *d, uint32_t n);	/* n references, for as many copies */
void domain_link_drop(struct domain_link *l);
/*@ requires \valid_read(l); assigns \nothing; ensures \result <==> l->opaque != 0; */
static inline bool domain_link_is_set(const struct domain_link *l)
{
	return l->opaque != 0;
}
bool domain_link_is(const struct domain_link *l, const struct domain *d);	/* comparing is not opening */
domid_t domain_link_id(const struct domain_link *l);	/* DOMID_INVALID if unset; identity only */

extern uint32_t domain_count;

#endif
