/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual local APIC: priorities, EOI, IPIs, the timer's three modes, INIT and SIPI.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/timer.h>
#include "hosted.h"

#define X2(offset)	(0x800u + (offset) / 16)
#define TPR 0x80
#define EOI 0xb0
#define SPIV 0xf0
#define ESR 0x280
#define ICR 0x300
#define LVTT 0x320
#define TMICT 0x380
#define TMCCT 0x390
#define TDCR 0x3e0
#define SELF 0x3f0
#define BASE 0x1b

static struct domain *d;
static struct vcpu *a, *b;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	d = hosted_domain(1, NULL, 16, 4);
	a = d->vcpu[0];
	b = d->vcpu[1];
	for (unsigned int i = 0; i < 4; i++) {
		struct vcpu *v = d->vcpu[i];

		assert_int_equal(lapic_msr_write(v, BASE, v->lapic.base_msr | 1u << 10), 0);
		assert_int_equal(lapic_msr_write(v, X2(SPIV), 0x1ff), 0);
	}
	hosted_run_vcpu(a);
	return 0;
}

static void put(struct vcpu *v, uint32_t reg, uint64_t val)
{
	assert_int_equal(lapic_msr_write(v, X2(reg), val), 0);
}

static uint64_t get(struct vcpu *v, uint32_t reg)
{
	uint64_t val;

	assert_int_equal(lapic_msr_read(v, X2(reg), &val), 0);
	return val;
}

/* As software asks: a write makes the register say what has gone wrong since the one before. */
static uint64_t errors(struct vcpu *v)
{
	put(v, ESR, 0);
	return get(v, ESR);
}

static void test_priorities(void **state)
{
	(void)state;
	lapic_set_irq(a, 0x31, false);
	lapic_set_irq(a, 0x52, false);
	assert_int_equal(guest_interrupt_pending(a), 0x52);
	assert_int_equal(guest_interrupt_pending(a), 0x52);
	guest_interrupt_accept(a, 0x52);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	lapic_set_irq(a, 0x5f, false);					/* same class: waits */
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	lapic_set_irq(a, 0x60, false);
	assert_int_equal(guest_interrupt_pending(a), 0x60);
	put(a, EOI, 0);
	guest_interrupt_accept(a, 0x60);
	put(a, EOI, 0);
	assert_int_equal(guest_interrupt_pending(a), 0x5f);
	guest_interrupt_accept(a, 0x5f);
	put(a, EOI, 0);
	assert_int_equal(guest_interrupt_pending(a), 0x31);
}

static void test_task_priority(void **state)
{
	(void)state;
	put(a, TPR, 0x50);
	lapic_set_irq(a, 0x52, false);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	assert_int_equal(lapic_held_vector(a), 0x52);
	put(a, TPR, 0x40);
	assert_int_equal(guest_interrupt_pending(a), 0x52);
	/* Held by a handler, not by TPR: nothing to wait for in TPR. */
	guest_interrupt_accept(a, 0x52);
	lapic_set_irq(a, 0x53, false);
	assert_int_equal(lapic_held_vector(a), GUEST_NO_VECTOR);
}

static void test_disabled(void **state)
{
	(void)state;
	put(a, SPIV, 0xff);
	lapic_set_irq(a, 0x40, false);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	put(a, LVTT, 0x40);
	assert_int_equal(get(a, LVTT), 0x10040);			/* stays masked */
	lapic_set_irq(a, 3, false);
	assert_int_equal(errors(a), 0);
	put(a, SPIV, 0x1ff);
	lapic_set_irq(a, 3, false);
	assert_int_equal(get(a, ESR), 0);
	assert_int_equal(errors(a), 1u << 6);
	assert_int_equal(get(a, ESR), 1u << 6);				/* until it is written again */
	assert_int_equal(errors(a), 0);
}

