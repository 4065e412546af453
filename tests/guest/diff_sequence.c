/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: sequences of calls at random whose state goes on from call to call: event channels, grants, pages.
 * Locking: one vCPU. Trust: a guest.
 */
#include "diff.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define PORTS		14u
#define REFS		16u		/* the first 8 of version 1 are reserved */
#define PAGES		16u
#define CALLS		600u

static struct grant_entry_v1 *entries;
static uint32_t handles[REFS];
static char what[96];
static long pages_first;		/* differs: what else the machine has in its domain 0 */

#define NAME(...) (void)hv_snprintf(what, sizeof(what), __VA_ARGS__)

static domid_t some_domain(void)
{
	static const domid_t d[] = { DOMID_SELF, DOMID_SELF, DOMID_SELF, DOMID_INVALID };

	return d[diff_random(ARRAY_SIZE(d))];
}

/* All structures of event channels are no more than three words. */
static void event_call(uint32_t op, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t *word = diff_structure(24);

	word[0] = first;
	word[1] = second;
	word[2] = third;
	(void)diff_call(what, LOOK_BYTES, __HYPERVISOR_event_channel_op, op, (uint64_t)word, 0, 0);
}

static void event_step(void)
{
	static const uint32_t virqs[] = { VIRQ_TIMER, VIRQ_DEBUG, VIRQ_CONSOLE, VIRQ_DOM_EXC, VIRQ_TBUF, VIRQ_DEBUGGER, VIRQ_CON_RING, VIRQ_PCPU_STATE, 11, 15,
					  23, 24 };
	uint32_t port = (uint32_t)diff_random(PORTS), virq = virqs[diff_random(ARRAY_SIZE(virqs))], vcpu = (uint32_t)diff_random(3);
	domid_t dom = some_domain(), remote = some_domain();

	switch (diff_random(11)) {
	case 0:
		NAME("seq event.alloc_unbound %x", dom);
		event_call(EVTCHNOP_alloc_unbound, (uint32_t)DOMID_SELF << 16 | dom, 0, 0);
		break;
	case 1:
		NAME("seq event.bind_interdomain %x %u", remote, port);
		event_call(EVTCHNOP_bind_interdomain, remote, port, 0);
		break;
	case 2:
		NAME("seq event.bind_virq %u %u", virq, vcpu);
		event_call(EVTCHNOP_bind_virq, virq, vcpu, 0);
		break;
	case 3:
		NAME("seq event.bind_ipi %u", vcpu);
		event_call(EVTCHNOP_bind_ipi, vcpu, 0, 0);
		break;
	case 4:
		NAME("seq event.close %u", port);
		event_call(EVTCHNOP_close, port, 0, 0);
		break;
	case 5:
		NAME("seq event.send %u", port);
		event_call(EVTCHNOP_send, port, 0, 0);
		break;
	case 6:
		NAME("seq event.bind_vcpu %u %u", port, vcpu);
		event_call(EVTCHNOP_bind_vcpu, port, vcpu, 0);
		break;
	case 7:
		NAME("seq event.unmask %u", port);
		event_call(EVTCHNOP_unmask, port, 0, 0);
		break;
	default:
		NAME("seq event.status %u", port);
		event_call(EVTCHNOP_status, DOMID_SELF, port, 0);
		break;
	}
}

/* Each address has one mapping at most: handles[] is by address, 0 where there is none. Numbers of handles differ, so states are compared. */
static void grant_map(uint32_t ref, uint32_t at, uint32_t flags)
{
	struct gnttab_map_grant_ref m = { .host_addr = diff_scratch + (16 + at) * PAGE_SIZE, .flags = GNTMAP_host_map | flags, .ref = ref, .dom = diff_child.id };

	(void)hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
	if (m.status == GNTST_okay)
		handles[at] = m.handle + 1;
	say("D seq grant.map ref %u at %u flags %x = %d", ref, at, flags, m.status);
}

static void grant_unmap(uint32_t at, bool wrong)
{
	int status = diff_unmap(diff_scratch + (16 + at) * PAGE_SIZE, wrong ? 0x7777 : handles[at] - 1);

	if (status == GNTST_okay)
		handles[at] = 0;
	say("D seq grant.unmap at %u %s = %d", at, wrong ? "wrong" : "right", status);
}

static void grant_step(void)
{
	uint32_t ref = (uint32_t)diff_random(REFS + 4);
	struct grant_entry_v1 e = { .flags = (uint16_t)(diff_random(4) | (diff_random(3) ? 0 : GTF_readonly)), .domid = diff_random(4) ? own_domid() : 77,
				    .frame = (uint32_t)(diff_random(8) ? ref : 0xfffff) };
	bool change = diff_random(3) == 0, wrong = diff_random(5) == 0;
	uint32_t at = (uint32_t)diff_random(REFS), flags = diff_random(3) ? 0 : GNTMAP_readonly;

	if (ref < REFS && change && !(entries[ref].flags & (GTF_reading | GTF_writing)))
		entries[ref] = e;
	if (handles[at] == 0)
		grant_map(ref, at, flags);
	else
		grant_unmap(at, wrong);
	say("D seq grant.entry %u = %x %x", ref, ref < REFS ? entries[ref].flags : 0, ref < REFS ? entries[ref].frame : 0);
}

