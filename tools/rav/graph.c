/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reach graphs as text and as Graphviz's DOT.
 * Locking: single-threaded. Trust: names are the policy's: CIL's words, escaped all the same.
 */
#include "graph.h"

const char *graph_colour(enum means m)
{
	static const char *const colours[MEANS_COUNT] = {
		[MEANS_POLICY] = "#7b1fa2",  [MEANS_MACHINE] = "#5d4037",
		[MEANS_MEMORY] = "#d32f2f",  [MEANS_CONTROL] = "#f57c00",
		[MEANS_DEVICE] = "#00838f",  [MEANS_GRANT] = "#1976d2",
		[MEANS_EVENT] = "#388e3c",   [MEANS_MESSAGE] = "#827717",
		[MEANS_OBSERVE] = "#9e9e9e",
	};

	return colours[m];
}

static void dot_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

void graph_dot(const struct reach *r, FILE *f)
{
	static const char *const shapes[] = {
		[NODE_DOMAIN] = "box", [NODE_BUILD] = "box,style=dashed", [NODE_OBJECT] = "ellipse"
	};

	fprintf(f,
		"digraph policy {\n\trankdir=LR;\n\tnode [fontname=\"sans\"];\n\tedge [fontname=\"sans\",fontsize=9];\n");
	for (size_t i = 0; i < r->nr_nodes; i++) {
		if (!r->node[i].used)
			continue;
		fprintf(f, "\tn%zu [label=", i);
		dot_string(f, r->node[i].name);
		fprintf(f, ",shape=%s];\n", shapes[r->node[i].kind]);
	}
	for (size_t i = 0; i < r->nr_edges; i++) {
		const struct reach_edge *e = &r->edge[i];
		const char *within = relations_text(e->relations);

		fprintf(f, "\tn%zu -> n%zu [color=\"%s\",label=\"%s%s%s\",tooltip=", e->from, e->to,
			graph_colour(e->means), means_name(e->means), *within ? "\\n" : "", within);
		dot_string(f, e->perms);
		fprintf(f, "%s];\n", *within ? ",style=dashed" : "");
	}
	fprintf(f, "}\n");
}

void graph_text(const struct reach *r, FILE *f)
{
	for (size_t i = 0; i < r->nr_edges; i++) {
		const struct reach_edge *e = &r->edge[i];
		const char *within = relations_text(e->relations);

		fprintf(f, "%s -> %s: %s%s%s: %s\n", r->node[e->from].name, r->node[e->to].name,
			means_name(e->means), *within ? " " : "", within, e->perms);
	}
}
