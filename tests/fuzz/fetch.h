/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory that watches who reads it: every load of the hypervisor's from a page that a guest may write, by the compiler's own hook
 * (-fsanitize-coverage=trace-loads) and by AddressSanitizer's memcpy. A byte read twice in one pass of the dispatcher is a double fetch: it may have
 * been checked the first time and used the second.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#ifndef FUZZ_FETCH_H
#define FUZZ_FETCH_H

#include <stdbool.h>
#include <stdint.h>

enum fetch_mode {
	FETCH_PLAIN,	/* nothing happens */
	FETCH_STRICT,	/* a second fetch ends the program, but for the reviewed functions in fetch.c */
	FETCH_CHANGING,	/* a second fetch finds other bytes */
};

void fetch_begin(enum fetch_mode mode, uint64_t seed);
/* What is read from now on may be read again: the arguments overlap. Changing goes on. */
void fetch_trust(bool on);
/* Double fetches that were met by reviewed functions since fetch_begin(). */
unsigned int fetch_reviewed(void);

#endif
