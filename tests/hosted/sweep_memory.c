/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's memory: fetched once, nothing stale in it, given back; and each allocation of each operation refused in turn.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep_tests.h"

#include <hv/mm.h>

/* --- the caller's memory ------------------------------------------------------------------------------------------------------------------ */

/* It may change between two fetches. */
void test_nothing_is_fetched_twice(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		sweep_scene_run(e, CONTROL, TENANT_1);
		if (sweep_seen.twice)
			sweep_complain(e, "something is fetched twice in one pass");
	}
	assert_int_equal(sweep_complaints, 0);
}

static uint64_t written_with(const struct expectation *e, uint8_t pattern, bool fresh)
{
	if (fresh)
		sweep_machine(NULL);
	hosted_time_set(5000000000u);
	sweep_stack_pattern = pattern;
	sweep_scene_run(e, CONTROL, TENANT_1);
	return sweep_seen.written;
}

/* Numbers that count up from run to run make some answers differ anyway: those of the policy on a fresh sweep_machine, those of domains on one that goes on. */
static bool depends_on_stack(const struct expectation *e, bool fresh)
{
	uint64_t a = written_with(e, 0x5a, fresh), b = written_with(e, 0xc3, fresh);

	return a != b && written_with(e, 0xc3, fresh) == b;
}

/* Of what was on the stack before the call, nothing reaches the caller. */
void test_no_stale_byte_is_written(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (depends_on_stack(e, true) || depends_on_stack(e, false))
			sweep_complain(e, "what is written depends on what the stack held");
	assert_int_equal(sweep_complaints, 0);
}

/* --- what comes back --------------------------------------------------------------------------------------------------------------------------------- */

void test_what_is_given_back(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc = sweep_scene_run(e, CONTROL, TENANT_1);

		if (sweep_row_named(e->row)->arg_size && sweep_has_worked(e, rc) && rc >= 0 && sweep_seen.given_back != sweep_gives_back(e->row))
			sweep_complain(e, sweep_seen.given_back ? "the argument is written" : "the argument is not given back");
	}
	assert_int_equal(sweep_complaints, 0);
}

/* --- memory runs out ------------------------------------------------------------------------------------------------------------------------------- */

/* What was done before is said where a call does several things; grants have words of their own. */
static bool says_no_memory(const struct expectation *e, int64_t rc)
{
	if (strcmp(e->row, "memory.populate_physmap") == 0)
		return rc == 0;
	if (strcmp(e->row, "grant_table.map_grant_ref") == 0)
		return rc == GNTST_no_device_space || rc == GNTST_no_space;
	return rc == -XEN_ENOMEM;
}

/* With the n-th allocation of the call refused. Nothing but that may come of it: an answer that says so, and a sweep_machine that is whole. */
static bool without_memory(const struct expectation *e, unsigned int n)
{
	int64_t rc;
	uint64_t guest, heap;

	sweep_machine(NULL);
	sweep_scene_run(e, CONTROL, TENANT_1);
	guest = guest_pages_free();
	heap = heap_pages_free();
	sweep_refuse_memory(n);
	rc = sweep_scene_run(e, CONTROL, TENANT_1);
	if (!sweep_was_refused())
		return false;
	if (!says_no_memory(e, rc) && !sweep_has_worked(e, rc))
		sweep_complain(e, "result %ld when allocation %u fails", (long)rc, n);
	if (guest_pages_free() != guest || heap_pages_free() != heap)
		sweep_complain(e, "%ld pages, %ld of the heap are missing when allocation %u fails", (long)(guest - guest_pages_free()), (long)(heap - heap_pages_free()), n);
	return true;
}

void test_memory_runs_out(void **state)
{
	unsigned int refused = 0;

	(void)state;
	FOR_EACH_EXPECTED(e)
		for (unsigned int n = 1; n < 40 && without_memory(e, n); n++)
			refused++;
	print_message("%u allocations refused\n", refused);
	assert_int_equal(sweep_complaints, 0);
	assert_true(!ALL_CONCERNED || refused >= 40);
}
