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

/* read.c. -XEN_EINVAL with *err, -XEN_ENOMEM */
int __must_check shype_read(const void *bytes, size_t len, struct shype_policy **out, struct flask_error *err);
void shype_free(struct shype_policy *p);

/* label.c: the label of a context's text, or SHYPE_NONE: no pattern fits, or two labels' fit equally well. */
uint16_t shype_label_of_context(const struct shype_policy *p, const char *text);
uint16_t shype_label_of_sid(struct shype_policy *p, sid_t sid);
uint16_t shype_label_by_name(const struct shype_policy *p, const char *name);
const char *shype_label_name(const struct shype_policy *p, uint16_t label);

/* decide.c. Labels are ones of p's, or SHYPE_NONE. */
bool shype_share(const struct shype_policy *p, uint16_t a, uint16_t b);
bool shype_wall_open(const struct shype_policy *p, uint16_t label);	/* nothing runs that it conflicts with */
void shype_wall_enter(struct shype_policy *p, uint16_t label);
void shype_wall_leave(struct shype_policy *p, uint16_t label);

static inline bool shype_set_has(const struct shype_set *s, uint32_t n)
{
	return s->word[n / 64] >> (n % 64) & 1;
}

static inline bool shype_sets_meet(const struct shype_set *a, const struct shype_set *b)
{
	uint64_t common = 0;

	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		common |= a->word[i] & b->word[i];
	return common != 0;
}

#endif
