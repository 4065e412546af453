/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/shype_op.c. */
#include "policy.c"

/* One size by itself, then any. */
static void size(void *head)
{
	struct ravelin_op *op = head;

	heap_is_wide = turn > 1;
	if (turn == 0)
		op->u.shype_load.size = 1;
	if (turn == 1)
		op->u.shype_load.size = 256u << 10;
}

void eva_main(void)
{
	call_in_turn(call_ravelin_shype_load, size, 2);
	call_in_turn(call_ravelin_shype_load, size, 2);		/* now that one may be under way */
	call_ravelin_shype_state();
	call_ravelin_shype_ask();
	call_ravelin_shype_attach();
}
