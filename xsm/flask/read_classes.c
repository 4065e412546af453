/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: commons, classes, permissions, constraints.
 * Locking: none. Trust: every byte is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

#define COMMON_MIN_BYTES 16u
#define CLASS_MIN_BYTES 28u
#define PERM_MIN_BYTES 8u
#define CONSTRAINT_MIN_BYTES 8u
#define EXPR_MIN_BYTES 12u
#define MAX_EXPRS 4096u		/* of one constraint */

#define EXPR_NAMES 5u
#define VERSION_DEFAULTS 27u
#define VERSION_DEFAULT_TYPE 28u
#define VERSION_CONSTRAINT_NAMES 29u

/*@
  requires reader_ok(r) && \valid_read(t) && inside(t, r->arena);
  requires !r->failed ==> symtab_ok(t);
  requires !r->failed ==> symtab_room(t, r->arena);
  assigns TAKES(r), t->nr, t->symbol[t->nr].name, t->symbol[t->nr].value, t->symbol[t->nr].next, t->bucket[0 .. t->nr_buckets - 1], t->name_of[0 .. t->nprim - 1], FRESH(char, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> symtab_ok(t);
  ensures !r->failed ==> symtab_room(t, r->arena);
  ensures !r->failed ==> symtab_same{Pre,Here}(t);
*/
static void read_perm(struct reader *r, struct symtab *t)
{
	uint32_t len = read_u32(r), value = read_u32(r);

	symtab_read_name(r, t, len, value, true);
}

/*@
  requires reader_ok(r) && \valid(t) && inside(t, r->arena);
  assigns TAKES(r), *t, FRESH_NAMES(r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> symtab_ok(t);
  ensures !r->failed ==> symtab_room(t, r->arena);
  ensures !r->failed ==> t->nprim == nprim <= POLICY_MAX_PERMS;
*/
static void read_perms(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr)
{
	if (!reader_require(r, nprim <= POLICY_MAX_PERMS, "a class has more than 32 permissions") || !reader_has(r, nr, PERM_MIN_BYTES))
		return;
	symtab_create(r, t, nprim, nr);
	/*@
	  loop invariant i <= nr;
	  loop invariant reader_step{Pre,Here}(r);
	  loop invariant apart(r, t) && apart(r->arena, t) && inside(t, r->arena);
	  loop invariant !r->failed ==> symtab_ok(t);
	  loop invariant !r->failed ==> symtab_room(t, r->arena);
	  loop invariant !r->failed ==> t->nprim == nprim;
	  loop invariant !r->failed ==> born(\base_addr(t->symbol)) >= \at(given(r->arena), Pre);
	  loop assigns i, LOOP_TAKES(r), t->nr, FRESH_NAMES(r->arena);
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_perm(r, t);
}

void policy_read_commons(struct reader *r, struct policy *p)
{
	r->section = "commons";
	symtab_read_head(r, &p->commons, POLICY_MAX_VALUES, COMMON_MIN_BYTES);
	p->common = reader_array(r, p->commons.nprim, sizeof(*p->common));
	for (uint32_t i = 0; i < p->commons.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r), nprim = read_u32(r), nr = read_u32(r);

		symtab_read_name(r, &p->commons, len, value, true);
		if (!r->failed)
			read_perms(r, &p->common[value - 1], nprim, nr);
	}
}

/* The same set as it was written, attributes and exclusions unexpanded: for tools. */
/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void read_over_set(struct reader *r)
{
	struct bitset unused;

	/*@ ghost of_stack(&unused); */
	bitset_read(r, &unused, POLICY_MAX_VALUES);
	/*@ assert reader_step{Pre,Here}(r); */
	bitset_read(r, &unused, POLICY_MAX_VALUES);
	/*@ assert reader_step{Pre,Here}(r); */
	(void)read_u32(r);
}

/*@
  requires reader_ok(r) && \valid(e) && inside(e, r->arena) && e->names.nr == 0;
  assigns TAKES(r), e->kind, e->attr, e->op, e->names.word, e->names.nr, FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures bitset_kept(&e->names, r->arena);
*/
static void read_expr(struct reader *r, uint32_t version, struct constraint_expr *e)
{
	e->kind = read_u32(r);
	e->attr = read_u32(r);
	e->op = read_u32(r);
	/*@ assert reader_read{Pre,Here}(r) && e->names.nr == 0; */
	if (e->kind != EXPR_NAMES)
		return;
	bitset_read(r, &e->names, POLICY_MAX_VALUES);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert words_ok(e->names.word, e->names.nr); */
	/*@ ghost L: ; */
	if (version >= VERSION_CONSTRAINT_NAMES)
		read_over_set(r);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert e->names.word == \at(e->names.word, L) && e->names.nr == \at(e->names.nr, L); */
	/*@ assert \forall integer i; 0 <= i < e->names.nr ==> e->names.word[i].start == \at(e->names.word[i].start, L); */
	/*@ assert \forall integer i; 0 <= i < e->names.nr ==> e->names.word[i].map == \at(e->names.word[i].map, L); */
	/*@ assert \forall integer i, j; 0 <= i < j < e->names.nr ==> e->names.word[i].start + 64 <= e->names.word[j].start; */
	/*@ assert \forall integer i; 0 <= i < e->names.nr ==> e->names.word[i].start <= 0xffffffc0 && e->names.word[i].start % 64 == 0 && e->names.word[i].map != 0; */
	/*@ assert words_ok(e->names.word, e->names.nr); */
}

/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct constraint, r->arena), FRESH(struct constraint_expr, r->arena), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> constraints_whole(\result, nr);
*/
static struct constraint *read_constraints(struct reader *r, uint32_t version, uint32_t nr)
{
	struct constraint *list;

