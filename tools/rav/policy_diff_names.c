/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy diff: names that come and go, labels of initial SIDs, transitions, booleans.
 * Locking: single-threaded. Trust: policies that binary.c has read.
 */
#include "policy_diff.h"

#include <sepol/policydb/services.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conditions.h"
#include "perms.h"

static void __attribute__((format(printf, 2, 3)))
line_add(struct json_object *list, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_array_add(list, json_object_new_string(text));
}

static void names_of(struct binary *a, struct binary *b, int symbol, const char *what, char sign,
		     struct json_object *list)
{
	for (uint32_t i = 0; i < a->db.symtab[symbol].nprim; i++) {
		const char *name = a->db.sym_val_to_name[symbol][i];

		if (name && !hashtab_search(b->db.symtab[symbol].table, name))
			line_add(list, "%c %s %s", sign,
				 symbol == SYM_TYPES && binary_is_attribute(a, i + 1) ? "attribute"
										      : what,
				 name);
	}
}

static void both_names(struct binary *a, struct binary *b, int symbol, const char *what,
		       struct json_object *list)
{
	names_of(b, a, symbol, what, '+', list);
	names_of(a, b, symbol, what, '-', list);
}

/* Where neither knows it, nothing changes. */
static void perms_known(struct binary *a, struct binary *b, char sign, struct json_object *list)
{
	FOR_EACH_PERM(e) {
		uint32_t in_a = binary_class(a, e->class_name),
			 in_b = binary_class(b, e->class_name);

		in_a = in_a ? binary_perm(a, in_a, e->name) : 0;
		in_b = in_b ? binary_perm(b, in_b, e->name) : 0;
		if (in_a && !in_b)
			line_add(list, "%c permission %s:%s%s%s%s%s", sign, e->class_name, e->name,
				 e->origin == ORIGIN_FINER ? " (else answered by " : "",
				 e->origin == ORIGIN_FINER ? e->ancestor_class : "",
				 e->origin == ORIGIN_FINER ? ":" : "",
				 e->origin == ORIGIN_FINER ? e->ancestor : "");
	}
}

static char *initial_label(struct binary *b, uint32_t sid)
{
	char *text = NULL;
	size_t len;

	binary_use(b);
	return sepol_sid_to_context(sid, &text, &len) == 0 ? text : NULL;
}

static void initial_labels(struct binary *a, struct binary *b, struct json_object *list)
{
	for (const ocontext_t *o = b->db.ocontexts[OCON_XEN_ISID]; o; o = o->next) {
		char *now = initial_label(b, o->sid[0]), *before = initial_label(a, o->sid[0]);

		if (now && (!before || strcmp(now, before) != 0))
			line_add(list, "initial SID %u: %s, before: %s", o->sid[0], now,
				 before ? before : "none");
		free(now);
		free(before);
	}
}

static const char *transition(struct binary *b, const char *source, const char *target,
			      const char *class_name)
{
	const type_datum_t *s = hashtab_search(b->db.p_types.table, source),
			   *t = hashtab_search(b->db.p_types.table, target);
	avtab_key_t key = { 0, 0, (uint16_t)binary_class(b, class_name), AVTAB_TRANSITION };
	const avtab_datum_t *d;

	if (!s || !t || !key.target_class)
		return NULL;
	key.source_type = (uint16_t)s->s.value;
	key.target_type = (uint16_t)t->s.value;
	d = avtab_search(&b->db.te_avtab, &key);
	return d ? binary_type_name(b, d->data) : NULL;
}

static void transitions(struct binary *a, struct binary *b, char sign, struct json_object *list)
{
	for (uint32_t i = 0; i < a->db.te_avtab.nslot; i++)
		for (const struct avtab_node *n = a->db.te_avtab.htable[i]; n; n = n->next) {
			const char *s = binary_type_name(a, n->key.source_type),
				   *t = binary_type_name(a, n->key.target_type),
				   *class_name = binary_class_name(a, n->key.target_class), *here,
				   *there;

			if (!(n->key.specified & AVTAB_TRANSITION))
				continue;
			here = binary_type_name(a, n->datum.data);
			there = transition(b, s, t, class_name);
			if (!there || strcmp(here, there) != 0)
				line_add(list, "%c label of %s made by %s on %s: %s", sign,
					 class_name, s, t, here);
		}
}

static void booleans(struct binary *a, struct binary *b, struct json_object *list)
{
	for (uint32_t i = 0; i < a->db.p_bools.nprim; i++) {
		const cond_bool_datum_t *x = a->db.bool_val_to_struct[i],
					*y = hashtab_search(b->db.p_bools.table,
							    a->db.p_bool_val_to_name[i]);

		if (y && x->state != y->state)
			line_add(list, "boolean %s: %d, before: %d", a->db.p_bool_val_to_name[i],
				 y->state, x->state);
	}
}

void diff_of_names(struct binary *old_one, struct binary *new_one, struct json_object *list)
{
	both_names(old_one, new_one, SYM_USERS, "user", list);
	both_names(old_one, new_one, SYM_ROLES, "role", list);
	both_names(old_one, new_one, SYM_TYPES, "type", list);
	both_names(old_one, new_one, SYM_CLASSES, "class", list);
	both_names(old_one, new_one, SYM_BOOLS, "boolean", list);
	perms_known(new_one, old_one, '+', list);
	perms_known(old_one, new_one, '-', list);
	initial_labels(old_one, new_one, list);
	transitions(new_one, old_one, '+', list);
	transitions(old_one, new_one, '-', list);
	booleans(old_one, new_one, list);
}
