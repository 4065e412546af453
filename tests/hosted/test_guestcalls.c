/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcpu_op, sched_op, hvm_op, set_timer_op: what a guest asks about itself.
 * Locking: none. Trust: tests only.
 */
#include "guestcalls.h"

#include <hv/console.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/timer.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/vcpu.h>

#define AREA_GPA 0x4000u

static int setup(void **state)
{
	hosted_machine_init();
	*state = hosted_domain(1, TENANT_1, 16, 3);
	return 0;
}

static int64_t vcpu_call(struct domain *d, uint32_t cmd, uint32_t vcpu, const void *arg, size_t len)
{
	if (len)
		hosted_write(d, ARG_GPA, arg, len);
	return hosted_hypercall(d, __HYPERVISOR_vcpu_op, cmd, vcpu, ARG_GPA, 0, 0);
}

static int64_t param_call(struct domain *d, uint64_t cmd, domid_t domid, uint32_t index, uint64_t *value)
{
	struct xen_hvm_param op = { .domid = domid, .index = index, .value = *value };
	int64_t rc = guest_call(d, __HYPERVISOR_hvm_op, cmd, &op, sizeof(op));

	*value = op.value;
	return rc;
}

static int64_t param_set(struct domain *d, domid_t domid, uint32_t index, uint64_t value)
{
	return param_call(d, HVMOP_set_param, domid, index, &value);
}

static int64_t param_get(struct domain *d, domid_t domid, uint32_t index, uint64_t *value)
{
	*value = 0xdead;
	return param_call(d, HVMOP_get_param, domid, index, value);
}