	if (!reader_has(r, nr, CONSTRAINT_MIN_BYTES))
		return NULL;
	list = reader_array(r, nr, sizeof(*list));
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		struct constraint *c = &list[i];

		c->permissions = read_u32(r);
		c->nr = read_count(r, EXPR_MIN_BYTES);
		if (!reader_require(r, c->nr <= MAX_EXPRS, "a constraint is too long"))
			break;
		c->expr = reader_array(r, c->nr, sizeof(*c->expr));
		for (uint32_t j = 0; j < c->nr && !r->failed; j++)
			read_expr(r, version, &c->expr[j]);
	}
	return list;
}

/*@
  requires constraints_whole(list, nr);
  assigns \nothing;
  ensures \result ==> \forall integer i; 0 <= i < nr ==> constraint_ok(&list[i]);
*/
static bool constraints_valid(const struct constraint *list, uint32_t nr, bool validatetrans)
{
	/*@ loop invariant i <= nr && \forall integer k; 0 <= k < i ==> constraint_ok(&list[k]); loop assigns i; loop variant nr - i; */
	for (uint32_t i = 0; i < nr; i++)
		if (!constraint_valid(&list[i], validatetrans))
			return false;
	return true;
}

/* Read and checked, asked by nobody here. */
/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct constraint, r->arena), FRESH(struct constraint_expr, r->arena), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void read_validatetrans(struct reader *r, uint32_t version)
{
	uint32_t nr = read_u32(r);
	const struct constraint *list = read_constraints(r, version, nr);

	reader_require(r, r->failed || constraints_valid(list, nr, true), "a constraint is malformed");
}

/*@
  requires reader_ok(r) && \valid_read(p) && \valid(c) && apart(r, p) && apart(r, c) && apart(p, c);
  assigns READS(r), c->default_user, c->default_role, c->default_type, c->default_range;
  ensures reader_read{Pre,Here}(r);
  ensures !r->failed ==> c->default_user <= DEFAULT_TARGET && c->default_role <= DEFAULT_TARGET;
  ensures !r->failed ==> c->default_type <= DEFAULT_TARGET && c->default_range <= RANGE_TARGET_LOW_HIGH;
*/
static void read_defaults(struct reader *r, const struct policy *p, struct policy_class *c)
{
	if (p->version >= VERSION_DEFAULTS) {
		c->default_user = read_u32(r);
		c->default_role = read_u32(r);
		c->default_range = read_u32(r);
	}
	if (p->version >= VERSION_DEFAULT_TYPE)
		c->default_type = read_u32(r);
	reader_require(r, c->default_user <= DEFAULT_TARGET && c->default_role <= DEFAULT_TARGET &&
		       c->default_type <= DEFAULT_TARGET && c->default_range <= RANGE_TARGET_LOW_HIGH, "a class has unknown defaults");
}

