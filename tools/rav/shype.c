/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav shype: the verbs about policies as files.
 * Locking: single-threaded. Trust: see shype.h.
 */
#include "shype.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"
#include "options.h"
#include "shype_store.h"

struct question {
	struct shype_file f;
	bool json;
};

/* The one option that all have, and the policy as the first argument. */
static int question_open(struct question *q, int *argc, char ***argv, int min, int max)
{
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &q->json }, { NULL } };
	int rc;

	*q = (struct question){ .json = false };
	rc = options_read(argc, argv, specs, min, max);
	return rc == RAV_OK ? shype_open((*argv)[0], &q->f) : rc;
}

static void say_summary(const struct question *q, const char *file)
{
	const struct shype_header *h = q->f.header;

	if (!q->json) {
		printf("%s: policy %s, %u labels, %u types, %u Chinese Wall types in %u conflict sets, sha256 %s\n", file, h->name, h->labels, h->ste_types,
		       h->wall_types, h->sets, q->f.sha256);
		return;
	}
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(1));
	rav_json_add_text(o, "file", file);
	rav_json_add_text(o, "policy", h->name);
	rav_json_add_text(o, "sha256", q->f.sha256);
	rav_json_add_u64(o, "labels", h->labels);
	rav_json_add_u64(o, "types", h->ste_types);
	rav_json_add_u64(o, "wall_types", h->wall_types);
	rav_json_add_u64(o, "conflict_sets", h->sets);
	rav_json_print(o);
}

int shype_build_file(const char *source, const char *out, bool json)
{
	struct question q = { .json = json };
	int rc = shype_open(source, &q.f);

	if (rc == RAV_OK)
		rc = file_write(out, q.f.bytes, q.f.len);
	if (rc == RAV_OK)
		say_summary(&q, out);
	shype_close(&q.f);
	return rc;
}

static int shype_build(int argc, char **argv)
{
	const char *out = NULL;
	bool json = false;
	const struct option_spec specs[] = { { "output", 'o', OPTION_TEXT, &out }, { "json", 0, OPTION_FLAG, &json }, { NULL } };
	int rc = options_read(&argc, &argv, specs, 1, 1);

	if (rc != RAV_OK)
		return rc;
	return out ? shype_build_file(argv[0], out, json) : rav_misuse("where to? -o FILE");
}

static int shype_check(int argc, char **argv)
{
	struct question q;
	int rc = question_open(&q, &argc, &argv, 1, 1);

	if (rc == RAV_OK)
		say_summary(&q, argv[0]);
	shype_close(&q.f);
	return rc;
}

/* --- labels ---------------------------------------------------------------------------------------------------------------- */

static struct json_object *json_names(const struct shype_name_record *types, uint32_t nr, const uint64_t word[SHYPE_WORDS])
{
	struct json_object *a = json_object_new_array();

	for (uint32_t t = 0; t < nr; t++)
		if (shype_bit(word, t))
			json_object_array_add(a, json_object_new_string(types[t].name));
	return a;
}

static void print_names(const char *what, const struct shype_name_record *types, uint32_t nr, const uint64_t word[SHYPE_WORDS])
{
	printf("  %s:", what);
	for (uint32_t t = 0; t < nr; t++)
		if (shype_bit(word, t))
			printf(" %s", types[t].name);
	putchar('\n');
}

static void pattern_text(const struct shype_pattern_record *r, char *text, size_t size)
{
	int n = snprintf(text, size, "%s", r->type);

	for (unsigned int i = 0; i < r->categories && n >= 0 && (size_t)n < size; i++)
		n += snprintf(text + n, size - (size_t)n, "%cc%u", i ? ',' : ':', r->category[i]);
}

static void label_print(const struct shype_file *f, uint32_t at)
{
	const struct shype_label_record *r = &f->label[at];
	char text[256];

	printf("%s (%s)\n", r->name, r->kind == SHYPE_SUBJECT ? "machine" : "resource");
	print_names("types", f->ste, f->header->ste_types, r->ste);
	if (r->kind == SHYPE_OBJECT)
		return;
	print_names("Chinese Wall", f->wall, f->header->wall_types, r->wall);
	for (uint32_t i = 0; i < f->header->patterns; i++)
		if (f->pattern[i].label == at) {
			pattern_text(&f->pattern[i], text, sizeof(text));
			printf("  context %s\n", text);
		}
}

static struct json_object *label_json(const struct shype_file *f, uint32_t at)
{
	const struct shype_label_record *r = &f->label[at];
	struct json_object *o = json_object_new_object(), *contexts = json_object_new_array();
	char text[256];

	rav_json_add_text(o, "label", r->name);
	rav_json_add_text(o, "kind", r->kind == SHYPE_SUBJECT ? "machine" : "resource");
	json_object_object_add(o, "types", json_names(f->ste, f->header->ste_types, r->ste));
	json_object_object_add(o, "wall_types", json_names(f->wall, f->header->wall_types, r->wall));
	for (uint32_t i = 0; i < f->header->patterns; i++)
		if (f->pattern[i].label == at) {
			pattern_text(&f->pattern[i], text, sizeof(text));
			json_object_array_add(contexts, json_object_new_string(text));
		}
	json_object_object_add(o, "contexts", contexts);
	return o;
}

