/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling domain 0's memory: kernel segments, initrd, start_info, ACPI tables. All access goes through windows.
 * Locking: boot CPU only. Trust: module contents are hostile and only copied.
 */
#include "pvh_private.h"

#include <hv/edge.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/string.h>

#include "acpi_tables.h"

/*@ requires \valid_read(m) && \valid((uint8_t *)dst + (0 .. len - 1)) && \separated(m, (uint8_t *)dst + (0 .. len - 1));
    assigns ((uint8_t *)dst)[0 .. len - 1]; */
void pvh_module_read(const struct boot_module *m, uint64_t offset, void *dst, size_t len)
{
	uint8_t *out = dst;

	/*@
	  loop invariant len <= \at(len, Pre) && out == (uint8_t *)dst + (\at(len, Pre) - len);
	  loop assigns len, offset, out, ((uint8_t *)dst)[0 .. \at(len, Pre) - 1];
	  loop variant len;
	*/
	while (len) {
		hpa_t at = m->start + offset;
		size_t skip = at % PAGE_SIZE;
		size_t n = len < PAGE_SIZE - skip ? len : PAGE_SIZE - skip;
		const uint8_t *page = edge_window_map(at >> PAGE_SHIFT);

		memcpy(out, page + skip, n);
		edge_window_unmap((void *)(uintptr_t)page);
		out += n;
		offset += n;
		len -= n;
	}
}

/*@ requires \valid_read(m) && \valid(d); assigns guest_window[0 .. PAGE_SIZE - 1]; */
int pvh_module_copy(struct domain *d, gpa_t dst, const struct boot_module *m, uint64_t offset, uint64_t len)
{
	int rc = 0;

	/*@ loop assigns rc, dst, offset, len, guest_window[0 .. PAGE_SIZE - 1]; loop variant len; */
	while (len && !rc) {
		hpa_t at = m->start + offset;
		size_t skip = at % PAGE_SIZE;
		size_t n = len < PAGE_SIZE - skip ? (size_t)len : PAGE_SIZE - skip;
		uint8_t *page = edge_window_map(at >> PAGE_SHIFT);

		rc = guest_phys_write(d, dst, page + skip, n);
		edge_window_unmap(page);
		dst += n;
		offset += n;
		len -= n;
	}
	return rc;
}

/* The rest of a segment (BSS) is zero already: the frames came scrubbed. */
/*@ requires \valid_read(m) && \valid(d) && \valid_read(kernel) && kernel->nr <= ELF_MAX_SEGMENTS; assigns guest_window[0 .. PAGE_SIZE - 1]; */
int pvh_load_kernel(struct domain *d, const struct elf_image *kernel, const struct boot_module *m)
{
	int rc = 0;

	/*@ loop invariant i <= kernel->nr; loop assigns i, rc, guest_window[0 .. PAGE_SIZE - 1]; loop variant kernel->nr - i; */
	for (unsigned int i = 0; i < kernel->nr && !rc; i++) {
		const struct elf_segment *s = &kernel->segment[i];

		rc = pvh_module_copy(d, s->paddr, m, s->offset, s->filesz);
	}
	return rc;
}

int pvh_write_info(struct domain *d, const struct pvh_layout *l, const char *cmdline, gpa_t rsdp)
{
	struct pvh_info_area area = {
		.start = {
			.magic = PVH_START_MAGIC, .version = PVH_START_VERSION, .flags = PVH_FLAG_PRIVILEGED | PVH_FLAG_INITDOMAIN,
			.nr_modules = l->initrd ? 1 : 0,
			.modules = l->initrd ? l->info + offsetof(struct pvh_info_area, module) : 0,
			.cmdline = l->info + sizeof(area), .rsdp = rsdp,
			.memmap = l->info + offsetof(struct pvh_info_area, memory), .memmap_entries = l->memory_nr,
		},
		.module = { .start = l->initrd, .size = l->initrd_bytes },
	};
	int rc;

	memcpy(area.memory, l->memory, sizeof(area.memory));
	rc = guest_phys_write(d, l->info, &area, sizeof(area));
	return rc ? rc : guest_phys_write(d, l->info + sizeof(area), cmdline, l->info_bytes - sizeof(area));
}

int pvh_write_acpi(struct domain *d, unsigned int vcpus, gpa_t *rsdp)
{
	struct acpi_region r = { .size = PVH_ACPI_BYTES, .gpa = PVH_ACPI_GPA, .vcpus = vcpus };
	int rc;

	r.buf = heap_alloc_pages(NULL, 0);
	if (!r.buf)
		return -XEN_ENOMEM;
	rc = acpi_build(&r);
	if (!rc)
		rc = guest_phys_write(d, r.gpa, r.buf, r.used);
	heap_free_pages(NULL, r.buf, 0);
	*rsdp = r.rsdp;
	return rc;
}
