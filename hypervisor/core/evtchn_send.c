/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending on a channel: the hot path of every paravirtual driver.
 * Locking: the two ends one after the other, never both. Trust: the port is the guest's; the far end is opened through the gate, or, for events the
 * hypervisor sends in a domain's name, raw.
 */
#include "evtchn_private.h"

#include <hv/gate.h>
#include <hv/internal.h>

/* Between the sender's unlock and this lock the channel may have been closed or joined to another: then there is nobody to tell. */
static void far_end_raise(struct domain *peer, evtchn_port_t rport, const struct domain *d, evtchn_port_t port)
{
	struct channel *ch;

	spin_lock(&peer->lock);
	ch = channel_lookup(peer->evtchn, rport);
	if (ch && ch->state == CHANNEL_INTERDOMAIN && ch->remote_port == port && domain_link_is(&ch->remote, d))
		channel_raise(peer, ch, rport);
	spin_unlock(&peer->lock);
}

struct far_end {
	struct domain_link link;	/* unset: nobody to tell */
	evtchn_port_t port;
	sid_t label;			/* 0: the channel stays inside its domain */
};

/* d is locked. */
static int send_near_end(struct domain *d, evtchn_port_t port, struct far_end *far)
{
	struct channel *ch = channel_lookup(d->evtchn, port);

	if (!ch)
		return -XEN_EINVAL;
	switch (ch->state) {
	case CHANNEL_INTERDOMAIN:
		far->link = domain_link_make(domain_link_raw(&ch->remote));
		far->port = ch->remote_port;
		far->label = ch->label;
		return 0;
	case CHANNEL_IPI:
		channel_raise(d, ch, port);
		return 0;
	case CHANNEL_UNBOUND:
		far->label = ch->label;	/* nobody there: dropped, as the ABI has it, but only if it might be sent */
		return 0;
	case CHANNEL_FREE:
	case CHANNEL_RESERVED:
	case CHANNEL_VIRQ:
		break;
	}
	return -XEN_EINVAL;
}

/* The gate is asked with nothing locked: a denial may take its time to be written down. */
int evtchn_send(struct authz *az, struct domain *d, evtchn_port_t port)
{
	struct far_end far = { .port = 0 };
	struct domain *peer;
	int rc;

	spin_lock(&d->lock);
	rc = send_near_end(d, port, &far);
	spin_unlock(&d->lock);
	if (rc || !far.label)
		return rc;
	authz_note(az, "port", port);
	if (!domain_link_is_set(&far.link))
		return gate_event_send(az, far.label);
	rc = gate_event_peer(az, far.label, &far.link, &peer);
	if (rc == 0) {
		far_end_raise(peer, far.port, d, port);
		gate_release(az, peer);
	}
	domain_link_drop(&far.link);
	return rc;
}

void evtchn_send_port(struct domain *d, evtchn_port_t port)
{
	struct far_end far = { .port = 0 };
	int rc;

	spin_lock(&d->lock);
	rc = send_near_end(d, port, &far);
	spin_unlock(&d->lock);
	if (rc || !domain_link_is_set(&far.link))
		return;
	far_end_raise(domain_link_raw(&far.link), far.port, d, port);
	domain_link_drop(&far.link);
}
