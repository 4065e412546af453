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

/*@
  // What a search relies on; and what a table under construction is, besides: its parts are pieces of the arena, apart from each other and what names them.
  predicate symtab_ok{L}(struct symtab *t) = \valid_read(t) && t->nr <= t->capacity && (t->nr > 0 ==> t->nr_buckets > 0) &&
    \valid_read(t->symbol + (0 .. t->nr - 1)) && \valid_read(t->bucket + (0 .. t->nr_buckets - 1)) && \valid_read(t->name_of + (0 .. t->nprim - 1)) &&
    (\forall integer i; 0 <= i < t->nr_buckets ==> t->bucket[i] <= t->nr) &&
    (\forall integer i; 0 <= i < t->nr ==> text(t->symbol[i].name)) &&
    (\forall integer i; 0 <= i < t->nr ==> 1 <= t->symbol[i].value <= t->nprim && t->symbol[i].next <= i);
  predicate symtab_room{L}(struct symtab *t, struct arena *a) = \valid(t) && 0 <= born(\base_addr(t)) && t->nr_buckets > 0 &&
    \valid(t->symbol + (0 .. t->capacity - 1)) && \valid(t->bucket + (0 .. t->nr_buckets - 1)) && \valid(t->name_of + (0 .. t->nprim - 1)) &&
    born(\base_addr(t)) < born(\base_addr(t->symbol)) < born(\base_addr(t->bucket)) < born(\base_addr(t->name_of)) < given(a) &&
    (\forall integer i; 0 <= i < t->nr ==> older(t->symbol[i].name, a));
  predicate symtab_open{L}(struct symtab *t, struct arena *a) = symtab_ok(t) && symtab_room(t, a);
  predicate symtab_same{L1,L2}(struct symtab *t) = \at(t->nprim, L1) == \at(t->nprim, L2) && \at(t->capacity, L1) == \at(t->capacity, L2) &&
    \at(t->symbol, L1) == \at(t->symbol, L2) && \at(t->bucket, L1) == \at(t->bucket, L2) && \at(t->name_of, L1) == \at(t->name_of, L2) &&
    \at(t->nr_buckets, L1) == \at(t->nr_buckets, L2);
*/

/* Reads the two words at the head of a table: highest value, number of names, each of at least min_bytes. */
/*@
  requires reader_ok(r) && \valid(t) && inside(t, r->arena) && min_bytes > 0;
  assigns TAKES(r), *t;
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> symtab_open(t, r->arena);
  ensures !r->failed ==> t->nr == 0 && t->nprim <= max_values && born(\base_addr(t->symbol)) >= \old(given(r->arena));
*/
void symtab_read_head(struct reader *r, struct symtab *t, uint32_t max_values, size_t min_bytes);
/*@
  requires reader_ok(r) && \valid(t) && inside(t, r->arena);
  assigns TAKES(r), *t;
  ensures reader_step{Pre,Here}(r) && r->at == \old(r->at);
  ensures !r->failed ==> symtab_open(t, r->arena);
  ensures !r->failed ==> t->nr == 0 && t->nprim == nprim && t->capacity == nr && born(\base_addr(t->symbol)) >= \old(given(r->arena));
*/
void symtab_create(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr);
/* Fails on a name twice, a value out of range, a value with two primary names. */
/*@
  requires reader_ok(r) && \valid_read(t) && text(name);
  requires !r->failed ==> symtab_ok(t);
  requires !r->failed ==> symtab_room(t, r->arena);
  requires !r->failed ==> older(name, r->arena);
  assigns FAILS(r), t->nr, t->symbol[t->nr].name, t->symbol[t->nr].value, t->symbol[t->nr].next, t->bucket[0 .. t->nr_buckets - 1], t->name_of[0 .. t->nprim - 1];
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at);
  ensures !r->failed ==> symtab_ok(t);
  ensures !r->failed ==> symtab_room(t, r->arena);
  ensures !r->failed ==> symtab_same{Pre,Here}(t) && t->nr == \old(t->nr) + 1 && 1 <= value <= t->nprim;
*/
void symtab_add(struct reader *r, struct symtab *t, const char *name, uint32_t value, bool primary);
/* The same of a name of `len` bytes, which is next in the file. */
/*@
  requires reader_ok(r) && \valid_read(t) && inside(t, r->arena);
  requires !r->failed ==> symtab_ok(t);
  requires !r->failed ==> symtab_room(t, r->arena);
  assigns TAKES(r), t->nr, t->symbol[t->nr].name, t->symbol[t->nr].value, t->symbol[t->nr].next, t->bucket[0 .. t->nr_buckets - 1], t->name_of[0 .. t->nprim - 1], FRESH(char, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> symtab_ok(t);
  ensures !r->failed ==> symtab_room(t, r->arena);
  ensures !r->failed ==> symtab_same{Pre,Here}(t) && t->nr == \old(t->nr) + 1 && 1 <= value <= t->nprim;
*/
void symtab_read_name(struct reader *r, struct symtab *t, uint32_t len, uint32_t value, bool primary);
/*@ requires symtab_ok(t) && \valid_read(name + (0 .. len - 1)); assigns \nothing; ensures \result <= t->nprim; */
uint32_t symtab_find(const struct symtab *t, const char *name, size_t len);	/* value, 0 if there is no such name */
/*@ requires \valid_read(t) && \valid_read(t->name_of + (0 .. t->nprim - 1)); assigns \nothing; ensures \result != \null ==> 1 <= value <= t->nprim; */
static inline const char *symtab_name(const struct symtab *t, uint32_t value)	/* NULL if nothing has that value */
{
	return value && value <= t->nprim ? t->name_of[value - 1] : NULL;
}

#endif
