/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: an attacker that goes on until it dies or is destroyed.
 * Locking: its vCPUs race on purpose. Trust: a guest.
 */
#ifndef TESTS_GUEST_STORM_H
#define TESTS_GUEST_STORM_H

#include "guest.h"

/* Each vCPU has a state of its own; the calls' argument pages are shared, so that they change while they are read. */
struct storm {
	uint64_t state;
	unsigned int cpu;
};

uint64_t storm_random(struct storm *s, uint64_t below);
void storm_call(struct storm *s);		/* storm_calls.c: hypercalls */
void storm_machine(struct storm *s);		/* storm_machine.c: MSRs, ports, device memory, control registers, interrupts */
void storm_tables(struct storm *s);		/* storm_machine.c: odd page tables behind STORM_ODD_BASE */
void storm_machine_init(void);

#define STORM_ODD_BASE	(1ull << 39)	/* 512 GiB whose tables hold anything */

#endif
