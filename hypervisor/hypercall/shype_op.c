/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ravelin_op, sHype: its policy as the control domain's tools load it and ask it.
 * Locking: one load at a time: load.lock, held for the steps of one pass only.
 * Trust: policy bytes are hostile; the engine checks them whole. A load is a trial first, whose sweep only looks, then a decision, then the sweep that takes
 * away; a caller that goes away in between leaves the rest to the next one.
 */
#include "handlers.h"

#include <hv/audit.h>
#include <hv/guestmem.h>
#include <hv/lock.h>
#include <hv/mm.h>
#include <hv/shype.h>
#include <hv/sweep.h>

#define SHYPE_BYTES_MAX (256u << 10)	/* more than any policy within abi/shype.h's limits */
#define LOAD_MARK	0x80000000u	/* with the load's number: "this call has begun it" */

enum load_stage { LOAD_NONE, LOAD_TRIAL, LOAD_DECIDED };

static struct {
	struct spinlock lock;
	enum load_stage stage;
	bool revoke;
	int result;
	uint32_t number;		/* of the last load that began */
	struct gate_quiesce quiesce;
	struct sweep_progress sweep;
} load;

static void load_enter(enum load_stage stage)
{
	load.stage = stage;
	load.quiesce.started = false;
	load.sweep = (struct sweep_progress){ 0 };
}

/* load.lock is held. -XEN_ERESTART until the load is over; then 0, and load.result is what it came to. */
static int load_settle(void)
{
	while (load.stage != LOAD_NONE) {
		int rc = gate_quiesce(&load.quiesce);

		if (rc == 0)
			rc = policy_sweep(NULL, &load.sweep);
		if (rc)
			return rc;
		if (load.stage == LOAD_TRIAL) {
			load.result = shype_load_decide(load.revoke);
			load_enter(LOAD_DECIDED);
		} else {
			shype_load_reclaim();
			load.stage = LOAD_NONE;
		}
	}
	return 0;
}

/* load.lock is held. */
static int load_begin(struct authz *az, const struct ravelin_shype_load *op)
{
	struct flask_error err = { 0 };
	void *copy = heap_alloc(authz_self(az), op->size);
	int rc;

	if (!copy)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), copy, op->buffer, op->size);
	if (rc == 0)
		rc = shype_load_begin(copy, op->size, &err);
	heap_free(authz_self(az), copy);
	if (rc && err.reason)
		audit_event(&(struct audit_event){ .type = AUDIT_POLICY, .caller = DOMID_INVALID },
			    "ravelin: shype policy refused offset=%zu section=\"%s\" reason=\"%s\"", err.offset, err.section, err.reason);
	if (rc)
		return rc;
	load.revoke = op->revoke != 0;
	load.number++;
	load_enter(LOAD_TRIAL);
	return 0;
}

/* load.lock is held. What the trial found, for whoever asked. */
static int load_report(struct authz *az, struct ravelin_shype_load *op)
{
	const struct ravelin_shype_conflict *list;
	uint32_t listed;
	int rc = 0;

	op->count = shype_conflicts(&list);
	listed = op->count < RAVELIN_SHYPE_CONFLICTS ? op->count : RAVELIN_SHYPE_CONFLICTS;
	if (op->conflicts && listed)
		rc = guest_copy_out(authz_vcpu(az), op->conflicts, list, listed * sizeof(*list));
	return rc ? rc : load.result;
}

static uint32_t load_mark(void)
{
	return LOAD_MARK | load.number;
}

/*
 * load.lock is held. As with Flask's: the pass that comes back for its own load only settles it, or finds that another has. Who forges the mark gets the
 * answer to the last load and spares itself one.
 */
static int load_step(struct authz *az, struct ravelin_shype_load *op, struct hypercall *hc)
{
	int rc = load_settle();

	if (rc == 0 && hc->arg[1] != load_mark()) {
		rc = load_begin(az, op);
		if (rc)
			return rc;
		hc->arg[1] = load_mark();
		rc = load_settle();
	}
	return rc ? rc : load_report(az, op);
}

int64_t op_ravelin_shype_load(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_op *op = arg;
	int rc;

	op->u.shype_load.count = 0;
	if (op->u.shype_load.size == 0 || op->u.shype_load.size > SHYPE_BYTES_MAX || op->u.shype_load.revoke > 1 || op->u.shype_load.reserved)
		return -XEN_EINVAL;
	if (!spin_trylock(&load.lock))
		return -XEN_ERESTART;
	rc = load_step(az, &op->u.shype_load, hc);
	spin_unlock(&load.lock);
	return rc;
}

int64_t op_ravelin_shype_state(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_op *op = arg;

	(void)az;
	(void)hc;
	shype_state(&op->u.shype_state);
	return 0;
}

int64_t op_ravelin_shype_ask(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_op *op = arg;

	(void)az;
	(void)hc;
	return shype_ask(&op->u.shype_ask);
}

int64_t op_ravelin_shype_attach(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_shype_attach *q = &((struct ravelin_op *)arg)->u.shype_attach;
	struct domain *with = NULL;
	int rc = 0;

	(void)hc;
	if (q->with != RAVELIN_SHYPE_NO_DOMAIN)
		rc = gate_open_domain(az, q->with, PERM_shype__attach, &with);
	return rc ? rc : shype_attach(az, authz_target(az), with, q);
}
