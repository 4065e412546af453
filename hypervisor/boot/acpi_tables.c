/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACPI tables of a domain without hardware: RSDP, XSDT, FADT (hardware-reduced), MADT, DSDT. Sources: ACPI 6.0, sections 5.2.5 to 5.2.12.
 * Locking: none. Trust: no input but numbers of the builder's.
 */
#include "acpi_tables.h"

#include <hv/string.h>

#define LAPIC_ADDRESS		0xfee00000u
#define MADT_LAPIC		0u
#define MADT_LAPIC_ENABLED	1u

/* FADT: no fixed hardware at all, so that Linux probes neither 8259, PIT, PM timer, RTC, VGA nor 8042. */
#define FADT_WBINVD		(1u << 0)
#define FADT_PWR_BUTTON		(1u << 4)	/* none of the fixed kind */
#define FADT_SLP_BUTTON		(1u << 5)
#define FADT_HW_REDUCED		(1u << 20)
#define BOOT_VGA_NOT_PRESENT	(1u << 2)
#define BOOT_NO_CMOS_RTC	(1u << 5)

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
} __attribute__((packed));

struct acpi_xsdt {
	struct acpi_header h;
	uint64_t entry[2];
} __attribute__((packed));

/* Only what a hardware-reduced machine fills has a name. */
struct acpi_fadt {
	struct acpi_header h;
	uint32_t facs, dsdt;
	uint8_t fixed_hardware_1[109 - 44];
	uint16_t iapc_boot_arch;
	uint8_t reserved;
	uint32_t flags;
	uint8_t reset[129 - 116];
	uint16_t arm_boot_arch;
	uint8_t minor;
	uint64_t x_facs, x_dsdt;
	uint8_t fixed_hardware_2[268 - 148];
	char hypervisor_id[8];
} __attribute__((packed));

struct acpi_madt {
	struct acpi_header h;
	uint32_t lapic, flags;
} __attribute__((packed));

struct acpi_madt_lapic {
	uint8_t type, length, uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

/* Scope (\_SB) {}: the smallest definition block that names something. */
static const uint8_t dsdt_aml[] = { 0x10, 0x06, '\\', '_', 'S', 'B', '_' };

_Static_assert(sizeof(struct acpi_header) == 36 && sizeof(struct acpi_rsdp) == 36 && sizeof(struct acpi_fadt) == 276, "fixed by ACPI");
_Static_assert(offsetof(struct acpi_fadt, iapc_boot_arch) == 109 && offsetof(struct acpi_fadt, flags) == 112, "fixed by ACPI");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "fixed by ACPI");

/* The byte that makes the sum of all bytes zero. */
static uint8_t checksum_of(const void *table, size_t len)
{
	const uint8_t *b = table;
	unsigned int sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += b[i];
	return (uint8_t)(0u - sum);
}

static void *table_begin(struct acpi_region *r, size_t len)
{
	size_t at = (r->used + 15) & ~(size_t)15;

	if (at > r->size || len > r->size - at)
		return NULL;
	r->used = at + len;
	return (uint8_t *)r->buf + at;
}

static void table_finish(struct acpi_header *h, const char *signature, uint8_t revision, size_t len)
{
	memcpy(h->signature, signature, sizeof(h->signature));
	h->length = (uint32_t)len;
	h->revision = revision;
	memcpy(h->oem_id, "RAVELN", sizeof(h->oem_id));
	memcpy(h->oem_table_id, "RAVELIN ", sizeof(h->oem_table_id));
	h->oem_revision = 1;
	memcpy(h->creator_id, "RVLN", sizeof(h->creator_id));
	h->creator_revision = 1;
	h->checksum = checksum_of(h, len);
}

static gpa_t address_of(const struct acpi_region *r, const void *table)
{
	return r->gpa + (gpa_t)((const uint8_t *)table - (const uint8_t *)r->buf);
}

static struct acpi_header *dsdt_build(struct acpi_region *r)
{
	size_t len = sizeof(struct acpi_header) + sizeof(dsdt_aml);
	struct acpi_header *h = table_begin(r, len);

