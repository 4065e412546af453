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
/*@ assigns refs_taken; ensures refs_moved{Pre, Post}(\result, \result == \null ? 0 : 1);
    ensures \result == \null || (is_domain(\result) && \valid(\result) && refs(\result) > 0 && \result->id == id); */
struct domain *domain_lookup_raw(domid_t id);
/* The domain with the lowest id >= id, with a reference. Users: xsm/gate.c, sweep, boot. */
/*@ assigns refs_taken; ensures refs_moved{Pre, Post}(\result, \result == \null ? 0 : 1);
    ensures \result == \null || (is_domain(\result) && \valid(\result) && refs(\result) > 0 && id <= \result->id < DOMID_FIRST_RESERVED); */
struct domain *domain_lookup_next_raw(domid_t id);
/* Behind a link, borrowed: valid while the link is. Users: the gate, teardown in core/evtchn*.c, core/grant*.c, accounts in core/mm.c. */
/*@ requires \valid_read(l) && l->opaque != 0; assigns \nothing; ensures \result == behind(l->opaque) && is_domain(\result) && \valid(\result); */
struct domain *domain_link_raw(const struct domain_link *l);

#endif
