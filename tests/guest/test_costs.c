/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what operations cost, in ticks of the TSC (costs.c). Runs on Xen, too. As control domain with its own image as first module
 * it measures operations with another domain as well.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "costs.h"

#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define UNKNOWN_NR	51u
#define MSR_APIC_BASE	0x1bu

static uint64_t balloon_gfn;

static long cost_version(void)
{
	return hypercall2(__HYPERVISOR_xen_version, XENVER_version, 0);
}

static long cost_unknown(void)
{
	return hypercall2(UNKNOWN_NR, 0, 0);
}

static long cost_cpuid(void)
{
	uint32_t r[4];

	cpuid(0, 0, r);
	return 0;
}

static long cost_rdmsr(void)
{
	uint64_t v;

	return rdmsr_safe(MSR_APIC_BASE, &v);
}

static long cost_balloon(void)
{
	xen_pfn_t gfn = balloon_gfn;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	long out;

	set_xen_guest_handle(r.extent_start, &gfn);
	out = hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r);
	return out + hypercall2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r);
}

static long cost_yield(void)
{
	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static long cost_vcpu_op(void)
{
	return hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0);
}

static int exits(void)
{
	int line = costs_measure("hypercall", cost_version, 4 << 16 | 17);

	line = line ? line : costs_measure("unknown-hypercall", cost_unknown, -XEN_ENOSYS);
	line = line ? line : costs_measure("cpuid", cost_cpuid, 0);
	line = line ? line : costs_measure("rdmsr", cost_rdmsr, 0);
	line = line ? line : costs_measure("vcpu-op", cost_vcpu_op, 1);
	return line ? line : costs_measure("yield", cost_yield, 0);
}

int test_costs(void)
{
	uint64_t go = rdtsc() + argument("wait", 0) * 1000000;	/* until a trace is on */
	int line = events_init();

	while (rdtsc() < go)
		relax();
	line = line ? line : exits();
	line = line ? line : costs_events();
	if (line)
		return line;
	CHECK(costs_grant(own_domid(), COSTS_MANY));
	line = costs_grants(own_domid(), "");
	balloon_gfn = gfn_of(page_alloc(1));
	line = line ? line : costs_measure("balloon", cost_balloon, 2);
	return line || !is_dom0() || start_info->nr_modules == 0 ? line : costs_peer();
}
