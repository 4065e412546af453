/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy graph: who can reach whom by which means.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"
#include "graph.h"
#include "options.h"
#include "policy.h"

struct choice {
	const char *format, *out;
	struct texts policy, means, only;
	bool json;
};

static bool listed(const struct texts *t, const char *word)
{
	for (size_t i = 0; i < t->nr; i++)
		if (strcmp(t->item[i], word) == 0)
			return true;
	return false;
}

static int check_choice(const struct choice *c, const struct binary *b)
{
	for (size_t i = 0; i < c->means.nr; i++) {
		enum means m = 0;

		while (m < MEANS_COUNT && strcmp(means_name(m), c->means.item[i]) != 0)
			m++;
		if (m == MEANS_COUNT)
			return rav_misuse(
				"no means '%s': policy machine memory control device grant event message observe",
				c->means.item[i]);
	}
	for (size_t i = 0; i < c->only.nr; i++)
		if (!binary_type(b, c->only.item[i]))
			return rav_fail("`rav policy show --types` lists them",
					"the policy has no type %s", c->only.item[i]);
	return RAV_OK;
}

/* Without --means: all but seeing each other's state. */
static void keep_chosen(const struct choice *c, struct reach *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->nr_nodes; i++)
		r->node[i].used = false;
	for (size_t i = 0; i < r->nr_edges; i++) {
		struct reach_edge *e = &r->edge[i];
		bool chosen = c->means.nr ? listed(&c->means, means_name(e->means))
					  : e->means != MEANS_OBSERVE;

		if (c->only.nr)
			chosen = chosen && (listed(&c->only, r->node[e->from].name) ||
					    listed(&c->only, r->node[e->to].name));
		if (!chosen) {
			free(e->perms);
			continue;
		}
		r->node[e->from].used = r->node[e->to].used = true;
		r->edge[kept++] = *e;
	}
	r->nr_edges = kept;
}

static void graph_json(const struct reach *r, FILE *f)
{
	struct json_object *o = json_object_new_object(), *edges = json_object_new_array();

	for (size_t i = 0; i < r->nr_edges; i++) {
		const struct reach_edge *e = &r->edge[i];
		struct json_object *edge = json_object_new_object();
		const char *within = relations_text(e->relations);

		rav_json_add_text(edge, "from", r->node[e->from].name);
		rav_json_add_text(edge, "to", r->node[e->to].name);
		rav_json_add_text(edge, "means", means_name(e->means));
		rav_json_add_text(edge, "only", *within ? within : NULL);
		rav_json_add_text(edge, "permissions", e->perms);
		json_object_array_add(edges, edge);
	}
	json_object_object_add(o, "edges", edges);
	fprintf(f, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static const struct format {
	const char *name;
	void (*write)(const struct reach *r, FILE *f);
} formats[] = {
	{ "dot", graph_dot }, { "svg", graph_svg }, { "text", graph_text }, { "json", graph_json }
};

/* Of --format, else of the file's name, else text. */
static const struct format *format_find(const struct choice *c)
{
	const char *dot = c->out ? strrchr(c->out, '.') : NULL, *name = c->json	    ? "json"
									: c->format ? c->format
									: dot	    ? dot + 1
										    : "text";

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static int write_graph(const struct choice *c, const struct format *format, const struct reach *r)
{
	char *text;
	size_t len;
	FILE *f;
	int rc;

	if (!c->out) {
		format->write(r, stdout);
		return RAV_OK;
	}
	f = rav_text_open(&text, &len);
	format->write(r, f);
	rav_text_close(f);
	rc = file_write(c->out, text, len);
	free(text);
	return rc;
}

int policy_graph(int argc, char **argv)
{
	struct choice c = { NULL };
	const struct option_spec specs[] = {
		{ "policy", 'p', OPTION_TEXTS, &c.policy },
		{ "format", 'f', OPTION_TEXT, &c.format },
		{ "output", 'o', OPTION_TEXT, &c.out },
		{ "means", 'm', OPTION_TEXTS, &c.means },
		{ "only", 't', OPTION_TEXTS, &c.only },
		{ "json", 0, OPTION_FLAG, &c.json },
		{ NULL },
	};
	const struct format *format;
	struct binary *b;
	struct reach r;
	int rc = options_read(&argc, &argv, specs, 0, 0);

	if (rc != RAV_OK)
		return rc;
	format = format_find(&c);
	if (!format)
		return rav_misuse("which format? --format dot, svg, text or json");
	rc = options_policy(&c.policy, &b);
	if (rc != RAV_OK)
		return rc;
	rc = check_choice(&c, b);
	if (rc == RAV_OK)
		rc = reach_compute(b, &r);
	if (rc == RAV_OK) {
		keep_chosen(&c, &r);
		rc = write_graph(&c, format, &r);
		reach_free(&r);
	}
	binary_close(b);
	return rc;
}
