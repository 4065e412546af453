/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler and the timers on two simulated CPUs: who runs how much, who waits, that no wake is lost.
 * Locking: the last test runs a thread for each CPU. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>

#include "hosted.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/mm.h>
#include <hv/p2m.h>
#include <hv/timer.h>

#define TICK_NS 100000u
#define MS	1000000u

static unsigned int ran[8][2];		/* ticks, by domain and vCPU */
static unsigned int ran_on[8][2];	/* the same by domain and CPU */
static bool sleeps[8];			/* the domain's vCPUs block after each tick */
static unsigned int yields[8];

static void guest(struct vcpu *v)
{
	assert_true(v->running);
	assert_int_equal(v->cpu, edge_cpu_id());
	assert_ptr_equal(current_vcpu(), v);
	ran[v->domain->id][v->id]++;
	ran_on[v->domain->id][edge_cpu_id()]++;
	if (sleeps[v->domain->id])
		vcpu_block(v);
	if (yields[v->domain->id]) {
		yields[v->domain->id]--;
		vcpu_yield(v);
	}
}

/* What another CPU does the moment a vCPU is neither running nor queued. */
static struct domain *ends_now;

static void domain_ends(const struct vcpu *v)
{
	struct domain *d = v->domain;
	unsigned int cpu = edge_cpu_id();

	if (d != ends_now)
		return;
	ends_now = NULL;
	hosted_cpu_set(!cpu);
	hosted_domain_kill(d);
	hosted_cpu_set(cpu);
}

void __real_vcpu_requeue(struct vcpu *v);
void __wrap_vcpu_requeue(struct vcpu *v);
void __wrap_vcpu_requeue(struct vcpu *v)
{
	domain_ends(v);
	__real_vcpu_requeue(v);
}

void __real_vcpu_reconsider(struct vcpu *v);
void __wrap_vcpu_reconsider(struct vcpu *v);
void __wrap_vcpu_reconsider(struct vcpu *v)
{
	domain_ends(v);
	__real_vcpu_reconsider(v);
}

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	hosted_guest = guest;
	for (unsigned int i = 0; i < 8; i++) {
		ran[i][0] = ran[i][1] = ran_on[i][0] = ran_on[i][1] = yields[i] = 0;
		sleeps[i] = false;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hosted_guest = NULL;
	hosted_cpu_set(0);
	return 0;
}

/* One CPU's turn within a tick: the timer interrupt first, then what the loop does until it has run a guest or is idle. */
static void turn(unsigned int cpu)
{
	hosted_cpu_set(cpu);
	if (edge_now_ns() >= hosted_timer_deadline(cpu))
		cpus[cpu].work |= CPU_WORK_TIMER;
	cpu_step();
	if (!current_vcpu() && cpu_work_pending())
		cpu_step();
}

static void run_ms(unsigned int ms)
{
	for (unsigned int i = 0; i < ms * (MS / TICK_NS); i++) {
		for (unsigned int cpu = 0; cpu < cpu_count; cpu++)
			turn(cpu);
		hosted_time_advance(TICK_NS);
	}
	hosted_cpu_set(0);
}

static struct domain *hog(domid_t id, unsigned int vcpus)
{
	return hosted_domain(id, NULL, 1, vcpus);
}

static void assert_near(unsigned int have, unsigned int want, unsigned int percent)
{
	if (have * 100 < want * (100 - percent) || have * 100 > want * (100 + percent))
		fail_msg("%u is not within %u%% of %u", have, percent, want);
}

static void test_both_cpus_work(void **state)
{
	(void)state;
	hog(1, 2);
	run_ms(100);
	assert_near(ran[1][0], 1000, 2);
	assert_near(ran[1][1], 1000, 2);
}

static void test_equal_shares(void **state)
{
	(void)state;
	for (domid_t id = 1; id <= 4; id++)
		hog(id, 1);
	run_ms(2000);
	for (domid_t id = 1; id <= 4; id++)
		assert_near(ran[id][0], 10000, 10);
}

