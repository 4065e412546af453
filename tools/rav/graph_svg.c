/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reach graphs as SVG, without Graphviz: nodes on an ellipse, where no straight line between two
 * runs through a third; edges as slightly bent curves side by side, the permissions as tooltips.
 * Locking: single-threaded. Trust: names are the policy's: escaped.
 */
#include <math.h>
#include <stdlib.h>

#include "common.h"
#include "files.h"
#include "graph.h"

#define BOX_WIDTH 150
#define BOX_HEIGHT 40
#define MARGIN 150

struct point {
	double x, y;
};

struct layout {
	struct point *at;		/* the boxes' middles, by node */
	struct point middle;
	int width, height;
};

static void xml_text(FILE *f, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text, f);
		}
}

/* Around the ellipse: what acts on nobody, who manages, other domains, what is being built. */
static int group_of(const struct reach *r, size_t node)
{
	if (r->node[node].kind == NODE_OBJECT)
		return 0;
	if (r->node[node].kind == NODE_BUILD)
		return 3;
	for (size_t i = 0; i < r->nr_edges; i++)
		if (r->edge[i].from == node &&
		    (r->edge[i].means == MEANS_POLICY || r->edge[i].means == MEANS_MACHINE))
			return 1;
	return 2;
}

static struct layout layout_make(const struct reach *r)
{
	struct layout l = { .at = rav_alloc(r->nr_nodes, sizeof(*l.at)) };
	double rx, ry, n = 0, k = 0;

	for (size_t i = 0; i < r->nr_nodes; i++)
		n += r->node[i].used;
	rx = 260 + 42 * n;
	ry = 140 + 24 * n;
	l.middle = (struct point){ rx + MARGIN, ry + MARGIN };
	l.width = (int)(2 * rx) + 2 * MARGIN;
	l.height = (int)(2 * ry) + 2 * MARGIN + 60;
	for (int group = 0; group < 4; group++)
		for (size_t i = 0; i < r->nr_nodes; i++) {
			double angle = 2 * M_PI * k / (n > 0 ? n : 1) - M_PI;

			if (!r->node[i].used || group_of(r, i) != group)
				continue;
			l.at[i] = (struct point){ l.middle.x + rx * cos(angle),
						  l.middle.y + ry * sin(angle) };
			k++;
		}
	return l;
}

static void write_title(FILE *f, const struct reach *r, const struct reach_edge *e,
			const char *within)
{
	fputs("<title>", f);
	xml_text(f, r->node[e->from].name);
	fputs(" → ", f);
	xml_text(f, r->node[e->to].name);
	fprintf(f, ": %s%s%s: ", means_name(e->means), *within ? " " : "", within);
	xml_text(f, e->perms);
	fputs("</title>", f);
}

/* Where the line from a box's middle towards `to` leaves the box. */
static struct point box_edge(struct point box, struct point to)
{
	double dx = to.x - box.x, dy = to.y - box.y;
	double tx = dx != 0 ? fabs(BOX_WIDTH / 2.0 / dx) : INFINITY,
	       ty = dy != 0 ? fabs(BOX_HEIGHT / 2.0 / dy) : INFINITY, t = fmin(fmin(tx, ty), 1);

	return (struct point){ box.x + dx * t, box.y + dy * t };
}

/* Two domains of one type: a loop, away from the middle. */
static void write_loop(FILE *f, const struct layout *l, struct point a, int n)
{
	double dx = a.x - l->middle.x, dy = a.y - l->middle.y, len = hypot(dx, dy),
	       reach = 110 + 18 * n, side = 20 + 9 * n;
	struct point out = len > 0 ? (struct point){ dx / len, dy / len } : (struct point){ 0, -1 };
	struct point first = { a.x + out.x * reach + out.y * side * 2,
			       a.y + out.y * reach - out.x * side * 2 };
	struct point second = { a.x + out.x * reach - out.y * side * 2,
				a.y + out.y * reach + out.x * side * 2 };
	struct point from = box_edge(a, first), to = box_edge(a, second);

	fprintf(f, "<path d=\"M%.0f %.0f C%.0f %.0f %.0f %.0f %.0f %.0f\"", from.x, from.y, first.x,
		first.y, second.x, second.y, to.x, to.y);
}

