/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACPI tables of a domain without hardware: pointers, checksums, processors; Debian's iasl takes them apart without complaint.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../hypervisor/boot/acpi_tables.h"

#define GPA 0xfc000000u

static uint8_t page[4096];

static int build(unsigned int vcpus, size_t size, struct acpi_region *r)
{
	memset(page, 0, sizeof(page));
	*r = (struct acpi_region){ .buf = page, .size = size, .gpa = GPA, .vcpus = vcpus };
	return acpi_build(r);
}

static uint64_t get(uint64_t gpa, unsigned int bytes)
{
	uint64_t v = 0;

	assert_true(gpa >= GPA && gpa + bytes <= GPA + sizeof(page));
	memcpy(&v, page + (gpa - GPA), bytes);
	return v;
}

static void check_sum(uint64_t gpa, uint64_t len)
{
	uint8_t sum = 0;

	for (uint64_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + get(gpa + i, 1));
	assert_int_equal(sum, 0);
}

static void check_table(uint64_t gpa, const char *signature)
{
	assert_memory_equal(page + (gpa - GPA), signature, 4);
	check_sum(gpa, get(gpa + 4, 4));
}

static void test_chain(void **state)
{
	struct acpi_region r;
	uint64_t xsdt, fadt, madt;

	(void)state;
	assert_int_equal(build(2, sizeof(page), &r), 0);
	assert_memory_equal(page + (r.rsdp - GPA), "RSD PTR ", 8);
	check_sum(r.rsdp, 20);
	check_sum(r.rsdp, 36);
	xsdt = get(r.rsdp + 24, 8);
	check_table(xsdt, "XSDT");
	assert_int_equal(get(xsdt + 4, 4), 36 + 16);
	fadt = get(xsdt + 36, 8);
	madt = get(xsdt + 44, 8);
	check_table(fadt, "FACP");
	check_table(madt, "APIC");
	check_table(get(fadt + 140, 8), "DSDT");
	assert_int_equal(get(fadt + 40, 4), get(fadt + 140, 8));
	assert_true(get(fadt + 112, 4) & 1u << 20);		/* hardware-reduced */
	assert_int_equal(get(fadt + 109, 2), 0x24);		/* no VGA, no CMOS clock, no 8042, no legacy devices */
}

/* uid = vCPU id, APIC id = 2 * vCPU id, all enabled. */
static void test_processors(void **state)
{
	struct acpi_region r;
	uint64_t madt;

	(void)state;
	for (unsigned int n = 1; n <= 64; n++) {
		assert_int_equal(build(n, sizeof(page), &r), 0);
		madt = get(get(r.rsdp + 24, 8) + 44, 8);
		assert_int_equal(get(madt + 4, 4), 44 + 8 * n);
		assert_int_equal(get(madt + 36, 4), 0xfee00000);
		for (unsigned int i = 0; i < n; i++) {
			assert_int_equal(get(madt + 44 + 8 * i, 2), 0x0800);
			assert_int_equal(get(madt + 44 + 8 * i + 2, 1), i);
			assert_int_equal(get(madt + 44 + 8 * i + 3, 1), 2 * i);
			assert_int_equal(get(madt + 44 + 8 * i + 4, 4), 1);
		}
	}
}

static void test_limits(void **state)
{
	struct acpi_region r;
	size_t need;

	(void)state;
	assert_int_equal(build(0, sizeof(page), &r), -XEN_EINVAL);
	assert_int_equal(build(129, sizeof(page), &r), -XEN_EINVAL);
	assert_int_equal(build(64, sizeof(page), &r), 0);
	need = r.used;
	for (size_t size = 0; size < need; size++)
		assert_int_equal(build(64, size, &r), -XEN_ENOSPC);
	assert_int_equal(build(64, need, &r), 0);
	r.gpa = 0x100000000ull;
	assert_int_equal(acpi_build(&r), -XEN_EINVAL);
}

static void iasl_accepts(const char *dir, const char *name, uint64_t gpa)
{
	char path[256], command[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.aml", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	fwrite(page + (gpa - GPA), 1, get(gpa + 4, 4), f);
	fclose(f);
	snprintf(command, sizeof(command), "cd %s && iasl -d %s.aml >%s.log 2>&1 && ! grep -Ei 'error|warning|invalid|bad' %s.log %s.dsl", dir, name,
		 name, name, name);
	assert_int_equal(system(command), 0);
	if (!strcmp(name, "dsdt")) {
		snprintf(command, sizeof(command), "cd %s && iasl -p again %s.dsl >again.log 2>&1", dir, name);
		assert_int_equal(system(command), 0);
	}
}

static void test_iasl(void **state)
{
	char dir[] = "/tmp/test_acpi.XXXXXX", command[64];
	struct acpi_region r;
	uint64_t xsdt;

	(void)state;
	if (system("command -v iasl >/dev/null") != 0)
		skip();
	assert_int_equal(build(64, sizeof(page), &r), 0);
	assert_non_null(mkdtemp(dir));
	xsdt = get(r.rsdp + 24, 8);
	iasl_accepts(dir, "xsdt", xsdt);
	iasl_accepts(dir, "facp", get(xsdt + 36, 8));
	iasl_accepts(dir, "apic", get(xsdt + 44, 8));
	iasl_accepts(dir, "dsdt", get(get(xsdt + 36, 8) + 140, 8));
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain), cmocka_unit_test(test_processors), cmocka_unit_test(test_limits), cmocka_unit_test(test_iasl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
