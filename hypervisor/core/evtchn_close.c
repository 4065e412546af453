/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closing channels: one port, all of them (reset), and the end of a domain.
 * Locking: the port's domain; both ends, lower id first, when it is joined. Links are dropped unlocked, since the last reference frees a domain.
 * Trust: a far end learns only that its channel is unbound; its domain is reached raw because closing one's own channel needs nobody's leave.
 */
#include "evtchn_private.h"

#include <hv/cpu.h>
#include <hv/internal.h>

/* Ports closed between two looks at the clock. */
#define CLOSE_BATCH 32u

static void end_unbind(struct channel *ch, const struct domain *other)
{
	ch->state = CHANNEL_UNBOUND;
	ch->remote_id = other->id;
	ch->remote_port = 0;
	ch->remote.opaque = 0;
}

bool channel_part(struct domain *d, evtchn_port_t port, struct domain *peer, bool close)
{
	struct domain_link ours = { 0 }, theirs = { 0 };
	struct channel *ch, *far;
	bool joined;

	domain_lock_pair(d, peer);
	ch = channel_lookup(d->evtchn, port);
	joined = ch->state == CHANNEL_INTERDOMAIN && domain_link_is(&ch->remote, peer);
	if (joined) {
		far = channel_lookup(peer->evtchn, ch->remote_port);
		ours = ch->remote;
		theirs = far->remote;
		end_unbind(far, d);
		end_unbind(ch, peer);
		if (close)
			channel_free(d, ch, port);
	}
	domain_unlock_pair(d, peer);
	domain_link_drop(&ours);
	domain_link_drop(&theirs);
	return joined;
}

int evtchn_close(struct domain *d, evtchn_port_t port)
{
	struct domain *peer = NULL;
	struct channel *ch;
	int rc = 0;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, port);
	if (!ch || ch->state == CHANNEL_FREE || ch->state == CHANNEL_RESERVED) {
		rc = -XEN_EINVAL;
	} else if (ch->state == CHANNEL_INTERDOMAIN) {
		peer = domain_link_raw(&ch->remote);
		if (!domain_get(peer)) {	/* its count is saturated */
			peer = NULL;
			rc = -XEN_EBUSY;
		}
	} else {
		channel_free(d, ch, port);
	}
	spin_unlock(&d->lock);
	if (!peer)
		return rc;
	rc = channel_part(d, port, peer, true) ? 0 : -XEN_ERESTART;
	domain_put(peer);
	return rc;
}

/*
 * From where the last call stopped to the end of the table. A free port's -XEN_EINVAL is what we want to hear. Two callers at once are possible
 * (reset and destroy): each steps on only from a port it has seen closed.
 */
static int close_all(struct domain *d)
{
	struct evtchn_state *s = d->evtchn;
	uint32_t port = atomic_load(&s->next_close);

	for (unsigned int n = 1; port < s->nr_chunks * CHUNK_PORTS; n++) {
		uint32_t seen = port;

		if (evtchn_close(d, port) == -XEN_ERESTART)
			return -XEN_ERESTART;
		port = atomic_compare_exchange_strong(&s->next_close, &seen, port + 1) ? port + 1 : seen;
		if (n % CLOSE_BATCH == 0 && cpu_should_yield())
			return -XEN_ERESTART;
	}
	atomic_store(&s->next_close, 0);
	return 0;
}

static bool ports_in_use(const struct evtchn_state *s)
{
	for (uint32_t i = 0; i < s->nr_chunks; i++)
		for (unsigned int w = 0; w < CHUNK_WORDS; w++)
			if (~s->chunk[i]->free[w] & ~(uint64_t)(i == 0 && w == 0))
				return true;
	return false;
}

/* The domain may go on binding on its other vCPUs; then it keeps its FIFO and is told to try again. */
int evtchn_reset(struct domain *d)
{
	int rc = close_all(d);

	if (rc)
		return rc;
	spin_lock(&d->lock);
	if (ports_in_use(d->evtchn))
		rc = -XEN_EAGAIN;
	else
		fifo_destroy(d);
	spin_unlock(&d->lock);
	return rc;
}

int evtchn_domain_teardown(struct domain *d)
{
	int rc;

	if (!d->evtchn)
		return 0;
	rc = close_all(d);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	fifo_destroy(d);
	spin_unlock(&d->lock);
	return 0;
}
