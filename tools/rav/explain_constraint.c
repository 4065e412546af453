/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints: what one says, where it stands, and for which labels it would hold.
 * Locking: single-threaded. Trust: see explain.h.
 */
#include <sepol/policydb/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "common.h"
#include "explain.h"
#include "files.h"
#include "rules.h"

static void list_add(struct json_object *list, const char *text)
{
	json_object_array_add(list, json_object_new_string(text));
}

/*
 * libsepol's "[mlsconstrain grant { … } (…); Constraint DENIED\n]", one line each, parts left out
 * that only frame it.
 */
static struct json_object *expression(const char *reason)
{
	struct json_object *list = json_object_new_array();

	while (reason && *reason) {
		size_t len = strcspn(reason, "\n"), skip = *reason == '[' ? 1 : 0;
		const char *end = memmem(reason, len, "; Constraint", 12);
		size_t kept = (end ? (size_t)(end - reason) : len) - skip;
		char text[2048];

		if (kept > 1) {
			snprintf(text, sizeof(text), "%.*s", (int)(kept < 2000 ? kept : 2000),
				 reason + skip);
			list_add(list, text);
		}
		reason += len + (reason[len] == '\n');
	}
	return list;
}

/* --- where it stands: compiled without each statement that could be it, does the reason change --- */

static bool macro_constrains(const struct cil_set *set, const char *name, size_t len)
{
	for (size_t i = 0; i < set->nr; i++) {
		struct cil_form f;
		unsigned int line = 1;
		size_t at = 0, word_at, n;
		const char *word;

		while (cil_form_next(&set->source[i], &at, &line, &f)) {
			word_at = 0;
			if (!cil_form_is(&f, "macro"))
				continue;
			cil_word_next(&f, &word_at, &word);
			n = cil_word_next(&f, &word_at, &word);
			if (n == len && memcmp(word, name, len) == 0)
				return memmem(f.text, f.len, "constrain ", 10) != NULL;
		}
	}
	return false;
}

static bool may_constrain(const struct cil_set *set, const struct cil_form *f)
{
	const char *word;
	size_t at = 0, len;

	if (cil_form_is(f, "constrain") || cil_form_is(f, "mlsconstrain"))
		return true;
	if (!cil_form_is(f, "call"))
		return false;
	cil_word_next(f, &at, &word);
	len = cil_word_next(f, &at, &word);
	return macro_constrains(set, word, len);
}

/* Asked of the policy in force, with the labels found again. */
static char *reason_of(struct binary *b, const struct explain *e, uint32_t perms)
{
	struct sepol_av_decision avd;
	unsigned int reason;
	struct trial t;
	uint32_t s, target;
	char *text = NULL;

	if (sepol_context_to_sid(e->source.text, strlen(e->source.text) + 1, &s) != 0 ||
	    sepol_context_to_sid(e->target.text, strlen(e->target.text) + 1, &target) != 0 ||
	    !trial_begin(b, e->source.type, e->target.type, e->class_value, perms, &t))
		return NULL;
	(void)sepol_compute_av_reason_buffer(s, target, (sepol_security_class_t)e->class_value,
					     perms, &avd, &reason, &text, 0);
	trial_end(b, &t);
	return text ? text : rav_copy("");
}

static bool reason_changes_without(struct explain *e, uint32_t perms, const char *reason,
				   const struct cil_form *f)
{
	char *form = (char *)f->text, *kept = rav_alloc(f->len, 1), *other = NULL;
	struct binary *without;
	struct cil_result r;
	bool changes;

	memcpy(kept, form, f->len);
	for (size_t i = 0; i < f->len; i++)
		form[i] = form[i] == '\n' ? '\n' : ' ';
	cil_compile_set(e->b->source, CIL_UNCHECKED, &r);
	memcpy(form, kept, f->len);
	free(kept);
	if (r.bytes && binary_from_bytes(&without, e->b->path, r.bytes, r.len) == RAV_OK) {
		r.bytes = NULL;
		other = reason_of(without, e, perms);
		binary_close(without);
		binary_use(e->b);
	}
	r.bytes = NULL;
	cil_result_free(&r);
	changes = other && strcmp(other, reason) != 0;
	free(other);
	return changes;
}

static struct json_object *places(struct explain *e, uint32_t perms, const char *reason)
{
	struct json_object *list = json_object_new_array();
	struct cil_set *set = e->b->source;

	for (size_t i = 0; i < set->nr; i++) {
		struct cil_form f;
		unsigned int line = 1;
		size_t at = 0;

		progress("sources", i, set->nr);
		while (cil_form_next(&set->source[i], &at, &line, &f)) {
			char text[512];

			if (!may_constrain(set, &f) ||
			    !reason_changes_without(e, perms, reason, &f))
				continue;
			snprintf(text, sizeof(text), "%s:%u: %.*s", set->source[i].path, f.line,
				 (int)(f.len < 200 ? strcspn(f.text, "\n") : 200), f.text);
			list_add(list, text);
		}
	}
	progress("sources", set->nr, set->nr);
	return list;
}

/* --- for which labels ------------------------------------------------------------------------- */

static bool holds(struct explain *e, uint32_t perms, const struct label *s, const struct label *t)
{
	struct sepol_av_decision avd;
	unsigned int reason = 0;
	char *text = NULL;

	if (sepol_compute_av_reason_buffer(s->sid, t->sid, (sepol_security_class_t)e->class_value,
					   perms, &avd, &reason, &text, 0) != 0)
		return false;
	free(text);
	return !(reason & SEPOL_COMPUTEAV_CONS) && (avd.allowed & perms) == perms;
}

static const char *range_of(const struct label *l)
{
	const char *at = l->text;

	for (int colons = 0; *at; at++)
		if (*at == ':' && ++colons == 3)
			return at + 1;
	return "";
}

static void try_labels(struct explain *e, uint32_t perms, struct json_object *list)
{
	static struct label other;
	static char text[3 * LABEL_LARGEST];

	if (label_of_type(e->b, e->target.type, range_of(&e->source), &other) &&
	    holds(e, perms, &e->source, &other)) {
		snprintf(text, sizeof(text), "a target labelled %s", other.text);
		list_add(list, text);
	}
	if (label_of_type(e->b, e->source.type, range_of(&e->target), &other) &&
	    holds(e, perms, &other, &e->target)) {
		snprintf(text, sizeof(text), "a source labelled %s", other.text);
		list_add(list, text);
	}
}

/* The missing rule, if it is missing, is on trial meanwhile. */
void explain_constraint(struct explain *e, uint32_t perms, const char *reason,
			struct json_object *finding)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(finding, "permissions", perms_json(e->b, e->class_value, perms));
	json_object_object_add(finding, "expression", expression(reason));
	try_labels(e, perms, list);
	json_object_object_add(finding, "would_hold", list);
	if (e->b->source && reason)
		json_object_object_add(finding, "at", places(e, perms, reason));
}
