/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions, as libsepol computes them: type enforcement through attributes, conditional rules, constraints, role allow, type bounds.
 * Locking: immutable data. Trust: contexts are valid under the policy.
 */
#include <hv/string.h>

#include "policydb.h"

/* What is asked: one class, or all classes that our permissions belong to. */
struct question {
	const struct policy *p;
	uint32_t class;			/* 0: by slot */
	uint32_t nr;
	struct access *access;		/* nr of them */
};

static struct access *answer_of(const struct question *q, uint32_t class)
{
	uint8_t slot;

	if (q->class)
		return class == q->class ? q->access : NULL;
	slot = q->p->class_slot[class];
	return slot ? &q->access[slot - 1] : NULL;
}

static void add_rules(const struct question *q, const struct rule_table *t, uint32_t source, uint32_t target)
{
	uint32_t nr;
	const struct rule *x = rule_table_find(t, source, target, &nr);

	for (uint32_t i = 0; i < nr; i++) {
		struct access *a = answer_of(q, x[i].class);

		if (!a)
			continue;
		if (x[i].kind == RULE_ALLOW)
			a->allowed |= x[i].data;
		else if (x[i].kind == RULE_AUDITALLOW)
			a->auditallow |= x[i].data;
		else if (x[i].kind == RULE_AUDITDENY)
			a->auditdeny &= x[i].data;
	}
}

static void add_type_rules(const struct question *q, uint32_t stype, uint32_t ttype)
{
	const struct policy *p = q->p;
	const struct bitset *sources = &p->type[stype - 1].attributes, *targets = &p->type[ttype - 1].attributes;

	for (uint32_t i = bitset_next(sources, 0); i != BITSET_END; i = bitset_next(sources, i + 1)) {
		bool any = p->rules.source_start[i + 1] != p->rules.source_start[i + 2];
		bool any_conditional = p->conditional.source_start[i + 1] != p->conditional.source_start[i + 2];

		for (uint32_t j = any || any_conditional ? bitset_next(targets, 0) : BITSET_END; j != BITSET_END; j = bitset_next(targets, j + 1)) {
			if (any)
				add_rules(q, &p->rules, i + 1, j + 1);
			if (any_conditional)
				add_rules(q, &p->conditional, i + 1, j + 1);
		}
	}
}

static bool role_change_allowed(const struct policy *p, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < p->nr_role_allows; i++)
		if (p->role_allows[i].role == from && p->role_allows[i].new_role == to)
			return true;
	return from == to;
}

static void apply_constraints(const struct policy *p, uint32_t class, const struct context *s, const struct context *t, struct access *a)
{
	const struct policy_class *c = &p->class[class - 1];

	for (uint32_t i = 0; i < c->nr_constraints; i++)
		if ((c->constraints[i].permissions & a->allowed) && !constraint_holds(p, &c->constraints[i], s, t))
			a->allowed &= ~c->constraints[i].permissions;
	if (class == p->process_class && (a->allowed & p->process_transition) && !role_change_allowed(p, s->role, t->role))
		a->allowed &= ~p->process_transition;
}

static void decide_unbounded(const struct question *q, const struct context *s, const struct context *t)
{
	for (uint32_t i = 0; i < q->nr; i++)
		q->access[i] = (struct access){ .auditdeny = UINT32_MAX };
	add_type_rules(q, s->type, t->type);
	for (uint32_t i = 0; i < q->nr; i++)
		apply_constraints(q->p, q->class ? q->class : q->p->slot_class[i], s, t, &q->access[i]);
}

/* A bounded type has at most what its parent has (towards the target, or the target's parent). */
static void decide(const struct question *q, const struct context *s, const struct context *t)
{
	struct access parent[FLASK_MAX_SLOTS];
	struct question up = { .p = q->p, .class = q->class, .nr = q->nr, .access = parent };
	struct context bs = *s, bt = *t;

	decide_unbounded(q, s, t);
	for (uint32_t depth = 0; depth <= POLICY_MAX_BOUNDS && q->p->type[bs.type - 1].bounds; depth++) {
		bs.type = q->p->type[bs.type - 1].bounds;
		if (q->p->type[bt.type - 1].bounds)
			bt.type = q->p->type[bt.type - 1].bounds;
		decide_unbounded(&up, &bs, &bt);
		for (uint32_t i = 0; i < q->nr; i++)
			q->access[i].allowed &= parent[i].allowed;
	}
}

void policy_compute_class(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, struct access *a)
{
	struct question q = { .p = p, .class = class, .nr = 1, .access = a };

	decide(&q, s, t);
}

static void set_bit(uint64_t *words, unsigned int bit, bool on)
{
	if (on)
		words[bit / 64] |= (uint64_t)1 << (bit % 64);
}

void policy_compute_vector(const struct policy *p, const struct context *s, const struct context *t, bool oneself, struct flask_vector *v)
{
	struct access access[FLASK_MAX_SLOTS];
	struct question q = { .p = p, .nr = p->nr_slots, .access = access };

	memset(v, 0, sizeof(*v));
	decide(&q, s, t);
	for (unsigned int i = PERM_INVALID + 1; i < PERM_COUNT; i++) {
		const struct perm_answer *how = &p->answer[i];

		if (how->answer == ANSWER_ONESELF)
			set_bit(v->allowed, i, oneself);
		if (how->answer != ANSWER_BIT && how->answer != ANSWER_ANCESTOR)
			continue;
		set_bit(v->allowed, i, access[how->slot].allowed & how->bit);
		set_bit(v->auditallow, i, access[how->slot].auditallow & how->bit);
		set_bit(v->dontaudit, i, !(access[how->slot].auditdeny & how->bit));
	}
	v->permissive = bitset_test(&p->permissive, s->type);
}
