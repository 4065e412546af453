/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps of DESIGN, "Tested by construction": each operation under policies that deny everything, everything but `use`, `use` alone, and each
 * permission in turn, with valid arguments and living targets. sweep_engine.c decides and observes; sweep_objects.c, sweep_memory.c and
 * sweep_callers.c have the tests of other questions, asked of the same scenes.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep_tests.h"

#include <stdio.h>

/* --- the table and the expectations ----------------------------------------------------------------------------------------------------- */

static bool is_expected(const char *row)
{
	FOR_EACH_AT_ALL(e)
		if (strcmp(e->row, row) == 0)
			return true;
	return false;
}

static const struct absence *absence_of(const char *row)
{
	for (unsigned int i = 0; i < sweep_absent_nr; i++)
		if (strcmp(sweep_absent[i].row, row) == 0)
			return &sweep_absent[i];
	return NULL;
}

static bool row_matches(const struct op_row *row)
{
	const struct absence *a = absence_of(row->operation.name);

	if (row->flags & ROW_NEST)
		return !a && !is_expected(row->operation.name);
	if (row->flags & ROW_REFUSED)
		return a && !is_expected(row->operation.name) && row->operation.denied == a->status;
	return !a && is_expected(row->operation.name);
}

static void test_rows_and_expectations(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (unsigned int i = 0; i < op_row_count; i++)
		if (!row_matches(&op_rows[i])) {
			fprintf(stderr, "row without its expectation: %s\n", op_rows[i].operation.name);
			wrong++;
		}
	FOR_EACH_EXPECTED(e)
		if (!sweep_row_named(e->row))
			sweep_complain(e, "no such row");
	for (unsigned int i = 0; i < sweep_absent_nr; i++)
		wrong += !sweep_row_named(sweep_absent[i].row);
	assert_int_equal(wrong + sweep_complaints, 0);
}

/* What the row names is what the expectation says is asked first. */
static void test_permission_of_each_row(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		const struct op_row *row = sweep_row_named(e->row);

		if (e->head != NONE ? row->perm != e->head : row->target != TARGET_DATA && row->target != TARGET_SID)
			sweep_complain(e, "the row asks %s:%s", perm_class_name(row->perm), perm_name(row->perm));
	}
	assert_int_equal(sweep_complaints, 0);
}

/* --- the sweeps ---------------------------------------------------------------------------------------------------------------------------- */

static bool perm_is_use(enum perm p)
{
	return strcmp(perm_class_name(p), "interface") == 0;
}

static void test_everything_allowed(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc = sweep_scene_run(e, CONTROL, TENANT_1);

		if (!sweep_has_worked(e, rc))
			sweep_complain(e, "entered %u times, result %ld", sweep_entered(e), (long)rc);
	}
	assert_int_equal(sweep_complaints, 0);
}

static void test_everything_denied(void **state)
{
	(void)state;
	memset(&sweep_policy, 0, sizeof(sweep_policy));
	FOR_EACH_EXPECTED(e) {
		int64_t rc = sweep_scene_run(e, CONTROL, TENANT_1);

		if (rc != -XEN_EACCES || sweep_entered(e) || sweep_seen.windows)
			sweep_complain(e, "result %ld, entered %u times, %u windows", (long)rc, sweep_entered(e), sweep_seen.windows);
	}
	assert_int_equal(sweep_complaints, 0);
}

static void test_everything_denied_but_use(void **state)
{
	(void)state;
	memset(&sweep_policy, 0, sizeof(sweep_policy));
	for (enum perm p = 1; p < PERM_COUNT; p++)
		sweep_vector_set(&sweep_policy.special, p, perm_is_use(p));
	FOR_EACH_EXPECTED(e) {
		int64_t rc = sweep_scene_run(e, CONTROL, TENANT_1);

		if (e->head != NONE && perm_is_use(e->head))
			continue;	/* multicall: nothing but `use` */
		if (rc != e->denied || (e->head != NONE && sweep_entered(e)))
			sweep_complain(e, "result %ld, entered %u times", (long)rc, sweep_entered(e));
	}
	assert_int_equal(sweep_complaints, 0);
}

