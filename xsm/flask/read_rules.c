/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: access-vector and type rules, with and without conditions.
 * Locking: none. Trust: every byte is hostile.
 */
#include "policydb.h"

#define RULE_BYTES 12u
#define EXTENDED_BYTES 34u	/* what follows the key of an extended-permission rule */
#define COND_NODE_MIN_BYTES 16u
#define COND_MAX_DEPTH 10
#define VERSION_EXTENDED 30u

#define KIND_ENABLED 0x8000u	/* state at the time of writing: computed anew here */
#define KIND_EXTENDED 0x0700u

enum { COND_BOOL = 1, COND_NOT, COND_OR, COND_AND, COND_XOR, COND_EQ, COND_NEQ };

/*@ assigns \nothing; ensures \result <==> kind == 1 || kind == 2 || kind == 4 || kind == 0x10 || kind == 0x20 || kind == 0x40; */
static bool kind_known(uint32_t kind)
{
	switch (kind) {
	case RULE_ALLOW:
	case RULE_AUDITALLOW:
	case RULE_AUDITDENY:
	case RULE_TRANSITION:
	case RULE_MEMBER:
	case RULE_CHANGE:
		return true;
	default:
		return false;
	}
}

/*@ assigns \nothing; ensures \result <==> kind == 0x10 || kind == 0x20 || kind == 0x40; */
static bool rule_kind_is_type(uint32_t kind)
{
	return kind == RULE_TRANSITION || kind == RULE_MEMBER || kind == RULE_CHANGE;
}

/* False for a rule that has no meaning here (extended permissions, which only Linux asks for): read over. */
/*@
  requires reader_ok(r) && \valid_read(p) && apart(r, p);
  requires symtab_names_ok(&p->types);
  requires symtab_names_ok(&p->classes);
  requires \valid(x) && \separated(r, r->arena, x) && \separated(x, p);
  assigns READS(r), *x;
  ensures reader_read{Pre,Here}(r);
  ensures \result ==> !r->failed && \old(r->at) + 12 <= r->at && rule_ok(x, p->types.nprim, p->classes.nprim);
*/
static bool read_rule(struct reader *r, const struct policy *p, struct rule *x)
{
	uint32_t kind;

	x->source = read_u16(r);
	x->target = read_u16(r);
	x->class = read_u16(r);
	kind = read_u16(r) & ~KIND_ENABLED;
	x->kind = (uint16_t)kind;
	/*@ assert reader_read{Pre,Here}(r) && (r->failed || r->at == \at(r->at, Pre) + 8); */
	reader_require(r, symtab_name(&p->types, x->source) && symtab_name(&p->types, x->target), "a rule names a type that does not exist");
	reader_require(r, symtab_name(&p->classes, x->class) != NULL, "a rule names a class that does not exist");
	if (kind & KIND_EXTENDED) {
		reader_require(r, p->version >= VERSION_EXTENDED && !(kind & ~KIND_EXTENDED) && !(kind & (kind - 1)),
			       "a rule is of an unknown kind");
		if (reader_has(r, 1, EXTENDED_BYTES))
			r->at += EXTENDED_BYTES;
		return false;
	}
	reader_require(r, kind_known(kind), "a rule is of an unknown kind");
	/*@ assert reader_read{Pre,Here}(r) && (r->failed || r->at == \at(r->at, Pre) + 8); */
	x->data = read_u32(r);
	/*@ assert reader_read{Pre,Here}(r) && (r->failed || r->at == \at(r->at, Pre) + 12); */
	if (rule_kind_is_type(kind))
		reader_require(r, symtab_name(&p->types, x->data) != NULL, "a type rule gives a type that does not exist");
	return !r->failed;
}

