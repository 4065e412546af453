/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: roles, types, users, booleans, sensitivities, categories. The number of types is known only after the roles, so what
 * refers forward is checked at the end (policy_check_symbols).
 * Locking: none. Trust: every byte is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

#define BITSET_BYTES 12u
#define TYPE_PROPERTY_PRIMARY 1u
#define TYPE_PROPERTY_ATTRIBUTE 2u

void policy_read_level(struct reader *r, struct level *l)
{
	l->sens = read_u32(r);
	bitset_read(r, &l->cats, POLICY_MAX_CATEGORIES);
}

/*@
  requires reader_ok(r) && \valid(range + (0 .. 1)) && older(range, r->arena);
  requires \separated(range + (0 .. 1), r, r->arena);
  assigns TAKES(r), range[0].cats.word, range[0].cats.nr, range[1].cats.word, range[1].cats.nr, FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures bitset_kept(&range[0].cats, r->arena);
  ensures bitset_kept(&range[1].cats, r->arena);
  ensures range[0].cats.nr != 0 ==> born(\base_addr(range[0].cats.word)) >= \old(given(r->arena));
  ensures range[1].cats.nr != 0 ==> born(\base_addr(range[1].cats.word)) >= \old(given(r->arena));
  ensures \forall struct bitset *o; \old(set_older(o, r)) && \old(beside_range(o, range)) ==> bitset_kept(o, r->arena);
*/
static void range_read_cats(struct reader *r, struct level range[2], bool two)
{
	bitset_read(r, &range[LOW].cats, POLICY_MAX_CATEGORIES);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> bitset_kept(o, r->arena) && set_same{Pre,Here}(o); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> set_older(o, r); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> beside(o, &range[1].cats); */
	/*@ assert set_older(&range[0].cats, r) && beside(&range[0].cats, &range[1].cats); */
	/*@ ghost L: ; */
	if (two) {
		bitset_read(r, &range[HIGH].cats, POLICY_MAX_CATEGORIES);
		/*@ assert \forall struct bitset *o; \at(set_older(o, r), L) && \at(beside(o, &range[1].cats), L) ==> bitset_kept(o, r->arena); */
		/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> bitset_kept(o, r->arena); */
	} else {
		bitset_set(&range[HIGH].cats, range[LOW].cats.word, range[LOW].cats.nr);
		/*@ assert r->arena == \at(r->arena, L); */
		/*@ assert \forall struct bitset *o; \at(set_older(o, r), L) && \at(beside(o, &range[1].cats), L) ==> bitset_kept(o, r->arena); */
		/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> bitset_kept(o, r->arena); */
	}
	/*@ assert reader_step{L,Here}(r); */
}

/*@
  requires \valid(range + (0 .. 1));
  assigns range[0].sens, range[1].sens;
  ensures \forall struct bitset *o, struct arena *a; \old(beside_range(o, range)) && \old(bitset_kept(o, a)) ==> bitset_kept(o, a);
  ensures \forall struct bitset *o; \old(beside_range(o, range)) ==> beside_range(o, range);
*/
static void range_set_sens(struct level range[2], uint32_t low, uint32_t high)
{
	range[LOW].sens = low;
	range[HIGH].sens = high;
}

void policy_read_range(struct reader *r, struct level range[2])
{
	uint32_t items = read_u32(r), low, high;

	reader_require(r, items <= 2, "a range has more than two levels");
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> set_older(o, r) && beside_range(o, range); */
	if (r->failed)
		return;
	/* Zero items stand for an empty low level in a policy without MLS. */
	low = items > 0 ? read_u32(r) : 0;
	high = items > 1 ? read_u32(r) : low;
	/*@ assert reader_read{Pre,Here}(r); */
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> set_older(o, r) && beside_range(o, range); */
	range_set_sens(range, low, high);
	/*@ assert \forall struct bitset *o; \at(set_older(o, r), Pre) && \at(beside_range(o, range), Pre) ==> set_older(o, r) && beside_range(o, range); */
	range_read_cats(r, range, items > 1);
}

