/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/xsm_op.c. */
#include "policy.c"

/* Sizes by how many pages are asked for. */
static void size(void *head)
{
	struct xen_flask_op *op = head;
	uint32_t least = turn ? (4096u << (turn - 1)) + 1 : 0, most = turn > 10 ? UINT32_MAX : 4096u << turn;

	if (op->u.load.size < least)
		op->u.load.size = least;
	if (op->u.load.size > most)
		op->u.load.size = most;
}

void eva_main(void)
{
	call_in_turn(call_xsm_load, size, 11);
	call_in_turn(call_xsm_load, size, 11);		/* now that one may be under way */
	call_xsm_getenforce();
	call_xsm_setenforce();
}
