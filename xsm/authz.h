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

/*@
  axiomatic label { logic integer label_of(struct domain *d) reads \nothing; }	// in force
  // As which s sees d.
  logic integer label_to{L}(struct domain *s, struct domain *d) = s == d ? d->label.self_sid : label_of(d);

  predicate has{L}(uint64_t *words, integer p) = ((words[p / 64] >> (p % 64)) & 1) != 0;
  predicate shares(integer p) = p == PERM_grant__map_read || p == PERM_grant__map_write || p == PERM_grant__copy ||
    p == PERM_mmu__map_read || p == PERM_mmu__map_write || p == PERM_domain2__resource_map;
  predicate kept{L}(struct flask_vector *v, integer p) = has(&v->allowed[0], p) || v->permissive || !enforces;
  predicate shared(integer a, integer a_sid, integer b, integer b_sid) = a == b || may_share(a_sid, b_sid);
  // What the gate decides, of two ids with their labels: everything else must come to this.
  predicate decided{L}(integer s, integer s_sid, integer t, integer t_sid, integer p, integer q) =
    kept(vector_of(s_sid, t_sid), p) && (q == PERM_INVALID || kept(vector_of(s_sid, t_sid), q)) && (shares(p) ==> shared(s, s_sid, t, t_sid));
  predicate allows{L}(struct domain *s, struct domain *d, integer p) = kept(vector_of(label_of(s), label_to(s, d)), p);	// sHype aside
  // s may do p, and q unless there is none, to d.
  predicate grants{L}(struct domain *s, struct domain *d, integer p, integer q) = decided(s->id, label_of(s), d->id, label_to(s, d), p, q);

  predicate domain{L}(struct domain *d) = is_domain(d) && \valid(d);
  predicate pass{L}(struct authz *az) = \valid(az) && \valid_read(az->op) && az->op->denied > 0 && domain(az->self);
  // What is a domain is no part of the gate's books.
  predicate apart{L}(struct authz *az) = \forall struct domain *d; is_domain(d) ==> \separated(az, d);
  predicate own{L}(struct authz *az) = az->own != \null ==> \valid_read(az->own) && az->own == vector_of(label_of(az->self), az->self->label.self_sid);

  // What of the references on d this pass has to give back.
  logic integer held{L}(struct authz *az, struct domain *d) = (az->open[0] == d ? 1 : 0) + (az->open[1] == d ? 1 : 0) +
    (az->open[2] == d ? 1 : 0) + (az->open[3] == d ? 1 : 0) + (az->target == d && d != az->self ? 1 : 0);
  // The pass's book is true: what is open is counted, each once, and each has a reference.
  predicate booked{L}(struct authz *az) = \valid(az) && az->opened ==
    (az->open[0] != \null ? 1 : 0) + (az->open[1] != \null ? 1 : 0) + (az->open[2] != \null ? 1 : 0) + (az->open[3] != \null ? 1 : 0) &&
    (\forall struct domain *d; d != \null ==> held(az, d) <= refs(d));
  predicate closed{L}(struct authz *az) = az->opened == 0 && (\forall integer i; 0 <= i < AUTHZ_OPEN_MAX ==> az->open[i] == \null);
  // Since K: each reference taken is in the book, or was given back.
  predicate even{K, L}(struct authz *az) = \forall struct domain *d; d != \null ==> refs{L}(d) - held{L}(az, d) == refs{K}(d) - held{K}(az, d);
  // But n more on d.
  predicate even_but{K, L}(struct authz *az, struct domain *d, integer n) =
    \forall struct domain *e; e != \null ==> refs{L}(e) - held{L}(az, e) == refs{K}(e) - held{K}(az, e) + (e == d ? n : 0);
  // Since K nothing was opened but d, nor closed; and not even d.
  predicate opened_only{K, L}(struct authz *az, struct domain *d) = \forall integer i; 0 <= i < AUTHZ_OPEN_MAX ==>
    \at(az->open[i], L) == \at(az->open[i], K) || (\at(az->open[i], K) == \null && \at(az->open[i], L) == d);
  predicate opened_none{K, L}(struct authz *az) = \forall integer i; 0 <= i < AUTHZ_OPEN_MAX ==> \at(az->open[i], L) == \at(az->open[i], K);
  predicate is_open{L}(struct authz *az, struct domain *d) = \exists integer i; 0 <= i < AUTHZ_OPEN_MAX && az->open[i] == d;
*/

