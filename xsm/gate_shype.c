/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype at the gate: the policy in force and one on trial, what runs behind the Chinese Wall, a change of policy.
 * Locking: wall.lock, a leaf behind domain.lock (within it: the domain table's lock, Flask's lock-free lookups), guards what runs and the list of
 * conflicts; policies are read lock-free within a pass and freed after gate_quiesce(). One change at a time: hypercall/shype_op.c.
 * Trust: policy bytes are hostile; a SID is one of the gate's.
 */
#include "authz.h"
#include "shype/shype.h"

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/internal.h>
#include <hv/shype.h>
#include <hv/string.h>

#define SECINITSID_DOM0 3u

static struct shype_policy *_Atomic active, *_Atomic trial;
static struct {
	struct spinlock lock;
	struct shype_policy *retired;
	uint32_t conflicts;
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
} wall;

static struct shype_policy *policy_of(struct shype_policy *_Atomic *which)
{
	return atomic_load_explicit(which, memory_order_acquire);
}

static sid_t domain_sid(const struct domain *d)
{
	return atomic_load_explicit(&((struct domain *)(uintptr_t)d)->label.sid, memory_order_acquire);
}

static void __printf(2, 3) reason_set(struct shype_reason *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	hv_vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

/* --- sharing ------------------------------------------------------------------------------------------------------------ */

static bool policy_shares(struct shype_policy *p, sid_t a, sid_t b)
{
	return !p || shype_share(p, shype_label_of_sid(p, a), shype_label_of_sid(p, b));
}

bool shype_may_share(sid_t a, sid_t b, struct shype_reason *why)
{
	struct shype_policy *p = policy_of(&active);

	if (policy_shares(p, a, b))
		return true;
	reason_set(why, "shype label=%s other=%s", shype_label_name(p, shype_label_of_sid(p, a)), shype_label_name(p, shype_label_of_sid(p, b)));
	return false;
}

/* wall.lock is held. Beyond the list's end the same pair may be counted more than once. */
static void conflict_note(enum ravelin_shype_conflict_kind kind, domid_t a, domid_t b)
{
	struct ravelin_shype_conflict c = { .kind = (uint16_t)kind, .a = a, .b = b };
	uint32_t listed = wall.conflicts < RAVELIN_SHYPE_CONFLICTS ? wall.conflicts : RAVELIN_SHYPE_CONFLICTS;

	for (uint32_t i = 0; i < listed; i++)
		if (memcmp(&wall.list[i], &c, sizeof(c)) == 0)
			return;
	if (listed < RAVELIN_SHYPE_CONFLICTS)
		wall.list[listed] = c;
	if (wall.conflicts < UINT32_MAX)
		wall.conflicts++;
}

/* A load may yet be refused, and must not have disturbed anybody then: what the policy on trial denies is written down, and goes on. */
void shype_note_sharing(domid_t a, sid_t sid_a, domid_t b, sid_t sid_b)
{
	if (policy_shares(policy_of(&trial), sid_a, sid_b))
		return;
	spin_lock(&wall.lock);
	conflict_note(RAVELIN_SHYPE_SHARED, a, b);
	spin_unlock(&wall.lock);
}

bool shype_may_keep(const struct domain *a, const struct domain *b)
{
	sid_t sid_a = domain_sid(a), sid_b = domain_sid(b);

	if (a == b)
		return true;
	if (!policy_shares(policy_of(&active), sid_a, sid_b))
		return false;
	shype_note_sharing(a->id, sid_a, b->id, sid_b);
	return true;
}

/* --- the Chinese Wall ----------------------------------------------------------------------------------------------------- */

/* Every domain in order of numbers; what comes and goes meanwhile may be missed, unless wall.lock is held and it runs. */
static void domains_visit(void (*visit)(struct domain *d, void *arg), void *arg)
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_lookup_next_raw(id)) != NULL; id = (domid_t)(id + 1)) {
		id = d->id;
		visit(d, arg);
		domain_put(d);
	}
}

