/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the event channel files share: a domain's table of ports and the two ways of telling a guest.
 * Locking: everything here is under domain.lock of the port's domain. Trust: ports are bounded by channel_lookup() alone.
 */
#ifndef CORE_EVTCHN_PRIVATE_H
#define CORE_EVTCHN_PRIVATE_H

#include <hv/domain.h>
#include <hv/evtchn.h>

enum channel_state {
	CHANNEL_FREE = 0,
	CHANNEL_RESERVED,	/* port 0: never given out, so that 0 can mean "none" */
	CHANNEL_UNBOUND,	/* waits for remote_id */
	CHANNEL_INTERDOMAIN,	/* joined to remote, remote_port */
	CHANNEL_VIRQ,
	CHANNEL_IPI,
};

struct channel {
	enum channel_state state;
	uint8_t priority;		/* FIFO: of the next linking */
	uint8_t last_priority;		/* FIFO: queue the event was last put on */
	bool pending;			/* FIFO: raised before its word existed */
	uint16_t vcpu;			/* told of this event */
	uint16_t last_vcpu;
	sid_t label;			/* 0 when the channel stays inside its domain */
	union {
		evtchn_port_t remote_port;
		uint32_t virq;
	};
	domid_t remote_id;
	struct domain_link remote;
};

#define CHUNK_PORTS	128u
#define CHUNK_WORDS	(CHUNK_PORTS / 64)
#define TWOLEVEL_PORTS	((uint32_t)EVTCHN_2L_NR_CHANNELS)
#define FIFO_PORTS	((uint32_t)EVTCHN_FIFO_NR_CHANNELS)
#define FIFO_PAGE_PORTS	((uint32_t)(PAGE_SIZE / sizeof(event_word_t)))
#define FIFO_PAGES	(FIFO_PORTS / FIFO_PAGE_PORTS)

struct channel_chunk {
	uint64_t free[CHUNK_WORDS];
	struct channel channel[CHUNK_PORTS];
};

struct fifo {
	uint32_t nr_pages;
	event_word_t *page[FIFO_PAGES];		/* pinned guest pages */
	mfn_t page_mfn[FIFO_PAGES];
	evtchn_port_t tail[MAX_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
};

struct evtchn_state {
	uint32_t max_ports;	/* the domain's limit, with port 0 */
	uint32_t nr_chunks;	/* chunks 0 .. nr_chunks - 1 exist */
	_Atomic uint32_t next_close;	/* where reset and teardown go on */
	uint64_t pollers;	/* vCPUs in SCHEDOP_poll */
	struct fifo *fifo;	/* NULL: 2-level */
	struct channel_chunk *chunk[];
};

/* evtchn.c */
struct channel *channel_lookup(const struct evtchn_state *s, evtchn_port_t port);	/* NULL: no such port; any state */
int __must_check channel_alloc(struct domain *d, evtchn_port_t *port, struct channel **ch);
/* Back to FREE. The caller has taken the link out and drops it after unlocking. */
void channel_free(struct domain *d, struct channel *ch, evtchn_port_t port);
struct vcpu *evtchn_vcpu(const struct domain *d, uint32_t id);			/* NULL: no such vCPU */

/*
 * evtchn_close.c: the ends wait for each other again, or d's is closed. False if that port, which exists, is no longer joined to peer. Nothing is
 * locked: the last reference behind a link frees a domain.
 */
bool channel_part(struct domain *d, evtchn_port_t port, struct domain *peer, bool close);

/* evtchn_notify.c: dispatch between the two forms */
void channel_raise(struct domain *d, struct channel *ch, evtchn_port_t port);
void channel_clear_pending(struct domain *d, struct channel *ch, evtchn_port_t port);
void upcall_raise(struct vcpu *v);

/* evtchn_virq.c */
void virq_unbind(struct domain *d, const struct channel *ch, evtchn_port_t port);

/* evtchn_poll.c: the event became pending, masked or not */
void poll_wake(struct domain *d, evtchn_port_t port);

/* evtchn_fifo.c */
void fifo_raise(struct domain *d, struct channel *ch, evtchn_port_t port);
void fifo_unmask(struct domain *d, struct channel *ch, evtchn_port_t port);
void fifo_clear_pending(struct domain *d, struct channel *ch, evtchn_port_t port);
bool fifo_is_pending(const struct domain *d, const struct channel *ch, evtchn_port_t port);
bool fifo_is_busy(const struct domain *d, evtchn_port_t port);	/* still on a queue: the port may not be reused yet */
void fifo_destroy(struct domain *d);

#endif
