/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy as secilc and checkpolicy write it for target `xen`, versions 24 to 33: whole, or not at all.
 * Locking: none. Trust: every byte is hostile; time is linear in the file but for sorting, memory is bounded by POLICY_MEMORY_FACTOR.
 */
#include <hv/mm.h>
#include <hv/sha256.h>
#include <hv/string.h>

#include "policydb.h"
#include "vectors.h"

#define POLICY_MAGIC 0xf97cff8cu
#define POLICY_MIN_VERSION 24u
#define POLICY_MAX_VERSION 33u
#define VERSION_XEN_DEVICETREE 30u
#define CONFIG_MLS 1u
#define SYMBOL_TABLES 8u
#define POLICY_MAX_BYTES (64u << 20)
#define POLICY_MEMORY_BASE (8u << 20)
#define POLICY_MEMORY_FACTOR 16u

static const char target[] = "XenFlask";

/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(char, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void read_target(struct reader *r)
{
	uint32_t len;

	/*@ ghost of_stack((void *)target); */
	/*@ assert ends((char *)target, 8); */
	reader_require(r, read_u32(r) == POLICY_MAGIC, "not a policy");
	len = read_u32(r);
	reader_require(r, len == sizeof(target) - 1 && strcmp(read_name(r, len), target) == 0, "a policy for something else than Xen");
}

/*@
  requires reader_ok(r) && \valid(p) && apart(r, p) && apart(r->arena, p);
  assigns READS(r), p->version, p->mls;
  ensures reader_read{Pre,Here}(r);
  ensures !r->failed ==> POLICY_MIN_VERSION <= p->version <= POLICY_MAX_VERSION;
*/
static void read_config(struct reader *r, struct policy *p)
{
	uint32_t symbols, labels;

	p->version = read_u32(r);
	reader_require(r, p->version >= POLICY_MIN_VERSION && p->version <= POLICY_MAX_VERSION, "a version that is not supported");
	p->mls = read_u32(r) & CONFIG_MLS;
	symbols = read_u32(r);
	labels = read_u32(r);
	reader_require(r, symbols == SYMBOL_TABLES && labels == (p->version >= VERSION_XEN_DEVICETREE ? 6u : 5u), "a strange number of tables");
}

/* What the policy expects of who enforces it: Linux's business. */
/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
*/
static void skip_capabilities(struct reader *r)
{
	struct bitset unused;

	/*@ ghost of_stack(&unused); */
	bitset_read(r, &unused, POLICY_MAX_VALUES);
}

/*@
  requires reader_ok(r) && \valid(p) && inside(p, r->arena);
  assigns TAKES(r), p->version, p->mls, p->permissive.word, p->permissive.nr, FRESH(char, r->arena), FRESH(struct bitset_word, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures !r->failed ==> POLICY_MIN_VERSION <= p->version <= POLICY_MAX_VERSION;
  ensures !r->failed ==> bitset_kept(&p->permissive, r->arena);
*/
static void read_header(struct reader *r, struct policy *p)
{
	/*@ assert apart(r, p) && apart(r->arena, p); */
	read_target(r);
	/*@ assert reader_step{Pre,Here}(r); */
	read_config(r, p);
	/*@ assert reader_step{Pre,Here}(r); */
	skip_capabilities(r);
	/*@ assert reader_step{Pre,Here}(r); */
	/*@ assert !r->failed ==> POLICY_MIN_VERSION <= p->version <= POLICY_MAX_VERSION; */
	bitset_read(r, &p->permissive, POLICY_MAX_VALUES + 1);
}

static void find_process_class(struct policy *p)
{
	p->process_class = symtab_find(&p->classes, "domain", strlen("domain"));
	if (p->process_class)
		p->process_transition = policy_perm_bit(p, p->process_class, "transition") |
			policy_perm_bit(p, p->process_class, "dyntransition");
}

/* The order of the file. Each reader does nothing once one has failed. */
static void (*const sections[])(struct reader *r, struct policy *p) = {
	read_header,
	policy_read_commons, policy_read_classes, policy_read_roles, policy_read_types,
	policy_read_users, policy_read_bools, policy_read_levels, policy_read_cats,
	policy_check_symbols, policy_check_classes,
	policy_read_rules, policy_read_conditionals, policy_read_role_rules, policy_read_filename_transitions,
	policy_read_object_contexts, policy_read_genfs, policy_read_range_transitions, policy_read_type_attributes,
};

/* Xen before 4.17 had no `xenboot`: twelve labels, each of a number one lower. They carry no names, so their count tells. */
/*@
  requires \valid(p);
  assigns p->initial[2 .. FLASK_INITIAL_SIDS];
*/
static void renumber_old_sids(struct policy *p)
{
	if (p->initial[FLASK_INITIAL_SIDS] || !p->initial[FLASK_INITIAL_SIDS - 1])
		return;
	/*@ loop invariant 1 <= i <= FLASK_INITIAL_SIDS; loop assigns i, p->initial[2 .. FLASK_INITIAL_SIDS]; loop variant i; */
	for (unsigned int i = FLASK_INITIAL_SIDS; i > 1; i--)
		p->initial[i] = p->initial[i - 1];
}

/*@
  requires reader_ok(r) && \valid(p) && apart(r, p);
  assigns FAILS(r), r->section, p->initial[2 .. FLASK_INITIAL_SIDS];
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at);
  ensures !r->failed ==> \forall integer i; 2 <= i <= 11 ==> p->initial[i] != \null;
*/
static void check_initial_sids(struct reader *r, struct policy *p)
{
	r->section = "initial SIDs";
	renumber_old_sids(p);
	/*@ assert reader_read{Pre,Here}(r); */
	/*@
	  loop invariant reader_read{Pre,Here}(r) && r->at == \at(r->at, Pre) && 1 <= i <= FLASK_INITIAL_SIDS + 1;
	  loop invariant !r->failed ==> \forall integer j; 2 <= j <= 11 && j < i ==> p->initial[j] != \null;
	  loop assigns i, FAILS(r);
	  loop variant FLASK_INITIAL_SIDS + 1 - i;
	*/
	for (unsigned int i = 1; i <= FLASK_INITIAL_SIDS && !r->failed; i++)
		reader_require(r, p->initial[i] || i == 1 || i > 11, "an initial SID has no label");
}

static void read_sections(struct reader *r, struct policy *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections) && !r->failed; i++) {
		sections[i](r, p);
		if (sections[i] == policy_check_classes && !r->failed)
			find_process_class(p);
	}
	reader_require(r, r->failed || r->at == r->len, "something follows the end of the policy");
	if (!r->failed)
		check_initial_sids(r, p);
}

