/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a loader of Multiboot 2 says: taken where it is well formed; a size that leads nowhere ends the list. Arbitrary bytes, and Multiboot 1: fuzz_multiboot.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../hypervisor/boot/boot.h"

#define MB2_LOADED 0x36d76289u

static void parse(const uint32_t *info)
{
	memset(&boot_info, 0, sizeof(boot_info));
	multiboot_parse(MB2_LOADED, (uintptr_t)info);
	assert_true(boot_info.valid);
}

static void test_lists(void **state)
{
	uint32_t info[] = {
		26 * 4, 0,
		1, 8 + 4, 0x00637362, 0,			/* the command line "bsc" */
		3, 16 + 4, 0x100000, 0x180000, 0x00643063, 0,	/* a module "c0d" */
		6, 16 + 24, 24, 0, 0x1000, 0, 0x9000, 0, 1, 0,	/* a range */
		0, 8, 0, 0,
	};

	(void)state;
	parse(info);
	assert_string_equal(boot_info.cmdline, "bsc");
	assert_int_equal(boot_info.modules, 1);
	assert_int_equal(boot_info.module[0].pa, 0x100000);
	assert_int_equal(boot_info.module[0].len, 0x80000);
	assert_string_equal(boot_info.module[0].cmdline, "c0d");
	assert_int_equal(boot_info.ranges, 1);
	assert_int_equal(boot_info.range[0].start, 0x1000);
	assert_int_equal(boot_info.range[0].end, 0xa000);
	assert_false(boot_info.truncated);
}

/* Offsets of 32 bits would come back to the structure's beginning, and read this tag for ever. */
static void test_size_of_4_gib_ends(void **state)
{
	uint32_t info[] = { UINT32_MAX, 8, 99, UINT32_MAX - 8 };

	(void)state;
	alarm(20);
	parse(info);
	alarm(0);
	assert_int_equal(boot_info.modules + boot_info.ranges, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_size_of_4_gib_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
