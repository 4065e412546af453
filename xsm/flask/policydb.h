/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy in memory. Numbers of users, roles, types, classes and so on are the policy's own: they begin with 1 and mean nothing in another policy.
 * Locking: immutable after policy_read_after(), but for contexts[] and cache, which sidtab.c and vectors.c own. Trust: checked whole when read.
 */
#ifndef XSM_FLASK_POLICYDB_H
#define XSM_FLASK_POLICYDB_H

#include <stdatomic.h>
#include <hv/flask.h>

#include "arena.h"
#include "bitset.h"
#include "symtab.h"

#define POLICY_MAX_VALUES	65535u	/* rules have 16 bits for a type */
#define POLICY_MAX_PERMS	32u
#define POLICY_MAX_CATEGORIES	4096u	/* so that a context under construction has a fixed size */
#define POLICY_MAX_BOUNDS	32u	/* depth of typebounds */
#define POLICY_ROLE_OBJECT	1u	/* object_r: goes with every user and type */
#define FLASK_MAX_SIDS		FLASK_LABELS_MAX
#define FLASK_INITIAL_SIDS	13u
#define FLASK_MAX_SLOTS		64u	/* classes of the policy that our permissions or their ancestors belong to */

struct level {
	uint32_t sens;
	struct bitset cats;
};

enum { LOW, HIGH };

struct context {
	uint32_t user, role, type;
	struct level level[2];		/* sens 0 where the policy has no MLS */
};

struct constraint_expr {
	uint32_t kind, attr, op;	/* constraint.c */
	struct bitset names;
};

struct constraint {
	uint32_t permissions, nr;
	struct constraint_expr *expr;	/* postfix */
};

/*@
  // How many truth values are on the stack behind the first n steps; what EXPR_NOT, _AND, _OR take from it is there, nothing stands above the fifth.
  logic integer stacked{L}(struct constraint_expr *e, integer n) =
    n <= 0 ? 0 : stacked(e, n - 1) + (e[n - 1].kind == 1 ? 0 : e[n - 1].kind == 2 || e[n - 1].kind == 3 ? -1 : 1);
  predicate step_ok{L}(struct constraint_expr *e, integer i) = 1 <= e[i].kind <= 5 &&
    (e[i].kind == 1 ? stacked(e, i) >= 1 : e[i].kind == 2 || e[i].kind == 3 ? stacked(e, i) >= 2 : stacked(e, i) < 5);
  predicate constraint_read{L}(struct constraint *c) = \valid_read(c) && \valid_read(c->expr + (0 .. c->nr - 1));
  predicate constraints_whole{L}(struct constraint *list, integer n) = \valid_read(list + (0 .. n - 1)) &&
    (\forall integer i; 0 <= i < n ==> constraint_read(&list[i])) &&
    (\forall integer i, j; 0 <= i < n && 0 <= j < list[i].nr ==> bitset_ok(&list[i].expr[j].names));
  predicate constraint_ok{L}(struct constraint *c) = constraint_read(c) && stacked(c->expr, c->nr) == 1 &&
    \forall integer i; 0 <= i < c->nr ==> step_ok(c->expr, i);
*/

enum class_default { DEFAULT_UNSET, DEFAULT_SOURCE, DEFAULT_TARGET };
/* There is one more, glblub, from version 32 on: the format for Xen ends at 30, and its compilers leave it out. */
enum class_default_range {
	RANGE_UNSET, RANGE_SOURCE_LOW, RANGE_SOURCE_HIGH, RANGE_SOURCE_LOW_HIGH,
	RANGE_TARGET_LOW, RANGE_TARGET_HIGH, RANGE_TARGET_LOW_HIGH
};

struct policy_class {
	struct symtab perms;			/* its own */
	const struct symtab *common;		/* inherited; NULL if none */
	uint32_t nr_constraints;
	struct constraint *constraints;
	uint32_t default_user, default_role, default_type, default_range;
};

struct policy_role {
	struct bitset dominates, types;
};

struct policy_type {
	bool attribute;
	uint32_t bounds;			/* 0: none */
	struct bitset attributes;		/* indices (value - 1) of itself and its attributes */
};

