/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/multicall.c: any list, and entries that do anything to their registers. */
#include "guest.c"
#include <handlers.h>

void hypercall_dispatch(struct vcpu *v, struct hypercall *hc)
{
	guest_look(hc->arg, sizeof(hc->arg));
	guest_fill(hc->arg, sizeof(hc->arg));
	hc->result = (int64_t)any_u64;
	hc->restart = any_bool;
}

void eva_main(void)
{
	struct hypercall hc;

	guest_start(&hc);
	op_multicall_run(NULL, NULL, &hc);
}