void policy_read_roles(struct reader *r, struct policy *p)
{
	r->section = "roles";
	symtab_read_head(r, &p->roles, POLICY_MAX_VALUES, 12 + 2 * BITSET_BYTES);
	p->role = reader_array(r, p->roles.nprim, sizeof(*p->role));
	for (uint32_t i = 0; i < p->roles.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r);
		const char *name;

		(void)read_u32(r);	/* bounds of a role: for compilers */
		name = read_name(r, len);
		reader_require(r, (strcmp(name, "object_r") == 0) == (value == POLICY_ROLE_OBJECT), "role 1 is not object_r");
		symtab_add(r, &p->roles, name, value, true);
		if (r->failed)
			break;
		bitset_read(r, &p->role[value - 1].dominates, POLICY_MAX_VALUES);
		bitset_read(r, &p->role[value - 1].types, POLICY_MAX_VALUES);
	}
}

void policy_read_types(struct reader *r, struct policy *p)
{
	r->section = "types";
	symtab_read_head(r, &p->types, POLICY_MAX_VALUES, 16);
	p->type = reader_array(r, p->types.nprim, sizeof(*p->type));
	for (uint32_t i = 0; i < p->types.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r), properties = read_u32(r), bounds = read_u32(r);
		bool primary = properties & TYPE_PROPERTY_PRIMARY, attribute = properties & TYPE_PROPERTY_ATTRIBUTE;

		symtab_add(r, &p->types, read_name(r, len), value, primary);
		if (r->failed)
			break;
		if (primary) {
			p->type[value - 1].bounds = bounds;
			p->type[value - 1].attribute = attribute;
		}
	}
}

void policy_read_users(struct reader *r, struct policy *p)
{
	r->section = "users";
	symtab_read_head(r, &p->users, POLICY_MAX_VALUES, 12 + 3 * BITSET_BYTES + 8);
	p->user = reader_array(r, p->users.nprim, sizeof(*p->user));
	for (uint32_t i = 0; i < p->users.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r);
		struct level unused;

		(void)read_u32(r);	/* bounds of a user: for compilers */
		symtab_add(r, &p->users, read_name(r, len), value, true);
		if (r->failed)
			break;
		bitset_read(r, &p->user[value - 1].roles, POLICY_MAX_VALUES);
		policy_read_range(r, p->user[value - 1].range);
		policy_read_level(r, &unused);	/* default level: for login programs */
	}
}

/* Under the policy before it, by name; `fresh` is what the file says. */
static struct policy_bool bool_inherit(const struct policy *p, const char *name, struct policy_bool fresh)
{
	const struct policy *before = p->before;
	uint32_t old = before ? symtab_find(&before->bools, name, strlen(name)) : 0;
	struct policy_bool b;

	if (!old)
		return fresh;
	b = before->booleans[old - 1];
	if (p->commit == BOOLS_LOAD) {
		b.pending = b.state;
		return b.set ? b : fresh;
	}
	if (p->commit == BOOLS_ALL || p->commit == old) {
		b.set |= b.pending != b.state;
		b.state = b.pending;
	}
	return b;
}

void policy_read_bools(struct reader *r, struct policy *p)
{
	r->section = "booleans";
	symtab_read_head(r, &p->bools, POLICY_MAX_VALUES, 13);
	p->booleans = reader_array(r, p->bools.nprim, sizeof(*p->booleans));
	for (uint32_t i = 0; i < p->bools.capacity && !r->failed; i++) {
		uint32_t value = read_u32(r), state = read_u32(r), len = read_u32(r);
		const char *name = read_name(r, len);

		reader_require(r, state <= 1, "a boolean is neither true nor false");
		symtab_add(r, &p->bools, name, value, true);
		if (!r->failed)
			p->booleans[value - 1] = bool_inherit(p, name, (struct policy_bool){ state, state, false });
	}
}

void policy_read_levels(struct reader *r, struct policy *p)
{
	r->section = "sensitivities";
	symtab_read_head(r, &p->levels, POLICY_MAX_VALUES, 13 + BITSET_BYTES);
	p->sens_cats = reader_array(r, p->levels.nprim, sizeof(*p->sens_cats));
	for (uint32_t i = 0; i < p->levels.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), alias = read_u32(r);
		const char *name = read_name(r, len);
		struct level level = { 0 };

		policy_read_level(r, &level);
		symtab_add(r, &p->levels, name, level.sens, !alias);
		if (!r->failed && !alias)
			p->sens_cats[level.sens - 1] = level.cats;
	}
}