/* DOMID_SELF, or its own number. */
/*@ requires \valid_read(az) && \valid_read(az->self); assigns \nothing; ensures \result <==> id == DOMID_SELF || id == az->self->id; */
bool gate_is_self(const struct authz *az, domid_t id);
/* d as the one that acts, and as what `source` acts upon. */
/*@ requires \valid_read(d); assigns \nothing; ensures \result.id == d->id && \result.sid == label_of(d); */
struct gate_object gate_source(const struct domain *d);
/*@ requires \valid_read(d); assigns \nothing; ensures \result.id == d->id && \result.sid == label_to(source, d); */
struct gate_object gate_object_of(const struct domain *source, const struct domain *d);
/* What gate_begin() keeps in authz.own. */
/*@ requires \valid_read(d); assigns \nothing;
    ensures \result != \null ==> \valid_read(\result) && \result == vector_of(label_of(d), d->label.self_sid); */
const struct flask_vector *gate_own_vector(const struct domain *d);
/* 0, or the operation's denied status; audited. */
/*@ requires pass(az) && p < PERM_COUNT; assigns az->note;
    ensures decided(source.id, source.sid, target.id, target.sid, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int __must_check gate_decide(struct authz *az, struct gate_object source, struct gate_object target,
			     enum perm p);
/* sHype's part of a decision about two domains, where a permission alone does not say that it is one: 0, or as gate_decide(). */
/*@ requires pass(az); assigns az->note; ensures shared(a.id, a.sid, b.id, b.sid) ? \result == 0 : \result == -az->op->denied; */
int __must_check gate_share(struct authz *az, struct gate_object a, struct gate_object b, enum perm p);
/* Writes the record of its refusal; the operation's denied status. */
/*@ requires pass(az) && \valid_read(why); assigns az->note; ensures \result == -az->op->denied; */
int __must_check gate_shype_refuse(struct authz *az, struct gate_object source, struct gate_object target, enum perm p,
				   const struct shype_reason *why);
/* The same, without a record of a denial. */
/*@ requires pass(az) && domain(d) && p < PERM_COUNT; assigns \nothing;
    ensures \result <==> allows(az->self, d, p); */
bool gate_would_allow(const struct authz *az, const struct domain *d, enum perm p);
/* Takes over the caller's reference. */
/*@
  requires booked(az) && d != \null && refs(d) > held(az, d) && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, refs_taken;
  ensures booked(az) && even_but{Pre, Post}(az, d, -1);
  ensures \result == 0 ? *out == d && is_open(az, d) && az->opened == \old(az->opened) + 1 && opened_only{Pre, Post}(az, d) :
    \result == -XEN_ENOMEM && \old(az->opened) == AUTHZ_OPEN_MAX && *out == \old(*out) && opened_none{Pre, Post}(az);
*/
int __must_check gate_keep(struct authz *az, struct domain *d, struct domain **out);

/* What hv/gate.h has for all, as it is proved. Initial labels: 2 is xen, 7 is security. */
/*@ requires pass(az) && own(az) && p < PERM_COUNT; assigns az->note;
    ensures grants(az->self, az->self, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_self(struct authz *az, enum perm p);
/*@ requires pass(az) && domain(target) && p < PERM_COUNT; assigns az->note;
    ensures grants(az->self, target, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_target(struct authz *az, struct domain *target, enum perm p);
/*@ requires pass(az) && domain(target) && p < PERM_COUNT && q < PERM_COUNT; assigns az->note;
    ensures grants(az->self, target, p, q) ? \result == 0 : \result == -az->op->denied; */
