/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console ring and the serial line: log levels, the ring behind `xl dmesg`, input for the control domain.
 * Locking: console_lock is a leaf; a dying CPU goes past it after a bounded wait.
 * Trust: text from guests is filtered by the callers; lengths are bounded here.
 */
#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/evtchn.h>
#include <hv/lock.h>
#include <hv/mm.h>
#include <hv/options.h>
#include <hv/string.h>

#define BOOT_RING 16384u
#define INPUT_QUEUE 256u

static struct spinlock console_lock = SPINLOCK_INIT;
static char boot_ring[BOOT_RING];
static char *ring = boot_ring;
static uint32_t ring_size = BOOT_RING;		/* a power of two */
static uint32_t ring_prod;			/* wraps; position is modulo ring_size */
static uint32_t ring_start;			/* oldest byte that is still there and was not cleared */

static char input[INPUT_QUEUE];
static uint32_t input_prod, input_cons;

static _Atomic int panic_cpu = -1;
static uint32_t panic_start;

static bool is_dying(void)
{
	return atomic_load(&panic_cpu) == (int)edge_cpu_id();
}

/* The dying CPU may hold the lock itself, or another CPU may have been stopped inside: it prints anyway. */
static bool console_acquire(void)
{
	if (!is_dying()) {
		spin_lock(&console_lock);
		return true;
	}
	for (unsigned int i = 0; i < 1000000; i++) {
		if (spin_trylock(&console_lock))
			return true;
		edge_relax();
	}
	return false;
}

static void ring_put(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ring[ring_prod++ & (ring_size - 1)] = text[i];
	if (ring_prod - ring_start > ring_size)
		ring_start = ring_prod - ring_size;
}

void console_write(const char *text, size_t len, bool to_serial)
{
	bool locked = console_acquire();

	ring_put(text, len);
	if (to_serial)
		edge_console_write(text, len);
	if (locked)
		spin_unlock(&console_lock);
}

void console_write_terminal(const char *text, size_t len)
{
	bool locked = console_acquire();

	edge_console_write(text, len);
	if (locked)
		spin_unlock(&console_lock);
}

static bool wants_serial(enum log_level level)
{
	if (is_dying())
		return true;
	if (level == LOG_GUEST)
		return options.guest_log_level >= (int)LOG_INFO;
	return level == LOG_AUDIT || (int)level <= options.log_level;
}

static void log_vprint(enum log_level level, const char *fmt, va_list ap)
{
	char line[640];
	int n = hv_snprintf(line, sizeof(line), "(RAV) ");
	size_t len;

	len = (size_t)n + (size_t)hv_vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	if (line[len - 1] != '\n')
		line[len++] = '\n';
	console_write(line, len, wants_serial(level));
}

void log_print(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprint(level, fmt, ap);
	va_end(ap);
}

void console_init(size_t ring_bytes)
{
	uint32_t size = BOOT_RING;
	char *fresh;

	while (size < ring_bytes && size < (16u << 20))
		size *= 2;
	if (size == BOOT_RING)
		return;
	fresh = heap_alloc(NULL, size);
	if (!fresh) {
		log_warn("console: no memory for a ring of %u bytes, keeping %u", size, BOOT_RING);
		return;
	}
	spin_lock(&console_lock);
	for (uint32_t i = ring_start; i != ring_prod; i++)
		fresh[i & (size - 1)] = ring[i & (ring_size - 1)];
	ring = fresh;
	ring_size = size;
	spin_unlock(&console_lock);
}

size_t console_read_ring(uint32_t *index, char *buf, size_t len)
{
	size_t n = 0;
	uint32_t i;

	spin_lock(&console_lock);
	i = *index;
	/* Older than what is kept, or from the future (a stale index, any guest's number): begin at the oldest. */
	if (i - ring_start > ring_prod - ring_start)
		i = ring_start;
	while (n < len && i != ring_prod)
		buf[n++] = ring[i++ & (ring_size - 1)];
	*index = i;
	spin_unlock(&console_lock);
	return n;
}

void console_clear_ring(void)
{
	spin_lock(&console_lock);
	ring_start = ring_prod;
	spin_unlock(&console_lock);
}

void console_poll_input(void)
{
	char buf[32];
	size_t n, taken = 0;

	console_write("", 0, true);	/* the line may have room again for what was kept back */
	while ((n = edge_console_read(buf, sizeof(buf))) > 0) {
		spin_lock(&console_lock);
		for (size_t i = 0; i < n && input_prod - input_cons < INPUT_QUEUE; i++)
			input[input_prod++ % INPUT_QUEUE] = buf[i];
		spin_unlock(&console_lock);
		taken += n;
		if (taken >= INPUT_QUEUE)
			break;		/* bounded: the line raises its interrupt again */
	}
	if (taken)
		evtchn_send_global_virq(VIRQ_CONSOLE);
}

size_t console_read_input(char *buf, size_t len)
{
	size_t n = 0;

	spin_lock(&console_lock);
	while (n < len && input_cons != input_prod)
		buf[n++] = input[input_cons++ % INPUT_QUEUE];
	spin_unlock(&console_lock);
	return n;
}

bool panic_begin(void)
{
	int expected = -1;

	if (!atomic_compare_exchange_strong(&panic_cpu, &expected, (int)edge_cpu_id()))
		return false;
	panic_start = ring_prod;
	return true;
}

size_t panic_text(char *buf, size_t len)
{
	size_t n = 0;

	for (uint32_t i = panic_start; n < len && i != ring_prod; i++)
		buf[n++] = ring[i & (ring_size - 1)];
	return n;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	if (!panic_begin())
		edge_die();
	log_err("****************************************");
	va_start(ap, fmt);
	log_vprint(LOG_ERR, fmt, ap);
	va_end(ap);
	audit_crash();
	edge_die();
}