static void test_up_and_down(void **state)
{
	struct domain *d = *state;

	assert_int_equal(vcpu_call(d, VCPUOP_is_up, 1, NULL, 0), 1);
	assert_int_equal(vcpu_call(d, VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(vcpu_call(d, VCPUOP_is_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu_call(d, VCPUOP_up, 1, NULL, 0), -XEN_EINVAL);	/* nobody has sent it a SIPI */
	assert_int_equal(vcpu_call(d, VCPUOP_is_up, 1, NULL, 0), 0);
	d->vcpu[1]->lapic.wait_sipi = false;
	assert_int_equal(vcpu_call(d, VCPUOP_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu_call(d, VCPUOP_is_up, 1, NULL, 0), 1);
	assert_int_equal(vcpu_call(d, VCPUOP_is_up, 3, NULL, 0), -XEN_ENOENT);
	assert_int_equal(vcpu_call(d, VCPUOP_up, UINT32_MAX, NULL, 0), -XEN_ENOENT);
	assert_int_equal(vcpu_call(d, VCPUOP_get_physid, 0, NULL, 0), -XEN_EINVAL);
	assert_int_equal(vcpu_call(d, VCPUOP_stop_periodic_timer, 0, NULL, 0), 0);
}

/* Linux takes a CPU off line by HLT without interrupts, and brings it back by INIT and SIPI: these may come before HLT is dealt with. */
static void test_down_after_sipi(void **state)
{
	struct domain *d = *state;
	struct vcpu *a = d->vcpu[0], *b = d->vcpu[1];
	struct cpu_context reset;

	assert_int_equal(lapic_msr_write(a, 0x1b, a->lapic.base_msr | 1u << 10), 0);
	assert_int_equal(lapic_msr_write(a, 0x830, (uint64_t)b->lapic.id << 32 | 0x500), 0);
	assert_int_equal(lapic_msr_write(a, 0x830, (uint64_t)b->lapic.id << 32 | 0x69a), 0);
	domain_vcpu_down(d, b);
	assert_true(vcpu_is_online(b));
	assert_int_equal(guest_startup_pending(b, &reset), GUEST_STARTUP_RESET);
	domain_vcpu_down(d, b);
	assert_false(vcpu_is_online(b));
}

static void test_last_down_is_power_off(void **state)
{
	struct domain *d = *state;

	assert_int_equal(vcpu_call(d, VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(vcpu_call(d, VCPUOP_down, 2, NULL, 0), 0);
	assert_false(d->is_shut_down);
	assert_int_equal(vcpu_call(d, VCPUOP_down, 0, NULL, 0), 0);
	assert_true(d->is_shut_down);
	assert_int_equal(d->shutdown_code, SHUTDOWN_poweroff);
}

static void test_nmi(void **state)
{
	struct domain *d = *state;

	assert_int_equal(vcpu_call(d, VCPUOP_send_nmi, 1, NULL, 0), 0);
	assert_true(d->vcpu[1]->lapic.nmi_pending);
	assert_int_equal(vcpu_call(d, VCPUOP_send_nmi, 3, NULL, 0), -XEN_ENOENT);
}

static void test_runstate(void **state)
{
	struct domain *d = *state;
	struct vcpu_runstate_info r = { .state = 77 };

	assert_int_equal(vcpu_call(d, VCPUOP_get_runstate_info, 0, &r, sizeof(r)), 0);
	hosted_read(d, ARG_GPA, &r, sizeof(r));
	assert_true(r.state >= 0 && r.state <= 3);
}

static int64_t runstate_register(struct domain *d, uint32_t vcpu, uint64_t va)
{
	struct vcpu_register_runstate_memory_area op = { .addr.p = va };

	return vcpu_call(d, VCPUOP_register_runstate_memory_area, vcpu, &op, sizeof(op));
}

static void test_runstate_area(void **state)
{
	struct domain *d = *state;
	struct vcpu *v = d->vcpu[0];
	mfn_t first = p2m_lookup(d, 4).mfn, second = p2m_lookup(d, 5).mfn;

	assert_int_equal(runstate_register(d, 0, AREA_GPA), 0);
	assert_int_equal(v->runstate_mfn[0], first);
	assert_true(v->runstate_mfn[1] == MFN_INVALID);
	assert_int_equal(refcount_read(&mfn_to_frame(first)->refs), 2);
	/* Across two pages. */
	assert_int_equal(runstate_register(d, 0, AREA_GPA + PAGE_SIZE - 8), 0);
	assert_int_equal(v->runstate_mfn[1], second);
	assert_int_equal(refcount_read(&mfn_to_frame(first)->refs), 2);
	assert_int_equal(refcount_read(&mfn_to_frame(second)->refs), 2);
	/* Half of it where there is nothing: the former one stays. */
	assert_int_equal(runstate_register(d, 0, 16 * PAGE_SIZE - 8), -XEN_EFAULT);
	assert_int_equal(v->runstate_mfn[1], second);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(d, 15).mfn)->refs), 1);
	/* Another vCPU's only while it is down. */
	assert_int_equal(runstate_register(d, 1, AREA_GPA), -XEN_EINVAL);
	assert_int_equal(vcpu_call(d, VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(runstate_register(d, 1, AREA_GPA), 0);
	assert_int_equal(runstate_register(d, 1, 0), 0);
	assert_int_equal(runstate_register(d, 0, 0), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(first)->refs), 1);
	assert_int_equal(refcount_read(&mfn_to_frame(second)->refs), 1);
}

static struct vcpu *brought_up;

bool __real_vcpu_is_running(const struct vcpu *v);
bool __wrap_vcpu_is_running(const struct vcpu *v);

/* Just then the vCPU that is asked about is brought up, and another CPU looks for work. */
bool __wrap_vcpu_is_running(const struct vcpu *v)
{
	bool running = __real_vcpu_is_running(v);

	if (v == brought_up) {
		brought_up = NULL;
		vcpu_up(v->domain->vcpu[v->id]);
		hosted_cpu_set(1);
		cpu_step();
		hosted_cpu_set(0);
		assert_false(__real_vcpu_is_running(v));
	}
	return running;
}

/* The CPU that loads a vCPU writes to its areas: they do not change under its hands. */
static void test_areas_of_one_that_comes_up(void **state)
{
	struct domain *d = *state;
	struct vcpu_register_time_memory_area op = { .addr.p = AREA_GPA + 0x100 };

	hosted_run_vcpu(d->vcpu[0]);
	vcpu_down(d->vcpu[1]);
	vcpu_down(d->vcpu[2]);
	brought_up = d->vcpu[1];
	assert_int_equal(runstate_register(d, 1, AREA_GPA), 0);
	assert_null(brought_up);
	brought_up = d->vcpu[2];
	assert_int_equal(vcpu_call(d, VCPUOP_register_vcpu_time_memory_area, 2, &op, sizeof(op)), 0);
	assert_null(brought_up);
	for (unsigned int i = 1; i < 3; i++) {
		assert_int_equal(d->vcpu[i]->pause_count, 0);
		assert_true(d->vcpu[i]->queued || d->vcpu[i]->running);
	}
}

static void test_time_area(void **state)
{
	struct domain *d = *state;
	struct vcpu_register_time_memory_area op = { .addr.p = AREA_GPA + 0x100 };
	struct vcpu_time_info t;

	assert_int_equal(vcpu_call(d, VCPUOP_register_vcpu_time_memory_area, 0, &op, sizeof(op)), 0);
	hosted_read(d, AREA_GPA + 0x100, &t, sizeof(t));
	assert_true(t.version && t.version % 2 == 0);
	op.addr.p = AREA_GPA + PAGE_SIZE - 8;
	assert_int_equal(vcpu_call(d, VCPUOP_register_vcpu_time_memory_area, 0, &op, sizeof(op)), -XEN_ENXIO);
	op.addr.p = 0;
	assert_int_equal(vcpu_call(d, VCPUOP_register_vcpu_time_memory_area, 0, &op, sizeof(op)), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(d, 4).mfn)->refs), 1);
}

static void test_set_timer_op(void **state)
{
	struct domain *d = *state;
	int64_t port = guest_bind_virq(d, VIRQ_TIMER, 0);

	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_set_timer_op, 3000000000u, 0, 0, 0, 0), 0);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_set_timer_op, 0, 0, 0, 0, 0), 0);
	hosted_time_set(3000000001u);
	timer_run_due();
	assert_false(pending_bit(d, (evtchn_port_t)port));
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_set_timer_op, 1, 0, 0, 0, 0), 0);
	timer_run_due();
	assert_true(pending_bit(d, (evtchn_port_t)port));
}

