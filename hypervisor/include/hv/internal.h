/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short, named list of ways to a foreign domain for work that has no caller (teardown, virtual IRQs, the revocation sweep, the scheduler,
 * boot). tests/ compares which objects reference these symbols with a reviewed list; nothing in hypercall/ may.
 * Locking: said at each. Trust: never reachable with a guest's choice of domain.
 */
#ifndef HV_INTERNAL_H
#define HV_INTERNAL_H

#include <hv/domain.h>

/* Raw lookup by id with a reference; NULL if there is none. Users: xsm/gate.c, core/domain.c. */
struct domain *domain_lookup_raw(domid_t id);
/* The domain with the lowest id >= id, with a reference. Users: xsm/gate.c, sweep, boot. */
struct domain *domain_lookup_next_raw(domid_t id);
/* Behind a link, borrowed: valid while the link is. Users: xsm/gate.c, teardown in core/evtchn*.c, core/grant*.c. */
struct domain *domain_link_raw(const struct domain_link *l);
/* Behind a frame, borrowed; NULL if none. Users: core/mm, core/p2m, xsm/gate.c. */
struct domain *frame_owner_raw(mfn_t mfn);

#endif
