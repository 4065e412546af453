/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory by linear address in every paging mode, by physical address, pinned, and as arrays; what faults and what does not.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hosted.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/guestmem.h>
#include <hv/mm.h>
#include <hv/p2m.h>

#define P	1u
#define W	2u
#define LARGE	0x80u
#define CR0_PG	0x80000001u
#define CR0_WP	0x10000u
#define CR4_PSE	0x10u
#define CR4_PAE	0x20u
#define LMA	0x400u

static struct domain *d;
static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	d = hosted_domain(1, NULL, 64, 1);
	v = d->vcpu[0];
	return 0;
}

static void put64(gpa_t at, uint64_t x)
{
	hosted_write(d, at, &x, sizeof(x));
}

static void put32(gpa_t at, uint32_t x)
{
	hosted_write(d, at, &x, sizeof(x));
}

static void paging(uint64_t cr0, uint64_t cr3, uint64_t cr4, uint64_t efer)
{
	hosted_vcpu(v)->paging = (struct guest_paging){ .cr0 = cr0, .cr3 = cr3, .cr4 = cr4, .efer = efer, .long_mode = efer & LMA };
}

static void assert_maps(gva_t va, bool write, gpa_t want)
{
	gpa_t gpa = 0;

	assert_int_equal(guest_translate(v, va, write, &gpa), 0);
	assert_int_equal(gpa, want);
}

static void assert_faults(gva_t va, bool write)
{
	gpa_t gpa;

	assert_int_equal(guest_translate(v, va, write, &gpa), -XEN_EFAULT);
}

static void test_no_paging(void **state)
{
	(void)state;
	paging(1, 0, 0, 0);
	assert_maps(0x5123, true, 0x5123);
	assert_maps(0xfffffffff0001234, true, 0xf0001234);	/* 32 bits */
}

/* Tables at 0x1000 (4), 0x2000 (3), 0x3000 (2), 0x4000 (1). */
static void long_tables(void)
{
	paging(CR0_PG | CR0_WP, 0x1000, CR4_PAE, LMA);
	put64(0x1000, 0x2000 | P | W);
	put64(0x1000 + 8 * 511, 0x2000 | P | W);
	put64(0x2000, 0x3000 | P | W);
	put64(0x2000 + 8, 0x40000000 | P | W | LARGE);
	put64(0x2000 + 16, 0x3000 | P);
	put64(0x3000, 0x4000 | P | W);
	put64(0x3000 + 8, 0x200000 | P | LARGE);
	put64(0x4000 + 8 * 7, 0x8000000000009000 | P | W);	/* no execute */
	put64(0x4000 + 8 * 8, 0xa000 | P);
}

static void test_four_levels(void **state)
{
	(void)state;
	long_tables();
	assert_maps(0x7abc, true, 0x9abc);
	assert_maps(0xffffff8000007abc, true, 0x9abc);
	assert_maps(0x8fff, false, 0xafff);
	assert_faults(0x8fff, true);
	assert_faults(0x6000, false);
	assert_maps(0x200000 + 0x12345, false, 0x212345);
	assert_faults(0x200000 + 0x12345, true);
	assert_maps(0x40000000 + 0x3fffffff, true, 0x7fffffff);
	assert_maps(0x80007000, false, 0x9000);
	assert_faults(0x80007000, true);	/* a read-only level above */
	assert_faults(0x0000800000000000, false);
	assert_faults(0xffff000000007abc, false);
	assert_faults(0x8000000000, false);
}

static void test_write_protect_off(void **state)
{
	(void)state;
	long_tables();
	hosted_vcpu(v)->paging.cr0 = CR0_PG;
	assert_maps(0x8fff, true, 0xafff);
}

static void test_three_levels(void **state)
{
	(void)state;
	paging(CR0_PG | CR0_WP, 0x1020, CR4_PAE, 0);
	put64(0x1020 + 8 * 3, 0x2000 | P);
	put64(0x2000, 0x3000 | P | W);
	put64(0x2000 + 8, 0x600000 | P | W | LARGE);
	put64(0x3000 + 8, 0x5000 | P | W);
	assert_maps(0xc0001010, true, 0x5010);
	assert_maps(0xffffffffc0001010, true, 0x5010);
	assert_maps(0xc0212345, true, 0x612345);
	assert_faults(0x1010, false);
}

