/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy diff: what becomes possible and what impossible, by name, constraints counted.
 * Locking: single-threaded. Trust: policies that binary.c has read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"
#include "options.h"
#include "perms.h"
#include "policy.h"
#include "policy_diff.h"
#include "rules.h"

enum side { OLD, NEW, SIDES };

/*
 * Names of both policies, numbered together: the old one's numbers, then what only the new one has.
 */
struct names {
	const char **name;
	uint32_t nr, *of[SIDES];	/* from a policy's value to ours */
};

/* Permissions of a class in both: 64 bits hold two times 32. */
struct perms {
	const char *name[64];
	uint8_t of_new[32];
};

struct item {
	uint32_t source, target, class_value;	/* ours */
	uint64_t allowed[SIDES][RELATIONS];
};

struct diff {
	struct binary *b[SIDES];
	struct names types, classes;
	struct perms *perms;		/* by our class number */
	struct item *item;
	size_t nr_items;
	struct json_object *possible, *impossible, *other;
};

/* --- one numbering ---------------------------------------------------------------------------- */

static void names_join(struct names *n, char **old_names, uint32_t old_nr, char **new_names,
		       uint32_t new_nr, const symtab_t *old_table)
{
	n->name = rav_alloc(old_nr + new_nr + 1, sizeof(*n->name));
	n->of[OLD] = rav_alloc(old_nr + 1, sizeof(uint32_t));
	n->of[NEW] = rav_alloc(new_nr + 1, sizeof(uint32_t));
	n->nr = old_nr;
	for (uint32_t i = 1; i <= old_nr; i++) {
		n->of[OLD][i] = i;
		n->name[i] = old_names[i - 1] ? old_names[i - 1] : "";
	}
	for (uint32_t i = 1; i <= new_nr; i++) {
		const char *name = new_names[i - 1] ? new_names[i - 1] : "";
		/* types and classes begin with it */
		const symtab_datum_t *d = hashtab_search(old_table->table, name);
		uint32_t known = d ? d->value : 0;

		if (!known)
			n->name[known = ++n->nr] = name;
		n->of[NEW][i] = known;
	}
}

static void perms_join(struct diff *d)
{
	d->perms = rav_alloc(d->classes.nr + 1, sizeof(*d->perms));
	for (uint32_t c = 1; c <= d->b[OLD]->db.p_classes.nprim; c++)
		for (unsigned int bit = 0; bit < 32; bit++)
			d->perms[c].name[bit] = binary_perm_name(d->b[OLD], c, bit);
	for (uint32_t c = 1; c <= d->b[NEW]->db.p_classes.nprim; c++) {
		struct perms *p = &d->perms[d->classes.of[NEW][c]];

		for (unsigned int bit = 0; bit < 32; bit++) {
			const char *name = binary_perm_name(d->b[NEW], c, bit);
			uint8_t at = 0;

			while (name && at < 32 && (!p->name[at] || strcmp(p->name[at], name) != 0))
				at++;
			p->of_new[bit] = at < 32 ? at : (uint8_t)(32 + bit);
			if (name)
				p->name[p->of_new[bit]] = name;
		}
	}
}

static uint64_t perms_joined(const struct diff *d, enum side side, uint32_t class_number,
			     uint32_t perms)
{
	uint64_t all = 0;

	if (side == OLD)
		return perms;
	for (unsigned int bit = 0; bit < 32; bit++)
		if (perms & (uint32_t)1 << bit)
			all |= (uint64_t)1 << d->perms[class_number].of_new[bit];
	return all;
}

/* --- what each allows ------------------------------------------------------------------------- */

static int item_order(const void *a, const void *b)
{
	return memcmp(a, b, 3 * sizeof(uint32_t));
}

static int items_add(struct diff *d, enum side side)
{
	struct effects e;
	int rc = effects_compute(d->b[side], &e);

	if (rc != RAV_OK)
		return rc;
	d->item = rav_grow(d->item, d->nr_items + e.nr, sizeof(*d->item));
	for (size_t i = 0; i < e.nr; i++) {
		struct item *to = &d->item[d->nr_items++];

		memset(to, 0, sizeof(*to));
		to->source = d->types.of[side][e.item[i].source];
		to->target = d->types.of[side][e.item[i].target];
		to->class_value = d->classes.of[side][e.item[i].class_value];
		for (enum relation r = 0; r < RELATIONS; r++)
			to->allowed[side][r] =
				perms_joined(d, side, to->class_value, e.item[i].allowed[r]);
	}
	effects_free(&e);
	return RAV_OK;
}

/* The same pair in both becomes one item. */
static void items_merge(struct diff *d)
{
	size_t kept = 0;

	qsort(d->item, d->nr_items, sizeof(*d->item), item_order);
	for (size_t i = 0; i < d->nr_items; i++) {
		if (!kept || item_order(&d->item[kept - 1], &d->item[i]) != 0) {
			d->item[kept++] = d->item[i];
			continue;
		}
		for (enum side s = OLD; s < SIDES; s++)
			for (enum relation r = 0; r < RELATIONS; r++)
				d->item[kept - 1].allowed[s][r] |= d->item[i].allowed[s][r];
	}
	d->nr_items = kept;
}

/* --- what differs ----------------------------------------------------------------------------- */

