/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest, attacker: hypercalls with arguments that are nearly right, in memory that the other vCPU changes at the same time.
 * Locking: none, on purpose. Trust: a guest.
 */
#include "storm.h"

#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/xsm/flask_op.h>

#define AREA_PAGES	4u
#define OWN_PAGES	32u		/* given away and taken back */
#define HYPERCALLS	64u
#define MAX_BATCH	24u
#define FEW		8u

static uint8_t area[AREA_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t own[OWN_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));

uint64_t storm_random(struct storm *s, uint64_t below)
{
	s->state ^= s->state << 13;
	s->state ^= s->state >> 7;
	s->state ^= s->state << 17;
	return (s->state >> 11) % below;
}

static uint64_t odd_number(struct storm *s)
{
	static const uint64_t odd[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x3ff, 0x400, 0xfff, 0x1000, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
					1ull << 32, 1ull << 47, 1ull << 52, ~0ull >> 1, 1ull << 63, ~0ull };

	return storm_random(s, 3) ? storm_random(s, 20) : odd[storm_random(s, ARRAY_SIZE(odd))];
}

/* Most likely the other attackers: their numbers lie side by side. */
static domid_t neighbour(struct storm *s)
{
	return (domid_t)(own_domid() - 2 + storm_random(s, 5));
}

static domid_t some_domain(struct storm *s)
{
	static const domid_t d[] = { DOMID_SELF, DOMID_SELF, 0, DOMID_IO, DOMID_XEN, DOMID_INVALID };

	return storm_random(s, 3) ? neighbour(s) : d[storm_random(s, ARRAY_SIZE(d))];
}

static void *some_place(struct storm *s, size_t size)
{
	if (storm_random(s, 16) == 0)
		return (void *)(STORM_ODD_BASE + storm_random(s, 1ull << 39));
	return area + storm_random(s, (AREA_PAGES * PAGE_SIZE - size) / 8) * 8;
}

static uint64_t some_gfn(struct storm *s)
{
	switch (storm_random(s, 6)) {
	case 0: return odd_number(s);
	case 1: return 0xd0000 + storm_random(s, 64);		/* nothing there, or a mapping of ours */
	default: return gfn_of(own) + storm_random(s, OWN_PAGES);
	}
}

/* A structure at a place where it can be written, or a place where the hypervisor shall find what is there. */
static bool writable(const void *p)
{
	return (const uint8_t *)p >= area && (const uint8_t *)p < area + sizeof(area);
}

static void event_call(struct storm *s)
{
	uint32_t *e = some_place(s, 32);
	uint64_t op = storm_random(s, 16);

	if (writable(e)) {
		e[0] = op == EVTCHNOP_alloc_unbound || op == EVTCHNOP_status || op == EVTCHNOP_reset ? some_domain(s) | (uint32_t)some_domain(s) << 16 :
			op == EVTCHNOP_bind_interdomain ? some_domain(s) : (uint32_t)odd_number(s);
		e[1] = (uint32_t)odd_number(s);
		e[2] = (uint32_t)odd_number(s);
		if (op == EVTCHNOP_init_control || op == EVTCHNOP_expand_array)
			*(uint64_t *)e = some_gfn(s);
	}
	(void)hypercall2(__HYPERVISOR_event_channel_op, op, e);
}

/* Three in four as they should be, of few pages to few places: so that there is something to map, and something in the way. */
static struct gnttab_map_grant_ref some_map(struct storm *s)
{
	bool right = storm_random(s, 4);

	return (struct gnttab_map_grant_ref){
		.host_addr = 0xd0000000 + storm_random(s, right ? FEW : 64) * PAGE_SIZE,
		.flags = (uint32_t)(GNTMAP_host_map | (storm_random(s, 8) & (right ? GNTMAP_readonly : 7))),
		.ref = (uint32_t)(right ? storm_random(s, FEW) : odd_number(s)),
		.dom = right ? neighbour(s) : some_domain(s),
	};
}

