/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints: postfix expressions over the users, roles, types and levels of two contexts.
 * Locking: immutable data. Trust: expressions were checked when read, so that evaluation cannot fail.
 */
#include "policydb.h"

/* Numbers of the binary format; sepol/policydb/constraint.h has them. */
enum { EXPR_NOT = 1, EXPR_AND, EXPR_OR, EXPR_ATTR, EXPR_NAMES };
enum { ATTR_USER = 1, ATTR_ROLE = 2, ATTR_TYPE = 4, ATTR_TARGET = 8, ATTR_XTARGET = 16, ATTR_L1L2 = 32, ATTR_L1H2 = 64,
	ATTR_H1L2 = 128, ATTR_H1H2 = 256, ATTR_L1H1 = 512, ATTR_L2H2 = 1024 };
enum { OP_EQ = 1, OP_NEQ, OP_DOM, OP_DOMBY, OP_INCOMP };
#define MAX_DEPTH 5

/*@ requires \valid_read(e); assigns \nothing; */
static bool attr_valid(const struct constraint_expr *e)
{
	switch (e->attr) {
	case ATTR_USER:
	case ATTR_TYPE:
		return e->op == OP_EQ || e->op == OP_NEQ;
	case ATTR_ROLE:
	case ATTR_L1L2:
	case ATTR_L1H2:
	case ATTR_H1L2:
	case ATTR_H1H2:
	case ATTR_L1H1:
	case ATTR_L2H2:
		return e->op >= OP_EQ && e->op <= OP_INCOMP;
	default:
		return false;
	}
}

/*@ requires \valid_read(e); assigns \nothing; */
static bool names_valid(const struct constraint_expr *e, bool validatetrans)
{
	uint32_t whose = e->attr & (ATTR_TARGET | ATTR_XTARGET), what = e->attr & ~whose;

	return (e->op == OP_EQ || e->op == OP_NEQ) && (what == ATTR_USER || what == ATTR_ROLE || what == ATTR_TYPE) &&
		(whose == 0 || whose == ATTR_TARGET || (whose == ATTR_XTARGET && validatetrans));
}

bool constraint_valid(const struct constraint *c, bool validatetrans)
{
	int depth = 0;

	/*@
	  loop invariant i <= c->nr && 0 <= depth <= MAX_DEPTH && depth == stacked(c->expr, i) && \forall integer j; 0 <= j < i ==> step_ok(c->expr, j);
	  loop assigns i, depth;
	  loop variant c->nr - i;
	*/
	for (uint32_t i = 0; i < c->nr; i++) {
		const struct constraint_expr *e = &c->expr[i];

		switch (e->kind) {
		case EXPR_NOT:
			if (depth < 1)
				return false;
			break;
		case EXPR_AND:
		case EXPR_OR:
			if (depth < 2)
				return false;
			depth--;
			break;
		case EXPR_ATTR:
		case EXPR_NAMES:
			if (depth == MAX_DEPTH || !(e->kind == EXPR_ATTR ? attr_valid(e) : names_valid(e, validatetrans)))
				return false;
			depth++;
			break;
		default:
			return false;
		}
	}
	return depth == 1;
}

/*@ requires level_ok(a) && level_ok(b); assigns \nothing; */
static bool levels_hold(uint32_t op, const struct level *a, const struct level *b)
{
	switch (op) {
	case OP_EQ:
		return level_equal(a, b);
	case OP_NEQ:
		return !level_equal(a, b);
	case OP_DOM:
		return level_dominates(a, b);
	case OP_DOMBY:
		return level_dominates(b, a);
	default:
		break;
	}
	return !level_dominates(a, b) && !level_dominates(b, a);
}

/*@ requires roles_ok(p) && 1 <= a <= p->roles.nprim && 1 <= b <= p->roles.nprim; assigns \nothing; */
static bool roles_hold(const struct policy *p, uint32_t op, uint32_t a, uint32_t b)
{
	bool a_over_b = bitset_test(&p->role[a - 1].dominates, b - 1), b_over_a = bitset_test(&p->role[b - 1].dominates, a - 1);

	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NEQ:
		return a != b;
	case OP_DOM:
		return a_over_b;
	case OP_DOMBY:
		return b_over_a;
	default:
		break;
	}
	return !a_over_b && !b_over_a;
}

/*@ requires \valid_read(e) && roles_ok(p) && context_ok(s, p->roles.nprim) && context_ok(t, p->roles.nprim); assigns \nothing; */
static bool attr_holds(const struct policy *p, const struct constraint_expr *e, const struct context *s, const struct context *t)
{
	switch (e->attr) {
	case ATTR_USER:
		return (s->user == t->user) == (e->op == OP_EQ);
	case ATTR_TYPE:
		return (s->type == t->type) == (e->op == OP_EQ);
	case ATTR_ROLE:
		return roles_hold(p, e->op, s->role, t->role);
	case ATTR_L1L2:
		return levels_hold(e->op, &s->level[LOW], &t->level[LOW]);
	case ATTR_L1H2:
		return levels_hold(e->op, &s->level[LOW], &t->level[HIGH]);
	case ATTR_H1L2:
		return levels_hold(e->op, &s->level[HIGH], &t->level[LOW]);
	case ATTR_H1H2:
		return levels_hold(e->op, &s->level[HIGH], &t->level[HIGH]);
	case ATTR_L1H1:
		return levels_hold(e->op, &s->level[LOW], &s->level[HIGH]);
	default:
		break;
	}
	return levels_hold(e->op, &t->level[LOW], &t->level[HIGH]);
}

/*@ requires \valid_read(e) && bitset_ok(&e->names) && \valid_read(s) && \valid_read(t); assigns \nothing; */
static bool names_hold(const struct constraint_expr *e, const struct context *s, const struct context *t)
{
	const struct context *c = e->attr & ATTR_TARGET ? t : s;
	uint32_t value = e->attr & ATTR_USER ? c->user : e->attr & ATTR_ROLE ? c->role : c->type;

	return bitset_test(&e->names, value - 1) == (e->op == OP_EQ);
}

bool constraint_holds(const struct policy *p, const struct constraint *c, const struct context *s, const struct context *t)
{
	bool stack[MAX_DEPTH] = { false };
	unsigned int n = 0;

	/*@ loop invariant i <= c->nr && n <= MAX_DEPTH && n == stacked(c->expr, i); loop assigns i, n, stack[0 .. MAX_DEPTH - 1]; loop variant c->nr - i; */
	for (uint32_t i = 0; i < c->nr; i++) {
		const struct constraint_expr *e = &c->expr[i];

		/*@ assert step_ok(c->expr, i); */
		switch (e->kind) {
		case EXPR_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case EXPR_AND:
			n--;
			stack[n - 1] &= stack[n];
			break;
		case EXPR_OR:
			n--;
			stack[n - 1] |= stack[n];
			break;
		case EXPR_ATTR:
			stack[n++] = attr_holds(p, e, s, t);
			break;
		case EXPR_NAMES:
			stack[n++] = names_hold(e, s, t);
			break;
		}
	}
	return stack[0];
}
