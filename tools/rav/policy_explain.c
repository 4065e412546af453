/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy explain: from a line of the audit log, or from its fields.
 * Locking: single-threaded. Trust: log lines are hostile: avc_line.c reads them, the policy knows
 * the labels or does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "avc_line.h"
#include "common.h"
#include "engine.h"
#include "explain.h"
#include "files.h"
#include "options.h"
#include "perms.h"
#include "policy.h"

#define MANY 64
#define RECORDS_MOST 10000u

struct session {
	struct binary *b;
	bool json, denied;
	struct json_object *out;	/* JSON: of many records */
	char **seen;			/* what has been explained: records repeat */
	size_t nr_seen;
};

static bool label_or_finding(struct binary *b, const char *which, const char *text, struct label *l,
			     struct json_object *findings)
{
	char fault[512], mend[512];
	struct json_object *o;

	if (label_find(b, text, l))
		return true;
	label_fault(b, text, fault, mend, sizeof(fault));
	o = finding_add(
		findings, "label",
		"the %s %.300s is no label of this policy, so the hypervisor takes it for unlabeled: %.300s",
		which, text, fault);
	if (mend[0])
		rav_json_add_text(o, "add", mend);
	return false;
}

/* The policy's permission for ours: its own, or the ancestor that answers. 0: none, and said. */
static uint32_t perm_value(struct explain *e, const char *class_name, const char *perm,
			   uint32_t *class_value)
{
	const struct perm_entry *known = perm_find(class_name, perm);
	uint32_t v;

	*class_value = binary_class(e->b, class_name);
	v = *class_value ? binary_perm(e->b, *class_value, perm) : 0;
	if (v)
		return v;
	if (!known) {
		finding_add(e->findings, "unknown",
			    "neither the policy nor the hypervisor knows %s:%s", class_name, perm);
		return 0;
	}
	if (known->origin == ORIGIN_FINER) {
		*class_value = binary_class(e->b, known->ancestor_class);
		v = *class_value ? binary_perm(e->b, *class_value, known->ancestor) : 0;
		finding_add(e->findings, "ancestor",
			    "the policy does not know %s:%s; its ancestor %s:%s answers%s",
			    class_name, perm, known->ancestor_class, known->ancestor,
			    v ? "" : ", which it does not know either: denied");
		return v;
	}
	finding_add(e->findings, "ancestor", "the policy does not know %s:%s: %s", class_name, perm,
		    known->origin == ORIGIN_UNCHECKED ? "allowed on oneself, denied on others"
						      : "denied");
	return 0;
}

static bool all_allowed(struct explain *e, const struct avc_line *a)
{
	bool yes = true;
	uint32_t class_value, v;

	e->perms = 0;
	for (unsigned int i = 0; i < a->nr_perms; i++) {
		v = perm_value(e, a->class_name, a->perm[i], &class_value);
		if (!v) {
			yes = yes && engine_allows(e->source.engine, e->target.engine,
						   a->class_name, a->perm[i]);
			continue;
		}
		/* Ancestors may be of another class: then one after the other. */
		if (e->perms && class_value != e->class_value) {
			yes = explain_access(e) == e->perms && yes;
			e->perms = 0;
		}
		e->class_value = class_value;
		e->perms |= v;
	}
	if (e->perms)
		yes = explain_access(e) == e->perms && yes;
	return yes;
}

static struct json_object *question_json(const struct avc_line *a, const struct explain *e,
					 bool allowed)
{
	struct json_object *o = json_object_new_object(), *perms = json_object_new_array();

	rav_json_add_text(o, "source", e->source.text[0] ? e->source.text : a->source);
	rav_json_add_text(o, "target", e->target.text[0] ? e->target.text : a->target);
	rav_json_add_text(o, "class", a->class_name);
	for (unsigned int i = 0; i < a->nr_perms; i++)
		json_object_array_add(perms, json_object_new_string(a->perm[i]));
	json_object_object_add(o, "permissions", perms);
	rav_json_add_text(o, "operation", a->operation[0] ? a->operation : NULL);
	json_object_object_add(o, "allowed", json_object_new_boolean(allowed));
	json_object_object_add(o, "permissive", json_object_new_boolean(a->permissive));
	json_object_object_add(o, "findings", json_object_get(e->findings));
	return o;
}

static void print_question(const struct avc_line *a, const struct explain *e, bool allowed)
{
	printf("%s: %s -> %s %s {", allowed ? "allowed" : "denied",
	       e->source.text[0] ? e->source.text : a->source,
	       e->target.text[0] ? e->target.text : a->target, a->class_name);
	for (unsigned int i = 0; i < a->nr_perms; i++)
		printf(" %s", a->perm[i]);
	printf(" }%s%s%s\n", a->operation[0] ? " in " : "", a->operation,
	       a->permissive ? " (logged and let through: permissive)" : "");
	findings_print(e->findings);
}

