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
	struct flask_error error;	/* the first failure */
	bool failed;
};

/*@
  logic integer sets_at{L}(struct reading *r) =
    sizeof(struct shype_header) + sizeof(struct shype_name_record) * (r->h.ste_types + r->h.wall_types);
  logic integer labels_at{L}(struct reading *r) = sets_at(r) + sizeof(struct shype_set_record) * r->h.sets;
  logic integer patterns_at{L}(struct reading *r) = labels_at(r) + sizeof(struct shype_label_record) * r->h.labels;
  predicate counts_ok{L}(struct reading *r) = \valid(r) && r->h.ste_types <= SHYPE_TYPES_MAX && r->h.wall_types <= SHYPE_TYPES_MAX &&
    r->h.sets <= SHYPE_SETS_MAX && 0 < r->h.labels <= SHYPE_LABELS_MAX && 0 < r->h.patterns <= SHYPE_PATTERNS_MAX;
  // The header is checked: its counts are bounded, and add up to the bytes that there are.
  predicate reading_ok{L}(struct reading *r) = counts_ok(r) && \valid_read(r->bytes + (0 .. r->h.size - 1)) &&
    r->h.size == patterns_at(r) + sizeof(struct shype_pattern_record) * r->h.patterns;
  predicate block_ok{L}(struct reading *r) = \valid(r->p) && r->p->nr_labels == r->h.labels && r->p->nr_patterns == r->h.patterns &&
    \valid(r->p->label + (0 .. r->h.labels - 1)) && \valid(r->p->pattern + (0 .. r->h.patterns - 1)) &&
    \separated(r, r->p, r->p->label + (0 .. r->h.labels - 1), r->p->pattern + (0 .. r->h.patterns - 1));
*/

/*@ requires \valid(r); assigns r->failed, r->error; ensures (\result <==> !r->failed) && (r->failed <==> \old(r->failed) || !ok); */
static bool require(struct reading *r, bool ok, const char *reason)
{
	if (!ok && !r->failed) {
		r->failed = true;
		r->error = (struct flask_error){ .offset = r->at, .section = r->section, .reason = reason };
	}
	return !r->failed;
}

/* The record at r->at; the file has as many bytes. */
/*@ requires \valid_read(r) && \valid_read(r->bytes + (r->at .. r->at + sizeof(struct shype_header) - 1)); assigns \nothing; */
static struct shype_header header_at(const struct reading *r)
{
	struct shype_header h;

	memcpy(&h, r->bytes + r->at, sizeof(h));
	return h;
}

/*@ requires \valid_read(r) && \valid_read(r->bytes + (r->at .. r->at + sizeof(struct shype_set_record) - 1)); assigns \nothing; */
static struct shype_set_record set_at(const struct reading *r)
{
	struct shype_set_record rec;

	memcpy(&rec, r->bytes + r->at, sizeof(rec));
	return rec;
}

/*@ requires \valid_read(r) && \valid_read(r->bytes + (r->at .. r->at + sizeof(struct shype_label_record) - 1)); assigns \nothing; */
static struct shype_label_record label_at(const struct reading *r)
{
	struct shype_label_record rec;

	memcpy(&rec, r->bytes + r->at, sizeof(rec));
	return rec;
}

/*@ requires \valid_read(r) && \valid_read(r->bytes + (r->at .. r->at + sizeof(struct shype_pattern_record) - 1)); assigns \nothing; */
static struct shype_pattern_record pattern_at(const struct reading *r)
{
	struct shype_pattern_record rec;

	memcpy(&rec, r->bytes + r->at, sizeof(rec));
	return rec;
}

/*@ requires \valid(to) && \valid_read(from + (0 .. SHYPE_WORDS - 1)) && \separated(to, from + (0 .. SHYPE_WORDS - 1));
    assigns to->word[0 .. SHYPE_WORDS - 1]; */
static void set_copy(struct shype_set *to, const uint64_t from[SHYPE_WORDS])
{
	/*@ loop invariant i <= SHYPE_WORDS; loop assigns i, to->word[0 .. SHYPE_WORDS - 1]; loop variant SHYPE_WORDS - i; */
	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		to->word[i] = from[i];
}

/* Letters, digits, '_', '-', '.', then zeroes to the end. */
/*@ requires \valid_read(s + (0 .. size - 1)); assigns \nothing; */
static bool name_valid(const char *s, size_t size)
{
	size_t len = strnlen(s, size);

	if (len == 0 || len == size)
		return false;
	/*@ loop invariant i <= len < size; loop assigns i; loop variant len - i; */
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_' || s[i] == '-' || s[i] == '.'))
			return false;
	/*@ loop invariant len <= i <= size; loop assigns i; loop variant size - i; */
	for (size_t i = len; i < size; i++)
		if (s[i])
			return false;
	return true;
}

