/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we need from the firmware's ACPI tables: the processors, the IO-APIC, power-off and reset, the PM timer.
 * Locking: boot.
 * Trust: firmware is trusted, its lengths and checksums are still verified.
 */
#include <hv/console.h>
#include <hv/string.h>
#include "arch.h"

struct madt_info madt_info __ro_after_init;
struct fadt_info fadt_info __ro_after_init;

#define HEADER	  36u		/* bytes: signature, length, ... (ACPI 6, 5.2.6) */
#define TABLE_MAX (1u << 20)

/*@ requires \valid_read(p + (0 .. n - 1)); assigns \nothing; */
static bool sum_is_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	/*@ loop invariant i <= n; loop assigns i, sum; loop variant n - i; */
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

/*@ requires \valid_read(p + (0 .. 3)); assigns \nothing; */
static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/*@ requires \valid_read(p + (0 .. 7)); assigns \nothing; */
static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/*@ predicate table_ok{L}(uint8_t *t, integer len) = HEADER <= len <= TABLE_MAX && \valid_read(t + (0 .. len - 1)); */
/* A table with a sane length, whole and mapped; NULL otherwise. Boot drops the mappings when it seals. */
/*@ requires \valid(len); assigns *len; ensures \result != \null ==> table_ok((uint8_t *)\result, *len); */
static __init const uint8_t *table_map(hpa_t pa, uint32_t *len)
{
	const uint8_t *t = pa ? fix_map_ro(pa, HEADER) : NULL;

	if (!t)
		return NULL;
	*len = get32(t + 4);
	fix_unmap(t, HEADER);
	t = *len >= HEADER && *len <= TABLE_MAX ? fix_map_ro(pa, *len) : NULL;
	return t && sum_is_zero(t, *len) ? t : NULL;
}

/*@ requires len <= 0x20000; assigns \nothing; ensures \result != \null ==> \valid_read((uint8_t *)\result + (0 .. 35)); */
static __init const uint8_t *rsdp_scan(hpa_t start, size_t len)
{
	const uint8_t *p = fix_map_ro(start, len);

	/*@ loop invariant i <= len + 16; loop assigns i; loop variant len + 16 - i; */
	for (size_t i = 0; p && i + 36 <= len; i += 16)
		if (memcmp(p + i, "RSD PTR ", 8) == 0 && sum_is_zero(p + i, 20))
			return p + i;
	if (p)
		fix_unmap(p, len);
	return NULL;
}

/*@ requires madt_info.cpus <= MAX_CPUS; assigns madt_info.cpus, madt_info.apic_ids[0 .. MAX_CPUS - 1]; ensures madt_info.cpus <= MAX_CPUS; */
static __init void madt_lapic(uint32_t id, uint32_t flags)
{
	if (!(flags & 1))
		return;
	if (madt_info.cpus < MAX_CPUS)
		madt_info.apic_ids[madt_info.cpus++] = id;
	else
		log_warn("acpi: more than %u processors, the rest is not used", MAX_CPUS);
}

/*@ requires \valid_read(e + (0 .. 9)); assigns madt_info.irq4_gsi, madt_info.irq4_flags; */
static __init void madt_override(const uint8_t *e)
{
	if (e[3] == 4) {
		madt_info.irq4_gsi = get32(e + 4);
		madt_info.irq4_flags = (uint16_t)(e[8] | (uint32_t)e[9] << 8);
	}
}

/*@
  requires table_ok(t, len) && len >= 44 && madt_info.cpus <= MAX_CPUS;
  assigns madt_info;
  ensures madt_info.cpus <= MAX_CPUS;
*/
static __init void madt_parse(const uint8_t *t, uint32_t len)
{
	madt_info.lapic = get32(t + 36);
	madt_info.irq4_gsi = 4;
	/*@
	  loop invariant 44 <= off <= len && madt_info.cpus <= MAX_CPUS;
	  loop assigns off, madt_info;
	  loop variant len - off;
	*/
	for (uint32_t off = 44; off + 2 <= len && t[off + 1] >= 2 && t[off + 1] <= len - off; off += t[off + 1]) {
		const uint8_t *e = t + off;

		if (e[0] == 0 && e[1] >= 8 && e[3] != 0xff) {	/* 0xff: all of them */
			madt_lapic(e[3], get32(e + 4));
		} else if (e[0] == 1 && e[1] >= 12 && !madt_info.ioapic) {
			madt_info.ioapic = get32(e + 4);
			madt_info.ioapic_gsi_base = get32(e + 8);
		} else if (e[0] == 2 && e[1] >= 10) {
			madt_override(e);
		} else if (e[0] == 9 && e[1] >= 16 && get32(e + 4) > 254) {
			madt_lapic(get32(e + 4), get32(e + 8));
		}
	}
}