static int shype_labels(int argc, char **argv)
{
	struct question q;
	int rc = question_open(&q, &argc, &argv, 1, 1);
	struct json_object *a = json_object_new_array();

	for (uint32_t i = 0; rc == RAV_OK && i < q.f.header->labels; i++) {
		if (q.json)
			json_object_array_add(a, label_json(&q.f, i));
		else
			label_print(&q.f, i);
	}
	if (rc == RAV_OK && q.json)
		rav_json_print(json_object_get(a));
	json_object_put(a);
	shype_close(&q.f);
	return rc;
}

static int shype_show(int argc, char **argv)
{
	struct question q;
	int rc = question_open(&q, &argc, &argv, 1, 1);

	if (rc == RAV_OK)
		say_summary(&q, argv[0]);
	for (uint32_t i = 0; rc == RAV_OK && !q.json && i < q.f.header->sets; i++) {
		printf("conflict set %s\n", q.f.set[i].name);
		print_names("Chinese Wall", q.f.wall, q.f.header->wall_types, q.f.set[i].types);
	}
	for (uint32_t i = 0; rc == RAV_OK && !q.json && i < q.f.header->labels; i++)
		label_print(&q.f, i);
	shype_close(&q.f);
	return rc;
}

/* --- pairs ----------------------------------------------------------------------------------------------------------------- */

static void conflict_say(const struct question *q, uint32_t a, uint32_t b, int set, struct json_object *list)
{
	struct json_object *o;

	if (!q->json) {
		printf("%s and %s: conflict set %s\n", q->f.label[a].name, q->f.label[b].name, q->f.set[set].name);
		return;
	}
	o = json_object_new_object();
	rav_json_add_text(o, "a", q->f.label[a].name);
	rav_json_add_text(o, "b", q->f.label[b].name);
	rav_json_add_text(o, "set", q->f.set[set].name);
	json_object_array_add(list, o);
}

/* Of all pairs, or those with one label. */
static int shype_conflicts_list(int argc, char **argv)
{
	struct question q;
	int rc = question_open(&q, &argc, &argv, 1, 2), only = -1;
	struct json_object *list = json_object_new_array();

	if (rc == RAV_OK && argc == 2) {
		only = shype_label_find(&q.f, argv[1]);
		if (only < 0)
			rc = rav_fail("`rav shype labels POLICY` shows them", "%s: no such label, and no context that has one", argv[1]);
	}
	for (uint32_t a = 0; rc == RAV_OK && a < q.f.header->labels; a++)
		for (uint32_t b = a + 1; b < q.f.header->labels; b++) {
			int set = shype_conflict(&q.f, a, b);

			if (set >= 0 && (only < 0 || (uint32_t)only == a || (uint32_t)only == b))
				conflict_say(&q, a, b, set, list);
		}
	if (rc == RAV_OK && q.json)
		rav_json_print(json_object_get(list));
	json_object_put(list);
	shype_close(&q.f);
	return rc;
}

static void explain_print(const struct question *q, uint32_t a, uint32_t b, bool share, int set)
{
	const struct shype_label_record *l = q->f.label;
	uint64_t common[SHYPE_WORDS];

	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		common[i] = l[a].ste[i] & l[b].ste[i];
	printf("%s and %s %s\n", l[a].name, l[b].name, share ? "may share: types in common" : "may not share: no type in common");
	if (share) {
		print_names("common", q->f.ste, q->f.header->ste_types, common);
	} else {
		print_names(l[a].name, q->f.ste, q->f.header->ste_types, l[a].ste);
		print_names(l[b].name, q->f.ste, q->f.header->ste_types, l[b].ste);
		printf("  a type that both have would let them share; whoever has it shares with both\n");
	}
	if (set >= 0)
		printf("they may not run at the same time: conflict set %s\n", q->f.set[set].name);
	else
		printf("they may run at the same time\n");
}

static int explain_pair(const struct question *q, uint32_t a, uint32_t b)
{
	bool share = shype_meet(q->f.label[a].ste, q->f.label[b].ste);
	int set = shype_conflict(&q->f, a, b);
	struct json_object *o;

	if (!q->json) {
		explain_print(q, a, b, share, set);
		return share && set < 0 ? RAV_OK : RAV_NO;
	}
	o = json_object_new_object();
	rav_json_add_text(o, "a", q->f.label[a].name);
	rav_json_add_text(o, "b", q->f.label[b].name);
	json_object_object_add(o, "share", json_object_new_boolean(share));
	rav_json_add_text(o, "conflict_set", set >= 0 ? q->f.set[set].name : NULL);
	rav_json_print(o);
	return share && set < 0 ? RAV_OK : RAV_NO;
}

