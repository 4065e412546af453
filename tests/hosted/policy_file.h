/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a policy's file everything stands, by a walk of its own: what secilc has written, so that tests can spoil one field and know what it meant.
 * Locking: none. Trust: tests only; the file is good.
 */
#ifndef TESTS_POLICY_FILE_H
#define TESTS_POLICY_FILE_H

#include <stddef.h>
#include <stdint.h>

#define POLICY_FIELDS	8192u

struct policy_field {
	const char *name;	/* "expr.kind" */
	uint32_t at, size;	/* bytes */
	uint32_t index;		/* of a list's entry: which; of a symbol's parts: its value */
	uint32_t limit;		/* values and bits from here on do not exist; 0: not a reference */
};

struct policy_file {
	uint32_t version;
	unsigned int nr;
	struct policy_field field[POLICY_FIELDS];
};

/* 0, or -1: this walk does not know the file. */
int policy_file_walk(struct policy_file *f, const uint8_t *bytes, size_t len);
/* The file's bytes, walked: how many; 0: no file, one that does not fit, or that this walk does not know. */
size_t policy_file_read(struct policy_file *f, const char *path, uint8_t *bytes, size_t size);

#endif
