/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: which of them allow an access and where they stand, which invariants a new one breaks,
 * what it opens.
 * Locking: single-threaded. Trust: see explain.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "common.h"
#include "explain.h"
#include "perms.h"
#include "reach.h"
#include "rules.h"

#define TEXT 1024

static void list_add(struct json_object *list, const char *text)
{
	json_object_array_add(list, json_object_new_string(text));
}

/* --- which rules, and where ------------------------------------------------------------------- */

struct listing {
	struct explain *e;
	uint32_t perms;
	struct json_object *list;
};

static bool list_rule(const struct rule *r, void *arg)
{
	struct listing *l = arg;
	const struct binary *b = l->e->b;
	char names[TEXT], text[TEXT + 256];

	if (!r->enabled)
		return true;
	perms_cil(b, l->e->class_value, r->perms & l->perms, names, sizeof(names));
	snprintf(text, sizeof(text), "(allow %s %s (%s (%s)))%s", binary_type_name(b, r->source),
		 binary_type_name(b, r->target), binary_class_name(b, l->e->class_value), names,
		 r->conditional ? "  by a boolean" : "");
	list_add(l->list, text);
	return true;
}

/*
 * libsepol names each rule that breaks a neverallow, with every macro it came through. So one that
 * forbids what is asked makes it name them all.
 */
static void result_places(const struct cil_result *r, const char *asked, struct json_object *list)
{
	char path[TEXT] = "";

	for (size_t i = 0; i < r->nr_faults; i++) {
		const char *line = r->fault[i].file && strcmp(r->fault[i].file, asked) == 0
					   ? r->fault[i].detail
					   : NULL,
			   *end;

		for (; line && *line; line = end + (*end == '\n')) {
			char place[512];
			size_t len = strlen(path);

			end = strchrnul(line, '\n');
			if (strncmp(line, "    <root>", 10) == 0)
				path[0] = '\0';
			else if (sscanf(line, " call at %511[^\n]", place) == 1 &&
				 len < sizeof(path))
				snprintf(path + len, sizeof(path) - len, ", called at %s", place);
			else if (sscanf(line, " allow at %511[^\n]", place) == 1) {
				char text[2 * TEXT];

				snprintf(text, sizeof(text), "%s%s", place, path);
				list_add(list, text);
			}
		}
	}
}

static void grants_places(struct explain *e, uint32_t perms, struct json_object *list)
{
	static const char asked[] = "<asked>";
	struct cil_set *set = e->b->source;
	char names[TEXT], text[TEXT + 256];
	struct cil_result r;
	int len;

	perms_cil(e->b, e->class_value, perms, names, sizeof(names));
	len = snprintf(text, sizeof(text), "(neverallow %s %s (%s (%s)))",
		       binary_type_name(e->b, e->source.type),
		       binary_type_name(e->b, e->target.type),
		       binary_class_name(e->b, e->class_value), names);
	cil_set_add(set, asked, text, (size_t)len);
	cil_compile_set(set, CIL_ALL_MATCHES, &r);
	cil_set_drop(set);
	result_places(&r, asked, list);
	cil_result_free(&r);
}

void explain_grants(struct explain *e, uint32_t perms, struct json_object *finding)
{
	struct listing l = { e, perms, json_object_new_array() };

	rules_of(e->b, e->source.type, e->target.type, e->class_value, perms, list_rule, &l);
	json_object_object_add(finding, "rules", l.list);
	if (e->b->source) {
		struct json_object *places = json_object_new_array();

		grants_places(e, perms, places);
		json_object_object_add(finding, "at", places);
	}
}

/* --- a rule that is not there ----------------------------------------------------------------- */

