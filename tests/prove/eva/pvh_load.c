/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for hypervisor/boot/pvh_load.c: any layout, with a command line of the 32 shortest or longest lengths that are taken, as
 * pvh_layout_make() counts it (WP's row of pvh_layout.c). What goes to the guest must have a value, each byte of it.
 */
#include "guest.c"
#include <acpi_tables.h>
#include <pvh_private.h>
#include <hv/mm.h>

static uint8_t heap_page[PAGE_SIZE], machine_page[PAGE_SIZE];
static char cmdline[PVH_CMDLINE_MAX];

void *heap_alloc_pages(struct domain *payer, unsigned int order)
{
	/*@ assert one_page: order == 0; */
	return any_bool ? heap_page : NULL;
}

void heap_free_pages(struct domain *payer, void *va, unsigned int order) { }
int guest_phys_write(struct domain *d, gpa_t dst, const void *src, size_t len) { volatile gpa_t used = dst; guest_look(src, len); return guest_status(); }
void *edge_window_map(mfn_t mfn) { volatile mfn_t used = mfn; guest_fill(machine_page, sizeof(machine_page)); return machine_page; }
void edge_window_unmap(void *va) { }

int acpi_build(struct acpi_region *r)
{
	/*@ assert room: \valid((char *)r->buf + (0 .. r->size - 1)); */
	guest_fill(r->buf, r->size);
	r->used = any_u64 % (r->size + 1);
	r->rsdp = any_u64;
	return guest_status();
}

static void write_info(size_t cmdline_bytes)
{
	struct pvh_layout l;

	guest_fill(&l, sizeof(l));
	l.info_bytes = sizeof(struct pvh_info_area) + cmdline_bytes;
	if (pvh_write_info(&guest_domains[0], &l, cmdline + PVH_CMDLINE_MAX - cmdline_bytes, any_u64) != 0)
		return;
}

void eva_main(void)
{
	gpa_t rsdp;

	guest_fill(cmdline, sizeof(cmdline));
	/*@ loop unroll 32; */
	for (size_t n = 0; n < 32; n++) {
		/*@ slevel merge; */
		write_info(1 + n);
		write_info(PVH_CMDLINE_MAX - n);
	}
	if (pvh_write_acpi(&guest_domains[0], any_u32, &rsdp) == 0) {
		volatile gpa_t used = rsdp;
	}
}
