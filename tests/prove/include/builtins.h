/* SPDX-License-Identifier: Apache-2.0 */
/* gcc's functions, for the provers: counts of bits, undefined for 0; and sums and products of 64 bits, with whether they overflow. Included before each source. */
#ifdef __FRAMAC__
/*@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63; */
int __builtin_ctzll(unsigned long long x);
/*@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63; */
int __builtin_clzll(unsigned long long x);
/*@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 31; */
int __builtin_clz(unsigned int x);
/* A word that is not zero has a bit: the provers cannot count on extensionality. */
/*@ ghost /@ requires x != 0; assigns \nothing; ensures 0 <= \result <= 63 && (x & (1 << \result)) != 0; @/ unsigned int bit_of(unsigned long long x); */

#define PROVE_OVERFLOW(a, b, p, result, overflows) \
	({ _Static_assert(sizeof(*(p)) == 8, ""); unsigned long long a_ = (a), b_ = (b); *(p) = (result); (overflows); })
#define __builtin_add_overflow(a, b, p) PROVE_OVERFLOW(a, b, p, a_ + b_, a_ > ~0ull - b_)
#define __builtin_mul_overflow(a, b, p) PROVE_OVERFLOW(a, b, p, a_ * b_, b_ != 0 && a_ > ~0ull / b_)

/* What a guest writes at the same time: what is loaded may be anything, as in stdatomic.h. */
#define PROVE_LOAD(p)				(*(volatile __typeof__(*(p)) *)(p))
#define PROVE_UPDATE(p, v)			({ __typeof__(*(p)) old_ = PROVE_LOAD(p); *(p) = (__typeof__(*(p)))(v); old_; })
#define __atomic_load_n(p, order)		PROVE_LOAD(p)
#define __atomic_store_n(p, v, order)		((void)(*(p) = (v)))
#define __atomic_exchange_n(p, v, order)	PROVE_UPDATE(p, v)
#define __atomic_fetch_or(p, v, order)		PROVE_UPDATE(p, old_ | (v))
#define __atomic_fetch_and(p, v, order)		PROVE_UPDATE(p, old_ & (v))
#define __atomic_compare_exchange_n(p, want, v, weak, yes, no) \
	({ __typeof__(*(p)) now_ = PROVE_LOAD(p); int same_ = now_ == *(want); if (same_) *(p) = (v); else *(want) = now_; same_; })

/*@
  // A text ends somewhere; or `max` bytes can be read, whatever they are.
  predicate ends{L}(char *s, integer n) = 0 <= n < 0xffffffffffffffff && \valid_read(s + (0 .. n)) && s[n] == 0;
  predicate text{L}(char *s) = \exists integer n; ends(s, n);
  predicate readable{L}(char *s, integer max) = \valid_read(s + (0 .. max - 1)) ||
    \exists integer n; 0 <= n < max && \valid_read(s + (0 .. n)) && s[n] == 0;
*/

/*
 * For lists of what is assigned, field by field, which costs a prover less. FRESH: what stands, as objects of type T, in memory that the arena
 * had not given out when the function began. FAILS, READS, TAKES: what a policy's reader changes of itself; TAKES: of its arena, too.
 */
#define FRESH(T, a) { *fresh_ | T *fresh_; born(\base_addr(fresh_)) >= \at(given(a), Pre) }
#define ARENA(a) (a)->chunks, (a)->at, (a)->left, (a)->used
#define FAILS(r) (r)->failed, (r)->error.offset, (r)->error.section, (r)->error.reason
#define READS(r) FAILS(r), (r)->at
#define TAKES(r) READS(r), (r)->no_memory, ARENA((r)->arena)
#define LOOP_TAKES(r) READS(r), (r)->no_memory, ARENA(\at((r)->arena, Pre))	/* of a loop */
#define FRESH_NAMES(a) FRESH(uint32_t, a), FRESH(char *, a), FRESH(char, a)	/* a table's */

#define _Alignas(type)	/* Frama-C knows none, and alignment is not asked for */
#define _Atomic		/* include/stdatomic.h */
#endif
