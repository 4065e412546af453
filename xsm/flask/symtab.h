/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of one kind and their values. Several names (aliases) may share a value; a value may have no name.
 * Locking: immutable once read. Trust: contents were checked when read.
 */
#ifndef XSM_FLASK_SYMTAB_H
#define XSM_FLASK_SYMTAB_H

#include "reader.h"

struct symbol {
	const char *name;
	uint32_t value;		/* 1 .. nprim */
	uint32_t next;		/* in the bucket; index + 1 */
};

struct symtab {
	uint32_t nprim, nr, capacity;
	struct symbol *symbol;
	uint32_t *bucket, nr_buckets;
	const char **name_of;	/* by value - 1: the primary name, NULL for a gap */
};

/* Reads the two words at the head of a table: highest value, number of names, each of at least min_bytes. */
void symtab_read_head(struct reader *r, struct symtab *t, uint32_t max_values, size_t min_bytes);
void symtab_create(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr);
/* Fails on a name twice, a value out of range, a value with two primary names. */
void symtab_add(struct reader *r, struct symtab *t, const char *name, uint32_t value, bool primary);
uint32_t symtab_find(const struct symtab *t, const char *name, size_t len);	/* value, 0 if there is no such name */
static inline const char *symtab_name(const struct symtab *t, uint32_t value)	/* NULL if nothing has that value */
{
	return value && value <= t->nprim ? t->name_of[value - 1] : NULL;
}

#endif