struct beside {
	const struct shype_policy *p;
	uint16_t label;
	const struct domain *self;
	domid_t found;
	uint16_t found_label;
};

static void beside_visit(struct domain *d, void *arg)
{
	struct beside *b = arg;

	if (b->found == DOMID_INVALID && d != b->self && d->wall_sid && d->wall_label < b->p->nr_labels &&
	    shype_sets_meet(&b->p->label[b->label].against, &b->p->label[d->wall_label].wall)) {
		b->found = d->id;
		b->found_label = d->wall_label;
	}
}

/* wall.lock is held. Says who stands in the way. */
static void wall_explain(const struct shype_policy *p, uint16_t label, const struct domain *self, struct shype_reason *why)
{
	struct beside b = { .p = p, .label = label, .self = self, .found = DOMID_INVALID };

	if (label == SHYPE_NONE) {
		reason_set(why, "shype label=none");
		return;
	}
	domains_visit(beside_visit, &b);
	reason_set(why, "shype label=%s beside=%u beside-label=%s", shype_label_name(p, label), b.found, shype_label_name(p, b.found_label));
}

bool shype_may_start(sid_t sid, struct shype_reason *why)
{
	struct shype_policy *p = policy_of(&active);
	uint16_t label = p ? shype_label_of_sid(p, sid) : SHYPE_NONE;
	bool open;

	if (!p)
		return true;
	spin_lock(&wall.lock);
	open = shype_wall_open(p, label);
	if (!open)
		wall_explain(p, label, NULL, why);
	spin_unlock(&wall.lock);
	return open;
}

/* wall.lock is held. Who has a label there has it of the policy in force. */
static void wall_leave(struct domain *d)
{
	if (d->wall_sid && d->wall_label != SHYPE_NONE)
		shype_wall_leave(policy_of(&active), d->wall_label);
}

static void wall_enter(struct domain *d)
{
	if (d->wall_sid && d->wall_label != SHYPE_NONE)
		shype_wall_enter(policy_of(&active), d->wall_label);
}

/* wall.lock is held, the domain is not behind the wall. */
static bool wall_admit(struct domain *d, sid_t sid, struct shype_reason *why)
{
	struct shype_policy *p = policy_of(&active);
	uint16_t label = p ? shype_label_of_sid(p, sid) : SHYPE_NONE;

	if (p && !shype_wall_open(p, label)) {
		wall_explain(p, label, d, why);
		return false;
	}
	d->wall_sid = sid;
	d->wall_label = label;
	return true;
}

bool shype_enter(struct domain *d, sid_t sid, bool start, struct shype_reason *why)
{
	bool ok = true;

	spin_lock(&wall.lock);
	if (start == (d->wall_sid == 0)) {
		wall_leave(d);
		ok = wall_admit(d, sid, why);
		wall_enter(d);
	}
	spin_unlock(&wall.lock);
	return ok;
}

void shype_domain_boot(struct domain *d)
{
	struct shype_policy *p = policy_of(&active);

	spin_lock(&wall.lock);
	d->wall_sid = domain_sid(d);
	d->wall_label = p ? shype_label_of_sid(p, d->wall_sid) : SHYPE_NONE;
	wall_enter(d);
	spin_unlock(&wall.lock);
}

void shype_domain_gone(struct domain *d)
{
	spin_lock(&wall.lock);
	wall_leave(d);
	d->wall_sid = 0;
	spin_unlock(&wall.lock);
}

/* --- a change of policy ----------------------------------------------------------------------------------------------------- */

static void policy_record(const struct shype_policy *p)
{
	char digest[65] = "";

	hex_write(digest, p->hash, sizeof(p->hash));
	audit_event(&(struct audit_event){ .type = AUDIT_POLICY, .caller = DOMID_INVALID },
		    "ravelin: shype policy loaded name=%s labels=%u conflicts=%u sha256=%s", p->name, p->nr_labels, wall.conflicts, digest);
}

