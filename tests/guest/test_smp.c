/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: a second vCPU by INIT and SIPI, interrupts between the two, INIT of a running vCPU.
 * Locking: the two vCPUs meet through volatile counters. Trust: a guest.
 */
#include "tests.h"

#include <xen/event_channel.h>

#define PING	0x50u
#define PONG	0x51u
#define ROUNDS	100u
#define ICR	0x30u

static volatile uint64_t second_rounds, second_dr0;

static void pong(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

static void ping(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
	lapic_write(ICR, PONG);		/* destination: APIC id 0 */
}

static void second_cpu(void *arg)
{
	uint64_t dr0;

	(void)arg;
	__asm__ volatile("mov %%db0, %0" : "=r"(dr0));
	second_dr0 |= dr0;
	__asm__ volatile("mov %0, %%db0" : : "r"(0x1000ul));	/* INIT clears it */
	for (;;) {
		second_rounds++;
		halt_once();
	}
}

static int interrupts(void)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t before = irq_count[PONG];

		lapic_write(ICR, 2ull << 32 | PING);
		if (!wait_for(&irq_count[PONG], before + 1, 2000)) {
			say("guest: round %u: ping %lu pong %lu second %lu", i, irq_count[PING], irq_count[PONG], second_rounds);
			return __LINE__;
		}
	}
	CHECK(irq_count[PING] >= ROUNDS);
	return 0;
}

/* An event bound to vCPU 1 reaches vCPU 1, not us. */
static int event_to_second(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 1 };
	struct evtchn_send send;
	struct evtchn_close close;
	uint64_t before = second_rounds;

	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	send.port = close.port = ipi.port;
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send));
	CHECK(wait_for(&second_rounds, before + 1, 2000));
	CHECK(event_take(ipi.port));
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close));
	return 0;
}

int test_smp(void)
{
	int line = events_init();

	irq_handler[PING] = ping;
	irq_handler[PONG] = pong;
	for (unsigned int start = 0; start < 2 && !line; start++) {	/* the second time it is running */
		uint64_t before = second_rounds;

		CHECK(cpu_start(1, second_cpu, NULL));
		CHECK(wait_for(&second_rounds, before + 1, 2000));
		CHECK(second_dr0 == 0);
		line = interrupts();
	}
	return line ? line : event_to_second();
}
