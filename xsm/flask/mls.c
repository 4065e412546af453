/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels and ranges: sensitivities with category sets.
 * Locking: immutable data. Trust: arguments come from contexts, valid or to be found so here.
 */
#include "policydb.h"

bool level_equal(const struct level *a, const struct level *b)
{
	return a->sens == b->sens && bitset_equal(&a->cats, &b->cats);
}

bool level_dominates(const struct level *a, const struct level *b)
{
	return a->sens >= b->sens && bitset_contains(&a->cats, &b->cats);
}

bool range_contains(const struct level outer[2], const struct level inner[2])
{
	return level_dominates(&inner[LOW], &outer[LOW]) && level_dominates(&outer[HIGH], &inner[HIGH]);
}

bool policy_range_valid(const struct policy *p, const struct context *c)
{
	if (!p->mls)
		return true;
	if (!level_dominates(&c->level[HIGH], &c->level[LOW]))
		return false;
	/*@
	  loop invariant i <= 2 && \forall integer j; 0 <= j < i ==> 1 <= c->level[j].sens <= p->levels.nprim;
	  loop assigns i;
	  loop variant 2 - i;
	*/
	for (unsigned int i = LOW; i <= HIGH; i++)
		if (!symtab_name(&p->levels, c->level[i].sens) ||
		    !bitset_contains(&p->sens_cats[c->level[i].sens - 1], &c->level[i].cats))
			return false;
	return c->role == POLICY_ROLE_OBJECT || range_contains(p->user[c->user - 1].range, c->level);
}
