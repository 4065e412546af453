/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers' prototypes, generated from operations.def: op_<hypercall>_<operation>.
 * Locking: see each decoder.
 * Trust: arguments are copies; their contents are the guest's.
 */
#ifndef HYPERCALL_HANDLERS_H
#define HYPERCALL_HANDLERS_H

#include "ops.h"
#include "op_types.h"

/* All have one shape, and most need only a part of it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags) \
	int64_t op_##hc##_##op(struct authz *az, void *arg, struct hypercall *hypercall);
#include "operations.def"

/* A handle's address as the caller's linear address. */
#define HANDLE_VA(h) ((gva_t)(uintptr_t)(h).p)

#endif
