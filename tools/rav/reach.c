/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From effects between types to means between domains.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#include "reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"

/* --- whose a type is -------------------------------------------------------------------------- */

struct kin {
	uint32_t *owner;	/* by type value; 0: itself */
	bool *built;		/* a build label */
	bool *runs;		/* has a label of its own as a target, as domains have that run */
};

/* Calls `each` for every type transition of the class. */
static void transitions_of(const struct binary *b, const char *class_name, struct kin *k,
			   void (*each)(struct kin *k, const struct avtab_node *n))
{
	uint32_t class_value = binary_class(b, class_name);

	for (uint32_t i = 0; class_value && i < b->db.te_avtab.nslot; i++)
		for (const struct avtab_node *n = b->db.te_avtab.htable[i]; n; n = n->next)
			if ((n->key.specified & AVTAB_TRANSITION) &&
			    n->key.target_class == class_value)
				each(k, n);
}

static void take_build(struct kin *k, const struct avtab_node *n)
{
	k->built[n->datum.data] = n->datum.data != n->key.target_type;
}

static void take_self(struct kin *k, const struct avtab_node *n)
{
	if (n->key.source_type != n->key.target_type || n->datum.data == n->key.source_type)
		return;
	k->owner[n->datum.data] = n->key.source_type;
	k->runs[n->key.source_type] = true;
}

/* A domain's build label makes channels of the same type: they are the domain's. */
static void take_event(struct kin *k, const struct avtab_node *n)
{
	uint32_t type = n->datum.data;

	if (type != n->key.source_type && type != n->key.target_type &&
	    (!k->owner[type] || k->runs[n->key.source_type]))
		k->owner[type] = n->key.source_type;
}

static void kin_find(const struct binary *b, struct kin *k)
{
	k->owner = rav_alloc(b->db.p_types.nprim + 1, sizeof(*k->owner));
	k->built = rav_alloc(b->db.p_types.nprim + 1, sizeof(*k->built));
	k->runs = rav_alloc(b->db.p_types.nprim + 1, sizeof(*k->runs));
	transitions_of(b, "domain_build", k, take_build);
	transitions_of(b, "domain", k, take_self);
	transitions_of(b, "event", k, take_event);
}

static void kin_free(struct kin *k)
{
	free(k->owner);
	free(k->built);
	free(k->runs);
}

static uint32_t owner_of(const struct kin *k, uint32_t type)
{
	return k->owner[type] ? k->owner[type] : type;
}

uint32_t reach_owner(const struct binary *b, uint32_t type)
{
	struct kin k;
	uint32_t owner;

	kin_find(b, &k);
	owner = owner_of(&k, type);
	kin_free(&k);
	return owner;
}

/* --- edges ------------------------------------------------------------------------------------ */

struct building {
	struct binary *b;
	struct kin kin;
	size_t *node_of;	/* by type value */
	struct reach *r;
	size_t *slot, room;	/* edges by (from, to, means): number + 1, open addressing */
};

static size_t *edge_slot(const struct building *w, size_t from, size_t to, enum means means)
{
	uint64_t h =
		((uint64_t)from << 36 ^ (uint64_t)to << 8 ^ (uint64_t)means) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h >> 24);

	for (;; i++) {
		size_t *s = &w->slot[i & (w->room - 1)];
		const struct reach_edge *e = *s ? &w->r->edge[*s - 1] : NULL;

		if (!e || (e->from == from && e->to == to && e->means == means))
			return s;
	}
}

static struct reach_edge *edge_make(struct building *w, size_t from, size_t to, enum means means)
{
	struct reach *r = w->r;

	if ((r->nr_edges + 1) * 2 > w->room) {
		free(w->slot);
		w->room = w->room ? w->room * 2 : 256;
		w->slot = rav_alloc(w->room, sizeof(*w->slot));
		for (size_t i = 0; i < r->nr_edges; i++)
			*edge_slot(w, r->edge[i].from, r->edge[i].to, r->edge[i].means) = i + 1;
	}
	r->edge = rav_grow(r->edge, r->nr_edges + 1, sizeof(*r->edge));
	r->edge[r->nr_edges] = (struct reach_edge){ from, to, means, 0, rav_copy("") };
	*edge_slot(w, from, to, means) = ++r->nr_edges;
	return &r->edge[r->nr_edges - 1];
}

