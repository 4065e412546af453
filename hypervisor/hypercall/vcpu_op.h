/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of vcpu_op share.
 * Locking: none. Trust: the vCPU number is the guest's.
 */
#ifndef HYPERCALL_VCPU_OP_H
#define HYPERCALL_VCPU_OP_H

#include <hv/domain.h>
#include <hv/gate.h>
#include <hv/hypercall.h>

/* The caller's own vCPU number arg[1]; NULL if it has no such one. */
struct vcpu *vcpu_op_target(struct authz *az, const struct hypercall *hc);

#endif