/* The S5 package is found by its name, not by running AML: NameOp "_S5_" PackageOp length count values (ACPI 6, 20.2). */
/*@ requires table_ok(dsdt, len); assigns fadt_info.slp_typ_a, fadt_info.slp_typ_b, fadt_info.has_s5; */
static __init void s5_find(const uint8_t *dsdt, uint32_t len)
{
	/*@ loop invariant 36 <= i <= len + 12; loop assigns i; loop variant len + 12 - i; */
	for (uint32_t i = 36; i + 12 < len; i++) {
		uint32_t at = i + 7;
		uint8_t value[2];

		if (memcmp(dsdt + i, "_S5_", 4) != 0 || dsdt[i + 4] != 0x12)
			continue;
		at += dsdt[i + 5] / 64;	/* PackageOp, PkgLength of 1-4 bytes, element count */
		/*@ loop invariant at <= i + 10 + 2 * k && k <= 2; loop assigns at, k, value[0 .. 1]; loop variant 2 - k; */
		for (unsigned int k = 0; k < 2; k++) {
			if (at + 2 > len)
				return;
			if (dsdt[at] == 0x0a)	/* BytePrefix */
				at++;
			value[k] = dsdt[at++];
		}
		fadt_info.slp_typ_a = value[0] & 7;
		fadt_info.slp_typ_b = value[1] & 7;
		fadt_info.has_s5 = true;
		return;
	}
}

/*@ requires table_ok(t, len); assigns fadt_info; */
static __init void fadt_parse(const uint8_t *t, uint32_t len)
{
	const uint8_t *dsdt;
	uint32_t dsdt_len;
	hpa_t at = 0;

	if (len < 116)
		return;
	fadt_info.pm1a_cnt = (uint16_t)get32(t + 64);
	fadt_info.pm1b_cnt = (uint16_t)get32(t + 68);
	fadt_info.pm_timer = (uint16_t)get32(t + 76);
	if (len >= 129 && (get32(t + 112) & 1u << 10)) {
		fadt_info.has_reset = true;
		fadt_info.reset_space = t[116];
		fadt_info.reset_address = get64(t + 120);
		fadt_info.reset_value = t[128];
	}
	if (len >= 148)
		at = get64(t + 140);
	dsdt = table_map(at ? at : get32(t + 40), &dsdt_len);
	if (dsdt)
		s5_find(dsdt, dsdt_len);
}

/*@
  requires table_ok(root, len) && (width == 4 || width == 8) && madt_info.cpus <= MAX_CPUS;
  assigns madt_info, fadt_info;
  ensures madt_info.cpus <= MAX_CPUS;
*/
static __init void root_parse(const uint8_t *root, uint32_t len, unsigned int width)
{
	/*@ loop invariant HEADER <= off <= len + 8 && madt_info.cpus <= MAX_CPUS; loop assigns off, madt_info, fadt_info; loop variant len + 8 - off; */
	for (uint32_t off = HEADER; off + width <= len; off += width) {
		hpa_t pa = width == 8 ? get64(root + off) : get32(root + off);
		uint32_t tlen;
		const uint8_t *t = table_map(pa, &tlen);

		if (!t)
			continue;
		if (memcmp(t, "APIC", 4) == 0 && tlen >= 44)
			madt_parse(t, tlen);
		else if (memcmp(t, "FACP", 4) == 0)
			fadt_parse(t, tlen);
		else
			fix_unmap(t, tlen);
	}
}

/*@ requires p == \null || \valid_read(p + (0 .. 35)); requires madt_info.cpus <= MAX_CPUS; assigns madt_info, fadt_info; ensures madt_info.cpus <= MAX_CPUS; */
__init bool acpi_init(const uint8_t *p)
{
	const uint8_t *root = NULL;
	uint32_t len;

	if (!p)
		p = rsdp_scan(0xe0000, 0x20000);
	if (!p)
		p = rsdp_scan(0x9fc00, 0x400);
	if (!p || memcmp(p, "RSD PTR ", 8) != 0)
		return false;
	if (p[15] >= 2)
		root = table_map(get64(p + 24), &len);
	if (root) {
		root_parse(root, len, 8);
		return true;
	}
	root = table_map(get32(p + 16), &len);
	if (root)
		root_parse(root, len, 4);
	return root != NULL;
}
