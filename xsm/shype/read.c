/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an sHype policy (abi/shype.h): whole, strictly, into one block of memory.
 * Locking: none, one thread reads. Trust: every byte is hostile; the header's counts are bounded before anything depends on them, and must add up to the
 * file's size exactly.
 */
#include "shype.h"

#include <hv/mm.h>
#include <hv/sha256.h>
#include <hv/string.h>

struct reading {
	const uint8_t *bytes;
	size_t at;			/* of the record under way */
	const char *section;
	struct shype_header h;
	struct shype_policy *p;
	struct shype_set set[SHYPE_SETS_MAX];
	struct flask_error *err;
	bool failed;
};

static bool require(struct reading *r, bool ok, const char *reason)
{
	if (!ok && !r->failed) {
		r->failed = true;
		*r->err = (struct flask_error){ .offset = r->at, .section = r->section, .reason = reason };
	}
	return !r->failed;
}

/* Letters, digits, '_', '-', '.', then zeroes to the end. */
static bool name_valid(const char *s, size_t size)
{
	size_t len = strnlen(s, size);

	if (len == 0 || len == size)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_' || s[i] == '-' || s[i] == '.'))
			return false;
	for (size_t i = len; i < size; i++)
		if (s[i])
			return false;
	return true;
}

/* Of `nr` records of `size` bytes, each of which begins with a name, the n-th: its name is valid and nobody's before it. */
static void name_check(struct reading *r, uint32_t n, size_t size)
{
	const char *name = (const char *)r->bytes + r->at;

	if (!require(r, name_valid(name, SHYPE_NAME), "a name is empty, too long, or has a character that no name has"))
		return;
	for (uint32_t i = 1; i <= n; i++)
		if (!require(r, memcmp(name, name - i * size, SHYPE_NAME) != 0, "two have the same name"))
			return;
}

static bool set_below(const uint64_t word[SHYPE_WORDS], uint32_t limit)
{
	for (uint32_t t = limit; t < SHYPE_TYPES_MAX; t++)
		if (word[t / 64] >> (t % 64) & 1)
			return false;
	return true;
}

static unsigned int set_count(const struct shype_set *s)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		for (uint64_t w = s->word[i]; w; w &= w - 1)
			n++;
	return n;
}

static void names_read(struct reading *r, const char *section, uint32_t nr)
{
	r->section = section;
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		name_check(r, i, sizeof(struct shype_name_record));
		r->at += sizeof(struct shype_name_record);
	}
}

static void sets_read(struct reading *r)
{
	r->section = "conflict sets";
	for (uint32_t i = 0; i < r->h.sets && !r->failed; i++) {
		struct shype_set_record s;

		memcpy(&s, r->bytes + r->at, sizeof(s));
		memcpy(r->set[i].word, s.types, sizeof(s.types));
		name_check(r, i, sizeof(s));
		require(r, set_below(s.types, r->h.wall_types), "a conflict set names a type that there is not");
		require(r, set_count(&r->set[i]) >= 2, "a conflict set needs two types");
		r->at += sizeof(s);
	}
}

/* What must not run when the label starts: in each set it has a part in, all but that part. */
static void label_against(struct reading *r, struct shype_label *l)
{
	for (uint32_t i = 0; i < r->h.sets; i++) {
		struct shype_set mine;

		for (unsigned int w = 0; w < SHYPE_WORDS; w++)
			mine.word[w] = r->set[i].word[w] & l->wall.word[w];
		if (!shype_sets_meet(&mine, &mine))
			continue;
		require(r, set_count(&mine) == 1, "a label has two types of one conflict set: it could never run");
		for (unsigned int w = 0; w < SHYPE_WORDS; w++)
			l->against.word[w] |= r->set[i].word[w] & ~mine.word[w];
	}
}

static void labels_read(struct reading *r)
{
	r->section = "labels";
	for (uint32_t i = 0; i < r->h.labels && !r->failed; i++) {
		struct shype_label *l = &r->p->label[i];
		struct shype_label_record rec;

		memcpy(&rec, r->bytes + r->at, sizeof(rec));
		memcpy(l->name, rec.name, sizeof(l->name));
		memcpy(l->ste.word, rec.ste, sizeof(rec.ste));
		memcpy(l->wall.word, rec.wall, sizeof(rec.wall));
		l->subject = rec.kind == SHYPE_SUBJECT;
		name_check(r, i, sizeof(rec));
		require(r, set_below(rec.ste, r->h.ste_types) && set_below(rec.wall, r->h.wall_types), "a label names a type that there is not");
		require(r, rec.kind == SHYPE_SUBJECT || rec.kind == SHYPE_OBJECT, "a label is neither a machine's nor a resource's");
		require(r, l->subject || set_count(&l->wall) == 0, "a resource has a Chinese Wall type");
		require(r, rec.reserved == 0, "a reserved field is not zero");
		label_against(r, l);
		r->at += sizeof(rec);
	}
}

