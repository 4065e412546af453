/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: one line at a time by console_io, by port 0xe9 where that is denied, or by the serial line where there is no hypervisor.
 * Locking: a spin lock, vCPUs print whole lines. Trust: a guest.
 */
#include "guest.h"

#include <hv/lock.h>

#define LINE_BYTES 256u
#define DEBUG_PORT 0xe9
#define SERIAL_PORT 0x3f8

static struct spinlock console_lock = SPINLOCK_INIT;

void edge_relax(void)		/* hv/lock.h asks for it */
{
	relax();
}

static void put(char *line, size_t len)
{
	uint16_t port = is_bare() ? SERIAL_PORT : DEBUG_PORT;

	if (!is_bare() && hypercall3(__HYPERVISOR_console_io, CONSOLEIO_write, len, line) >= 0)
		return;
	for (size_t i = 0; i < len; i++)
		outb(port, (uint8_t)line[i]);
}

void say(const char *fmt, ...)
{
	static char line[LINE_BYTES];
	va_list ap;
	int len;

	spin_lock(&console_lock);
	va_start(ap, fmt);
	len = hv_vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (len < 0 || len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	put(line, (size_t)len + 1);
	spin_unlock(&console_lock);
}
