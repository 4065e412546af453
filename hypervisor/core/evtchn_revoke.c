/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels that the policy no longer allows: both ends become unbound, as if the other had closed its port, and joining them again asks the gate.
 * Locking: the port's domain to judge, both ends to cut. Trust: the guests go on meanwhile; a port that has changed hands is judged by the next look.
 */
#include "evtchn_private.h"

#include <hv/cpu.h>
#include <hv/gate.h>
#include <hv/internal.h>
#include <hv/sweep.h>

static void end_unbind(struct channel *ch, const struct domain *other)
{
	ch->state = CHANNEL_UNBOUND;
	ch->remote_id = other->id;
	ch->remote_port = 0;
	ch->remote.opaque = 0;
}

/* d is locked. The far domain, referenced, if the channel must go. */
static struct domain *cut_claim(const struct domain *d, const struct domain *subject, const struct channel *ch)
{
	struct domain *peer;

	if (!ch || ch->state != CHANNEL_INTERDOMAIN)
		return NULL;
	peer = domain_link_raw(&ch->remote);
	if (subject && subject != d && subject != peer)
		return NULL;
	if (gate_may_keep_channel(d, ch->label, peer))
		return NULL;
	return domain_get(peer) ? peer : NULL;
}

/* Nothing is locked. False if the port is joined to somebody else by now. */
static bool channel_cut(struct domain *d, evtchn_port_t port, struct domain *peer)
{
	struct domain_link ours = { 0 }, theirs = { 0 };
	struct channel *ch, *far;
	bool cut;

	domain_lock_pair(d, peer);
	ch = channel_lookup(d->evtchn, port);
	cut = ch && ch->state == CHANNEL_INTERDOMAIN && domain_link_is(&ch->remote, peer);
	if (cut) {
		far = channel_lookup(peer->evtchn, ch->remote_port);
		ours = ch->remote;
		theirs = far->remote;
		end_unbind(far, d);
		end_unbind(ch, peer);
	}
	domain_unlock_pair(d, peer);
	if (cut) {
		domain_link_drop(&ours);
		domain_link_drop(&theirs);
	}
	return cut;
}

static bool revoke_one(struct domain *d, const struct domain *subject, evtchn_port_t port)
{
	struct domain *peer;
	bool cut;

	spin_lock(&d->lock);
	peer = cut_claim(d, subject, channel_lookup(d->evtchn, port));
	spin_unlock(&d->lock);
	if (!peer)
		return false;
	cut = channel_cut(d, port, peer);
	domain_put(peer);
	return cut;
}

int evtchn_sweep(struct domain *d, const struct domain *subject, uint64_t *cursor, uint32_t *revoked)
{
	const struct evtchn_state *s = d->evtchn;

	while (s && *cursor < (uint64_t)__atomic_load_n(&s->nr_chunks, __ATOMIC_ACQUIRE) * CHUNK_PORTS) {
		*revoked += revoke_one(d, subject, (evtchn_port_t)*cursor);
		if (++*cursor % 64 == 0 && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}
