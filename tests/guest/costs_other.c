/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: what operations with another domain cost, and what a refused one does.
 * Locking: one vCPU. Trust: a guest.
 */
#include "child.h"
#include "costs.h"

#include <xen/event_channel.h>
#include <xen/xsm/flask_op.h>

#define CONSOLE_LINES	200u	/* more than the console takes of one domain's records in a second */
#define RECORDS		100u

static const struct costs_info *info;
static domid_t id;
static uint32_t answering, port[COSTS_PORTS], next_port;
static struct child other;

static long bind(uint32_t remote, uint32_t *local)
{
	struct evtchn_bind_interdomain b = { .remote_dom = id, .remote_port = remote };
	long rc = hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &b);

	*local = b.local_port;
	return rc;
}

/* Another port each time: each becomes pending in the peer, where it is masked. */
static long cost_send(void)
{
	return costs_event_send(port[next_port++]);
}

/* The peer sleeps until it comes, answers, sleeps again; so do we. */
static long cost_round_trip(void)
{
	long rc = costs_event_send(answering);

	while (!costs_event_take(answering))
		halt_once();
	return rc;
}

static long cost_bind(void)
{
	struct evtchn_close c;
	long rc = bind(info->port[1], &c.port);

	return rc | hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &c);
}

static long cost_getdomaininfo(void)
{
	struct xen_domctl_getdomaininfo i;

	return child_info(&other, &i);
}

/* FLASK_SETENFORCE 0: what no policy of ours allows. */
static long cost_denied(void)
{
	struct xen_flask_op op = { .cmd = FLASK_SETENFORCE, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	return hypercall1(__HYPERVISOR_xsm_op, &op);
}

static int events(void)
{
	uint64_t rounds = argument("rounds", COSTS_ROUNDS), most = COSTS_PORTS - 3;
	int line = 0;

	CHECK_OK(bind(info->port[0], &answering));
	(void)costs_event_take(answering);
	for (unsigned int i = 2; i < COSTS_PORTS; i++)
		CHECK_OK(bind(info->port[i], &port[i - 2]));
	line = costs_measure("event-round-trip", cost_round_trip, 0);
	line = line ? line : costs_measure_rounds("event-send-other", cost_send, 0, rounds < most ? rounds : most);
	return line ? line : costs_measure("bind-close-other", cost_bind, 0);
}

static int denied(void)
{
	long rc = cost_denied();

	if (rc == -XEN_ENOSYS)
		return 0;			/* nobody to refuse it */
	CHECK_EQ(rc, -XEN_EACCES);
	for (unsigned int i = 0; i < CONSOLE_LINES; i++)
		(void)cost_denied();
	return costs_measure_rounds("denied", cost_denied, -XEN_EACCES, RECORDS);
}

int costs_peer(void)
{
	int line = costs_peer_start(&id, &info);

	if (line)
		return line;
	other.id = id;
	say("guest: cost out %lu", info->out);
	line = events();
	line = line ? line : costs_grants(id, "-other");
	line = line ? line : costs_measure("getdomaininfo", cost_getdomaininfo, 0);
	line = line ? line : denied();
	return line ? line : costs_peer_stop();
}