void explain_refusals(struct explain *e, const char *line, struct json_object *finding)
{
	struct cil_set *set = e->b->source;
	struct json_object *list;
	struct cil_result r;

	if (!set)
		return;
	cil_set_add(set, "<added>", line, strlen(line));
	cil_compile_set(set, 0, &r);
	cil_set_drop(set);
	list = json_object_new_array();
	for (size_t i = 0; i < r.nr_faults; i++) {
		char text[TEXT];
		const char *detail = r.fault[i].detail ? r.fault[i].detail : "";

		while (*detail == ' ')
			detail++;
		snprintf(text, sizeof(text), "%s:%u: %.*s", r.fault[i].file ? r.fault[i].file : "?",
			 r.fault[i].line, (int)strcspn(detail, "\n"), detail);
		list_add(list, text);
	}
	json_object_object_add(finding, "refused_by", list);
	cil_result_free(&r);
}

/*
 * Whoever holds a domain's memory, controls it or manages the machine can make it do what it may.
 */
static bool takes_over(enum means m)
{
	return m == MEANS_MEMORY || m == MEANS_MACHINE || m == MEANS_POLICY;
}

static void opens_through(struct explain *e, struct json_object *list)
{
	uint32_t through = reach_owner(e->b, e->target.type);
	struct reach r;

	if (reach_compute(e->b, &r) != RAV_OK)
		return;
	for (size_t i = 0; i < r.nr_edges; i++) {
		const struct reach_edge *edge = &r.edge[i];
		char text[TEXT];

		if (r.node[edge->from].type != through || edge->means >= MEANS_OBSERVE)
			continue;
		snprintf(text, sizeof(text), "through %s: %s on %s", r.node[edge->from].name,
			 means_name(edge->means), r.node[edge->to].name);
		list_add(list, text);
	}
	reach_free(&r);
	binary_use(e->b);
}

/* With the rule on trial: which relations of categories come to be allowed. */
static void opens_labels(struct explain *e, uint32_t perms, struct json_object *list)
{
	struct effect after = { .source = e->source.type,
				.target = e->target.type,
				.class_value = e->class_value };
	const char *s = binary_type_name(e->b, e->source.type),
		   *t = binary_type_name(e->b, e->target.type), *within;
	unsigned int relations = 0;
	struct trial trial;
	char text[TEXT];

	if (!trial_begin(e->b, e->source.type, e->target.type, e->class_value, perms, &trial))
		return;
	effect_compute(e->b, &after, perms);
	trial_end(e->b, &trial);
	for (unsigned int bit = 0; bit < 32; bit++)
		relations |= perms & (uint32_t)1 << bit
				     ? effect_relations(&after, (uint32_t)1 << bit)
				     : 0;
	within = relations_text(relations);
	if (relations)
		snprintf(text, sizeof(text), "every %s to every %s, %s", s, t,
			 *within ? within : "of any tenant");
	else
		snprintf(text, sizeof(text),
			 "nothing between %s and %s: constraints forbid it in all categories tried",
			 s, t);
	list_add(list, text);
}

void explain_opens(struct explain *e, uint32_t perms, struct json_object *finding)
{
	const char *class_name = binary_class_name(e->b, e->class_value);
	struct json_object *list = json_object_new_array();
	bool seen[MEANS_COUNT + 1] = { false }, strong = false;

	opens_labels(e, perms, list);
	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *perm = perms & (uint32_t)1 << bit
					   ? binary_perm_name(e->b, e->class_value, bit)
					   : NULL;
		char operations[TEXT - 128], text[TEXT];
		enum means m;

		if (!perm)
			continue;
		m = means_of(class_name, perm);
		strong |= takes_over(m);
		if (!seen[m]) {
			snprintf(text, sizeof(text), "%s: %s", means_name(m), means_text(m));
			list_add(list, text);
		}
		seen[m] = true;
		if (operations_of(class_name, perm, operations, sizeof(operations))) {
			snprintf(text, sizeof(text), "operations that ask %s first: %s", perm,
				 operations);
			list_add(list, text);
		}
	}
	if (strong)
		opens_through(e, list);
	json_object_object_add(finding, "opens", list);
}
