/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spin locks and reference counts as C11 atomics, so that ThreadSanitizer understands them.
 * Locking: the order of all locks stands here.
 * Trust: none.
 *
 * The hypervisor runs with interrupts off except in edge_idle(), so no lock is ever taken in interrupt context
 * (NMI and #MC handlers take none). Order, outermost first; tests/hosted/lock_order.c holds every test to it:
 *   policy load locks, the audit ring's one reader, a domain's teardown (these three are only tried) -> domain.lock (two domains: lower id first)
 *   -> p2m.lock -> sHype's wall -> table of domains -> local APIC -> scheduler run queue -> timer queue -> binders of global VIRQs, wall clock
 *   -> decision cache -> SIDs -> objects' labels -> heap -> frames -> domains to be freed -> console -> audit ring. By itself: pinned pages (cpu/window.c).
 * Nobody waits for another CPU while holding a lock, except for edge_guest_flush_wait(), which waits only for CPUs that
 * are in guest mode and which an IPI brings out. Anything else that must wait returns -XEN_ERESTART instead.
 */
#ifndef HV_LOCK_H
#define HV_LOCK_H

#include <stdatomic.h>
#include <hv/types.h>

void edge_relax(void);

struct spinlock {
	_Atomic uint32_t next;
	_Atomic uint32_t owner;
};

#define SPINLOCK_INIT { 0, 0 }

static inline void spin_lock_init(struct spinlock *l)
{
	atomic_init(&l->next, 0);
	atomic_init(&l->owner, 0);
}

/*@ requires \valid(l); assigns *l; */
static inline void spin_lock(struct spinlock *l)
{
	uint32_t ticket = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);

	while (atomic_load_explicit(&l->owner, memory_order_acquire) != ticket)
		edge_relax();
}

static inline bool spin_trylock(struct spinlock *l)
{
	uint32_t owner = atomic_load_explicit(&l->owner, memory_order_acquire);
	uint32_t want = owner;

	return atomic_compare_exchange_strong_explicit(&l->next, &want, owner + 1,
						       memory_order_acquire, memory_order_relaxed);
}

/*@ requires \valid(l); assigns *l; */
static inline void spin_unlock(struct spinlock *l)
{
	uint32_t owner = atomic_load_explicit(&l->owner, memory_order_relaxed);

	atomic_store_explicit(&l->owner, owner + 1, memory_order_release);
}

/* Many readers or one writer. Readers do not wait for each other; a writer that waits keeps new readers out. */
struct rwlock {
	struct spinlock writers;
	_Atomic uint32_t readers;	/* RWLOCK_WRITER: a writer waits or works */
};

#define RWLOCK_WRITER ((uint32_t)1 << 31)

static inline void rwlock_init(struct rwlock *l)
{
	spin_lock_init(&l->writers);
	atomic_init(&l->readers, 0);
}

/*@ assigns \nothing; */
static inline void read_lock(struct rwlock *l)
{
	while (atomic_fetch_add_explicit(&l->readers, 1, memory_order_acquire) & RWLOCK_WRITER) {
		atomic_fetch_sub_explicit(&l->readers, 1, memory_order_relaxed);
		while (atomic_load_explicit(&l->readers, memory_order_relaxed) & RWLOCK_WRITER)
			edge_relax();
	}
}

/*@ assigns \nothing; */
static inline void read_unlock(struct rwlock *l)
{
	atomic_fetch_sub_explicit(&l->readers, 1, memory_order_release);
}

static inline void write_lock(struct rwlock *l)
{
	spin_lock(&l->writers);
	atomic_fetch_or_explicit(&l->readers, RWLOCK_WRITER, memory_order_relaxed);
	while (atomic_load_explicit(&l->readers, memory_order_acquire) != RWLOCK_WRITER)
		edge_relax();
}

static inline void write_unlock(struct rwlock *l)
{
	atomic_fetch_and_explicit(&l->readers, ~RWLOCK_WRITER, memory_order_release);
	spin_unlock(&l->writers);
}

/* Reference count that never wraps: it saturates, so that an overflow leaks instead of freeing early. */
struct refcount {
	_Atomic uint32_t n;
};

static inline void refcount_init(struct refcount *r, uint32_t n)
{
	atomic_init(&r->n, n);
}

/* False if the object is already on its way to be freed (count 0) or saturated. */
static inline bool __must_check refcount_get(struct refcount *r)
{
	uint32_t n = atomic_load_explicit(&r->n, memory_order_relaxed);

	do {
		if (n == 0 || n >= UINT32_MAX / 2)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&r->n, &n, n + 1,
							memory_order_acquire, memory_order_relaxed));
	return true;
}

/* True if this was the last reference: the caller frees the object. */
static inline bool __must_check refcount_put(struct refcount *r)
{
	return atomic_fetch_sub_explicit(&r->n, 1, memory_order_acq_rel) == 1;
}

#endif
