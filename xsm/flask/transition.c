/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The label of what is made of a subject and an object: type, role and range transitions, and each class's defaults.
 * Locking: immutable data. Trust: contexts are valid under the policy.
 */
#include <hv/string.h>

#include "policydb.h"

static void take_level(struct context_draft *d, unsigned int which, const struct level *from)
{
	d->c.level[which].sens = from->sens;
	for (uint32_t i = 0; i < from->cats.nr; i++)
		d->words[which][i] = from->cats.word[i];
	d->c.level[which].cats = (struct bitset){ d->words[which], from->cats.nr };
}

static void take_range(struct context_draft *d, const struct level *low, const struct level *high)
{
	take_level(d, LOW, low);
	take_level(d, HIGH, high);
}

static const struct range_transition *range_rule(const struct policy *p, const struct context *s, const struct context *t, uint32_t class)
{
	for (uint32_t i = 0; i < p->nr_range_transitions; i++) {
		const struct range_transition *x = &p->range_transitions[i];

		if (x->source == s->type && x->target == t->type && x->class == class)
			return x;
	}
	return NULL;
}

static void set_range(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, enum rule_kind kind,
		      struct context_draft *d)
{
	const struct range_transition *rule = kind == RULE_TRANSITION ? range_rule(p, s, t, class) : NULL;

	if (rule) {
		take_range(d, &rule->range[LOW], &rule->range[HIGH]);
		return;
	}
	if (kind == RULE_MEMBER) {
		take_range(d, &s->level[LOW], &s->level[LOW]);
		return;
	}
	switch (kind == RULE_TRANSITION ? p->class[class - 1].default_range : RANGE_UNSET) {
	case RANGE_SOURCE_LOW:
		take_range(d, &s->level[LOW], &s->level[LOW]);
		break;
	case RANGE_SOURCE_HIGH:
		take_range(d, &s->level[HIGH], &s->level[HIGH]);
		break;
	case RANGE_SOURCE_LOW_HIGH:
		take_range(d, &s->level[LOW], &s->level[HIGH]);
		break;
	case RANGE_TARGET_LOW:
		take_range(d, &t->level[LOW], &t->level[LOW]);
		break;
	case RANGE_TARGET_HIGH:
		take_range(d, &t->level[HIGH], &t->level[HIGH]);
		break;
	case RANGE_TARGET_LOW_HIGH:
		take_range(d, &t->level[LOW], &t->level[HIGH]);
		break;
	default:
		take_range(d, &s->level[LOW], &s->level[class == p->process_class ? HIGH : LOW]);
		break;
	}
}

/* A domain inherits from its subject, everything else from the object it is made of. */
static void set_defaults(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, struct context *c)
{
	const struct policy_class *k = &p->class[class - 1];
	bool process = class == p->process_class;

	c->user = k->default_user == DEFAULT_TARGET ? t->user : s->user;
	if (k->default_role)
		c->role = k->default_role == DEFAULT_SOURCE ? s->role : t->role;
	else
		c->role = process ? s->role : POLICY_ROLE_OBJECT;
	if (k->default_type)
		c->type = k->default_type == DEFAULT_SOURCE ? s->type : t->type;
	else
		c->type = process ? s->type : t->type;
}

int policy_derive(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, enum rule_kind kind,
		  struct context_draft *d)
{
	const struct rule *rule = rule_find(&p->rules, s->type, t->type, class, kind);

	memset(&d->c, 0, sizeof(d->c));
	set_defaults(p, s, t, class, &d->c);
	if (kind == RULE_MEMBER)
		d->c.user = t->user;
	if (!rule)
		rule = rule_find(&p->conditional, s->type, t->type, class, kind);
	if (rule)
		d->c.type = rule->data;
	for (uint32_t i = 0; kind == RULE_TRANSITION && i < p->nr_role_transitions; i++) {
		const struct role_transition *x = &p->role_transitions[i];

		if (x->role == s->role && x->type == t->type && x->class == class) {
			d->c.role = x->new_role;
			break;
		}
	}
	if (p->mls)
		set_range(p, s, t, class, kind, d);
	return policy_context_valid(p, &d->c) ? 0 : -XEN_EACCES;
}
