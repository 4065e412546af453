/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy of 10,000 types: more pairs than the cache's memory holds are decided all the same, and as the policy has it; memory stays bounded.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hv/flask.h>

#define POLICY		"build/bench-flask/policy-10000"
#define LABELS		3000u
#define NEAR		40u			/* partners asked about for each */
#define CACHE_PAGES	(8u << 20 >> 12)	/* vectors.c's budget */

size_t shim_pages_used(void);

static uint8_t *policy;
static size_t policy_len;
static sid_t sid[LABELS];

static int load(void **state)
{
	struct flask_error err;
	FILE *f = fopen(POLICY, "rb");

	(void)state;
	policy = malloc(8u << 20);
	if (!f || !policy)
		return -1;
	policy_len = fread(policy, 1, 8u << 20, f);
	fclose(f);
	return flask_init(policy, policy_len, &err);
}

static void test_labels(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < LABELS; i++) {
		char text[64];

		snprintf(text, sizeof(text), "system_u:system_r:guest%u_t:s0", 3 * i);
		assert_int_equal(flask_context_to_sid(text, strlen(text), &sid[i]), 0);
	}
}

/* bench's policy: a type may send events to itself alone, and query any. */
static void test_every_pair_is_decided(void **state)
{
	size_t before = shim_pages_used();
	uint32_t pairs, sources;

	(void)state;
	for (unsigned int i = 0; i < LABELS; i++)
		for (unsigned int k = 0; k < NEAR; k++) {
			const struct flask_vector *v = flask_vector(sid[i], sid[(i + k * 7) % LABELS]);

			assert_int_equal(flask_allowed(v, PERM_event__send), k == 0);
			assert_true(flask_allowed(v, PERM_grant__query));
			assert_false(flask_allowed(v, PERM_domain__destroy));
		}
	flask_cache_size(&pairs, &sources);
	printf("%u pairs asked, %u kept, %zu pages\n", LABELS * NEAR, pairs, shim_pages_used() - before);
	assert_in_range(pairs, 10, LABELS * NEAR / 2);		/* the rest was decided without room */
	assert_true(shim_pages_used() - before <= CACHE_PAGES);
}

/* Two at once while one replaces the other; then one again. */
static void test_reload_frees(void **state)
{
	struct flask_error err;
	size_t before = shim_pages_used();

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(flask_load(policy, policy_len, &err), 0);
		flask_reclaim();
	}
	assert_true(shim_pages_used() <= before);
	assert_true(flask_allowed(flask_vector(sid[5], sid[5]), PERM_event__send));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels), cmocka_unit_test(test_every_pair_is_decided), cmocka_unit_test(test_reload_frees),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
