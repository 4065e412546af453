/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/cpuid_domain.c, with cpuid.c and cpuid_hv.c: any processor, any policy a toolstack asks for, any leaf. */
#include "emulate.c"
#include <cpuid.c>
#include <cpuid_hv.c>

static uint32_t basic, extended;	/* the highest leaf of either kind that the processor has */
static struct cpuid_leaf asked[CPUID_MAX_LEAVES];

void *heap_alloc(struct domain *payer, size_t size)
{
	/*@ assert bounded: size == sizeof(cpuid_leaves); */
	return any_bool ? NULL : &cpuid_leaves;
}
void heap_free(struct domain *payer, void *p) { }

static void processor(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	look((uint64_t)leaf + subleaf);
	guest_fill(r, sizeof(*r));
	if (leaf == 0)
		r->a = basic;
	if (leaf == CPUID_EXT_BASE)
		r->a = extended;
}

/* Any that runs in 64-bit mode: leaf 1 and leaf 0x80000001 exist. By what its highest leaves are, so that Eva knows where each one of ours stands. */
static void boot(void)
{
	const uint32_t some_basic[] = { 1 + any_below(6), 7 + any_below(6), 13 + any_below(UINT32_MAX - 12) };

	/*@ loop unroll 3; */
	for (uint32_t b = 0; b < 3; b++) {
		/*@ loop unroll 8; */
		for (uint32_t e = 1; e <= 8; e++) {
			/*@ slevel merge; */
			any_machine();
			basic = some_basic[b];
			extended = CPUID_EXT_BASE + (e < 8 ? e : 8 + any_below(0x7ffffff8));
			cpuid_host_init(processor);
			/*@ assert whole: max_policy.nr <= CPUID_MAX_LEAVES; */
		}
	}
}

void eva_main(void)
{
	uint32_t leaf, subleaf;
	struct cpuid_regs r;

	boot();
	any_machine();
	look((uint64_t)cpuid_domain_init(home));
	any_machine();
	guest_fill(asked, sizeof(asked));
	look((uint64_t)cpuid_domain_set(home, asked, any_below(CPUID_MAX_LEAVES + 1), &leaf, &subleaf));
	look((uint64_t)leaf + subleaf);
	any_machine();
	guest_cpuid(self, any_u32, any_u32, &r);
	guest_look(&r, sizeof(r));
	cpuid_domain_free(home);
}
