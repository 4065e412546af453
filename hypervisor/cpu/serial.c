/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COM1: a 16550. Output is polled, input comes by interrupt into a small buffer.
 * Locking: output under the console's lock; the receive buffer belongs to CPU 0.
 * Trust: bytes from the line are the operator's.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/options.h>
#include <hv/timer.h>
#include "arch.h"
#include "serial.h"

#define COM1 0x3f8u
#define COM1_IRQ 4
enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCRATCH };
#define LSR_DATA 0x01u
#define LSR_EMPTY 0x20u
#define FIFO 16u
#define POLL_NS 10000000ull

static bool present;
static char rx[256];
static uint32_t rx_prod, rx_cons;
static struct timer poll;

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

void serial_irq_init(void)
{
	if (!present)
		return;
	if (ioapic_route_irq4(VECTOR_SERIAL, cpu_arch[0].apic_id)) {
		uart_write(UART_IER, 0x01);
	} else {
		timer_init(&poll, poll_line, NULL);
		timer_set(&poll, edge_now_ns() + POLL_NS);
	}
}

/* Where the interrupt cannot be routed. */
static void poll_line(void *data)
{
	(void)data;
	if (uart_read(UART_LSR) & LSR_DATA)
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

/* A line that does not move is waited for once, not for each text. */
static bool wait_empty(void)
{
	static bool stuck;
	unsigned int tries = stuck ? 1 : 1000000;

	for (unsigned int i = 0; i < tries; i++) {
		if (uart_read(UART_LSR) & LSR_EMPTY) {
			stuck = false;
			return true;
		}
	}
	stuck = true;
	return false;
}

void edge_console_write(const char *buf, size_t len)
{
	unsigned int room = 0;

	for (size_t i = 0; present && i < len; i++) {
		if (room < 2) {
			if (!wait_empty())
				return;		/* nobody listens and flow is stopped: text stays in the ring */
			room = FIFO;
		}
		if (buf[i] == '\n') {
			uart_write(UART_DATA, '\r');
			room--;
		}
		uart_write(UART_DATA, (uint8_t)buf[i]);
		room--;
	}
}
