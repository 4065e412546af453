/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/memory_info.c. */
#include "handlers.c"

/* As many entries as the domain has, or as many as are asked for, by number: the other number is then any that is not below (not above). */
static void entries_kept(void *head)
{
	struct xen_memory_map *op = head;
	struct domain *d = &guest_domains[0];

	d->e820_nr = turn;
	d->e820 = memory_map + ARRAY_SIZE(memory_map) - turn;
	if (op->nr_entries < turn)
		op->nr_entries = turn;
}

static void entries_asked(void *head)
{
	struct xen_memory_map *op = head;
	struct domain *d = &guest_domains[0];

	op->nr_entries = turn;
	d->e820_nr = turn + any_below(ARRAY_SIZE(memory_map) + 1 - turn);
	d->e820 = memory_map + ARRAY_SIZE(memory_map) - turn;
}

static void entries_given(void *head) { struct xen_foreign_memory_map *op = head; op->map.nr_entries = in_turn(op->map.nr_entries, 129); }

void eva_main(void)
{
	call_memory_current_reservation();
	call_memory_maximum_reservation();
	call_memory_maximum_gpfn();
	call_memory_maximum_ram_page();
	call_memory_get_sharing_freed_pages();
	call_memory_get_sharing_shared_pages();
	call_memory_set_pod_target();
	call_memory_get_pod_target();
	call_in_turn(call_memory_memory_map, entries_kept, 128);
	call_in_turn(call_memory_memory_map, entries_asked, 128);
	call_in_turn(call_memory_set_memory_map, entries_given, 129);
}