int gate_check_target_both(struct authz *az, struct domain *target, enum perm p, enum perm q);
/*@ requires pass(az) && domain(source) && domain(target) && p < PERM_COUNT; assigns az->note;
    ensures grants(source, target, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_pair(struct authz *az, struct domain *source, struct domain *target, enum perm p);
/*@ requires pass(az) && domain(source) && domain(target) && p < PERM_COUNT && q < PERM_COUNT; assigns az->note;
    ensures grants(source, target, p, q) ? \result == 0 : \result == -az->op->denied; */
int gate_check_pair_both(struct authz *az, struct domain *source, struct domain *target, enum perm p, enum perm q);
/*@ requires pass(az) && p < PERM_COUNT; assigns az->note;
    ensures decided(az->self->id, label_of(az->self), DOMID_INVALID, initial_label(2), p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_xen(struct authz *az, enum perm p);
/*@ requires pass(az) && p < PERM_COUNT; assigns az->note;
    ensures decided(az->self->id, label_of(az->self), DOMID_INVALID, initial_label(7), p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_security(struct authz *az, enum perm p);
/*@ requires pass(az) && p < PERM_COUNT; assigns az->note;
    ensures decided(DOMID_INVALID, ssid, DOMID_INVALID, tsid, p, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_check_sids(struct authz *az, sid_t ssid, sid_t tsid, enum perm p);
/*@ requires domain(mapper) && domain(granter); assigns \nothing;
    ensures \result <==> allows(mapper, granter, PERM_grant__map_read) && (write ==> allows(mapper, granter, PERM_grant__map_write)) && may_keep(mapper, granter); */
bool gate_may_keep_grant(const struct domain *mapper, const struct domain *granter, bool write);
/*@ requires domain(d) && domain(peer); assigns \nothing;
    ensures \result <==> kept(vector_of(label_of(d), label), PERM_event__send) && kept(vector_of(label, label_to(d, peer)), PERM_event__bind) && may_keep(d, peer); */
bool gate_may_keep_channel(const struct domain *d, sid_t label, const struct domain *peer);
/*@ requires domain(mapper) && \valid_read(owner) && owner->opaque != 0; assigns \nothing;
    ensures \let d = behind(owner->opaque); \result <==> may_keep(mapper, d) &&
      (shared ? allows(mapper, d, PERM_domain2__resource_map) : allows(mapper, d, PERM_mmu__map_read) && allows(mapper, d, PERM_mmu__map_write)); */
bool gate_may_keep_foreign(const struct domain *mapper, const struct domain_link *owner, bool shared);
/*@ requires \valid(az); assigns az->note, az->note_value; */
void authz_note(struct authz *az, const char *what, uint64_t value);
/*@
  // The caller may create the label that a channel between the two has, this one may bind to the far end, and sHype lets both share.
  predicate channel{L}(struct authz *az, struct domain *near, struct domain *far, integer label) = transition(label_of(near), label_to(near, far), label) &&
    decided(az->self->id, label_of(az->self), near->id, label, PERM_event__create, PERM_INVALID) &&
    decided(near->id, label, far->id, label_to(near, far), PERM_event__bind, PERM_INVALID) &&
    shared(near->id, label_of(near), far->id, label_to(near, far));
*/
/*@ requires pass(az) && domain(local) && domain(remote) && \valid(label) && \separated(label, az) && (\forall struct domain *d; is_domain(d) ==> \separated(label, d));
    assigns az->note, *label;
    ensures \result == 0 ? channel(az, local, remote, *label) : *label == \old(*label); */
int gate_event_label(struct authz *az, struct domain *local, struct domain *remote, sid_t *label);
/*@ requires pass(az); assigns az->note;
    ensures decided(az->self->id, label_of(az->self), DOMID_INVALID, label, PERM_event__send, PERM_INVALID) ? \result == 0 : \result == -az->op->denied; */
int gate_event_send(struct authz *az, sid_t label);

#endif
