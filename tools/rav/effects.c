/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a policy allows between types: its rules spread over attributes, then each pair asked of
 * libsepol with sample labels, so that constraints count.
 * Locking: single-threaded. Trust: a policy that binary.c has read; the number of pairs is bounded.
 */
#include <sepol/policydb/services.h>
#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "files.h"
#include "rules.h"

#define PAIRS_MOST (8u << 20)

/* --- spreading rules: a hash table of (source, target, class), open addressing ---------------- */

struct spread {
	struct effect *slot;
	size_t room, nr;
};

static size_t spread_hash(const struct effect *e)
{
	uint64_t h = (uint64_t)e->source << 40 ^ (uint64_t)e->target << 16 ^ e->class_value;

	h *= 0x9e3779b97f4a7c15u;
	return (size_t)(h >> 20);
}

static struct effect *spread_slot(const struct spread *s, const struct effect *key)
{
	size_t i = spread_hash(key) & (s->room - 1);

	while (s->slot[i].class_value &&
	       (s->slot[i].source != key->source || s->slot[i].target != key->target ||
		s->slot[i].class_value != key->class_value))
		i = (i + 1) & (s->room - 1);
	return &s->slot[i];
}

static void spread_resize(struct spread *s)
{
	struct spread bigger = { rav_alloc(s->room * 2, sizeof(*s->slot)), s->room * 2, s->nr };

	for (size_t i = 0; i < s->room; i++)
		if (s->slot[i].class_value)
			*spread_slot(&bigger, &s->slot[i]) = s->slot[i];
	free(s->slot);
	*s = bigger;
}

static bool spread_add(struct spread *s, uint32_t source, uint32_t target, uint32_t class_value,
		       uint32_t perms)
{
	struct effect key = { .source = source, .target = target, .class_value = class_value },
		      *e = spread_slot(s, &key);

	if (!e->class_value) {
		if (s->nr++ == PAIRS_MOST)
			return false;
		*e = key;
	}
	e->rules |= perms;
	if (s->nr * 2 > s->room)
		spread_resize(s);
	return true;
}

static bool spread_rule(const struct binary *b, struct spread *s, const struct avtab_node *n)
{
	const ebitmap_t *sources = &b->db.attr_type_map[n->key.source_type - 1],
			*targets = &b->db.attr_type_map[n->key.target_type - 1];
	ebitmap_node_t *sn, *tn;
	unsigned int i, k;

	if ((uint64_t)ebitmap_cardinality((ebitmap_t *)sources) *
		    ebitmap_cardinality((ebitmap_t *)targets) >
	    PAIRS_MOST)
		return false;
	ebitmap_for_each_positive_bit(sources, sn, i) {
		ebitmap_for_each_positive_bit(targets, tn, k) {
			if (!spread_add(s, i + 1, k + 1, n->key.target_class, n->datum.data))
				return false;
		}
	}
	return true;
}

static bool spread_table(const struct binary *b, struct spread *s, const avtab_t *table,
			 bool conditional)
{
	for (uint32_t i = 0; i < table->nslot; i++)
		for (const struct avtab_node *n = table->htable[i]; n; n = n->next) {
			if (!(n->key.specified & AVTAB_ALLOWED) ||
			    (conditional && !(n->key.specified & AVTAB_ENABLED)))
				continue;
			if (!spread_rule(b, s, n))
				return false;
		}
	return true;
}

/* --- sample labels ---------------------------------------------------------------------------- */

enum sample { SAMPLE_ONE, SAMPLE_OTHER, SAMPLE_BOTH, SAMPLES };	/* {c0}, {c1}, {c0, c1} */

static const struct {
	enum sample source, target;
} relation_samples[RELATIONS] = {
	[RELATION_EQUAL] = { SAMPLE_ONE, SAMPLE_ONE },
	[RELATION_APART] = { SAMPLE_ONE, SAMPLE_OTHER },
	[RELATION_MORE] = { SAMPLE_BOTH, SAMPLE_ONE },
	[RELATION_FEWER] = { SAMPLE_ONE, SAMPLE_BOTH },
};

/* Without two categories all samples are the same. */
static void sample_range(const struct binary *b, enum sample s, char range[64])
{
	const char *level = b->db.mls && b->db.p_levels.nprim ? b->db.p_sens_val_to_name[0] : "";
	const char *const *category = (const char *const *)b->db.p_cat_val_to_name;

	if (!b->db.mls || b->db.p_cats.nprim < 2)
		snprintf(range, 64, "%.60s", level);
	else if (s == SAMPLE_BOTH)
		snprintf(range, 64, "%.18s:%.18s,%.18s", level, category[0], category[1]);
	else
		snprintf(range, 64, "%.18s:%.18s", level, category[s == SAMPLE_OTHER]);
}

