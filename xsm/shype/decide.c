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

	/*@
	  loop invariant t <= SHYPE_TYPES_MAX && wall == &p->label[label].wall;
	  loop invariant \forall integer i; 0 <= i < t && bit(wall, i) ==> p->count[i] == \at(p->count[i], Pre) + 1;
	  loop invariant \forall integer i; 0 <= i < t && !bit(wall, i) ==> p->count[i] == \at(p->count[i], Pre);
	  loop invariant \forall integer i; t <= i < SHYPE_TYPES_MAX ==> p->count[i] == \at(p->count[i], Pre);
	  loop assigns t, p->count[0 .. SHYPE_TYPES_MAX - 1];
	  loop variant SHYPE_TYPES_MAX - t;
	*/
	for (uint32_t t = 0; t < SHYPE_TYPES_MAX; t++)
		p->count[t] += shype_set_has(wall, t);
	/*@ assert \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==> (p->count[t] > 0 <==> \at(p->count[t], Pre) > 0 || bit(wall, t)); */
	/*@
	  loop invariant i <= SHYPE_WORDS && wall == &p->label[label].wall;
	  loop invariant \forall integer j; 0 <= j < i ==> p->running.word[j] == (\at(p->running.word[j], Pre) | wall->word[j]);
	  loop invariant \forall integer j; i <= j < SHYPE_WORDS ==> p->running.word[j] == \at(p->running.word[j], Pre);
	  loop assigns i, p->running.word[0 .. SHYPE_WORDS - 1];
	  loop variant SHYPE_WORDS - i;
	*/
	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		p->running.word[i] |= wall->word[i];
	/*@ assert \forall integer i, k; 0 <= i < SHYPE_WORDS && 0 <= k < 64 ==>
	    (in(p->running.word[i], k) <==> in(\at(p->running.word[i], Pre), k) || in(wall->word[i], k)); */
	/*@ assert \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==> 0 <= t / 64 < SHYPE_WORDS && 0 <= t % 64 < 64; */
	/*@ assert \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==> (bit(&p->running, t) <==> \at(p->count[t], Pre) > 0 || bit(wall, t)); */
}

void shype_wall_leave(struct shype_policy *p, uint16_t label)
{
	const struct shype_set *wall = &p->label[label].wall;

	/*@
	  loop invariant t <= SHYPE_TYPES_MAX && wall == &p->label[label].wall && wall_ok(p);
	  loop invariant \forall integer i; 0 <= i < t && bit(wall, i) ==> p->count[i] == \at(p->count[i], Pre) - 1;
	  loop invariant \forall integer i; 0 <= i < t && !bit(wall, i) ==> p->count[i] == \at(p->count[i], Pre);
	  loop invariant \forall integer i; t <= i < SHYPE_TYPES_MAX ==> p->count[i] == \at(p->count[i], Pre);
	  loop assigns t, p->count[0 .. SHYPE_TYPES_MAX - 1], p->running.word[0 .. SHYPE_WORDS - 1];
	  loop variant SHYPE_TYPES_MAX - t;
	*/
	for (uint32_t t = 0; t < SHYPE_TYPES_MAX; t++) {
		if (!shype_set_has(wall, t))
			continue;
		/*@ assert bit(&p->running, t) && p->count[t] > 0; */
		BUG_ON(p->count[t] == 0);
		if (--p->count[t] == 0)
			p->running.word[t / 64] &= ~((uint64_t)1 << (t % 64));
		/*@ assert \forall integer i, k; 0 <= i < SHYPE_WORDS && 0 <= k < 64 && !(i == t / 64 && k == t % 64) ==>
		    (in(p->running.word[i], k) <==> in(\at(p->running.word[i], LoopCurrent), k)); */
		/*@ assert p->count[t] == 0 ==> !in(p->running.word[t / 64], t % 64); */
		/*@ assert bit(&p->running, t) <==> p->count[t] > 0; */
		/*@ assert \forall integer n; 0 <= n < SHYPE_TYPES_MAX && n != t ==>
		    0 <= n / 64 < SHYPE_WORDS && 0 <= n % 64 < 64 && !(n / 64 == t / 64 && n % 64 == t % 64); */
		/*@ assert \forall integer n; 0 <= n < SHYPE_TYPES_MAX && n != t ==> (bit(&p->running, n) <==> p->count[n] > 0); */
	}
}
