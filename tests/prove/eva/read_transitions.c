/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for xsm/flask/read_transitions.c: each section by itself, of 0 to 3 rules or types, with sets of 0 to 2 words, in a policy with as many roles, types and classes, each
 * of which may have no name.
 */
#define bitset_read bitset_read_blindly
#include "reader.c"
#undef bitset_read

#define MOST 3u
#define MOST_WORDS 2u

static struct reader reader;
static struct policy policy;
static uint32_t words;			/* of each set */

/* As long as it is, and nothing lies behind it; what is in it is anything. */
void bitset_read(struct reader *r, struct bitset *b, uint32_t limit)
{
	struct bitset_word *word;

	bitset_set(b, NULL, 0);
	word = reader_array(r, words, sizeof(*word));
	if (!word)
		return;
	for (uint32_t i = 0; i < words; i++)
		word[i] = (struct bitset_word){ any_u32 & ~63u, any_u64 };
	bitset_set(b, word, words);
}

bool bitset_test(const struct bitset *b, uint32_t bit)
{
	look((uint64_t)b->nr + bit);
	return any_bool;
}

uint32_t bitset_next(const struct bitset *b, uint32_t from)
{
	look((uint64_t)b->nr + from);
	return any_u32;
}

void policy_read_range(struct reader *r, struct level range[2])
{
	for (unsigned int i = LOW; i <= HIGH; i++) {
		range[i].sens = read_u32(r);
		bitset_read_blindly(r, &range[i].cats, POLICY_MAX_CATEGORIES);
	}
}

/* Of a range, all that there is has a value. */
bool policy_range_valid(const struct policy *p, const struct context *c)
{
	for (unsigned int i = LOW; i <= HIGH; i++)
		look((uint64_t)c->level[i].sens + c->level[i].cats.nr);
	return any_bool;
}

static void names_any(struct symtab *t, uint32_t nr)
{
	symtab_create(&reader, t, nr, nr);
	for (uint32_t i = 0; i < t->nprim; i++)
		t->name_of[i] = any_bool ? "name" : NULL;
}

/* Whatever was before is forgotten. False: this file had no room for as much. */
static bool any_start(uint32_t nr)
{
	static const struct policy nothing;

	forget_pieces();
	reader_any(&reader);
	policy = nothing;
	policy.version = any_u32;
	policy.process_class = any_u32;
	least = most = nr;
	names_any(&policy.roles, nr);
	names_any(&policy.types, nr);
	names_any(&policy.classes, nr);
	return !reader.failed;
}

static void role_rules(uint32_t nr)
{
	if (!any_start(nr))
		return;
	policy_read_role_rules(&reader, &policy);
	if (reader.failed)
		return;
	for (uint32_t i = 0; i < policy.nr_role_transitions; i++)
		look((uint64_t)policy.role_transitions[i].role + policy.role_transitions[i].type + policy.role_transitions[i].new_role + policy.role_transitions[i].class);
	for (uint32_t i = 0; i < policy.nr_role_allows; i++)
		look((uint64_t)policy.role_allows[i].role + policy.role_allows[i].new_role);
}

static void range_transitions(uint32_t nr)
{
	if (!any_start(nr))
		return;
	policy_read_range_transitions(&reader, &policy);
	if (reader.failed)
		return;
	for (uint32_t i = 0; i < policy.nr_range_transitions; i++)
		for (unsigned int j = LOW; j <= HIGH; j++)
			look((uint64_t)policy.range_transitions[i].source + policy.range_transitions[i].target + policy.range_transitions[i].class +
			     policy.range_transitions[i].range[j].sens + policy.range_transitions[i].range[j].cats.nr);
}

static void filename_transitions(uint32_t nr)
{
	words = 1;
	if (any_start(nr > 1 ? 1 : nr))
		policy_read_filename_transitions(&reader, &policy);
}

static void type_attributes(uint32_t nr, uint32_t set)
{
	words = set;
	if (!any_start(nr))
		return;
	policy.type = reader_array(&reader, nr, sizeof(*policy.type));
	for (uint32_t i = 0; i < nr && !reader.failed; i++)
		policy.type[i].attribute = any_bool;
	policy_read_type_attributes(&reader, &policy);
	for (uint32_t i = 0; i < nr && !reader.failed; i++)
		look(policy.type[i].attributes.nr);
}

void eva_main(void)
{
	for (uint32_t nr = 0; nr <= MOST; nr++) {
		role_rules(nr);
		range_transitions(nr);
		filename_transitions(nr);
		for (uint32_t set = 0; set <= MOST_WORDS; set++)
			type_attributes(nr, set);
	}
}