static int64_t shutdown_call(struct domain *d, uint64_t cmd, unsigned int reason)
{
	struct sched_shutdown op = { .reason = reason };

	return guest_call(d, __HYPERVISOR_sched_op, cmd, &op, sizeof(op));
}

static void test_shutdown(void **state)
{
	struct domain *d = *state;

	assert_int_equal(shutdown_call(d, SCHEDOP_shutdown, SHUTDOWN_crash), 0);
	assert_true(d->is_shut_down);
	assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
}

static void test_shutdown_code_sticks(void **state)
{
	struct domain *d = *state;

	assert_int_equal(shutdown_call(d, SCHEDOP_shutdown_code, SHUTDOWN_crash), 0);
	assert_int_equal(shutdown_call(d, SCHEDOP_shutdown_code, SHUTDOWN_reboot), 0);
	assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
	assert_int_equal(shutdown_call(d, SCHEDOP_shutdown, SHUTDOWN_poweroff), 0);
	assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
}

static void test_remote_shutdown(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, TENANT_1, 16, 1), *control = hosted_domain(0, CONTROL, 16, 1);
	struct sched_remote_shutdown op = { .domain_id = 2, .reason = SHUTDOWN_reboot };

	assert_int_equal(guest_call(d, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &op, sizeof(op)), -XEN_EACCES);
	assert_false(other->is_shut_down);
	assert_int_equal(guest_call(control, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &op, sizeof(op)), 0);
	assert_true(other->is_shut_down);
}

static int64_t watchdog(struct domain *d, uint32_t id, uint32_t timeout)
{
	struct sched_watchdog op = { .id = id, .timeout = timeout };

	return guest_call(d, __HYPERVISOR_sched_op, SCHEDOP_watchdog, &op, sizeof(op));
}

static void test_watchdog(void **state)
{
	struct domain *d = *state;

	assert_int_equal(watchdog(d, 0, 0), -XEN_EINVAL);
	assert_int_equal(watchdog(d, 1, 5), -XEN_EINVAL);
	assert_int_equal(watchdog(d, 3, 5), -XEN_EINVAL);
	assert_int_equal(watchdog(d, 0, 5), 1);
	assert_int_equal(watchdog(d, 0, 5), 2);
	assert_int_equal(watchdog(d, 0, 5), -XEN_ENOSPC);
	assert_int_equal(watchdog(d, 2, 0), 0);
	hosted_time_advance(4000000000u);
	assert_int_equal(watchdog(d, 1, 5), 0);		/* patted */
	hosted_time_advance(4000000000u);
	timer_run_due();
	assert_false(d->is_shut_down);
	hosted_time_advance(2000000000u);
	timer_run_due();
	assert_true(d->is_shut_down);
	assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);
}

