/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/domctl_context.c: what is saved. What is loaded: Eva does not know that a position is within a length. */
#include "control.c"

void eva_main(void)
{
	call_domctl_gethvmcontext();
	call_domctl_gethvmcontext_partial();
}
