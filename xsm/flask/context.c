/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security contexts: are they valid, are they equal, how do they read.
 * Locking: immutable data. Trust: numbers may come from a policy file.
 */
#include <hv/string.h>

#include "policydb.h"

bool policy_context_valid(const struct policy *p, const struct context *c)
{
	if (!symtab_name(&p->users, c->user) || !symtab_name(&p->roles, c->role) || !symtab_name(&p->types, c->type))
		return false;
	if (c->role != POLICY_ROLE_OBJECT &&
	    (!bitset_test(&p->role[c->role - 1].types, c->type - 1) || !bitset_test(&p->user[c->user - 1].roles, c->role - 1)))
		return false;
	return policy_range_valid(p, c);
}

bool context_equal(const struct context *a, const struct context *b)
{
	return a->user == b->user && a->role == b->role && a->type == b->type &&
		level_equal(&a->level[LOW], &b->level[LOW]) && level_equal(&a->level[HIGH], &b->level[HIGH]);
}

struct context *context_keep(const struct context *c, struct arena *a)
{
	struct context *kept = arena_alloc(a, sizeof(*kept));

	if (!kept)
		return NULL;
	*kept = *c;
	for (unsigned int i = LOW; i <= HIGH; i++)
		if (!bitset_copy(&kept->level[i].cats, &c->level[i].cats, a))
			return NULL;
	return kept;
}

struct printer {
	char *buf;
	size_t size, len;	/* len: wanted, may exceed size */
};

static void print_char(struct printer *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void print_text(struct printer *o, const char *s)
{
	while (*s)
		print_char(o, *s++);
}

/* c0.c5,c9: three or more in a row as a range, two as a list. */
static void print_level(struct printer *o, const struct policy *p, const struct level *l)
{
	char separator = ':';

	print_text(o, symtab_name(&p->levels, l->sens));
	for (uint32_t first = bitset_next(&l->cats, 0), last; first != BITSET_END; first = bitset_next(&l->cats, last + 1)) {
		last = bitset_run_end(&l->cats, first);
		print_char(o, separator);
		print_text(o, symtab_name(&p->cats, first + 1));
		if (last > first) {
			print_char(o, last > first + 1 ? '.' : ',');
			print_text(o, symtab_name(&p->cats, last + 1));
		}
		separator = ',';
	}
}

size_t policy_context_print(const struct policy *p, const struct context *c, char *buf, size_t size)
{
	struct printer o = { .buf = buf, .size = size };

	print_text(&o, symtab_name(&p->users, c->user));
	print_char(&o, ':');
	print_text(&o, symtab_name(&p->roles, c->role));
	print_char(&o, ':');
	print_text(&o, symtab_name(&p->types, c->type));
	if (p->mls) {
		print_char(&o, ':');
		print_level(&o, p, &c->level[LOW]);
		if (!level_equal(&c->level[LOW], &c->level[HIGH])) {
			print_char(&o, '-');
			print_level(&o, p, &c->level[HIGH]);
		}
	}
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return o.len + 1;
}
