/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPUID policy on an invented host that claims every bit there is.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <hv/domain.h>
#include <hv/guest.h>
#include <hv/options.h>
#include "hosted.h"

static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ ~0u, ~0u, ~0u, ~0u };
	if (leaf == 0)
		*r = (struct cpuid_regs){ 0x10, 0x68747541, 0x444d4163, 0x69746e65 };
	else if (leaf == 0x80000000u)
		*r = (struct cpuid_regs){ 0x8000001f, 0x68747541, 0x444d4163, 0x69746e65 };
	else if (leaf == 0x80000008u)
		*r = (struct cpuid_regs){ 0x3030, ~0u, 0x3007, 0 };
	else if (leaf == 0xd && subleaf == 0)
		*r = (struct cpuid_regs){ 0x207, 0x988, 0x988, 0 };
	else if (leaf == 0xd && subleaf == 2)
		*r = (struct cpuid_regs){ 256, 576, 0, 0 };
}

static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	options.xsave = true;
	cpuid_host_init(host);
	v = hosted_domain(1, NULL, 16, 2)->vcpu[1];
	return 0;
}

static struct cpuid_regs ask(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	guest_cpuid(v, leaf, subleaf, &r);
	return r;
}

static void test_denied_by_default(void **state)
{
	(void)state;
	assert_int_equal(ask(1, 0).c & (1u << 3), 0);			/* MONITOR */
	assert_int_equal(ask(1, 0).d & ((1u << 7) | (1u << 14)), 0);	/* MCE, MCA */
	assert_int_equal(ask(0x80000001u, 0).c & (1u << 2), 0);		/* SVM */
	assert_int_equal(ask(0x80000001u, 0).c & (1u << 9), 0);		/* OSVW */
	assert_int_equal(ask(0x80000001u, 0).c & (1u << 22), 0);	/* TOPOEXT */
	assert_int_equal(ask(0x80000001u, 0).d & (1u << 27), 0);	/* RDTSCP */
	assert_int_equal(ask(7, 0).d, 1u << 4);				/* no speculation control */
	assert_int_equal(ask(7, 0).b & (1u << 16), 0);			/* AVX-512 */
	assert_int_equal(ask(0x80000008u, 0).b & (1u << 12), 0);	/* IBPB */
	for (uint32_t leaf = 2; leaf < 7; leaf++)
		assert_int_equal(ask(leaf, 0).a | ask(leaf, 0).b | ask(leaf, 0).c | ask(leaf, 0).d,
				 0);
	assert_int_equal(ask(0xa, 0).a, 0);				/* performance monitoring */
	assert_int_equal(ask(0x8000000au, 0).d, 0);
	assert_int_equal(ask(0xffffffffu, 0).a, 0);
}

static void test_what_a_guest_needs(void **state)
{
	(void)state;
	assert_int_equal(ask(0, 0).a, 0xd);
	assert_int_equal(ask(0, 0).b, 0x68747541);
	assert_true(ask(1, 0).c & (1u << 31));
	assert_true(ask(1, 0).c & (1u << 21));
	assert_int_equal(ask(1, 0).b >> 24, 2);				/* APIC id of vCPU 1 */
	assert_int_equal(ask(0xb, 0).d, 2);
	assert_true(ask(0x80000001u, 0).d & (1u << 29));
	assert_int_equal(ask(0x80000008u, 0).a & 0xff, 40);
}

static void test_state_size_follows_xcr0(void **state)
{
	(void)state;
	assert_int_equal(ask(0xd, 0).a, 7);
	assert_int_equal(ask(0xd, 0).c, 832);
	v->xcr0 = 3;
	assert_int_equal(ask(0xd, 0).b, 576);
	v->xcr0 = 7;
	assert_int_equal(ask(0xd, 0).b, 832);
	assert_int_equal(ask(0xd, 9).a, 0);
}

static void test_hypervisor_leaves(void **state)
{
	(void)state;
	assert_int_equal(ask(0x40000000, 0).a, 0x40000005);
	assert_int_equal(ask(0x40000000, 0).b, 0x566e6558);
	assert_int_equal(ask(0x40000000, 0).d, 0x4d4d566e);
	assert_int_equal(ask(0x40000001, 0).a, 0x40011);
	assert_int_equal(ask(0x40000002, 0).b, 0x40000000);
	assert_int_equal(ask(0x40000004, 0).b, 1);			/* vCPU id */
	/* upcalls go past the APIC */
	assert_int_equal(ask(0x40000004, 0).a & (1u << 6), 0);
	assert_int_equal(ask(0x40000100, 0).a, 0);
}

