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
	TARGET_SELF,   /* the caller itself */
	TARGET_DOMAIN, /* a domain id at a fixed place of the argument head (DOMID_SELF allowed) */
	TARGET_XEN,    /* the hypervisor: initial SID xen */
	TARGET_SECURITY, /* the policy: initial SID security */
	TARGET_SID,  /* a label in the argument: createdomain; the handler asks the gate by name */
	TARGET_DATA, /* found from data: port, frame, grant reference, element; the handler's
			lookups carry the permission */
};

enum row_flags {
	ROW_REFUSED = 1,   /* absent on purpose: status returned, audited once per domain */
	ROW_COMPAT = 2,	   /* argument layout is the same for 32-bit callers */
	ROW_QUIET = 4,	   /* a denial is expected in normal life: counted, not printed; stands in operation.quiet */
	ROW_COPY_BACK = 8, /* the head is copied out when the handler returns >= 0 */
	ROW_COPY_BACK_ON_ERROR = 16, /* … and also when it fails (where the head says why) */
	ROW_NEST = 32, /* not an operation: its leaves are found by a nested command in the head */
};

/*
 * A handler runs after `use`, copy-in of the head, resolution of the target and the access check.
 * `arg` is the hypervisor's copy of the head (arg_size bytes; NULL if the row has none); with
 * ROW_COPY_BACK the dispatcher copies it out when the handler returns >= 0. hc->arg[] are the raw
 * registers. Returns the ABI's result, or -XEN_ERESTART to be called again with hc->arg as left.
 */
typedef int64_t (*op_handler)(struct authz *az, void *arg, struct hypercall *hc);

struct op_row {
	struct gate_operation operation;	/* its name, "domctl.pausedomain", and what the gate does with it; refused rows: the status */
	uint16_t hypercall;
	uint16_t flags;
	uint32_t sub;		/* sub-operation, OP_ALL when the hypercall has none */
	uint32_t nested; /* nested command, OP_ALL when there is none; ROW_NEST: where it stands in
			    the head */
	uint16_t arg_size;	/* bytes of the head to fetch, 0 = none */
	uint16_t domid_offset;	/* TARGET_DOMAIN: where in the head */
	enum target_kind target;
	enum perm perm;
	op_handler handler;
};

/* How a hypercall's sub-operation is found. */
enum sub_kind {
	SUB_ABSENT = 0, /* no such hypercall */
	SUB_NONE,	/* there is none */
	SUB_REG,	/* register 0 */
	SUB_REG_MASKED, /* register 0; the upper bits are the progress of a continued call */
	SUB_HEAD,	/* first word of the head, the second is the interface's version */
	SUB_BUFFER,	/* dm_op: first word of the first buffer of an array of buffers */
};

struct op_hypercall {
	uint16_t number;
	enum perm use;
	enum sub_kind sub;
	uint32_t sub_mask, sub_or;	/* up to SUB_REG_MASKED: of register 0 */
	uint16_t arg_reg;	/* register that holds the head's address */
	uint16_t head_size;	/* SUB_HEAD */
	uint32_t version;
	int16_t version_status;
};

struct op_none {
};

#define OP_ALL UINT32_MAX
#define OP_HEAD_MAX 256		/* bytes; asserted for each row */
#define OP_HYPERCALLS 64
#define OP_MEMORY_CMD_MASK 0x3fu

extern const struct op_row op_rows[];
extern const unsigned int op_row_count;
/* NULL: no such row. `head` is read for a nested command. */
const struct op_row *op_find(const struct op_hypercall *h, uint32_t sub, const void *head);
/* NULL: no such hypercall. */
const struct op_hypercall *op_hypercall_find(uint64_t hypercall);
/* Position of the row: names it in bitmaps. */
static inline unsigned int op_index(const struct op_row *row)
{
	return (unsigned int)(row - op_rows);
}

#endif