static void read_class(struct reader *r, struct policy *p)
{
	uint32_t len = read_u32(r), common_len = read_u32(r), value = read_u32(r);
	uint32_t nprim = read_u32(r), nr = read_u32(r), nr_constraints = read_u32(r);
	struct policy_class *c;

	symtab_read_name(r, &p->classes, len, value, true);
	if (r->failed)
		return;
	c = &p->class[value - 1];
	if (common_len) {
		const char *name = read_name(r, common_len);
		uint32_t common = symtab_find(&p->commons, name, strlen(name));

		if (!reader_require(r, common != 0, "a class inherits from an unknown common"))
			return;
		c->common = &p->common[common - 1];
	}
	read_perms(r, &c->perms, nprim, nr);
	c->nr_constraints = nr_constraints;
	c->constraints = read_constraints(r, p->version, nr_constraints);
	read_validatetrans(r, p->version);
	read_defaults(r, p, c);
}

void policy_read_classes(struct reader *r, struct policy *p)
{
	r->section = "classes";
	symtab_read_head(r, &p->classes, POLICY_MAX_VALUES, CLASS_MIN_BYTES);
	p->class = reader_array(r, p->classes.nprim, sizeof(*p->class));
	p->class_slot = reader_array(r, p->classes.nprim + 1u, 1);
	for (uint32_t i = 0; i < p->classes.capacity && !r->failed; i++)
		read_class(r, p);
}

/* The names in constraints are users, roles or types: those tables come later in the file. */
/*@ requires \valid_read(p) && \valid_read(e) && bitset_ok(&e->names); assigns \nothing; */
static bool names_exist(const struct policy *p, const struct constraint_expr *e)
{
	enum { ATTR_USER = 1, ATTR_ROLE = 2 };
	uint32_t limit = e->attr & ATTR_USER ? p->users.nprim : e->attr & ATTR_ROLE ? p->roles.nprim : p->types.nprim;

	return bitset_below(&e->names, limit);
}

/*@
  requires \valid_read(p) && constraints_whole(list, nr);
  assigns \nothing;
  ensures \result == \null ==> \forall integer i; 0 <= i < nr ==> constraint_ok(&list[i]);
*/
static const char *constraints_fault(const struct policy *p, const struct constraint *list, uint32_t nr)
{
	if (!constraints_valid(list, nr, false))
		return "a constraint is malformed";
	/*@ loop invariant i <= nr; loop assigns i; loop variant nr - i; */
	for (uint32_t i = 0; i < nr; i++)
		/*@ loop invariant j <= list[i].nr; loop assigns j; loop variant list[i].nr - j; */
		for (uint32_t j = 0; j < list[i].nr; j++)
			if (!names_exist(p, &list[i].expr[j]))
				return "a constraint names what does not exist";
	return NULL;
}

/*@
  requires \valid_read(p) && \valid_read(p->class + (0 .. p->classes.nprim - 1));
  requires \forall integer i; 0 <= i < p->classes.nprim ==> constraints_whole(p->class[i].constraints, p->class[i].nr_constraints);
  assigns \nothing;
  ensures \result == \null ==> \forall integer i, j; 0 <= i < p->classes.nprim && 0 <= j < p->class[i].nr_constraints ==> constraint_ok(&p->class[i].constraints[j]);
*/
static const char *classes_fault(const struct policy *p)
{
	const char *fault = NULL;

	/*@
	  loop invariant i <= p->classes.nprim;
	  loop invariant fault == \null ==> \forall integer k, j; 0 <= k < i && 0 <= j < p->class[k].nr_constraints ==> constraint_ok(&p->class[k].constraints[j]);
	  loop assigns i, fault;
	  loop variant p->classes.nprim - i;
	*/
	for (uint32_t i = 0; i < p->classes.nprim && fault == NULL; i++)
		fault = constraints_fault(p, p->class[i].constraints, p->class[i].nr_constraints);
	return fault;
}

void policy_check_classes(struct reader *r, struct policy *p)
{
	const char *fault = classes_fault(p);

	r->section = "constraints";
	reader_require(r, fault == NULL, fault);
}