static void test_two_levels(void **state)
{
	(void)state;
	paging(CR0_PG | CR0_WP, 0x1fff, CR4_PSE, 0);
	put32(0x1000, 0x2000 | P | W);
	put32(0x1004, 0x00c00000 | (0x15u << 13) | P | LARGE);
	put32(0x2000 + 4 * 3, 0x7000 | P | W);
	put32(0x2000 + 4 * 4, 0x7000 | P);
	assert_maps(0x3004, true, 0x7004);
	assert_faults(0x4004, true);
	assert_faults(0x5004, false);
	assert_maps(0x00512345, false, 0x1500d12345);
	hosted_vcpu(v)->paging.cr4 = 0;		/* the same entry is a table then, which lies nowhere */
	assert_faults(0x00512345, false);
}

static uint64_t random64(void)
{
	return (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();
}

/* Tables that lead out of memory, in circles, or into each other. */
static void test_hostile_tables(void **state)
{
	gpa_t gpa;

	(void)state;
	long_tables();
	put64(0x1000 + 8, 0x1000 | P | W);
	assert_maps(0x8000000000 + 0x1000, false, 0x200000);
	put64(0x2000 + 8 * 5, 0xffffffffff000 | P | W);
	assert_faults(5ull << 30, false);
	put64(0x1000 + 8 * 2, 0x2000 | P | W | LARGE);		/* reserved there: taken as a table */
	assert_maps((2ull << 39) + 0x7000, false, 0x9000);
	srand(3);
	for (unsigned int round = 0; round < 20000; round++) {
		put64(0x1000 + ((gpa_t)rand() & 0x3ff8), random64() & (rand() % 2 ? ~(uint64_t)0 : 0x80000000000070e3));
		paging(CR0_PG, random64() % 0x6000, random64() & 0x30, random64() & LMA);
		if (guest_translate(v, random64(), rand() & 1, &gpa) == 0)
			assert_int_equal(gpa >> 52, 0);
	}
	assert_int_equal(hosted_windows(), 0);
}

/* As in a TLB, for one pass of the dispatcher and no longer; a read does not vouch for a write. */
static void test_walks_of_one_pass(void **state)
{
	gpa_t gpa;

	(void)state;
	long_tables();
	hosted_run_vcpu(v);
	atomic_fetch_add(&cpus[0].pass_seq, 1);
	assert_maps(0x7abc, true, 0x9abc);
	assert_maps(0x8abc, false, 0xaabc);
	assert_int_equal(guest_translate(v, 0x8abc, true, &gpa), -XEN_EFAULT);
	put64(0x4000 + 8 * 7, 0xb000 | P);
	assert_maps(0x7010, true, 0x9010);
	atomic_fetch_add(&cpus[0].pass_seq, 1);
	assert_maps(0x7010, false, 0xb010);
	atomic_fetch_add(&cpus[0].pass_seq, 1);
	assert_maps(0x7010, false, 0xb010);
	assert_faults(0x7010, true);
	atomic_fetch_add(&cpus[0].pass_seq, 1);
}

static uint32_t seen_at(gva_t va)
{
	uint32_t x = 0;

	assert_int_equal(guest_copy_in(v, &x, va, sizeof(x)), 0);
	return x;
}

static mfn_t ram_page(void)
{
	mfn_t mfn;

	d->max_pages = 1000;
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), 0);
	return mfn;
}

