/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an access is denied, or allowed: libsepol's reasons, sorted.
 * Locking: single-threaded. Trust: see explain.h.
 */
#include "explain.h"

#include <sepol/policydb/services.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "conditions.h"
#include "rules.h"

#define TEXT 1024

struct json_object *finding_add(struct json_object *findings, const char *kind, const char *fmt,
				...)
{
	struct json_object *o = json_object_new_object();
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rav_json_add_text(o, "kind", kind);
	rav_json_add_text(o, "text", text);
	json_object_array_add(findings, o);
	return o;
}

struct waiting {
	const struct explain *e;
	uint32_t perms;
	char booleans[256];
};

static bool find_waiting(const struct rule *r, void *arg)
{
	struct waiting *w = arg;

	return r->enabled || !conditions_of(&w->e->b->db, r->source, r->target, w->e->class_value,
					    w->booleans, sizeof(w->booleans));
}

static void no_rule(struct explain *e, uint32_t perms)
{
	const char *s = binary_type_name(e->b, e->source.type),
		   *t = binary_type_name(e->b, e->target.type);
	const char *class_name = binary_class_name(e->b, e->class_value);
	struct waiting w = { e, perms, "" };
	char names[TEXT], line[TEXT + 256];
	struct json_object *o;

	perms_print(e->b, e->class_value, perms, names, sizeof(names));
	rules_of(e->b, e->source.type, e->target.type, e->class_value, perms, find_waiting, &w);
	if (w.booleans[0]) {
		o = finding_add(e->findings, "boolean", "a rule for %s %s exists, and is off: %s",
				class_name, names, w.booleans);
		json_object_object_add(o, "permissions", perms_json(e->b, e->class_value, perms));
		rav_json_add_text(o, "booleans", w.booleans);
		return;
	}
	o = finding_add(e->findings, "rule", "no rule lets %s do %s %s to %s", s, class_name, names,
			t);
	json_object_object_add(o, "permissions", perms_json(e->b, e->class_value, perms));
	perms_cil(e->b, e->class_value, perms, names, sizeof(names));
	snprintf(line, sizeof(line), "(allow %s %s (%s (%s)))", s, t, class_name, names);
	rav_json_add_text(o, "add", line);
	explain_refusals(e, line, o);
	explain_opens(e, perms, o);
}

static void no_role(struct explain *e, uint32_t perms)
{
	const context_struct_t *s = sepol_sidtab_search(&e->b->sids, e->source.sid),
			       *t = sepol_sidtab_search(&e->b->sids, e->target.sid);
	const char *from = e->b->db.p_role_val_to_name[s->role - 1],
		   *to = e->b->db.p_role_val_to_name[t->role - 1];
	struct json_object *o =
		finding_add(e->findings, "role", "role %s may not become role %s", from, to);
	char line[TEXT];

	snprintf(line, sizeof(line), "(roleallow %s %s)", from, to);
	json_object_object_add(o, "permissions", perms_json(e->b, e->class_value, perms));
	rav_json_add_text(o, "add", line);
}

static void no_bounds(struct explain *e, uint32_t perms)
{
	struct json_object *o = finding_add(
		e->findings, "bounds",
		"%s is bounded by a type that may not do it (typebounds): give the rule to that type too",
		binary_type_name(e->b, e->source.type));

	json_object_object_add(o, "permissions", perms_json(e->b, e->class_value, perms));
}

/* Permissions for which each kind of reason holds. */
struct reasons {
	uint32_t allowed, rule, constraint, role, bounds;
};

static uint32_t ask(const struct explain *e, uint32_t perm, unsigned int *reason, char **text)
{
	struct sepol_av_decision avd;

	*reason = 0;
	*text = NULL;
	if (sepol_compute_av_reason_buffer(e->source.sid, e->target.sid,
					   (sepol_security_class_t)e->class_value, perm, &avd,
					   reason, text, 0) != 0)
		return 0;
	return avd.allowed & perm;
}

static void sort_reasons(const struct explain *e, struct reasons *r)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		uint32_t perm = e->perms & (uint32_t)1 << bit;
		unsigned int reason;
		char *text;

		if (!perm)
			continue;
		r->allowed |= ask(e, perm, &reason, &text);
		free(text);
		r->rule |= reason & SEPOL_COMPUTEAV_TE ? perm : 0;
		r->constraint |= reason & SEPOL_COMPUTEAV_CONS ? perm : 0;
		r->role |= reason & SEPOL_COMPUTEAV_RBAC ? perm : 0;
		r->bounds |= reason & SEPOL_COMPUTEAV_BOUNDS ? perm : 0;
	}
}

/*
 * A constraint is asked only of what a rule allows: where the rule is missing too, it is tried as
 * if it were there.
 */
static void constraints(struct explain *e, struct reasons *r)
{
	struct trial t;
	unsigned int reason;
	char *text;

	if (!trial_begin(e->b, e->source.type, e->target.type, e->class_value, e->perms, &t))
		return;
	(void)ask(e, e->perms, &reason, &text);
	if (reason & SEPOL_COMPUTEAV_CONS) {
		struct json_object *o =
			finding_add(e->findings, "constraint",
				    "a constraint forbids it, whatever the rules say");

		explain_constraint(e, e->perms, text, o);
	}
	free(text);
	trial_end(e->b, &t);
	r->allowed &= e->perms;
}

uint32_t explain_access(struct explain *e)
{
	struct reasons r = { 0 };

	binary_use(e->b);
	sort_reasons(e, &r);
	if (r.allowed) {
		char names[TEXT];
		struct json_object *o;

		perms_print(e->b, e->class_value, r.allowed, names, sizeof(names));
		o = finding_add(e->findings, "allowed", "%s %s is allowed",
				binary_class_name(e->b, e->class_value), names);
		json_object_object_add(o, "permissions",
				       perms_json(e->b, e->class_value, r.allowed));
		explain_grants(e, r.allowed, o);
	}
	if (r.rule)
		no_rule(e, r.rule);
	if (r.role)
		no_role(e, r.role);
	if (r.bounds)
		no_bounds(e, r.bounds);
	if (r.allowed != e->perms)
		constraints(e, &r);
	return r.allowed;
}

/* --- text from findings ----------------------------------------------------------------------- */

static void print_list(const struct json_object *o, const char *key, const char *title)
{
	struct json_object *list;

	if (!json_object_object_get_ex(o, key, &list) || json_object_array_length(list) == 0)
		return;
	printf("    %s\n", title);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		printf("      %s\n", json_object_get_string(json_object_array_get_idx(list, i)));
}

static void print_word(const struct json_object *o, const char *key, const char *title)
{
	struct json_object *value;

	if (json_object_object_get_ex(o, key, &value))
		printf("    %s %s\n", title, json_object_get_string(value));
}

void findings_print(const struct json_object *findings)
{
	for (size_t i = 0; i < json_object_array_length(findings); i++) {
		struct json_object *o = json_object_array_get_idx(findings, i), *text;

		json_object_object_get_ex(o, "text", &text);
		printf("  %s\n", json_object_get_string(text));
		print_list(o, "rules", "by");
		print_list(o, "at", "at");
		print_list(o, "expression", "it says, with what each part comes to:");
		print_list(o, "would_hold", "it would hold for");
		print_word(o, "add", "to allow it, add:");
		print_list(o, "refused_by", "the compiler would refuse that, because of");
		print_list(o, "opens", "that would open:");
	}
}