void policy_read_rules(struct reader *r, struct policy *p)
{
	uint32_t nr;

	r->section = "rules";
	nr = read_count(r, RULE_BYTES);
	reader_require(r, nr > 0, "a policy without rules");
	p->rules.rule = reader_array(r, nr, sizeof(*p->rules.rule));
	/*@
	  loop invariant reader_step{Pre,Here}(r) && i <= nr <= 0x80000000;
	  loop invariant apart(p, r) && (!r->failed ==> apart(p, p->rules.rule) && apart(r, p->rules.rule) && apart(r->arena, p->rules.rule));
	  loop invariant p->rules.nr <= i;
	  loop invariant p->types.nprim == \at(p->types.nprim, Pre) && p->classes.nprim == \at(p->classes.nprim, Pre);
	  loop invariant symtab_names_ok(&p->types);
	  loop invariant symtab_names_ok(&p->classes);
	  loop invariant !r->failed ==> \valid(p->rules.rule + (0 .. nr - 1));
	  loop invariant !r->failed ==> born(\base_addr(p)) < born(\base_addr(p->rules.rule)) < given(r->arena);
	  loop assigns i, READS(r), p->rules.nr, p->rules.rule[0 .. nr - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		if (read_rule(r, p, &p->rules.rule[p->rules.nr]))
			p->rules.nr++;
	rule_table_finish(r, &p->rules, p->types.nprim, true);
}

/*@
  requires \valid(n) && \valid(stack + (0 .. 9)) && *n <= 10 && \separated(n, stack + (0 .. 9));
  assigns *n, stack[0 .. 9];
  ensures *n <= \old(*n) && (\result ==> 0 < *n);
*/
static bool cond_apply(bool *stack, unsigned int *n, uint32_t op)
{
	bool b;

	if (op == COND_NOT) {
		if (*n < 1)
			return false;
		stack[*n - 1] = !stack[*n - 1];
		return true;
	}
	if (*n < 2)
		return false;
	b = stack[--*n];
	switch (op) {
	case COND_OR:
		stack[*n - 1] |= b;
		return true;
	case COND_AND:
		stack[*n - 1] &= b;
		return true;
	case COND_XOR:
	case COND_NEQ:
		stack[*n - 1] = stack[*n - 1] != b;
		return true;
	case COND_EQ:
		stack[*n - 1] = stack[*n - 1] == b;
		return true;
	default:
		return false;
	}
}

/*@
  requires reader_ok(r) && \valid_read(p) && symtab_names_ok(&p->bools) && \valid_read(p->booleans + (0 .. p->bools.nprim - 1)) && \separated(r, p);
  assigns READS(r);
  ensures reader_read{Pre,Here}(r);
*/
static bool read_condition(struct reader *r, const struct policy *p)
{
	uint32_t nr = read_count(r, 8);
	bool stack[COND_MAX_DEPTH] = { false };
	unsigned int n = 0;

	/*@
	  loop invariant reader_read{Pre,Here}(r) && n <= COND_MAX_DEPTH && i <= nr;
	  loop assigns i, n, stack[0 .. 9], READS(r);
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		uint32_t op = read_u32(r), value = read_u32(r);

		if (op == COND_BOOL) {
			if (!reader_require(r, symtab_name(&p->bools, value) && n < COND_MAX_DEPTH,
					    "a condition is too deep or names a boolean that does not exist"))
				break;
			stack[n++] = p->booleans[value - 1].state;
		} else {
			reader_require(r, cond_apply(stack, &n, op), "a condition is malformed");
		}
	}
	reader_require(r, n == 1, "a condition is malformed");
	return stack[0];
}

/*@
  // For each twelve bytes that are left there is room for a rule.
  logic integer room{L}(struct reader *r, struct rule_table *t) = t->nr + (r->len - r->at) / RULE_BYTES;
  predicate has_room{L}(struct reader *r, struct rule_table *t) = room(r, t) <= 0xffffffff && \valid(t->rule + (0 .. room(r, t) - 1));
  predicate room_apart{L}(struct reader *r, struct policy *p) = \separated(r, p) && \let n = room(r, &p->conditional) - 1;
    \separated(p->conditional.rule + (0 .. n), p) && \separated(p->conditional.rule + (0 .. n), r) &&
    \separated(p->conditional.rule + (0 .. n), p->rules.source_start + (0 .. p->types.nprim + 1));
*/

/* What of one branch is enabled goes into the conditional table. */
/*@
  requires reader_ok(r) && \valid(p) && symtab_names_ok(&p->types) && symtab_names_ok(&p->classes);
  requires rule_table_ok(&p->rules, p->types.nprim) && has_room(r, &p->conditional) && room_apart(r, p);
  assigns READS(r), p->conditional.nr, p->conditional.rule[0 .. room(r, &p->conditional) - 1];
  ensures reader_read{Pre,Here}(r);
  ensures \old(p->conditional.nr) <= p->conditional.nr && has_room(r, &p->conditional) && room(r, &p->conditional) <= \old(room(r, &p->conditional));
*/
static void read_branch(struct reader *r, struct policy *p, bool enabled)
{
	uint32_t nr = read_count(r, RULE_BYTES);

	/*@
	  loop invariant reader_read{Pre,Here}(r) && i <= nr;
	  loop invariant \at(p->conditional.nr, Pre) <= p->conditional.nr && has_room(r, &p->conditional);
	  loop invariant room(r, &p->conditional) <= \at(room(r, &p->conditional), Pre);
	  loop invariant rule_table_ok(&p->rules, p->types.nprim);
	  loop assigns i, READS(r), p->conditional.nr, p->conditional.rule[0 .. \at(room(r, &p->conditional), Pre) - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		struct rule x;

		if (!read_rule(r, p, &x))
			reader_fail(r, "a condition holds an extended rule");
		else if (rule_kind_is_type(x.kind) && rule_find(&p->rules, x.source, x.target, x.class, x.kind))
			reader_fail(r, "a type rule stands inside and outside of a condition");
		else if (enabled)
			p->conditional.rule[p->conditional.nr++] = x;
	}
}

/* Two enabled type rules for one key would make the result depend on their order. */
/*@
  requires reader_ok(r) && \valid_read(t) && \valid_read(t->rule + (0 .. t->nr - 1)) && \separated(r, t);
  assigns FAILS(r);
  ensures reader_read{Pre,Here}(r);
*/
static void check_conflicts(struct reader *r, const struct rule_table *t)
{
	/*@ loop invariant reader_read{Pre,Here}(r) && 1 <= i; loop assigns i, FAILS(r); loop variant t->nr - i; */
	for (uint32_t i = 1; i < t->nr && !r->failed; i++) {
		const struct rule *a = &t->rule[i - 1], *b = &t->rule[i];

		reader_require(r, !rule_kind_is_type(a->kind) || a->kind != b->kind || a->source != b->source || a->target != b->target ||
			       a->class != b->class || a->data == b->data, "two conditions give different types");
	}
}

void policy_read_conditionals(struct reader *r, struct policy *p)
{
	uint32_t nr;

	r->section = "conditional rules";
	nr = read_count(r, COND_NODE_MIN_BYTES);
	/* At most what the rest of the file can hold; allocated only where there are conditions. */
	p->conditional.rule = reader_array(r, nr ? (r->len - r->at) / RULE_BYTES : 0, sizeof(*p->conditional.rule));
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		bool state;

		(void)read_u32(r);	/* state at the time of writing */
		state = read_condition(r, p);
		read_branch(r, p, state);
		read_branch(r, p, !state);
	}
	rule_table_finish(r, &p->conditional, p->types.nprim, false);
	if (!r->failed)
		check_conflicts(r, &p->conditional);
}
