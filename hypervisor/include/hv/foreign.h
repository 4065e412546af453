/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of one domain in the address space of another: mapped and unmapped. What is taken away again: hv/sweep.h.
 * Locking: p2m.lock inside. Trust: gfns are the guest's; domains come from the gate.
 */
#ifndef HV_FOREIGN_H
#define HV_FOREIGN_H

#include <hv/domain.h>

/*
 * owner's RAM at gfn appears at `at` of mapper, writable. -XEN_EINVAL: nothing there that may be
 * mapped, or it is itself foreign or granted.
 */
int __must_check foreign_map(struct domain *mapper, gfn_t at, struct domain *owner, gfn_t gfn);
/*
 * A page of the hypervisor's that belongs to owner (grant frame); consumes the caller's reference
 * in any case.
 */
int __must_check foreign_map_shared(struct domain *mapper, gfn_t at, mfn_t mfn);

#endif
