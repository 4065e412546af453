/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/grant_table.c: any registers, any elements, any answers. */
#include "guest.c"
#include <handlers.h>
#include <hv/grant.h>

void grant_map(struct domain *mapper, struct domain *granter, struct gnttab_map_grant_ref *op)
{
	volatile uint64_t used = op->host_addr + op->ref + op->flags + granter->id + mapper->id;

	op->status = (int16_t)any_u32;
	op->handle = any_u32;
}

unsigned int grant_unmap(struct authz *az, struct domain *mapper, struct gnttab_unmap_grant_ref *ops, unsigned int n)
{
	unsigned int done = n ? any_u32 % n + 1 : 0;

	for (unsigned int i = 0; i < done; i++)
		ops[i].status = (int16_t)any_u32;
	return done;
}

int grant_setup_table(struct domain *d, uint32_t nr_frames) { return guest_status(); }
uint32_t grant_nr_frames(struct domain *d) { return any_u32; }
uint32_t grant_max_frames(struct domain *d) { return any_u32; }
int16_t grant_copy(struct authz *az, struct domain *caller, struct domain *src, struct domain *dst, const struct gnttab_copy *op)
{
	volatile uint64_t used = src->id + dst->id + caller->id + op->len;

	return (int16_t)any_u32;
}

void eva_main(void)
{
	uint64_t head[OP_HEAD_MAX / 8];
	struct hypercall hc;

	guest_start(&hc);
	guest_fill(head, sizeof(head));
	op_grant_table_map_grant_ref(NULL, NULL, &hc);
	guest_start(&hc);
	op_grant_table_unmap_grant_ref(NULL, NULL, &hc);
	guest_start(&hc);
	op_grant_table_copy(NULL, NULL, &hc);
	guest_start(&hc);
	op_grant_table_setup_table(NULL, head, &hc);
	op_grant_table_query_size(NULL, head, &hc);
	op_grant_table_set_version(NULL, head, &hc);
	op_grant_table_get_version(NULL, head, &hc);
}
