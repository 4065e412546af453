/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACPI tables a domain finds: made up for a domain without hardware. The machine's own come through the same call later.
 * Locking: none. Trust: no input but numbers of the builder's.
 */
#ifndef BOOT_ACPI_TABLES_H
#define BOOT_ACPI_TABLES_H

#include <hv/types.h>

/* Local APIC id of a vCPU, the same everywhere (CPUID leaves 1 and 0xb, MADT, libxl's tables). */
#define ACPI_LAPIC_ID(vcpu) ((vcpu) * 2u)

struct acpi_region {
	void *buf;		/* zeroed, becomes guest memory at gpa */
	size_t size;
	gpa_t gpa;		/* below 4 GiB */
	unsigned int vcpus;
	size_t used;		/* out */
	gpa_t rsdp;		/* out */
};

/* -XEN_ENOSPC if the tables do not fit, -XEN_EINVAL for vCPUs whose id does not fit in a MADT entry. */
int __must_check acpi_build(struct acpi_region *r);

#endif