/* Of `nr` records of `size` bytes, each of which begins with a name, the n-th: its name is valid and nobody's before it. */
/*@
  requires reading_ok(r) && SHYPE_NAME <= size && n <= SHYPE_TYPES_MAX && n * size <= r->at && r->at + size <= r->h.size;
  assigns r->failed, r->error;
  ensures reading_ok(r) && (\old(r->failed) ==> r->failed);
*/
static void name_check(struct reading *r, uint32_t n, size_t size)
{
	const char *name = (const char *)r->bytes + r->at;

	if (!require(r, name_valid(name, SHYPE_NAME), "a name is empty, too long, or has a character that no name has"))
		return;
	/*@ loop invariant 1 <= i <= n + 1 && !r->failed && reading_ok(r); loop assigns i, r->failed, r->error; loop variant n - i; */
	for (uint32_t i = 1; i <= n; i++) {
		/*@ assert SHYPE_NAME <= size <= i * size <= n * size; */
		if (!require(r, memcmp(name, name - i * size, SHYPE_NAME) != 0, "two have the same name"))
			return;
	}
}

/*@ requires \valid_read(word + (0 .. SHYPE_WORDS - 1)); assigns \nothing; */
static bool set_below(const uint64_t word[SHYPE_WORDS], uint32_t limit)
{
	/*@ loop invariant t <= SHYPE_TYPES_MAX || t == limit; loop assigns t; loop variant SHYPE_TYPES_MAX - t; */
	for (uint32_t t = limit; t < SHYPE_TYPES_MAX; t++)
		if (word[t / 64] >> (t % 64) & 1)
			return false;
	return true;
}

/*@ requires \valid_read(s); assigns \nothing; */
static unsigned int set_count(const struct shype_set *s)
{
	unsigned int n = 0;

	/*@ loop invariant i <= SHYPE_WORDS; loop assigns i, n; loop variant SHYPE_WORDS - i; */
	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		/*@ loop assigns w, n; */
		for (uint64_t w = s->word[i]; w; w &= w - 1)
			n++;
	return n;
}

/*@
  requires reading_ok(r) && nr <= SHYPE_TYPES_MAX && (!r->failed ==> r->at + sizeof(struct shype_name_record) * nr <= r->h.size);
  assigns r->section, r->at, r->failed, r->error;
  ensures reading_ok(r) && (\old(r->failed) ==> r->failed) && (!r->failed ==> r->at == \old(r->at) + sizeof(struct shype_name_record) * nr);
*/
static void names_read(struct reading *r, const char *section, uint32_t nr)
{
	r->section = section;
	/*@
	  loop invariant i <= nr && reading_ok(r) && (\at(r->failed, Pre) ==> r->failed);
	  loop invariant !r->failed ==> r->at == \at(r->at, Pre) + sizeof(struct shype_name_record) * i;
	  loop assigns i, r->at, r->failed, r->error;
	  loop variant nr - i;
	*/
	for (uint32_t i = 0; i < nr && !r->failed; i++) {
		name_check(r, i, sizeof(struct shype_name_record));
		r->at += sizeof(struct shype_name_record);
	}
}

/*@
  requires reading_ok(r) && (!r->failed ==> r->at == sets_at(r));
  assigns r->section, r->at, r->failed, r->error, r->set[0 .. SHYPE_SETS_MAX - 1];
  ensures reading_ok(r) && (\old(r->failed) ==> r->failed) && (!r->failed ==> r->at == labels_at(r));
*/
static void sets_read(struct reading *r)
{
	r->section = "conflict sets";
	/*@
	  loop invariant i <= r->h.sets && reading_ok(r) && (\at(r->failed, Pre) ==> r->failed);
	  loop invariant !r->failed ==> r->at == sets_at(r) + sizeof(struct shype_set_record) * i;
	  loop assigns i, r->at, r->failed, r->error, r->set[0 .. SHYPE_SETS_MAX - 1];
	  loop variant r->h.sets - i;
	*/
	for (uint32_t i = 0; i < r->h.sets && !r->failed; i++) {
		struct shype_set_record s = set_at(r);

		set_copy(&r->set[i], s.types);
		name_check(r, i, sizeof(s));
		require(r, set_below(s.types, r->h.wall_types), "a conflict set names a type that there is not");
		require(r, set_count(&r->set[i]) >= 2, "a conflict set needs two types");
		r->at += sizeof(s);
	}
}

