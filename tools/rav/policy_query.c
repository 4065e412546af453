/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy query: what one label may do to another, as the hypervisor's engine answers.
 * Locking: single-threaded. Trust: labels are checked by the engine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "engine.h"
#include "options.h"
#include "perms.h"
#include "policy.h"

#define MANY 4096

struct query {
	struct binary *b;
	struct label source, target;
	bool json;
	struct json_object *out;
	unsigned int allowed, denied;
};

/* Where the policy lacks the permission: what answers in its place. */
static const char *ancestor_of(const struct binary *b, const struct perm_entry *e, char text[128])
{
	uint32_t class_value = binary_class(b, e->class_name);

	if (class_value && binary_perm(b, class_value, e->name))
		return NULL;
	switch (e->origin) {
	case ORIGIN_FINER:
		snprintf(text, 128, "%s:%s", e->ancestor_class, e->ancestor);
		return text;
	case ORIGIN_UNCHECKED:
		return "oneself yes, others no";
	case ORIGIN_XEN:
	case ORIGIN_OWN:
		break;
	}
	return "nothing: denied";
}

static void answer(struct query *q, const struct perm_entry *e, const char **class_shown)
{
	bool yes = engine_allows(q->source.engine, q->target.engine, e->class_name, e->name);
	char text[128];
	const char *ancestor = ancestor_of(q->b, e, text);

	*(yes ? &q->allowed : &q->denied) += 1;
	if (q->json) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "class", e->class_name);
		rav_json_add_text(o, "permission", e->name);
		json_object_object_add(o, "allowed", json_object_new_boolean(yes));
		rav_json_add_text(o, "answered_by", ancestor);
		json_object_array_add(q->out, o);
		return;
	}
	if (*class_shown != e->class_name && strcmp(*class_shown, e->class_name) != 0)
		printf("%s\n", *class_shown = e->class_name);
	printf("  %-7s %s%s%s%s\n", yes ? "allowed" : "denied", e->name,
	       ancestor ? "  (not in this policy: answered by " : "", ancestor ? ancestor : "",
	       ancestor ? ")" : "");
}

static bool wanted(const struct perm_entry *e, const char *class_name, char **perm, int nr_perms)
{
	if (class_name && strcmp(e->class_name, class_name) != 0)
		return false;
	for (int i = 0; i < nr_perms; i++)
		if (strcmp(e->name, perm[i]) == 0)
			return true;
	return nr_perms == 0;
}

static int check_names(const char *class_name, char **perm, int nr_perms)
{
	if (class_name && !perm_class_known(class_name))
		return rav_fail("docs/HYPERCALLS.md lists classes and permissions",
				"the hypervisor has no class '%s'", class_name);
	for (int i = 0; i < nr_perms; i++)
		if (!perm_find(class_name, perm[i]))
			return rav_fail("docs/HYPERCALLS.md lists classes and permissions",
					"class %s has no permission '%s'", class_name, perm[i]);
	return RAV_OK;
}

static int ask(struct query *q, const char *class_name, char **perm, int nr_perms)
{
	const char *class_shown = "";

	q->out = json_object_new_array();
	if (!q->json)
		printf("%s -> %s\n", q->source.text, q->target.text);
	FOR_EACH_PERM(e) {
		/* Asked about a whole pair, only what it may do is said. */
		if (!wanted(e, class_name, perm, nr_perms))
			continue;
		if (class_name ||
		    engine_allows(q->source.engine, q->target.engine, e->class_name, e->name))
			answer(q, e, &class_shown);
	}
	if (!q->json && !class_name && !q->allowed)
		printf("  nothing is allowed\n");
	if (q->json) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "source", q->source.text);
		rav_json_add_text(o, "target", q->target.text);
		json_object_object_add(o, "answers", q->out);
		rav_json_print(o);
	}
	return q->allowed && (!nr_perms || !q->denied) ? RAV_OK : RAV_NO;
}

int policy_query(int argc, char **argv)
{
	static struct query q;
	struct texts policy = { NULL, 0 };
	const struct option_spec specs[] = { { "policy", 'p', OPTION_TEXTS, &policy },
					     { "json", 0, OPTION_FLAG, &q.json },
					     { NULL } };
	int rc = options_read(&argc, &argv, specs, 2, MANY);

	if (rc == RAV_OK && argc > 2)
		rc = check_names(argv[2], argv + 3, argc - 3);
	if (rc == RAV_OK)
		rc = options_policy(&policy, &q.b);
	if (rc == RAV_OK)
		rc = label_read(q.b, argv[0], &q.source);
	if (rc == RAV_OK && strcmp(argv[1], "self") == 0)
		rc = label_self(q.b, &q.source, &q.target)
			     ? RAV_OK
			     : rav_fail(NULL, "the policy gives %s no label as its own target",
					argv[0]);
	else if (rc == RAV_OK)
		rc = label_read(q.b, argv[1], &q.target);
	if (rc == RAV_OK)
		rc = ask(&q, argc > 2 ? argv[2] : NULL, argv + 3, argc > 3 ? argc - 3 : 0);
	binary_close(q.b);
	return rc;
}