/* libsepol's SIDs of a type's samples; 0: no label can have the type. */
static void samples_of(struct binary *b, uint32_t type, uint32_t sid[SAMPLES])
{
	for (enum sample s = 0; s < SAMPLES; s++) {
		char range[64];

		sample_range(b, s, range);
		sid[s] = label_sample_sid(b, type, range);
	}
}

static void effect_ask(const struct binary *b, struct effect *e, const uint32_t source[SAMPLES],
		       const uint32_t target[SAMPLES])
{
	const class_datum_t *c = b->db.class_val_to_struct[e->class_value - 1];
	bool plain = !c->constraints && !b->db.type_val_to_struct[e->source - 1]->bounds &&
		     !b->db.type_val_to_struct[e->target - 1]->bounds;

	for (enum relation r = 0; r < RELATIONS; r++) {
		uint32_t s = source[relation_samples[r].source],
			 t = target[relation_samples[r].target];
		struct sepol_av_decision avd;

		e->allowed[r] = 0;
		if (!s || !t)
			continue;
		/* Nothing but rules has a say. */
		if (plain)
			e->allowed[r] = e->rules;
		else if (sepol_compute_av(s, t, (sepol_security_class_t)e->class_value, 0, &avd) ==
			 0)
			e->allowed[r] = avd.allowed;
	}
}

void effect_compute(struct binary *b, struct effect *e, uint32_t more)
{
	uint32_t source[SAMPLES], target[SAMPLES];

	e->rules |= more;
	samples_of(b, e->source, source);
	samples_of(b, e->target, target);
	effect_ask(b, e, source, target);
}

/* --- all of them ------------------------------------------------------------------------------ */

static int by_key(const void *a, const void *b)
{
	const struct effect *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return x->class_value < y->class_value ? -1 : x->class_value > y->class_value;
}

static void effects_ask(struct binary *b, struct effects *e)
{
	uint32_t (*sid)[SAMPLES] = rav_alloc(b->db.p_types.nprim + 1, sizeof(*sid));

	for (uint32_t v = 1; v <= b->db.p_types.nprim; v++) {
		progress("types", v - 1, b->db.p_types.nprim);
		if (!binary_is_attribute(b, v))
			samples_of(b, v, sid[v]);
	}
	progress("types", b->db.p_types.nprim, b->db.p_types.nprim);
	for (size_t i = 0; i < e->nr; i++) {
		progress("pairs of types", i, e->nr);
		effect_ask(b, &e->item[i], sid[e->item[i].source], sid[e->item[i].target]);
	}
	progress("pairs of types", e->nr, e->nr);
	free(sid);
}

int effects_compute(struct binary *b, struct effects *e)
{
	struct spread s = { rav_alloc(4096, sizeof(*s.slot)), 4096, 0 };

	*e = (struct effects){ 0 };
	if (!spread_table(b, &s, &b->db.te_avtab, false) ||
	    !spread_table(b, &s, &b->db.te_cond_avtab, true)) {
		free(s.slot);
		return rav_fail("ask about two labels with `rav policy query`",
				"%s: its rules come to more than %u pairs of types", b->path,
				PAIRS_MOST);
	}
	e->item = s.slot;
	for (size_t i = 0; i < s.room; i++)
		if (s.slot[i].class_value)
			e->item[e->nr++] = s.slot[i];
	qsort(e->item, e->nr, sizeof(*e->item), by_key);
	binary_use(b);
	effects_ask(b, e);
	return RAV_OK;
}

void effects_free(struct effects *e)
{
	free(e->item);
	*e = (struct effects){ 0 };
}

unsigned int effect_relations(const struct effect *e, uint32_t perm)
{
	unsigned int mask = 0;

	for (enum relation r = 0; r < RELATIONS; r++)
		mask |= e->allowed[r] & perm ? 1u << r : 0;
	return mask;
}

const char *relations_text(unsigned int mask)
{
	static const char *const words[RELATIONS] = { "equal", "different", "more", "fewer" };
	static char text[96];
	size_t len = 0;

	if (mask == (1u << RELATIONS) - 1)
		return "";
	if (mask == 1u << RELATION_EQUAL)
		return "within a tenant";
	for (enum relation r = 0; r < RELATIONS; r++)
		if (mask & 1u << r)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? ", " : "with categories that are ", words[r]);
	return text;
}
