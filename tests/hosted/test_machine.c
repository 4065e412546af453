/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hosted machine itself: it comes up, domains live and die, a hypercall goes the whole way and a denied one leaves its record.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <hv/domain.h>
#include <hv/mm.h>
#include <xen/version.h>
#include <xen/xsm/flask_op.h>

#include "hosted.h"

static int machine(void **state)
{
	(void)state;
	hosted_machine_init();
	return 0;
}

static void test_memory_comes_back(void **state)
{
	uint64_t guest, heap;

	(void)state;
	hosted_domain_kill(hosted_domain(1, NULL, 4, 1));	/* what the first domain leaves behind for good: SIDs, vectors */
	guest = guest_pages_free();
	heap = heap_pages_free();
	for (unsigned int i = 0; i < 20; i++) {
		struct domain *d = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 64, 2);

		assert_int_equal(guest_pages_free(), guest - 64);
		hosted_domain_kill(d);
		assert_int_equal(guest_pages_free(), guest);
	}
	assert_in_range(heap_pages_free(), heap - 64, heap);
}

static void test_hypercall(void **state)
{
	struct domain *d = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 4, 1);
	char extra[16] = "";

	(void)state;
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0), 0x00040011);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_xen_version, XENVER_extraversion, 0x1000, 0, 0, 0), 0);
	hosted_read(d, 0x1000, extra, sizeof(extra));
	assert_true(extra[0] != '\0' && memchr(extra, 0, sizeof(extra)));
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_xen_version, XENVER_extraversion, 0xfffff000, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(hosted_hypercall(d, 0x7fffffff, 0, 0, 0, 0, 0), -XEN_ENOSYS);
	hosted_domain_kill(d);
}

static void test_denial_is_recorded(void **state)
{
	struct domain *d = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 4, 1);
	struct xen_flask_op op = { .cmd = FLASK_GETENFORCE, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	(void)state;
	hosted_write(d, 0x1000, &op, sizeof(op));
	hosted_console_clear();
	assert_true(hosted_hypercall(d, __HYPERVISOR_xsm_op, 0x1000, 0, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), "avc:  denied  { xsm_op } for domid=1 "));
	assert_non_null(strstr(hosted_console(), " scontext=system_u:system_r:guest_t:s0:c1 "));
	assert_non_null(strstr(hosted_console(), " tclass=interface permissive=0\n"));
	hosted_domain_kill(d);
}

static void test_noise_is_bounded_and_counted(void **state)
{
	struct domain *d = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 4, 1);
	unsigned int lines = 0;

	(void)state;
	hosted_console_clear();
	hosted_time_advance(2000000000u);
	for (unsigned int i = 0; i < 1000; i++)
		assert_true(hosted_hypercall(d, __HYPERVISOR_xsm_op, 0x1000, 0, 0, 0, 0) < 0);
	for (const char *at = hosted_console(); (at = strstr(at, "avc:  denied")); at++)
		lines++;
	assert_in_range(lines, 50, 150);
	hosted_time_advance(2000000000u);
	assert_true(hosted_hypercall(d, __HYPERVISOR_xsm_op, 0x1000, 0, 0, 0, 0) < 0);
	assert_non_null(strstr(hosted_console(), "audit: 900 records of domain 1 left out"));
	hosted_domain_kill(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_comes_back),
		cmocka_unit_test(test_hypercall),
		cmocka_unit_test(test_denial_is_recorded),
		cmocka_unit_test(test_noise_is_bounded_and_counted),
	};

	return cmocka_run_group_tests(tests, machine, NULL);
}
