/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mutate.c writes into the sources: each point asks whether its mutant is the one that is alive. It is so only while a hypercall runs, so that
 * nothing a test does by itself can tell.
 * Locking: one mutant for the process; `depth` is each thread's. Trust: tests only.
 */
#ifndef TESTS_MUTANT_H
#define TESTS_MUTANT_H

#include <stdbool.h>
#include <stdint.h>

struct mutant {
	unsigned int alive;		/* its number, 0: none */
	unsigned char *met;		/* not NULL: which mutants would have changed something */
};

extern struct mutant mutant;
extern _Thread_local unsigned int mutant_depth;	/* hypercalls this thread is in */

void mutant_meet(unsigned int n);

/* Is it this one. `differs`: here and now it would matter. */
static inline bool mutant_is(unsigned int n, bool differs)
{
	if (!mutant_depth || !differs)
		return false;
	if (mutant.met)
		mutant_meet(n);
	return mutant.alive == n;
}

/* n: always true, n + 1: always false. */
static inline bool mutant_bool(unsigned int n, bool v)
{
	return v != mutant_is(n + v, true);
}

static inline int64_t mutant_zero(unsigned int n, int64_t v)
{
	return mutant_is(n, v != 0) ? 0 : v;
}

#define MUT_BOOL(n, ...)	mutant_bool(n, !!(__VA_ARGS__))
#define MUT_LOOP(n, ...)	({ bool mut_go = !!(__VA_ARGS__); mut_go && !mutant_is(n, mut_go); })
#define MUT_ZERO(n, ...)	((__typeof__(__VA_ARGS__))mutant_zero(n, __VA_ARGS__))
#define MUT_PERM(n, p)		((enum perm)(mutant_is(n, true) ? (p) % (PERM_COUNT - 1) + 1 : (p)))
#define MUT_KEEPS(n)		if (!mutant_is(n, true))

#endif
