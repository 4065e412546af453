/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds whenever no CPU is at work: every reference is accounted for, every page is somebody's, nothing is there that the policy denies.
 * Locking: none; the machine must be at rest: no pass, no other thread. Trust: tests only.
 */
#ifndef TESTS_INVARIANTS_H
#define TESTS_INVARIANTS_H

#include "hosted.h"

/*
 * NULL, or what is wrong, in a buffer of the checker's own. References: of a frame exactly those counted, of a domain those and at most one of the
 * test's. The policy is asked about whatever is mapped or joined, so a load or relabel must have ended.
 */
const char *invariants_broken(void);
/* The same, and an end by abort() with `when` in the message. */
void invariants_check(const char *when);
/* When they held just now: has the test a reference of its own on d? */
bool invariants_test_refers(const struct domain *d);

#endif