int shype_init(const void *policy, size_t len)
{
	struct flask_error err = { 0 };
	struct shype_policy *p = NULL;
	int rc = policy ? shype_read(policy, len, &p, &err) : 0;

	atomic_store(&active, NULL);
	atomic_store(&trial, NULL);
	memset(&wall, 0, sizeof(wall));
	if (rc) {
		log_err("shype policy refused at byte %zu, section %s: %s", err.offset, err.section, err.reason);
		return rc;
	}
	if (p && shype_label_of_sid(p, flask_initial_sid(SECINITSID_DOM0)) == SHYPE_NONE) {
		log_err("shype policy %s refused: it has no label for the control domain", p->name);
		shype_free(p);
		return -XEN_EINVAL;
	}
	atomic_store(&active, p);
	if (p)
		log_info("shype: policy %s: %u labels", p->name, p->nr_labels);
	return 0;
}

int shype_load_begin(const void *policy, size_t len, struct flask_error *err)
{
	struct shype_policy *p;
	int rc = shype_read(policy, len, &p, err);

	if (rc)
		return rc;
	spin_lock(&wall.lock);
	wall.conflicts = 0;
	spin_unlock(&wall.lock);
	atomic_store_explicit(&trial, p, memory_order_release);
	return 0;
}

struct trial {
	struct shype_policy *p;
	bool impossible;	/* the control domain would have to stop */
};

/* Who has the lower number stays. */
static void judge_visit(struct domain *d, void *arg)
{
	struct trial *t = arg;
	uint16_t label;

	d->wall_next = SHYPE_NONE;
	if (!d->wall_sid)
		return;
	label = shype_label_of_sid(t->p, d->wall_sid);
	if (shype_wall_open(t->p, label)) {
		d->wall_next = label;
		shype_wall_enter(t->p, label);
		return;
	}
	conflict_note(label == SHYPE_NONE ? RAVELIN_SHYPE_NO_LABEL : RAVELIN_SHYPE_WALL, d->id, DOMID_INVALID);
	t->impossible |= d->is_control;
}

static void adopt_visit(struct domain *d, void *arg)
{
	(void)arg;
	d->wall_label = d->wall_next;
	if (d->wall_sid && d->wall_label == SHYPE_NONE) {
		d->wall_sid = 0;
		d->wall_hold = true;
	}
}

/* Paused as by a toolstack: an unpause asks the wall again. Between the judgement and this it cannot come back: who stays is counted. */
static void hold_visit(struct domain *d, void *arg)
{
	bool held;

	(void)arg;
	spin_lock(&d->lock);
	held = d->wall_hold;
	d->wall_hold = false;
	if (held) {
		d->controller_pauses++;
		domain_pause(d);
	}
	spin_unlock(&d->lock);
	if (held)
		audit_event(&(struct audit_event){ .type = AUDIT_REVOKED, .caller = DOMID_INVALID, .tsid = domain_sid(d) },
			    "ravelin: shype wall paused domid=%u", d->id);
}

/* wall.lock is held. */
static int trial_judge(struct shype_policy *p, bool revoke)
{
	struct trial t = { .p = p };

	domains_visit(judge_visit, &t);
	if (t.impossible)
		return -XEN_EINVAL;
	return wall.conflicts && !revoke ? -XEN_EBUSY : 0;
}

int shype_load_decide(bool revoke)
{
	struct shype_policy *p = policy_of(&trial);
	int rc;

	spin_lock(&wall.lock);
	rc = trial_judge(p, revoke);
	if (rc == 0) {
		wall.retired = policy_of(&active);
		domains_visit(adopt_visit, NULL);
		atomic_store_explicit(&active, p, memory_order_release);
	} else {
		wall.retired = p;
	}
	atomic_store_explicit(&trial, NULL, memory_order_release);
	spin_unlock(&wall.lock);
	if (rc == 0) {
		domains_visit(hold_visit, NULL);
		policy_record(p);
	} else {
		audit_event(&(struct audit_event){ .type = AUDIT_POLICY, .caller = DOMID_INVALID },
			    "ravelin: shype policy refused name=%s conflicts=%u", p->name, wall.conflicts);
	}
	return rc;
}

