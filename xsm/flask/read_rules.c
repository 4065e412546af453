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
  ensures \result ==> !r->failed && r->at == \old(r->at) + RULE_BYTES && rule_ok(x, p->types.nprim, p->classes.nprim);
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
  predicate room{L}(struct reader *r, struct rule *rule) = r->len <= 0x4000000 && \valid(rule + (0 .. (r->len - r->at) / RULE_BYTES - 1));
  predicate conditions_known{L}(struct policy *p) = \valid_read(p) && symtab_names_ok(&p->types) && symtab_names_ok(&p->classes) &&
    symtab_names_ok(&p->bools) && \valid_read(p->booleans + (0 .. p->bools.nprim - 1));
  predicate conditions_apart{L}(struct reader *r, struct policy *p, struct rule *x) = apart(p, r) && apart(p, x) && apart(r, x) && apart(r->arena, x) &&
    apart(r, p->rules.source_start) && apart(x, p->rules.source_start);
  predicate rules_known{L}(struct policy *p) = index_ok(p->rules.rule, p->rules.source_start, p->rules.nr, p->types.nprim);
*/

/*@
  requires reader_ok(r);
  requires conditions_known(p);
  requires conditions_apart(r, p, x);
  requires rules_known(p);
  requires \valid(x);
  assigns READS(r), *x;
  ensures reader_read{Pre,Here}(r);
  ensures conditions_known(p);
  ensures conditions_apart(r, p, x);
  ensures rules_known(p);
  ensures \result <==> !r->failed;
  ensures \result ==> r->at == \old(r->at) + RULE_BYTES;
*/
static bool read_branch_rule(struct reader *r, const struct policy *p, struct rule *x)
{
	bool taken = read_rule(r, p, x);

	/*@ assert conditions_known(p); */
	/*@ assert conditions_apart(r, p, x); */
	/*@ assert rules_known(p); */
	/*@ assert taken ==> rule_table_ok(&p->rules, x->source); */
	if (!taken)
		reader_fail(r, "a condition holds an extended rule");
	else if (rule_kind_is_type(x->kind) && rule_find(&p->rules, x->source, x->target, x->class, x->kind))
		reader_fail(r, "a type rule stands inside and outside of a condition");
	return !r->failed;
}

/* What of one branch is enabled goes where `rule` points; returns how many. */
/*@
  requires reader_ok(r);
  requires conditions_known(p);
  requires conditions_apart(r, p, rule);
  requires rules_known(p);
  requires room(r, rule);
  assigns READS(r), rule[0 .. (r->len - r->at) / RULE_BYTES - 1];
  ensures reader_read{Pre,Here}(r);
  ensures conditions_known(p);
  ensures conditions_apart(r, p, rule);
  ensures rules_known(p);
  ensures RULE_BYTES * \result <= r->at - \old(r->at);
*/
static uint32_t read_branch(struct reader *r, const struct policy *p, struct rule *rule, bool enabled)
{
	uint32_t nr = read_count(r, RULE_BYTES), taken = 0;

	/*@ assert RULE_BYTES * nr <= r->len - r->at; */
	/*@ assert conditions_known(p); */
	/*@ assert conditions_apart(r, p, rule); */
	/*@ assert rules_known(p); */
	/*@
	  loop invariant reader_read{Pre,Here}(r);
	  loop invariant conditions_known(p);
	  loop invariant conditions_apart(r, p, rule);
	  loop invariant rules_known(p);
	  loop invariant i <= nr && taken <= i;
	  loop invariant RULE_BYTES * taken <= r->at - \at(r->at, Pre);
	  loop invariant !r->failed ==> RULE_BYTES * (nr - i) <= r->len - r->at;
	  loop assigns i, taken, READS(r), rule[0 .. \at((r->len - r->at) / RULE_BYTES, Pre) - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		/*@ assert RULE_BYTES * (taken + 1) <= \at(r->len, Pre) - \at(r->at, Pre); */
		if (read_branch_rule(r, p, &rule[taken]) && enabled)
			taken++;
	}
	return taken;
}

/*@
  requires reader_ok(r);
  requires conditions_known(p);
  requires conditions_apart(r, p, rule);
  requires rules_known(p);
  requires room(r, rule);
  assigns READS(r), rule[0 .. (r->len - r->at) / RULE_BYTES - 1];
  ensures reader_read{Pre,Here}(r);
  ensures conditions_known(p);
  ensures conditions_apart(r, p, rule);
  ensures rules_known(p);
  ensures RULE_BYTES * \result <= r->at - \old(r->at);
*/
static uint32_t read_node(struct reader *r, const struct policy *p, struct rule *rule)
{
	uint32_t taken = 0;
	bool state;

	(void)read_u32(r);	/* state at the time of writing */
	/*@ assert conditions_known(p); */
	/*@ assert conditions_apart(r, p, rule); */
	/*@ assert rules_known(p); */
	state = read_condition(r, p);
	/*@ assert conditions_known(p); */
	/*@ assert conditions_apart(r, p, rule); */
	/*@ assert rules_known(p); */
	/*@ assert reader_read{Pre,Here}(r) && room(r, rule); */
	taken += read_branch(r, p, rule, state);
	/*@ assert RULE_BYTES * taken <= r->at - \at(r->at, Pre); */
	/*@ assert reader_read{Pre,Here}(r); */
	/*@ assert taken + (r->len - r->at) / RULE_BYTES <= \at((r->len - r->at) / RULE_BYTES, Pre); */
	/*@ assert \valid(rule + (taken .. \at((r->len - r->at) / RULE_BYTES, Pre) - 1)); */
	/*@ assert \valid(rule + (taken .. taken + (r->len - r->at) / RULE_BYTES - 1)); */
	/*@ assert room(r, rule + taken); */
	return taken + read_branch(r, p, rule + taken, !state);
}