/* A guest that spins with its interrupts off makes no exit of its own: only its slice's end takes the CPU from it. */
static void test_silent_guests_take_turns(void **state)
{
	struct vcpu *woken;

	(void)state;
	cpu_count = 1;
	hog(1, 1);
	woken = hog(2, 1)->vcpu[0];
	sleeps[2] = true;
	run_ms(100);
	sleeps[2] = false;
	edge_timer_arm(UINT64_MAX);
	vcpu_wake(woken);
	cpu_step();
	for (unsigned int i = 0; i < 2000 * (MS / TICK_NS); i++) {
		ran[current_vcpu()->domain->id][1]++;
		hosted_time_advance(TICK_NS);
		if (edge_now_ns() < hosted_timer_deadline(0))
			continue;
		edge_timer_arm(UINT64_MAX);	/* one shot */
		cpus[0].work |= CPU_WORK_TIMER;
		cpu_step();
	}
	assert_near(ran[1][1], 10000, 5);
	assert_near(ran[2][1], 10000, 5);
}

/* Nobody owns half of a machine because of where he started. */
static void test_three_on_two(void **state)
{
	(void)state;
	for (domid_t id = 1; id <= 3; id++)
		hog(id, 1);
	run_ms(3000);
	for (domid_t id = 1; id <= 3; id++)
		assert_near(ran[id][0], 20000, 15);
}

static void test_weight(void **state)
{
	struct domain *light, *heavy;

	(void)state;
	cpu_count = 1;
	light = hog(1, 1);
	heavy = hog(2, 1);
	light->sched_weight = 256;
	heavy->sched_weight = 768;
	run_ms(4000);
	assert_near(ran[1][0], 10000, 10);
	assert_near(ran[2][0], 30000, 10);
}

static void test_cap(void **state)
{
	struct domain *d;

	(void)state;
	d = hog(1, 1);
	run_ms(10);
	ran[1][0] = 0;
	domain_sched_set(d, d->sched_weight, 30);	/* while it runs undisturbed */
	run_ms(3000);
	assert_near(ran[1][0], 9000, 10);	/* though nobody else wants the CPU */
	domain_sched_set(d, d->sched_weight, 0);
	run_ms(30);
	ran[1][0] = 0;
	run_ms(100);
	assert_near(ran[1][0], 1000, 10);
}

static void test_sleeper_is_served_at_once(void **state)
{
	struct domain *d;

	(void)state;
	cpu_count = 1;
	hog(1, 1);
	hog(2, 1);
	d = hog(3, 1);
	sleeps[3] = true;
	run_ms(200);
	for (unsigned int i = 0; i < 50; i++) {
		unsigned int before = ran[3][0];

		run_ms(7);
		assert_int_equal(ran[3][0], before);
		vcpu_wake(d->vcpu[0]);
		run_ms(1);
		assert_int_equal(ran[3][0], before + 1);
	}
}

static void test_affinity(void **state)
{
	struct domain *d;

	(void)state;
	d = hog(1, 1);
	hog(2, 1);
	assert_int_equal(vcpu_set_affinity(d->vcpu[0], 4, 4), -XEN_EINVAL);
	assert_int_equal(vcpu_set_affinity(d->vcpu[0], 2, ~0ull), 0);
	run_ms(20);
	ran_on[1][0] = ran_on[1][1] = 0;
	run_ms(100);
	assert_int_equal(ran_on[1][0], 0);
	assert_near(ran_on[1][1], 1000, 2);
	assert_int_equal(vcpu_set_affinity(d->vcpu[0], 1, ~0ull), 0);
	run_ms(1);
	ran_on[1][1] = 0;
	run_ms(100);
	assert_int_equal(ran_on[1][1], 0);
}

static void test_yield_lets_others_run(void **state)
{
	struct domain *d;

	(void)state;
	cpu_count = 1;
	d = hog(1, 1);
	hog(2, 1);
	run_ms(1);
	ran[1][0] = ran[2][0] = 0;
	yields[1] = yields[2] = 100;
	run_ms(20);
	assert_near(ran[1][0], 100, 10);
	assert_near(ran[2][0], 100, 10);
	vcpu_pause(d->vcpu[0]);
	yields[2] = 10;				/* nobody to give way to */
	run_ms(2);
	assert_int_equal(yields[2], 0);
}

static void test_idle_cpu_takes_work(void **state)
{
	struct domain *a, *b;

	(void)state;
	a = hog(1, 1);
	b = hog(2, 1);
	assert_int_equal(vcpu_set_affinity(a->vcpu[0], 1, 1), 0);
	assert_int_equal(vcpu_set_affinity(b->vcpu[0], 1, 1), 0);
	run_ms(50);
	assert_int_equal(ran_on[2][1], 0);
	b->vcpu[0]->affinity = 3;
	ran[2][0] = 0;
	run_ms(100);
	assert_near(ran[2][0], 1000, 10);
}