struct policy_user {
	struct bitset roles;
	struct level range[2];
};

/* One access-vector or type rule. Sorted by source, target, class, kind. */
enum rule_kind {
	RULE_ALLOW = 0x1, RULE_AUDITALLOW = 0x2, RULE_AUDITDENY = 0x4,
	RULE_TRANSITION = 0x10, RULE_MEMBER = 0x20, RULE_CHANGE = 0x40,
};

struct rule {
	uint16_t source, target, class, kind;
	uint32_t data;				/* access vector, or a type */
};

/*@
  predicate symtab_names_ok{L}(struct symtab *t) = \valid_read(t) && \valid_read(t->name_of + (0 .. t->nprim - 1));
  predicate rule_ok{L}(struct rule *x, integer types, integer classes) = 1 <= x->source <= types && 1 <= x->target <= types && 1 <= x->class <= classes;
*/

struct rule_table {
	uint32_t nr;
	struct rule *rule;
	uint32_t *source_start;			/* by source type: first rule; nr_types + 2 entries */
};

/*@
  predicate index_ok{L}(struct rule *rule, uint32_t *start, integer nr, integer types) = types <= 65535 && \valid_read(rule + (0 .. nr - 1)) &&
    \valid_read(start + (0 .. types + 1)) && (\forall integer i; 0 <= i <= types + 1 ==> start[i] <= nr) &&
    (\forall integer i, j; 0 <= i <= j <= types + 1 ==> start[i] <= start[j]);
  predicate rule_table_ok{L}(struct rule_table *t, integer types) = \valid_read(t) && index_ok(t->rule, t->source_start, t->nr, types);
*/

struct role_transition { uint32_t role, type, new_role, class; };
struct role_allow { uint32_t role, new_role; };
struct range_transition {
	uint32_t source, target, class;
	struct level range[2];
};

struct policy_bool {
	bool state, pending;			/* pending: what a commit would give it; xsm_op changes it between loads */
	bool set;				/* by a commit, not by the file: it outlives the policy, by its name */
};

/* What becomes of booleans that the policy before knew: a load keeps what was set; a commit takes what is pending, of one or of all. */
#define BOOLS_LOAD	0u
#define BOOLS_ALL	UINT32_MAX

/* How one permission of ours is answered under this policy. */
enum answer { ANSWER_DENY, ANSWER_BIT, ANSWER_ANCESTOR, ANSWER_ONESELF };
struct perm_answer {
	uint8_t answer;				/* enum answer */
	uint8_t slot;
	uint32_t bit;
};

/* What a policy file says of hardware: of interrupts, ports, pages, PCI devices. Not sorted; of two, the first counts. */
struct object_label {
	uint64_t low, high;
	struct context context;
};

struct vector_cache;

/*@
  predicate level_ok{L}(struct level *l) = \valid_read(l) && bitset_ok(&l->cats);
  predicate context_ok{L}(struct context *c, integer roles) = \valid_read(c) && level_ok(&c->level[0]) && level_ok(&c->level[1]) && 1 <= c->role <= roles;
*/

struct policy {
	struct arena arena;
	uint8_t hash[32];
	uint32_t version, seqno, fallbacks;
	bool mls;

	struct symtab commons, classes, roles, types, users, bools, levels, cats;
	struct symtab *common;			/* permissions of each common */
	struct policy_class *class;
	struct policy_role *role;
	struct policy_type *type;
	struct policy_user *user;
	struct policy_bool *booleans;	/* by value - 1 */
	const void *bytes;			/* the file, where it has booleans: read again when one of them changes */
	size_t len;
	const struct policy *before;		/* while it is read */
	uint32_t commit;			/* while it is read: BOOLS_* or the number of one */
	struct bitset *sens_cats;		/* by sensitivity: categories it may carry */
	struct bitset permissive;		/* by type value */

	struct rule_table rules, conditional;	/* conditional: those enabled by the booleans */
	uint32_t nr_role_transitions, nr_role_allows, nr_range_transitions;
	struct role_transition *role_transitions;
	struct role_allow *role_allows;
	struct range_transition *range_transitions;

	uint32_t process_class;			/* `domain`: inherits from the subject; 0: absent */
	uint32_t process_transition;		/* its bits `transition` and `dyntransition` */

