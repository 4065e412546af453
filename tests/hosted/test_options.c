/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot options: what is taken, what is reported, what stops the boot.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <abi/ravelin.h>
#include <hv/console.h>
#include <hv/options.h>
#include "hosted.h"

static struct boot_options fresh;

static int setup(void **state)
{
	(void)state;
	hosted_edge_init(8);
	if (!fresh.conring_bytes)
		fresh = options;
	options = fresh;
	hosted_console_clear();
	return 0;
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(options_parse(""), 0);
	assert_int_equal(options.com1_baud, 115200);
	assert_int_equal(options.dom0_mem_bytes, 0);
	assert_false(options.flask_permissive);
	assert_false(options.noreboot);
}

static void test_xen_names(void **state)
{
	(void)state;
	assert_int_equal(options_parse("placeholder com1=38400,8n1 console=com1,vga dom0_mem=512M,max:1G dom0_max_vcpus=2 maxcpus=3 "
				       "conring_size=64k loglvl=all guest_loglvl=none/all noreboot flask=enforcing dom0=pvh"), 0);
	assert_int_equal(options.com1_baud, 38400);
	assert_int_equal(options.dom0_mem_bytes, 512u << 20);
	assert_int_equal(options.dom0_max_vcpus, 2);
	assert_int_equal(options.max_cpus, 3);
	assert_int_equal(options.conring_bytes, 64u << 10);
	assert_int_equal(options.log_level, LOG_DEBUG);
	assert_int_equal(options.guest_log_level, -1);
	assert_true(options.noreboot);
	assert_null(strstr(hosted_console(), "not known"));
}

/* Less than the least ring is the least ring, not a refusal; the most is 16 MiB. */
static void test_ring_sizes(void **state)
{
	(void)state;
	assert_int_equal(options_parse("conring_size=0b audit_size=0"), 0);
	assert_int_equal(options.conring_bytes, 0);
	assert_int_equal(options.audit_bytes, 0);
	console_init(options.conring_bytes);
	assert_int_equal(options_parse("conring_size=16m"), 0);
	assert_int_equal(options_parse("conring_size=16385k"), -XEN_EINVAL);
	assert_int_equal(options_parse("audit_size=16385k"), -XEN_EINVAL);
}

static void test_audit_options(void **state)
{
	(void)state;
	assert_int_equal(options.audit_full, RAVELIN_AUDIT_DROP);
	assert_int_equal(options_parse("audit_size=1m audit_full=block"), 0);
	assert_int_equal(options.audit_bytes, 1u << 20);
	assert_int_equal(options.audit_full, RAVELIN_AUDIT_BLOCK);
	assert_int_equal(options_parse("audit_full=panic"), 0);
	assert_int_equal(options.audit_full, RAVELIN_AUDIT_PANIC);
	assert_int_not_equal(options_parse("audit_full=overwrite"), 0);
	assert_int_not_equal(options_parse("audit_size=17m"), 0);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(options_parse("dom0_mem=524288"), 0);		/* KiB, as with Xen */
	assert_int_equal(options.dom0_mem_bytes, 512u << 20);
	assert_int_equal(options_parse("dom0_mem=2g"), 0);
	assert_int_equal(options.dom0_mem_bytes, 2ull << 30);
}

static void test_unknown_is_reported(void **state)
{
	(void)state;
	assert_int_equal(options_parse("iommu=1 frobnicate loglvl=info"), 0);
	assert_non_null(strstr(hosted_console(), "frobnicate"));
	assert_non_null(strstr(hosted_console(), "iommu=1"));
	assert_int_equal(options.log_level, LOG_INFO);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"flask=late", "flask=disabled", "flask=maybe", "dom0_mem=", "dom0_mem=12x", "dom0_mem=99999999999999999999", "dom0_mem=99999999999g",
		"dom0_max_vcpus=0", "dom0_max_vcpus=65", "com1=31337", "conring_size=1t", "loglvl=chatty", "noreboot=perhaps", "dom0=pv",
		"maxcpus=-1", "console=hvc0", "dom0_mem=1g,", "loglvl", "selftest=averyveryverylongname",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hosted_console_clear();
		assert_int_equal(options_parse(bad[i]), -XEN_EINVAL);
		assert_non_null(strstr(hosted_console(), "refused"));
	}
}

static void test_one_refusal_hides_no_other(void **state)
{
	(void)state;
	assert_int_equal(options_parse("flask=late noreboot dom0=pv"), -XEN_EINVAL);
	assert_non_null(strstr(hosted_console(), "flask=late"));
	assert_non_null(strstr(hosted_console(), "dom0=pv"));
}

static void test_refused_whatever_the_level(void **state)
{
	(void)state;
	assert_int_equal(options_parse("loglvl=none flask=maybe"), -XEN_EINVAL);
	assert_non_null(strstr(hosted_console(), "flask=maybe"));
	assert_int_equal(options_parse("loglvl=none frobnicate"), 0);
	assert_non_null(strstr(hosted_console(), "frobnicate"));
	assert_int_equal(options.log_level, -1);
}

static void test_lengths(void **state)
{
	char line[2048];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[1023] = '\0';
	assert_int_equal(options_parse(line), 0);	/* one unknown word, reported cut */
	assert_int_equal(strlen(options.cmdline), 1023);
	line[1023] = 'x';
	line[1024] = '\0';
	assert_int_equal(options_parse(line), -XEN_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_defaults, setup),
		cmocka_unit_test_setup(test_xen_names, setup),
		cmocka_unit_test_setup(test_audit_options, setup),
		cmocka_unit_test_setup(test_sizes, setup),
		cmocka_unit_test_setup(test_ring_sizes, setup),
		cmocka_unit_test_setup(test_unknown_is_reported, setup),
		cmocka_unit_test_setup(test_refused, setup),
		cmocka_unit_test_setup(test_one_refusal_hides_no_other, setup),
		cmocka_unit_test_setup(test_refused_whatever_the_level, setup),
		cmocka_unit_test_setup(test_lengths, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
