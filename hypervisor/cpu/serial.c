/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COM1: a 16550. Output goes through a buffer and waits for the line in boot and panic only; input comes by interrupt.
 * Locking: output and its buffer under the console's lock; the receive buffer belongs to CPU 0.
 * Trust: bytes from the line are the operator's.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/options.h>
#include <hv/string.h>
#include <hv/timer.h>
#include "arch.h"
#include "serial.h"

#define COM1 0x3f8u
enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCRATCH };
#define LSR_DATA 0x01u
#define LSR_EMPTY 0x20u
#define FIFO 16u
#define POLL_NS 10000000ull
#define IER_RECEIVED 1u
#define IER_EMPTY 2u
#define TX_SIZE 131072u
#define QUICK_LOOKS 16u
#define PATIENCE_NS 3000000000ull

static bool present;
static char rx[256];
static uint32_t rx_prod, rx_cons;
static struct timer poll;
static char tx[TX_SIZE];
static uint32_t tx_prod, tx_cons, left_out;
static uint8_t ier;
static bool interrupts;		/* the line's interrupt reaches us */
static bool buffered;		/* what the line does not take now, it takes later */

static uint8_t uart_read(unsigned int reg)
{
	return in8((uint16_t)(COM1 + reg));
}

static void uart_write(unsigned int reg, uint8_t v)
{
	out8((uint16_t)(COM1 + reg), v);
}

void serial_init(void)
{
	uint32_t divisor;

	present = false;
	if (!options.com1_baud)
		return;
	uart_write(UART_SCRATCH, 0x5a);
	if (uart_read(UART_SCRATCH) != 0x5a)
		return;
	divisor = 115200 / options.com1_baud;
	uart_write(UART_IER, 0);
	uart_write(UART_LCR, 0x83);			/* 8n1, divisor latch */
	uart_write(UART_DATA, (uint8_t)divisor);
	uart_write(UART_IER, (uint8_t)(divisor >> 8));
	uart_write(UART_LCR, 0x03);
	uart_write(UART_FCR, 0x07);			/* FIFOs on and empty, interrupt at one byte */
	uart_write(UART_MCR, 0x0b);			/* DTR, RTS, OUT2 = interrupt line on */
	present = true;
}

static void poll_line(void *data);
static void pump(uint64_t patience_ns);

void serial_irq_init(void)
{
	if (!present)
		return;
	if (ioapic_route_irq4(VECTOR_SERIAL, cpu_arch[0].apic_id)) {
		interrupts = true;
	} else {
		timer_init(&poll, poll_line, NULL);
		timer_set(&poll, edge_now_ns() + POLL_NS);
	}
	buffered = !options.sync_console;
	pump(0);
}

/* Where the interrupt cannot be routed. */
static void poll_line(void *data)
{
	(void)data;
	console_poll_input();
	timer_set(&poll, edge_now_ns() + POLL_NS);
}

/* All of it must be taken: the line's interrupt is an edge. Bounded against a stuck UART. */
static void drain(void)
{
	for (unsigned int i = 0; i < 4096 && (uart_read(UART_LSR) & LSR_DATA); i++) {
		char c = (char)uart_read(UART_DATA);

		if (rx_prod - rx_cons < sizeof(rx))
			rx[rx_prod++ % sizeof(rx)] = c;
	}
}

void serial_interrupt(void)
{
	(void)uart_read(UART_FCR);		/* interrupt identification: reading acknowledges */
	drain();
	atomic_fetch_or(&this_cpu()->work, CPU_WORK_CONSOLE);
}

size_t edge_console_read(char *buf, size_t len)
{
	size_t n = 0;

	if (!present || edge_cpu_id() != 0)
		return 0;
	drain();
	while (n < len && rx_cons != rx_prod)
		buf[n++] = rx[rx_cons++ % sizeof(rx)];
	return n;
}

/* --- output: into a buffer, and from it as fast as the line takes it; its "empty" interrupt asks for more --------------- */

static bool line_takes(uint64_t patience_ns)
{
	static bool stuck;		/* waited for once in vain: not again until it moves */
	uint64_t mhz = edge_tsc_khz() ? edge_tsc_khz() / 1000 : 3000;
	uint64_t end = edge_tsc() + (stuck ? 0 : patience_ns) * mhz / 1000;

	for (unsigned int i = 0; !(uart_read(UART_LSR) & LSR_EMPTY); i++) {
		if (i >= QUICK_LOOKS && edge_tsc() > end) {
			stuck = patience_ns != 0;
			return false;
		}
		/* Let the line move: on an emulator, looking without a pause keeps it from doing so. */
		for (unsigned int k = 0; i >= QUICK_LOOKS && k < 1000; k++)
			cpu_pause();
	}
	stuck = false;
	return true;
}

static void pump(uint64_t patience_ns)
{
	uint8_t want;

	while (tx_cons != tx_prod && line_takes(patience_ns))
		for (unsigned int i = 0; i < FIFO && tx_cons != tx_prod; i++)
			uart_write(UART_DATA, (uint8_t)tx[tx_cons++ % TX_SIZE]);
	want = interrupts ? (uint8_t)(IER_RECEIVED | (tx_cons != tx_prod ? IER_EMPTY : 0)) : 0;
	if (want != ier) {
		ier = want;
		uart_write(UART_IER, ier);
	}
}

/* A line that does not move is waited for only where nothing would move it later: in boot, in a panic, with sync_console. */
static void put(char c)
{
	if (tx_prod - tx_cons == TX_SIZE && !buffered)
		pump(PATIENCE_NS);
	if (tx_prod - tx_cons < TX_SIZE)
		tx[tx_prod++ % TX_SIZE] = c;
	else
		left_out++;
}

static void say_left_out(void)
{
	char note[64];
	int n = hv_snprintf(note, sizeof(note), "\r\n(RAV) serial line: %u bytes left out\r\n", left_out);

	if (tx_prod - tx_cons > TX_SIZE / 2)
		return;
	left_out = 0;
	for (int i = 0; i < n; i++)
		put(note[i]);
}

void edge_console_write(const char *buf, size_t len)
{
	if (!present)
		return;
	if (left_out)
		say_left_out();
	for (size_t i = 0; i < len; i++) {
		if (buf[i] == '\n')
			put('\r');
		put(buf[i]);
	}
	pump(buffered ? 0 : PATIENCE_NS);
}

void serial_sync(void)
{
	buffered = false;
	interrupts = false;
	if (present)
		pump(PATIENCE_NS);
}
