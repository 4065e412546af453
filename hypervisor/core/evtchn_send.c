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

/* d is locked. *peer is set when there is a far end to raise. */
static int send_near_end(struct authz *az, struct domain *d, evtchn_port_t port, struct domain **peer, evtchn_port_t *rport)
{
	struct channel *ch = channel_lookup(d->evtchn, port);

	*peer = NULL;
	if (!ch)
		return -XEN_EINVAL;
	switch (ch->state) {
	case CHANNEL_INTERDOMAIN:
		*rport = ch->remote_port;
		return gate_event_peer(az, ch->label, &ch->remote, peer);
	case CHANNEL_IPI:
		channel_raise(d, ch, port);
		return 0;
	case CHANNEL_UNBOUND:
		return 0;		/* nobody there: dropped, as the ABI has it */
	case CHANNEL_FREE:
	case CHANNEL_RESERVED:
	case CHANNEL_VIRQ:
		break;
	}
	return -XEN_EINVAL;
}

int evtchn_send(struct authz *az, struct domain *d, evtchn_port_t port)
{
	struct domain *peer;
	evtchn_port_t rport = 0;
	int rc;

	authz_note(az, "port", port);
	spin_lock(&d->lock);
	rc = send_near_end(az, d, port, &peer, &rport);
	spin_unlock(&d->lock);
	if (rc || !peer)
		return rc;
	far_end_raise(peer, rport, d, port);
	gate_release(az, peer);
	return 0;
}

void evtchn_send_port(struct domain *d, evtchn_port_t port)
{
	struct domain *peer = NULL;
	evtchn_port_t rport = 0;
	struct channel *ch;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, port);
	if (ch && ch->state == CHANNEL_INTERDOMAIN) {
		rport = ch->remote_port;
		peer = domain_link_raw(&ch->remote);
		if (!domain_get(peer))
			peer = NULL;
	}
	spin_unlock(&d->lock);
	if (!peer)
		return;
	far_end_raise(peer, rport, d, port);
	domain_put(peer);
}
