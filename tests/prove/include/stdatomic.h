/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C11 atomics for the provers, which know none: plain accesses, but what is loaded may be anything (volatile), as if others wrote between any two looks.
 * Locking: none. Trust: an assumption of every proof (ASSUMPTIONS).
 */
#ifndef PROVE_STDATOMIC_H
#define PROVE_STDATOMIC_H

#define _Atomic

typedef enum {
	memory_order_relaxed, memory_order_consume, memory_order_acquire, memory_order_release, memory_order_acq_rel, memory_order_seq_cst
} memory_order;

#define atomic_init(p, v)			((void)(*(p) = (v)))
#define atomic_thread_fence(order)		((void)(order))
#define atomic_load_explicit(p, order)		(*(volatile __typeof__(*(p)) *)(p))
#define atomic_store_explicit(p, v, order)	((void)(*(p) = (v)))
#define atomic_exchange_explicit(p, v, order) \
	({ __typeof__(*(p)) old_ = atomic_load_explicit(p, order); *(p) = (v); old_; })
#define PROVE_FETCH(p, op, v) \
	({ __typeof__(*(p)) old_ = atomic_load_explicit(p, 0); *(p) = (__typeof__(*(p)))(old_ op (v)); old_; })
#define atomic_fetch_add_explicit(p, v, order)	PROVE_FETCH(p, +, v)
#define atomic_fetch_sub_explicit(p, v, order)	PROVE_FETCH(p, -, v)
#define atomic_fetch_or_explicit(p, v, order)	PROVE_FETCH(p, |, v)
#define atomic_fetch_and_explicit(p, v, order)	PROVE_FETCH(p, &, v)
#define atomic_compare_exchange_strong_explicit(p, want, v, yes, no) \
	({ __typeof__(*(p)) now_ = atomic_load_explicit(p, yes); int same_ = now_ == *(want); \
	   if (same_) *(p) = (v); else *(want) = now_; same_; })
#define atomic_compare_exchange_weak_explicit(p, want, v, yes, no) \
	atomic_compare_exchange_strong_explicit(p, want, v, yes, no)

#define atomic_load(p)			atomic_load_explicit(p, memory_order_seq_cst)
#define atomic_store(p, v)		atomic_store_explicit(p, v, memory_order_seq_cst)
#define atomic_exchange(p, v)		atomic_exchange_explicit(p, v, memory_order_seq_cst)
#define atomic_fetch_add(p, v)		PROVE_FETCH(p, +, v)
#define atomic_fetch_sub(p, v)		PROVE_FETCH(p, -, v)
#define atomic_fetch_or(p, v)		PROVE_FETCH(p, |, v)
#define atomic_fetch_and(p, v)		PROVE_FETCH(p, &, v)
#define atomic_compare_exchange_strong(p, want, v)	atomic_compare_exchange_strong_explicit(p, want, v, 0, 0)
#define atomic_compare_exchange_weak(p, want, v)	atomic_compare_exchange_strong_explicit(p, want, v, 0, 0)

#endif