/* What is needed beyond the file: permissions by name, its hash, room for decisions, and the file itself where a boolean may change. */
static void policy_finish(struct reader *r, struct policy *p, const void *bytes, size_t len)
{
	void *copy = p->bools.nr ? reader_array(r, len, 1) : NULL;

	p->before = NULL;
	policy_map_permissions(p);
	sha256(bytes, len, p->hash);
	if (copy) {
		memcpy(copy, bytes, len);
		p->bytes = copy;
		p->len = len;
	}
	p->cache = r->failed ? NULL : vector_cache_create();
	if (!p->cache) {
		r->no_memory = true;
		reader_fail(r, "not enough memory");
	}
}

int policy_read_after(const struct policy *before, uint32_t commit, const void *bytes, size_t len, struct policy **out, struct flask_error *err)
{
	struct policy *p;
	struct arena arena;
	struct reader r;

	arena_init(&arena, POLICY_MEMORY_BASE + (len < POLICY_MAX_BYTES ? len * POLICY_MEMORY_FACTOR : 0));
	reader_init(&r, bytes, len, &arena);
	reader_require(&r, len <= POLICY_MAX_BYTES, "the file is too large");
	p = reader_array(&r, 1, sizeof(*p));
	if (p) {
		p->before = before;
		p->commit = commit;
		read_sections(&r, p);
	}
	if (p && !r.failed)
		policy_finish(&r, p, bytes, len);
	if (r.failed) {
		arena_free(&arena);
		if (err)
			*err = r.error;
		return r.no_memory ? -XEN_ENOMEM : -XEN_EINVAL;
	}
	p->arena = arena;
	*out = p;
	return 0;
}

void policy_free(struct policy *p)
{
	struct arena arena = p->arena;	/* p lies in it */

	vector_cache_destroy(p->cache);
	arena_free(&arena);
}