/* What must not run when the label starts: in each set it has a part in, all but that part. */
/*@
  requires reading_ok(r) && \valid(l) && \separated(r, l);
  assigns r->failed, r->error, l->against.word[0 .. SHYPE_WORDS - 1];
  ensures reading_ok(r) && (\old(r->failed) ==> r->failed);
*/
static void label_against(struct reading *r, struct shype_label *l)
{
	/*@
	  loop invariant i <= r->h.sets && reading_ok(r) && (\at(r->failed, Pre) ==> r->failed);
	  loop assigns i, r->failed, r->error, l->against.word[0 .. SHYPE_WORDS - 1];
	  loop variant r->h.sets - i;
	*/
	for (uint32_t i = 0; i < r->h.sets; i++) {
		struct shype_set mine;

		/*@ loop invariant w <= SHYPE_WORDS; loop assigns w, mine.word[0 .. SHYPE_WORDS - 1]; loop variant SHYPE_WORDS - w; */
		for (unsigned int w = 0; w < SHYPE_WORDS; w++)
			mine.word[w] = r->set[i].word[w] & l->wall.word[w];
		if (!shype_sets_meet(&mine, &mine))
			continue;
		require(r, set_count(&mine) == 1, "a label has two types of one conflict set: it could never run");
		/*@ loop invariant w <= SHYPE_WORDS; loop assigns w, l->against.word[0 .. SHYPE_WORDS - 1]; loop variant SHYPE_WORDS - w; */
		for (unsigned int w = 0; w < SHYPE_WORDS; w++)
			l->against.word[w] |= r->set[i].word[w] & ~mine.word[w];
	}
}

