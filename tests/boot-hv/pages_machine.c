/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's stub for a debugger: stop and go, breakpoints, and the monitor's commands by qRcmd.
 * Locking: single-threaded. Trust boundary: a test tool of the build host; any answer that is not understood ends it.
 */
#include "pages.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_BYTES	(8u << 20)
#define PACKET_BYTES	65536u
#define PATIENCE_MS	30000
#define ATTACH_MS	300		/* it stops for who connects, and says so */

static int stub = -1;
static char answer[ANSWER_BYTES], packet[PACKET_BYTES];
static bool running;

static void fail(const char *why)
{
	fprintf(stderr, "pages: %s\n", why);
	exit(2);
}

static bool byte_take(unsigned char *b, int ms)
{
	struct pollfd fd = { .fd = stub, .events = POLLIN };
	static unsigned char buffer[4096];
	static ssize_t have, at;

	if (at == have) {
		if (poll(&fd, 1, ms) <= 0)
			return false;
		have = read(stub, buffer, sizeof(buffer));
		at = 0;
		if (have <= 0)
			fail("the machine is gone");
	}
	*b = buffer[at++];
	return true;
}

static void bytes_send(const char *s, size_t n)
{
	if (write(stub, s, n) != (ssize_t)n)
		fail("the machine does not listen");
}

static void packet_send(const char *text)
{
	char line[1024];
	unsigned char sum = 0;
	int n;

	for (const char *p = text; *p; p++)
		sum = (unsigned char)(sum + (unsigned char)*p);
	n = snprintf(line, sizeof(line), "$%s#%02x", text, sum);
	bytes_send(line, (size_t)n);
}

/* The next packet, acknowledged; false if none comes. */
static bool packet_take(int ms)
{
	unsigned char b = 0;
	size_t n = 0;

	do {
		if (!byte_take(&b, ms))
			return false;
	} while (b != '$');
	while (byte_take(&b, PATIENCE_MS) && b != '#')
		if (n < PACKET_BYTES - 1)
			packet[n++] = (char)b;
	packet[n] = '\0';
	if (!byte_take(&b, PATIENCE_MS) || !byte_take(&b, PATIENCE_MS))
		fail("a packet was cut");
	bytes_send("+", 1);
	return true;
}

static void command(const char *text)
{
	packet_send(text);
	do {
		if (!packet_take(PATIENCE_MS))
			fail("no answer");
	} while (packet[0] == 'T');	/* that it stopped, said twice */
}

void machine_attach(const char *socket_path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", socket_path);
	stub = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (stub < 0 || connect(stub, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("no machine at that socket");
	while (packet_take(ATTACH_MS))
		;
}

void machine_go(void)
{
	packet_send("c");
	running = true;
}

bool machine_wait(unsigned int ms)
{
	if (running && packet_take((int)ms))
		running = false;
	return !running;
}

void machine_halt(void)
{
	if (!running)
		return;
	bytes_send("\003", 1);
	if (!machine_wait(PATIENCE_MS))
		fail("it does not stop");
}

void machine_breakpoint(uint64_t at, bool set)
{
	char text[64];

	snprintf(text, sizeof(text), "%c0,%lx,1", set ? 'Z' : 'z', (unsigned long)at);
	command(text);
	if (strcmp(packet, "OK"))
		fail("no breakpoint there");
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

const char *machine_ask(const char *text)
{
	char line[256] = "qRcmd,";
	size_t n = 0;

	for (const char *p = text; *p; p++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%02x", (unsigned char)*p);
	for (command(line); packet[0] == 'O' && packet[1] != 'K';) {
		for (const char *p = packet + 1; p[0] && p[1] && n < ANSWER_BYTES - 1; p += 2)
			if ((answer[n] = (char)(nibble(p[0]) << 4 | nibble(p[1]))) != '\r')
				n++;
		if (!packet_take(PATIENCE_MS))
			fail("an answer was cut");
	}
	answer[n] = '\0';
	return answer;
}

void machine_leave(void)
{
	packet_send("D");
	(void)packet_take(1000);
	close(stub);
}