static int shype_explain(int argc, char **argv)
{
	struct question q;
	int rc = question_open(&q, &argc, &argv, 3, 3);
	int label[2] = { -1, -1 };

	for (int i = 0; i < 2 && rc == RAV_OK; i++) {
		label[i] = shype_label_find(&q.f, argv[i + 1]);
		if (label[i] < 0 && strchr(argv[i + 1], ':')) {
			printf("%s has no label: it shares with nobody, and may not start\n", argv[i + 1]);
			rc = RAV_NO;
		} else if (label[i] < 0) {
			rc = rav_fail("`rav shype labels POLICY` shows them", "%s: no such label", argv[i + 1]);
		}
	}
	if (rc == RAV_OK)
		rc = explain_pair(&q, (uint32_t)label[0], (uint32_t)label[1]);
	shype_close(&q.f);
	return rc;
}

#define OPTION_HELP_STORE "      --store FILE     the labels; else $RAV_SHYPE_STORE, else " STORE_DEFAULT "\n"
#define RESOURCE_HELP     "      --bridge NAME    a bridge of this domain's\n      --disk PATH      a block device or a file, whatever its name\n" \
			  "      --read-only      it is only read: an image, known by its SHA-256\n"
#define ID_HELP           "      --id ID          as `rav shype resources` shows it, \"disk lvm:...\"\n"

static const struct rav_verb verbs[] = {
	{ "build", "[--json] -o FILE SOURCE.xml", "compile an sHype policy", "  -o, --output FILE    the policy\n" OPTION_HELP_JSON, shype_build },
	{ "check", "[--json] FILE", "would the compiler and the hypervisor take it: errors with file and line, or byte", OPTION_HELP_JSON, shype_check },
	{ "show", "[--json] FILE", "what a policy is made of", OPTION_HELP_JSON, shype_show },
	{ "labels", "[--json] FILE", "its labels, each with its types and contexts", OPTION_HELP_JSON, shype_labels },
	{ "conflicts", "[--json] FILE [LABEL | CONTEXT]", "which labels must not run at the same time", OPTION_HELP_JSON, shype_conflicts_list },
	{ "explain", "[--json] FILE A B", "why two labels, or Flask contexts, may share and run together, or not; status 1: not", OPTION_HELP_JSON, shype_explain },
	{ "load", "[--json] [--revoke] FILE", "put a policy in force; status 1: running domains violate it, and are listed",
	  "      --revoke         force it: take away what it denies, pause who breaks the wall\n" OPTION_HELP_JSON, shype_load },
	{ "status", "[--json]", "the policy that the hypervisor enforces; status 1: none", OPTION_HELP_JSON, shype_status },
	{ "may-share", "[--json] A B", "asks the hypervisor about two domains or labels, as hotplug scripts do; status 1: they may not",
	  OPTION_HELP_JSON "A and B are a domain's id or name, or a label as label=NAME.\n", shype_may_share },
	{ "resources", "[--json] [--store FILE]", "which bridge, disk and image has which label", OPTION_HELP_STORE OPTION_HELP_JSON, shype_resources },
	{ "getlabel", "[--json] [--store FILE] --bridge NAME | --disk PATH [--read-only] | --id ID", "the label of one; status 1: it has none",
	  RESOURCE_HELP ID_HELP OPTION_HELP_STORE OPTION_HELP_JSON, shype_getlabel },
	{ "setlabel", "[--json] [--store FILE] [-p POLICY] --bridge NAME | --disk PATH [--read-only] LABEL", "gives it a label of the policy in force, or of POLICY",
	  RESOURCE_HELP "  -p, --policy FILE    a compiled sHype policy, or its XML\n" OPTION_HELP_STORE OPTION_HELP_JSON, shype_setlabel },
	{ "rmlabel", "[--json] [--store FILE] --bridge NAME | --disk PATH [--read-only] | --id ID", "takes the label away: nobody gets it any more",
	  RESOURCE_HELP ID_HELP OPTION_HELP_STORE OPTION_HELP_JSON, shype_rmlabel },
	{ "may-attach", "[--json] [--store FILE] --domain DOMAIN [--claim BACKEND] --bridge NAME | --disk PATH [--read-only]",
	  "may the domain have it: known again, its label looked up, the hypervisor asked; any status but 0 is a no",
	  RESOURCE_HELP "      --domain DOMAIN  its number or name\n      --claim BACKEND  backend/vbd/DOMAIN/DEVICE: written down there for who asks next\n"
	  OPTION_HELP_STORE OPTION_HELP_JSON, shype_may_attach },
	{ "attached", "[--json] [--store FILE]", "each device that guests have, asked about again: after a load, or a change of labels; status 1: one may not be",
	  OPTION_HELP_STORE OPTION_HELP_JSON, shype_attached },
	{ NULL },
};

const struct rav_noun rav_shype = { "shype", "two workloads that share nothing, or never run together", verbs };
