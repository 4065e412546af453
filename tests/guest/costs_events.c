/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what events to oneself cost.
 * Locking: one vCPU. Trust: a guest.
 */
#include "costs.h"

#include <xen/event_channel.h>

static uint32_t masked_port, upcall_port;

/* Pending anew each time, as to a frontend that polls. */
static long cost_send(void)
{
	long rc = costs_event_send(masked_port);

	return rc | !costs_event_take(masked_port);
}

static long cost_upcall(void)
{
	uint64_t before = upcalls;
	long rc;

	irq_on();
	rc = costs_event_send(upcall_port);
	while (upcalls == before)
		relax();
	irq_off();
	return rc | !costs_event_take(upcall_port);
}

static long cost_bind(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_close c;
	long rc = hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &b);

	c.port = b.port;
	return rc | hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &c);
}

int costs_events(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	int line;

	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	masked_port = ipi.port;
	event_mask(masked_port, true);
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	upcall_port = ipi.port;
	line = costs_measure("event-send", cost_send, 0);
	line = line ? line : costs_measure("event-send-upcall", cost_upcall, 0);
	return line ? line : costs_measure("bind-close", cost_bind, 0);
}
