/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: the only way to a foreign domain or a guarded resource is to name the permission one uses (DESIGN, "The one idea").
 * Locking: no lock is held by an authz; references it took are dropped at the end of the pass. Trust: this is the reference monitor.
 *
 * An authz is good for one pass of the dispatcher on one CPU. It is never stored.
 */
#ifndef HV_GATE_H
#define HV_GATE_H

#include <hv/domain.h>
#include <hv/types.h>

enum perm {
	PERM_INVALID = 0,
#define CLASS(c)
#define PERM_XEN(c, p)			PERM_##c##__##p,
#define PERM_FINER(c, p, ac, ap)	PERM_##c##__##p,
#define PERM_UNCHECKED(c, p)		PERM_##c##__##p,
#define PERM_OWN(c, p)			PERM_##c##__##p,
#include "../../../xsm/permissions.def"
	PERM_COUNT
};

/* What the records of a pass call it, and what its denials return. Constant, part of the table. */
struct gate_operation {
	const char *name;	/* "domctl.pausedomain"; NULL until the operation is known */
	unsigned int index;	/* of the row, below GATE_OPERATIONS */
	int denied;		/* positive errno */
	bool quiet;		/* denials belong to normal life: not printed */
};
#define GATE_OPERATIONS 512	/* at most; the table asserts it */

/* --- for the dispatcher alone (hypercall/dispatch.c) -------------------------------------------------------------- */
struct authz *gate_begin(struct vcpu *v, enum perm use);	/* NULL: denied `use`, audited */
void gate_set_operation(struct authz *az, const struct gate_operation *op);	/* names the operation for what follows */
int __must_check gate_authorize_self(struct authz *az, enum perm p);
int __must_check gate_authorize_domain(struct authz *az, domid_t id, enum perm p);	/* sets the target; -XEN_ESRCH or the row's denied status */
void gate_end(struct authz *az);

/* --- for handlers --------------------------------------------------------------------------------------------------- */
struct vcpu *authz_vcpu(const struct authz *az);		/* the caller's vCPU */
struct domain *authz_self(const struct authz *az);		/* the caller */
struct domain *authz_target(const struct authz *az);		/* what the dispatcher resolved and checked; NULL if the row has none */

/*
 * Lookups that depend on data. Each names the permission; on success *out is borrowed until gate_release() or the end of the pass.
 * -XEN_ESRCH: no such domain; the row's denied status (mostly -XEN_EACCES): refused and audited.
 */
int __must_check gate_open_domain(struct authz *az, domid_t id, enum perm p, struct domain **out);	/* DOMID_SELF is the caller */
/* Two permissions of one class; what is missing stands in one record. */
int __must_check gate_open_domain_both(struct authz *az, domid_t id, enum perm p, enum perm q, struct domain **out);
int __must_check gate_open_next(struct authz *az, domid_t at_least, enum perm p, struct domain **out);	/* lowest existing id >= at_least whose p is granted; dead-but-referenced ones included; not audited for skipped ones; -XEN_ESRCH at the end */
int __must_check gate_open_link(struct authz *az, const struct domain_link *l, enum perm p, struct domain **out);
void gate_release(struct authz *az, struct domain *d);
/* Further questions on what one already has. */
int __must_check gate_check_xen(struct authz *az, enum perm p);		/* on the hypervisor: initial SID xen */
int __must_check gate_check_security(struct authz *az, enum perm p);	/* on the policy: initial SID security */
int __must_check gate_check_self(struct authz *az, enum perm p);
int __must_check gate_check_target(struct authz *az, struct domain *target, enum perm p);	/* caller -> target */
int __must_check gate_check_pair(struct authz *az, struct domain *source, struct domain *target, enum perm p);
int __must_check gate_check_target_both(struct authz *az, struct domain *target, enum perm p, enum perm q);
int __must_check gate_check_pair_both(struct authz *az, struct domain *source, struct domain *target, enum perm p, enum perm q);
int __must_check gate_check_sids(struct authz *az, sid_t ssid, sid_t tsid, enum perm p);

/* Event channels carry labels of their own (Xen: type_transition on class event); computed and checked for one end. */
int __must_check gate_event_label(struct authz *az, struct domain *local, struct domain *remote, sid_t *label);	/* checks event create and bind */
int __must_check gate_event_send(struct authz *az, sid_t label);
/*
 * Both ends of a channel about to be made: local_id's end (DOMID_SELF: the caller), which will face remote_id. Asks what Xen asks: the caller may
 * create the label that type_transition(local, remote, event) gives, and that label may bind to remote. Both domains are borrowed as from gate_open_domain.
 */
int __must_check gate_open_channel(struct authz *az, domid_t local_id, domid_t remote_id, struct domain **local, struct domain **remote, sid_t *label);
/* The far end of a channel, for a send: the caller may `event send` to the channel's label. Borrowed as from gate_open_link. */
int __must_check gate_event_peer(struct authz *az, sid_t label, const struct domain_link *l, struct domain **out);

/* createdomain: is the caller allowed to create a domain with this label; gives the build label. */
int __must_check gate_create_label(struct authz *az, sid_t ssidref, sid_t *build, sid_t *run);
/* A policy was loaded: what domains are called as their own targets is computed anew. */
void gate_labels_refresh(void);
/* May the page of another domain in self's address space stay: what the map asked for. The sweep's question; no record. */
bool gate_may_keep_grant(const struct domain *mapper, const struct domain *granter, bool write);
bool gate_may_keep_channel(const struct domain *d, sid_t label, const struct domain *peer);	/* d sends to it, and it faces peer */
bool gate_may_keep_foreign(const struct domain *mapper, const struct domain_link *owner, bool shared);	/* shared: a grant frame, not memory */
/*
 * Unpause, under domain.lock: past sHype's wall; the first time take the run label. -XEN_ERESTART until what the old label allowed (build mappings) is
 * gone: give up the lock, have the label settled, ask again. 0 holds as long as the lock.
 */
int __must_check gate_start_domain(struct authz *az, struct domain *d);
/* -XEN_ERESTART until what the old label allowed is gone. */
int __must_check gate_settle_label(struct domain *d);
int __must_check gate_relabel_domain(struct authz *az, domid_t id, sid_t sid);

/* Names an object in the audit record of the next denial: "port", "gref", "gfn", "mfn", "vcpu". */
void authz_note(struct authz *az, const char *what, uint64_t value);
/* A refused operation: audited once per domain and row, then counted. */
void authz_refused(struct authz *az);

/* --- generations ---------------------------------------------------------------------------------------------------- */
/* After new tables were published: 0 when every CPU has left the pass it was in, else -XEN_ERESTART (call again with the same token). */
int __must_check gate_quiesce(struct gate_quiesce *q);

/* --- boot ------------------------------------------------------------------------------------------------------------ */
/* Loads the policy (embedded or module) and resolves initial SIDs. Message on the console; -errno stops the boot. */
int __must_check xsm_init(const void *policy, size_t len);
sid_t xsm_initial_sid_dom0(void);

#endif
