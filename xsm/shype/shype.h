/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype: Simple Type Enforcement and Chinese Wall. One policy: what was read, which label a Flask label has under it, what runs.
 * Locking: immutable after shype_read() but for running and count, which the caller's lock guards, and the cache of labels, which is lock-free.
 * Trust: policy bytes are hostile and checked whole; contexts are Flask's own text.
 */
#ifndef XSM_SHYPE_SHYPE_H
#define XSM_SHYPE_SHYPE_H

#include <abi/shype.h>
#include <stdatomic.h>
#include <hv/flask.h>
#include <hv/types.h>

#define SHYPE_NONE UINT16_MAX		/* no label: shares with nobody, and may not start */
#define SHYPE_CACHE 4096u

struct shype_set {
	uint64_t word[SHYPE_WORDS];
};

/*@
  predicate in(integer word, integer k) = (word & (1 << k)) != 0;
  predicate bit{L}(struct shype_set *s, integer n) = in(s->word[n / 64], n % 64);
  predicate meet{L}(struct shype_set *a, struct shype_set *b, integer limit) = \exists integer n; 0 <= n < limit && bit(a, n) && bit(b, n);
*/

struct shype_label {
	char name[SHYPE_NAME];
	struct shype_set ste, wall;
	struct shype_set against;	/* Chinese Wall types that must not run when this label starts */
	bool subject;
};

struct shype_policy {
	uint8_t hash[32];
	char name[SHYPE_NAME];
	uint32_t nr_labels, nr_patterns;
	struct shype_label *label;
	struct shype_pattern_record *pattern;
	/* what runs */
	struct shype_set running;
	uint32_t count[SHYPE_TYPES_MAX];
	_Atomic uint64_t cache[SHYPE_CACHE];	/* by SID: seqno of Flask's policy, SID, label */
};

/*@
  predicate labels_ok{L}(struct shype_policy *p) = \valid(p) && p->nr_labels <= SHYPE_LABELS_MAX &&
    \valid(p->label + (0 .. p->nr_labels - 1)) && \separated(p, p->label + (0 .. p->nr_labels - 1));
  predicate names_ok{L}(struct shype_policy *p) = labels_ok(p) && (\forall integer i; 0 <= i < p->nr_labels ==> text(&p->label[i].name[0]));
  predicate pattern_ok{L}(struct shype_pattern_record *r) = \valid_read(r) && text(&r->type[0]) && r->categories <= SHYPE_CATEGORIES;
  predicate patterns_ok{L}(struct shype_policy *p) = labels_ok(p) && \valid_read(p->pattern + (0 .. p->nr_patterns - 1)) &&
    (\forall integer i; 0 <= i < p->nr_patterns ==> pattern_ok(p->pattern + i) && p->pattern[i].label < p->nr_labels);
  // What runs is what has been counted, and no count is near its end.
  predicate wall_ok{L}(struct shype_policy *p) =
    \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==> (bit(&p->running, t) <==> p->count[t] > 0);
*/

/* read.c. -XEN_EINVAL with *err, -XEN_ENOMEM */
/*@ requires \valid_read((uint8_t *)bytes + (0 .. len - 1)) && \valid(out) && \valid(err) && \separated(out, err); */
int __must_check shype_read(const void *bytes, size_t len, struct shype_policy **out, struct flask_error *err);
void shype_free(struct shype_policy *p);

/* label.c: the label of a context's text, or SHYPE_NONE: no pattern fits, or two labels' fit equally well. */
/*@ requires patterns_ok(p); requires text(text); assigns \nothing; ensures \result == SHYPE_NONE || \result < p->nr_labels; */
uint16_t shype_label_of_context(const struct shype_policy *p, const char *text);
/*@ requires patterns_ok(p); assigns p->cache[0 .. SHYPE_CACHE - 1]; */
uint16_t shype_label_of_sid(struct shype_policy *p, sid_t sid);
/*@ requires names_ok(p) && text(name); assigns \nothing; ensures \result == SHYPE_NONE || \result < p->nr_labels; */
uint16_t shype_label_by_name(const struct shype_policy *p, const char *name);
/*@ requires names_ok(p); assigns \nothing; */
const char *shype_label_name(const struct shype_policy *p, uint16_t label);

