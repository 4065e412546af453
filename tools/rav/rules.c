/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for one pair of types, and rules tried.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#include "rules.h"

#include <stdio.h>
#include <string.h>

struct search {
	const struct binary *b;
	uint32_t class_value, perms;
	bool (*each)(const struct rule *r, void *arg);
	void *arg;
};

static bool search_table(const struct search *s, const avtab_t *table, bool conditional,
			 uint32_t source, uint32_t target)
{
	avtab_key_t key = { (uint16_t)(source + 1), (uint16_t)(target + 1),
			    (uint16_t)s->class_value, AVTAB_ALLOWED };

	for (avtab_ptr_t n = avtab_search_node((avtab_t *)table, &key); n;
	     n = avtab_search_node_next(n, AVTAB_ALLOWED)) {
		struct rule r = { source + 1, target + 1, n->datum.data, conditional,
				  !conditional || (n->key.specified & AVTAB_ENABLED) };

		if ((r.perms & s->perms) && !s->each(&r, s->arg))
			return false;
	}
	return true;
}

void rules_of(const struct binary *b, uint32_t source, uint32_t target, uint32_t class_value,
	      uint32_t perms, bool (*each)(const struct rule *r, void *arg), void *arg)
{
	const struct search s = { b, class_value, perms, each, arg };
	ebitmap_node_t *sn, *tn;
	unsigned int i, k;

	/* A type's map holds the type itself and its attributes. */
	ebitmap_for_each_positive_bit(&b->db.type_attr_map[source - 1], sn, i) {
		ebitmap_for_each_positive_bit(&b->db.type_attr_map[target - 1], tn, k) {
			if (!search_table(&s, &b->db.te_avtab, false, i, k) ||
			    !search_table(&s, &b->db.te_cond_avtab, true, i, k))
				return;
		}
	}
}

void perms_cil(const struct binary *b, uint32_t class_value, uint32_t perms, char *text,
	       size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name =
			perms & (uint32_t)1 << bit ? binary_perm_name(b, class_value, bit) : NULL;

		if (name && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						name);
	}
}

void perms_print(const struct binary *b, uint32_t class_value, uint32_t perms, char *text,
		 size_t size)
{
	char names[1024];

	perms_cil(b, class_value, perms, names, sizeof(names));
	snprintf(text, size, perms & (perms - 1) ? "{ %s }" : "%s", names);
}

struct json_object *perms_json(const struct binary *b, uint32_t class_value, uint32_t perms)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name =
			perms & (uint32_t)1 << bit ? binary_perm_name(b, class_value, bit) : NULL;

		if (name)
			json_object_array_add(list, json_object_new_string(name));
	}
	return list;
}

bool trial_begin(struct binary *b, uint32_t source, uint32_t target, uint32_t class_value,
		 uint32_t perms, struct trial *t)
{
	avtab_datum_t *d, more = { perms, NULL };

	t->key = (avtab_key_t){ (uint16_t)source, (uint16_t)target, (uint16_t)class_value,
				AVTAB_ALLOWED };
	d = avtab_search(&b->db.te_avtab, &t->key);
	t->existed = d != NULL;
	t->before = d ? d->data : 0;
	if (d)
		d->data |= perms;
	return d || avtab_insert(&b->db.te_avtab, &t->key, &more) == 0;
}

/* A rule that was added stays and allows nothing. */
void trial_end(struct binary *b, const struct trial *t)
{
	avtab_datum_t *d = avtab_search(&b->db.te_avtab, (avtab_key_t *)&t->key);

	if (d)
		d->data = t->before;
}
