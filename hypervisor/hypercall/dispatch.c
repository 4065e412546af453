/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dispatcher: the one place where a hypercall becomes an operation, its head is fetched, its
 * target found and the policy asked.
 * Locking: none; a pass of the gate is open around each operation.
 * Trust: registers and memory are the caller's.
 */
#include "ops.h"

#include <hv/audit.h>
#include <hv/guestmem.h>
#include <hv/string.h>
#include <hv/vcpu.h>
#include <xen/hvm/dm_op.h>

/* The operation's number where it stands in memory, and with SUB_HEAD the head that all operations share. */
static int sub_fetch(struct vcpu *v, const struct op_hypercall *h, const struct hypercall *hc,
		     void *head, uint32_t *sub)
{
	struct xen_dm_op_buf buf;
	uint32_t words[2];
	int rc;

	if (h->sub == SUB_HEAD) {
		rc = guest_copy_in(v, head, hc->arg[h->arg_reg], h->head_size);
		if (rc)
			return rc;
		memcpy(words, head, sizeof(words));
		*sub = words[0];
		return words[1] == h->version ? 0 : -h->version_status;
	}
	if (h->sub != SUB_BUFFER)
		return -XEN_ENOSYS;
	if (hc->arg[1] == 0)
		return -XEN_EINVAL;
	rc = guest_copy_in(v, &buf, hc->arg[h->arg_reg], sizeof(buf));
	if (rc == 0 && buf.size < sizeof(*sub))
		rc = -XEN_EINVAL;
	return rc ? rc : guest_copy_in(v, sub, (gva_t)(uintptr_t)buf.h.p, sizeof(*sub));
}

static __attribute__((noinline)) int target_authorize_other(struct authz *az, const struct op_row *row, const void *head)
{
	domid_t id;

	switch (row->target) {
	case TARGET_SELF:
		break;
	case TARGET_DOMAIN:
		memcpy(&id, (const char *)head + row->domid_offset, sizeof(id));
		return gate_authorize_domain(az, id, row->perm);
	case TARGET_XEN:
		return gate_check_xen(az, row->perm);
	case TARGET_SECURITY:
		return gate_check_security(az, row->perm);
	case TARGET_SID:
	case TARGET_DATA:
		return 0;
	}
	return -XEN_EACCES;
}

static int target_authorize(struct authz *az, const struct op_row *row, const void *head)
{
	return row->target == TARGET_SELF ? gate_authorize_self(az, row->perm) : target_authorize_other(az, row, head);
}

static bool copies_back(const struct op_row *row, int64_t rc)
{
	if (rc >= 0)
		return row->flags & ROW_COPY_BACK;
	return rc != -XEN_ERESTART && (row->flags & ROW_COPY_BACK_ON_ERROR);
}

static int64_t operation_run(struct authz *az, const struct op_row *row, gva_t head_va, void *head,
			     struct hypercall *hc)
{
	int64_t rc = target_authorize(az, row, head);

	if (rc)
		return rc;
	rc = row->handler(az, row->arg_size ? head : NULL, hc);
	if (copies_back(row, rc) &&
	    guest_copy_out(authz_vcpu(az), head_va, head, row->arg_size) != 0)
		return -XEN_EFAULT;
	return rc;
}

/* From here on the pass has the operation's name. */
static int row_admit(struct authz *az, const struct op_row *row, const struct hypercall *hc)
{
	if (!row)
		return -XEN_ENOSYS;
	gate_set_operation(az, &row->operation);
	if (unlikely(row->flags & ROW_REFUSED)) {
		authz_refused(az);
		return -row->operation.denied;
	}
	return hc->compat && !(row->flags & ROW_COMPAT) ? -XEN_ENOSYS : 0;
}

/* Of the head, nobody reads a byte that was not fetched: row sizes and offsets are asserted in table.c. */
static __attribute__((noinline)) int64_t row_run_head(struct authz *az, const struct op_row *row, gva_t head_va,
						      struct hypercall *hc)
{
	_Alignas(uint64_t) uint8_t head[OP_HEAD_MAX];
	int rc = guest_copy_in(authz_vcpu(az), head, head_va, row->arg_size);

	return rc ? rc : operation_run(az, row, head_va, head, hc);
}

/* The operation is named in memory. */
static __attribute__((noinline)) int64_t pass_run_fetch(struct authz *az, struct vcpu *v, const struct op_hypercall *h,
							struct hypercall *hc)
{
	_Alignas(uint64_t) uint8_t head[OP_HEAD_MAX];
	gva_t head_va = hc->arg[h->arg_reg];
	const struct op_row *row;
	uint32_t sub;
	int rc = sub_fetch(v, h, hc, head, &sub);

	if (rc)
		return rc;
	row = op_find(h, sub, head);
	rc = row_admit(az, row, hc);
	if (rc)
		return rc;
	if (row->arg_size && h->sub != SUB_HEAD)
		return row_run_head(az, row, head_va, hc);
	return operation_run(az, row, head_va, head, hc);
}

static int64_t pass_run(struct authz *az, struct vcpu *v, const struct op_hypercall *h,
			struct hypercall *hc)
{
	const struct op_row *row;
	int rc;

	if (h->sub > SUB_REG_MASKED)
		return pass_run_fetch(az, v, h, hc);
	row = op_find(h, ((uint32_t)hc->arg[0] & h->sub_mask) | h->sub_or, NULL);
	rc = row_admit(az, row, hc);
	if (rc)
		return rc;
	if (row->arg_size)
		return row_run_head(az, row, hc->arg[h->arg_reg], hc);
	return operation_run(az, row, 0, NULL, hc);
}

void hypercall_dispatch(struct vcpu *v, struct hypercall *hc)
{
	const struct op_hypercall *h = op_hypercall_find(hc->nr);
	struct authz *az;

	hc->restart = false;
	if (!hc->privileged) {
		hc->result = -XEN_EPERM;
		return;
	}
	if (!h) {
		hc->result = -XEN_ENOSYS;
		return;
	}
	if (audit_waits(v)) {		/* what it does could not be written down */
		vcpu_yield(v);
		hc->restart = true;
		return;
	}
	az = gate_begin(v, h->use);
	if (!az) {
		hc->result = -XEN_EACCES;
		return;
	}
	hc->result = pass_run(az, v, h, hc);
	gate_end(az);
	hc->restart = hc->result == -XEN_ERESTART;
}
