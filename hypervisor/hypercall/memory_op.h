/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the decoders of memory_op share: progress of a continued call, kept above the command in the
 * first register.
 * Locking: none.
 * Trust: the register is the guest's between two passes; whoever reads progress bounds it.
 */
#ifndef HYPERCALL_MEMORY_OP_H
#define HYPERCALL_MEMORY_OP_H

#include "ops.h"

#define MEMORY_PROGRESS_SHIFT 6

static inline uint64_t memory_progress(const struct hypercall *hc)
{
	return hc->arg[0] >> MEMORY_PROGRESS_SHIFT;
}

static inline int64_t memory_continue(struct hypercall *hc, uint64_t done)
{
	hc->arg[0] = (hc->arg[0] & OP_MEMORY_CMD_MASK) | (done << MEMORY_PROGRESS_SHIFT);
	return -XEN_ERESTART;
}

#endif