	struct perm_answer answer[PERM_COUNT];
	uint32_t nr_slots;
	uint16_t slot_class[FLASK_MAX_SLOTS];	/* slot -> class */
	uint8_t *class_slot;			/* class -> slot + 1 */

	struct object_list {
		uint32_t nr;
		struct object_label *label;
	} object[FLASK_OBJECT_KINDS];		/* by kind - 1 */
	struct context *initial[FLASK_INITIAL_SIDS + 1];
	struct context *_Atomic contexts[FLASK_MAX_SIDS];	/* by SID; NULL: has no meaning here */
	struct vector_cache *cache;
	struct policy *retired_next;
};

/*@
  predicate roles_ok{L}(struct policy *p) = \valid_read(p) && \valid_read(p->role + (0 .. p->roles.nprim - 1)) &&
    \forall integer i; 0 <= i < p->roles.nprim ==> bitset_ok(&p->role[i].dominates);
*/

/* What libsepol calls an access vector decision. */
struct access {
	uint32_t allowed, auditallow, auditdeny;
};

/* read_policy.c: the whole file; the policy lives in its own arena. */
int __must_check policy_read_after(const struct policy *before, uint32_t commit, const void *bytes, size_t len, struct policy **out,
				   struct flask_error *err);
void policy_free(struct policy *p);

