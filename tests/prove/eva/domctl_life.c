/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/domctl_life.c. */
#include "control.c"

void eva_main(void)
{
	call_domctl_createdomain();
	call_domctl_destroydomain();
	call_domctl_pausedomain();
	call_domctl_unpausedomain();
	call_domctl_resumedomain();
	call_domctl_max_vcpus();
	call_domctl_max_mem();
	call_domctl_setdomainhandle();
	call_domctl_settimeoffset();
	call_domctl_sendtrigger();
	call_domctl_subscribe();
}
