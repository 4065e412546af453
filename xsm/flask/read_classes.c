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

static void read_perms(struct reader *r, struct symtab *t, uint32_t nprim, uint32_t nr)
{
	if (!reader_require(r, nprim <= POLICY_MAX_PERMS, "a class has more than 32 permissions") || !reader_has(r, nr, PERM_MIN_BYTES))
		return;
	symtab_create(r, t, nprim, nr);
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r);

		symtab_add(r, t, read_name(r, len), value, true);
	}
}

void policy_read_commons(struct reader *r, struct policy *p)
{
	r->section = "commons";
	symtab_read_head(r, &p->commons, POLICY_MAX_VALUES, COMMON_MIN_BYTES);
	p->common = reader_array(r, p->commons.nprim, sizeof(*p->common));
	for (uint32_t i = 0; i < p->commons.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r), nprim = read_u32(r), nr = read_u32(r);

		symtab_add(r, &p->commons, read_name(r, len), value, true);
		if (!r->failed)
			read_perms(r, &p->common[value - 1], nprim, nr);
	}
}

static void read_expr(struct reader *r, const struct policy *p, struct constraint_expr *e)
{
	struct bitset unused;

	e->kind = read_u32(r);
	e->attr = read_u32(r);
	e->op = read_u32(r);
	if (e->kind != EXPR_NAMES)
		return;
	bitset_read(r, &e->names, POLICY_MAX_VALUES);
	if (p->version >= VERSION_CONSTRAINT_NAMES) {
		/* The same set as it was written, attributes and exclusions unexpanded: for tools. */
		bitset_read(r, &unused, POLICY_MAX_VALUES);
		bitset_read(r, &unused, POLICY_MAX_VALUES);
		(void)read_u32(r);
	}
}

static struct constraint *read_constraints(struct reader *r, const struct policy *p, uint32_t nr, bool validatetrans)
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
			read_expr(r, p, &c->expr[j]);
		reader_require(r, r->failed || constraint_valid(c, validatetrans), "a constraint is malformed");
	}
	return list;
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

	symtab_add(r, &p->classes, read_name(r, len), value, true);
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
	c->constraints = read_constraints(r, p, nr_constraints, false);
	/* validatetrans: read and checked, asked by nobody here. */
	(void)read_constraints(r, p, read_u32(r), true);
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

void policy_check_classes(struct reader *r, struct policy *p)
{
	r->section = "constraints";
	for (uint32_t i = 0; i < p->classes.nprim; i++)
		for (uint32_t j = 0; j < p->class[i].nr_constraints; j++)
			for (uint32_t k = 0; k < p->class[i].constraints[j].nr; k++)
				if (!reader_require(r, names_exist(p, &p->class[i].constraints[j].expr[k]),
						    "a constraint names what does not exist"))
					return;
}
