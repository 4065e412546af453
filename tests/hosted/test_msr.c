/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MSR table: #GP by default, and the few that hold something.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <hv/domain.h>
#include <hv/guest.h>
#include "hosted.h"

static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	v = hosted_domain(1, NULL, 16, 1)->vcpu[0];
	return 0;
}

static uint64_t get(uint32_t msr)
{
	uint64_t val;

	assert_int_equal(guest_rdmsr(v, msr, &val), 0);
	return val;
}

static void test_default_is_fault(void **state)
{
	static const uint32_t absent[] = {
		0x17, 0x3a, 0x48, 0x49, 0x79, 0xce, 0x10a, 0x1a0, 0x179, 0x186, 0x3b, 0x480,
		0x5ff, 0x7ff, 0x840, 0x40000001, 0xc0000103, 0xc0010000, 0xc0010058,
		0xc0010114, 0xc0010117, 0xc001011f, 0xffffffff,
	};
	uint64_t val;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		assert_int_equal(guest_rdmsr(v, absent[i], &val), -XEN_EINVAL);
		assert_int_equal(guest_wrmsr(v, absent[i], 1), -XEN_EINVAL);
	}
	assert_int_equal(guest_wrmsr(v, 0xfe, 0), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x8b, 0), -XEN_EINVAL);
}

static void test_mtrr(void **state)
{
	(void)state;
	assert_int_equal(get(0x2ff), 0xc06);
	assert_int_equal(get(0xfe), 0x508);
	assert_int_equal(guest_wrmsr(v, 0x2ff, 0x806), 0);
	assert_int_equal(get(0x2ff), 0x806);
	assert_int_equal(guest_wrmsr(v, 0x2ff, 0x802), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x200, 0xfee00006), 0);
	assert_int_equal(get(0x200), 0xfee00006);
	assert_int_equal(guest_wrmsr(v, 0x20f, 1ull << 41), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x210, 0), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x26f, 0x0606060606060606), 0);
	assert_int_equal(get(0x26f), 0x0606060606060606);
	assert_int_equal(guest_wrmsr(v, 0x250, 0x0306060606060606), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x251, 0), -XEN_EINVAL);
}

static void test_pat_types(void **state)
{
	(void)state;
	assert_true(guest_pat_valid(GUEST_PAT_RESET));
	assert_false(guest_pat_valid(2));
	assert_false(guest_pat_valid(0x0300000000000000));
	assert_true(guest_pat_valid(0x0707070707070707));
}

static void test_tsc(void **state)
{
	(void)state;
	assert_int_equal(guest_wrmsr(v, 0x10, 1000000), 0);
	assert_in_range(get(0x10), 1000000, 1000000 + edge_tsc_khz());
	/* The clock follows: system time is what it was. */
	assert_int_equal(v->info->time.tsc_timestamp, edge_tsc_base() + v->tsc_offset);
	assert_int_equal(v->info->time.version % 2, 0);
}

static void test_hypercall_page(void **state)
{
	uint8_t stub[32];

	(void)state;
	assert_int_equal(guest_wrmsr(v, 0x40000000, 3 << 12), 0);
	hosted_read(v->domain, 0x3000 + 32 * 18, stub, sizeof(stub));
	assert_memory_equal(stub, "\xb8\x12\0\0\0\x0f\x01\xd9\xc3", 9);
	hosted_read(v->domain, 0x3000 + 32 * 23, stub, sizeof(stub));
	assert_memory_equal(stub, "\x0f\x0b", 2);
	assert_int_equal(guest_wrmsr(v, 0x40000000, (3 << 12) | 1), -XEN_EINVAL);
	assert_int_equal(guest_wrmsr(v, 0x40000000, 0xfffffffffffff000), -XEN_EINVAL);
	assert_int_equal(get(0x40000000), 0);
}

static void test_ports(void **state)
{
	(void)state;
	assert_int_equal(guest_port_read(v, 0x42, 1), 0);
	assert_int_equal(guest_port_read(v, 0x71, 1), 0xff);
	assert_int_equal(guest_port_read(v, 0xcfc, 4), 0xffffffff);
	hosted_console_clear();
	for (const char *p = "hi\x1b[2J\n"; *p; p++)
		guest_port_write(v, 0xe9, 1, (uint8_t)*p);
	assert_null(strchr(hosted_console(), '\x1b'));
}

static void test_debug_port_is_limited(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10000; i++)
		guest_port_write(v, 0xe9, 2, 'x' | '\n' << 8);
	assert_true(v->debug.dropped > 9000);
	hosted_time_advance(1000000000);
	guest_port_write(v, 0xe9, 2, 'x' | '\n' << 8);
	assert_int_equal(v->debug.dropped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_default_is_fault, setup),
		cmocka_unit_test_setup(test_mtrr, setup),
		cmocka_unit_test_setup(test_pat_types, setup),
		cmocka_unit_test_setup(test_tsc, setup),
		cmocka_unit_test_setup(test_hypercall_page, setup),
		cmocka_unit_test_setup(test_ports, setup),
		cmocka_unit_test_setup(test_debug_port_is_limited, setup),
	};

	return cmocka_run_group_tests_name("msr", tests, NULL, NULL);
}
