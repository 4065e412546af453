/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For Eva: a policy that has been read, for the engine's files. A few of each kind, their numbers anything that names what there is; rules, sets and
 * constraints answer as rules.c, bitset.c and constraint.c are proved to. Locking: none. Trust: proofs only.
 */
#include <policydb.h>

#define TYPES 5u
#define CLASSES 4u
#define ROLES 3u
#define USERS 3u
#define SOME 4u		/* of what has no numbers of its own: rules, constraints */

extern volatile uint32_t any_u32;
extern volatile uint64_t any_u64;
extern volatile bool any_bool;
volatile uint32_t any_u32;
volatile uint64_t any_u64;
volatile bool any_bool;
void eva_main(void);

static struct policy policy;
static struct policy_type types[TYPES];
static struct policy_role roles[ROLES];
static const char *names[TYPES];
static struct policy_class classes[CLASSES];
static uint8_t class_slots[CLASSES + 1];
static struct rule rules[SOME];
static uint32_t starts[TYPES + 2];
static struct constraint_expr steps[SOME];
static struct constraint constraints[SOME];
static struct role_allow role_allows[SOME];
static struct role_transition role_transitions[SOME];
static struct range_transition range_transitions[SOME];
static struct bitset_word words[POLICY_MAX_CATEGORIES / 64];
static struct context source, target;

static uint32_t any_below(uint32_t n) { return any_u32 % n; }
static uint32_t any_of(uint32_t n) { return 1 + any_u32 % n; }	/* a number of the policy's */

static void any_range(struct level range[2])
{
	for (unsigned int i = LOW; i <= HIGH; i++)
		range[i] = (struct level){ any_u32, { words, any_below(POLICY_MAX_CATEGORIES / 64 + 1) } };
}

static void any_context(struct context *c)
{
	c->user = any_of(USERS);
	c->role = any_of(ROLES);
	c->type = any_of(TYPES);
	any_range(c->level);
}

static void any_rules(void)
{
	for (unsigned int i = 0; i < SOME; i++) {
		rules[i] = (struct rule){ (uint16_t)any_of(TYPES), (uint16_t)any_of(TYPES), (uint16_t)any_of(CLASSES), (uint16_t)any_u32, any_u32 };
		constraints[i] = (struct constraint){ any_u32, any_below(SOME), steps };
		steps[i] = (struct constraint_expr){ any_u32, any_u32, any_u32, { words, any_below(SOME) } };
		role_allows[i] = (struct role_allow){ any_of(ROLES), any_of(ROLES) };
		role_transitions[i] = (struct role_transition){ any_of(ROLES), any_of(TYPES), any_of(ROLES), any_of(CLASSES) };
		range_transitions[i] = (struct range_transition){ .source = any_of(TYPES), .target = any_of(TYPES), .class = any_of(CLASSES) };
		any_range(range_transitions[i].range);
	}
	for (unsigned int i = 0; i < TYPES + 2; i++)
		starts[i] = any_below(SOME + 1);
}

/* With so many classes of ours. */
static void any_answers(uint32_t slots)
{
	policy.nr_slots = slots;
	for (unsigned int i = 0; i < slots; i++)
		policy.slot_class[i] = (uint16_t)any_of(CLASSES);
	for (unsigned int i = 1; i <= CLASSES; i++)
		class_slots[i] = (uint8_t)any_below(slots + 1);
	/*@ loop unroll PERM_COUNT; */
	for (unsigned int i = 0; i < PERM_COUNT; i++) {
		policy.answer[i] = (struct perm_answer){ .answer = any_bool ? ANSWER_DENY : ANSWER_ONESELF };
		if (slots && any_bool)
			policy.answer[i] = (struct perm_answer){ any_bool ? ANSWER_BIT : ANSWER_ANCESTOR, (uint8_t)any_below(slots), any_u32 };
	}
}

static void any_policy(uint32_t slots)
{
	any_rules();
	any_answers(slots);
	for (unsigned int i = 0; i < TYPES; i++)
		types[i] = (struct policy_type){ .attribute = any_bool, .bounds = any_below(TYPES + 1) };
	for (unsigned int i = 0; i < CLASSES; i++)
		classes[i] = (struct policy_class){ .nr_constraints = any_below(SOME + 1), .constraints = constraints, .default_user = any_below(3),
						    .default_role = any_below(3), .default_type = any_below(3), .default_range = any_below(7) };
	for (unsigned int i = 0; i < ROLES; i++)
		roles[i].dominates = roles[i].types = (struct bitset){ words, any_below(SOME) };
	policy.role = roles;
	policy.roles = (struct symtab){ .nprim = ROLES, .name_of = names };
	policy.mls = any_bool;
	policy.permissive = (struct bitset){ words, any_below(SOME) };
	policy.type = types;
	policy.class = classes;
	policy.class_slot = class_slots;
	policy.rules = policy.conditional = (struct rule_table){ .source_start = starts };
	policy.role_allows = role_allows;
	policy.nr_role_allows = any_below(SOME + 1);
	policy.role_transitions = role_transitions;
	policy.nr_role_transitions = any_below(SOME + 1);
	policy.range_transitions = range_transitions;
	policy.nr_range_transitions = any_below(SOME + 1);
	policy.process_class = any_below(CLASSES + 1);
	policy.process_transition = any_u32;
	for (unsigned int i = 0; i < POLICY_MAX_CATEGORIES / 64; i++)
		words[i] = (struct bitset_word){ any_u32, any_u64 };
	any_context(&source);
	any_context(&target);
}

/* What is asked about is there, and its number is one that there is. */
static bool any_answer_about(const struct context *c)
{
	/*@ assert 1 <= c->user <= USERS && 1 <= c->role <= ROLES && 1 <= c->type <= TYPES; */
	return any_bool;
}

const struct rule *rule_table_find(const struct rule_table *t, uint32_t s, uint32_t to, uint32_t *nr)
{
	/*@ assert 1 <= s <= TYPES && 1 <= to <= TYPES && \valid_read(t); */
	*nr = any_below(SOME + 1);
	return rules;
}

const struct rule *rule_find(const struct rule_table *t, uint32_t s, uint32_t to, uint32_t class, enum rule_kind kind)
{
	/*@ assert 1 <= s <= TYPES && 1 <= to <= TYPES && 1 <= class <= CLASSES && \valid_read(t); */
	return any_bool ? &rules[any_below(SOME)] : NULL;
}

/* Of a type's attributes. */
uint32_t bitset_next(const struct bitset *b, uint32_t from)
{
	uint32_t next = any_below(TYPES);

	return any_bool || next < from ? BITSET_END : next;
}

bool bitset_test(const struct bitset *b, uint32_t bit) { return any_bool; }

bool constraint_holds(const struct policy *p, const struct constraint *c, const struct context *s, const struct context *t)
{
	/*@ assert \valid_read(c); */
	return any_answer_about(s) && any_answer_about(t);
}
