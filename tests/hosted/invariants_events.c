/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariants of invariants.h, part two: event channels.
 * Locking: none, the machine rests. Trust: tests only.
 */
#include "invariants_private.h"

#include <hv/gate.h>
#include <hv/internal.h>

#include "../../hypervisor/core/evtchn_private.h"

static bool joined_holds(struct tally *t, evtchn_port_t port, const struct channel *ch)
{
	struct tally *peer = tally_of_link(&ch->remote);
	const struct channel *far = peer && peer->d->evtchn ? channel_lookup(peer->d->evtchn, ch->remote_port) : NULL;

	if (!far || far->state != CHANNEL_INTERDOMAIN || far->remote_port != port || !domain_link_is(&far->remote, t->d))
		return invariant_fails("d%u: port %u is joined to one that is not joined to it", t->d->id, port);
	peer->refs++;
	return gate_may_keep_channel(t->d, ch->label, peer->d) ||
	       invariant_fails("d%u: port %u is joined to d%u, which the policy denies", t->d->id, port, peer->d->id);
}

static bool virq_holds(struct tally *t, evtchn_port_t port, const struct channel *ch)
{
	unsigned int listed = 0;

	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		listed += t->d->vcpu[i] && t->d->vcpu[i]->virq_port[ch->virq] == port;
	t->refs += evtchn_virq_is_global(ch->virq);
	return listed == 1 || invariant_fails("d%u: port %u is virtual interrupt %u, listed %u times", t->d->id, port, ch->virq, listed);
}

static bool channel_holds(struct tally *t, evtchn_port_t port, const struct channel *ch, bool is_free)
{
	if (is_free != (ch->state == CHANNEL_FREE))
		return invariant_fails("d%u: port %u is in state %u and %s in the list of free ones", t->d->id, port, ch->state, is_free ? "is" : "is not");
	if (ch->label && ch->state != CHANNEL_UNBOUND && ch->state != CHANNEL_INTERDOMAIN)
		return invariant_fails("d%u: port %u is in state %u, but has a label", t->d->id, port, ch->state);
	if (is_free && (ch->vcpu || ch->remote_id || ch->remote_port || ch->pending))
		return invariant_fails("d%u: port %u is free, but has kept something", t->d->id, port);
	if (ch->state != CHANNEL_INTERDOMAIN && domain_link_is_set(&ch->remote))
		return invariant_fails("d%u: port %u is in state %u, but names a peer", t->d->id, port, ch->state);
	if (ch->state == CHANNEL_INTERDOMAIN)
		return joined_holds(t, port, ch);
	return ch->state != CHANNEL_VIRQ || virq_holds(t, port, ch);
}

static bool virqs_hold(const struct domain *d)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		for (uint32_t virq = 0; d->vcpu[i] && virq < NR_VIRQS; virq++) {
			evtchn_port_t port = d->vcpu[i]->virq_port[virq];
			const struct channel *ch = port ? channel_lookup(d->evtchn, port) : NULL;

			if (port && (!ch || ch->state != CHANNEL_VIRQ || ch->virq != virq))
				return invariant_fails("d%u: virtual interrupt %u goes to port %u, which is another's", d->id, virq, port);
		}
	return true;
}

static bool fifo_holds(struct tally *t)
{
	const struct fifo *f = t->d->evtchn->fifo;

	for (uint32_t i = 0; f && i < f->nr_pages; i++) {
		t->pinned++;
		if (!frame_referred(f->page_mfn[i], t->d, "an event page"))
			return false;
	}
	return true;
}

bool channels_hold(struct tally *t)
{
	const struct evtchn_state *s = t->d->evtchn;

	for (evtchn_port_t port = 0; s && port < s->nr_chunks * CHUNK_PORTS; port++) {
		const struct channel_chunk *c = s->chunk[port / CHUNK_PORTS];
		bool is_free = c->free[port % CHUNK_PORTS / 64] >> (port % 64) & 1;

		if (!channel_holds(t, port, &c->channel[port % CHUNK_PORTS], is_free))
			return false;
	}
	return !s || (virqs_hold(t->d) && fifo_holds(t));
}
