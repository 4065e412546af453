/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk of the guest's page tables, for what goes on to reach the page it leads to.
 * Locking: the domain's p2m.lock is held for reading. Trust: linear addresses and tables are the guest's.
 */
#ifndef CORE_GUESTWALK_H
#define CORE_GUESTWALK_H

#include <hv/types.h>

/* Guest-physical address of one linear address; -XEN_EFAULT. */
int __must_check guest_walk(struct vcpu *v, gva_t va, bool write, gpa_t *gpa);

#endif
