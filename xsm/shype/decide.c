/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two decisions: may these share, may this one run beside what runs.
 * Locking: shype_share() none; the wall's functions the caller's lock. Trust: labels were checked when the policy was read.
 */
#include "shype.h"

#include <hv/console.h>

bool shype_share(const struct shype_policy *p, uint16_t a, uint16_t b)
{
	return a < p->nr_labels && b < p->nr_labels && shype_sets_meet(&p->label[a].ste, &p->label[b].ste);
}

bool shype_wall_open(const struct shype_policy *p, uint16_t label)
{
	return label < p->nr_labels && !shype_sets_meet(&p->label[label].against, &p->running);
}

void shype_wall_enter(struct shype_policy *p, uint16_t label)
{
	const struct shype_set *wall = &p->label[label].wall;

	for (uint32_t t = 0; t < SHYPE_TYPES_MAX; t++)
		p->count[t] += shype_set_has(wall, t);
	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		p->running.word[i] |= wall->word[i];
}

void shype_wall_leave(struct shype_policy *p, uint16_t label)
{
	const struct shype_set *wall = &p->label[label].wall;

	for (uint32_t t = 0; t < SHYPE_TYPES_MAX; t++) {
		if (!shype_set_has(wall, t))
			continue;
		BUG_ON(p->count[t] == 0);
		if (--p->count[t] == 0)
			p->running.word[t / 64] &= ~((uint64_t)1 << (t % 64));
	}
}