/*@
  requires reading_ok(r) && block_ok(r) && (!r->failed ==> r->at == labels_at(r));
  assigns r->section, r->at, r->failed, r->error, r->p->label[0 .. r->h.labels - 1];
  ensures reading_ok(r) && block_ok(r) && (\old(r->failed) ==> r->failed) && (!r->failed ==> r->at == patterns_at(r));
*/
static void labels_read(struct reading *r)
{
	r->section = "labels";
	/*@
	  loop invariant i <= r->h.labels && reading_ok(r) && block_ok(r) && (\at(r->failed, Pre) ==> r->failed);
	  loop invariant !r->failed ==> r->at == labels_at(r) + sizeof(struct shype_label_record) * i;
	  loop assigns i, r->at, r->failed, r->error, r->p->label[0 .. r->h.labels - 1];
	  loop variant r->h.labels - i;
	*/
	for (uint32_t i = 0; i < r->h.labels && !r->failed; i++) {
		struct shype_label *l = &r->p->label[i];
		struct shype_label_record rec = label_at(r);

		memcpy(l->name, rec.name, sizeof(l->name));
		set_copy(&l->ste, rec.ste);
		set_copy(&l->wall, rec.wall);
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

/*@ requires \valid_read(rec); assigns \nothing; */
static bool categories_valid(const struct shype_pattern_record *rec)
{
	if (rec->categories > SHYPE_CATEGORIES)
		return false;
	/*@ loop invariant i <= SHYPE_CATEGORIES; loop assigns i; loop variant SHYPE_CATEGORIES - i; */
	for (unsigned int i = 0; i < SHYPE_CATEGORIES; i++) {
		if (i >= rec->categories && rec->category[i])
			return false;
		if (i < rec->categories && (rec->category[i] > SHYPE_CATEGORY_MAX || (i && rec->category[i] <= rec->category[i - 1])))
			return false;
	}
	return true;
}

/*@
  requires reading_ok(r) && block_ok(r) && (!r->failed ==> r->at == patterns_at(r));
  assigns r->section, r->at, r->failed, r->error, r->p->pattern[0 .. r->h.patterns - 1];
  ensures reading_ok(r) && block_ok(r) && (\old(r->failed) ==> r->failed) && (!r->failed ==> r->at == r->h.size);
*/
static void patterns_read(struct reading *r)
{
	r->section = "patterns";
	/*@
	  loop invariant i <= r->h.patterns && (\at(r->failed, Pre) ==> r->failed);
	  loop invariant reading_ok(r) && block_ok(r);
	  loop invariant r->p == \at(r->p, Pre) && r->p->pattern == \at(r->p->pattern, Pre) && r->h.patterns == \at(r->h.patterns, Pre);
	  loop invariant !r->failed ==> r->at == patterns_at(r) + sizeof(struct shype_pattern_record) * i;
	  loop assigns i, r->at, r->failed, r->error, \at(r->p->pattern, Pre)[0 .. \at(r->h.patterns, Pre) - 1];
	  loop variant r->h.patterns - i;
	*/
	for (uint32_t i = 0; i < r->h.patterns && !r->failed; i++) {
		struct shype_pattern_record *rec = &r->p->pattern[i];

		/*@ assert \separated(r, rec, r->p); */
		*rec = pattern_at(r);
		/*@ assert r->h.ste_types == \at(r->h.ste_types, LoopCurrent) && r->h.wall_types == \at(r->h.wall_types, LoopCurrent) &&
		    r->h.sets == \at(r->h.sets, LoopCurrent) && r->h.labels == \at(r->h.labels, LoopCurrent) && r->h.patterns == \at(r->h.patterns, LoopCurrent); */
		require(r, rec->label < r->h.labels && r->p->label[rec->label].subject, "a pattern is for a label that no machine has");
		require(r, name_valid(rec->type, sizeof(rec->type)), "a pattern's type is no name");
		require(r, categories_valid(rec), "a pattern's categories are too many, too high, or not in order");
		/*@ assert block_ok(r); */
		r->at += sizeof(*rec);
	}
}

/*@
  requires \valid_read(h);
  assigns \nothing;
  ensures \result == sizeof(*h) + sizeof(struct shype_name_record) * (h->ste_types + h->wall_types) + sizeof(struct shype_set_record) * h->sets +
    sizeof(struct shype_label_record) * h->labels + sizeof(struct shype_pattern_record) * h->patterns;
*/
static size_t file_size(const struct shype_header *h)
{
	return sizeof(*h) + sizeof(struct shype_name_record) * ((size_t)h->ste_types + h->wall_types) + sizeof(struct shype_set_record) * h->sets +
	       sizeof(struct shype_label_record) * h->labels + sizeof(struct shype_pattern_record) * h->patterns;
}

/*@
  requires \valid(r) && \valid_read(r->bytes + (0 .. len - 1)) && !r->failed && r->at == 0;
  assigns r->section, r->at, r->failed, r->error, r->h;
  ensures !r->failed ==> reading_ok(r) && r->h.size == len && r->at == sizeof(struct shype_header);
*/
static void header_read(struct reading *r, size_t len)
{
	struct shype_header *h = &r->h;

	r->section = "header";
	if (!require(r, len >= sizeof(*h), "the file ends too early"))
		return;
	*h = header_at(r);
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
/*@
  requires reading_ok(r);
  assigns \nothing;
  ensures \result == \null || (\valid(\result) && \result->nr_labels == r->h.labels && \result->nr_patterns == r->h.patterns &&
    \valid(\result->label + (0 .. r->h.labels - 1)) && \valid(\result->pattern + (0 .. r->h.patterns - 1)) &&
    \separated(r, \result, \result->label + (0 .. r->h.labels - 1), \result->pattern + (0 .. r->h.patterns - 1)));
*/
static struct shype_policy *policy_alloc(const struct reading *r)
{
	const struct shype_header *h = &r->h;
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

/*@
  requires reading_ok(r) && block_ok(r) && !r->failed && r->at == sizeof(struct shype_header) && len == r->h.size;
  assigns r->section, r->at, r->failed, r->error, r->set[0 .. SHYPE_SETS_MAX - 1], r->p->label[0 .. r->h.labels - 1],
    r->p->pattern[0 .. r->h.patterns - 1], r->p->hash[0 .. 31];
  ensures labels_ok(r->p);
*/
static void body_read(struct reading *r, size_t len)
{
	names_read(r, "types of Simple Type Enforcement", r->h.ste_types);
	names_read(r, "types of the Chinese Wall", r->h.wall_types);
	sets_read(r);
	labels_read(r);
	patterns_read(r);
	/*@ assert block_ok(r) && reading_ok(r) && r->p->nr_labels <= SHYPE_LABELS_MAX; */
	/*@ assert labels_ok(r->p); */
	sha256(r->bytes, len, r->p->hash);
}

int shype_read(const void *bytes, size_t len, struct shype_policy **out, struct flask_error *err)
{
	struct reading r = { .bytes = bytes };

	header_read(&r, len);
	if (!r.failed) {
		r.p = policy_alloc(&r);
		if (!r.p) {
			*err = (struct flask_error){ .section = "load", .reason = "not enough memory" };
			return -XEN_ENOMEM;
		}
		body_read(&r, len);
	}
	if (r.failed) {
		*err = r.error;
		shype_free(r.p);
		return -XEN_EINVAL;
	}
	*out = r.p;
	return 0;
}

void shype_free(struct shype_policy *p)
{
	if (p)
		heap_free(NULL, p);
}