static void test_domain_ends_as_its_vcpu_leaves(void **state)
{
	(void)state;
	ends_now = hog(1, 1);
	vcpu_yield(ends_now->vcpu[0]);
	hog(2, 2);
	run_ms(100);
	assert_null(ends_now);
	assert_near(ran[2][0] + ran[2][1], 2000, 5);
}

static void test_domain_ends_as_its_vcpu_moves(void **state)
{
	struct domain *a, *b;

	(void)state;
	a = hog(1, 1);
	b = hog(2, 1);
	assert_int_equal(vcpu_set_affinity(a->vcpu[0], 1, 1), 0);
	assert_int_equal(vcpu_set_affinity(b->vcpu[0], 1, 1), 0);
	run_ms(5);
	ends_now = a->vcpu[0]->queued ? a : b;
	ends_now->vcpu[0]->affinity = 3;
	run_ms(100);
	assert_null(ends_now);
	assert_near(ran[1][0] + ran[2][0], 1050, 5);
}

static void test_pause(void **state)
{
	struct domain *d;

	(void)state;
	d = hog(1, 2);
	run_ms(2);
	assert_false(domain_is_quiet(d));
	domain_pause(d);
	domain_pause(d);
	run_ms(1);
	assert_true(domain_is_quiet(d));
	ran[1][0] = ran[1][1] = 0;
	run_ms(5);
	domain_unpause(d);
	run_ms(5);
	assert_int_equal(ran[1][0] + ran[1][1], 0);
	vcpu_pause(d->vcpu[1]);
	domain_unpause(d);
	run_ms(5);
	assert_int_equal(ran[1][1], 0);
	assert_int_equal(ran[1][0] > 40, 1);
	vcpu_unpause(d->vcpu[1]);
	vcpu_down(d->vcpu[0]);
	run_ms(1);
	ran[1][0] = ran[1][1] = 0;
	run_ms(5);
	assert_int_equal(ran[1][0], 0);
	assert_int_equal(ran[1][1] > 40, 1);
	vcpu_wake(d->vcpu[0]);		/* an event does not bring up what is down */
	run_ms(1);
	assert_int_equal(ran[1][0], 0);
	vcpu_up(d->vcpu[0]);
	run_ms(1);
	assert_int_equal(ran[1][0] > 5, 1);
}

/* An event between the decision to block and blocking. */
static void test_block_with_something_pending(void **state)
{
	struct domain *d;
	struct vcpu *v;

	(void)state;
	d = hog(1, 1);
	v = d->vcpu[0];
	v->regs.rflags = 0x202;
	run_ms(1);
	vcpu_block(v);
	vcpu_kick(v);
	assert_int_equal(v->state, VCPU_RUNNABLE);
	v->lapic.nmi_pending = true;
	vcpu_block(v);
	ran[1][0] = 0;
	run_ms(1);
	assert_int_equal(ran[1][0] > 5, 1);
	v->lapic.nmi_pending = false;
	v->poll_port = 5;
	vcpu_block(v);
	assert_int_equal(v->state, VCPU_POLLING);
	run_ms(1);
	assert_false(vcpu_is_running(v));
	vcpu_kick(v);
	run_ms(1);
	assert_true(vcpu_is_running(v));
}

/* A credit that years of running have made small starts anew, and shares stay equal. */
static void test_credit_never_overflows(void **state)
{
	struct domain *a = hosted_domain(1, NULL, 1, 1), *b = hosted_domain(2, NULL, 1, 1);

	(void)state;
	assert_int_equal(vcpu_set_affinity(a->vcpu[0], 1, 1), 0);
	assert_int_equal(vcpu_set_affinity(b->vcpu[0], 1, 1), 0);
	run_ms(20);
	a->vcpu[0]->credit = b->vcpu[0]->credit = cpus[0].rq.credit = -((int64_t)1 << 60);
	ran[1][0] = ran[2][0] = 0;
	run_ms(400);
	assert_true(a->vcpu[0]->credit > -((int64_t)1 << 59) && b->vcpu[0]->credit > -((int64_t)1 << 59));
	assert_in_range(ran[1][0], 1600, 2400);
	assert_in_range(ran[2][0], 1600, 2400);
	hosted_domain_kill(a);
	hosted_domain_kill(b);
}

extern _Atomic uint64_t sched_idle_cpus;

