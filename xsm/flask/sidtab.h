/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security identifiers: numbers for contexts, good until reboot. Initial SIDs take the label that the policy in force gives them; others keep
 * their text, so that a policy load finds their meaning again, or finds none (then they count as `unlabeled` until a policy knows them).
 * Locking: sidtab_lock, a leaf but for the heap's. Trust: text is hostile, numbers may be.
 */
#ifndef XSM_FLASK_SIDTAB_H
#define XSM_FLASK_SIDTAB_H

#include "policydb.h"

#define SID_XEN 2u
#define SID_DOM0 3u
#define SID_UNLABELED 6u
#define SID_SECURITY 7u

void sidtab_init(void);
void sidtab_lock(void);
void sidtab_unlock(void);
uint32_t sidtab_count(void);			/* highest SID in use; lock-free */
/* With the lock held: */
int __must_check sidtab_intern(struct policy *p, const struct context *c, sid_t *sid);	/* -XEN_ENOMEM when the table is full */
struct context_draft *sidtab_draft(void);	/* one context under construction, the lock's */
/* Gives contexts [first, last] their meaning under p, which nobody uses yet. Uses the draft. */
void sidtab_translate(struct policy *p, sid_t first, sid_t last, struct context_draft *draft);

/* What a SID means under p: never NULL; unknown SIDs are `unlabeled`. Lock-free. */
const struct context *sid_context(const struct policy *p, sid_t sid);
sid_t sid_normal(const struct policy *p, sid_t sid);	/* sid, or SID_UNLABELED if it has no meaning under p */

#endif