static bool categories_valid(const struct shype_pattern_record *rec)
{
	if (rec->categories > SHYPE_CATEGORIES)
		return false;
	for (unsigned int i = 0; i < SHYPE_CATEGORIES; i++) {
		if (i >= rec->categories && rec->category[i])
			return false;
		if (i < rec->categories && (rec->category[i] > SHYPE_CATEGORY_MAX || (i && rec->category[i] <= rec->category[i - 1])))
			return false;
	}
	return true;
}

static void patterns_read(struct reading *r)
{
	r->section = "patterns";
	for (uint32_t i = 0; i < r->h.patterns && !r->failed; i++) {
		struct shype_pattern_record *rec = &r->p->pattern[i];

		memcpy(rec, r->bytes + r->at, sizeof(*rec));
		require(r, rec->label < r->h.labels && r->p->label[rec->label].subject, "a pattern is for a label that no machine has");
		require(r, name_valid(rec->type, sizeof(rec->type)), "a pattern's type is no name");
		require(r, categories_valid(rec), "a pattern's categories are too many, too high, or not in order");
		r->at += sizeof(*rec);
	}
}

static size_t file_size(const struct shype_header *h)
{
	return sizeof(*h) + sizeof(struct shype_name_record) * ((size_t)h->ste_types + h->wall_types) + sizeof(struct shype_set_record) * h->sets +
	       sizeof(struct shype_label_record) * h->labels + sizeof(struct shype_pattern_record) * h->patterns;
}

static void header_read(struct reading *r, size_t len)
{
	struct shype_header *h = &r->h;

	r->section = "header";
	if (!require(r, len >= sizeof(*h), "the file ends too early"))
		return;
	memcpy(h, r->bytes, sizeof(*h));
	require(r, h->magic == SHYPE_MAGIC, "this is no sHype policy");
	require(r, h->version == SHYPE_VERSION, "a version that is not known");
	require(r, h->ste_types <= SHYPE_TYPES_MAX && h->wall_types <= SHYPE_TYPES_MAX, "too many types");
	require(r, h->sets <= SHYPE_SETS_MAX, "too many conflict sets");
	require(r, h->labels && h->labels <= SHYPE_LABELS_MAX, "no label, or too many");
	require(r, h->patterns && h->patterns <= SHYPE_PATTERNS_MAX, "no pattern, or too many");
	require(r, h->reserved == 0, "a reserved field is not zero");
	require(r, name_valid(h->name, sizeof(h->name)), "the policy's name is none");
	require(r, h->size == len && file_size(h) == len, "the counts do not add up to the file's size");
	r->at = sizeof(*h);
}

/* The policy, its labels and its patterns in one block. */
static struct shype_policy *policy_alloc(const struct shype_header *h)
{
	struct shype_policy *p = heap_alloc(NULL, sizeof(*p) + h->labels * sizeof(struct shype_label) + h->patterns * sizeof(struct shype_pattern_record));

	if (!p)
		return NULL;
	p->label = (struct shype_label *)(p + 1);
	p->pattern = (struct shype_pattern_record *)(p->label + h->labels);
	p->nr_labels = h->labels;
	p->nr_patterns = h->patterns;
	memcpy(p->name, h->name, sizeof(p->name));
	return p;
}

static int body_read(struct reading *r, size_t len)
{
	r->p = policy_alloc(&r->h);
	if (!r->p)
		return -XEN_ENOMEM;
	names_read(r, "types of Simple Type Enforcement", r->h.ste_types);
	names_read(r, "types of the Chinese Wall", r->h.wall_types);
	sets_read(r);
	labels_read(r);
	patterns_read(r);
	sha256(r->bytes, len, r->p->hash);
	return r->failed ? -XEN_EINVAL : 0;
}

int shype_read(const void *bytes, size_t len, struct shype_policy **out, struct flask_error *err)
{
	struct reading r = { .bytes = bytes, .err = err };
	int rc;

	header_read(&r, len);
	rc = r.failed ? -XEN_EINVAL : body_read(&r, len);
	if (rc == -XEN_ENOMEM)
		*err = (struct flask_error){ .section = "load", .reason = "not enough memory" };
	if (rc)
		shype_free(r.p);
	else
		*out = r.p;
	return rc;
}

void shype_free(struct shype_policy *p)
{
	if (p)
		heap_free(NULL, p);
}
