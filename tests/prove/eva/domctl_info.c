/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/domctl_info.c. */
#include "control.c"

void eva_main(void)
{
	call_domctl_getdomaininfo();
	call_domctl_getvcpuinfo();
	call_domctl_setvcpuaffinity();
	call_domctl_getvcpuaffinity();
	call_domctl_setnodeaffinity();
	call_domctl_getnodeaffinity();
	call_domctl_scheduler_op_getinfo();
	call_domctl_scheduler_op_putinfo();
}
