/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the comparison of two hypervisors; as control domain with a toolstack's calls, as a guest without.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "diff.h"

#define CHILD_PAGES	64u

int test_differential(void)
{
	int line = diff_init();

	if (line)
		return line;
	diff_child.id = 1;
	if (is_dom0())
		CHECK_OK(child_create(&diff_child, CHILD_LABEL, CHILD_PAGES, 2));
	diff_sequences();
	diff_shapes_guest();
	if (is_dom0())
		diff_shapes_control();
	say("D end");
	return 0;
}
