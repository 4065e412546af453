/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of domains: at creation, at the first unpause, and by FLASK_RELABEL_DOMAIN; and waiting
 * until nobody decides by old tables any more.
 * Locking: domain.lock around a change of label.
 * Trust: SIDs are the caller's choice and looked up before use.
 */
#include "authz.h"

#include <hv/audit.h>
#include <hv/cpu.h>
#include <hv/flask.h>
#include <hv/sweep.h>
#include <hv/internal.h>
#include <hv/shype.h>

/*@
  // The caller may create a domain of this label.
  predicate creates{L}(struct authz *az, integer label) =
    decided(az->self->id, label_of(az->self), DOMID_INVALID, label, PERM_domain__create, PERM_INVALID);
  // The caller may give d this label: of oneself one permission stands for both ends.
  predicate relabels{L}(struct authz *az, struct domain *d, integer label) = (d == az->self ?
    decided(az->self->id, label_of(az->self), d->id, label, PERM_domain2__relabelself, PERM_INVALID) :
    decided(az->self->id, label_of(az->self), d->id, label_of(d), PERM_domain2__relabelfrom, PERM_INVALID) &&
    decided(az->self->id, label_of(az->self), d->id, label, PERM_domain2__relabelto, PERM_INVALID)) &&
    decided(d->id, label_of(d), d->id, label, PERM_domain__transition, PERM_INVALID);
*/
/*@ assigns \nothing; ensures \result.id == DOMID_INVALID && \result.sid == sid; */
static struct gate_object label_object(sid_t sid)
{
	return (struct gate_object){ DOMID_INVALID, sid };
}

/* For who would find out at the start: nothing is reserved by it. */
/*@ requires pass(az); assigns az->note; ensures may_start(sid) ? \result == 0 : \result == -az->op->denied; */
static int label_may_start(struct authz *az, sid_t sid)
{
	struct shype_reason why;

	return shype_may_start(sid, &why) ? 0 : gate_shype_refuse(az, gate_source(az->self), label_object(sid), PERM_domain__create, &why);
}

/*@
  requires pass(az) && \valid(build) && \valid(run) && \separated(build, run, az, az->self);
  assigns az->note, *build, *run;
  ensures \result == 0 ==> *run == ssidref && creates(az, ssidref) && may_start(ssidref);
  ensures \result == 0 ==> *build == ssidref || (transition(label_of(az->self), ssidref, *build) && creates(az, *build));
*/
int gate_create_label(struct authz *az, sid_t ssidref, sid_t *build, sid_t *run)
{
	struct gate_object caller = gate_source(az->self);
	sid_t sid = ssidref;
	int rc;

	if (!flask_sid_valid(ssidref))
		return -XEN_EINVAL;
	rc = gate_decide(az, caller, label_object(ssidref), PERM_domain__create);
	if (rc)
		return rc;
	if (flask_has_transition(caller.sid, ssidref, "domain_build")) {
		rc = flask_transition(caller.sid, ssidref, "domain_build", &sid);
		if (rc == 0)
			rc = gate_decide(az, caller, label_object(sid), PERM_domain__create);
		if (rc)
			return rc;
	}
	*build = sid;
	*run = ssidref;
	return label_may_start(az, ssidref);
}

/* The questions of a relabel, as Xen asks them: of oneself, one permission stands for both ends. */
/*@ requires pass(az) && domain(d); assigns az->note; ensures relabels(az, d, sid) ? \result == 0 : \result == -az->op->denied; */
static int label_change_allowed(struct authz *az, const struct domain *d, sid_t sid)
{
	struct gate_object caller = gate_source(az->self);
	struct gate_object old = gate_source(d);
	struct gate_object new = { d->id, sid };
	int rc;

	if (d == az->self) {
		rc = gate_decide(az, caller, new, PERM_domain2__relabelself);
	} else {
		rc = gate_decide(az, caller, old, PERM_domain2__relabelfrom);
		if (rc == 0)
			rc = gate_decide(az, caller, new, PERM_domain2__relabelto);
	}
	if (rc == 0)
		rc = gate_decide(az, old, new, PERM_domain__transition);
	return rc;
}

