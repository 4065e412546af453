/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our permissions and the policy's: matched by name, once, when a policy is read. What a policy lacks is answered by the permission's
 * ancestor (xsm/permissions.def), so that policies written for Xen's own Flask load and mean the same.
 * Locking: immutable data. Trust: names come from the policy.
 */
#include <hv/string.h>

#include "policydb.h"

enum origin { ORIGIN_XEN, ORIGIN_FINER, ORIGIN_UNCHECKED, ORIGIN_OWN };

static const struct {
	const char *class, *perm;
	const char *ancestor_class, *ancestor_perm;
	enum origin origin;
} perms[PERM_COUNT] = {
	[PERM_INVALID] = { "none", "none", NULL, NULL, ORIGIN_OWN },
#define CLASS(c)
#define PERM_XEN(c, p)			[PERM_##c##__##p] = { #c, #p, NULL, NULL, ORIGIN_XEN },
#define PERM_FINER(c, p, ac, ap)	[PERM_##c##__##p] = { #c, #p, #ac, #ap, ORIGIN_FINER },
#define PERM_UNCHECKED(c, p)		[PERM_##c##__##p] = { #c, #p, NULL, NULL, ORIGIN_UNCHECKED },
#define PERM_OWN(c, p)			[PERM_##c##__##p] = { #c, #p, NULL, NULL, ORIGIN_OWN },
#include "../permissions.def"
};

/*@ assigns \nothing; */
const char *perm_class_name(enum perm p)
{
	return perms[p < PERM_COUNT ? p : PERM_INVALID].class;
}

/*@ assigns \nothing; */
const char *perm_name(enum perm p)
{
	return perms[p < PERM_COUNT ? p : PERM_INVALID].perm;
}

uint32_t policy_perm_bit(const struct policy *p, uint32_t class, const char *perm)
{
	const struct policy_class *c = &p->class[class - 1];
	size_t len = strlen(perm);
	uint32_t value = symtab_find(&c->perms, perm, len);

	if (!value && c->common)
		value = symtab_find(c->common, perm, len);
	return value ? (uint32_t)1 << (value - 1) : 0;
}

/* The slot in which decisions for this class of the policy are computed. FLASK_MAX_SLOTS exceeds the classes of permissions.def. */
/*@
  requires \valid(p) && class <= 65535 && \valid(p->class_slot + (0 .. class)) && apart(p, p->class_slot) && p->nr_slots <= FLASK_MAX_SLOTS;
  assigns p->slot_class[p->nr_slots], p->nr_slots, p->class_slot[class];
  ensures \old(p->nr_slots) <= p->nr_slots <= FLASK_MAX_SLOTS;
*/
static uint8_t class_to_slot(struct policy *p, uint32_t class)
{
	if (!p->class_slot[class] && p->nr_slots < FLASK_MAX_SLOTS) {
		p->slot_class[p->nr_slots] = (uint16_t)class;
		p->class_slot[class] = (uint8_t)++p->nr_slots;
	}
	return (uint8_t)(p->class_slot[class] - 1);
}

static bool answer_by_bit(struct policy *p, struct perm_answer *a, const char *class_name, const char *perm, enum answer how)
{
	uint32_t class = symtab_find(&p->classes, class_name, strlen(class_name));
	uint32_t bit = class ? policy_perm_bit(p, class, perm) : 0;

	if (!bit)
		return false;
	*a = (struct perm_answer){ .answer = (uint8_t)how, .slot = class_to_slot(p, class), .bit = bit };
	return a->slot < FLASK_MAX_SLOTS;
}

static void map_one(struct policy *p, enum perm perm)
{
	struct perm_answer *a = &p->answer[perm];

	if (answer_by_bit(p, a, perms[perm].class, perms[perm].perm, ANSWER_BIT))
		return;
	*a = (struct perm_answer){ .answer = ANSWER_DENY };
	switch (perms[perm].origin) {
	case ORIGIN_FINER:
		p->fallbacks++;
		if (!answer_by_bit(p, a, perms[perm].ancestor_class, perms[perm].ancestor_perm, ANSWER_ANCESTOR))
			*a = (struct perm_answer){ .answer = ANSWER_DENY };
		break;
	case ORIGIN_UNCHECKED:
		p->fallbacks++;
		a->answer = ANSWER_ONESELF;
		break;
	case ORIGIN_XEN:
	case ORIGIN_OWN:
		break;
	}
}

void policy_map_permissions(struct policy *p)
{
	for (enum perm perm = PERM_INVALID + 1; perm < PERM_COUNT; perm++)
		map_one(p, perm);
}