/* read_classes.c, read_symbols.c, read_rules.c, read_contexts.c */
void policy_read_commons(struct reader *r, struct policy *p);
void policy_read_classes(struct reader *r, struct policy *p);
void policy_read_roles(struct reader *r, struct policy *p);
void policy_read_types(struct reader *r, struct policy *p);
void policy_read_users(struct reader *r, struct policy *p);
void policy_read_bools(struct reader *r, struct policy *p);
void policy_read_levels(struct reader *r, struct policy *p);
void policy_read_cats(struct reader *r, struct policy *p);
/*@
  predicate names_ok{L}(struct symtab *t) = \valid_read(t->name_of + (0 .. t->nprim - 1));
  // What the sections before have left.
  predicate names_read{L}(struct policy *p) = \valid_read(p) &&
    names_ok(&p->roles) && names_ok(&p->types) && names_ok(&p->users) && names_ok(&p->levels) && names_ok(&p->cats) &&
    \valid_read(p->type + (0 .. p->types.nprim - 1));
  predicate roles_read{L}(struct policy *p) = \valid_read(p->role + (0 .. p->roles.nprim - 1)) &&
    (\forall integer i; 0 <= i < p->roles.nprim ==> bitset_ok(&p->role[i].dominates) && bitset_ok(&p->role[i].types));
  predicate users_read{L}(struct policy *p) = \valid_read(p->user + (0 .. p->users.nprim - 1)) &&
    (\forall integer i; 0 <= i < p->users.nprim ==> bitset_ok(&p->user[i].roles)) &&
    (\forall integer i; 0 <= i < p->users.nprim ==> bitset_ok(&p->user[i].range[0].cats) && bitset_ok(&p->user[i].range[1].cats));
  predicate levels_read{L}(struct policy *p) = \valid_read(p->sens_cats + (0 .. p->levels.nprim - 1)) &&
    (\forall integer i; 0 <= i < p->levels.nprim ==> bitset_ok(&p->sens_cats[i]));
*/
/*@
  requires reader_ok(r);
  requires !r->failed ==> names_read(p) && roles_read(p) && users_read(p) && levels_read(p) && bitset_ok(&p->permissive);
  assigns FAILS(r), r->section;
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at);
*/
void policy_check_symbols(struct reader *r, struct policy *p);
/*@
  requires reader_ok(r) && !r->failed && \valid_read(p) && apart(p, r);
  requires \valid_read(p->class + (0 .. p->classes.nprim - 1)) && apart(p->class, r);
  requires \forall integer i; 0 <= i < p->classes.nprim ==> constraints_whole(p->class[i].constraints, p->class[i].nr_constraints) && apart(p->class[i].constraints, r);
  assigns FAILS(r), r->section;
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at);
  // Each constraint can be asked.
  ensures !r->failed ==> \forall integer i, j; 0 <= i < p->classes.nprim && 0 <= j < p->class[i].nr_constraints ==> constraint_ok(&p->class[i].constraints[j]);
*/
void policy_check_classes(struct reader *r, struct policy *p);
/*@
  requires reader_ok(r) && !r->failed && r->len <= 0x4000000 && \valid(p) && inside(p, r->arena) && p->types.nprim <= 65535;
  requires symtab_names_ok(&p->types) && symtab_names_ok(&p->classes) && p->rules.nr == 0;
  assigns TAKES(r), r->section, p->rules, FRESH(struct rule, r->arena), FRESH(uint32_t, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> rule_table_ok(&p->rules, p->types.nprim);
  ensures !r->failed ==> born(\base_addr(p)) < born(\base_addr(p->rules.source_start)) < given(r->arena);
*/
void policy_read_rules(struct reader *r, struct policy *p);
/*@
  requires reader_ok(r) && !r->failed && r->len <= 0x4000000 && \valid(p) && inside(p, r->arena) && p->types.nprim <= 65535;
  requires symtab_names_ok(&p->types) && symtab_names_ok(&p->classes) && rule_table_ok(&p->rules, p->types.nprim);
  requires symtab_names_ok(&p->bools) && \valid_read(p->booleans + (0 .. p->bools.nprim - 1)) && p->conditional.nr == 0;
  requires born(\base_addr(p)) < born(\base_addr(p->rules.source_start)) < given(r->arena);
  assigns TAKES(r), r->section, p->conditional, FRESH(struct rule, r->arena), FRESH(uint32_t, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> rule_table_ok(&p->conditional, p->types.nprim);
*/
void policy_read_conditionals(struct reader *r, struct policy *p);
/*@
  requires reader_ok(r) && \valid(p) && inside(p, r->arena);
  requires names_ok(&p->roles) && names_ok(&p->types);
  assigns TAKES(r), r->section, p->role_transitions, p->nr_role_transitions, p->role_allows, p->nr_role_allows,
    FRESH(struct role_transition, r->arena), FRESH(struct role_allow, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> \valid_read(p->role_transitions + (0 .. p->nr_role_transitions - 1));
  ensures !r->failed ==> \valid_read(p->role_allows + (0 .. p->nr_role_allows - 1));
*/
void policy_read_role_rules(struct reader *r, struct policy *p);
/*@
  requires reader_ok(r) && \valid_read(p);
  assigns TAKES(r), r->section, FRESH(char, r->arena), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
void policy_read_filename_transitions(struct reader *r, struct policy *p);
void policy_read_range_transitions(struct reader *r, struct policy *p);
void policy_read_type_attributes(struct reader *r, struct policy *p);
void policy_read_object_contexts(struct reader *r, struct policy *p);
void policy_read_genfs(struct reader *r, struct policy *p);
/*@
  // What becomes of the sets beside a range, when it is read: nothing.
  predicate beside_range{L}(struct bitset *o, struct level *range) = \separated(o, range + (0 .. 1)) && (o->nr != 0 ==> apart(o->word, range));
*/
/*@
  requires reader_ok(r) && \valid(range + (0 .. 1)) && older(range, r->arena);
  requires \separated(range + (0 .. 1), r, r->arena);
  assigns TAKES(r), range[0].sens, range[0].cats.word, range[0].cats.nr, range[1].sens, range[1].cats.word, range[1].cats.nr;
  assigns FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> bitset_kept(&range[0].cats, r->arena);
  ensures !r->failed ==> bitset_kept(&range[1].cats, r->arena);
  ensures !r->failed && range[0].cats.nr != 0 ==> born(\base_addr(range[0].cats.word)) >= \old(given(r->arena));
  ensures !r->failed && range[1].cats.nr != 0 ==> born(\base_addr(range[1].cats.word)) >= \old(given(r->arena));
  ensures \forall struct bitset *o; \old(set_older(o, r)) && \old(beside_range(o, range)) ==> bitset_kept(o, r->arena);
*/
void policy_read_range(struct reader *r, struct level range[2]);
/*@
  requires reader_ok(r) && \valid(l) && \separated(l, r, r->arena) && older(l, r->arena);
  assigns TAKES(r), l->sens, l->cats.word, l->cats.nr, FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures bitset_kept(&l->cats, r->arena);
  ensures l->cats.nr != 0 ==> born(\base_addr(l->cats.word)) >= \old(given(r->arena)) && l->cats.word[l->cats.nr - 1].start < POLICY_MAX_CATEGORIES;
*/
void policy_read_level(struct reader *r, struct level *l);