/* Under domain.lock. The Chinese Wall's part of a start, and of a relabel of what runs. */
/*@ requires pass(az) && domain(d); assigns az->note, d->wall_sid, d->wall_label, d->wall_next; ensures \result == 0 || \result == -az->op->denied; */
static int label_enter(struct authz *az, struct domain *d, sid_t sid, bool start)
{
	struct gate_object target = { d->id, sid };
	enum perm p = start ? PERM_domain_build__start : PERM_domain2__relabelto;
	struct shype_reason why;

	return shype_enter(d, sid, start, &why) ? 0 : gate_shype_refuse(az, gate_source(az->self), target, p, &why);
}

/* Under domain.lock. What the old label allowed is gone only after gate_settle_label(). */
/*@
  requires pass(az) && domain(d);
  assigns az->note, d->label.sid, d->label.self_sid, d->label.run_sid, d->relabel_pending, d->relabel.started, d->wall_sid, d->wall_label, d->wall_next;
  ensures \result == 0 ==> \at(relabels(az, d, sid), Pre) && d->label.sid == sid && d->label.run_sid == sid;
  ensures \result != 0 ==> d->label.sid == \old(d->label.sid) && d->label.run_sid == \old(d->label.run_sid) && d->label.self_sid == \old(d->label.self_sid);
*/
static int label_change(struct authz *az, struct domain *d, sid_t sid, bool start)
{
	sid_t self_sid;
	int rc = label_change_allowed(az, d, sid);

	if (rc == 0)
		rc = flask_transition(sid, sid, "domain", &self_sid);
	if (rc == 0)
		rc = label_enter(az, d, sid, start);
	if (rc)
		return rc;
	d->label.self_sid = self_sid;
	d->label.run_sid = sid;
	d->relabel_pending = true;
	d->relabel.started = false;
	audit_event(&(struct audit_event){ .type = AUDIT_LABEL, .caller = DOMID_INVALID,
					   .ssid = gate_source(d).sid, .tsid = sid },
		    "ravelin: op=label domid=%u", d->id);
	atomic_store_explicit(&d->label.sid, sid, memory_order_release);
	return 0;
}

/*
 * domain.lock is held. True: the caller sweeps now, and nobody else. A sweep begins at the first domain whenever the waiting begins anew: one for an
 * older change may have been under way on another CPU when the label changed, and its progress is worth nothing.
 */
/*@
  requires domain(d) && cpu_count <= MAX_CPUS && \valid(rc) && \separated(rc, d);
  assigns *rc, d->relabel, d->relabel_busy, d->relabel_sweep;
  ensures \result ==> *rc == 0 && d->relabel_busy;
*/
static bool label_settle_begin(struct domain *d, int *rc)
{
	*rc = 0;
	if (!d->relabel_pending)
		return false;
	*rc = -XEN_ERESTART;
	if (d->relabel_busy)
		return false;
	if (!d->relabel.started)
		d->relabel_sweep = (struct sweep_progress){ 0 };
	*rc = gate_quiesce(&d->relabel);
	if (*rc == 0)
		d->relabel_busy = true;
	return *rc == 0;
}

/* Everybody who decided by the old label has finished; then nothing of what it allowed is left. */
/*@
  requires domain(d) && cpu_count <= MAX_CPUS;
  assigns d->lock, d->relabel_pending, d->relabel_busy, d->relabel, d->relabel_sweep, refs_taken;
  ensures refs_moved{Pre, Post}(\null, 0);
*/
int gate_settle_label(struct domain *d)
{
	bool sweep;
	int rc;

	spin_lock(&d->lock);
	sweep = label_settle_begin(d, &rc);
	spin_unlock(&d->lock);
	if (!sweep)
		return rc;
	rc = policy_sweep(d, &d->relabel_sweep);
	spin_lock(&d->lock);
	d->relabel_busy = false;
	if (rc == 0 && d->relabel.started)		/* no other change in the meantime */
		d->relabel_pending = false;
	spin_unlock(&d->lock);
	return rc;
}

