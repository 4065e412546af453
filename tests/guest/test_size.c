/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: what memory the hypervisor keeps, and what a domain takes beyond its own. The debug key makes Ravelin say what of its heap is free.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "child.h"

#define PAGES_128_MIB 32768u

static int state(const char *when)
{
	struct xen_domctl_getdomaininfo info;
	struct child self = { .id = 0 };
	struct xen_sysctl s;
	char key = 'm';

	CHECK_OK(child_info(&self, &info));
	say("guest: size %s-free %lu", when, host_free_pages());
	say("guest: size %s-dom0 %lu", when, (uint64_t)info.tot_pages);
	memset(&s, 0, sizeof(s));
	set_xen_guest_handle(s.u.debug_keys.keys, &key);
	s.u.debug_keys.nr_keys = 1;
	CHECK_OK(sysctl(&s, XEN_SYSCTL_debug_keys));
	delay_ms(100);
	return 0;
}

/* Once before: what is allocated for the first domain stays. */
int test_size(void)
{
	struct child c;
	int line;

	CHECK_OK(child_create(&c, CHILD_LABEL, PAGES_128_MIB, 1));
	CHECK_OK(child_destroy(&c));
	line = state("none");
	CHECK_OK(child_create(&c, CHILD_LABEL, PAGES_128_MIB, 1));
	line = line ? line : state("one");
	CHECK_OK(child_destroy(&c));
	return line;
}