static void test_reserved_bits(void **state)
{
	static const struct { uint32_t reg; uint64_t val; } refused[] = {
		{ TPR, 0x100 }, { EOI, 1 }, { ESR, 1 }, { SPIV, 0x400 }, { 0xd0, 0 }, { 0x20, 0 }, { TDCR, 4 }, { SELF, 0x100 },
		{ LVTT, 1 << 12 }, { 0x350, 1 << 14 }, { 0x370, 0x700 }, { ICR, 1 << 12 }, { ICR, 1 << 20 }, { TMICT, 1ull << 32 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++)
		assert_int_equal(lapic_msr_write(a, X2(refused[i].reg), refused[i].val), -XEN_EINVAL);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	/* As memory they are ignored. */
	assert_int_equal(lapic_msr_write(b, BASE, 0xfee00000), 0);
	assert_int_equal(lapic_msr_write(b, BASE, 0xfee00800), 0);
	lapic_mmio_write(b, TPR, 0x130);
	assert_int_equal(lapic_mmio_read(b, TPR), 0x30);
	lapic_mmio_write(b, 0x350, ~0u);
	assert_int_equal(lapic_mmio_read(b, 0x350), 0x1a7ff);
}

static void test_mode_switches(void **state)
{
	uint64_t val;

	(void)state;
	assert_int_equal(lapic_msr_write(a, BASE, 0xfee00900), -XEN_EINVAL);  /* x2APIC -> xAPIC */
	assert_int_equal(lapic_msr_write(a, BASE, 0xfed00d00), -XEN_EINVAL);	/* cannot move */
	assert_int_equal(lapic_msr_write(a, BASE, 0xfee00100), 0);
	assert_int_equal(lapic_msr_write(a, BASE, 0xfee00d00), -XEN_EINVAL);	/* off -> x2APIC */
	assert_int_equal(lapic_msr_write(a, BASE, 0xfee00900), 0);
	assert_int_equal(lapic_msr_read(a, X2(TPR), &val), -XEN_EINVAL);
	assert_int_equal(lapic_mmio_read(a, 0x30) & 0xff, 0x14);
	lapic_mmio_write(a, TPR, 0x20);
	assert_int_equal(lapic_mmio_read(a, TPR), 0x20);
	assert_int_equal(lapic_mmio_read(b, 0x20), 2);  /* x2APIC: the id as it is */
}

static void test_ipis(void **state)
{
	(void)state;
	put(a, ICR, 2ull << 32 | 0x41);					/* physical, to vCPU 1 */
	assert_int_equal(guest_interrupt_pending(b), 0x41);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	put(a, ICR, 0xc0000 | 0x42);					/* all but self */
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	for (unsigned int i = 1; i < 4; i++)
		assert_int_equal(guest_interrupt_pending(d->vcpu[i]), 0x42);
	put(a, ICR, 0x80000 | 0x53);					/* all */
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(guest_interrupt_pending(d->vcpu[i]), 0x53);
	put(b, SELF, 0x61);
	assert_int_equal(guest_interrupt_pending(b), 0x61);
	/* logical: ids 4 and 6 */
	put(a, ICR, (uint64_t)(1u << 4 | 1u << 6) << 32 | 1 << 11 | 0x71);
	assert_int_equal(guest_interrupt_pending(b), 0x61);
	assert_int_equal(guest_interrupt_pending(d->vcpu[2]), 0x71);
	assert_int_equal(guest_interrupt_pending(d->vcpu[3]), 0x71);
	put(a, ICR, 0x80000 | 0x400);					/* NMI to all */
	assert_true(guest_nmi_take(b));
	assert_false(guest_nmi_take(b));
	put(a, ICR, 2ull << 32 | 5);					/* no such vector */
	assert_int_equal(errors(a), 1u << 5);
}

static void test_xapic_logical(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(lapic_msr_write(d->vcpu[i], BASE, 0xfee00000 | (i ? 0 : 0x100)),
				 0);
		assert_int_equal(lapic_msr_write(d->vcpu[i], BASE, 0xfee00800 | (i ? 0 : 0x100)),
				 0);
		lapic_mmio_write(d->vcpu[i], SPIV, 0x1ff);
		lapic_mmio_write(d->vcpu[i], 0xd0, 1u << (24 + i));
	}
	lapic_mmio_write(a, 0x310, 0x0c000000);
	lapic_mmio_write(a, ICR, 1 << 11 | 0x45);
	assert_int_equal(guest_interrupt_pending(b), GUEST_NO_VECTOR);
	assert_int_equal(guest_interrupt_pending(d->vcpu[2]), 0x45);
	assert_int_equal(guest_interrupt_pending(d->vcpu[3]), 0x45);
	/* Lowest priority: one of the two takes it, the one with the lower TPR. */
	lapic_mmio_write(d->vcpu[2], TPR, 0x10);
	lapic_mmio_write(a, ICR, 1 << 11 | 1 << 8 | 0x55);
	assert_int_equal(guest_interrupt_pending(d->vcpu[2]), 0x45);
	assert_int_equal(guest_interrupt_pending(d->vcpu[3]), 0x55);
	/* Cluster model */
	for (unsigned int i = 0; i < 4; i++) {
		lapic_mmio_write(d->vcpu[i], 0xe0, 0);
		lapic_mmio_write(d->vcpu[i], 0xd0, (i / 2) << 28 | 1u << (24 + i % 2));
	}
	lapic_mmio_write(a, 0x310, 0x02000000);
	lapic_mmio_write(a, ICR, 1 << 11 | 0x65);
	assert_int_equal(guest_interrupt_pending(b), 0x65);
	assert_int_equal(guest_interrupt_pending(d->vcpu[3]), 0x55);
}

