/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console ring as `xl dmesg` reads it, levels, input, and the last words of a panic.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <hv/console.h>
#include <hv/options.h>
#include "hosted.h"

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	console_clear_ring();
	hosted_console_clear();
	options.log_level = LOG_INFO;
	return 0;
}

static size_t read_all(uint32_t *index, char *buf, size_t size)
{
	size_t n = console_read_ring(index, buf, size - 1);

	buf[n] = '\0';
	return n;
}

static void test_levels(void **state)
{
	char buf[256];
	uint32_t index = 0;

	(void)state;
	log_info("seen");
	log_debug("kept");
	assert_non_null(strstr(hosted_console(), "(RAV) seen\n"));
	assert_null(strstr(hosted_console(), "kept"));
	read_all(&index, buf, sizeof(buf));
	assert_string_equal(buf, "(RAV) seen\n(RAV) kept\n");
}

static void test_incremental(void **state)
{
	char buf[64];
	uint32_t index = 0;

	(void)state;
	console_write("one", 3, false);
	assert_int_equal(read_all(&index, buf, 3), 2);
	assert_int_equal(read_all(&index, buf, sizeof(buf)), 1);
	assert_int_equal(read_all(&index, buf, sizeof(buf)), 0);
	console_write("two", 3, false);
	assert_int_equal(read_all(&index, buf, sizeof(buf)), 3);
	assert_string_equal(buf, "two");
}

static void test_index_from_anywhere(void **state)
{
	char buf[64];
	uint32_t index;

	(void)state;
	console_write("text", 4, false);
	for (uint32_t i = 0; i < 64; i++) {
		index = UINT32_MAX / 64 * i;		/* a guest's number */
		assert_true(read_all(&index, buf, sizeof(buf)) <= 4);
	}
	index = UINT32_MAX;
	assert_int_equal(read_all(&index, buf, sizeof(buf)), 4);
}

static void test_wraps(void **state)
{
	static char buf[1 << 20];
	char line[64];
	uint32_t index = 0;
	size_t n;

	(void)state;
	memset(line, '-', sizeof(line));
	for (int i = 0; i < 20000; i++)
		console_write(line, sizeof(line), false);
	console_write("END", 3, false);
	n = read_all(&index, buf, sizeof(buf));
	assert_true(n >= 16384 && n < 20000 * 64);
	assert_string_equal(buf + n - 3, "END");
}

static void test_clear(void **state)
{
	char buf[64];
	uint32_t index = 0;

	(void)state;
	console_write("gone", 4, false);
	console_clear_ring();
	assert_int_equal(read_all(&index, buf, sizeof(buf)), 0);
}

static void test_input(void **state)
{
	char buf[8];

	(void)state;
	hosted_console_input("hello");
	console_poll_input();
	assert_int_equal(console_read_input(buf, 3), 3);
	assert_memory_equal(buf, "hel", 3);
	assert_int_equal(console_read_input(buf, sizeof(buf)), 2);
	assert_int_equal(console_read_input(buf, sizeof(buf)), 0);
}

static void test_long_line_is_cut(void **state)
{
	char buf[2048], text[1500];
	uint32_t index = 0;

	(void)state;
	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	assert_true(read_all(&index, buf, sizeof(buf)) < 700);
	assert_int_equal(buf[strlen(buf) - 1], '\n');
}

/* Last: a machine panics once. */
static void test_panic(void **state)
{
	char buf[256];
	size_t n;

	(void)state;
	if (HOSTED_CATCH() == 0)
		panic("the end of %d", 7);
	assert_non_null(strstr(hosted_console(), "the end of 7"));
	n = panic_text(buf, sizeof(buf) - 1);
	buf[n] = '\0';
	assert_non_null(strstr(buf, "the end of 7"));
	assert_false(panic_begin());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_levels, setup),
		cmocka_unit_test_setup(test_incremental, setup),
		cmocka_unit_test_setup(test_index_from_anywhere, setup),
		cmocka_unit_test_setup(test_wraps, setup),
		cmocka_unit_test_setup(test_clear, setup),
		cmocka_unit_test_setup(test_input, setup),
		cmocka_unit_test_setup(test_long_line_is_cut, setup),
		cmocka_unit_test_setup(test_panic, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
