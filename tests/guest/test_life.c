/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: `life` prints how long it takes to make, start and destroy many small domains at once, and to fill a large one; `growth`
 * what operations cost as domains and grants become many (costs.h). Both run on Xen, too.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "child.h"
#include "costs.h"

#include <xen/event_channel.h>

#define MANY		200u
#define SMALL_PAGES	1024u		/* 4 MiB, the image loaded, running until it halts */
#define TINY_PAGES	64u		/* never started */
#define GROWTH_ROUNDS	200u
#define MAPPED_MOST	100000u
#define BATCH		50u

static struct child many[MANY];

static int make(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		CHECK_OK(child_create(&many[i], CHILD_LABEL, SMALL_PAGES, 1));
		CHECK_OK(child_load(&many[i], "idle"));
		CHECK_OK(child_start(&many[i]));
	}
	return 0;
}

static int destroy(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		CHECK_OK(child_destroy(&many[i]));
	return 0;
}

static int small(unsigned int n)
{
	uint64_t start = now_ns(), made;
	int line = make(n);

	made = now_ns();
	line = line ? line : destroy(n);
	say("guest: life small-%u create %lu", n, (made - start) / 1000);
	say("guest: life small-%u destroy %lu", n, (now_ns() - made) / 1000);
	return line;
}

static int large(const char *name, uint64_t pages)
{
	uint64_t start = now_ns(), made;
	struct child c;

	CHECK_OK(child_create(&c, CHILD_LABEL, pages, 1));
	made = now_ns();
	CHECK_OK(child_destroy(&c));
	say("guest: life %s create %lu", name, (made - start) / 1000);
	say("guest: life %s destroy %lu", name, (now_ns() - made) / 1000);
	return 0;
}

int test_life(void)
{
	static const unsigned int counts[] = { 1, 10, 50, MANY };
	int line = events_init();

	for (unsigned int i = 0; i < ARRAY_SIZE(counts) && !line; i++)
		if (counts[i] <= argument("most", MANY))
			line = small(counts[i]);
	line = line ? line : large("128MiB", 32768);
	return line || argument("most", MANY) < MANY ? line : large("4GiB", 1048576);
}

static domid_t peer_id;
static const struct costs_info *info;
static struct child newest;
static struct gnttab_map_grant_ref maps[BATCH];
static struct gnttab_unmap_grant_ref *unmaps;		/* MAPPED_MOST: too many for the image, which small guests are made of */
static uint32_t port;

static long cost_create(void)
{
	struct child c;

	return child_create(&c, CHILD_LABEL, TINY_PAGES, 1) || child_destroy(&c);
}

static long cost_info(void)
{
	struct xen_domctl_getdomaininfo i;

	return child_info(&newest, &i);
}

/* Pending there after the first one: what is asked, looked up and allowed is the same. */
static long cost_send(void)
{
	return costs_event_send(port);
}

static long map(uint64_t gpa, uint32_t from, unsigned int n)
{
	long rc;

	for (unsigned int i = 0; i < n; i++)
		maps[i] = (struct gnttab_map_grant_ref){
			.host_addr = gpa + i * PAGE_SIZE, .flags = GNTMAP_host_map, .dom = peer_id, .ref = COSTS_REF + (from + i) % COSTS_GRANTS,
		};
	rc = hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, maps, n);
	for (unsigned int i = 0; i < n; i++) {
		unmaps[from + i] = (struct gnttab_unmap_grant_ref){ .host_addr = maps[i].host_addr, .handle = maps[i].handle };
		rc |= maps[i].status;
	}
	return rc;
}

static long unmap(uint32_t from, unsigned int n)
{
	return hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &unmaps[from], n) | unmaps[from + n - 1].status;
}

static long cost_map(void)
{
	static uint64_t gpa;

	if (!gpa)
		gpa = scratch_gpa(1);
	return map(gpa, MAPPED_MOST - 1, 1) | unmap(MAPPED_MOST - 1, 1);
}

static int measure(const char *what, unsigned int n, long (*once)(void))
{
	char name[48];

	(void)hv_snprintf(name, sizeof(name), "%s-%u", what, n);
	return costs_measure_rounds(name, once, 0, GROWTH_ROUNDS);
}

static int with_domains(unsigned int n, unsigned int *have)
{
	int line;

	for (; *have < n - 1; (*have)++)	/* the peer is one */
		CHECK_OK(child_create(&many[*have], CHILD_LABEL, TINY_PAGES, 1));
	newest = *have ? many[*have - 1] : (struct child){ .id = peer_id };
	line = measure("check-domains", n, cost_info);
	line = line ? line : measure("event-domains", n, cost_send);
	line = line ? line : measure("grant-domains", n, cost_map);
	return line || !argument("create", 1) ? line : measure("create-domains", n, cost_create);
}

static int with_grants(unsigned int n, uint32_t *have)
{
	for (; *have < n; *have += n - *have < BATCH ? n - *have : BATCH)
		CHECK_OK(map(scratch_gpa(BATCH), *have, n - *have < BATCH ? n - *have : BATCH));
	return measure("grant-mapped", n, cost_map);
}

int test_growth(void)
{
	static const unsigned int domains[] = { 1, 10, 50, 100, MANY }, grants[] = { 1, 100, 1000, 10000, MAPPED_MOST - 1 };
	struct evtchn_bind_interdomain b;
	unsigned int have = 0;
	uint32_t mapped = 0;
	int line = costs_peer_start(&peer_id, &info);

	if (line)
		return line;
	unmaps = page_alloc((MAPPED_MOST * sizeof(*unmaps) + PAGE_SIZE - 1) / PAGE_SIZE);
	b = (struct evtchn_bind_interdomain){ .remote_dom = peer_id, .remote_port = info->port[1] };
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &b));
	port = b.local_port;
	for (unsigned int i = 0; i < ARRAY_SIZE(grants) && grants[i] <= argument("most", MAPPED_MOST) && !line; i++)
		line = with_grants(grants[i], &mapped);
	for (uint32_t i = 0, n; i < mapped; i += n) {
		n = mapped - i < BATCH ? mapped - i : BATCH;
		CHECK_OK(unmap(i, n));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(domains) && !line; i++)
		line = with_domains(domains[i], &have);
	return line ? line : destroy(have) ?: costs_peer_stop();
}
