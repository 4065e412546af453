/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy's rules come to: which rules speak of two types, and for all pairs what is allowed
 * once constraints have had their say.
 * Locking: single-threaded. Trust: a policy that binary.c has read.
 */
#ifndef RAV_RULES_H
#define RAV_RULES_H

#include <json-c/json.h>

#include "binary.h"

/* --- one pair of types ------------------------------------------------------------------------ */
struct rule {
	uint32_t source, target;	/* types or attributes */
	uint32_t perms;
	bool conditional, enabled;
};

/*
 * Allow rules for the pair, of which at least one of `perms` is given. Stops when `each` returns
 * false.
 */
void rules_of(const struct binary *b, uint32_t source, uint32_t target, uint32_t class_value,
	      uint32_t perms, bool (*each)(const struct rule *r, void *arg), void *arg);
/* "{ map_read map_write }", or the one name alone. */
void perms_print(const struct binary *b, uint32_t class_value, uint32_t perms, char *text,
		 size_t size);
/* "map_read map_write" */
void perms_cil(const struct binary *b, uint32_t class_value, uint32_t perms, char *text,
	       size_t size);
struct json_object *perms_json(const struct binary *b, uint32_t class_value, uint32_t perms);

/* --- all pairs -------------------------------------------------------------------------------- */

/*
 * Categories of source and target. A constraint is asked with one sample of each relation; types
 * that an initial SID labels keep that label's range.
 */
enum relation { RELATION_EQUAL, RELATION_APART, RELATION_MORE, RELATION_FEWER, RELATIONS };

struct effect {
	uint32_t source, target;	/* types */
	uint32_t class_value;
	uint32_t rules;			/* permissions by rules */
	uint32_t allowed[RELATIONS];	/* and by constraints */
};

struct effects {
	struct effect *item;		/* by source, target, class */
	size_t nr;
};

/* Everything the policy allows between types. RAV_OK, or said why not. */
int effects_compute(struct binary *b, struct effects *e);
void effects_free(struct effects *e);
/*
 * The permissions of one pair, with the rules as they stand now; `rules` are those of them that the
 * caller knows of.
 */
void effect_compute(struct binary *b, struct effect *e, uint32_t rules);
/* "" if all relations allow; else "with equal categories", … */
const char *relations_text(unsigned int mask);
unsigned int effect_relations(const struct effect *e, uint32_t perm);	/* those that allow it */

/* --- rules tried ------------------------------------------------------------------------------ */
struct trial {
	avtab_key_t key;
	uint32_t before;
	bool existed;
};
/* As if the policy had one more rule, in libsepol's eyes; and back. */
bool trial_begin(struct binary *b, uint32_t source, uint32_t target, uint32_t class_value,
		 uint32_t perms, struct trial *t);
void trial_end(struct binary *b, const struct trial *t);

#endif
