/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op: pages given to a domain and taken back.
 * Locking: none held; the allocator's and p2m's inside.
 * Trust: extents are fetched once each; counts and orders are bounded; a call ends early, with the
 * number done, at the first extent that fails, as the interface has it.
 */
#include "handlers.h"
#include "memory_op.h"

#include <hv/cpu.h>
#include <hv/guestmem.h>
#include <hv/mm.h>

#define ORDER_MAX	9u	/* 2 MiB at a time: what is cleared in one go; toolstacks ask for less after a refusal */
#define EXTENTS_MAX	((uint64_t)1 << 48)	/* as Xen: progress must fit above the command */
#define TAKE_BATCH	64u

/* The largest step that p2m can enter at once: alignment and size permitting. */
static unsigned int step_order(gfn_t gfn, mfn_t mfn, uint64_t left)
{
	return !((gfn | mfn) & ((1u << ORDER_MAX) - 1)) && left >= 1u << ORDER_MAX ? ORDER_MAX : 0;
}

/* All or nothing. The pages carry the "allocated" reference each, which p2m takes over. */
static int extent_populate(struct domain *d, gfn_t gfn, unsigned int order)
{
	uint64_t pages = (uint64_t)1 << order, done = 0;
	mfn_t first;
	int rc;

	if (gfn >= P2M_GFN_LIMIT || P2M_GFN_LIMIT - gfn < pages)
		return -XEN_EINVAL;
	rc = guest_frames_alloc(d, order, &first);
	while (rc == 0 && done < pages) {
		unsigned int step = step_order(gfn + done, first + done, pages - done);

		rc = p2m_set(d, gfn + done, first + done, P2M_RAM, step);
		if (rc == 0)
			done += (uint64_t)1 << step;
		else
			for (uint64_t i = done; i < pages; i++)
				frame_put(first + i);
	}
	for (uint64_t i = 0; rc && i < done; i++)
		if (p2m_clear(d, gfn + i, first + i, P2M_RAM) != 0)
			continue;	/* its owner has taken it out already */
	return rc;
}

static int reservation_check(const struct xen_memory_reservation *r, uint64_t start, struct guest_array *a,
			     struct vcpu *v)
{
	int rc;

	if (r->extent_order > ORDER_MAX || r->nr_extents >= EXTENTS_MAX || start > r->nr_extents)
		return -XEN_EINVAL;
	rc = guest_array_init(a, v, HANDLE_VA(r->extent_start), r->nr_extents, sizeof(xen_pfn_t));
	a->pos = start;
	return rc;
}

int64_t op_memory_populate_physmap(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_memory_reservation *r = arg;
	struct domain *d = authz_target(az);
	struct guest_array gfns;
	xen_pfn_t gfn;
	int rc = reservation_check(r, memory_progress(hc), &gfns, authz_vcpu(az));

	/* Nothing was done: a bad request is "no extent", as Xen answers. */
	if (rc || (r->mem_flags & XENMEMF_populate_on_demand))
		return (int64_t)memory_progress(hc);
	while (gfns.pos < gfns.count) {
		uint64_t at = gfns.pos;

		if (guest_array_fetch(&gfns, &gfn) != 0 ||
		    extent_populate(d, gfn, r->extent_order) != 0)
			return (int64_t)at;
		if (gfns.pos < gfns.count && cpu_should_yield())
			return memory_continue(hc, gfns.pos);
	}
	return (int64_t)gfns.pos;
}

/* One flush for up to TAKE_BATCH pages. Stops at what is not the domain's own RAM. */
static int batch_release(struct domain *d, gfn_t gfn, uint64_t pages)
{
	mfn_t taken[TAKE_BATCH];
	unsigned int n = 0;
	int rc = 0;

	/*@ loop unroll 64; */
	while (n < pages && rc == 0) {
		rc = p2m_take(d, gfn + n, MFN_INVALID, P2M_RAM, &taken[n]);
		if (rc == 0)
			n++;
	}
	if (n)
		edge_guest_flush_wait(d);
	/*@ loop unroll 64; */
	while (n)
		frame_put(taken[--n]);
	return rc;
}

static int extent_release(struct domain *d, gfn_t gfn, unsigned int order)
{
	uint64_t pages = (uint64_t)1 << order;
	int rc = 0;

	if (gfn >= P2M_GFN_LIMIT || P2M_GFN_LIMIT - gfn < pages)
		return -XEN_EINVAL;
	for (uint64_t i = 0; i < pages && rc == 0; i += TAKE_BATCH)
		rc = batch_release(d, gfn + i, pages < TAKE_BATCH ? pages : TAKE_BATCH);
	return rc;
}

int64_t op_memory_decrease_reservation(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_memory_reservation *r = arg;
	struct domain *d = authz_target(az);
	struct guest_array gfns;
	xen_pfn_t gfn;
	int rc = reservation_check(r, memory_progress(hc), &gfns, authz_vcpu(az));

	if (rc)
		return (int64_t)memory_progress(hc);
	while (gfns.pos < gfns.count) {
		uint64_t at = gfns.pos;

		if (guest_array_fetch(&gfns, &gfn) != 0 ||
		    extent_release(d, gfn, r->extent_order) != 0)
			return (int64_t)at;
		if (gfns.pos < gfns.count && cpu_should_yield())
			return memory_continue(hc, gfns.pos);
	}
	return (int64_t)gfns.pos;
}

int64_t op_memory_claim_pages(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_memory_reservation *r = arg;

	if (r->extent_order != 0 || HANDLE_VA(r->extent_start) != 0 || r->mem_flags != 0)
		return -XEN_EINVAL;
	return guest_claim_set(authz_target(az), r->nr_extents);
}
