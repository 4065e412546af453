/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what operations cost: the measure, and the second domain that half of them need.
 * Locking: one vCPU. Trust: a guest.
 */
#ifndef TESTS_GUEST_COSTS_H
#define TESTS_GUEST_COSTS_H

#include "guest.h"

#include <xen/grant_table.h>

#define COSTS_ROUNDS	2000u		/* or rounds= */
#define COSTS_REF	16u		/* the first of COSTS_MANY granted pages, in either domain */
#define COSTS_MANY	32u
#define COSTS_GRANTS	2000u		/* references from COSTS_REF on by which the peer grants these pages */
#define COSTS_PORTS	448u		/* unbound in the peer, for the control domain */

/* What the peer tells in a page that it grants, reference COSTS_INFO_REF. */
#define COSTS_INFO_REF	8u
struct costs_info {
	uint32_t port[COSTS_PORTS];	/* 0 answers; the others are masked */
	uint64_t out;			/* what an OUT costs it: a control domain may own the port */
};

/* Of one round, the call of it subtracted; *wrong counts those that do not return `want`. */
void costs_mark(void);
uint64_t costs_ticks(long (*once)(void), long want, uint64_t rounds, uint64_t *wrong);
/* Prints what `once` costs; every round must return `want`. 0, or the line that failed. */
int costs_measure_rounds(const char *name, long (*once)(void), long want, uint64_t rounds);
int costs_measure(const char *name, long (*once)(void), long want);

/* Our grant table, mapped once; COSTS_MANY pages are granted to `to` by n references. */
struct grant_entry_v1 *costs_grant(domid_t to, unsigned int n);
bool costs_event_take(uint32_t port);	/* clears it; was it pending? Of vCPU 0, two-level layout */
long costs_event_send(uint32_t port);

/* A second domain that runs `peer`. */
int costs_peer_start(domid_t *id, const struct costs_info **info);
int costs_peer_stop(void);

int costs_events(void);			/* with ourselves */
int costs_grants(domid_t granter, const char *suffix);
int costs_peer(void);			/* everything that needs another domain */

#endif