/* rules.c */
/*@
  requires reader_ok(r) && \valid(t) && inside(t, r->arena) && nr_types <= 65535;
  requires !r->failed ==> t->nr <= 0x80000000 && \valid(t->rule + (0 .. t->nr - 1));
  requires !r->failed ==> born(\base_addr(t)) < born(\base_addr(t->rule)) < given(r->arena);
  assigns TAKES(r), t->source_start, t->rule[0 .. t->nr - 1], FRESH(uint32_t, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> rule_table_ok(t, nr_types);
  ensures !r->failed ==> born(\base_addr(t->rule)) < \old(given(r->arena)) <= born(\base_addr(t->source_start)) < given(r->arena);
*/
void rule_table_finish(struct reader *r, struct rule_table *t, uint32_t nr_types, bool unique);
/* `source` is a type. All rules of one (source, target), in order of class; *nr of them. */
/*@
  requires table_wp: rule_table_ok(t, source);
  requires \valid(nr);
  assigns *nr;
  ensures \valid_read(\result + (0 .. *nr - 1));
*/
const struct rule *rule_table_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t *nr);
/*@
  requires table_wp: rule_table_ok(t, source);
  assigns \nothing;
  ensures \result != \null ==> \valid_read(\result);
*/
const struct rule *rule_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t class, enum rule_kind kind);

/* permissions.c */
/*@
  // At most as many permissions as a vector has bits: read_perms() refuses more.
  predicate class_ok{L}(struct policy_class *c) = \valid_read(c) && symtab_ok(&c->perms) && c->perms.nprim <= POLICY_MAX_PERMS &&
    (c->common != \null ==> symtab_ok(c->common) && c->common->nprim <= POLICY_MAX_PERMS);
*/
/*@
  requires \valid_read(p) && 1 <= class && class_ok(&p->class[class - 1]) && text(perm);
  assigns \nothing;
*/
uint32_t policy_perm_bit(const struct policy *p, uint32_t class, const char *perm);	/* 0: no such permission */
void policy_map_permissions(struct policy *p);

/* mls.c */
/*@ requires level_ok(a) && level_ok(b); assigns \nothing; */
bool level_equal(const struct level *a, const struct level *b);
/*@ requires level_ok(a) && level_ok(b); assigns \nothing; */
bool level_dominates(const struct level *a, const struct level *b);
/*@ requires level_ok(outer) && level_ok(outer + 1) && level_ok(inner) && level_ok(inner + 1); assigns \nothing; */
bool range_contains(const struct level outer[2], const struct level inner[2]);
/*@
  requires \valid_read(p) && names_ok(&p->levels) && levels_read(p) && users_read(p) && \valid_read(c) && level_ok(&c->level[0]) && level_ok(&c->level[1]);
  requires c->role != POLICY_ROLE_OBJECT ==> 1 <= c->user <= p->users.nprim;
  assigns \nothing;
  ensures \result && p->mls ==> 1 <= c->level[0].sens <= p->levels.nprim && 1 <= c->level[1].sens <= p->levels.nprim;
*/
bool policy_range_valid(const struct policy *p, const struct context *c);

