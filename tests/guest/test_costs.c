/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what operations cost, in ticks of the TSC. Under QEMU's `-icount shift=0` a tick is one instruction of the
 * machine, hypervisor included, so the figures are exact and the same in each run. Runs on Xen, too.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define ROUNDS		2000u		/* or rounds= */
#define REF		16u
#define MANY		32u
#define UNKNOWN_NR	51u
#define QUIET_PORT	0x80u		/* POST codes: nobody listens */
#define MSR_APIC_BASE	0x1bu

static struct grant_entry_v1 *entries;
static struct gnttab_map_grant_ref maps[MANY];
static struct gnttab_unmap_grant_ref unmaps[MANY];
static struct gnttab_copy copy_op;
static uint64_t map_gpa, balloon_gfn;
static uint32_t own_port;

static void cost_nothing(void)
{
}

static void cost_version(void)
{
	(void)hypercall2(__HYPERVISOR_xen_version, XENVER_version, 0);
}

static void cost_unknown(void)
{
	(void)hypercall2(UNKNOWN_NR, 0, 0);
}

static void cost_cpuid(void)
{
	uint32_t r[4];

	cpuid(0, 0, r);
}

static void cost_rdmsr(void)
{
	uint64_t v;

	(void)rdmsr_safe(MSR_APIC_BASE, &v);
}

static void cost_out(void)
{
	outb(QUIET_PORT, 0);
}

static void cost_send(void)
{
	struct evtchn_send s = { .port = own_port };

	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}

static void cost_bind(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_close c;

	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &b);
	c.port = b.port;
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &c);
}

static void map_unmap(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		maps[i] = (struct gnttab_map_grant_ref){
			.host_addr = map_gpa + i * PAGE_SIZE, .flags = GNTMAP_host_map, .ref = REF + i, .dom = own_domid(),
		};
	(void)hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, maps, n);
	for (unsigned int i = 0; i < n; i++)
		unmaps[i] = (struct gnttab_unmap_grant_ref){ .host_addr = maps[i].host_addr, .handle = maps[i].handle };
	(void)hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, unmaps, n);
}

static void cost_map(void)
{
	map_unmap(1);
}

static void cost_map_many(void)
{
	map_unmap(MANY);
}

static void cost_copy(void)
{
	(void)hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy_op, 1);
}

static void cost_balloon(void)
{
	xen_pfn_t gfn = balloon_gfn;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, &gfn);
	(void)hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r);
	(void)hypercall2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r);
}

static void cost_yield(void)
{
	(void)hypercall2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void cost_vcpu_op(void)
{
	(void)hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0);
}

static void measure(const char *name, void (*once)(void))
{
	uint64_t rounds = argument("rounds", ROUNDS), start, empty;
	const char *only = argument_text("only");

	if (only && strncmp(only, name, strlen(name)) != 0)
		return;
	once();
	start = rdtsc();
	for (unsigned int i = 0; i < ROUNDS; i++)
		__asm__ volatile("call *%0" : : "r"(&cost_nothing) : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	empty = (rdtsc() - start) * rounds / ROUNDS;
	start = rdtsc();
	for (unsigned int i = 0; i < rounds; i++)
		once();
	say("guest: cost %s %lu", name, (rdtsc() - start - empty) / rounds);
}

static int grants_init(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = scratch_gpa(1) >> PAGE_SHIFT };
	char *pages = page_alloc(MANY);
	void *to = page_alloc(1);

	CHECK_OK(hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x));
	entries = (struct grant_entry_v1 *)(x.gpfn << PAGE_SHIFT);
	for (unsigned int i = 0; i < MANY; i++)
		entries[REF + i] = (struct grant_entry_v1){
			.flags = GTF_permit_access, .domid = own_domid(), .frame = (uint32_t)gfn_of(pages + i * PAGE_SIZE),
		};
	map_gpa = scratch_gpa(MANY);
	copy_op = (struct gnttab_copy){ .flags = GNTCOPY_source_gref, .len = 64 };
	copy_op.source.u.ref = REF;
	copy_op.source.domid = own_domid();
	copy_op.dest.u.gmfn = gfn_of(to);
	copy_op.dest.domid = DOMID_SELF;
	map_unmap(MANY);
	CHECK_EQ(maps[MANY - 1].status, GNTST_okay);
	CHECK_EQ(unmaps[MANY - 1].status, GNTST_okay);
	return 0;
}

int test_costs(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	int line = events_init();

	line = line ? line : grants_init();
	if (line)
		return line;
	CHECK_OK(hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &ipi));
	own_port = ipi.port;
	event_mask(own_port, true);
	balloon_gfn = gfn_of(page_alloc(1));
	measure("hypercall", cost_version);
	measure("unknown-hypercall", cost_unknown);
	measure("cpuid", cost_cpuid);
	measure("rdmsr", cost_rdmsr);
	measure("out", cost_out);
	measure("event-send", cost_send);
	measure("bind-close", cost_bind);
	measure("grant-map-unmap", cost_map);
	measure("grant-map-unmap-32", cost_map_many);
	cost_copy();
	if (copy_op.status == GNTST_okay) {		/* Xen refuses a PVH dom0's copy to itself */
		measure("grant-copy-64", cost_copy);
		copy_op.len = PAGE_SIZE;
		measure("grant-copy-4096", cost_copy);
	}
	measure("balloon", cost_balloon);
	measure("yield", cost_yield);
	measure("vcpu-op", cost_vcpu_op);
	return 0;
}