static void explain_record(struct session *s, const struct avc_line *a)
{
	static struct explain e;
	bool source_known, target_known, allowed = false;

	memset(&e, 0, sizeof(e));
	e.b = s->b;
	e.findings = json_object_new_array();
	source_known = label_or_finding(s->b, "source", a->source, &e.source, e.findings);
	if (strcmp(a->target, "self") == 0 && source_known)
		target_known = label_self(s->b, &e.source, &e.target);
	else
		target_known = label_or_finding(s->b, "target", a->target, &e.target, e.findings);
	if (source_known && target_known)
		allowed = all_allowed(&e, a);
	s->denied |= !allowed;
	if (s->json)
		json_object_array_add(s->out, question_json(a, &e, allowed));
	else
		print_question(a, &e, allowed);
	json_object_put(e.findings);
}

/* --- records ---------------------------------------------------------------------------------- */

static bool seen_before(struct session *s, const struct avc_line *a)
{
	char *key = NULL, names[AVC_PERMS * AVC_NAME] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < a->nr_perms; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s", a->perm[i]);
	if (asprintf(&key, "%s %s %s%s", a->source, a->target, a->class_name, names) < 0)
		return false;
	for (size_t i = 0; i < s->nr_seen; i++)
		if (strcmp(s->seen[i], key) == 0) {
			free(key);
			return true;
		}
	s->seen = rav_grow(s->seen, s->nr_seen + 1, sizeof(*s->seen));
	s->seen[s->nr_seen++] = key;
	return false;
}

static int explain_line(struct session *s, const char *text, size_t len, bool only)
{
	static struct avc_line a;
	const char *why;

	switch (avc_line_parse(text, len, &a, &why)) {
	case AVC_OK:
		if (!seen_before(s, &a))
			explain_record(s, &a);
		return RAV_OK;
	case AVC_NO_RECORD:
		return only ? rav_fail(
				      "quote the whole line, from `avc:` on; or give SOURCE TARGET CLASS PERMISSION",
				      "there is no AVC record in it")
			    : RAV_OK;
	case AVC_MALFORMED:
		return rav_fail("quote the whole line, as the log has it",
				"no whole AVC record: %s", why);
	}
	return RAV_FAILED;
}

static int explain_input(struct session *s)
{
	uint8_t *bytes;
	size_t len;
	int rc = file_read("-", &bytes, &len), worst;
	const char *line = (const char *)bytes, *end;

	worst = rc;
	for (; rc == RAV_OK && line < (const char *)bytes + len && s->nr_seen < RECORDS_MOST;
	     line = end + 1) {
		end = memchr(line, '\n', (size_t)((const char *)bytes + len - line));
		if (!end)
			end = (const char *)bytes + len;
		if (explain_line(s, line, (size_t)(end - line), false) != RAV_OK)
			worst = RAV_FAILED;
	}
	if (rc == RAV_OK && worst == RAV_OK && !s->nr_seen)
		return rav_fail("pipe a log into it: xl dmesg | rav policy explain -p POLICY",
				"there is no AVC record in the input");
	free(bytes);
	return worst;
}

static int explain_fields(struct session *s, int argc, char **argv)
{
	static struct avc_line a;

	if (argc - 3 > AVC_PERMS)
		return rav_misuse("more than %d permissions", AVC_PERMS);
	if (strlen(argv[0]) >= AVC_LABEL || strlen(argv[1]) >= AVC_LABEL ||
	    strlen(argv[2]) >= AVC_NAME)
		return rav_misuse("a name is too long");
	snprintf(a.source, sizeof(a.source), "%s", argv[0]);
	snprintf(a.target, sizeof(a.target), "%s", argv[1]);
	snprintf(a.class_name, sizeof(a.class_name), "%s", argv[2]);
	for (int i = 3; i < argc; i++)
		if (snprintf(a.perm[a.nr_perms++], AVC_NAME, "%s", argv[i]) >= AVC_NAME)
			return rav_misuse("a name is too long");
	explain_record(s, &a);
	return RAV_OK;
}

int policy_explain(int argc, char **argv)
{
	struct session s = { .out = NULL };
	struct texts policy = { NULL, 0 };
	const struct option_spec specs[] = { { "policy", 'p', OPTION_TEXTS, &policy },
					     { "json", 0, OPTION_FLAG, &s.json },
					     { NULL } };
	int rc = options_read(&argc, &argv, specs, 0, MANY);

	if (rc == RAV_OK && (argc == 2 || argc == 3))
		return rav_misuse("one record, or SOURCE TARGET CLASS PERMISSION…");
	if (rc == RAV_OK)
		rc = options_policy(&policy, &s.b);
	if (rc != RAV_OK)
		return rc;
	s.out = json_object_new_array();
	if (argc == 0)
		rc = explain_input(&s);
	else if (argc == 1)
		rc = explain_line(&s, argv[0], strlen(argv[0]), true);
	else
		rc = explain_fields(&s, argc, argv);
	if (s.json && rc == RAV_OK)
		rav_json_print(json_object_get(s.out));
	json_object_put(s.out);
	for (size_t i = 0; i < s.nr_seen; i++)
		free(s.seen[i]);
	free(s.seen);
	binary_close(s.b);
	return rc != RAV_OK ? rc : s.denied ? RAV_NO : RAV_OK;
}
