/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm_op: the policy as the control domain's tools load it and change what it decides.
 * Locking: one load at a time: load.lock, held for the steps of one pass only.
 * Trust: policy bytes and context strings are hostile; flask checks them whole before anything is
 * swapped. A load ends when nobody decides by the old policy any more and what the new one denies
 * has been taken away; a caller that goes away in between leaves that to the next one.
 */
#include "handlers.h"
#include "xsm_op.h"

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/flask.h>
#include <hv/sweep.h>
#include <hv/guestmem.h>
#include <hv/lock.h>
#include <hv/mm.h>
#include <hv/string.h>

#define POLICY_BYTES_MAX	((uint32_t)4 << 20)
#define LOAD_MARK		0x80000000u	/* with the policy's number: "this call has swapped it in" */

static struct {
	struct spinlock lock;
	bool pending;			/* swapped in, not yet settled */
	struct gate_quiesce quiesce;
	struct sweep_progress sweep;
} load;

/* load.lock is held. */
static int load_settle(void)
{
	int rc = gate_quiesce(&load.quiesce);

	if (rc == 0)
		rc = policy_sweep(NULL, &load.sweep);
	if (rc)
		return rc;
	flask_reclaim();
	load.pending = false;
	return 0;
}

/* load.lock is held. Decisions have changed: what they allowed before is to be looked at. */
static void load_unsettle(void)
{
	gate_labels_refresh();
	load.pending = true;
	load.quiesce.started = false;
	load.sweep = (struct sweep_progress){ 0 };
}

static unsigned int load_order(uint32_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

/* Labels added to hardware that mean nothing under the new policy. At most as many as there can be. */
static void load_drop_objects(void)
{
	struct flask_object o;

	while (flask_object_drop(&o))
		audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = DOMID_INVALID },
			    "ravelin: object context dropped kind=%u low=0x%llx high=0x%llx", o.kind, (unsigned long long)o.low,
			    (unsigned long long)o.high);
}

static void load_record(void)
{
	uint8_t digest[32];
	char text[65] = "";

	flask_hash(digest);
	hex_write(text, digest, sizeof(digest));
	audit_event(&(struct audit_event){ .type = AUDIT_POLICY, .caller = DOMID_INVALID },
		    "ravelin: policy loaded seqno=%u fallback=%u sha256=%s", flask_seqno(),
		    flask_fallback_count(), text);
}

/* load.lock is held. */
static int load_swap(struct authz *az, const struct xen_flask_load *op)
{
	struct flask_error err = { 0 };
	struct audit_event about = { .type = AUDIT_POLICY, .caller = DOMID_INVALID };
	unsigned int order = load_order(op->size);
	void *copy = heap_alloc_pages(authz_self(az), order);
	int rc;

	if (!copy)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), copy, HANDLE_VA(op->buffer), op->size);
	if (rc == 0)
		rc = flask_load(copy, op->size, &err);
	heap_free_pages(authz_self(az), copy, order);
	if (rc && err.reason)
		audit_event(&about, "ravelin: policy refused offset=%zu section=\"%s\" reason=\"%s\"", err.offset,
			    err.section ? err.section : "?", err.reason);
	if (rc)
		return rc;
	load_record();
	load_drop_objects();
	load_unsettle();
	return 0;
}

static uint32_t load_mark(void)
{
	return LOAD_MARK | flask_seqno();
}

/*
 * load.lock is held. The pass that comes back after a swap of its own only settles, if nobody has done that meanwhile;
 * anybody else's load waits for that. A caller that forges the mark spares itself a load.
 */
static int load_step(struct authz *az, const struct xen_flask_load *op, struct hypercall *hc)
{
	bool mine = hc->arg[1] == load_mark();
	int rc = load.pending ? load_settle() : 0;

	if (rc || mine)
		return rc;
	rc = load_swap(az, op);
	if (rc)
		return rc;
	hc->arg[1] = load_mark();
	return load_settle();
}

int64_t op_xsm_load(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_flask_op *op = arg;
	int rc;

	if (op->u.load.size == 0 || op->u.load.size > POLICY_BYTES_MAX) {
		audit_event(&(struct audit_event){ .type = AUDIT_POLICY, .caller = authz_self(az)->id },
			    "ravelin: policy refused size=%u max=%u reason=\"its size\"", op->u.load.size, POLICY_BYTES_MAX);
		return -XEN_EINVAL;
	}
	if (!spin_trylock(&load.lock))
		return -XEN_ERESTART;
	rc = load_step(az, &op->u.load, hc);
	spin_unlock(&load.lock);
	return rc;
}

int64_t op_xsm_getenforce(struct authz *az, void *arg, struct hypercall *hc)
{
	(void)az;
	(void)arg;
	(void)hc;
	return flask_enforcing();
}

/* load.lock is held. */
static int change_step(int (*change)(void *arg, bool *changed), void *arg)
{
	bool changed = false;
	int rc = load.pending ? load_settle() : 0;

	if (rc == 0)
		rc = change(arg, &changed);
	if (rc || !changed)
		return rc;
	load_unsettle();
	return load_settle();
}

int xsm_change(struct authz *az, const char *what, int (*change)(void *arg, bool *changed), void *arg)
{
	int rc;

	if (!spin_trylock(&load.lock))
		return -XEN_ERESTART;
	rc = change_step(change, arg);
	spin_unlock(&load.lock);
	if (rc == -XEN_EPERM)
		audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = authz_self(az)->id },
			    "ravelin: refused %s reason=\"%s\"", what,
			    options.flask_locked ? "the policy is locked until reboot" : "the policy does not allow it");
	return rc;
}

/* What was done while nothing was enforced is taken away as after a load. */
static int change_enforcing(void *arg, bool *changed)
{
	bool on = *(const bool *)arg;
	int rc;

	if (flask_enforcing() == on)
		return 0;
	rc = flask_set_enforcing(on);
	if (rc)
		return rc;
	audit_event(&(struct audit_event){ .type = AUDIT_ENFORCING, .caller = DOMID_INVALID },
		    "ravelin: enforcing=%d", on);
	*changed = true;
	return 0;
}

int64_t op_xsm_setenforce(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_flask_op *op = arg;
	bool on = op->u.enforce.enforcing != 0;

	return xsm_change(az, "setenforce", change_enforcing, &on);
}
