/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the decoders of xsm_op share.
 * Locking: see xsm_op.c. Trust: arguments are copies; their contents are the caller's.
 */
#ifndef HYPERCALL_XSM_OP_H
#define HYPERCALL_XSM_OP_H

#include <hv/gate.h>

#define XSM_TEXT_MAX 4096u	/* bytes of a context or of a boolean's name */

/*
 * `change`, with no load or other change at the same time; if it says that decisions have changed, what they no longer allow is taken away. -XEN_ERESTART: call
 * again; `change` may then find its work done. What it refuses with -XEN_EPERM is audited as `what`.
 */
int __must_check xsm_change(struct authz *az, const char *what, int (*change)(void *arg, bool *changed), void *arg);

#endif