/* Two CPUs sleep and two vCPUs that ran on the same one wake up: one for each. */
static void test_wakes_spread(void **state)
{
	struct domain *a = hosted_domain(1, NULL, 1, 1), *b = hosted_domain(2, NULL, 1, 1);

	(void)state;
	sleeps[1] = sleeps[2] = true;
	run_ms(2);
	a->vcpu[0]->cpu = b->vcpu[0]->cpu = 0;
	sched_idle_cpus = 3;
	vcpu_wake(a->vcpu[0]);
	vcpu_wake(b->vcpu[0]);
	assert_int_not_equal(a->vcpu[0]->cpu, b->vcpu[0]->cpu);
	hosted_domain_kill(a);
	hosted_domain_kill(b);
}

static void test_runstate(void **state)
{
	struct vcpu_runstate_info r;
	struct domain *d;
	uint64_t sum = 0;

	(void)state;
	cpu_count = 1;
	d = hog(1, 1);
	hog(2, 1);
	run_ms(100);
	vcpu_block(d->vcpu[0]);
	run_ms(50);
	domain_pause(d);
	run_ms(30);
	vcpu_get_runstate(d->vcpu[0], &r);
	assert_int_equal(r.state, RUNSTATE_offline);
	assert_near((unsigned int)(r.time[RUNSTATE_running] / MS), 50, 25);
	assert_near((unsigned int)(r.time[RUNSTATE_runnable] / MS), 50, 25);
	assert_near((unsigned int)(r.time[RUNSTATE_blocked] / MS), 50, 25);
	assert_int_equal(domain_cpu_time(d), r.time[RUNSTATE_running]);
	for (unsigned int i = 0; i < 4; i++)
		sum += r.time[i];
	assert_int_equal(sum, edge_now_ns() - 1000000000u);
}

/* An area across two pages, as VCPUOP_register_runstate_memory_area leaves it. */
static void test_runstate_area(void **state)
{
	struct vcpu_runstate_info r;
	struct domain *d;
	struct vcpu *v;

	(void)state;
	d = hosted_domain(1, NULL, 4, 1);
	v = d->vcpu[0];
	d->vm_assist = 1u << VMASST_TYPE_runstate_update_flag;
	for (unsigned int i = 0; i < 2; i++)
		v->runstate_mfn[i] = p2m_get_frame(d, 2 - i, true, NULL);
	v->runstate_off = PAGE_SIZE - 20;
	v->runstate.time[RUNSTATE_blocked] = 0x1122334455667788u;
	run_ms(5);
	domain_pause(d);
	run_ms(1);
	hosted_read(d, 3 * PAGE_SIZE - 20, &r, 20);
	hosted_read(d, PAGE_SIZE, (char *)&r + 20, sizeof(r) - 20);
	assert_int_equal(r.state, RUNSTATE_offline);
	assert_int_equal(r.time[RUNSTATE_running], v->runstate.time[RUNSTATE_running]);
	assert_int_equal(r.state_entry_time, v->runstate.state_entry_time);
	assert_memory_equal(&r, &v->runstate, sizeof(r));	/* to the last byte of the second page */
	hosted_domain_kill(d);
	assert_int_equal(guest_pages_free(), guest_pages_total());
}

static unsigned int fired;
static struct timer *again;

static void fire(void *data)
{
	fired += (unsigned int)(uintptr_t)data;
	if (again)
		timer_set(again, 0);
}

static void test_timers(void **state)
{
	struct timer t[3];

	(void)state;
	fired = 0;
	again = NULL;
	for (uintptr_t i = 0; i < 3; i++)
		timer_init(&t[i], fire, (void *)(uintptr_t)(1u << (4 * i)));
	timer_set(&t[0], edge_now_ns() + 3 * MS);
	timer_set(&t[1], edge_now_ns() + 1 * MS);
	timer_set(&t[2], edge_now_ns() + 2 * MS);
	assert_int_equal(hosted_timer_deadline(0), edge_now_ns() + 1 * MS);
	run_ms(2);
	assert_int_equal(fired, 0x10);
	hosted_cpu_set(1);
	timer_stop(&t[2]);		/* from another CPU */
	timer_set(&t[0], edge_now_ns() + 2 * MS);
	assert_int_equal(hosted_timer_deadline(1), edge_now_ns() + 2 * MS);
	run_ms(1);
	assert_int_equal(fired, 0x10);
	run_ms(2);
	assert_int_equal(fired, 0x11);
	assert_true(timer_end(&t[0]) && timer_end(&t[1]) && timer_end(&t[2]));
	timer_set(&t[0], 0);		/* long past: at once */
	run_ms(1);
	assert_int_equal(fired, 0x12);
	assert_int_equal(timer_next_deadline(), UINT64_MAX);
}