void shype_load_reclaim(void)
{
	shype_free(wall.retired);
	wall.retired = NULL;
}

uint32_t shype_conflicts(const struct ravelin_shype_conflict **list)
{
	*list = wall.list;
	return wall.conflicts;
}

/* --- questions of the tools ---------------------------------------------------------------------------------------------- */

void shype_state(struct ravelin_shype_state *s)
{
	const struct shype_policy *p = policy_of(&active);

	memset(s, 0, sizeof(*s));
	if (!p)
		return;
	memcpy(s->sha256, p->hash, sizeof(s->sha256));
	memcpy(s->name, p->name, sizeof(s->name));
	s->loaded = 1;
	s->labels = p->nr_labels;
}

static void label_tell(const struct shype_policy *p, uint16_t label, char name[RAVELIN_SHYPE_NAME])
{
	memset(name, 0, RAVELIN_SHYPE_NAME);
	if (label != SHYPE_NONE)
		memcpy(name, p->label[label].name, RAVELIN_SHYPE_NAME);
}

/* One end of the question. */
static bool ask_label(struct shype_policy *p, sid_t sid, char name[RAVELIN_SHYPE_NAME], uint16_t *label)
{
	name[RAVELIN_SHYPE_NAME - 1] = '\0';
	if (!sid) {
		*label = shype_label_by_name(p, name);
		return *label != SHYPE_NONE;
	}
	*label = shype_label_of_sid(p, sid);
	label_tell(p, *label, name);
	return flask_sid_valid(sid);
}

int shype_ask(struct ravelin_shype_ask *q)
{
	struct shype_policy *p = policy_of(&active);
	uint16_t label[2];

	if (!p)
		return -XEN_ENOENT;
	for (unsigned int i = 0; i < 2; i++)
		if (!ask_label(p, q->sid[i], q->label[i], &label[i]))
			return -XEN_EINVAL;
	q->share = shype_share(p, label[0], label[1]);
	q->wall = label[0] == SHYPE_NONE || label[1] == SHYPE_NONE || shype_sets_meet(&p->label[label[0]].against, &p->label[label[1]].wall);
	return 0;
}

/* Each with each. said: the pair that is refused. */
static bool labels_share(const struct shype_policy *p, const uint16_t a[2], const uint16_t b[2], uint16_t said[2])
{
	for (unsigned int i = 0; i < 4; i++) {
		said[0] = a[i & 1];
		said[1] = b[i >> 1];
		if (!shype_share(p, said[0], said[1]))
			return false;
	}
	return true;
}

/* Under what it is built, and under what it will run. */
static void labels_of(struct shype_policy *p, struct domain *d, uint16_t label[2])
{
	spin_lock(&d->lock);
	label[0] = shype_label_of_sid(p, d->label.run_sid);
	label[1] = shype_label_of_sid(p, domain_sid(d));
	spin_unlock(&d->lock);
}

int shype_attach(struct authz *az, struct domain *d, struct domain *with, struct ravelin_shype_attach *q)
{
	struct shype_policy *p = policy_of(&active);
	uint16_t own[2], other[2], said[2];
	struct shype_reason why;

	if (!p)
		return -XEN_ENOENT;
	q->label[RAVELIN_SHYPE_NAME - 1] = '\0';
	other[0] = other[1] = with ? SHYPE_NONE : shype_label_by_name(p, q->label);
	if (with)
		labels_of(p, with, other);
	else if (other[0] == SHYPE_NONE)
		return -XEN_EINVAL;
	labels_of(p, d, own);
	q->share = labels_share(p, own, other, said);
	label_tell(p, said[0], q->own);
	label_tell(p, said[1], q->label);
	if (q->share)
		return 0;
	reason_set(&why, "shype label=%s other=%s", shype_label_name(p, said[0]), shype_label_name(p, said[1]));
	if (with)
		authz_note(az, "with", with->id);
	q->share = gate_shype_refuse(az, gate_source(az->self), gate_object_of(az->self, d), PERM_shype__attach, &why) == 0;	/* never */
	return 0;
}
