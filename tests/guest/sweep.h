/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps in a real guest: operations with valid arguments and a living target, called under policies that lack some permissions.
 * Locking: one vCPU. Trust: a guest.
 */
#ifndef TESTS_GUEST_SWEEP_H
#define TESTS_GUEST_SWEEP_H

#include "child.h"

#define OTHER_PAGES	16u		/* of the other domain, as expect_operations.h has it */
#define OWN_GFN		6u		/* RAM of the other domain */
#define FREE_GFN	0x50000u	/* of the other domain: nothing there */

struct scene {
	const char *name;		/* as in tests/hosted/expect_operations.h */
	int64_t (*run)(void);
	void (*prepare)(void);		/* NULL, or what the call needs each time */
	void (*clean)(void);		/* NULL, or what it leaves behind if it succeeds */
};
extern const struct scene sweep_scenes[];
extern const unsigned int sweep_scenes_nr;

extern struct child sweep_other;	/* runs under guest_t, without a vCPU that is up */
int sweep_scenes_init(void);		/* CHECK's line, or 0 */

#endif