/*@
  requires reader_ok(r) && (r->failed ==> nr == 0);
  requires nr != 0 ==> conditions_known(p);
  requires nr != 0 ==> conditions_apart(r, p, rule);
  requires nr != 0 ==> rules_known(p);
  requires nr != 0 ==> room(r, rule);
  assigns READS(r), rule[0 .. (r->len - r->at) / RULE_BYTES - 1];
  ensures reader_read{Pre,Here}(r);
  ensures RULE_BYTES * \result <= r->at - \old(r->at);
  ensures nr == 0 ==> \result == 0;
*/
static uint32_t read_nodes(struct reader *r, const struct policy *p, struct rule *rule, uint32_t nr)
{
	uint32_t taken = 0;

	/*@
	  loop invariant reader_read{Pre,Here}(r) && i <= nr;
	  loop invariant nr != 0 ==> conditions_known(p);
	  loop invariant nr != 0 ==> conditions_apart(r, p, rule);
	  loop invariant nr != 0 ==> rules_known(p);
	  loop invariant RULE_BYTES * taken <= r->at - \at(r->at, Pre);
	  loop invariant nr == 0 ==> taken == 0;
	  loop assigns i, taken, READS(r), rule[0 .. \at((r->len - r->at) / RULE_BYTES, Pre) - 1];
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		/*@ assert taken + (r->len - r->at) / RULE_BYTES <= \at((r->len - r->at) / RULE_BYTES, Pre); */
		/*@ assert \valid(rule + (taken .. \at((r->len - r->at) / RULE_BYTES, Pre) - 1)); */
		/*@ assert \valid(rule + (taken .. taken + (r->len - r->at) / RULE_BYTES - 1)); */
		/*@ assert room(r, rule + taken); */
		taken += read_node(r, p, rule + taken);
	}
	return taken;
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
	struct rule *rule;
	uint32_t nr;

	/*@ assert apart(p, r) && apart(p, r->arena) && apart(r, p->rules.source_start) && apart(r->arena, p->rules.source_start); */
	/*@ assert rules_known(p); */
	r->section = "conditional rules";
	nr = read_count(r, COND_NODE_MIN_BYTES);
	/*@ assert reader_read{Pre,Here}(r); */
	/*@ assert rules_known(p); */
	/* At most what the rest of the file can hold; allocated only where there are conditions. */
	rule = reader_array(r, nr ? (r->len - r->at) / RULE_BYTES : 0, sizeof(*rule));
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert p->rules.source_start == \at(p->rules.source_start, Pre) && p->rules.rule == \at(p->rules.rule, Pre); */
	/*@ assert rules_known(p); */
	/*@ assert conditions_known(p); */
	/*@ assert !r->failed ==> conditions_apart(r, p, rule); */
	/*@ assert !r->failed && nr != 0 ==> room(r, rule); */
	nr = read_nodes(r, p, rule, r->failed ? 0 : nr);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert rule != \null ==> born(\base_addr(p)) < \at(given(r->arena), Pre) <= born(\base_addr(rule)) < given(r->arena); */
	/*@ assert (rule == \null ==> nr == 0) && p->types.nprim == \at(p->types.nprim, Pre); */
	/*@ ghost L: ; */
	p->conditional.nr = nr;
	p->conditional.rule = rule;
	/*@ assert reader_read{L,Here}(r); */
	rule_table_finish(r, &p->conditional, p->types.nprim, false);
	/*@ assert p->types.nprim == \at(p->types.nprim, Pre); */
	/*@ assert !r->failed ==> rule_table_ok(&p->conditional, p->types.nprim); */
	/*@ ghost M: ; */
	if (!r->failed) {
		/*@ assert index_ok(p->conditional.rule, p->conditional.source_start, p->conditional.nr, p->types.nprim); */
		check_conflicts(r, &p->conditional);
		/*@ assert p->conditional.rule == \at(p->conditional.rule, M) && p->conditional.source_start == \at(p->conditional.source_start, M); */
		/*@ assert p->conditional.nr == \at(p->conditional.nr, M) && p->types.nprim == \at(p->types.nprim, M); */
		/*@ assert index_ok(p->conditional.rule, p->conditional.source_start, p->conditional.nr, p->types.nprim); */
	}
}
