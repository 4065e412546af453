/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flask: the type-enforcement engine behind the gate. Policies are immutable once loaded; SIDs outlive policies.
 * Locking: decisions are lock-free (a few loads); loads are serialised by a try-lock. Trust: policy bytes and context strings are hostile.
 */
#ifndef HV_FLASK_H
#define HV_FLASK_H

#include <hv/gate.h>
#include <hv/types.h>

#define FLASK_WORDS ((PERM_COUNT + 63) / 64)

/* The answer for one (source, target) pair over all permissions of ours, ancestors already resolved. */
struct flask_vector {
	uint64_t allowed[FLASK_WORDS];
	uint64_t auditallow[FLASK_WORDS];
	uint64_t dontaudit[FLASK_WORDS];
	bool permissive;		/* the source type is permissive */
};

struct flask_error {			/* where and why a policy was refused */
	size_t offset;
	const char *section;
	const char *reason;
};

/* First load at boot. Replaces nothing. */
int __must_check flask_init(const void *policy, size_t len, struct flask_error *err);
/* Parse and check whole, then swap in. Old tables are freed after gate_quiesce (caller: xsm_op's load, preemptible). */
int __must_check flask_load(const void *policy, size_t len, struct flask_error *err);
void flask_reclaim(void);		/* after quiesce: frees what was replaced */

/*@
  axiomatic flask {
    logic struct flask_vector *vector_of(integer source, integer target) reads \nothing;	// of the policy in force
    predicate enforces reads \nothing;
    logic integer initial_label(integer number) reads \nothing;
    predicate transition(integer source, integer target, integer label) reads \nothing;	// a rule, or the default, makes it of the two
  }
*/
/* Never NULL for valid SIDs; for an unknown SID the vector of `unlabeled`. Borrowed until the end of the pass. */
/*@ assigns \nothing; ensures \result == vector_of(source, target) && \valid_read(\result); */
const struct flask_vector *flask_vector(sid_t source, sid_t target);
/*@ assigns \nothing; ensures \result == \null || (\result == vector_of(source, target) && \valid_read(\result)); */
/* The same if it is kept as long as the policy itself; NULL: ask flask_vector(), whose answer a later question may replace. */
const struct flask_vector *flask_vector_kept(sid_t source, sid_t target);
/*@ requires \valid_read(v) && p < PERM_COUNT; assigns \nothing; ensures \result <==> ((v->allowed[p / 64] >> (p % 64)) & 1) != 0; */
static inline bool flask_allowed(const struct flask_vector *v, enum perm p)
{
	return (v->allowed[p / 64] >> (p % 64)) & 1;
}

/*@ assigns \nothing; ensures \result <==> enforces; */
bool flask_enforcing(void);
int __must_check flask_set_enforcing(bool on);		/* -XEN_EPERM if the policy or flask=locked forbids permissive */
/*@ assigns \nothing; */
uint32_t flask_seqno(void);
uint32_t flask_fallback_count(void);
void flask_hash(uint8_t sha256[32]);			/* of the policy bytes in force */

int __must_check flask_context_to_sid(const char *ctx, size_t len, sid_t *sid);	/* -XEN_EINVAL; -XEN_ENOMEM when the bounded table is full */
/*@ requires \valid(buf + (0 .. size - 1)) && \valid(needed); assigns buf[0 .. size - 1], *needed; ensures \result == 0 ==> text(buf); */
int __must_check flask_sid_to_context(sid_t sid, char *buf, size_t size, size_t *needed);	/* -XEN_EINVAL unknown; -XEN_ERANGE too small, *needed set; length includes NUL */
/*@ assigns \nothing; */
bool flask_sid_valid(sid_t sid);
/* type_transition etc.; class by our class name. If the policy has no such class or rule: *out = default as libsepol computes (for `domain`: the source's context; see flask.c). */
/*@ requires \valid(out); assigns *out; ensures \result == 0 ==> transition(source, target, *out); */
int __must_check flask_transition(sid_t source, sid_t target, const char *class_name, sid_t *out);
/*@ assigns \nothing; */
bool flask_has_transition(sid_t source, sid_t target, const char *class_name);	/* an explicit type_transition rule exists */
/*@ assigns \nothing; ensures \result == initial_label(number); */
sid_t flask_initial_sid(unsigned int number);		/* SECINITSID numbers: xenboot 1 xen 2 dom0 3 domio 4 domxen 5 unlabeled 6 security 7 ioport 8 iomem 9 irq 10 device 11 domU 12 domDM 13 */
/* FLASK_ACCESS: by the *policy's* class number and bits, as Xen answers. */
int __must_check flask_access(sid_t s, sid_t t, uint16_t policy_class, uint32_t *allowed, uint32_t *auditallow, uint32_t *auditdeny, uint32_t *seqno);
/* FLASK_CREATE, FLASK_MEMBER, FLASK_RELABEL: the label that the policy's rules make of two, by its own class number. -XEN_EINVAL, -XEN_EACCES, -XEN_ENOMEM */
enum flask_derive { FLASK_DERIVE_CREATE, FLASK_DERIVE_MEMBER, FLASK_DERIVE_RELABEL };
int __must_check flask_derive(sid_t s, sid_t t, uint16_t policy_class, enum flask_derive how, sid_t *out);

/*
 * Booleans of the policy in force, from 0; the name is borrowed until the end of the pass. A commit is a load of the same file: -XEN_EBUSY, reclaim, seqno
 * as there. The caller lets nobody else load or change meanwhile. -XEN_ENOENT: no such boolean.
 */
#define FLASK_BOOL_ALL UINT32_MAX
struct flask_boolean {
	const char *name;
	bool state, pending;
};
int __must_check flask_bool_find(const char *name, size_t len, uint32_t *id);
int __must_check flask_bool_get(uint32_t id, struct flask_boolean *b);
int __must_check flask_bool_set_pending(uint32_t id, bool value);
bool flask_bools_settled(uint32_t id);				/* nothing of it, or of FLASK_BOOL_ALL, is pending */
int __must_check flask_bools_commit(uint32_t id);

/* Hardware and its labels: the policy file's, and those added since, which outlive it while their label means something. */
enum flask_object_kind { FLASK_PIRQ = 1, FLASK_IOPORT, FLASK_IOMEM, FLASK_DEVICE };
#define FLASK_OBJECT_KINDS 4
struct flask_object {
	uint32_t kind;
	sid_t sid;
	uint64_t low, high;
};
int __must_check flask_object_add(const struct flask_object *o);	/* -XEN_EINVAL, -XEN_EEXIST: overlaps, -XEN_ENOMEM */
int __must_check flask_object_remove(const struct flask_object *o);	/* an added one: -XEN_ENOENT; -XEN_EPERM: it is the policy's */
bool flask_object_drop(struct flask_object *o);			/* takes one out whose label means nothing any more */
int __must_check flask_object_sid(uint32_t kind, uint64_t low, uint64_t high, sid_t *sid);	/* -XEN_EINVAL: of two labels */

/* The cache of decisions: what a CPU asked of it, how much it holds, and at how many pairs it stops to grow (its memory's bound apart). */
#define FLASK_LABELS_MAX 4096u	/* SIDs there can be */
struct flask_cache_stats {
	uint32_t lookups, misses, allocations, reclaims;
};
void flask_cache_stats(unsigned int cpu, struct flask_cache_stats *out);
void flask_cache_size(uint32_t *pairs, uint32_t *sources);
uint32_t flask_cache_threshold(void);
void flask_set_cache_threshold(uint32_t pairs);
const char *perm_class_name(enum perm p);
const char *perm_name(enum perm p);

#endif
