/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's table of event channel ports: chunks that grow on demand, up to the domain's limit, at its expense.
 * Locking: domain.lock. Trust: the port number is the guest's; it is bounded here, also against speculation.
 */
#include "evtchn_private.h"

#include <hv/edge.h>
#include <hv/mm.h>

/* A guest that leaves freed ports linked in its FIFO queues makes us pass over at most this many of them. */
#define BUSY_PORTS_TOLERATED 64

static uint32_t ports_limit(const struct evtchn_state *s)
{
	return s->fifo || s->max_ports < TWOLEVEL_PORTS ? s->max_ports : TWOLEVEL_PORTS;
}

int evtchn_domain_init(struct domain *d)
{
	uint32_t ports = d->max_evtchn_port < FIFO_PORTS - 1 ? d->max_evtchn_port + 1 : FIFO_PORTS;
	size_t chunks = (ports + CHUNK_PORTS - 1) / CHUNK_PORTS;

	d->evtchn = heap_alloc(d, sizeof(*d->evtchn) + chunks * sizeof(d->evtchn->chunk[0]));
	if (!d->evtchn)
		return -XEN_ENOMEM;
	d->evtchn->max_ports = ports;
	return 0;
}

void evtchn_domain_free(struct domain *d)
{
	struct evtchn_state *s = d->evtchn;

	if (!s)
		return;
	for (uint32_t i = 0; i < s->nr_chunks; i++)
		heap_free(d, s->chunk[i]);
	heap_free(d, s);
	d->evtchn = NULL;
}

struct vcpu *evtchn_vcpu(const struct domain *d, uint32_t id)
{
	if (id >= MAX_VCPUS)
		return NULL;
	return d->vcpu[id & edge_array_index_mask(id, MAX_VCPUS)];
}

struct channel *channel_lookup(const struct evtchn_state *s, evtchn_port_t port)
{
	uint32_t nr = s->nr_chunks * CHUNK_PORTS;

	if (port >= nr)
		return NULL;
	port &= (uint32_t)edge_array_index_mask(port, nr);
	return &s->chunk[port / CHUNK_PORTS]->channel[port % CHUNK_PORTS];
}

static int chunk_add(struct domain *d)
{
	struct evtchn_state *s = d->evtchn;
	struct channel_chunk *c = heap_alloc(d, sizeof(*c));

	if (!c)
		return -XEN_ENOMEM;
	for (unsigned int i = 0; i < CHUNK_WORDS; i++)
		c->free[i] = ~(uint64_t)0;
	if (s->nr_chunks == 0) {
		c->free[0] &= ~(uint64_t)1;
		c->channel[0].state = CHANNEL_RESERVED;
	}
	s->chunk[s->nr_chunks] = c;
	__atomic_store_n(&s->nr_chunks, s->nr_chunks + 1, __ATOMIC_RELEASE);	/* the sweep looks without the lock */
	return 0;
}

/* Lowest free port of a chunk that the guest does not still keep on a queue; CHUNK_PORTS if there is none. */
static uint32_t chunk_find(const struct domain *d, uint32_t index, unsigned int *busy)
{
	const struct channel_chunk *c = d->evtchn->chunk[index];

	for (uint32_t w = 0; w < CHUNK_WORDS; w++) {
		for (uint64_t left = c->free[w]; left && *busy < BUSY_PORTS_TOLERATED; left &= left - 1) {
			uint32_t n = w * 64 + (uint32_t)__builtin_ctzll(left);

			if (!fifo_is_busy(d, index * CHUNK_PORTS + n))
				return n;
			(*busy)++;
		}
	}
	return CHUNK_PORTS;
}

static int port_find(struct domain *d, evtchn_port_t *port)
{
	struct evtchn_state *s = d->evtchn;
	uint32_t limit = ports_limit(s);
	unsigned int busy = 0;

	for (uint32_t i = 0; i * CHUNK_PORTS < limit && busy < BUSY_PORTS_TOLERATED; i++) {
		int rc = i == s->nr_chunks ? chunk_add(d) : 0;
		uint32_t n;

		if (rc)
			return rc;
		n = chunk_find(d, i, &busy);
		if (n < CHUNK_PORTS && i * CHUNK_PORTS + n < limit) {
			*port = i * CHUNK_PORTS + n;
			return 0;
		}
	}
	return -XEN_ENOSPC;
}

/* The channel is FREE until the caller sets its state; from then on channel_free() undoes it. */
int channel_alloc(struct domain *d, evtchn_port_t *port, struct channel **ch)
{
	struct channel_chunk *c;
	int rc;

	if (domain_is_dying(d))
		return -XEN_ESRCH;
	rc = port_find(d, port);
	if (rc)
		return rc;
	c = d->evtchn->chunk[*port / CHUNK_PORTS];
	c->free[*port % CHUNK_PORTS / 64] &= ~((uint64_t)1 << (*port % 64));
	*ch = &c->channel[*port % CHUNK_PORTS];
	(*ch)->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	return 0;
}

void channel_free(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	struct channel_chunk *c = d->evtchn->chunk[port / CHUNK_PORTS];

	channel_clear_pending(d, ch, port);
	if (ch->state == CHANNEL_VIRQ)
		virq_unbind(d, ch, port);
	/* last_vcpu and last_priority stay: the event may still be the tail of that queue. */
	ch->state = CHANNEL_FREE;
	ch->pending = false;
	ch->vcpu = 0;
	ch->label = 0;
	ch->remote_port = 0;
	ch->remote_id = 0;
	ch->remote.opaque = 0;
	c->free[port % CHUNK_PORTS / 64] |= (uint64_t)1 << (port % 64);
}
