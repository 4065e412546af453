/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of event channels: computed from both ends, checked when a channel is made and at each
 * send.
 * Locking: none.
 * Trust: ids are the caller's choice.
 */
#include "authz.h"

#include <hv/flask.h>
#include <hv/internal.h>

/*
 * As Xen asks: the caller creates a channel of this label, and the label may bind to the far end.
 */
int gate_event_label(struct authz *az, struct domain *local, struct domain *remote, sid_t *label)
{
	struct gate_object far = gate_object_of(local, remote);
	struct gate_object near = gate_source(local);
	struct gate_object caller = gate_source(az->self);
	struct gate_object channel = { local->id, 0 };
	int rc = flask_transition(near.sid, far.sid, "event", &channel.sid);

	if (rc)
		return rc;
	rc = gate_decide(az, caller, channel, PERM_event__create);
	if (rc)
		return rc;
	rc = gate_decide(az, channel, far, PERM_event__bind);
	if (rc == 0)
		rc = gate_share(az, near, far, PERM_event__bind);
	if (rc == 0)
		*label = channel.sid;
	return rc;
}

int gate_event_send(struct authz *az, sid_t label)
{
	struct gate_object caller = gate_source(az->self);

	return gate_decide(az, caller, (struct gate_object){ DOMID_INVALID, label },
			   PERM_event__send);
}

/*
 * Existence of the ids is not secret: Xen answers ESRCH to everybody. What is done to them waits
 * for the labels' answer.
 */
/*@
  requires pass(az) && apart(az) && booked(az) && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, *out, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> domain(*out) && (id == DOMID_SELF ? *out == az->self : (*out)->id == id);
  ensures \result == 0 ==> (*out == az->self || is_open(az, *out)) && opened_only{Pre, Post}(az, *out);
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
static int gate_event_end(struct authz *az, domid_t id, struct domain **out)
{
	struct domain *d;

	if (id == DOMID_SELF || id == az->self->id) {
		*out = az->self;
		return 0;
	}
	d = domain_lookup_raw(id);
	return d ? gate_keep(az, d, out) : -XEN_ESRCH;
}

/* What is open when it fails, nobody is told of, and it is let go of at the pass's end. */
/*@
  requires pass(az) && apart(az) && booked(az) && \valid(local) && \valid(remote) && \valid(label) && \separated(local, remote, label, az) &&
    (\forall struct domain *d; is_domain(d) ==> \separated(label, d));
  assigns az->open[0 .. 3], az->opened, az->note, *local, *remote, *label, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> channel(az, *local, *remote, *label);
  ensures \result == 0 ==> (local_id == DOMID_SELF ? *local == az->self : (*local)->id == local_id) && (*local == az->self || is_open(az, *local));
  ensures \result == 0 ==> (remote_id == DOMID_SELF ? *remote == az->self : (*remote)->id == remote_id) && (*remote == az->self || is_open(az, *remote));
  ensures \result != 0 ==> *local == \old(*local) && *remote == \old(*remote) && *label == \old(*label);
*/
int gate_open_channel(struct authz *az, domid_t local_id, domid_t remote_id, struct domain **local,
		      struct domain **remote, sid_t *label)
{
	struct domain *near, *far;
	int rc = gate_event_end(az, local_id, &near);

	if (rc == 0)
		rc = gate_event_end(az, remote_id, &far);
	/*@ assert booked(az); */
	/*@ assert even{Pre, Here}(az); */
	if (rc == 0)
		rc = gate_event_label(az, near, far, label);
	if (rc)
		return rc;
	*local = near;
	*remote = far;
	return 0;
}

/*@
  requires pass(az) && apart(az) && booked(az) && \valid_read(l) && \valid(out) && \separated(out, az);
  assigns az->open[0 .. 3], az->opened, az->note, *out, refs_taken;
  ensures booked(az);
  ensures even{Pre, Post}(az);
  ensures \result == 0 ==> l->opaque != 0 && *out == behind(l->opaque) && is_open(az, *out) && opened_only{Pre, Post}(az, *out);
  ensures \result == 0 ==> decided(az->self->id, label_of(az->self), DOMID_INVALID, label, PERM_event__send, PERM_INVALID) &&
    shared(az->self->id, label_of(az->self), (*out)->id, label_of(*out));
  ensures \result != 0 ==> *out == \old(*out) && opened_none{Pre, Post}(az);
*/
int gate_event_peer(struct authz *az, sid_t label, const struct domain_link *l, struct domain **out)
{
	struct domain *d;
	int rc;

	if (!domain_link_is_set(l))
		return -XEN_ESRCH;
	rc = gate_event_send(az, label);
	if (rc)
		return rc;
	d = domain_link_raw(l);
	rc = gate_share(az, gate_source(az->self), gate_source(d), PERM_event__send);
	if (rc)
		return rc;
	if (!domain_get(d))
		return -XEN_ESRCH;
	/*@ assert even_but{Pre, Here}(az, d, 1); */
	return gate_keep(az, d, out);
}
