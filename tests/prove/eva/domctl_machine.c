/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/domctl_machine.c. */
#include "control.c"

static void msrs(void *head)
{
	struct xen_domctl *op = head;

	op->u.cpu_policy.nr_msrs = in_turn(op->u.cpu_policy.nr_msrs, 3);
}

void eva_main(void)
{
	call_domctl_get_cpu_policy();
	call_in_turn(call_domctl_set_cpu_policy, msrs, 3);
	call_domctl_gettscinfo();
	call_domctl_settscinfo();
	call_domctl_get_paging_mempool_size();
	call_domctl_set_paging_mempool_size();
	call_domctl_shadow_op_get_allocation();
	call_domctl_shadow_op_set_allocation();
	call_domctl_shadow_op_off();
	call_domctl_getpageframeinfo3();
}
