/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: test cases by name, in the order in which they run.
 * Locking: none. Trust: a guest.
 */
#include "tests.h"

const struct guest_test guest_tests[] = {
	{ "hello", test_hello },
	{ "timer", test_timer },
	{ "smp", test_smp },
	{ "evtchn2l", test_evtchn2l },
	{ "fifo", test_fifo },
	{ "grant", test_grant },
};
const unsigned int guest_tests_nr = ARRAY_SIZE(guest_tests);
