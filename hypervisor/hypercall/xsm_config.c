/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm_op: what of a policy is changed without loading another: booleans, and labels of hardware.
 * Locking: xsm_change() serialises with loads. Trust: ids, names and numbers are hostile.
 */
#include "handlers.h"
#include "xsm_op.h"

#include <hv/audit.h>
#include <hv/flask.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#define BOOL_BY_NAME UINT32_MAX

struct bool_change {
	struct authz *az;
	struct xen_flask_boolean *op;
};

/* --- booleans ------------------------------------------------------------------------------------------------------------ */

/* A name stands for a number; one that is not terminated ends with the buffer. */
static int bool_resolve(struct authz *az, struct xen_flask_boolean *b)
{
	char *name;
	int rc;

	if (b->bool_id != BOOL_BY_NAME)
		return 0;
	if (b->size == 0 || b->size > XSM_TEXT_MAX)
		return -XEN_EINVAL;
	name = heap_alloc_pages(authz_self(az), 0);
	if (!name)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), name, HANDLE_VA(b->name), b->size);
	if (rc == 0)
		rc = flask_bool_find(name, strnlen(name, b->size), &b->bool_id);
	heap_free_pages(authz_self(az), name, 0);
	b->size = 0;
	return rc;
}

/* size: of the name, which is terminated where there is room for that. */
static int bool_name_out(struct authz *az, struct xen_flask_boolean *b, const char *name)
{
	size_t len = strlen(name), room = b->size;

	if (room == 0)
		return 0;
	b->size = (uint32_t)len;
	if (len > room)
		return -XEN_ERANGE;
	return guest_copy_out(authz_vcpu(az), HANDLE_VA(b->name), name, room > len ? len + 1 : len);
}

static int bool_read(void *arg, bool *changed)
{
	struct bool_change *c = arg;
	struct flask_boolean b;
	int rc = flask_bool_get(c->op->bool_id, &b);

	(void)changed;
	if (rc)
		return rc;
	c->op->enforcing = b.state;
	c->op->pending = b.pending;
	return bool_name_out(c->az, c->op, b.name);
}

int64_t op_xsm_getbool(struct authz *az, void *arg, struct hypercall *hc)
{
	struct bool_change c = { az, &((struct xen_flask_op *)arg)->u.boolean };
	int rc = bool_resolve(az, c.op);

	return rc ? rc : xsm_change(az, "getbool", bool_read, &c);
}

/* Once the commit is made, and what it took away is gone, this is called again and finds nothing to do. */
static int bool_write(void *arg, bool *changed)
{
	struct bool_change *c = arg;
	uint32_t id = c->op->bool_id;
	bool value = c->op->new_value != 0;
	struct flask_boolean b;
	int rc = flask_bool_set_pending(id, value);

	if (rc == 0 && c->op->commit && !flask_bools_settled(id)) {
		rc = flask_bools_commit(id);
		*changed = rc == 0;
	}
	if (rc == 0)
		rc = flask_bool_get(id, &b);
	if (rc)
		return rc;
	c->op->enforcing = b.state;
	c->op->pending = b.pending;
	if (*changed)
		audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = DOMID_INVALID }, "ravelin: boolean=%s value=%d seqno=%u",
			    b.name, b.state, flask_seqno());
	return 0;
}

int64_t op_xsm_setbool(struct authz *az, void *arg, struct hypercall *hc)
{
	struct bool_change c = { az, &((struct xen_flask_op *)arg)->u.boolean };
	int rc = bool_resolve(az, c.op);

	return rc ? rc : xsm_change(az, "setbool", bool_write, &c);
}

static int bools_commit(void *arg, bool *changed)
{
	int rc;

	(void)arg;
	if (flask_bools_settled(FLASK_BOOL_ALL))
		return 0;
	rc = flask_bools_commit(FLASK_BOOL_ALL);
	if (rc)
		return rc;
	*changed = true;
	audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = DOMID_INVALID }, "ravelin: booleans committed seqno=%u",
		    flask_seqno());
	return 0;
}

int64_t op_xsm_commitbools(struct authz *az, void *arg, struct hypercall *hc)
{
	return xsm_change(az, "commitbools", bools_commit, NULL);
}

/* --- labels of hardware -------------------------------------------------------------------------------------------------- */

struct object_change {
	struct flask_object object;
	bool add;
};

static int object_write(void *arg, bool *changed)
{
	const struct object_change *c = arg;
	const struct flask_object *o = &c->object;
	int rc = c->add ? flask_object_add(o) : flask_object_remove(o);

	(void)changed;		/* no domain owns hardware yet: nothing to take away */
	if (rc == 0)
		audit_event(&(struct audit_event){ .type = AUDIT_CONFIG, .caller = DOMID_INVALID },
			    "ravelin: object context %s kind=%u low=0x%llx high=0x%llx sid=%u", c->add ? "added" : "removed", o->kind,
			    (unsigned long long)o->low, (unsigned long long)o->high, o->sid);
	return rc;
}

static int64_t object_change(struct authz *az, const struct xen_flask_ocontext *o, bool add)
{
	struct object_change c = { { .kind = o->ocon, .sid = o->sid, .low = o->low, .high = o->high }, add };

	return xsm_change(az, add ? "add_ocontext" : "del_ocontext", object_write, &c);
}

int64_t op_xsm_add_ocontext(struct authz *az, void *arg, struct hypercall *hc)
{
	return object_change(az, &((struct xen_flask_op *)arg)->u.ocontext, true);
}

int64_t op_xsm_del_ocontext(struct authz *az, void *arg, struct hypercall *hc)
{
	return object_change(az, &((struct xen_flask_op *)arg)->u.ocontext, false);
}