/* What is asked in the callback: not yet. */
static void end_inside(void *data)
{
	struct timer *t = data;

	fired++;
	timer_set(t, 0);
	assert_false(timer_end(t));
}

static void test_timer_end(void **state)
{
	struct timer t;

	(void)state;
	fired = 0;
	timer_init(&t, end_inside, &t);
	timer_set(&t, 0);
	run_ms(3);
	assert_int_equal(fired, 1);	/* what the callback armed was taken off again */
	timer_set(&t, edge_now_ns() + MS);
	assert_true(timer_end(&t));
	run_ms(3);
	assert_int_equal(fired, 1);
}

/* A callback that is always due again does not keep the CPU. */
static void test_timer_storm(void **state)
{
	struct timer t;

	(void)state;
	fired = 0;
	again = &t;
	timer_init(&t, fire, (void *)1);
	timer_set(&t, 0);
	timer_run_due();
	assert_int_equal(fired, 64);
	again = NULL;
	timer_stop(&t);
}

static void test_should_yield(void **state)
{
	struct timer t;

	(void)state;
	timer_init(&t, fire, NULL);
	timer_program();
	assert_false(cpu_should_yield());
	timer_set(&t, edge_now_ns() + MS);
	assert_false(cpu_should_yield());
	hosted_time_advance(MS);
	assert_true(cpu_should_yield());
	timer_stop(&t);
	timer_run_due();		/* the interrupt comes all the same, once */
	assert_false(cpu_should_yield());
	assert_int_equal(this_cpu()->timers.armed, UINT64_MAX);
	cpu_raise_work(0, CPU_WORK_RESCHED);
	assert_true(cpu_should_yield());
}

/* Two CPUs, a ball between two vCPUs: each blocks after it has thrown it to the other. */
static struct vcpu *player[2];
static _Atomic uint32_t ball[2], throws;
static _Atomic bool stop;

static void play(struct vcpu *v)
{
	unsigned int me = v == player[1];

	if (atomic_exchange(&ball[me], 0)) {
		throws++;
		v->lapic.nmi_pending = false;
		ball[!me] = 1;
		player[!me]->lapic.nmi_pending = true;
		vcpu_kick(player[!me]);
	}
	vcpu_block(v);
}

static void *cpu_thread(void *arg)
{
	hosted_cpu_set((unsigned int)(uintptr_t)arg);
	while (!stop) {
		if (edge_now_ns() >= hosted_timer_deadline(edge_cpu_id()))
			this_cpu()->work |= CPU_WORK_TIMER;
		cpu_step();
	}
	return NULL;
}

static void test_no_wake_is_lost(void **state)
{
	struct domain *a, *b;
	pthread_t t[2];
	uint32_t seen = 0;

	(void)state;
	hosted_time_auto(1000);
	a = hosted_domain(1, NULL, 1, 1);
	b = hosted_domain(2, NULL, 1, 1);
	player[0] = a->vcpu[0];
	player[1] = b->vcpu[0];
	stop = false;
	throws = 0;
	ball[0] = 1;
	player[0]->lapic.nmi_pending = true;
	hosted_guest = play;
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, cpu_thread, (void *)i), 0);
	hosted_cpu_set(2);		/* a bystander, who pauses and moves them about */
	for (unsigned int i = 0; throws < 20000; i++) {
		struct domain *d = i & 1 ? a : b;

		domain_pause(d);
		for (unsigned int n = 0; n < 1000 && !domain_is_quiet(d); n++)
			edge_relax();
		if (i % 3 == 0)
			assert_int_equal(vcpu_set_affinity(d->vcpu[0], 1 + i / 3 % 3, ~0ull), 0);
		domain_unpause(d);
		for (unsigned int n = 0; n < 2000000 && throws == seen; n++)
			edge_relax();
		if (throws == seen)
			fail_msg("the ball lies still after %u throws", seen);
		seen = throws;
	}
	stop = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_both_cpus_work, setup, teardown),
		cmocka_unit_test_setup_teardown(test_equal_shares, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silent_guests_take_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_three_on_two, setup, teardown),
		cmocka_unit_test_setup_teardown(test_weight, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sleeper_is_served_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_affinity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_yield_lets_others_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_idle_cpu_takes_work, setup, teardown),
		cmocka_unit_test_setup_teardown(test_domain_ends_as_its_vcpu_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_domain_ends_as_its_vcpu_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_block_with_something_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(test_credit_never_overflows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wakes_spread, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runstate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runstate_area, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer_storm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_should_yield, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_wake_is_lost, setup, teardown),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