void policy_read_cats(struct reader *r, struct policy *p)
{
	r->section = "categories";
	symtab_read_head(r, &p->cats, POLICY_MAX_CATEGORIES, 13);
	for (uint32_t i = 0; i < p->cats.capacity && !r->failed; i++) {
		uint32_t len = read_u32(r), value = read_u32(r), alias = read_u32(r);

		symtab_add(r, &p->cats, read_name(r, len), value, !alias);
	}
}

/* A chain of typebounds that is too deep, or a circle. */
/*@
  requires \valid_read(p) && names_ok(&p->types) && \valid_read(p->type + (0 .. p->types.nprim - 1)) && 1 <= type <= p->types.nprim;
  assigns \nothing;
*/
static bool bounds_ok(const struct policy *p, uint32_t type)
{
	/*@ loop invariant 1 <= type <= p->types.nprim; loop assigns depth, type; loop variant POLICY_MAX_BOUNDS + 1 - depth; */
	for (uint32_t depth = 0; depth <= POLICY_MAX_BOUNDS; depth++) {
		if (p->type[type - 1].bounds == 0)
			return true;
		type = p->type[type - 1].bounds;
		if (!symtab_name(&p->types, type))
			return false;
	}
	return false;
}

/*@ requires \valid_read(p) && names_ok(&p->levels) && \valid_read(l) && bitset_ok(&l->cats); assigns \nothing; */
static bool level_in_policy(const struct policy *p, const struct level *l)
{
	return !p->mls || (symtab_name(&p->levels, l->sens) && bitset_below(&l->cats, p->cats.nprim));
}

/* Contexts are printed by name: a category without one is nobody's. */
/*@ requires \valid_read(p) && names_ok(&p->cats) && bitset_ok(cats); assigns \nothing; */
static bool cats_have_names(const struct policy *p, const struct bitset *cats)
{
	/*@ loop assigns i; */
	for (uint32_t i = bitset_next(cats, 0); i != BITSET_END; i = bitset_next(cats, i + 1))
		if (!symtab_name(&p->cats, i + 1))
			return false;
	return true;
}

/*@
  requires names_read(p) && roles_read(p) && users_read(p) && levels_read(p) && bitset_ok(&p->permissive);
  assigns \nothing;
*/
static const char *symbols_fault(const struct policy *p)
{
	/*@ loop assigns i; loop variant p->roles.nprim - i; */
	for (uint32_t i = 0; i < p->roles.nprim; i++)
		if (!bitset_below(&p->role[i].dominates, p->roles.nprim) || !bitset_below(&p->role[i].types, p->types.nprim))
			return "a role has types or roles that do not exist";
	/*@ loop assigns i; loop variant p->types.nprim - i; */
	for (uint32_t i = 0; i < p->types.nprim; i++)
		if (!bounds_ok(p, i + 1))
			return "typebounds are circular, too deep or lead nowhere";
	/*@ loop assigns i; loop variant p->users.nprim - i; */
	for (uint32_t i = 0; i < p->users.nprim; i++)
		if (symtab_name(&p->users, i + 1) &&
		    (!bitset_below(&p->user[i].roles, p->roles.nprim) || !level_in_policy(p, &p->user[i].range[LOW]) ||
		     !level_in_policy(p, &p->user[i].range[HIGH])))
			return "a user has roles or levels that do not exist";
	/*@ loop assigns i; loop variant p->levels.nprim - i; */
	for (uint32_t i = 0; i < p->levels.nprim; i++)
		if (!cats_have_names(p, &p->sens_cats[i]))
			return "a sensitivity has categories that do not exist";
	return bitset_below(&p->permissive, p->types.nprim + 1) ? NULL : "a permissive type does not exist";
}

void policy_check_symbols(struct reader *r, struct policy *p)
{
	const char *fault = r->failed ? NULL : symbols_fault(p);

	r->section = "symbols";
	reader_require(r, fault == NULL, fault);
}
