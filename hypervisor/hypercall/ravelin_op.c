/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ravelin_op: what Xen has no word for: the audit log as its reader fetches it.
 * Locking: the log's inside.
 * Trust: numbers and addresses are the caller's; the log checks them.
 */
#include "handlers.h"

#include <hv/audit.h>

int64_t op_ravelin_audit_state(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_op *op = arg;

	(void)az;
	(void)hc;
	return audit_state(&op->u.audit_state);
}

int64_t op_ravelin_audit_read(struct authz *az, void *arg, struct hypercall *hc)
{
	struct ravelin_op *op = arg;

	(void)hc;
	return audit_read(authz_vcpu(az), &op->u.audit_read);
}

int64_t op_ravelin_audit_release(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct ravelin_op *op = arg;

	(void)az;
	(void)hc;
	return audit_release(op->u.audit_release.before);
}

int64_t op_ravelin_audit_link(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct ravelin_op *op = arg;

	(void)hc;
	return audit_link(authz_self(az)->id, &op->u.audit_link);
}
