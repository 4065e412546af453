/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the local APIC's timer in its three modes, pvclock, the singleshot timer.
 * Locking: none. Trust: a guest.
 */
#include "tests.h"

#include <xen/event_channel.h>
#include <xen/vcpu.h>

#define VECTOR		0x40u
#define PERIODIC	(1u << 17)
#define TSC_DEADLINE	(1u << 18)
#define MASKED		(1u << 16)
#define MSR_DEADLINE	0x6e0u
#define COUNT		1000000u	/* bus clocks: a few milliseconds at most */

static void timer_irq(struct trap_frame *f)
{
	(void)f;
	lapic_eoi();
}

static int one_shot(void)
{
	uint64_t before = irq_count[VECTOR];

	lapic_timer(0, VECTOR, COUNT);
	CHECK(wait_for(&irq_count[VECTOR], before + 1, 2000));
	delay_ms(20);
	CHECK_EQ(irq_count[VECTOR], before + 1);
	return 0;
}

static int periodic(void)
{
	uint64_t before = irq_count[VECTOR];

	lapic_timer(PERIODIC, VECTOR, COUNT);
	for (unsigned int i = 0; i < 5; i++)
		halt_once();			/* each halt ends with an interrupt */
	CHECK(irq_count[VECTOR] >= before + 5);
	lapic_timer(MASKED, VECTOR, 0);
	return 0;
}

static int deadline(void)
{
	uint32_t r[4];
	uint64_t before = irq_count[VECTOR];

	cpuid(1, 0, r);
	if (!(r[2] & 1u << 24))
		return 0;
	lapic_timer(TSC_DEADLINE, VECTOR, 0);
	CHECK(!wrmsr_safe(MSR_DEADLINE, rdtsc() + COUNT));
	CHECK(wait_for(&irq_count[VECTOR], before + 1, 2000));
	lapic_timer(MASKED, VECTOR, 0);
	return 0;
}

static int clock(void)
{
	uint64_t last = now_ns(), start = last;

	for (unsigned int i = 0; i < 10000; i++) {
		uint64_t now = now_ns();

		CHECK(now >= last);
		last = now;
	}
	CHECK(last > start);
	CHECK(last - start < 5000000000ull);
	return 0;
}

static int singleshot(void)
{
	struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER, .vcpu = 0 };
	struct evtchn_close close;
	struct vcpu_set_singleshot_timer t = { .flags = 0 };
	uint64_t before = upcalls;

	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0));
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &virq));
	t.timeout_abs_ns = now_ns() + 5000000;
	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, &t));
	CHECK(wait_for(&upcalls, before + 1, 2000));
	CHECK(now_ns() >= t.timeout_abs_ns);
	CHECK(event_take(virq.port));
	t.timeout_abs_ns = 1;			/* in the past: fires at once */
	before = upcalls;
	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, &t));
	CHECK(wait_for(&upcalls, before + 1, 2000));
	CHECK(event_take(virq.port));
	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0));
	close.port = virq.port;
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close));
	return 0;
}

/*
 * The APIC's timer and the singleshot timer end at all distances from each other, so that the host is interrupted wherever this
 * guest may be: between STI and HLT, too. If it got an interrupt there, it would halt with both timers spent, for ever.
 */
#define PAIR_NS		200000u
#define PAIR_COUNT	(PAIR_NS / 10)	/* bus clocks */

int test_halts(void)
{
	struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER, .vcpu = 0 };
	struct evtchn_close close;
	struct vcpu_set_singleshot_timer t = { .flags = 0 };
	uint64_t rounds = argument("rounds", 20000);

	irq_handler[VECTOR] = timer_irq;
	CHECK_EQ(events_init(), 0);
	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0));
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &virq));
	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t irqs = irq_count[VECTOR], events = upcalls;

		t.timeout_abs_ns = now_ns() + PAIR_NS + i % 997 * 200;
		CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, &t));
		lapic_timer(0, VECTOR, PAIR_COUNT);
		while (irq_count[VECTOR] == irqs || upcalls == events)
			halt_once();
		CHECK(event_take(virq.port));
	}
	lapic_timer(MASKED, VECTOR, 0);
	close.port = virq.port;
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close));
	return 0;
}

int test_timer(void)
{
	static int (*const part[])(void) = { events_init, clock, one_shot, periodic, deadline, singleshot };

	irq_handler[VECTOR] = timer_irq;
	for (unsigned int i = 0; i < ARRAY_SIZE(part); i++) {
		int line = part[i]();

		if (line)
			return line;
	}
	return 0;
}
