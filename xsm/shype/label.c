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

/* c, then a number; *text is moved behind it. False: it is something else. */
static bool category_read(const char **text, uint32_t *n)
{
	const char *s = *text;

	if (*s++ != 'c' || *s < '0' || *s > '9')
		return false;
	for (*n = 0; *s >= '0' && *s <= '9' && *n <= SHYPE_CATEGORY_MAX; s++)
		*n = *n * 10 + (uint32_t)(*s - '0');
	*text = s;
	return *n <= SHYPE_CATEGORY_MAX;
}

/* cats: "c0.c3,c9", ended by the range's '-' or the text's end. False too if it is not of this form. */
static bool category_listed(const char *cats, uint32_t wanted)
{
	bool found = false;

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
static const char *field(const char *text, unsigned int n)
{
	while (n && text) {
		text = strchr(text, ':');
		text = text ? text + 1 : NULL;
		n--;
	}
	return text;
}

static bool pattern_fits(const struct shype_pattern_record *r, const char *type, size_t len, const char *cats)
{
	if (strlen(r->type) != len || memcmp(r->type, type, len) != 0)
		return false;
	for (unsigned int i = 0; i < r->categories; i++)
		if (!cats || !category_listed(cats, r->category[i]))
			return false;
	return true;
}

/* Where the low level's categories begin, NULL: it has none. */
static const char *low_categories(const char *level)
{
	while (level && *level && *level != ':' && *level != '-')
		level++;
	return level && *level == ':' ? level + 1 : NULL;
}

uint16_t shype_label_of_context(const struct shype_policy *p, const char *text)
{
	const char *type = field(text, 2), *level = field(text, 3), *cats = low_categories(level);
	size_t len = !type ? 0 : level ? (size_t)(level - 1 - type) : strlen(type);
	uint16_t label = SHYPE_NONE;
	int best = -1;

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

static uint16_t label_compute(const struct shype_policy *p, sid_t sid)
{
	char text[CONTEXT_ROOM];
	size_t needed;

	return flask_sid_to_context(sid, text, sizeof(text), &needed) == 0 ? shype_label_of_context(p, text) : SHYPE_NONE;
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
	for (uint32_t i = 0; i < p->nr_labels; i++)
		if (strcmp(p->label[i].name, name) == 0)
			return (uint16_t)i;
	return SHYPE_NONE;
}

const char *shype_label_name(const struct shype_policy *p, uint16_t label)
{
	return label < p->nr_labels ? p->label[label].name : "none";
}