static void run_timers(uint64_t ns)
{
	hosted_time_advance(ns);
	timer_run_due();
}

static void test_timer_oneshot(void **state)
{
	(void)state;
	put(a, TDCR, 0xb);						/* divide by 1: 10 ns */
	put(a, LVTT, 0x50);
	put(a, TMICT, 100000);						/* 1 ms */
	assert_in_range(get(a, TMCCT), 99000, 100000);
	run_timers(500000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	run_timers(600000);
	assert_int_equal(guest_interrupt_pending(a), 0x50);
	assert_int_equal(get(a, TMCCT), 0);
	guest_interrupt_accept(a, 0x50);
	put(a, EOI, 0);
	run_timers(5000000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
}

static void test_timer_periodic(void **state)
{
	(void)state;
	put(a, TDCR, 0xb);
	put(a, LVTT, 0x50 | 1 << 17);
	put(a, TMICT, 1);						/* far too short: bounded */
	for (unsigned int i = 0; i < 3; i++) {
		run_timers(150000);
		assert_int_equal(guest_interrupt_pending(a), 0x50);
		guest_interrupt_accept(a, 0x50);
		put(a, EOI, 0);
	}
	run_timers(10000);
	put(a, TMICT, 0);
	run_timers(10000000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
}

/* Bounded, too, when a short count becomes a period on its way. */
static void test_timer_becomes_periodic(void **state)
{
	unsigned int fired = 0;

	(void)state;
	put(a, TDCR, 0xb);
	put(a, LVTT, 0x50);
	put(a, TMICT, 1);
	put(a, LVTT, 0x50 | 1 << 17);
	for (unsigned int i = 0; i < 1000; i++) {
		run_timers(1000);
		if (guest_interrupt_pending(a) == 0x50) {
			fired++;
			guest_interrupt_accept(a, 0x50);
			put(a, EOI, 0);
		}
	}
	assert_in_range(fired, 1, 11);		/* in a millisecond */
}

static void test_timer_divisor_changes(void **state)
{
	(void)state;
	put(a, TDCR, 0xb);
	put(a, LVTT, 0x50 | 1 << 17);
	put(a, TMICT, 100000);						/* 1 ms */
	run_timers(250000);
	put(a, TDCR, 0);						/* by 2: the other 750 us take twice as long, */
	assert_in_range(get(a, TMCCT), 74900, 75000);
	assert_int_equal(get(a, TMICT), 100000);
	run_timers(1490000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	run_timers(20000);
	assert_int_equal(guest_interrupt_pending(a), 0x50);
	guest_interrupt_accept(a, 0x50);
	put(a, EOI, 0);
	run_timers(1950000);						/* and the next whole count 2 ms */
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	run_timers(50000);
	assert_int_equal(guest_interrupt_pending(a), 0x50);
}

static void test_timer_deadline(void **state)
{
	(void)state;
	put(a, LVTT, 0x50 | 2 << 17);
	put(a, TMICT, 1000);  /* has no effect in this mode */
	lapic_deadline_write(a, edge_tsc() + a->tsc_offset + edge_tsc_khz() * 2);
	run_timers(1000000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	run_timers(1100000);
	assert_int_equal(guest_interrupt_pending(a), 0x50);
	assert_int_equal(lapic_deadline_read(a), 0);
	guest_interrupt_accept(a, 0x50);
	put(a, EOI, 0);
	lapic_deadline_write(a, UINT64_MAX);				/* never, and no overflow */
	run_timers(1000000000);
	assert_int_equal(guest_interrupt_pending(a), GUEST_NO_VECTOR);
	put(a, LVTT, 0x50);  /* leaving the mode disarms */
	assert_int_equal(lapic_deadline_read(a), 0);
}

static void test_startup(void **state)
{
	struct cpu_context c;

	(void)state;
	b->lapic.wait_sipi = false;  /* it runs: its context was set */
	put(a, ICR, 2ull << 32 | 0x600 | 0x9a);  /* SIPI without INIT: nothing */
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_NONE);
	put(a, ICR, 2ull << 32 | 0x500);
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_WAIT);
	assert_false(vcpu_is_online(b));
	put(a, ICR, 2ull << 32 | 0x600 | 0x9a);
	put(a, ICR, 2ull << 32 | 0x600 | 0x77);				/* the second one is late */
	assert_true(vcpu_is_online(b));
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_RESET);
	assert_int_equal(c.cs.sel, 0x9a00);
	assert_int_equal(c.cs.base, 0x9a000);
	assert_int_equal(c.regs.rip, 0);
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_NONE);
}

/* What another CPU does the moment that INIT takes its target down. */
static bool sipi_now;

void __real_vcpu_down(struct vcpu *v);
void __wrap_vcpu_down(struct vcpu *v);
void __wrap_vcpu_down(struct vcpu *v)
{
	if (sipi_now) {
		sipi_now = false;
		put(a, ICR, 2ull << 32 | 0x600 | 0x9a);
	}
	__real_vcpu_down(v);
}

static void test_sipi_meets_init(void **state)
{
	struct cpu_context c;

	(void)state;
	put(a, ICR, 2ull << 32 | 0x500);
	sipi_now = true;
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_WAIT);
	assert_true(vcpu_is_online(b));
	assert_int_equal(guest_startup_pending(b, &c), GUEST_STARTUP_RESET);
	assert_int_equal(c.cs.sel, 0x9a00);
}