static void memory_call(uint32_t op, void *p)
{
	(void)diff_call(what, LOOK_BYTES, __HYPERVISOR_memory_op, op, (uint64_t)p, 0, 0);
}

static long pages_have(void)
{
	struct xen_memory_domain self = { .domid = DOMID_SELF };

	return hypercall2(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self);
}

/*
 * What is where, as both should see it: new memory goes where there is none. What else may happen is called once, in diff_shapes.c: the two would go
 * on from different states.
 */
static bool has_page[PAGES + 1];
static uint32_t frame_at[3][3];		/* page + 1, 0: nowhere */

static void page_gone(uint32_t page)
{
	has_page[page] = false;
	for (unsigned int i = 0; i < 9; i++)
		if (frame_at[i / 3][i % 3] == page + 1)
			frame_at[i / 3][i % 3] = 0;
}

static bool frame_held(uint32_t page)
{
	for (unsigned int i = 0; i < 9; i++)
		if (frame_at[i / 3][i % 3] == page + 1)
			return true;
	return false;
}

static void reservation(uint32_t op, const char *name, uint32_t page, uint32_t order)
{
	struct xen_memory_reservation *r = diff_structure(sizeof(*r) + 16);
	uint64_t *gfn = (uint64_t *)(r + 1);

	*gfn = gfn_of(diff_sacrifice) + page;
	*r = (struct xen_memory_reservation){ .nr_extents = 1, .extent_order = order, .domid = DOMID_SELF };
	set_xen_guest_handle(r->extent_start, (xen_pfn_t *)gfn);
	NAME("seq memory.%s page %u order %u", name, page, order);
	memory_call(op, r);
}

static void memory_give(uint32_t page)
{
	if (frame_held(page))
		return;
	reservation(XENMEM_decrease_reservation, "decrease", page, 0);
	page_gone(page);
}

static void memory_take(uint32_t page)
{
	if (has_page[page] || frame_held(page))
		return;
	reservation(XENMEM_populate_physmap, "populate", page, 0);
	has_page[page] = true;
}

/* Memory that is taken out of its place stays the domain's on Xen. */
static void memory_remove(uint32_t page)
{
	struct xen_remove_from_physmap *remove = diff_structure(sizeof(*remove));

	if (has_page[page])
		return;
	*remove = (struct xen_remove_from_physmap){ .domid = DOMID_SELF, .gpfn = gfn_of(diff_sacrifice) + page };
	NAME("seq memory.remove page %u", page);
	memory_call(XENMEM_remove_from_physmap, remove);
	page_gone(page);
}

static void memory_add(uint32_t page, uint32_t space, uint32_t index)
{
	struct xen_add_to_physmap *add = diff_structure(sizeof(*add));

	*add = (struct xen_add_to_physmap){ .domid = DOMID_SELF, .space = space, .idx = index, .gpfn = gfn_of(diff_sacrifice) + page };
	NAME("seq memory.add page %u space %u index %u", page, space, index);
	if (diff_call(what, LOOK_BYTES, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uint64_t)add, 0, 0) == 0) {
		page_gone(page);
		frame_at[space][index] = page + 1;
	}
}

static void memory_step(void)
{
	uint32_t page = (uint32_t)diff_random(PAGES), space = (uint32_t)diff_random(2), index = (uint32_t)diff_random(3);

	switch (diff_random(5)) {
	case 0: memory_give(page); break;
	case 1: memory_take(page); break;
	case 2: memory_remove(page); break;
	case 3: memory_add(page, space, index); break;
	default: say("D seq memory.reservation = %ld", pages_have() - pages_first); break;
	}
}

/* The child grants, and we write its table: who maps its own page on Xen takes it away from where it was. */
static bool grants_ready(void)
{
	struct xen_mem_acquire_resource x = { .domid = diff_child.id, .type = XENMEM_resource_grant_table, .nr_frames = 1 };
	xen_pfn_t gfn = (diff_scratch >> PAGE_SHIFT) + 60;

	if (entries)
		return true;
	set_xen_guest_handle(x.frame_list, &gfn);
	if (hypercall2(__HYPERVISOR_memory_op, XENMEM_acquire_resource, &x))
		return false;
	entries = (struct grant_entry_v1 *)(diff_scratch + 60 * PAGE_SIZE);
	return true;
}

void diff_grants(void)
{
	if (!grants_ready())
		return;
	for (unsigned int ref = 8; ref < REFS; ref++)
		entries[ref] = (struct grant_entry_v1){ .flags = (uint16_t)(GTF_permit_access | (ref < DIFF_REF ? GTF_readonly : 0)), .domid = own_domid(),
							.frame = 32 + ref };
}

void diff_sequences(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };

	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_reset, &reset);
	for (unsigned int i = 0; i < CALLS; i++)
		event_step();
	(void)hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_reset, &reset);
	if (grants_ready()) {
		for (unsigned int i = 0; i < CALLS / 2; i++)
			grant_step();
		for (unsigned int at = 0; at < REFS; at++)
			if (handles[at])
				grant_unmap(at, false);
	}
	pages_first = pages_have();
	memset(has_page, 1, sizeof(has_page));
	for (unsigned int i = 0; i < CALLS / 2; i++)
		memory_step();
}