static void grant_call(struct storm *s)
{
	uint64_t n = 1 + storm_random(s, MAX_BATCH), op = storm_random(s, 13);
	uint8_t *p = some_place(s, MAX_BATCH * sizeof(struct gnttab_copy));

	for (uint64_t i = 0; i < n && writable(p); i++)
		switch (op) {
		case GNTTABOP_map_grant_ref:
			((struct gnttab_map_grant_ref *)p)[i] = some_map(s);
			break;
		case GNTTABOP_unmap_grant_ref:
			((struct gnttab_unmap_grant_ref *)p)[i] = (struct gnttab_unmap_grant_ref){ .host_addr = 0xd0000000 + storm_random(s, 64) * PAGE_SIZE,
				.handle = (uint32_t)odd_number(s) };
			break;
		case GNTTABOP_copy:
			((struct gnttab_copy *)p)[i] = (struct gnttab_copy){ .source = { .u.gmfn = some_gfn(s), .domid = some_domain(s), .offset = (uint16_t)odd_number(s) },
				.dest = { .u.gmfn = some_gfn(s), .domid = some_domain(s), .offset = (uint16_t)odd_number(s) },
				.len = (uint16_t)odd_number(s), .flags = (uint16_t)storm_random(s, 4) };
			break;
		default:
			((uint64_t *)p)[i] = storm_random(s, 2) ? some_domain(s) : odd_number(s);
			break;
		}
	(void)hypercall3(__HYPERVISOR_grant_table_op, op, p, storm_random(s, 32) ? n : odd_number(s));
}

/* Its own table, mapped wherever it will: entries change under the hypervisor's eyes. */
static void grant_entries(struct storm *s)
{
	struct grant_entry_v1 *e = (struct grant_entry_v1 *)0xd0040000ull;
	static bool mapped;

	if (!mapped) {
		struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = 0xd0040 };

		mapped = hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) == 0;
		return;
	}
	if (storm_random(s, 4))
		e[storm_random(s, FEW)] = (struct grant_entry_v1){ .flags = (uint16_t)(GTF_permit_access | (storm_random(s, 8) & GTF_readonly)), .domid = neighbour(s),
								   .frame = (uint32_t)(gfn_of(own) + storm_random(s, OWN_PAGES)) };
	else
		e[storm_random(s, 20)] = (struct grant_entry_v1){ .flags = (uint16_t)storm_random(s, 32), .domid = some_domain(s), .frame = (uint32_t)some_gfn(s) };
}

static void memory_call(struct storm *s)
{
	static const uint8_t ops[] = { XENMEM_decrease_reservation, XENMEM_populate_physmap, XENMEM_populate_physmap, XENMEM_add_to_physmap,
				       XENMEM_remove_from_physmap, XENMEM_add_to_physmap_batch, XENMEM_acquire_resource, XENMEM_memory_map, XENMEM_current_reservation };
	uint64_t *gfns = (uint64_t *)(area + 3 * PAGE_SIZE), op = ops[storm_random(s, ARRAY_SIZE(ops))];
	uint8_t *p = some_place(s, 128);

	for (unsigned int i = 0; i < MAX_BATCH; i++)
		gfns[i] = gfn_of(own) + storm_random(s, OWN_PAGES);
	if (!writable(p) || p >= area + 3 * PAGE_SIZE)
		p = area;
	if (op == XENMEM_decrease_reservation || op == XENMEM_populate_physmap) {
		*(struct xen_memory_reservation *)p = (struct xen_memory_reservation){ .extent_start = { .p = (xen_pfn_t *)gfns }, .nr_extents = storm_random(s, MAX_BATCH),
			.extent_order = storm_random(s, 64) ? 0 : (unsigned int)odd_number(s), .domid = DOMID_SELF };
	} else if (op == XENMEM_add_to_physmap_batch) {
		*(struct xen_add_to_physmap_batch *)p = (struct xen_add_to_physmap_batch){ .domid = DOMID_SELF, .space = (uint16_t)storm_random(s, 6),
			.size = (uint16_t)storm_random(s, MAX_BATCH), .u.foreign_domid = some_domain(s), .idxs = { .p = (xen_ulong_t *)gfns },
			.gpfns = { .p = (xen_pfn_t *)gfns }, .errs = { .p = (int *)(area + 2 * PAGE_SIZE) } };
	} else {
		*(struct xen_add_to_physmap *)p = (struct xen_add_to_physmap){ .domid = some_domain(s), .size = (uint16_t)odd_number(s), .space = (unsigned int)storm_random(s, 6),
			.idx = storm_random(s, 4), .gpfn = storm_random(s, 2) ? gfn_of(own) + storm_random(s, OWN_PAGES) : 0xd0000 + storm_random(s, 80) };
	}
	(void)hypercall2(__HYPERVISOR_memory_op, op, p);
}

