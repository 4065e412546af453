/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second engine beside Flask: Simple Type Enforcement and Chinese Wall (docs/SHYPE.md). Both must agree on a decision. Without a policy it has no effect.
 * Locking: questions are lock-free but for the wall's lock, a leaf behind domain.lock. Trust: policy bytes are hostile; labels follow from Flask's.
 */
#ifndef HV_SHYPE_H
#define HV_SHYPE_H

#include <abi/ravelin.h>
#include <hv/flask.h>
#include <hv/gate.h>

/* --- xsm/: what the gate asks ------------------------------------------------------------------------------------------- */
/* Why something was refused, for the audit record: "shype label=bank other=rival". */
struct shype_reason {
	char text[96];
};
/* Of two labels. *why is set on a refusal. */
/*@
  axiomatic shype {
    predicate may_share(integer a, integer b) reads \nothing;
    predicate may_keep(struct domain *a, struct domain *b) reads \nothing;
    predicate may_start(integer label) reads \nothing;
  }
*/
/*@ requires \valid(why); assigns *why; ensures \result <==> may_share(a, b); */
bool shype_may_share(sid_t a, sid_t b, struct shype_reason *why);
/* Two domains share: a conflict, if a policy is on trial that denies it. */
/*@ assigns \nothing; */
void shype_note_sharing(domid_t a, sid_t sid_a, domid_t b, sid_t sid_b);
/* The sweep's question; it notes too. */
/*@ assigns \nothing; ensures \result <==> may_keep(a, b); */
bool shype_may_keep(const struct domain *a, const struct domain *b);
/* Would a domain of this label get past the wall now. */
/*@ requires \valid(why); assigns *why; ensures \result <==> may_start(sid); */
bool shype_may_start(sid_t sid, struct shype_reason *why);
/* The domain runs under this label from now on; if it runs already (`start` is false): exchanges its label. domain.lock is held. */
/*@ requires \valid(d) && \valid(why); assigns *why, d->wall_sid, d->wall_label, d->wall_next; */
bool __must_check shype_enter(struct domain *d, sid_t sid, bool start, struct shype_reason *why);

/* --- a domain's life ------------------------------------------------------------------------------------------------------ */
/* The first domain, which no caller starts. */
void shype_domain_boot(struct domain *d);
/* It will never run again. */
void shype_domain_gone(struct domain *d);

/* --- a change of policy ----------------------------------------------------------------------------------------------------- */
/* Boot: before there is a domain. Message on the console. */
int __must_check shype_init(const void *policy, size_t len);
/*
 * Live, one at a time (hypercall/shype_op.c): begin puts the policy on trial, from when what it would deny is noted; the caller quiesces and sweeps, which
 * finds what is shared already; decide puts it in force or drops it; the caller quiesces and sweeps again, which takes away; reclaim frees.
 */
int __must_check shype_load_begin(const void *policy, size_t len, struct flask_error *err);
/* -XEN_EBUSY: running domains violate it and `revoke` was not given; -XEN_EINVAL: the control domain could not go on. */
int __must_check shype_load_decide(bool revoke);
void shype_load_reclaim(void);
/* Of the last trial: how many, and the first ones. */
uint32_t shype_conflicts(const struct ravelin_shype_conflict **list);

/* --- questions of the tools ---------------------------------------------------------------------------------------------- */
void shype_state(struct ravelin_shype_state *s);
int __must_check shype_ask(struct ravelin_shype_ask *q);	/* -XEN_ENOENT: no policy; -XEN_EINVAL: no such label */
/* The same, `with` NULL: about the label. A refusal is audited, and no error. */
int __must_check shype_attach(struct authz *az, struct domain *d, struct domain *with, struct ravelin_shype_attach *q);

#endif
