/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's face (hv/flask.h): the policy in force, loading another, asking.
 * Locking: `active` is read lock-free within a pass; loading holds `load_lock` (tried, never waited for) and publishes under the SID table's lock.
 * Trust: policy bytes and context strings are hostile; SIDs come from the gate.
 */
#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/options.h>
#include <hv/string.h>

#include "engine.h"
#include "policydb.h"
#include "sidtab.h"
#include "vectors.h"

#define CONTEXT_MAX 8192u	/* characters of a context */
#define RECENT 8u

static struct policy *_Atomic active;
static struct policy *retired;		/* replaced, maybe still in use; load_lock */
static struct spinlock load_lock;
static _Atomic bool enforcing = true;
static _Atomic uint32_t seqno;
static struct context_draft load_draft;	/* load_lock */

/* Decisions that did not fit into the cache's budget: each CPU remembers its last few. */
static struct recent {
	struct flask_cache_stats stats;		/* what this CPU asked */
	uint32_t seqno, next;
	sid_t source[RECENT], target[RECENT];
	struct flask_vector vector[RECENT];
} recent[MAX_CPUS];

static const struct flask_vector deny_all;	/* before the first policy */

/* NULL before the first: there are no domains then, and no hypercalls. */
struct policy *policy_in_force(void)
{
	return atomic_load_explicit(&active, memory_order_acquire);
}

/* --- decisions -------------------------------------------------------------------------------------------------------- */

/*
 * Does the source ask about itself: the label it has as its own target, or the hypervisor's answers about it. Under a policy that gives it no
 * such label, its own: twins cannot be told apart there.
 */
static bool is_oneself(const struct policy *p, sid_t source, sid_t target)
{
	const struct context *s = sid_context(p, source), *t = sid_context(p, target);
	const struct rule *self = NULL;
	struct context own = *s;

	if (target == SID_XEN)
		return true;
	if (p->process_class)
		self = rule_find(&p->rules, s->type, s->type, p->process_class, RULE_TRANSITION);
	if (self)
		own.type = self->data;
	return context_equal(&own, t);
}

static const struct flask_vector *recent_vector(struct policy *p, sid_t source, sid_t target, const struct flask_vector *computed)
{
	struct recent *mine = &recent[edge_cpu_id()];
	uint32_t at;

	if (mine->seqno != p->seqno) {
		memset(mine->source, 0, sizeof(mine->source));	/* no label has number 0 */
		mine->seqno = p->seqno;
	}
	for (at = 0; !computed && at < RECENT; at++)
		if (mine->source[at] == source && mine->target[at] == target)
			return &mine->vector[at];
	if (!computed)
		return NULL;
	at = mine->next;
	mine->stats.reclaims += mine->source[at] != 0;
	mine->next = (at + 1) % RECENT;
	mine->source[at] = source;
	mine->target[at] = target;
	mine->vector[at] = *computed;
	return &mine->vector[at];
}

/* First time that this pair is met under this policy, or no room for it. */
static const struct flask_vector *vector_missed(struct policy *p, sid_t source, sid_t target)
{
	const struct flask_vector *kept = recent_vector(p, source, target, NULL);
	struct flask_cache_stats *stats = &recent[edge_cpu_id()].stats;
	struct flask_vector v;

	if (kept)
		return kept;
	stats->misses++;
	stats->allocations++;
	policy_compute_vector(p, sid_context(p, source), sid_context(p, target), is_oneself(p, source, target), &v);
	kept = vector_cache_add(p->cache, source, target, &v);
	return kept ? kept : recent_vector(p, source, target, &v);
}

/* Only labels that mean something under this policy have an entry. */
const struct flask_vector *flask_vector_kept(sid_t source, sid_t target)
{
	struct policy *p = policy_in_force();

	if (!p || source >= FLASK_MAX_SIDS || target >= FLASK_MAX_SIDS)
		return NULL;
	recent[edge_cpu_id()].stats.lookups++;
	return vector_cache_find(p->cache, source, target);
}

static __slow const struct flask_vector *vector_not_kept(sid_t source, sid_t target)
{
	struct policy *p = policy_in_force();
	const struct flask_vector *v;

	if (!p)
		return &deny_all;
	source = sid_normal(p, source);
	target = sid_normal(p, target);
	v = vector_cache_find(p->cache, source, target);
	return v ? v : vector_missed(p, source, target);
}