/* decide.c. Labels are ones of p's, or SHYPE_NONE. */
/*@ requires labels_ok(p); assigns \nothing;
    ensures \result <==> a < p->nr_labels && b < p->nr_labels && meet(&p->label[a].ste, &p->label[b].ste, SHYPE_TYPES_MAX); */
bool shype_share(const struct shype_policy *p, uint16_t a, uint16_t b);
/*@ requires labels_ok(p); assigns \nothing;
    ensures \result <==> label < p->nr_labels && !meet(&p->label[label].against, &p->running, SHYPE_TYPES_MAX); */
bool shype_wall_open(const struct shype_policy *p, uint16_t label);	/* nothing runs that it conflicts with */
/*@ requires labels_ok(p) && label < p->nr_labels && wall_ok(p);
    requires \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==> p->count[t] < UINT32_MAX;
    assigns p->count[0 .. SHYPE_TYPES_MAX - 1], p->running.word[0 .. SHYPE_WORDS - 1]; ensures wall_ok(p);
    ensures \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==>
      (bit(&p->label[label].wall, t) ? p->count[t] == \old(p->count[t]) + 1 : p->count[t] == \old(p->count[t]));
    ensures \forall integer t; 0 <= t < SHYPE_TYPES_MAX && bit(&p->label[label].wall, t) ==> bit(&p->running, t); */
void shype_wall_enter(struct shype_policy *p, uint16_t label);
/*@ requires labels_ok(p) && label < p->nr_labels && wall_ok(p);
    requires \forall integer t; 0 <= t < SHYPE_TYPES_MAX && bit(&p->label[label].wall, t) ==> p->count[t] > 0;
    assigns p->count[0 .. SHYPE_TYPES_MAX - 1], p->running.word[0 .. SHYPE_WORDS - 1]; ensures wall_ok(p);
    ensures \forall integer t; 0 <= t < SHYPE_TYPES_MAX ==>
      (bit(&p->label[label].wall, t) ? p->count[t] == \old(p->count[t]) - 1 : p->count[t] == \old(p->count[t])); */
void shype_wall_leave(struct shype_policy *p, uint16_t label);

/*@ requires \valid_read(s) && n < SHYPE_TYPES_MAX; assigns \nothing; ensures \result <==> bit(s, n); */
static inline bool shype_set_has(const struct shype_set *s, uint32_t n)
{
	return s->word[n / 64] >> (n % 64) & 1;
}

/*@ requires \valid_read(a) && \valid_read(b); assigns \nothing; ensures \result <==> meet(a, b, SHYPE_TYPES_MAX); */
static inline bool shype_sets_meet(const struct shype_set *a, const struct shype_set *b)
{
	uint64_t common = 0;

	/*@ loop invariant i <= SHYPE_WORDS && (common != 0 <==> meet(a, b, 64 * i)); loop assigns i, common; loop variant SHYPE_WORDS - i; */
	for (unsigned int i = 0; i < SHYPE_WORDS; i++) {
		/*@ ghost uint64_t both = a->word[i] & b->word[i]; */
		/*@ ghost unsigned int low = both ? bit_of(both) : 0; */
		/*@ assert \forall integer k; 0 <= k < 64 ==> (in(both, k) <==> in(a->word[i], k) && in(b->word[i], k)); */
		/*@ assert \forall integer k; 0 <= k < 64 ==> (64 * i + k) / 64 == i && (64 * i + k) % 64 == k; */
		/*@ assert both != 0 ==> bit(a, 64 * i + low) && bit(b, 64 * i + low); */
		/*@ assert \forall integer n; 64 * i <= n < 64 * i + 64 ==> n / 64 == i && 0 <= n % 64 < 64; */
		/*@ assert \forall integer n; 64 * i <= n < 64 * i + 64 && bit(a, n) && bit(b, n) ==> both != 0; */
		common |= a->word[i] & b->word[i];
	}
	return common != 0;
}

#endif