/*@
  requires pass(az) && domain(d);
  assigns az->note, d->label.sid, d->label.self_sid, d->label.run_sid, d->relabel_pending, d->relabel.started, d->wall_sid, d->wall_label, d->wall_next;
  ensures d->label.sid == \old(d->label.sid) ||
    (d->label.sid == \old(d->label.run_sid) && \at(grants(az->self, d, PERM_domain_build__start, PERM_INVALID) && relabels(az, d, d->label.run_sid), Pre));
*/
int gate_start_domain(struct authz *az, struct domain *d)
{
	sid_t run = d->label.run_sid;
	int rc;

	if (run == atomic_load_explicit(&d->label.sid, memory_order_acquire)) {
		rc = label_enter(az, d, run, true);
	} else {
		rc = gate_check_target(az, d, PERM_domain_build__start);
		if (rc == 0)
			rc = label_change(az, d, run, true);
	}
	return rc == 0 && d->relabel_pending ? -XEN_ERESTART : rc;
}

/*@
  requires pass(az) && domain(d) && cpu_count <= MAX_CPUS;
  assigns az->note, d->label.sid, d->label.self_sid, d->label.run_sid, d->relabel_pending, d->relabel.started, d->wall_sid, d->wall_label, d->wall_next, d->lock, d->relabel_busy, d->relabel, d->relabel_sweep, refs_taken;
  ensures refs_moved{Pre, Post}(\null, 0);
  ensures d->label.sid == \old(d->label.sid) || (d->label.sid == sid && \at(relabels(az, d, sid), Pre));
*/
static int domain_relabel(struct authz *az, struct domain *d, sid_t sid)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (sid != atomic_load_explicit(&d->label.sid, memory_order_acquire))
		rc = label_change(az, d, sid, false);
	else if (d != az->self)
		rc = gate_check_target(az, d, PERM_domain2__relabelto);
	spin_unlock(&d->lock);
	return rc ? rc : gate_settle_label(d);
}

/* A later pass finds the new label set: relabelfrom was asked of the old one, and who may give a label need not be able to take it away. */
/*@ requires pass(az) && apart(az) && cpu_count <= MAX_CPUS; ensures refs_moved{Pre, Post}(\null, 0); */
int gate_relabel_domain(struct authz *az, domid_t id, sid_t sid)
{
	struct domain *d = gate_is_self(az, id) ? az->self : domain_lookup_raw(id);
	int rc;

	if (!d)
		return -XEN_ESRCH;
	rc = flask_sid_valid(sid) ? domain_relabel(az, d, sid) : -XEN_EINVAL;
	if (d != az->self)
		domain_put(d);
	return rc;
}

/*@ ensures refs_moved{Pre, Post}(\null, 0); */
void gate_labels_refresh(void)
{
	struct domain *d;

	/*@ loop invariant refs_moved{Pre, Here}(\null, 0); */
	for (domid_t id = 0; (d = domain_lookup_next_raw(id)) != NULL; id = (domid_t)(id + 1)) {
		sid_t sid, self_sid;

		id = d->id;
		spin_lock(&d->lock);
		sid = atomic_load_explicit(&d->label.sid, memory_order_acquire);
		if (flask_transition(sid, sid, "domain", &self_sid) == 0)
			d->label.self_sid = self_sid;
		spin_unlock(&d->lock);
		domain_put(d);
	}
}

/*@ requires \valid(q) && cpu_count <= MAX_CPUS; assigns *q; ensures q->started && (\result == 0 || \result == -XEN_ERESTART); */
int gate_quiesce(struct gate_quiesce *q)
{
	unsigned int self = edge_cpu_id();
	int rc = 0;

	atomic_thread_fence(memory_order_seq_cst);
	/*@
	  loop invariant i <= cpu_count && (rc == 0 || rc == -XEN_ERESTART);
	  loop assigns i, rc, q->seq[0 .. MAX_CPUS - 1];
	  loop variant cpu_count - i;
	*/
	for (unsigned int i = 0; i < cpu_count; i++) {
		uint64_t seq = atomic_load_explicit(&cpus[i].pass_seq, memory_order_seq_cst);

		if (!q->started)
			q->seq[i] = seq;
		if (i != self && (q->seq[i] & 1) && seq == q->seq[i])
			rc = -XEN_ERESTART;
	}
	q->started = true;
	return rc;
}
