/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/msr.c: any number and value. */
#include "emulate.c"
#include <cpuid_policy.h>

struct cpuid_leaf *cpuid_find(struct cpuid_leaf_set *s, uint32_t leaf, uint32_t subleaf)
{
	look((uint64_t)leaf + subleaf);
	return any_bool ? NULL : &s->l[any_below(CPUID_MAX_LEAVES)];
}
void lapic_init(struct vcpu *v) { look(v->id); }
int lapic_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	look(msr);
	if (any_bool)
		return -XEN_EINVAL;
	*val = any_u64;
	return 0;
}
int lapic_msr_write(struct vcpu *v, uint32_t msr, uint64_t val) { look(msr + val); return guest_status(); }
uint64_t lapic_deadline_read(struct vcpu *v) { look(v->id); return any_u64; }
void lapic_deadline_write(struct vcpu *v, uint64_t tsc) { look(tsc); }
int guest_phys_write(struct domain *d, gpa_t gpa, const void *src, size_t len) { look(gpa); guest_look(src, len); return guest_status(); }

void eva_main(void)
{
	uint64_t val;

	any_machine();
	if (guest_rdmsr(self, any_u32, &val) == 0)
		look(val);
	any_machine();
	look((uint64_t)guest_wrmsr(self, any_u32, any_u64));
	any_machine();
	look(guest_pat_valid(any_u64));
	guest_vcpu_init(self);
}
