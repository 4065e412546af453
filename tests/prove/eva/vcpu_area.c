/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/vcpu_area.c. */
#include "handlers.c"

struct vcpu *vcpu_op_target(struct authz *az, const struct hypercall *hc)
{
	struct vcpu *const some[] = { &guest_vcpus[0], &guest_vcpus[1], NULL };

	look(hc->arg[1]);
	return some[any_below(3)];
}

void eva_main(void)
{
	call_vcpu_register_info();
	call_vcpu_register_runstate();
	call_vcpu_register_time();
}