static void change_add(const struct diff *d, struct json_object *list, const struct item *it,
		       uint64_t perms, unsigned int relations)
{
	struct json_object *o = json_object_new_object(), *names = json_object_new_array();
	const char *within = relations_text(relations),
		   *class_name = d->classes.name[it->class_value];
	enum means strongest = MEANS_NONE;

	for (unsigned int bit = 0; bit < 64; bit++) {
		const char *name =
			perms & (uint64_t)1 << bit ? d->perms[it->class_value].name[bit] : NULL;

		if (!name)
			continue;
		json_object_array_add(names, json_object_new_string(name));
		if (means_of(class_name, name) < strongest)
			strongest = means_of(class_name, name);
	}
	rav_json_add_text(o, "source", d->types.name[it->source]);
	rav_json_add_text(o, "target", d->types.name[it->target]);
	rav_json_add_text(o, "class", class_name);
	json_object_object_add(o, "permissions", names);
	rav_json_add_text(o, "means", strongest < MEANS_NONE ? means_name(strongest) : NULL);
	rav_json_add_text(o, "only", *within ? within : NULL);
	json_object_array_add(list, o);
}

/*
 * Permissions that `now` has and `before` lacks, those together that change for the same relations
 * of categories.
 */
static void item_changes(const struct diff *d, struct json_object *list, const struct item *it,
			 enum side before, enum side now)
{
	for (unsigned int relations = 1; relations < 1u << RELATIONS; relations++) {
		uint64_t perms = 0;

		for (unsigned int bit = 0; bit < 64; bit++) {
			unsigned int changed = 0;

			for (enum relation r = 0; r < RELATIONS; r++)
				if (it->allowed[now][r] & ~it->allowed[before][r] &
				    (uint64_t)1 << bit)
					changed |= 1u << r;
			if (changed == relations)
				perms |= (uint64_t)1 << bit;
		}
		if (perms)
			change_add(d, list, it, perms, relations);
	}
}

static void print_changes(const struct json_object *list, const char *title, char sign)
{
	size_t n = json_object_array_length(list);

	if (n)
		printf("%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i),
				   *perms = json_object_object_get(o, "permissions"),
				   *means = json_object_object_get(o, "means"),
				   *only = json_object_object_get(o, "only");

		printf("%c %s -> %s %s {", sign,
		       json_object_get_string(json_object_object_get(o, "source")),
		       json_object_get_string(json_object_object_get(o, "target")),
		       json_object_get_string(json_object_object_get(o, "class")));
		for (size_t k = 0; k < json_object_array_length(perms); k++)
			printf(" %s", json_object_get_string(json_object_array_get_idx(perms, k)));
		printf(" }%s%s%s%s%s\n", means ? "  (" : "",
		       means ? json_object_get_string(means) : "", means ? ")" : "",
		       only ? " " : "", only ? json_object_get_string(only) : "");
	}
}

static int report(struct diff *d, bool json)
{
	size_t n;

	d->possible = json_object_new_array();
	d->impossible = json_object_new_array();
	d->other = json_object_new_array();
	for (size_t i = 0; i < d->nr_items; i++) {
		item_changes(d, d->possible, &d->item[i], OLD, NEW);
		item_changes(d, d->impossible, &d->item[i], NEW, OLD);
	}
	diff_of_names(d->b[OLD], d->b[NEW], d->other);
	n = json_object_array_length(d->possible) + json_object_array_length(d->impossible) +
	    json_object_array_length(d->other);
	if (json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "possible", d->possible);
		json_object_object_add(o, "impossible", d->impossible);
		json_object_object_add(o, "other", d->other);
		rav_json_print(o);
		return n ? RAV_NO : RAV_OK;
	}
	print_changes(d->possible, "becomes possible", '+');
	print_changes(d->impossible, "becomes impossible", '-');
	if (json_object_array_length(d->other))
		printf("besides:\n");
	for (size_t i = 0; i < json_object_array_length(d->other); i++)
		printf("  %s\n", json_object_get_string(json_object_array_get_idx(d->other, i)));
	if (!n)
		printf("both allow the same\n");
	return n ? RAV_NO : RAV_OK;
}

static int compare(struct diff *d, bool json)
{
	policydb_t *o = &d->b[OLD]->db, *n = &d->b[NEW]->db;
	int rc;

	names_join(&d->types, o->p_type_val_to_name, o->p_types.nprim, n->p_type_val_to_name,
		   n->p_types.nprim, &o->p_types);
	names_join(&d->classes, o->p_class_val_to_name, o->p_classes.nprim, n->p_class_val_to_name,
		   n->p_classes.nprim, &o->p_classes);
	perms_join(d);
	rc = items_add(d, OLD);
	if (rc == RAV_OK)
		rc = items_add(d, NEW);
	if (rc != RAV_OK)
		return rc;
	items_merge(d);
	return report(d, json);
}

int policy_diff(int argc, char **argv)
{
	struct diff d = { .nr_items = 0 };
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	int rc = options_read(&argc, &argv, specs, 2, 2);

	for (enum side s = OLD; s < SIDES && rc == RAV_OK; s++)
		rc = binary_open(&d.b[s], (const char *const *)&argv[s], 1);
	if (rc == RAV_OK)
		rc = compare(&d, json);
	binary_close(d.b[OLD]);
	binary_close(d.b[NEW]);
	return rc;
}