static void test_only_use_denied(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc;

		sweep_policy_deny(sweep_use_of(e));
		rc = sweep_scene_run(e, CONTROL, TENANT_1);
		if (rc != -XEN_EACCES || sweep_entered(e) || sweep_seen.windows)
			sweep_complain(e, "result %ld, entered %u times, %u windows", (long)rc, sweep_entered(e), sweep_seen.windows);
	}
	assert_int_equal(sweep_complaints, 0);
}

static bool asks_inside(const struct expectation *e, enum perm p)
{
	for (unsigned int i = 0; i < INSIDE_MAX; i++)
		if (e->inside[i] == p && p != NONE)
			return true;
	return false;
}

/* A denial is written down, with the operation's name; but for the console's output, which every guest tries. */
static bool is_recorded(const struct expectation *e)
{
	bool quiet = strcmp(e->row, "console_io.write") == 0;
	char name[64];

	snprintf(name, sizeof(name), " op=%s ", e->row);
	return e->denied >= 0 || e->denied == -XEN_ESRCH || !strstr(hosted_console(), name) == quiet;
}

static void one_permission_check(const struct expectation *e, enum perm p)
{
	bool use = p == sweep_use_of(e), head = p == e->head, inside = asks_inside(e, p), right;
	int64_t rc;

	hosted_console_clear();
	rc = sweep_scene_run(e, CONTROL, TENANT_1);
	if (use)
		right = rc == -XEN_EACCES && !sweep_entered(e) && !sweep_seen.windows;
	else if (head || inside)
		right = rc == e->denied && (inside || !sweep_entered(e)) && is_recorded(e);
	else
		right = sweep_has_worked(e, rc);
	if (!right)
		sweep_complain(e, "without %s:%s the result is %ld, entered %u times", perm_class_name(p), perm_name(p), (long)rc, sweep_entered(e));
}

static void test_each_permission_denied_alone(void **state)
{
	(void)state;
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		sweep_machine(NULL);
		sweep_policy_deny(p);
		FOR_EACH_EXPECTED(e) {
			hosted_time_advance(1000000000u);	/* nobody has been noisy */
			one_permission_check(e, p);
		}
	}
	assert_int_equal(sweep_complaints, 0);
}

static int begin(void **state)
{
	sweep_complaints = 0;
	sweep_compat_caller = false;
	sweep_by_flask = false;
	return sweep_machine(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows_and_expectations, begin),
		cmocka_unit_test_setup(test_permission_of_each_row, begin),
		cmocka_unit_test_setup(test_everything_allowed, begin),
		cmocka_unit_test_setup(test_everything_denied, begin),
		cmocka_unit_test_setup(test_everything_denied_but_use, begin),
		cmocka_unit_test_setup(test_only_use_denied, begin),
		cmocka_unit_test_setup(test_each_permission_denied_alone, begin),
		cmocka_unit_test_setup(test_objects_of_each_label, begin),
		cmocka_unit_test_setup(test_pairs, begin),
		cmocka_unit_test_setup(test_channels_of_each_label, begin),
		cmocka_unit_test_setup(test_both_labels_of_a_new_domain, begin),
		cmocka_unit_test_setup(test_list_shows_what_may_be_seen, begin),
		cmocka_unit_test_setup(test_multicall_entries, begin),
		cmocka_unit_test_setup(test_what_may_stay, begin),
		cmocka_unit_test_setup(test_decisions_of_the_policy, begin),
		cmocka_unit_test_setup(test_nothing_is_fetched_twice, begin),
		cmocka_unit_test_setup(test_no_stale_byte_is_written, begin),
		cmocka_unit_test_setup(test_whose_label_is_asked_about, begin),
		cmocka_unit_test_setup(test_what_is_given_back, begin),
		cmocka_unit_test_setup(test_memory_runs_out, begin),
		cmocka_unit_test_setup(test_refused_rows, begin),
		cmocka_unit_test_setup(test_callers_of_32_bits, begin),
		cmocka_unit_test_setup(test_user_mode_has_no_hypercalls, begin),
	};
	int failed = cmocka_run_group_tests_name("sweep", tests, NULL, NULL);

	fprintf(stderr, "%u scenes, %u absent operations, %u permissions: %u observed calls\n", sweep_expected_nr, sweep_absent_nr,
		PERM_COUNT - 1, sweep_seen.calls);
	return failed;
}
