/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to an end: stopping the other CPUs, the last words, and what interrupts ask of cpu/'s parts.
 * Locking: none: these run when locks may be held by the dead.
 * Trust: no guest data.
 */
#ifndef CPU_STOP_H
#define CPU_STOP_H

#include <hv/types.h>

void stop_others(void);			/* by NMI; bounded wait */
void stop_if_asked(void);		/* in the NMI handler: does not return once somebody dies */
_Noreturn void stop_forever(void);
_Noreturn void die_with_trace(uint64_t rip, uint64_t rbp);
void timer_interrupt(void);
void kick_interrupt(void);

#endif