	if (!h)
		return NULL;
	memcpy(h + 1, dsdt_aml, sizeof(dsdt_aml));
	table_finish(h, "DSDT", 2, len);
	return h;
}

static struct acpi_fadt *fadt_build(struct acpi_region *r, gpa_t dsdt)
{
	struct acpi_fadt *f = table_begin(r, sizeof(*f));

	if (!f)
		return NULL;
	f->dsdt = (uint32_t)dsdt;
	f->x_dsdt = dsdt;
	f->iapc_boot_arch = BOOT_VGA_NOT_PRESENT | BOOT_NO_CMOS_RTC;
	f->flags = FADT_WBINVD | FADT_PWR_BUTTON | FADT_SLP_BUTTON | FADT_HW_REDUCED;
	memcpy(f->hypervisor_id, "RAVELIN ", sizeof(f->hypervisor_id));
	table_finish(&f->h, "FACP", 6, sizeof(*f));
	return f;
}

/* The uid of a processor is its vCPU id: Linux passes it to hypercalls. */
static struct acpi_madt *madt_build(struct acpi_region *r)
{
	size_t len = sizeof(struct acpi_madt) + r->vcpus * sizeof(struct acpi_madt_lapic);
	struct acpi_madt *m = table_begin(r, len);
	struct acpi_madt_lapic *entry;

	if (!m)
		return NULL;
	m->lapic = LAPIC_ADDRESS;
	entry = (struct acpi_madt_lapic *)(m + 1);
	for (unsigned int i = 0; i < r->vcpus; i++)
		entry[i] = (struct acpi_madt_lapic){ .type = MADT_LAPIC, .length = sizeof(*entry), .uid = (uint8_t)i,
						     .apic_id = (uint8_t)ACPI_LAPIC_ID(i), .flags = MADT_LAPIC_ENABLED };
	table_finish(&m->h, "APIC", 4, len);
	return m;
}

static struct acpi_xsdt *xsdt_build(struct acpi_region *r, gpa_t fadt, gpa_t madt)
{
	struct acpi_xsdt *x = table_begin(r, sizeof(*x));

	if (!x)
		return NULL;
	x->entry[0] = fadt;
	x->entry[1] = madt;
	table_finish(&x->h, "XSDT", 1, sizeof(*x));
	return x;
}

static void rsdp_build(struct acpi_rsdp *p, gpa_t xsdt)
{
	memcpy(p->signature, "RSD PTR ", sizeof(p->signature));
	memcpy(p->oem_id, "RAVELN", sizeof(p->oem_id));
	p->revision = 2;
	p->length = sizeof(*p);
	p->xsdt = xsdt;
	p->checksum = checksum_of(p, offsetof(struct acpi_rsdp, length));
	p->extended_checksum = checksum_of(p, sizeof(*p));
}

int acpi_build(struct acpi_region *r)
{
	struct acpi_rsdp *rsdp;
	struct acpi_header *dsdt;
	struct acpi_fadt *fadt;
	struct acpi_madt *madt;
	struct acpi_xsdt *xsdt;

	if (r->vcpus == 0 || ACPI_LAPIC_ID(r->vcpus - 1) > 254 || (r->gpa & 15) || r->gpa >> 32 || r->size > (1ull << 32) - r->gpa)
		return -XEN_EINVAL;
	r->used = 0;
	rsdp = table_begin(r, sizeof(*rsdp));
	dsdt = dsdt_build(r);
	fadt = dsdt ? fadt_build(r, address_of(r, dsdt)) : NULL;
	madt = madt_build(r);
	xsdt = fadt && madt ? xsdt_build(r, address_of(r, fadt), address_of(r, madt)) : NULL;
	if (!rsdp || !xsdt)
		return -XEN_ENOSPC;
	rsdp_build(rsdp, address_of(r, xsdt));
	r->rsdp = address_of(r, rsdp);
	return 0;
}