static void edge_add(struct building *w, size_t from, size_t to, enum means means,
		     unsigned int relations, const char *class_name, const char *perm)
{
	size_t found = w->room ? *edge_slot(w, from, to, means) : 0, len, more;
	struct reach_edge *e = found ? &w->r->edge[found - 1] : edge_make(w, from, to, means);
	char name[128];

	e->relations |= relations;
	snprintf(name, sizeof(name), "%.60s:%.60s ", class_name, perm);
	if (strstr(e->perms, name))
		return;
	len = strlen(e->perms);
	more = strlen(name) + 1;
	e->perms = rav_grow(e->perms, len + more, 1);
	memcpy(e->perms + len, name, more);
}

static bool is_own(const struct building *w, const struct effect *e)
{
	return owner_of(&w->kin, e->source) == owner_of(&w->kin, e->target) &&
	       e->target != owner_of(&w->kin, e->target);
}

/* Giving back what was mapped, and saying so, is no reach. */
static bool counts(const char *class_name, const char *perm)
{
	return strcmp(class_name, "grant") != 0 || strcmp(perm, "unmap") != 0;
}

static void take_effect(struct building *w, const struct effect *e)
{
	const char *class_name = binary_class_name(w->b, e->class_value);
	size_t from = w->node_of[owner_of(&w->kin, e->source)],
	       to = w->node_of[owner_of(&w->kin, e->target)];

	if (is_own(w, e))
		return;
	for (unsigned int bit = 0; bit < 32; bit++) {
		unsigned int relations = effect_relations(e, (uint32_t)1 << bit);
		const char *perm = relations ? binary_perm_name(w->b, e->class_value, bit) : NULL;
		enum means m = perm ? means_of(class_name, perm) : MEANS_NONE;

		if (m != MEANS_NONE && counts(class_name, perm))
			edge_add(w, from, to, m, relations, class_name, perm);
	}
}

static int edge_order(const void *a, const void *b)
{
	const struct reach_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (int)x->means - (int)y->means;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static void nodes_make(struct building *w)
{
	uint32_t n = w->b->db.p_types.nprim;

	w->node_of = rav_alloc(n + 1, sizeof(*w->node_of));
	w->r->node = rav_alloc(n, sizeof(*w->r->node));
	for (uint32_t v = 1; v <= n; v++) {
		if (binary_is_attribute(w->b, v) || w->kin.owner[v])
			continue;
		w->node_of[v] = w->r->nr_nodes;
		w->r->node[w->r->nr_nodes++] =
			(struct reach_node){ v, binary_type_name(w->b, v),
					     w->kin.built[v] ? NODE_BUILD : NODE_OBJECT, false };
	}
}

static void nodes_classify(struct reach *r)
{
	for (size_t i = 0; i < r->nr_edges; i++) {
		struct reach_node *from = &r->node[r->edge[i].from];

		from->used = r->node[r->edge[i].to].used = true;
		if (from->kind == NODE_OBJECT)
			from->kind = NODE_DOMAIN;
	}
}

void reach_of(struct binary *b, const struct effects *all, struct reach *r)
{
	struct building w = { .b = b, .r = r };

	*r = (struct reach){ 0 };
	kin_find(b, &w.kin);
	nodes_make(&w);
	for (size_t i = 0; i < all->nr; i++)
		take_effect(&w, &all->item[i]);
	nodes_classify(r);
	qsort(r->edge, r->nr_edges, sizeof(*r->edge), edge_order);
	kin_free(&w.kin);
	free(w.node_of);
	free(w.slot);
}

int reach_compute(struct binary *b, struct reach *r)
{
	struct effects all;
	int rc = effects_compute(b, &all);

	*r = (struct reach){ 0 };
	if (rc == RAV_OK)
		reach_of(b, &all, r);
	effects_free(&all);
	return rc;
}

void reach_free(struct reach *r)
{
	for (size_t i = 0; i < r->nr_edges; i++)
		free(r->edge[i].perms);
	free(r->edge);
	free(r->node);
	*r = (struct reach){ 0 };
}
