/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for hypervisor/hypercall/dispatch.c: any registers, and a table of any rows that table.c lets through: a head of two bytes or
 * of any multiple of four; a domain's number within it; no more of it asked for than all operations of a hypercall share. That the row found is the right one is WP's part, on table.c.
 */
#include "handlers.c"

static struct op_row row;
static struct op_hypercall hypercall;

static int64_t handler(struct authz *az, void *arg, struct hypercall *hc)
{
	if (row.arg_size)
		guest_look(arg, row.arg_size);
	guest_fill(hc->arg, sizeof(hc->arg));
	return (int64_t)any_u64;
}

bool audit_must_wait(struct vcpu *v) { look(v->id); return any_bool; }
const struct op_hypercall *op_hypercall_find(uint64_t number) { look(number); return any_bool ? &hypercall : NULL; }
const struct op_row *op_find(const struct op_hypercall *h, uint32_t sub, const void *head)
{
	look(sub);
	if (h->sub == SUB_HEAD)
		guest_look(head, h->head_size);
	return any_bool ? &row : NULL;
}

static void any_row(uint32_t size)
{
	uint32_t least = sizeof(domid_t);

	guest_fill(&row, sizeof(row));
	row.arg_size = (uint16_t)size;
	row.handler = handler;
	row.target = size < least ? TARGET_XEN : any_below(TARGET_DATA + 1);
	row.domid_offset = size < least ? 0 : (uint16_t)any_below(size - least + 1);
	row.operation.denied = (int)any_below(4096);
	guest_fill(&hypercall, sizeof(hypercall));
	hypercall.head_size = (uint16_t)(size < 8 ? 8 : size);
	hypercall.arg_reg = (uint16_t)any_below(6);
}

static void any_call(void)
{
	struct hypercall hc;

	guest_fill(&options, sizeof(options));
	any_row(turn == 65 ? sizeof(domid_t) : 4 * turn);
	hypercall.sub = SUB_NONE + any_below(SUB_BUFFER);
	guest_start(&hc);
	hc.nr = any_u64;
	hypercall_dispatch(&guest_vcpus[0], &hc);
	look((uint64_t)hc.result + hc.restart);
}

void eva_main(void)
{
	call_in_turn(any_call, NULL, 65);
}
