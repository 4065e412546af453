/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic access to words that a guest writes at the same time.
 * Locking: none; the other party takes no lock of ours. Trust: a value read here may have changed before it is looked at.
 */
#ifndef CORE_SHARED_BITS_H
#define CORE_SHARED_BITS_H

#include <hv/types.h>

/* Sequentially consistent throughout: the public headers promise guests the order of x86's locked instructions. */
static inline bool shared64_test_and_set(xen_ulong_t *w, unsigned int bit)
{
	return (__atomic_fetch_or(w, (xen_ulong_t)1 << bit, __ATOMIC_SEQ_CST) >> bit) & 1;
}

static inline bool shared64_test_and_clear(xen_ulong_t *w, unsigned int bit)
{
	return (__atomic_fetch_and(w, ~((xen_ulong_t)1 << bit), __ATOMIC_SEQ_CST) >> bit) & 1;
}

static inline bool shared64_test(const xen_ulong_t *w, unsigned int bit)
{
	return (__atomic_load_n(w, __ATOMIC_SEQ_CST) >> bit) & 1;
}

static inline uint32_t shared32_fetch_or(uint32_t *w, uint32_t bits)
{
	return __atomic_fetch_or(w, bits, __ATOMIC_SEQ_CST);
}

static inline uint32_t shared32_fetch_and(uint32_t *w, uint32_t bits)
{
	return __atomic_fetch_and(w, bits, __ATOMIC_SEQ_CST);
}

static inline uint32_t shared32_read(const uint32_t *w)
{
	return __atomic_load_n(w, __ATOMIC_SEQ_CST);
}

static inline void shared32_write(uint32_t *w, uint32_t val)
{
	__atomic_store_n(w, val, __ATOMIC_SEQ_CST);
}

/* On failure *old is what stands there now. */
static inline bool shared32_replace(uint32_t *w, uint32_t *old, uint32_t val)
{
	return __atomic_compare_exchange_n(w, old, val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

#endif
