/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-shot timers in system time, per CPU.
 * Locking: own queue lock, a leaf; callbacks run from cpu_loop() with no lock held. Trust: deadlines may come from guests.
 */
#ifndef HV_TIMER_H
#define HV_TIMER_H

#include <hv/list.h>
#include <hv/types.h>

struct timer {
	struct list link;
	uint64_t deadline;		/* ns of system time */
	void (*fn)(void *data);
	void *data;
	_Atomic uint32_t cpu;		/* where it is queued */
	bool queued;
};

void timer_init(struct timer *t, void (*fn)(void *), void *data);
void timer_set(struct timer *t, uint64_t deadline);	/* (re)arm on this CPU; a past deadline fires at once */
void timer_stop(struct timer *t);			/* on return it is not queued; a callback may still be running on another CPU */
bool __must_check timer_end(struct timer *t);		/* the same; true if no callback runs either: nobody else arms t, so its memory may go */
void timer_run_due(void);				/* cpu_loop */
uint64_t timer_next_deadline(void);			/* this CPU's, UINT64_MAX if none */
void timer_program(void);				/* tell the hardware the earliest of queue and time slice; scheduler, cpu_loop */

#endif
