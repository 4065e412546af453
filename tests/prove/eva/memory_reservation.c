/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/memory_reservation.c: any registers, heads and extents. */
#include "guest.c"
#include <handlers.h>
#include <hv/mm.h>

void frame_put(mfn_t mfn) { volatile mfn_t used = mfn; }
int guest_claim_set(struct domain *d, uint64_t pages) { volatile uint64_t used = pages; return guest_status(); }
int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order) { volatile uint64_t used = gfn + mfn; return guest_status(); }
int p2m_clear(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type) { volatile uint64_t used = gfn + mfn; return guest_status(); }
void edge_guest_flush_wait(struct domain *d) { }

int guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *mfn)
{
	if (any_bool)
		return -XEN_ENOMEM;
	*mfn = any_u64;
	return 0;
}

int p2m_take(struct domain *d, gfn_t gfn, mfn_t want, enum p2m_type type, mfn_t *mfn)
{
	if (any_bool)
		return -XEN_EINVAL;
	*mfn = any_u64;
	return 0;
}

static void call(op_handler handler)
{
	uint64_t head[OP_HEAD_MAX / 8];
	struct hypercall hc;

	guest_start(&hc);
	guest_fill(head, sizeof(head));
	handler(NULL, head, &hc);
}

void eva_main(void)
{
	call(op_memory_populate_physmap);
	call(op_memory_decrease_reservation);
	call(op_memory_claim_pages);
}