const struct flask_vector *flask_vector(sid_t source, sid_t target)
{
	const struct flask_vector *v = flask_vector_kept(source, target);

	return v ? v : vector_not_kept(source, target);
}

/* Another CPU's may be a little old. What a policy load frees is counted for nobody: it is everything. */
void flask_cache_stats(unsigned int cpu, struct flask_cache_stats *out)
{
	*out = recent[cpu].stats;
}

void flask_cache_size(uint32_t *pairs, uint32_t *sources)
{
	vector_cache_size(policy_in_force()->cache, pairs, sources);
}

int flask_access(sid_t s, sid_t t, uint16_t policy_class, uint32_t *allowed, uint32_t *auditallow, uint32_t *auditdeny, uint32_t *seq)
{
	const struct policy *p = policy_in_force();
	struct access a;

	if (!symtab_name(&p->classes, policy_class))
		return -XEN_EINVAL;
	policy_compute_class(p, sid_context(p, s), sid_context(p, t), policy_class, &a);
	*allowed = a.allowed;
	*auditallow = a.auditallow;
	*auditdeny = a.auditdeny;
	*seq = p->seqno;
	return 0;
}

/* --- the policy in force ------------------------------------------------------------------------------------------------ */

bool flask_enforcing(void)
{
	return atomic_load_explicit(&enforcing, memory_order_acquire);
}

/* A policy may be made permissive if it says so: by granting setenforce to the control domain. */
static bool policy_grants_permissive(void)
{
	return flask_allowed(flask_vector(SID_DOM0, SID_SECURITY), PERM_security__setenforce);
}

int flask_set_enforcing(bool on)
{
	if (!on && (options.flask_locked || !policy_grants_permissive()))
		return -XEN_EPERM;
	if (on != flask_enforcing())
		log_warn("flask: %s\n", on ? "enforcing" : "PERMISSIVE: denials are logged and not enforced");
	atomic_store_explicit(&enforcing, on, memory_order_release);
	return 0;
}

uint32_t flask_seqno(void)
{
	return atomic_load_explicit(&seqno, memory_order_acquire);
}

uint32_t flask_fallback_count(void)
{
	const struct policy *p = policy_in_force();

	return p ? p->fallbacks : 0;
}

void flask_hash(uint8_t digest[32])
{
	const struct policy *p = policy_in_force();

	if (p)
		memcpy(digest, p->hash, sizeof(p->hash));
	else
		memset(digest, 0, sizeof(p->hash));
}

static void publish(struct policy *p)
{
	uint32_t done = sidtab_count();

	/* Most of the work without the lock; what was added meanwhile, under it. */
	sidtab_translate(p, 1, done, &load_draft);
	sidtab_lock();
	sidtab_translate(p, done + 1, sidtab_count(), &load_draft);
	p->seqno = flask_seqno() + 1;
	retired = policy_in_force();
	atomic_store_explicit(&active, p, memory_order_release);
	atomic_store_explicit(&seqno, p->seqno, memory_order_release);
	sidtab_unlock();
	if (!flask_enforcing() && !policy_grants_permissive())
		atomic_store_explicit(&enforcing, true, memory_order_release);
}

static int load_locked(uint32_t commit, const void *bytes, size_t len, struct flask_error *err)
{
	struct policy *p;
	int rc;

	if (retired)
		return -XEN_EBUSY;
	rc = policy_read_after(policy_in_force(), commit, bytes, len, &p, err);
	if (rc)
		return rc;
	publish(p);
	log_info("flask: policy %u: version %u, %u types, %u classes, %u rules, %u permissions answered by ancestors\n", p->seqno,
		 p->version, p->types.nprim, p->classes.nprim, p->rules.nr + p->conditional.nr, p->fallbacks);
	return 0;
}

int flask_replace(uint32_t commit, const void *bytes, size_t len, struct flask_error *err)
{
	int rc;

	*err = (struct flask_error){ .section = "load", .reason = "another load is under way" };
	if (options.flask_locked && policy_in_force()) {
		err->reason = "the policy is locked until reboot";
		return -XEN_EPERM;
	}
	if (!spin_trylock(&load_lock))
		return -XEN_EBUSY;
	rc = load_locked(commit, bytes, len, err);
	spin_unlock(&load_lock);
	return rc;
}

