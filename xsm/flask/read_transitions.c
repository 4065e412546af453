/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: role, file name and range transitions, role allow, types' attributes.
 * Locking: none. Trust: every byte is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

#define VERSION_FILENAME_TRANSITIONS 25u
#define VERSION_ROLE_TRANSITION_CLASS 26u
#define VERSION_COMPRESSED_FILENAMES 33u

/*@
  predicate roles_apart(struct reader *r, struct policy *p, void *x, struct arena *a) = apart(r, p) && apart(r, x) && apart(p, x) && apart(a, x) && apart(a, p);
  predicate roles_named{L}(struct policy *p) = \valid_read(p) && names_ok(&p->roles) && names_ok(&p->types);
*/

/* By themselves for their contracts: what they give has more cells of memory than `piece` counts for its size. */
/*@
  requires reader_ok(r);
  assigns TAKES(r);
  ensures reader_step{Pre,Here}(r);
  ensures \result == \null ==> r->failed;
  ensures \result != \null ==> \valid(\result + (0 .. nr - 1)) && born(\base_addr(\result)) == \old(given(r->arena)) < given(r->arena);
*/
static struct role_transition *role_transitions_new(struct reader *r, uint32_t nr)
{
	return reader_array(r, nr, sizeof(struct role_transition));
}

/*@
  requires reader_ok(r);
  assigns TAKES(r);
  ensures reader_step{Pre,Here}(r);
  ensures \result == \null ==> r->failed;
  ensures \result != \null ==> \valid(\result + (0 .. nr - 1)) && born(\base_addr(\result)) == \old(given(r->arena)) < given(r->arena);
*/
static struct role_allow *role_allows_new(struct reader *r, uint32_t nr)
{
	return reader_array(r, nr, sizeof(struct role_allow));
}

/*@
  requires reader_ok(r);
  requires roles_named(p);
  requires \valid(x) && roles_apart(r, p, x, r->arena);
  assigns READS(r), x->role, x->type, x->new_role, x->class;
  ensures reader_read{Pre,Here}(r);
  ensures roles_named(p);
*/
static void read_role_transition(struct reader *r, const struct policy *p, struct role_transition *x)
{
	x->role = read_u32(r);
	x->type = read_u32(r);
	x->new_role = read_u32(r);
	x->class = p->version >= VERSION_ROLE_TRANSITION_CLASS ? read_u32(r) : p->process_class;
	/*@ assert roles_named(p); */
	reader_require(r, symtab_name(&p->roles, x->role) && symtab_name(&p->types, x->type) && symtab_name(&p->roles, x->new_role),
		       "a role transition names what does not exist");
}

/*@
  requires reader_ok(r);
  requires roles_named(p);
  requires \valid(x) && roles_apart(r, p, x, r->arena);
  assigns READS(r), x->role, x->new_role;
  ensures reader_read{Pre,Here}(r);
  ensures roles_named(p);
*/
static void read_role_allow(struct reader *r, const struct policy *p, struct role_allow *x)
{
	x->role = read_u32(r);
	x->new_role = read_u32(r);
	/*@ assert reader_read{Pre,Here}(r); */
	/*@ assert roles_named(p); */
	reader_require(r, symtab_name(&p->roles, x->role) && symtab_name(&p->roles, x->new_role), "a role allow rule names a role that does not exist");
}

/*@
  requires reader_ok(r) && inside(p, r->arena) && apart(r, p);
  requires roles_named(p);
  assigns TAKES(r), FRESH(struct role_transition, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures roles_named(p);
  ensures !r->failed ==> \valid(\result + (0 .. nr - 1)) && \old(given(r->arena)) <= born(\base_addr(\result)) < given(r->arena);
*/
static struct role_transition *read_role_transitions(struct reader *r, const struct policy *p, uint32_t nr)
{
	struct role_transition *x = role_transitions_new(r, nr);

	/*@ assert roles_named(p); */
	/*@ assert x != \null ==> roles_apart(r, p, x, r->arena); */
	/*@
	  loop invariant reader_step{Pre,Here}(r);
	  loop invariant roles_named(p);
	  loop invariant i <= nr && (x == \null ==> r->failed) && given(r->arena) == \at(given(r->arena), LoopEntry);
	  loop assigns i, READS(r), x[0 .. nr - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_role_transition(r, p, &x[i]);
	return x;
}

/*@
  requires reader_ok(r) && inside(p, r->arena) && apart(r, p);
  requires roles_named(p);
  assigns TAKES(r), FRESH(struct role_allow, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures roles_named(p);
  ensures !r->failed ==> \valid(\result + (0 .. nr - 1)) && \old(given(r->arena)) <= born(\base_addr(\result)) < given(r->arena);
*/
static struct role_allow *read_role_allows(struct reader *r, const struct policy *p, uint32_t nr)
{
	struct role_allow *x = role_allows_new(r, nr);

