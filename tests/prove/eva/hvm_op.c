/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/hvm_op.c. */
#include "handlers.c"

void eva_main(void)
{
	call_hvm_set_param();
	call_hvm_get_param();
	call_hvm_set_evtchn_upcall_vector();
}
