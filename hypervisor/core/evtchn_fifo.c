/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FIFO events: one 32-bit word a port in guest pages, linked into 16 queues a vCPU (xen/event_channel.h and Xen's FIFO ABI draft H).
 * Locking: domain.lock; the guest takes none, so words change by compare-and-swap. Trust: words and control blocks are hostile. Tails are kept
 * here and links are only ever written, never followed: a guest that scribbles loses its own events and nothing else.
 */
#include "evtchn_private.h"
#include "shared_bits.h"

#include <hv/guestmem.h>
#include <hv/mm.h>

#define WORD_PENDING	((uint32_t)1 << EVTCHN_FIFO_PENDING)
#define WORD_MASKED	((uint32_t)1 << EVTCHN_FIFO_MASKED)
#define WORD_LINKED	((uint32_t)1 << EVTCHN_FIFO_LINKED)
#define WORD_LINK	((uint32_t)EVTCHN_FIFO_LINK_MASK)

/* A guest at work changes its tail's word a few times at most while we try to link to it. */
#define LINK_TRIES 16

static event_word_t *fifo_word(const struct fifo *f, evtchn_port_t port)
{
	return port < f->nr_pages * FIFO_PAGE_PORTS ? &f->page[port / FIFO_PAGE_PORTS][port % FIFO_PAGE_PORTS] : NULL;
}

/* False: tail has left the queue (or the guest fights with us over its word), so the event starts a new one. */
static bool fifo_link_behind(event_word_t *tail, evtchn_port_t port)
{
	uint32_t old = shared32_read(tail);

	for (int i = 0; i < LINK_TRIES && (old & WORD_LINKED); i++)
		if (shared32_replace(tail, &old, (old & ~WORD_LINK) | port))
			return true;
	return false;
}

/* An event that moved to another vCPU or priority must not stay the tail of the queue it was on. */
static evtchn_port_t *fifo_choose_queue(struct fifo *f, struct channel *ch, evtchn_port_t port)
{
	evtchn_port_t *former = &f->tail[ch->last_vcpu][ch->last_priority];

	if (*former == port)
		*former = 0;
	ch->last_vcpu = ch->vcpu;
	ch->last_priority = ch->priority;
	return &f->tail[ch->vcpu][ch->priority];
}

static void fifo_link(struct domain *d, struct channel *ch, evtchn_port_t port, event_word_t *word)
{
	struct fifo *f = d->evtchn->fifo;
	struct vcpu *v = evtchn_vcpu(d, ch->vcpu);
	struct evtchn_fifo_control_block *control = v ? v->fifo_control : NULL;
	evtchn_port_t *tail;
	bool linked;

	if (!control || (shared32_fetch_or(word, WORD_LINKED) & WORD_LINKED))
		return;
	tail = fifo_choose_queue(f, ch, port);
	linked = *tail && fifo_link_behind(fifo_word(f, *tail), port);
	if (!linked)
		shared32_write(&control->head[ch->priority], port);
	*tail = port;
	if (!linked && !(shared32_fetch_or(&control->ready, 1u << ch->priority) >> ch->priority & 1))
		upcall_raise(v);
}

void fifo_raise(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	event_word_t *word = fifo_word(d->evtchn->fifo, port);
	uint32_t old;

	if (!word) {
		ch->pending = true;	/* until expand_array brings its word */
		return;
	}
	old = shared32_fetch_or(word, WORD_PENDING);
	if (!(old & (WORD_MASKED | WORD_LINKED)))
		fifo_link(d, ch, port, word);
	if (!(old & WORD_PENDING))
		poll_wake(d, port);
}

void fifo_unmask(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	event_word_t *word = fifo_word(d->evtchn->fifo, port);

	if (word && (shared32_fetch_and(word, ~WORD_MASKED) & (WORD_PENDING | WORD_LINKED)) == WORD_PENDING)
		fifo_link(d, ch, port, word);
}

/* The event may stay on its queue; the guest passes over events that are not pending. */
void fifo_clear_pending(struct domain *d, struct channel *ch, evtchn_port_t port)
{
	event_word_t *word = fifo_word(d->evtchn->fifo, port);

	ch->pending = false;
	if (word)
		shared32_fetch_and(word, ~WORD_PENDING);
}

bool fifo_is_pending(const struct domain *d, const struct channel *ch, evtchn_port_t port)
{
	const event_word_t *word = fifo_word(d->evtchn->fifo, port);

	return word ? shared32_read(word) & WORD_PENDING : ch->pending;
}

bool fifo_is_busy(const struct domain *d, evtchn_port_t port)
{
	const struct fifo *f = d->evtchn->fifo;
	const event_word_t *word = f ? fifo_word(f, port) : NULL;

	return word && (shared32_read(word) & WORD_LINKED);
}
