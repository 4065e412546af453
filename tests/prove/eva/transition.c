/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for xsm/flask/transition.c: any label of any two, by rules of each kind. */
#include "engine.c"

static struct context_draft draft;

bool policy_context_valid(const struct policy *p, const struct context *c)
{
	/*@ assert \initialized(&c->user) && \initialized(&c->role) && \initialized(&c->type); */
	/*@ assert c->level[0].cats.nr <= POLICY_MAX_CATEGORIES / 64 && c->level[1].cats.nr <= POLICY_MAX_CATEGORIES / 64; */
	return any_bool;
}

void eva_main(void)
{
	any_policy(FLASK_MAX_SLOTS);
	(void)policy_derive(&policy, &source, &target, any_of(CLASSES), RULE_TRANSITION, &draft);
	(void)policy_derive(&policy, &source, &target, any_of(CLASSES), RULE_MEMBER, &draft);
	(void)policy_derive(&policy, &source, &target, any_of(CLASSES), RULE_CHANGE, &draft);
}