/* context.c */
/*@
  requires whole_wp: names_read(p) && roles_read(p) && users_read(p) && levels_read(p) && \valid_read(c) && level_ok(&c->level[0]) && level_ok(&c->level[1]);
  assigns \nothing;
  ensures \result ==> 1 <= c->user <= p->users.nprim && 1 <= c->role <= p->roles.nprim && 1 <= c->type <= p->types.nprim;
*/
bool policy_context_valid(const struct policy *p, const struct context *c);
/*@
  requires \valid_read(a) && \valid_read(b) && level_ok(&a->level[0]) && level_ok(&a->level[1]) && level_ok(&b->level[0]) && level_ok(&b->level[1]);
  assigns \nothing;
*/
bool context_equal(const struct context *a, const struct context *b);
/* Writes at most size bytes, terminated; returns the bytes needed with the terminator. */
size_t policy_context_print(const struct policy *p, const struct context *c, char *buf, size_t size);
/* A context under construction: its bitmaps point to its own words. */
struct context_draft {
	struct context c;
	struct bitset_word words[2][POLICY_MAX_CATEGORIES / 64];
};
/*@
  // Nothing of a table, of a policy, lies in the object that q points into.
  predicate symtab_away{L}(struct symtab *t, void *q) = apart(q, t) && apart(q, t->symbol) && apart(q, t->bucket) && apart(q, t->name_of);
  predicate policy_away{L}(struct policy *p, void *q) = apart(q, p) && apart(q, p->type) && apart(q, p->role) && apart(q, p->user) && apart(q, p->sens_cats) &&
    symtab_away(&p->users, q) && symtab_away(&p->roles, q) && symtab_away(&p->types, q) && symtab_away(&p->levels, q) && symtab_away(&p->cats, q) &&
    (\forall integer i; 0 <= i < p->roles.nprim ==> apart(q, p->role[i].types.word) && apart(q, p->role[i].dominates.word)) &&
    (\forall integer i; 0 <= i < p->users.nprim ==> apart(q, p->user[i].roles.word)) &&
    (\forall integer i; 0 <= i < p->users.nprim ==> apart(q, p->user[i].range[0].cats.word) && apart(q, p->user[i].range[1].cats.word)) &&
    (\forall integer i; 0 <= i < p->levels.nprim ==> apart(q, p->sens_cats[i].word));
  // What has names, as a label's parts are looked up by.
  predicate symtabs_read{L}(struct policy *p) = \valid_read(p) && p->cats.nprim <= POLICY_MAX_CATEGORIES &&
    symtab_ok(&p->users) && symtab_ok(&p->roles) && symtab_ok(&p->types) && symtab_ok(&p->levels) && symtab_ok(&p->cats);
*/
/*@
  requires symtabs_read(p) && names_read(p) && roles_read(p) && users_read(p) && levels_read(p) && readable(text, len);
  requires \valid(d) && policy_away(p, d);
  assigns *d;
  ensures \result ==> 1 <= d->c.user <= p->users.nprim && 1 <= d->c.role <= p->roles.nprim && 1 <= d->c.type <= p->types.nprim;
  ensures \result ==> bitset_ok(&d->c.level[0].cats) && bitset_ok(&d->c.level[1].cats);
  ensures \result ==> d->c.level[0].cats.nr <= POLICY_MAX_CATEGORIES / 64 && d->c.level[1].cats.nr <= POLICY_MAX_CATEGORIES / 64;
*/
bool policy_context_parse(const struct policy *p, const char *text, size_t len, struct context_draft *d);
struct context *context_keep(const struct context *c, struct arena *a);	/* NULL: no memory */

/* constraint.c */
/*@ requires constraint_read(c); assigns \nothing; ensures \result ==> constraint_ok(c); */
bool constraint_valid(const struct constraint *c, bool validatetrans);
/*@
  requires whole_wp: constraint_ok(c) && roles_ok(p) && context_ok(s, p->roles.nprim) && context_ok(t, p->roles.nprim) &&
    \forall integer i; 0 <= i < c->nr && c->expr[i].kind == 5 ==> bitset_ok(&c->expr[i].names);
  assigns \nothing;
*/
bool constraint_holds(const struct policy *p, const struct constraint *c, const struct context *s, const struct context *t);

/* decide.c */
void policy_compute_class(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, struct access *a);
void policy_compute_vector(const struct policy *p, const struct context *s, const struct context *t, bool oneself, struct flask_vector *v);

/* transition.c: by rules of that kind (transition, member, change); 0, or -XEN_EACCES if the label that would result is not valid. */
int __must_check policy_derive(const struct policy *p, const struct context *s, const struct context *t, uint32_t class, enum rule_kind kind,
			       struct context_draft *d);

#endif
