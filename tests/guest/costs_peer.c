/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the second domain of the measurements, both sides: `peer` is what it runs, the control domain starts it and finds its ports.
 * Locking: one vCPU each. Trust: guests.
 */
#include "tests.h"
#include "child.h"
#include "costs.h"

#include <xen/event_channel.h>

#define PEER_PAGES	2048u
#define PEER_START_MS	20000u
#define HEARTBEAT	0x60u
#define PERIODIC	(1u << 17)
#define MASKED		(1u << 16)
#define BEAT_COUNT	10000000u
#define QUIET_PORT	0x510u		/* nobody listens; Xen lets guests have 0x80 */

static struct child peer;
static struct gnttab_unmap_grant_ref info_unmap;

static int ports_open(struct costs_info *info)
{
	struct evtchn_alloc_unbound u = { .dom = DOMID_SELF, .remote_dom = 0 };

	for (unsigned int i = 0; i < COSTS_PORTS; i++) {
		CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &u));
		event_mask(u.port, i != 0);
		info->port[i] = u.port;
	}
	return 0;
}

static long cost_out(void)
{
	outb(QUIET_PORT, 0);
	return 0;
}

/* Grants pages to domain 0 and answers each event on its first port; never ends by itself. */
int test_peer(void)
{
	struct costs_info *info = page_alloc(1);
	struct grant_entry_v1 *entries;
	uint64_t wrong = 0;
	int line = events_init();

	info->out = costs_ticks(cost_out, 0, argument("rounds", COSTS_ROUNDS), &wrong);
	line = line ? line : ports_open(info);
	entries = line ? NULL : costs_grant(0, COSTS_GRANTS);
	CHECK(entries);
	entries[COSTS_INFO_REF] = (struct grant_entry_v1){ .domid = 0, .frame = (uint32_t)gfn_of(info) };
	__atomic_store_n(&entries[COSTS_INFO_REF].flags, GTF_permit_access, __ATOMIC_RELEASE);
	for (;;) {
		if (costs_event_take(info->port[0]))
			(void)costs_event_send(info->port[0]);
		else
			halt_once();
	}
}

static void heartbeat(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

/* Asleep in between: the clock counts the instructions of all CPUs, and the peer measures. */
static int info_map(struct gnttab_map_grant_ref *m)
{
	uint64_t end = now_ns() + PEER_START_MS * 1000000ull;

	irq_handler[HEARTBEAT] = heartbeat;
	lapic_timer(PERIODIC, HEARTBEAT, BEAT_COUNT);
	do {
		halt_once();
		CHECK_OK(hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, m, 1));
	} while (m->status != GNTST_okay && now_ns() < end);
	lapic_timer(MASKED, HEARTBEAT, 0);
	CHECK_EQ(m->status, GNTST_okay);
	return 0;
}

int costs_peer_start(domid_t *id, const struct costs_info **info)
{
	struct gnttab_map_grant_ref m = { .host_addr = scratch_gpa(1), .flags = GNTMAP_host_map | GNTMAP_readonly, .ref = COSTS_INFO_REF };
	char cmdline[32];
	int line;

	(void)hv_snprintf(cmdline, sizeof(cmdline), "peer rounds=%lu", argument("rounds", COSTS_ROUNDS));
	CHECK_OK(child_create(&peer, CHILD_LABEL, PEER_PAGES, 1));
	CHECK_OK(child_load(&peer, cmdline));
	CHECK_OK(child_start(&peer));
	m.dom = peer.id;
	line = info_map(&m);
	info_unmap = (struct gnttab_unmap_grant_ref){ .host_addr = m.host_addr, .handle = m.handle };
	*id = peer.id;
	*info = (const struct costs_info *)m.host_addr;
	return line;
}

int costs_peer_stop(void)
{
	CHECK_OK(hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &info_unmap, 1));
	CHECK_OK(child_destroy(&peer));
	return 0;
}
