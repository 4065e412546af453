/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the list of test cases.
 * Locking: none. Trust: a guest.
 */
#ifndef TESTS_GUEST_TESTS_H
#define TESTS_GUEST_TESTS_H

#include "guest.h"

int test_hello(void);
int test_timer(void);
int test_smp(void);
int test_evtchn2l(void);
int test_fifo(void);
int test_grant(void);

#endif
