/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/domctl_context.c. A record of a blob is any: that its bytes are the blob's is WP's row. */
#include "control.c"

void eva_main(void)
{
	call_domctl_gethvmcontext();
	call_domctl_gethvmcontext_partial();
	heap_is_wide = true;
	call_domctl_sethvmcontext();
}
