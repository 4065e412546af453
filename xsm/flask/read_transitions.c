/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: role, file name and range transitions, role allow, types' attributes.
 * Locking: none. Trust: every byte is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

#define VERSION_FILENAME_TRANSITIONS 25u
#define VERSION_ROLE_TRANSITION_CLASS 26u
#define VERSION_COMPRESSED_FILENAMES 33u

void policy_read_role_rules(struct reader *r, struct policy *p)
{
	uint32_t nr;

	r->section = "role transitions";
	nr = read_count(r, p->version >= VERSION_ROLE_TRANSITION_CLASS ? 16 : 12);
	p->role_transitions = reader_array(r, nr, sizeof(*p->role_transitions));
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		struct role_transition *x = &p->role_transitions[i];

		x->role = read_u32(r);
		x->type = read_u32(r);
		x->new_role = read_u32(r);
		x->class = p->version >= VERSION_ROLE_TRANSITION_CLASS ? read_u32(r) : p->process_class;
		reader_require(r, symtab_name(&p->roles, x->role) && symtab_name(&p->types, x->type) &&
			       symtab_name(&p->roles, x->new_role), "a role transition names what does not exist");
	}
	p->nr_role_transitions = r->failed ? 0 : nr;

	r->section = "role allow";
	nr = read_count(r, 8);
	p->role_allows = reader_array(r, nr, sizeof(*p->role_allows));
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		p->role_allows[i] = (struct role_allow){ .role = read_u32(r) };
		p->role_allows[i].new_role = read_u32(r);
		reader_require(r, symtab_name(&p->roles, p->role_allows[i].role) && symtab_name(&p->roles, p->role_allows[i].new_role),
			       "a role allow rule names a role that does not exist");
	}
	p->nr_role_allows = r->failed ? 0 : nr;
}

/* Nothing in a hypervisor has a file name: checked for their form and dropped. */
void policy_read_filename_transitions(struct reader *r, struct policy *p)
{
	struct bitset unused;
	uint32_t nr;

	if (p->version < VERSION_FILENAME_TRANSITIONS)
		return;
	r->section = "file name transitions";
	nr = read_count(r, 21);
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		uint32_t types, len = read_u32(r);

		(void)read_name(r, len);
		if (p->version < VERSION_COMPRESSED_FILENAMES) {
			(void)read_u64(r);
			(void)read_u64(r);
			continue;
		}
		(void)read_u64(r);
		types = read_count(r, 16);
		for (uint32_t j = 0; j < types && !r->failed; j++) {
			bitset_read(r, &unused, POLICY_MAX_VALUES);
			(void)read_u32(r);
		}
	}
}

static void read_range_transition(struct reader *r, const struct policy *p, struct range_transition *x)
{
	struct context c = { .role = POLICY_ROLE_OBJECT };

	x->source = read_u32(r);
	x->target = read_u32(r);
	x->class = read_u32(r);
	policy_read_range(r, x->range);
	if (r->failed)
		return;
	memcpy(c.level, x->range, sizeof(c.level));
	reader_require(r, symtab_name(&p->types, x->source) && symtab_name(&p->types, x->target) && symtab_name(&p->classes, x->class) &&
		       policy_range_valid(p, &c), "a range transition names what does not exist");
}

void policy_read_range_transitions(struct reader *r, struct policy *p)
{
	uint32_t nr;

	r->section = "range transitions";
	nr = read_count(r, 32);
	p->range_transitions = reader_array(r, nr, sizeof(*p->range_transitions));
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_range_transition(r, p, &p->range_transitions[i]);
	p->nr_range_transitions = r->failed ? 0 : nr;
}

static void add_itself(struct reader *r, struct bitset *b, uint32_t bit)
{
	struct bitset_word own = { bit & ~63u, (uint64_t)1 << (bit & 63) }, *word;
	uint32_t nr = 0, i = 0;

	if (r->failed || bitset_test(b, bit))
		return;
	word = reader_array(r, b->nr + 1u, sizeof(*word));
	if (!word)
		return;
	while (i < b->nr && b->word[i].start < own.start)
		word[nr++] = b->word[i++];
	if (i < b->nr && b->word[i].start == own.start)
		own.map |= b->word[i++].map;
	word[nr++] = own;
	while (i < b->nr)
		word[nr++] = b->word[i++];
	*b = (struct bitset){ word, nr };
}

void policy_read_type_attributes(struct reader *r, struct policy *p)
{
	r->section = "attributes of types";
	for (uint32_t i = 0; i < p->types.nprim && !r->failed; i++) {
		struct policy_type *t = &p->type[i];

		bitset_read(r, &t->attributes, p->types.nprim);
		if (symtab_name(&p->types, i + 1))
			add_itself(r, &t->attributes, i);
		reader_require(r, !t->attribute || (bitset_next(&t->attributes, 0) == i && bitset_next(&t->attributes, i + 1) == BITSET_END),
			       "an attribute has attributes");
	}
}
