/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCHEDOP_poll: a vCPU sleeps until one of the ports it names is pending, or until a time.
 * Locking: domain.lock. Trust: ports and time are the guest's; a wake that was not needed costs it one round.
 */
#include "evtchn_private.h"

#define POLL_MANY UINT32_MAX

static void poller_release(struct vcpu *v)
{
	v->domain->evtchn->pollers &= ~((uint64_t)1 << v->id);
	atomic_store(&v->poll_port, 0);
	vcpu_wake(v);
}

void poll_wake(struct domain *d, evtchn_port_t port)
{
	for (uint64_t left = d->evtchn->pollers; left; left &= left - 1) {
		struct vcpu *v = d->vcpu[__builtin_ctzll(left)];

		evtchn_port_t awaited = atomic_load(&v->poll_port);

		if (awaited == port || awaited == POLL_MANY)
			poller_release(v);
	}
}

static void poll_expired(void *data)
{
	struct vcpu *v = data;
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	if (atomic_load(&v->poll_port))
		poller_release(v);
	spin_unlock(&d->lock);
}

static void singleshot_expired(void *data)
{
	evtchn_send_vcpu_virq(data, VIRQ_TIMER);
}

void evtchn_vcpu_init(struct vcpu *v)
{
	timer_init(&v->poll_timer, poll_expired, v);
	timer_init(&v->singleshot, singleshot_expired, v);
}

/* 1 if one of the ports is pending, 0 if not. */
static int poll_ports_pending(struct domain *d, const evtchn_port_t *ports, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (!channel_lookup(d->evtchn, ports[i]))
			return -XEN_EINVAL;
		if (evtchn_port_is_pending(d, ports[i]))
			return 1;
	}
	return 0;
}

/* v is current. It is put to sleep first and asked afterwards: an event between the two wakes it. */
int evtchn_poll(struct vcpu *v, const evtchn_port_t *ports, unsigned int nr, uint64_t timeout_ns)
{
	struct domain *d = v->domain;
	int rc;

	timer_stop(&v->poll_timer);
	spin_lock(&d->lock);
	/* Port 0 means "none" there, and would not be woken by its own timer. */
	atomic_store(&v->poll_port, nr == 1 && ports[0] ? ports[0] : POLL_MANY);
	d->evtchn->pollers |= (uint64_t)1 << v->id;
	vcpu_block(v);
	rc = poll_ports_pending(d, ports, nr);
	if (rc)
		poller_release(v);
	spin_unlock(&d->lock);
	if (rc == 0 && timeout_ns)
		timer_set(&v->poll_timer, timeout_ns);
	return rc < 0 ? rc : 0;
}
