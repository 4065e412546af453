/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library: formatted printing agrees with libc's, string functions do at their edges.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <hv/string.h>

/* The same arguments to both; the compiler checks them once, against the format. */
#define SAME(...) do { \
	char ours[256], theirs[256]; \
	int a = hv_snprintf(ours, sizeof(ours), __VA_ARGS__), b = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
	assert_string_equal(ours, theirs); \
	assert_int_equal(a, b); \
} while (0)

static void test_integers(void **state)
{
	static const int64_t values[] = { 0, 1, -1, 9, 10, 127, 128, -128, 255, 32767, -32768, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		int64_t v = values[i];

		SAME("%d|%u|%x|%#x", (int)v, (unsigned int)v, (unsigned int)v, (unsigned int)v);
		SAME("%ld|%lu|%lx|%#lx", (long)v, (unsigned long)v, (unsigned long)v, (unsigned long)v);
		SAME("%lld|%llu", (long long)v, (unsigned long long)v);
		SAME("%zu|%016lx|%08d|%8d", (size_t)v, (unsigned long)v, (int)v, (int)v);
	}
}

static void test_text(void **state)
{
	(void)state;
	SAME("%s|%10s|%.2s|%8.2s|%%|%c", "abc", "abc", "abc", "abc", 'x');
	SAME("%.*s|%.*s", 1, "xyz", -1, "xyz");
	SAME("%.3s", "no");
	SAME("plain");
}

static void test_bounds(void **state)
{
	char small[4] = "###", one[1] = "#";

	(void)state;
	assert_int_equal(hv_snprintf(small, sizeof(small), "%s", "longer"), 6);
	assert_string_equal(small, "lon");
	assert_int_equal(hv_snprintf(one, sizeof(one), "%d", 12345), 5);
	assert_string_equal(one, "");
	assert_int_equal(hv_snprintf(NULL, 0, "%u", 77u), 2);
}

static void test_precision_bounds_reading(void **state)
{
	char *s = malloc(3);		/* not terminated: ASan sees a read past it */
	char out[8];

	(void)state;
	memcpy(s, "abc", 3);
	assert_int_equal(hv_snprintf(out, sizeof(out), "%.3s", s), 3);
	assert_string_equal(out, "abc");
	free(s);
}

/* hypervisor/lib/string.c, compiled under these names for the hosted build. */
int hv_memcmp(const void *a, const void *b, size_t n);
size_t hv_strlen(const char *s);
size_t hv_strnlen(const char *s, size_t max);
int hv_strcmp(const char *a, const char *b);
int hv_strncmp(const char *a, const char *b, size_t n);
char *hv_strchr(const char *s, int c);

static void test_strings(void **state)
{
	const char *s = "a=b";

	(void)state;
	assert_int_equal(hv_strlen(""), 0);
	assert_int_equal(hv_strnlen("abc", 2), 2);
	assert_true(hv_strcmp("a", "b") < 0 && hv_strcmp("b", "a") > 0 && hv_strcmp("a", "a") == 0);
	assert_true(hv_strcmp("a", "ab") < 0 && hv_strcmp("\xff", "a") > 0);
	assert_true(hv_strncmp("abX", "abY", 2) == 0 && hv_strncmp("a", "b", 0) == 0);
	assert_ptr_equal(hv_strchr(s, '='), s + 1);
	assert_ptr_equal(hv_strchr(s, '\0'), s + 3);
	assert_null(hv_strchr(s, 'x'));
	assert_true(hv_memcmp("\0a", "\0b", 2) < 0 && hv_memcmp("x", "y", 0) == 0);
}

void *hv_memcpy(void *dst, const void *src, size_t n);
void *hv_memmove(void *dst, const void *src, size_t n);
void *hv_memset(void *dst, int c, size_t n);

/* cpu/memory.S and libc do the same to two buffers, beside the copied bytes as well. */
static void test_memory(void **state)
{
	static uint8_t ours[256], theirs[256], from[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(from); i++)
		from[i] = ours[i] = theirs[i] = (uint8_t)(i * 37 + 11);
	for (size_t n = 0; n < 200; n++)
		for (size_t at = 0; at < 9; at++)
			for (size_t to = 0; to < 9; to++) {
				assert_ptr_equal(hv_memcpy(ours + to, from + at, n), ours + to);
				memcpy(theirs + to, from + at, n);
				assert_memory_equal(ours, theirs, sizeof(ours));
				assert_ptr_equal(hv_memmove(ours + to, ours + at, n), ours + to);
				memmove(theirs + to, theirs + at, n);
				assert_memory_equal(ours, theirs, sizeof(ours));
				assert_ptr_equal(hv_memset(ours + to + at, (int)(n + 0x300), n), ours + to + at);
				memset(theirs + to + at, (int)(n + 0x300), n);
				assert_memory_equal(ours, theirs, sizeof(ours));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_precision_bounds_reading),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
