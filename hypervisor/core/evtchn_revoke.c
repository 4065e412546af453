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

static bool revoke_one(struct domain *d, const struct domain *subject, evtchn_port_t port)
{
	struct domain *peer;
	bool cut;

	spin_lock(&d->lock);
	peer = cut_claim(d, subject, channel_lookup(d->evtchn, port));
	spin_unlock(&d->lock);
	if (!peer)
		return false;
	cut = channel_part(d, port, peer, false);
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