/* What this CPU remembers of an address space ends with what it says. */
static void test_nothing_stale(void **state)
{
	uint32_t x = 0x11111111;
	mfn_t old;

	(void)state;
	paging(1, 0, 0, 0);
	assert_int_equal(guest_copy_out(v, 0x5000, &x, sizeof(x)), 0);
	old = p2m_get_frame(d, 5, true, NULL);
	assert_int_equal(p2m_set(d, 5, ram_page(), P2M_RAM, 0), 0);
	assert_int_equal(seen_at(0x5000), 0);
	x = 0x22222222;
	assert_int_equal(guest_copy_out(v, 0x5000, &x, sizeof(x)), 0);
	assert_int_equal(*(uint32_t *)hosted_mfn_va(old), 0x11111111);
	hosted_machine_unchecked();
	assert_int_equal(p2m_set(d, 5, old, P2M_GRANT_RO, 0), 0);	/* with our reference */
	assert_int_equal(seen_at(0x5000), 0x11111111);
	assert_int_equal(guest_copy_out(v, 0x5000, &x, sizeof(x)), -XEN_EFAULT);
	assert_int_equal(seen_at(0x6000), 0);
	assert_int_equal(p2m_clear(d, 6, MFN_INVALID, P2M_RAM), 0);
	assert_int_equal(guest_copy_in(v, &x, 0x6000, sizeof(x)), -XEN_EFAULT);
}

static void test_nothing_stale_of_another_domain(void **state)
{
	uint32_t x = 0x33333333;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		paging(1, 0, 0, 0);
		for (gva_t va = 0; va < 64 * PAGE_SIZE; va += PAGE_SIZE) {
			assert_int_equal(seen_at(va), 0);
			assert_int_equal(guest_copy_out(v, va, &x, sizeof(x)), 0);
			assert_int_equal(*(uint32_t *)hosted_mfn_va(p2m_lookup(d, va >> PAGE_SHIFT).mfn), x);
		}
		hosted_domain_kill(d);
		d = hosted_domain(1, NULL, i ? 64 : 128, 1);	/* the same memory in another order */
		v = d->vcpu[0];
	}
}

static void test_copy_crosses_pages(void **state)
{
	char out[3 * PAGE_SIZE], in[3 * PAGE_SIZE];

	(void)state;
	long_tables();
	put64(0x4000 + 8 * 9, 0xf000 | P | W);
	put64(0x4000 + 8 * 8, 0xe000 | P | W);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7);
	assert_int_equal(guest_copy_out(v, 0x7800, out, 0x2800), 0);
	assert_int_equal(guest_copy_in(v, in, 0x7800, 0x2800), 0);
	assert_memory_equal(in, out, 0x2800);
	hosted_read(d, 0x9800, in, 0x800);
	assert_memory_equal(in, out, 0x800);
	hosted_read(d, 0xe000, in, 0x1000);
	assert_memory_equal(in, out + 0x800, 0x1000);
	assert_int_equal(guest_copy_out(v, 0x9ff0, out, 0x20), -XEN_EFAULT);
	assert_int_equal(guest_copy_in(v, in, 0xfffffffffffffff0, 0x20), -XEN_EFAULT);
	assert_int_equal(guest_copy_in(v, in, 0x7fffffffe000, 8), -XEN_EFAULT);
	assert_int_equal(guest_copy_in(v, in, 0x7000, 0), 0);
}

static void test_physical(void **state)
{
	uint64_t x = 0x1122334455667788, y = 0;

	(void)state;
	assert_int_equal(guest_phys_write(d, 0x5ffc, &x, 8), 0);
	hosted_read(d, 0x5ffc, &y, 8);
	assert_int_equal(x, y);
	assert_int_equal(guest_phys_write(d, 64 * PAGE_SIZE - 4, &x, 8), -XEN_EFAULT);
	assert_int_equal(guest_phys_write(d, ~(gpa_t)0 - 3, &y, 8), -XEN_EFAULT);
	assert_int_equal(guest_phys_write(d, 1ull << 52, &y, 8), -XEN_EFAULT);
}

