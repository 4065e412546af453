/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/vcpu_op.c. */
#include "handlers.c"

void eva_main(void)
{
	call_vcpu_up();
	call_vcpu_down();
	call_vcpu_is_up();
	call_vcpu_get_runstate_info();
	call_vcpu_stop_periodic_timer();
	call_vcpu_set_singleshot_timer();
	call_vcpu_stop_singleshot_timer();
	call_vcpu_send_nmi();
	call_vcpu_get_physid();
}
