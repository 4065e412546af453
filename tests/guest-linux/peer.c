/* SPDX-License-Identifier: Apache-2.0
 * Purpose: two guests exchange bytes through a granted page and an event channel, from their user space.
 * Locking: none; the page has one owner at a time, named in it.
 * Trust boundary: the page is shared with another guest: lengths are fetched once and bounded.
 * Usage: peer server CLIENT-DOMID TEXT | peer client SERVER-DOMID TEXT
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#define ROUNDS 4
#define BLOCK 4000
#define PEER_NODE "data/peer"
#define WAIT_MS 30000

enum turn { TURN_SERVER_WRITES, TURN_CLIENT, TURN_SERVER_READS };

struct page {
	_Atomic uint32_t turn;
	uint32_t length;
	char data[BLOCK];
};

struct peer {
	const char *text;
	struct page *page;
	xenevtchn_handle *events;
	evtchn_port_t port; /* ours */
	uint64_t sum;
	size_t received;
	char first[64];
};

static int refused(const char *what)
{
	int error = errno;

	printf("peer: %s refused: %s (%d)\n", what, strerror(error), error);
	return 1;
}

/* FNV-1a: enough to see that all bytes came in order */
static void sum_block(struct peer *p, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		p->sum = (p->sum ^ (uint8_t)data[i]) * 0x100000001b3;
	p->received += length;
}

static void block_write(struct peer *p, unsigned int round)
{
	size_t text = strlen(p->text);

	for (size_t i = 0; i < BLOCK; i++)
		p->page->data[i] = p->text[(i + round) % text];
	p->page->length = BLOCK;
}

static void block_read(struct peer *p)
{
	static char copy[BLOCK];
	uint32_t length = *(volatile uint32_t *)&p->page->length;

	if (length > BLOCK)
		length = BLOCK;
	memcpy(copy, p->page->data, length);
	if (p->received == 0)
		snprintf(p->first, sizeof(p->first), "%.*s", (int)(length < 40 ? length : 40), copy);
	sum_block(p, copy, length);
}

/* Sleeps on the event channel until the page is ours. */
static int turn_wait(struct peer *p, enum turn turn)
{
	struct pollfd fd = { .fd = xenevtchn_fd(p->events), .events = POLLIN };

	while (atomic_load(&p->page->turn) != turn) {
		if (poll(&fd, 1, WAIT_MS) <= 0) {
			printf("peer: no event within %d s\n", WAIT_MS / 1000);
			return -1;
		}
		xenevtchn_port_or_error_t port = xenevtchn_pending(p->events);

		if (port >= 0)
			xenevtchn_unmask(p->events, (evtchn_port_t)port);
	}
	return 0;
}

static int turn_give(struct peer *p, enum turn turn)
{
	atomic_store(&p->page->turn, turn);
	return xenevtchn_notify(p->events, p->port) == 0 ? 0 : refused("event");
}

static int exchange_server(struct peer *p)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		block_write(p, round);
		if (turn_give(p, TURN_CLIENT) || turn_wait(p, TURN_SERVER_READS))
			return 1;
		block_read(p);
	}
	return 0;
}

static int exchange_client(struct peer *p)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		if (turn_wait(p, TURN_CLIENT))
			return 1;
		block_read(p);
		block_write(p, round);
		if (turn_give(p, TURN_SERVER_READS))
			return 1;
	}
	return 0;
}

static void sum_expected(const char *text)
{
	struct page page;
	struct peer p = { .text = text, .page = &page, .sum = 0xcbf29ce484222325 };

	for (unsigned int round = 0; round < ROUNDS; round++) {
		block_write(&p, round);
		sum_block(&p, page.data, BLOCK);
	}
	printf("peer: sent %zu bytes sum=%016llx\n", p.received, (unsigned long long)p.sum);
}

