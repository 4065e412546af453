/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a row of operations.def becomes.
 * Locking: constant data. Trust: numbers come from the caller, rows from us.
 */
#ifndef HYPERCALL_OPS_H
#define HYPERCALL_OPS_H

#include <hv/gate.h>
#include <hv/hypercall.h>

enum target_kind {
	TARGET_SELF,		/* the caller itself */
	TARGET_DOMAIN,		/* a domain id at a fixed place of the argument head (DOMID_SELF allowed) */
	TARGET_XEN,		/* the hypervisor: initial SID xen */
	TARGET_SID,		/* a label in the argument: createdomain; the handler asks the gate by name */
	TARGET_DATA,		/* found from data: port, frame, grant reference, element; the handler's lookups carry the permission */
};

enum row_flags {
	ROW_REFUSED = 1,	/* absent on purpose: status returned, audited once per domain */
	ROW_COMPAT = 2,		/* argument layout is the same for 32-bit callers */
	ROW_QUIET = 4,		/* a denial is expected in normal life: counted, not printed */
};

/*
 * A handler runs after `use`, copy-in of the head, resolution of the target and the access check. `arg` is the hypervisor's copy of the head
 * (arg_size bytes; NULL if the row has none); a handler with ROW-declared write-back changes it and the dispatcher copies it out when the handler returns >= 0
 * and `copy_back` is set. hc->arg[] are the raw registers. Returns the ABI's result, or -XEN_ERESTART to be called again with hc->arg as left.
 */
typedef int64_t (*op_handler)(struct authz *az, void *arg, struct hypercall *hc);

struct op_row {
	const char *name;	/* "domctl.pausedomain" */
	uint16_t hypercall;
	uint16_t flags;
	uint32_t sub;		/* sub-operation, OP_ALL when the hypercall has none */
	uint16_t arg_size;	/* bytes of the head to fetch, 0 = none */
	uint16_t arg_reg;	/* which register holds the argument's address */
	uint16_t domid_offset;	/* TARGET_DOMAIN: where in the head; or OP_DOMID_REG + n: in register n */
	bool copy_back;
	enum target_kind target;
	enum perm perm;
	int16_t denied;		/* positive errno given on denial; refused rows: the status */
	op_handler handler;
};

#define OP_ALL UINT32_MAX
#define OP_DOMID_REG 0x8000

extern const struct op_row op_rows[];
extern const unsigned int op_row_count;
/* NULL: no such row. */
const struct op_row *op_find(uint16_t hypercall, uint32_t sub);

#endif
