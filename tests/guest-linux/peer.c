/* SPDX-License-Identifier: Apache-2.0
 * Purpose: two guests exchange bytes through a granted page and an event channel, from their user space.
 * Locking: none; the page has one owner at a time, named in it.
 * Trust boundary: the page is shared with another guest: lengths are fetched once and bounded.
 * Usage: peer server CLIENT-DOMID TEXT [stream] | peer client SERVER-DOMID TEXT [stream]
 *	With `stream` blocks go to and fro until nothing comes any more; then each says when its
 *	last one came, and what still arrives.
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#define ROUNDS 4
#define BLOCK 4000
#define PEER_NODE "data/peer"
#define WAIT_MS 30000
#define STREAM_WAIT_MS 2000
#define STREAM_LINE_MS 250
#define STREAM_LOOK_MS 1500 /* at what a cut left */
#define STREAM_SECRET "written after the cut"

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
	bool stream;
	int64_t last_ms, told_ms; /* when a block came, when a line said so */
};

static int refused(const char *what)
{
	int error = errno;

	printf("peer: %s refused: %s (%d)\n", what, strerror(error), error);
	return 1;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
	p->last_ms = clock_ms();
	if (p->stream && p->last_ms - p->told_ms >= STREAM_LINE_MS) {
		p->told_ms = p->last_ms;
		printf("peer: stream received %zu bytes by %lld\n", p->received,
		       (long long)p->last_ms);
	}
}

static bool event_wait(struct peer *p, int ms)
{
	struct pollfd fd = { .fd = xenevtchn_fd(p->events), .events = POLLIN };
	xenevtchn_port_or_error_t port;

	if (poll(&fd, 1, ms) <= 0)
		return false;
	port = xenevtchn_pending(p->events);
	if (port >= 0)
		xenevtchn_unmask(p->events, (evtchn_port_t)port);
	return true;
}

/* Sleeps on the event channel until the page is ours. */
static int turn_wait(struct peer *p, enum turn turn)
{
	/* A stream that has begun does not stop by itself; the other end may be slow to begin. */
	int ms = p->stream && p->last_ms ? STREAM_WAIT_MS : WAIT_MS;

	while (atomic_load(&p->page->turn) != turn) {
		if (!event_wait(p, ms)) {
			printf("peer: no event within %d s\n", ms / 1000);
			return -1;
		}
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
	for (unsigned int round = 0; p->stream || round < ROUNDS; round++) {
		block_write(p, round);
		if (turn_give(p, TURN_CLIENT) || turn_wait(p, TURN_SERVER_READS))
			return 1;
		block_read(p);
	}
	return 0;
}

static int exchange_client(struct peer *p)
{
	for (unsigned int round = 0; p->stream || round < ROUNDS; round++) {
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

/*
 * The server goes on writing to its page and sending events; the client looks for a while whether
 * any of that still arrives.
 */
static void stream_ended(struct peer *p, bool client)
{
	int64_t end = clock_ms() + STREAM_LOOK_MS;
	unsigned int events = 0;
	bool leaked;

	printf("peer: stream cut: received %zu bytes, the last at %lld\n", p->received,
	       (long long)p->last_ms);
	if (!client) {
		memcpy(p->page->data, STREAM_SECRET, sizeof(STREAM_SECRET));
		xenevtchn_notify(p->events, p->port);
	}
	for (int64_t now = clock_ms(); now < end; now = clock_ms())
		events += event_wait(p, (int)(end - now));
	leaked = client && memmem(p->page->data, BLOCK, STREAM_SECRET, sizeof(STREAM_SECRET));
	printf("peer: after the cut: %u events, %s\n", events,
	       leaked ? "the page is still the other's" : "no byte");
}

static int finish(struct peer *p, int failed, bool client)
{
	if (p->stream)
		stream_ended(p, client);
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
	int failed;

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
	failed = finish(p, exchange_server(p), false);
	xs_rm(xs, XBT_NULL, PEER_NODE);
	return failed;
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
	return finish(p, exchange_client(p), true);
}

int main(int argc, char **argv)
{
	struct peer p = { .sum = 0xcbf29ce484222325 };
	struct xs_handle *xs = xs_open(0);
	int failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	p.events = xenevtchn_open(NULL, 0);
	p.stream = argc == 5 && strcmp(argv[4], "stream") == 0;
	if (argc != 4 + p.stream || !*argv[3] || !xs || !p.events) {
		printf("peer: cannot start\n");
		return 2;
	}
	p.text = argv[3];
	failed = strcmp(argv[1], "server") == 0 ? server(&p, xs, (uint32_t)atoi(argv[2])) :
						  client(&p, xs, (uint32_t)atoi(argv[2]));
	printf("peer: %s ended with %d\n", argv[1], failed);
	return failed;
}
