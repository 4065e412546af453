/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security contexts from text: user:role:type[:low[-high]].
 * Locking: immutable data. Trust: the text is hostile.
 */
#include <hv/string.h>

#include "policydb.h"

struct text {
	const char *at;
	size_t left;
};

/* Cuts off what stands before the first of the two separators; *found is that separator, 0 at the end. */
static struct text cut(struct text *t, char a, char b, char *found)
{
	struct text head = { t->at, 0 };

	*found = 0;
	while (head.left < t->left && t->at[head.left] != a && t->at[head.left] != b)
		head.left++;
	if (head.left < t->left) {
		*found = t->at[head.left];
		t->at += head.left + 1;
		t->left -= head.left + 1;
	} else {
		t->at += head.left;
		t->left = 0;
	}
	return head;
}

/* "c3" or "c0.c5". */
static bool parse_category(const struct policy *p, struct text item, uint64_t *dense)
{
	char found;
	struct text name = cut(&item, '.', '.', &found);
	uint32_t first = symtab_find(&p->cats, name.at, name.left), last = first;

	if (found) {
		last = symtab_find(&p->cats, item.at, item.left);
		if (last <= first)
			return false;
	}
	if (first == 0)
		return false;
	for (uint32_t i = first - 1; i < last; i++)
		dense[i / 64] |= (uint64_t)1 << (i % 64);
	return true;
}

static void pack(const uint64_t *dense, struct bitset_word *word, struct bitset *out)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < POLICY_MAX_CATEGORIES / 64; i++)
		if (dense[i])
			word[nr++] = (struct bitset_word){ i * 64, dense[i] };
	*out = (struct bitset){ word, nr };
}

/* "s0" or "s0:c1,c3.c5". */
static bool parse_level(const struct policy *p, struct text t, struct level *l, struct bitset_word *word)
{
	uint64_t dense[POLICY_MAX_CATEGORIES / 64] = { 0 };
	char found;
	struct text name = cut(&t, ':', ':', &found);

	l->sens = symtab_find(&p->levels, name.at, name.left);
	if (l->sens == 0)
		return false;
	while (found) {
		struct text item = cut(&t, ',', ',', &found);

		if (!parse_category(p, item, dense))
			return false;
	}
	pack(dense, word, &l->cats);
	return true;
}

static bool parse_range(const struct policy *p, struct text t, struct context_draft *d)
{
	char found;
	struct text low = cut(&t, '-', '-', &found);

	if (!parse_level(p, low, &d->c.level[LOW], d->words[LOW]))
		return false;
	if (found)
		return parse_level(p, t, &d->c.level[HIGH], d->words[HIGH]);
	d->c.level[HIGH] = d->c.level[LOW];
	return true;
}

bool policy_context_parse(const struct policy *p, const char *text, size_t len, struct context_draft *d)
{
	struct text t = { text, strnlen(text, len) }, user, role, type;
	char found;

	memset(&d->c, 0, sizeof(d->c));
	user = cut(&t, ':', ':', &found);
	role = cut(&t, ':', ':', &found);
	type = cut(&t, ':', ':', &found);
	d->c.user = symtab_find(&p->users, user.at, user.left);
	d->c.role = symtab_find(&p->roles, role.at, role.left);
	d->c.type = symtab_find(&p->types, type.at, type.left);
	if (!d->c.user || !d->c.role || !d->c.type || p->type[d->c.type - 1].attribute || (found != 0) != p->mls)
		return false;
	if (p->mls && !parse_range(p, t, d))
		return false;
	return policy_context_valid(p, &d->c);
}
