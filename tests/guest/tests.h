/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the list of test cases.
 * Locking: none. Trust: a guest.
 */
#ifndef TESTS_GUEST_TESTS_H
#define TESTS_GUEST_TESTS_H

#include "guest.h"

int test_hello(void);

#endif
