/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broken policies: every byte of the default policy changed, the file cut at every length, random policies with many changes. Each is refused
 * with a reason, or is a policy; under AddressSanitizer, and no memory stays behind.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hv/flask.h>

#include "../../xsm/flask/policydb.h"
#include "flask_generate.h"

size_t shim_pages_used(void);

static uint8_t *policy;
static size_t policy_len;

static int read_default(void **state)
{
	FILE *f = fopen("build/policy", "rb");

	(void)state;
	policy = malloc(1u << 20);
	if (!f || !policy)
		return -1;
	policy_len = fread(policy, 1, 1u << 20, f);
	fclose(f);
	return 0;
}

/* Ask something of what was accepted: it must be usable. */
static void use(const struct policy *p)
{
	struct flask_vector v;
	char text[64];

	for (unsigned int i = 1; i <= FLASK_INITIAL_SIDS; i++)
		for (unsigned int j = 1; j <= FLASK_INITIAL_SIDS; j++)
			if (p->initial[i] && p->initial[j])
				policy_compute_vector(p, p->initial[i], p->initial[j], false, &v);
	for (unsigned int i = 1; i <= FLASK_INITIAL_SIDS; i++)
		if (p->initial[i])
			policy_context_print(p, p->initial[i], text, sizeof(text));
}

static bool try(const uint8_t *bytes, size_t len)
{
	struct flask_error err = { 0 };
	struct policy *p;
	int rc = policy_read_after(NULL, BOOLS_LOAD, bytes, len, &p, &err);

	if (rc == 0) {
		use(p);
		policy_free(p);
	} else {
		assert_non_null(err.reason);
		assert_non_null(err.section);
		assert_true(err.offset <= len);
	}
	assert_int_equal(shim_pages_used(), 0);
	return rc == 0;
}

static void test_every_byte(void **state)
{
	unsigned int accepted = 0, tried = 0;
	size_t step = getenv("FLASK_ALL") ? 1 : 5;

	(void)state;
	assert_true(try(policy, policy_len));
	for (size_t i = 0; i < policy_len; i += step) {
		static const uint8_t change[] = { 0xff, 0x01, 0x80 };

		for (size_t j = 0; j < sizeof(change); j++, tried++) {
			policy[i] ^= change[j];
			accepted += try(policy, policy_len);
			policy[i] ^= change[j];
		}
	}
	printf("%u changes, %u of them still a policy\n", tried, accepted);
	assert_true(accepted < tried);
}

static void test_every_length(void **state)
{
	(void)state;
	for (size_t len = 0; len < policy_len; len += getenv("FLASK_ALL") || len < 2048 ? 1 : 7) {
		uint8_t *exact = malloc(len ? len : 1);	/* so that one byte too far is seen */

		assert_non_null(exact);
		memcpy(exact, policy, len);
		assert_false(try(exact, len));
		free(exact);
	}
}

/* What is cut says in which section, at which byte, why; -XEN_EINVAL. Each of the file's sections is met. */
static void test_cut_in_each_section(void **state)
{
	static const char *const sections[] = { "header", "commons", "classes", "roles", "types", "users", "booleans", "sensitivities", "categories",
		"rules", "conditional rules", "role transitions", "role allow", "file name transitions", "object labels", "file systems", "range transitions", "attributes of types" };
	bool met[sizeof(sections) / sizeof(sections[0])] = { false };
	size_t last = 0;

	(void)state;
	for (size_t len = 0; len < policy_len; len++) {
		struct flask_error err = { 0 };
		struct policy *p;
		bool known = false;

		assert_int_equal(policy_read_after(NULL, BOOLS_LOAD, policy, len, &p, &err), -XEN_EINVAL);
		assert_true(err.offset <= len);
		last = err.offset > last ? err.offset : last;
		for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
			if (strcmp(sections[i], err.section) == 0)
				known = met[i] = true;
		if (!known)
			fail_msg("section %s", err.section);
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (!met[i])
			fail_msg("never in section %s", sections[i]);
	assert_true(last > policy_len - 64);
}

static void test_longer(void **state)
{
	(void)state;
	policy[policy_len] = 0;
	assert_false(try(policy, policy_len + 1));
}

static void test_many_changes(void **state)
{
	struct generator g;
	uint8_t *copy = malloc(policy_len);

	(void)state;
	generate_init(&g, 7, true);
	assert_non_null(copy);
	for (unsigned int round = 0; round < 2000; round++) {
		memcpy(copy, policy, policy_len);
		for (unsigned int n = 1 + generate_below(&g, 8); n; n--) {
			size_t at = generate_below(&g, (uint32_t)policy_len - 4);
			uint32_t value = generate_below(&g, 3) ? generate_below(&g, 300) : UINT32_MAX - generate_below(&g, 3);

			memcpy(copy + at, &value, sizeof(value));
		}
		try(copy, policy_len);
	}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_cut_in_each_section),
		cmocka_unit_test(test_longer),
		cmocka_unit_test(test_many_changes),
	};

	return cmocka_run_group_tests(tests, read_default, NULL);
}