static int set_one(struct cpuid_leaf l, uint32_t *err)
{
	uint32_t sub;

	return cpuid_domain_set(v->domain, &l, 1, err, &sub);
}

static void test_toolstack_only_takes_away(void **state)
{
	struct cpuid_leaf l = { 7, 0, { 0, 1u << 16 | 1u << 3, 0, ~0u } };
	uint32_t err;

	(void)state;
	assert_int_equal(set_one(l, &err), 0);
	assert_int_equal(ask(7, 0).b, 1u << 3);
	assert_int_equal(ask(7, 0).d, 1u << 4);
	l = (struct cpuid_leaf){ 1, 0xffffffffu, { 0x800f12, 0x00020800, 0, 1u << 28 } };
	assert_int_equal(set_one(l, &err), 0);
	assert_int_equal(ask(1, 0).d, 1u << 28);
	assert_int_equal(ask(1, 0).c, 1u << 31);
	/* no XSAVE, no state to size */
	assert_int_equal(ask(0xd, 0).a, 0);
}

/* Every bit asked for in every leaf: none is there that was not, but the names and numbers that are the toolstack's own. */
static void test_toolstack_adds_no_feature(void **state)
{
	static const struct { uint32_t leaf; struct cpuid_regs own; } leaves[] = {
		{ 1, { ~0u, 0xff0000, 0, 1u << 28 } }, { 7, { 0 } }, { 0xd, { 0 } }, { 0x80000001u, { ~0u, 0, 2, 0 } }, { 0x80000007u, { 0 } },
		{ 0x80000008u, { 0, 0, ~0u, 0 } }, { 0xa, { 0 } }, { 0x8000000au, { 0 } },
	};
	uint32_t err;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++)
		for (uint32_t sub = 0; sub < 3; sub++) {
			const struct cpuid_regs *own = &leaves[i].own;
			struct cpuid_regs was = ask(leaves[i].leaf, sub), r = { ~0u, ~0u, ~0u, ~0u };

			if (leaves[i].leaf == 0x80000008u)
				r.a = was.a;		/* widths: not more, or all is refused */
			(void)set_one((struct cpuid_leaf){ leaves[i].leaf, leaves[i].leaf == 7 || leaves[i].leaf == 0xd ? sub : 0xffffffffu, r }, &err);
			r = ask(leaves[i].leaf, sub);
			assert_int_equal(r.a & ~(was.a | own->a), 0);
			assert_int_equal(r.b & ~(was.b | own->b), 0);
			assert_int_equal(r.c & ~(was.c | own->c), 0);
			assert_int_equal(r.d & ~(was.d | own->d), 0);
		}
}

static void test_toolstack_errors(void **state)
{
	struct cpuid_leaf l = { 0x1234, 0, { 0 } };
	uint32_t err = 0;

	(void)state;
	assert_int_equal(set_one(l, &err), -XEN_ERANGE);
	assert_int_equal(err, 0x1234);
	l = (struct cpuid_leaf){ 0, 0xffffffffu, { 0x20, 0x68747541, 0x444d4163, 0x69746e65 } };
	assert_int_equal(set_one(l, &err), -XEN_EINVAL);
	/* another vendor */
	l = (struct cpuid_leaf){ 0, 0xffffffffu, { 0xd, 0x756e6547, 0x6c65746e, 0x49656e69 } };
	assert_int_equal(set_one(l, &err), -XEN_EINVAL);
	/* exists, says nothing here */
	l = (struct cpuid_leaf){ 4, 1, { 1, 2, 3, 4 } };
	assert_int_equal(set_one(l, &err), 0);
	assert_int_equal(ask(4, 1).a, 0);
}

static void test_without_xsave(void **state)
{
	(void)state;
	options.xsave = false;
	cpuid_host_init(host);
	v = hosted_domain(2, NULL, 16, 1)->vcpu[0];
	options.xsave = true;
	assert_int_equal(ask(1, 0).c & ((1u << 26) | (1u << 28)), 0);
	assert_int_equal(ask(0xd, 0).a, 0);
	assert_int_equal(ask(7, 0).b & (1u << 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_denied_by_default, setup),
		cmocka_unit_test_setup(test_what_a_guest_needs, setup),
		cmocka_unit_test_setup(test_state_size_follows_xcr0, setup),
		cmocka_unit_test_setup(test_hypervisor_leaves, setup),
		cmocka_unit_test_setup(test_toolstack_only_takes_away, setup),
		cmocka_unit_test_setup(test_toolstack_adds_no_feature, setup),
		cmocka_unit_test_setup(test_toolstack_errors, setup),
		cmocka_unit_test_setup(test_without_xsave, setup),
	};

	return cmocka_run_group_tests_name("cpuid", tests, NULL, NULL);
}
