/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an authz is: private to the gate.
 * Locking: belongs to one pass on one CPU.
 * Trust: whoever could forge one would be the caller it names.
 */
#ifndef XSM_AUTHZ_H
#define XSM_AUTHZ_H

#include <hv/domain.h>
#include <hv/flask.h>
#include <hv/gate.h>
#include <hv/shype.h>
#include <hv/vcpu.h>

#define AUTHZ_OPEN_MAX 4		/* foreign domains a handler may hold open at once */
#define AUTHZ_LEVELS 2			/* a hypercall, and an entry of a multicall */

struct authz {
	struct vcpu *vcpu;
	struct domain *self;
	struct domain *target;		/* of the row; referenced unless it is self */
	unsigned int opened;		/* how many of: */
	struct domain *open[AUTHZ_OPEN_MAX];
	const struct gate_operation *op;
	const struct flask_vector *own;	/* the caller's rights on itself as the pass began; NULL: not yet decided */
	const char *note;		/* object named in the next denial */
	uint64_t note_value;
};

/* An object as a decision sees it. */
struct gate_object {
	domid_t id;			/* DOMID_INVALID: not a domain */
	sid_t sid;
};

/* DOMID_SELF, or its own number. */
bool gate_is_self(const struct authz *az, domid_t id);
/* d as the one that acts, and as what `source` acts upon. */
struct gate_object gate_source(const struct domain *d);
struct gate_object gate_object_of(const struct domain *source, const struct domain *d);
/* What gate_begin() keeps in authz.own. */
const struct flask_vector *gate_own_vector(const struct domain *d);
/* 0, or the operation's denied status; audited. */
int __must_check gate_decide(struct authz *az, struct gate_object source, struct gate_object target,
			     enum perm p);
/* sHype's part of a decision about two domains, where a permission alone does not say that it is one: 0, or as gate_decide(). */
int __must_check gate_share(struct authz *az, struct gate_object a, struct gate_object b, enum perm p);
/* Writes the record of its refusal; the operation's denied status. */
int __must_check gate_shype_refuse(struct authz *az, struct gate_object source, struct gate_object target, enum perm p,
				   const struct shype_reason *why);
/* The same, without a record of a denial. */
bool gate_would_allow(const struct authz *az, const struct domain *d, enum perm p);
/* Takes over the caller's reference. */
int __must_check gate_keep(struct authz *az, struct domain *d, struct domain **out);

#endif
