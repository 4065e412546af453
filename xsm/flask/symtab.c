/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of one kind and their values.
 * Locking: immutable once read. Trust: names and values come from policy files.
 */
#include "symtab.h"

#include <hv/string.h>

/*@ requires \valid_read(name + (0 .. len - 1)); assigns \nothing; */
static uint32_t name_hash(const char *name, size_t len)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	/*@ loop invariant i <= len; loop assigns i, h; loop variant len - i; */
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

/* By itself for its contract: a symbol has more cells of memory than `piece` counts for its size. */
/*@
  requires reader_ok(r);
  assigns TAKES(r);
  ensures reader_step{Pre,Here}(r) && r->at == \old(r->at) && (\result == \null ==> r->failed) && (\old(r->failed) ==> \result == \null);
  ensures \result != \null ==> (r->failed <==> \old(r->failed)) && \valid(\result + (0 .. nr - 1)) && born(\base_addr(\result)) == \old(given(r->arena)) < given(r->arena);
*/
static struct symbol *symbols_new(struct reader *r, uint32_t nr)
{
	return reader_array(r, nr, sizeof(struct symbol));
}

void symtab_create(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr)
{
	*t = (struct symtab){ .nr_buckets = nr ? nr : 1 };
	t->symbol = symbols_new(r, nr);
	/*@ assert reader_step{Pre,Here}(r) && r->at == \at(r->at, Pre); */
	t->bucket = reader_array(r, t->nr_buckets, sizeof(*t->bucket));
	t->name_of = reader_array(r, nprim, sizeof(*t->name_of));
	/*@ assert reader_step{Pre,Here}(r) && r->at == \at(r->at, Pre); */
	if (r->failed)
		return;
	t->nprim = nprim;
	t->capacity = nr;
}

void symtab_read_head(struct reader *r, struct symtab *t, uint32_t max_values, size_t min_bytes)
{
	uint32_t nprim = read_u32(r), nr = read_count(r, min_bytes);

	*t = (struct symtab){ 0 };
	if (reader_require(r, nprim <= max_values, "a symbol table has too many values") &&
	    reader_require(r, nr == 0 || nprim > 0, "a symbol table has names but no values"))
		symtab_create(r, t, nprim, nr);
}

uint32_t symtab_find(const struct symtab *t, const char *name, size_t len)
{
	if (t->nr == 0)
		return 0;
	/*@ loop invariant i <= t->nr; loop assigns i; loop variant i; */
	for (uint32_t i = t->bucket[name_hash(name, len) % t->nr_buckets]; i; i = t->symbol[i - 1].next) {
		const struct symbol *s = &t->symbol[i - 1];

		if (strlen(s->name) == len && memcmp(s->name, name, len) == 0)
			return s->value;
	}
	return 0;
}

void symtab_add(struct reader *r, struct symtab *t, const char *name, uint32_t value, bool primary)
{
	size_t len = strlen(name);
	struct symbol *s;
	uint32_t *bucket;

	if (!reader_require(r, value > 0 && value <= t->nprim, "a name has a value out of range") ||
	    !reader_require(r, t->nr < t->capacity, "a symbol table has too many names") ||
	    !reader_require(r, symtab_find(t, name, len) == 0, "a name stands twice") ||
	    !reader_require(r, !primary || !t->name_of[value - 1], "a value has two names"))
		return;
	bucket = &t->bucket[name_hash(name, len) % t->nr_buckets];
	s = &t->symbol[t->nr];
	s->name = name;
	s->value = value;
	s->next = *bucket;
	*bucket = ++t->nr;
	if (primary)
		t->name_of[value - 1] = name;
	/*@ assert \forall integer i; 0 <= i < t->nr_buckets ==> t->bucket[i] <= t->nr; */
	/*@ assert \forall integer i; 0 <= i < t->nr ==> 1 <= t->symbol[i].value <= t->nprim && t->symbol[i].next <= i; */
	/*@ assert \forall integer i; 0 <= i < t->nr ==> text(t->symbol[i].name) && older(t->symbol[i].name, r->arena); */
}

void symtab_read_name(struct reader *r, struct symtab *t, uint32_t len, uint32_t value, bool primary)
{
	const char *name = read_name(r, len);

	/*@ assert !r->failed ==> \forall integer i, n; 0 <= i < t->nr && \at(ends(t->symbol[i].name, n), Pre) ==> ends(t->symbol[i].name, n); */
	/*@ assert !r->failed ==> symtab_ok(t); */
	/*@ assert !r->failed ==> symtab_room(t, r->arena); */
	symtab_add(r, t, name, value, primary);
}
