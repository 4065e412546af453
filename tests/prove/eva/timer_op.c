/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/timer_op.c. */
#include "handlers.c"

void eva_main(void)
{
	call_set_timer_op();
}
