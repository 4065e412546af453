/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies in CIL, and random contexts for them.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_FLASK_GENERATE_H
#define TESTS_FLASK_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct generator {
	uint64_t seed;
	unsigned int types, attributes, roles, users, bools;
	bool mls, no_bounds;
};

void generate_init(struct generator *g, uint64_t seed, bool mls);
uint32_t generate_below(struct generator *g, uint32_t n);	/* 0 .. n-1 */
void generate_policy(struct generator *g, FILE *out);
/* A context whose words all exist; it may still be invalid. */
void generate_context(struct generator *g, char *buf, size_t size);

#endif
