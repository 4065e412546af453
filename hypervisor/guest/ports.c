/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I/O ports: a bus with nothing on it, but for two ports that software expects more of.
 * Locking: the vCPU is current. Trust: what is written is the guest's: printed text is filtered and
 * limited.
 */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/edge.h>
#include <hv/guest.h>

#define PORT_PIT_COUNTER2	0x42
#define PORT_PIT_COUNTER0	0x40
#define PORT_DEBUG		0xe9
#define LINES_BURST		400u
#define LINES_PER_S		50u
#define NS_PER_S		1000000000ull

/*
 * All ones: no device. Not so the timer's counters: Linux' quick_pit_calibrate() takes 50,000
 * rounds to give up on a counter that reads 0xff and one on any other constant.
 */
uint32_t guest_port_read(struct vcpu *v, uint16_t port, unsigned int size)
{
	(void)v;
	if (port == PORT_PIT_COUNTER0 || port == PORT_PIT_COUNTER2)
		return 0;
	return size >= 4 ? ~0u : (1u << (size * 8)) - 1;
}

/*
 * A token is a line; tokens come back with time, so that a guest cannot fill the console. The
 * control domain is not limited.
 */
static bool line_allowed(struct vcpu *v)
{
	uint64_t now = edge_now_ns();
	uint64_t fresh = (now - v->debug.refilled) / (NS_PER_S / LINES_PER_S);

	if (v->domain->is_control)
		return true;
	if (fresh || !v->debug.refilled) {
		v->debug.tokens = !v->debug.refilled || fresh > LINES_BURST - v->debug.tokens ?
					  LINES_BURST :
					  v->debug.tokens + (uint32_t)fresh;
		v->debug.refilled = now;
	}
	if (!v->debug.tokens) {
		v->debug.dropped++;
		return false;
	}
	v->debug.tokens--;
	return true;
}

static void line_flush(struct vcpu *v)
{
	if (v->debug.len && line_allowed(v)) {
		if (v->debug.dropped)
			log_print(LOG_GUEST, "d%uv%u: %u lines dropped", v->domain->id, v->id,
				  v->debug.dropped);
		v->debug.dropped = 0;
		log_print(LOG_GUEST, "d%uv%u: %.*s", v->domain->id, v->id, (int)v->debug.len,
			  v->debug.line);
	}
	v->debug.len = 0;
}

static void char_write(struct vcpu *v, char c)
{
	if (c == '\n') {
		line_flush(v);
		return;
	}
	if (c == '\r')
		return;
	v->debug.line[v->debug.len++] = c < ' ' || c > '~' ? ' ' : c;
	if (v->debug.len == sizeof(v->debug.line))
		line_flush(v);
}

void guest_log_write(struct vcpu *v, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		char_write(v, text[i]);
}

void guest_port_write(struct vcpu *v, uint16_t port, unsigned int size, uint32_t val)
{
	if (port == PORT_DEBUG)
		for (unsigned int i = 0; i < size; i++)
			char_write(v, (char)(val >> (8 * i)));
}
