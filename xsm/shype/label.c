/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which label a domain has: the one whose pattern fits its Flask context. Of several that fit, the one that asks for most categories; a tie between
 * two labels is no label, so that the order of a file decides nothing.
 * Locking: the cache is lock-free; two CPUs that miss at once compute the same.
 * Trust: contexts are in Flask's normal form; what is not understood has no label.
 */
#include "shype.h"

#include <hv/string.h>

#define CONTEXT_ROOM 512u	/* a longer context has no label */

/*@
  lemma ends_step{L}: \forall char *s, integer n; ends(s, n) && *s != 0 ==> ends(s + 1, n - 1);
  lemma text_step{L}: \forall char *s; text(s) && *s != 0 ==> text(s + 1);
*/

/* c, then a number; *text is moved behind it. False: it is something else. */
/*@ requires text(*text) && \valid(text) && \valid(n) && \separated(text, n); assigns *text, *n; ensures \result ==> text(*text) && *n <= SHYPE_CATEGORY_MAX; */
static bool category_read(const char **text, uint32_t *n)
{
	const char *s = *text;

	if (*s++ != 'c' || *s < '0' || *s > '9')
		return false;
	/*@ loop invariant text(s) && *n <= 10 * SHYPE_CATEGORY_MAX + 9; loop assigns s, *n; */
	for (*n = 0; *s >= '0' && *s <= '9' && *n <= SHYPE_CATEGORY_MAX; s++)
		*n = *n * 10 + (uint32_t)(*s - '0');
	*text = s;
	return *n <= SHYPE_CATEGORY_MAX;
}

/* cats: "c0.c3,c9", ended by the range's '-' or the text's end. False too if it is not of this form. */
/*@ requires text(cats); assigns \nothing; */
static bool category_listed(const char *cats, uint32_t wanted)
{
	bool found = false;

	/*@ loop invariant text(cats); loop assigns cats, found; */
	for (;;) {
		uint32_t first, last;

		if (!category_read(&cats, &first))
			return false;
		last = first;
		if (*cats == '.' && (cats++, !category_read(&cats, &last)))
			return false;
		found |= wanted >= first && wanted <= last;
		if (*cats == '\0' || *cats == '-')
			return found;
		if (*cats++ != ',')
			return false;
	}
}

/* The field behind the n-th colon, NULL if there is none. */
/*@
  requires s == \null || text(s);
  assigns \nothing;
  ensures \result == \null || text(\result);
  ensures \result != \null ==> s != \null && \exists integer k; n <= k && \result == s + k && \valid_read(s + (0 .. k - 1));
*/
static const char *field(const char *s, unsigned int n)
{
	/*@
	  loop invariant s == \null || text(s);
	  loop invariant n <= \at(n, Pre);
	  loop invariant s != \null ==> \at(s, Pre) != \null &&
	    \exists integer k; \at(n, Pre) - n <= k && s == \at(s, Pre) + k && \valid_read(\at(s, Pre) + (0 .. k - 1));
	  loop assigns n, s;
	  loop variant n;
	*/
	while (n && s) {
		s = strchr(s, ':');
		s = s ? s + 1 : NULL;
		n--;
	}
	return s;
}

/*@ requires pattern_ok(r) && \valid_read(type + (0 .. len - 1)) && (cats == \null || text(cats)); assigns \nothing; */
static bool pattern_fits(const struct shype_pattern_record *r, const char *type, size_t len, const char *cats)
{
	if (strlen(r->type) != len || memcmp(r->type, type, len) != 0)
		return false;
	/*@ loop invariant i <= r->categories; loop assigns i; loop variant r->categories - i; */
	for (unsigned int i = 0; i < r->categories; i++)
		if (!cats || !category_listed(cats, r->category[i]))
			return false;
	return true;
}

/* Where the low level's categories begin, NULL: it has none. */
/*@ requires level == \null || text(level); assigns \nothing; ensures \result == \null || text(\result); */
static const char *low_categories(const char *level)
{
	/*@ loop invariant level == \null || text(level); loop assigns level; */
	while (level && *level && *level != ':' && *level != '-')
		level++;
	return level && *level == ':' ? level + 1 : NULL;
}

uint16_t shype_label_of_context(const struct shype_policy *p, const char *text)
{
	const char *type = field(text, 2), *level = field(type, 1), *cats = low_categories(level);
	size_t len = !type ? 0 : level ? (size_t)(level - 1 - type) : strlen(type);
	uint16_t label = SHYPE_NONE;
	int best = -1;

	/*@
	  loop invariant i <= p->nr_patterns && -1 <= best <= SHYPE_CATEGORIES && (label == SHYPE_NONE || label < p->nr_labels);
	  loop assigns i, label, best;
	  loop variant p->nr_patterns - i;
	*/
	for (uint32_t i = 0; type && i < p->nr_patterns; i++) {
		const struct shype_pattern_record *r = &p->pattern[i];

		if (r->categories < best || !pattern_fits(r, type, len, cats))
			continue;
		if (r->categories > best)
			label = r->label;
		else if (r->label != label)
			label = SHYPE_NONE;
		best = r->categories;
	}
	return label;
}

/*@ requires patterns_ok(p); assigns \nothing; ensures \result == SHYPE_NONE || \result < p->nr_labels; */
static uint16_t label_compute(const struct shype_policy *p, sid_t sid)
{
	char text[CONTEXT_ROOM];
	size_t needed;

	if (flask_sid_to_context(sid, text, sizeof(text), &needed))
		return SHYPE_NONE;
	/*@ assert \forall integer i, n; 0 <= i < p->nr_patterns && \at(ends(&p->pattern[i].type[0], n), Pre) ==> ends(&p->pattern[i].type[0], n); */
	return shype_label_of_context(p, text);
}

/* A label computed while Flask's policy changes may be either's: the sequence number read before makes sure that it is not kept for the new one. */
uint16_t shype_label_of_sid(struct shype_policy *p, sid_t sid)
{
	uint32_t seqno = flask_seqno();
	_Atomic uint64_t *slot = &p->cache[sid % SHYPE_CACHE];
	uint64_t key = (uint64_t)seqno << 32 | (uint64_t)(sid & 0xffff) << 16;
	uint64_t found = atomic_load_explicit(slot, memory_order_relaxed);
	uint16_t label;

	if (sid == 0 || sid > UINT16_MAX)
		return SHYPE_NONE;
	if ((found & ~(uint64_t)UINT16_MAX) == key)
		return (uint16_t)found;
	label = label_compute(p, sid);
	atomic_store_explicit(slot, key | label, memory_order_relaxed);
	return label;
}

uint16_t shype_label_by_name(const struct shype_policy *p, const char *name)
{
	/*@ loop invariant i <= p->nr_labels; loop assigns i; loop variant p->nr_labels - i; */
	for (uint32_t i = 0; i < p->nr_labels; i++)
		if (strcmp(p->label[i].name, name) == 0)
			return (uint16_t)i;
	return SHYPE_NONE;
}

const char *shype_label_name(const struct shype_policy *p, uint16_t label)
{
	return label < p->nr_labels ? p->label[label].name : "none";
}
