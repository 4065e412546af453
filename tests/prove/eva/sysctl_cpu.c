/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/sysctl_cpu.c. */
#include "control.c"

int control_policy_write(struct vcpu *v, const struct cpuid_leaf_set *set, gva_t leaves, uint32_t *nr_leaves, gva_t msrs, uint32_t *nr_msrs)
{
	look(set->nr + leaves + *nr_leaves + msrs + *nr_msrs);
	*nr_leaves = any_u32;
	*nr_msrs = any_u32;
	return guest_status();
}

void eva_main(void)
{
	call_sysctl_get_cpu_levelling_caps();
	call_sysctl_get_cpu_featureset();
	call_sysctl_get_cpu_policy();
	call_platform_settime32();
	call_platform_settime64();
	call_platform_get_cpuinfo();
}
