/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the list of test cases.
 * Locking: none. Trust: a guest.
 */
#ifndef TESTS_GUEST_TESTS_H
#define TESTS_GUEST_TESTS_H

#include "guest.h"

int test_hello(void);
int test_costs(void);
int test_load(void);
int test_work(void);
int test_share(void);		/* as control domain */
int test_life(void);
int test_growth(void);
int test_size(void);
int test_differential(void);	/* as control domain or as a guest; runs on Xen, too */
int test_peer(void);		/* as its other domain */
int test_timer(void);
int test_halts(void);
int test_smp(void);
int test_evtchn2l(void);
int test_fifo(void);
int test_vcpuinfo(void);
int test_grant(void);
int test_children(void);	/* as control domain */
int test_cycles(void);
int test_denied(void);
int test_attack(void);		/* as a guest */
int test_stress(void);
int test_sweep(void);		/* as control domain under build/tests/sweep.policy */
int test_triple(void);
int test_badstate(void);
int test_spin(void);
int test_dead(void);
int test_idle(void);
int test_insns(void);
int test_mmio(void);
int test_controls(void);
int test_msrs(void);
int test_ports(void);
int test_garbage(void);
int test_siege(void);		/* as control domain */
int test_storm(void);
int test_innocent(void);

#endif