static int finish(struct peer *p, int failed)
{
	if (failed)
		return 1;
	sum_expected(p->text);
	printf("peer: received %zu bytes sum=%016llx text=%s\n", p->received, (unsigned long long)p->sum, p->first);
	return 0;
}

/* The other end may read where to find us, nobody else. */
static int publish(struct xs_handle *xs, uint32_t peer, uint32_t ref, int port)
{
	struct xs_permissions perms[2] = { { .perms = XS_PERM_NONE }, { .id = peer, .perms = XS_PERM_READ } };
	char *self = xs_read(xs, XBT_NULL, "domid", NULL);
	char value[32];

	snprintf(value, sizeof(value), "%u %d", ref, port);
	perms[0].id = self ? (unsigned int)atoi(self) : 0;
	free(self);
	if (!xs_write(xs, XBT_NULL, PEER_NODE, value, (unsigned int)strlen(value)) ||
	    !xs_set_permissions(xs, XBT_NULL, PEER_NODE, perms, 2))
		return refused("xenstore");
	return 0;
}

static int server(struct peer *p, struct xs_handle *xs, uint32_t client)
{
	xengntshr_handle *shares = xengntshr_open(NULL, 0);
	xenevtchn_port_or_error_t port;
	uint32_t ref;

	p->page = shares ? xengntshr_share_pages(shares, client, 1, &ref, 1) : NULL;
	if (!p->page)
		return refused("share");
	memset(p->page, 0, sizeof(*p->page));
	port = xenevtchn_bind_unbound_port(p->events, client);
	if (port < 0)
		refused("unbound port");
	p->port = (evtchn_port_t)port;
	if (publish(xs, client, ref, port))
		return 1;
	printf("peer: serving %u: grant reference %u, port %d\n", client, ref, port);
	/* Without a channel the page alone stays offered for a while, so that the other end's attempt at it is seen. */
	if (port < 0) {
		sleep(20);
		return 1;
	}
	return finish(p, exchange_server(p));
}

static int lookup(struct xs_handle *xs, uint32_t server_id, uint32_t *ref, int *port)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/" PEER_NODE, server_id);
	for (int tries = 0; tries < 200; tries++) {
		char *value = xs_read(xs, XBT_NULL, path, NULL);
		int got = value ? sscanf(value, "%u %d", ref, port) : 0;

		free(value);
		if (got == 2)
			return 0;
		usleep(50000);
	}
	printf("peer: domain %u offers nothing\n", server_id);
	return 1;
}

static int client(struct peer *p, struct xs_handle *xs, uint32_t server_id)
{
	xengnttab_handle *grants = xengnttab_open(NULL, 0);
	xenevtchn_port_or_error_t port = -1;
	int remote_port, failed = 0;
	uint32_t ref;

	if (!grants)
		return refused("gntdev");
	if (lookup(xs, server_id, &ref, &remote_port))
		return 1;
	p->page = xengnttab_map_grant_ref(grants, server_id, ref, PROT_READ | PROT_WRITE);
	if (!p->page)
		failed = refused("map");
	if (remote_port >= 0) {
		port = xenevtchn_bind_interdomain(p->events, server_id, (evtchn_port_t)remote_port);
		if (port < 0)
			failed = refused("bind");
	}
	if (failed || port < 0)
		return 1;
	p->port = (evtchn_port_t)port;
	return finish(p, exchange_client(p));
}

int main(int argc, char **argv)
{
	struct peer p = { .sum = 0xcbf29ce484222325 };
	struct xs_handle *xs = xs_open(0);
	int failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	p.events = xenevtchn_open(NULL, 0);
	if (argc != 4 || !*argv[3] || !xs || !p.events) {
		printf("peer: cannot start\n");
		return 2;
	}
	p.text = argv[3];
	failed = strcmp(argv[1], "server") == 0 ? server(&p, xs, (uint32_t)atoi(argv[2])) :
						  client(&p, xs, (uint32_t)atoi(argv[2]));
	printf("peer: %s ended with %d\n", argv[1], failed);
	return failed;
}