static void test_read_only_pages(void **state)
{
	struct domain *other = hosted_domain(2, NULL, 4, 1);
	mfn_t mfn = p2m_get_frame(other, 1, true, NULL);
	uint64_t x = 5;

	(void)state;
	hosted_machine_unchecked();
	assert_int_equal(p2m_set(d, 200, mfn, P2M_GRANT_RO, 0), 0);
	hosted_read(d, 200 * PAGE_SIZE, &x, 8);
	assert_int_equal(guest_phys_write(d, 200 * PAGE_SIZE, &x, 8), -XEN_EFAULT);
}

static void test_pinned_pages(void **state)
{
	struct domain *other = hosted_domain(2, NULL, 4, 1);
	mfn_t mfn, theirs = p2m_get_frame(other, 1, true, NULL);
	uint64_t x = 77;
	unsigned int n;
	void *va;

	(void)state;
	assert_int_equal(guest_page_pin(d, 1000, &mfn, &va), -XEN_EINVAL);
	hosted_machine_unchecked();
	assert_int_equal(p2m_set(d, 200, theirs, P2M_FOREIGN, 0), 0);
	assert_int_equal(guest_page_pin(d, 200, &mfn, &va), -XEN_EINVAL);	/* not its own */
	assert_int_equal(guest_page_pin(d, 3, &mfn, &va), 0);
	hosted_write(d, 3 * PAGE_SIZE + 8, &x, 8);
	assert_int_equal(((uint64_t *)va)[1], 77);
	/* Given back by the guest, it stays until it is unpinned. */
	assert_int_equal(p2m_clear(d, 3, mfn, P2M_RAM), 0);
	assert_int_equal(d->tot_pages, 64);
	((uint64_t *)va)[1] = 78;
	guest_page_unpin(d, mfn, va);
	assert_int_equal(d->tot_pages, 63);
	for (n = 0; guest_page_pin(d, 4, &mfn, &va) == 0; n++)
		assert_true(n < 1000);
	assert_int_equal(d->pinned_pages, n);
	assert_int_equal(guest_page_pin(d, 4, &mfn, &va), -XEN_ENOSPC);
}

static void test_arrays(void **state)
{
	struct guest_array a;
	uint32_t x;

	(void)state;
	assert_int_equal(guest_array_init(&a, v, 0, ~0ull, 16), -XEN_EINVAL);
	assert_int_equal(guest_array_init(&a, v, ~0ull - 7, 2, 4), -XEN_EINVAL);
	assert_int_equal(guest_array_init(&a, v, 0x2ff8, 4, sizeof(x)), 0);
	for (x = 0; x < 4; x++)
		put32(0x2ff8 + 4 * x, 100 + x);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(guest_array_fetch(&a, &x), 0);
		assert_int_equal(x, 100 + i);
	}
	assert_int_equal(guest_array_fetch(&a, &x), -XEN_ERANGE);
	assert_int_equal(guest_array_store(&a, 4, &x), -XEN_ERANGE);
	x = 9;
	assert_int_equal(guest_array_store(&a, 1, &x), 0);
	assert_int_equal(guest_array_init(&a, v, 0x2ffc, 1, sizeof(x)), 0);
	assert_int_equal(guest_array_fetch(&a, &x), 0);
	assert_int_equal(x, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_paging, setup),
		cmocka_unit_test_setup(test_four_levels, setup),
		cmocka_unit_test_setup(test_write_protect_off, setup),
		cmocka_unit_test_setup(test_three_levels, setup),
		cmocka_unit_test_setup(test_two_levels, setup),
		cmocka_unit_test_setup(test_hostile_tables, setup),
		cmocka_unit_test_setup(test_walks_of_one_pass, setup),
		cmocka_unit_test_setup(test_copy_crosses_pages, setup),
		cmocka_unit_test_setup(test_physical, setup),
		cmocka_unit_test_setup(test_nothing_stale, setup),
		cmocka_unit_test_setup(test_nothing_stale_of_another_domain, setup),
		cmocka_unit_test_setup(test_read_only_pages, setup),
		cmocka_unit_test_setup(test_pinned_pages, setup),
		cmocka_unit_test_setup(test_arrays, setup),
	};

	return cmocka_run_group_tests_name("guestmem", tests, NULL, NULL);
}
