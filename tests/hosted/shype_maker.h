/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes sHype policies of known content, byte by byte.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_SHYPE_MAKER_H
#define TESTS_SHYPE_MAKER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <abi/shype.h>

/* What a test says of a policy: in its own words, which are also the oracle's. */
struct shype_plan {
	unsigned int ste, wall, sets, labels, patterns;
	unsigned char in_set[16][64];			/* set, wall type */
	unsigned char has_ste[32][64], has_wall[32][64];	/* label, type */
	struct {
		unsigned int label, categories;
		unsigned int category[SHYPE_CATEGORIES];
		const char *type;
	} pattern[64];
};

static inline void shype_bits(uint64_t word[SHYPE_WORDS], const unsigned char *has, unsigned int n)
{
	memset(word, 0, SHYPE_WORDS * sizeof(*word));
	for (unsigned int i = 0; i < n; i++)
		if (has[i])
			word[i / 64] |= 1ull << (i % 64);
}

static inline void *shype_put(unsigned char **at, size_t n)
{
	unsigned char *p = *at;

	memset(p, 0, n);
	*at += n;
	return p;
}

/* The caller frees. */
static inline unsigned char *shype_make(const struct shype_plan *s, size_t *len)
{
	unsigned char *bytes = malloc(1u << 18), *at = bytes;
	struct shype_header *h = shype_put(&at, sizeof(*h));

	for (unsigned int i = 0; i < s->ste + s->wall; i++)
		snprintf(shype_put(&at, sizeof(struct shype_name_record)), SHYPE_NAME, "type%u", i < s->ste ? i : i - s->ste);
	for (unsigned int i = 0; i < s->sets; i++) {
		struct shype_set_record *r = shype_put(&at, sizeof(*r));

		snprintf(r->name, sizeof(r->name), "set%u", i);
		shype_bits(r->types, s->in_set[i], s->wall);
	}
	for (unsigned int i = 0; i < s->labels; i++) {
		struct shype_label_record *r = shype_put(&at, sizeof(*r));

		snprintf(r->name, sizeof(r->name), "label%u", i);
		shype_bits(r->ste, s->has_ste[i], s->ste);
		shype_bits(r->wall, s->has_wall[i], s->wall);
		r->kind = SHYPE_SUBJECT;
	}
	for (unsigned int i = 0; i < s->patterns; i++) {
		struct shype_pattern_record *r = shype_put(&at, sizeof(*r));

		r->label = (uint16_t)s->pattern[i].label;
		r->categories = (uint16_t)s->pattern[i].categories;
		for (unsigned int c = 0; c < s->pattern[i].categories; c++)
			r->category[c] = (uint16_t)s->pattern[i].category[c];
		snprintf(r->type, sizeof(r->type), "%s", s->pattern[i].type);
	}
	*len = (size_t)(at - bytes);
	*h = (struct shype_header){ .magic = SHYPE_MAGIC, .version = SHYPE_VERSION, .size = (uint32_t)*len, .ste_types = (uint16_t)s->ste,
				    .wall_types = (uint16_t)s->wall, .sets = (uint16_t)s->sets, .labels = (uint16_t)s->labels,
				    .patterns = (uint16_t)s->patterns, .name = "test" };
	return bytes;
}

#endif