/* The n-th line of its pair, bent to its left: so the two directions do not meet. */
static void write_curve(FILE *f, struct point a, struct point b, int n)
{
	double dx = b.x - a.x, dy = b.y - a.y, len = hypot(dx, dy), bend = 14 + 17 * n;
	struct point bent = { (a.x + b.x) / 2 + dy / len * bend,
			      (a.y + b.y) / 2 - dx / len * bend };
	struct point from = box_edge(a, bent), to = box_edge(b, bent);

	fprintf(f, "<path d=\"M%.0f %.0f Q%.0f %.0f %.0f %.0f\"", from.x, from.y, bent.x, bent.y,
		to.x, to.y);
}

static void write_edge(FILE *f, const struct reach *r, const struct layout *l,
		       const struct reach_edge *e, int n)
{
	const char *within = relations_text(e->relations);

	fprintf(f, "<g stroke=\"%s\" fill=\"none\"%s>", graph_colour(e->means),
		*within ? " stroke-dasharray=\"5 3\"" : "");
	write_title(f, r, e, within);
	if (e->from == e->to)
		write_loop(f, l, l->at[e->from], n);
	else
		write_curve(f, l->at[e->from], l->at[e->to], n);
	fprintf(f, " marker-end=\"url(#m%u)\"/></g>\n", (unsigned int)e->means);
}

static void write_node(FILE *f, const struct reach_node *n, struct point at)
{
	static const char *const style[] = {
		[NODE_DOMAIN] = "fill=\"#e3f2fd\" stroke=\"#0d47a1\"",
		[NODE_BUILD] = "fill=\"#fff\" stroke=\"#0d47a1\" stroke-dasharray=\"6 4\"",
		[NODE_OBJECT] = "fill=\"#eeeeee\" stroke=\"#424242\"",
	};

	fprintf(f,
		"<g><rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"%d\" %s/><text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">",
		at.x - BOX_WIDTH / 2.0, at.y - BOX_HEIGHT / 2.0, BOX_WIDTH, BOX_HEIGHT,
		n->kind == NODE_OBJECT ? BOX_HEIGHT / 2 : 5, style[n->kind], at.x, at.y + 5);
	xml_text(f, n->name);
	fputs("</text></g>\n", f);
}

static void write_legend(FILE *f, const struct reach *r, int height)
{
	int x = 20;

	for (enum means m = 0; m < MEANS_COUNT; m++) {
		bool used = false;

		for (size_t i = 0; i < r->nr_edges; i++)
			used |= r->edge[i].means == m;
		if (!used)
			continue;
		fprintf(f,
			"<path d=\"M%d %d h30\" stroke=\"%s\" marker-end=\"url(#m%u)\"/><text x=\"%d\" y=\"%d\">%s<title>%s</title></text>\n",
			x, height - 40, graph_colour(m), (unsigned int)m, x + 40, height - 35,
			means_name(m), means_text(m));
		x += 120;
	}
	fprintf(f,
		"<text x=\"%d\" y=\"%d\" font-size=\"11\">dashed line: only with certain categories, as within a tenant; dashed box: a domain being built; "
		"point at a line for its permissions</text>\n",
		20, height - 12);
}

void graph_svg(const struct reach *r, FILE *f)
{
	struct layout l = layout_make(r);
	int n = 0;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n",
		l.width, l.height, l.width, l.height);
	fprintf(f, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<defs>");
	for (enum means m = 0; m < MEANS_COUNT; m++)
		fprintf(f,
			"<marker id=\"m%u\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
			"<path d=\"M0 0L8 4L0 8z\" fill=\"%s\" stroke=\"none\"/></marker>",
			(unsigned int)m, graph_colour(m));
	fprintf(f, "</defs>\n");
	for (size_t i = 0; i < r->nr_edges; i++) {
		n = i && r->edge[i].from == r->edge[i - 1].from &&
				    r->edge[i].to == r->edge[i - 1].to
			    ? n + 1
			    : 0;
		write_edge(f, r, &l, &r->edge[i], n);
	}
	for (size_t i = 0; i < r->nr_nodes; i++)
		if (r->node[i].used)
			write_node(f, &r->node[i], l.at[i]);
	write_legend(f, r, l.height);
	fprintf(f, "</svg>\n");
	free(l.at);
}