	/*@ assert roles_named(p); */
	/*@ assert x != \null ==> roles_apart(r, p, x, r->arena); */
	/*@
	  loop invariant reader_step{Pre,Here}(r);
	  loop invariant roles_named(p);
	  loop invariant i <= nr && (x == \null ==> r->failed) && given(r->arena) == \at(given(r->arena), LoopEntry);
	  loop assigns i, READS(r), x[0 .. nr - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_role_allow(r, p, &x[i]);
	return x;
}

void policy_read_role_rules(struct reader *r, struct policy *p)
{
	uint32_t nr;

	/*@ assert apart(r, p) && apart(r->arena, p); */
	r->section = "role transitions";
	nr = read_count(r, p->version >= VERSION_ROLE_TRANSITION_CLASS ? 16 : 12);
	/*@ assert reader_read{Pre,Here}(r); */
	/*@ assert roles_named(p); */
	p->role_transitions = read_role_transitions(r, p, nr);
	p->nr_role_transitions = r->failed ? 0 : nr;
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert roles_named(p); */
	/*@ assert p->nr_role_transitions != 0 ==> \valid_read(p->role_transitions + (0 .. p->nr_role_transitions - 1)); */

	r->section = "role allow";
	nr = read_count(r, 8);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert roles_named(p); */
	p->role_allows = read_role_allows(r, p, nr);
	p->nr_role_allows = r->failed ? 0 : nr;
	/*@ assert reader_step{Pre,Here}(r); */
}

/* A set and a number, read over. */
/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void skip_types(struct reader *r)
{
	struct bitset unused;

	/*@ ghost of_stack(&unused); */
	bitset_read(r, &unused, POLICY_MAX_VALUES);
	(void)read_u32(r);
}

/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(char, r->arena), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void skip_filename_transition(struct reader *r, uint32_t version)
{
	uint32_t types, len = read_u32(r);

	(void)read_name(r, len);
	(void)read_u64(r);
	if (version < VERSION_COMPRESSED_FILENAMES) {
		(void)read_u64(r);
		return;
	}
	types = read_count(r, 16);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@
	  loop invariant reader_step{Pre,Here}(r);
	  loop assigns i, LOOP_TAKES(r), FRESH(struct bitset_word, r->arena);
	  loop variant types - i;
	*/
	for (uint32_t i = 0; i < types && !r->failed; i++)
		skip_types(r);
}

/* Nothing in a hypervisor has a file name: checked for their form and dropped. */
void policy_read_filename_transitions(struct reader *r, struct policy *p)
{
	uint32_t nr, version = p->version;

	if (version < VERSION_FILENAME_TRANSITIONS)
		return;
	r->section = "file name transitions";
	nr = read_count(r, 21);
	/*@ assert reader_read{Pre,Here}(r); */
	/*@
	  loop invariant reader_step{Pre,Here}(r);
	  loop assigns i, LOOP_TAKES(r), FRESH(char, r->arena), FRESH(struct bitset_word, r->arena);
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		skip_filename_transition(r, version);
}

static void read_range_transition(struct reader *r, const struct policy *p, struct range_transition *x)
{
	struct context c = { .role = POLICY_ROLE_OBJECT };

	x->source = read_u32(r);
	x->target = read_u32(r);
	x->class = read_u32(r);
	policy_read_range(r, x->range);
	if (r->failed)
		return;
	memcpy(c.level, x->range, sizeof(c.level));
	reader_require(r, symtab_name(&p->types, x->source) && symtab_name(&p->types, x->target) && symtab_name(&p->classes, x->class) &&
		       policy_range_valid(p, &c), "a range transition names what does not exist");
}

void policy_read_range_transitions(struct reader *r, struct policy *p)
{
	uint32_t nr;

	r->section = "range transitions";
	nr = read_count(r, 32);
	p->range_transitions = reader_array(r, nr, sizeof(*p->range_transitions));
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_range_transition(r, p, &p->range_transitions[i]);
	p->nr_range_transitions = r->failed ? 0 : nr;
}

static void add_itself(struct reader *r, struct bitset *b, uint32_t bit)
{
	struct bitset_word own = { bit & ~63u, (uint64_t)1 << (bit & 63) }, *word;
	uint32_t nr = 0, i = 0;

	if (r->failed || bitset_test(b, bit))
		return;
	word = reader_array(r, b->nr + 1u, sizeof(*word));
	if (!word)
		return;
	while (i < b->nr && b->word[i].start < own.start)
		word[nr++] = b->word[i++];
	if (i < b->nr && b->word[i].start == own.start)
		own.map |= b->word[i++].map;
	word[nr++] = own;
	while (i < b->nr)
		word[nr++] = b->word[i++];
	*b = (struct bitset){ word, nr };
}

void policy_read_type_attributes(struct reader *r, struct policy *p)
{
	r->section = "attributes of types";
	for (uint32_t i = 0; i < p->types.nprim && !r->failed; i++) {
		struct policy_type *t = &p->type[i];

		bitset_read(r, &t->attributes, p->types.nprim);
		if (symtab_name(&p->types, i + 1))
			add_itself(r, &t->attributes, i);
		reader_require(r, !t->attribute || (bitset_next(&t->attributes, 0) == i && bitset_next(&t->attributes, i + 1) == BITSET_END),
			       "an attribute has attributes");
	}
}