static void test_callback_goes_past(void **state)
{
	(void)state;
	d->hvm_param[HVM_PARAM_CALLBACK_IRQ] = 2ull << 56 | 0xf3;
	b->info->evtchn_upcall_pending = 0;
	put(b, TPR, 0xf0);
	assert_int_equal(guest_interrupt_pending(b), GUEST_NO_VECTOR);
	b->info->evtchn_upcall_pending = 1;
	assert_int_equal(guest_interrupt_pending(b), 0xf3);
	guest_interrupt_accept(b, 0xf3);
	assert_int_equal(guest_interrupt_pending(b), 0xf3);  /* until the guest clears it */
	b->info->evtchn_upcall_pending = 0;
	assert_int_equal(guest_interrupt_pending(b), GUEST_NO_VECTOR);
	/* Cleared by another vCPU after we looked: nothing is in service that no EOI would end. */
	guest_interrupt_accept(b, 0xf3);
	put(b, TPR, 0);
	lapic_set_irq(b, 0x30, false);
	assert_int_equal(guest_interrupt_pending(b), 0x30);
}

/* Raised while the APIC was off, the upcall's vector comes when it is on: its flag, already set, would never ask again. */
static void test_upcall_waits_for_apic(void **state)
{
	(void)state;
	put(b, SPIV, 0xff);
	b->upcall_vector = 0x40;
	b->info->evtchn_upcall_pending = 1;
	lapic_set_irq(b, 0x40, false);
	put(b, SPIV, 0x1ff);
	assert_int_equal(guest_interrupt_pending(b), 0x40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_priorities, setup),
		cmocka_unit_test_setup(test_task_priority, setup),
		cmocka_unit_test_setup(test_disabled, setup),
		cmocka_unit_test_setup(test_reserved_bits, setup),
		cmocka_unit_test_setup(test_mode_switches, setup),
		cmocka_unit_test_setup(test_ipis, setup),
		cmocka_unit_test_setup(test_xapic_logical, setup),
		cmocka_unit_test_setup(test_timer_oneshot, setup),
		cmocka_unit_test_setup(test_timer_periodic, setup),
		cmocka_unit_test_setup(test_timer_becomes_periodic, setup),
		cmocka_unit_test_setup(test_timer_divisor_changes, setup),
		cmocka_unit_test_setup(test_timer_deadline, setup),
		cmocka_unit_test_setup(test_startup, setup),
		cmocka_unit_test_setup(test_sipi_meets_init, setup),
		cmocka_unit_test_setup(test_callback_goes_past, setup),
		cmocka_unit_test_setup(test_upcall_waits_for_apic, setup),
	};

	return cmocka_run_group_tests_name("lapic", tests, NULL, NULL);
}
