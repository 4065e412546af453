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

#define HYPERCALL(name, use, nr, kind, reg, type, version, status)
#define ROW(hc, op, n, type, target, at, c, p, denied, flags) \
	int64_t op_##hc##_##op(struct authz *az, void *arg, struct hypercall *hypercall);
#define LEAF(hc, op, n, sub, type, target, at, c, p, denied, flags) \
	int64_t op_##hc##_##op(struct authz *az, void *arg, struct hypercall *hypercall);
#define REFUSED(hc, op, n, status)
#define NEST(hc, op, n, at)
#define LEAF_REFUSED(hc, op, n, sub, status)
#include "operations.def"
#undef HYPERCALL
#undef ROW
#undef LEAF
#undef REFUSED
#undef NEST
#undef LEAF_REFUSED

/* A handle's address as the caller's linear address. */
#define HANDLE_VA(h) ((gva_t)(uintptr_t)(h).p)

#endif