int flask_load(const void *bytes, size_t len, struct flask_error *err)
{
	return flask_replace(BOOLS_LOAD, bytes, len, err);
}

/* Nothing before the first load counts (the hosted machine has many a first load); seqno goes on, so that no CPU's recent decisions match. */
int flask_init(const void *bytes, size_t len, struct flask_error *err)
{
	atomic_store(&active, NULL);
	retired = NULL;
	sidtab_init();
	objects_init();
	return flask_load(bytes, len, err);
}

void flask_reclaim(void)
{
	struct policy *old;

	if (!spin_trylock(&load_lock))
		return;		/* a load under way found nothing retired: there is nothing to free */
	old = retired;
	retired = NULL;
	spin_unlock(&load_lock);
	if (old)
		policy_free(old);
}

/* --- labels -------------------------------------------------------------------------------------------------------------- */

int flask_context_to_sid(const char *ctx, size_t len, sid_t *sid)
{
	struct policy *p;
	int rc = -XEN_EINVAL;

	if (len == 0 || len > CONTEXT_MAX)
		return -XEN_EINVAL;
	sidtab_lock();
	p = policy_in_force();
	if (p && policy_context_parse(p, ctx, len, sidtab_draft()))
		rc = sidtab_intern(p, &sidtab_draft()->c, sid);
	sidtab_unlock();
	return rc;
}

bool flask_sid_valid(sid_t sid)
{
	return sid > 0 && sid <= sidtab_count();
}

int flask_sid_to_context(sid_t sid, char *buf, size_t size, size_t *needed)
{
	const struct policy *p = policy_in_force();

	if (!p || !flask_sid_valid(sid))
		return -XEN_EINVAL;
	*needed = policy_context_print(p, sid_context(p, sid), buf, size);
	return *needed <= size ? 0 : -XEN_ERANGE;
}

/* sidtab_lock is held. */
static int derive_locked(struct policy *p, sid_t source, sid_t target, uint32_t class, enum rule_kind kind, sid_t *out)
{
	int rc = policy_derive(p, sid_context(p, source), sid_context(p, target), class, kind, sidtab_draft());

	return rc ? rc : sidtab_intern(p, &sidtab_draft()->c, out);
}

int flask_derive(sid_t source, sid_t target, uint16_t policy_class, enum flask_derive how, sid_t *out)
{
	static const enum rule_kind kinds[] = {
		[FLASK_DERIVE_CREATE] = RULE_TRANSITION, [FLASK_DERIVE_MEMBER] = RULE_MEMBER, [FLASK_DERIVE_RELABEL] = RULE_CHANGE,
	};
	struct policy *p;
	int rc = -XEN_EINVAL;

	sidtab_lock();
	p = policy_in_force();
	if (symtab_name(&p->classes, policy_class))
		rc = derive_locked(p, source, target, policy_class, kinds[how], out);
	sidtab_unlock();
	return rc;
}

int flask_transition(sid_t source, sid_t target, const char *class_name, sid_t *out)
{
	struct policy *p;
	uint32_t class;
	int rc;

	sidtab_lock();
	p = policy_in_force();
	class = p ? symtab_find(&p->classes, class_name, strlen(class_name)) : 0;
	if (!class) {
		*out = strcmp(class_name, "domain") == 0 ? source : target;
		rc = 0;
	} else {
		rc = derive_locked(p, source, target, class, RULE_TRANSITION, out);
	}
	sidtab_unlock();
	return rc;
}

bool flask_has_transition(sid_t source, sid_t target, const char *class_name)
{
	const struct policy *p = policy_in_force();
	uint32_t class = p ? symtab_find(&p->classes, class_name, strlen(class_name)) : 0;
	uint32_t s, t;

	if (!class)
		return false;
	s = sid_context(p, source)->type;
	t = sid_context(p, target)->type;
	return rule_find(&p->rules, s, t, class, RULE_TRANSITION) || rule_find(&p->conditional, s, t, class, RULE_TRANSITION);
}

sid_t flask_initial_sid(unsigned int number)
{
	return number > 0 && number <= FLASK_INITIAL_SIDS ? number : SID_UNLABELED;
}