static void test_params_of_oneself(void **state)
{
	struct domain *d = *state;
	uint64_t value;

	assert_int_equal(param_set(d, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | 0xf3), 0);
	assert_int_equal(param_get(d, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &value), 0);
	assert_true(value == (2ull << 56 | 0xf3));
	assert_int_equal(param_get(d, 1, HVM_PARAM_STORE_PFN, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(param_set(d, DOMID_SELF, HVM_PARAM_STORE_PFN, 5), -XEN_EPERM);
	assert_int_equal(param_get(d, DOMID_SELF, HVM_PARAM_IOREQ_PFN, &value), -XEN_EPERM);
	assert_int_equal(param_set(d, DOMID_SELF, HVM_PARAM_IDENT_PT, 5), -XEN_EPERM);
	assert_int_equal(param_set(d, DOMID_SELF, HVM_PARAM_NESTEDHVM, 0), -XEN_EINVAL);
	assert_int_equal(param_set(d, DOMID_SELF, HVM_NR_PARAMS, 0), -XEN_EINVAL);
	assert_int_equal(param_get(d, DOMID_SELF, UINT32_MAX, &value), -XEN_EINVAL);
}

/* The control domain reads parameters of a running guest and may set none any more. */
static void test_params_of_others(void **state)
{
	struct domain *d = *state, *control = hosted_domain(0, CONTROL, 16, 1), *twin = hosted_domain(2, TENANT_1, 16, 1);
	uint64_t value;

	assert_int_equal(param_set(d, DOMID_SELF, HVM_PARAM_STORE_EVTCHN, 9), 0);
	assert_int_equal(param_get(control, 1, HVM_PARAM_STORE_EVTCHN, &value), 0);
	assert_int_equal(value, 9);
	assert_int_equal(param_get(control, 1, HVM_PARAM_NESTEDHVM, &value), -XEN_EINVAL);
	assert_int_equal(param_set(control, 1, HVM_PARAM_CONSOLE_PFN, 9), -XEN_EACCES);
	assert_int_equal(param_get(control, 77, HVM_PARAM_STORE_EVTCHN, &value), -XEN_ESRCH);
	assert_int_equal(param_get(twin, 1, HVM_PARAM_STORE_EVTCHN, &value), -XEN_EACCES);
	assert_int_equal(param_set(twin, 1, HVM_PARAM_STORE_EVTCHN, 1), -XEN_EACCES);
}

static int64_t upcall_vector(struct domain *d, uint32_t vcpu, uint8_t vector)
{
	struct xen_hvm_evtchn_upcall_vector op = { .vcpu = vcpu, .vector = vector };

	return guest_call(d, __HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &op, sizeof(op));
}

static void test_upcall_vector(void **state)
{
	struct domain *d = *state;

	assert_int_equal(upcall_vector(d, 0, 15), -XEN_EINVAL);
	assert_int_equal(upcall_vector(d, 3, 0xf3), -XEN_ENOENT);
	assert_int_equal(upcall_vector(d, UINT32_MAX, 0xf3), -XEN_ENOENT);
	assert_int_equal(upcall_vector(d, 1, 0xf3), 0);
	assert_int_equal(d->vcpu[1]->upcall_vector, 0xf3);
	assert_int_equal(d->vcpu[0]->upcall_vector, 0);
}

/* A log line that a guest may write is the guest's to the end: no second one begins in it, and none of ours ends in it. */
static void test_console_lines_are_its_own(void **state)
{
	static const char text[] = "one\n(RAV) avc:  denied\r\n\x1b[2Kpart";
	struct domain *d = hosted_domain(3, CONTROL, 16, 1);
	uint32_t index = 0;
	char log[1024];
	size_t n;

	(void)state;
	console_clear_ring();
	hosted_write(d, ARG_GPA, text, sizeof(text) - 1);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_console_io, CONSOLEIO_write, sizeof(text) - 1, ARG_GPA, 0, 0), 0);
	log_info("ours");
	hosted_write(d, ARG_GPA, "ly\n", 3);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_console_io, CONSOLEIO_write, 3, ARG_GPA, 0, 0), 0);
	n = console_read_ring(&index, log, sizeof(log) - 1);
	log[n] = '\0';
	assert_string_equal(log, "(RAV) d3v0: one\n(RAV) d3v0: (RAV) avc:  denied\n(RAV) ours\n(RAV) d3v0:  [2Kpartly\n");
}

static void test_yield_and_block(void **state)
{
	struct domain *d = *state;

	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0), 0);
	assert_int_equal(d->vcpu[0]->state, VCPU_BLOCKED);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_sched_op, SCHEDOP_pin_override, 0, 0, 0, 0), -XEN_ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_up_and_down, setup),
		cmocka_unit_test_setup(test_down_after_sipi, setup),
		cmocka_unit_test_setup(test_last_down_is_power_off, setup),
		cmocka_unit_test_setup(test_nmi, setup),
		cmocka_unit_test_setup(test_runstate, setup),
		cmocka_unit_test_setup(test_runstate_area, setup),
		cmocka_unit_test_setup(test_areas_of_one_that_comes_up, setup),
		cmocka_unit_test_setup(test_time_area, setup),
		cmocka_unit_test_setup(test_set_timer_op, setup),
		cmocka_unit_test_setup(test_shutdown, setup),
		cmocka_unit_test_setup(test_shutdown_code_sticks, setup),
		cmocka_unit_test_setup(test_remote_shutdown, setup),
		cmocka_unit_test_setup(test_watchdog, setup),
		cmocka_unit_test_setup(test_params_of_oneself, setup),
		cmocka_unit_test_setup(test_params_of_others, setup),
		cmocka_unit_test_setup(test_upcall_vector, setup),
		cmocka_unit_test_setup(test_console_lines_are_its_own, setup),
		cmocka_unit_test_setup(test_yield_and_block, setup),
	};

	return cmocka_run_group_tests_name("guestcalls", tests, NULL, NULL);
}
