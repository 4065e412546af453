/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the invariant checker's files share.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_INVARIANTS_PRIVATE_H
#define TESTS_INVARIANTS_PRIVATE_H

#include "invariants.h"

#include <hv/domain.h>
#include <hv/mm.h>

#define MAX_TALLIES 512u

/* What was found of a domain. */
struct tally {
	const struct domain *d;
	uint32_t refs, pinned;
	uint64_t owned, foreign, tables;
};

bool invariant_fails(const char *fmt, ...) __printf(1, 2);	/* false */
struct tally *tally_of(const struct domain *d);			/* NULL: no such domain exists any more */
struct tally *tally_of_link(const struct domain_link *l);
bool __must_check frame_referred(mfn_t mfn, const struct domain *by, const char *what);
bool __must_check channels_hold(struct tally *t);		/* invariants_events.c */

#endif