static void vcpu_call(struct storm *s)
{
	uint64_t op = storm_random(s, 15), *p = some_place(s, 64), vcpu = storm_random(s, 3);

	if (op == VCPUOP_down && (vcpu == s->cpu || storm_random(s, 64)))
		return;
	if (writable(p)) {
		p[0] = storm_random(s, 2) ? some_gfn(s) : (uint64_t)area + odd_number(s);
		p[1] = odd_number(s);
	}
	(void)hypercall3(__HYPERVISOR_vcpu_op, op, vcpu, p);
}

/* Operations named by the head of their argument, with the right version. */
static void control_call(struct storm *s)
{
	static const struct { uint64_t nr; uint32_t version; } head[] = {
		{ __HYPERVISOR_domctl, XEN_DOMCTL_INTERFACE_VERSION }, { __HYPERVISOR_sysctl, XEN_SYSCTL_INTERFACE_VERSION },
		{ __HYPERVISOR_platform_op, XENPF_INTERFACE_VERSION }, { __HYPERVISOR_xsm_op, XEN_FLASK_INTERFACE_VERSION },
	};
	unsigned int k = (unsigned int)storm_random(s, ARRAY_SIZE(head));
	uint32_t *word = (uint32_t *)(area + storm_random(s, 64) * 8);

	for (unsigned int i = 2; i < 40; i++)
		word[i] = (uint32_t)odd_number(s);
	word[0] = (uint32_t)storm_random(s, 90);
	word[1] = head[k].version;
	word[2] = storm_random(s, 2) ? some_domain(s) : word[2];
	(void)hypercall1(head[k].nr, word);
}

static bool ends_itself(uint64_t nr, uint64_t sub)
{
	sub &= 0xffffffff;
	return (nr == __HYPERVISOR_sched_op && sub != SCHEDOP_yield && sub != SCHEDOP_watchdog) || nr == __HYPERVISOR_sched_op_compat ||
	       (nr == __HYPERVISOR_vcpu_op && sub <= VCPUOP_down) || nr == __HYPERVISOR_multicall ||
	       (nr == __HYPERVISOR_console_io && sub == CONSOLEIO_write) ||
	       (nr == __HYPERVISOR_memory_op && ((sub & 0x3f) <= XENMEM_decrease_reservation || (sub & 0x3f) == XENMEM_remove_from_physmap ||
						 (sub & 0x3f) == XENMEM_add_to_physmap || (sub & 0x3f) == XENMEM_add_to_physmap_batch ||
						 (sub & 0x3f) == XENMEM_exchange));
}

static void garbage_call(struct storm *s)
{
	uint64_t nr = storm_random(s, HYPERCALLS), sub = storm_random(s, 4) ? storm_random(s, 80) : odd_number(s);

	if (!ends_itself(nr, sub))
		(void)hypercall(nr, sub, storm_random(s, 2) ? (uint64_t)some_place(s, 64) : odd_number(s), odd_number(s), odd_number(s), odd_number(s));
}

/* Many calls in one: of those that end nobody. */
static void multi_call(struct storm *s)
{
	static const uint8_t nrs[] = { __HYPERVISOR_xen_version, __HYPERVISOR_event_channel_op, __HYPERVISOR_grant_table_op, __HYPERVISOR_hvm_op, __HYPERVISOR_xsm_op,
				       __HYPERVISOR_set_timer_op };
	struct multicall_entry *e = (struct multicall_entry *)area;

	for (unsigned int i = 0; i < MAX_BATCH; i++)
		e[i] = (struct multicall_entry){ .op = nrs[storm_random(s, ARRAY_SIZE(nrs))],
						 .args = { storm_random(s, 16), (uint64_t)some_place(s, 64), storm_random(s, 4) } };
	(void)hypercall2(__HYPERVISOR_multicall, e, storm_random(s, 32) ? storm_random(s, MAX_BATCH) : odd_number(s));
}

void storm_call(struct storm *s)
{
	static void (*const kinds[])(struct storm *) = { event_call, event_call, event_call, grant_call, grant_call, grant_call, grant_entries, memory_call,
							 memory_call, vcpu_call, control_call, garbage_call, garbage_call, multi_call };

	kinds[storm_random(s, ARRAY_SIZE(kinds))](s);
}
