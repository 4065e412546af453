/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking away what a new label or a new policy no longer allows: foreign mappings, grant mappings, event channels. Who publishes a change waits with
 * gate_quiesce() first, so that whatever was decided by the old tables stands there to be seen.
 * Locking: none on entry; each part locks one domain, or one pair, at a time. Trust: how much there is to look at was the guests' choice: preemptible.
 */
#ifndef HV_SWEEP_H
#define HV_SWEEP_H

#include <hv/domain.h>

/*
 * Of everything in which `subject` has a part, or of everything (NULL). Audited, one line for each domain and kind. -XEN_ERESTART: call again with the
 * same progress, which begins as zeroes.
 */
/*@ requires \valid(progress); assigns *progress, refs_taken; ensures refs_moved{Pre, Post}(\null, 0); */
int __must_check policy_sweep(const struct domain *subject, struct sweep_progress *progress);

/* The kinds, for one domain's side: from *cursor on, counting in *revoked. core/foreign.c, core/grant_revoke.c, core/evtchn_revoke.c */
int __must_check foreign_sweep(struct domain *mapper, const struct domain *subject, uint64_t *cursor, uint32_t *revoked);
int __must_check grant_sweep(struct domain *mapper, const struct domain *subject, uint64_t *cursor, uint32_t *revoked);
int __must_check evtchn_sweep(struct domain *d, const struct domain *subject, uint64_t *cursor, uint32_t *revoked);

/* Enters mapper's own zeroed page where something was taken away; it has one for all. What was entered, or MFN_INVALID: no memory, the place stays empty. */
mfn_t sweep_scratch_enter(struct domain *mapper, gfn_t gfn);

#endif
