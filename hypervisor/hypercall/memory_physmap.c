/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op: what appears where in a domain's physical address space: shared_info, grant frames,
 * its own pages moved, another domain's pages, resources.
 * Locking: none held; p2m's inside.
 * Trust: gfns and indexes are the guest's; another domain comes from the gate, once for a batch.
 */
#include "handlers.h"
#include "memory_op.h"

#include <hv/cpu.h>
#include <hv/foreign.h>
#include <hv/grant.h>
#include <hv/guestmem.h>
#include <hv/mm.h>

#define RESOURCE_FRAMES_MAX 64u

/*
 * A page of ours is at one place of its domain at a time, as on Xen: *place, where it was put last.
 * Two calls at once for one page may leave it nowhere, never at two places: each mapping is there
 * before its place is, so that the next call finds it.
 */
static int physmap_set_shared(struct domain *d, gfn_t gfn, mfn_t mfn, _Atomic gfn_t *place)
{
	int rc = p2m_set(d, gfn, mfn, P2M_SHARED, 0);
	gfn_t old;

	if (rc) {
		frame_put(mfn);
		return rc;
	}
	old = atomic_exchange(place, gfn);
	if (old != gfn)
		rc = p2m_clear(d, old, mfn, P2M_SHARED);
	return rc == -XEN_ENOENT ? 0 : rc;	/* it had gone from there before */
}

static int physmap_add_shared_info(struct domain *d, uint64_t idx, gfn_t gfn)
{
	mfn_t mfn = MFN_INVALID;

	if (idx != 0)
		return -XEN_EINVAL;
	/* Another domain may be destroyed meanwhile, and its page with it. */
	spin_lock(&d->lock);
	if (d->shared_info && frame_get(heap_va_to_mfn(d->shared_info)))
		mfn = heap_va_to_mfn(d->shared_info);
	spin_unlock(&d->lock);
	return mfn == MFN_INVALID ? -XEN_EINVAL : physmap_set_shared(d, gfn, mfn, &d->shared_info_gfn);
}

static int physmap_add_grant(struct domain *d, uint64_t idx, gfn_t gfn)
{
	mfn_t mfn;

	if (idx & XENMAPIDX_grant_table_status || idx > UINT32_MAX)
		return -XEN_EINVAL;
	mfn = grant_frame_get(d, (uint32_t)idx, true);
	return mfn == MFN_INVALID ? -XEN_EINVAL : physmap_set_shared(d, gfn, mfn, grant_frame_place(d, (uint32_t)idx));
}

/*
 * The page leaves its old place; if the new one cannot take it, it goes back, or is the domain's
 * loss.
 */
static int physmap_move(struct domain *d, uint64_t from, gfn_t to)
{
	mfn_t mfn;
	int rc;

	if (from == to)
		return p2m_lookup(d, to).type == P2M_RAM ? 0 : -XEN_EINVAL;
	rc = p2m_take(d, from, MFN_INVALID, P2M_RAM, &mfn);
	if (rc)
		return -XEN_EINVAL;
	edge_guest_flush_wait(d);
	rc = p2m_set(d, to, mfn, P2M_RAM, 0);
	if (rc && p2m_set(d, from, mfn, P2M_RAM, 0) != 0)
		frame_put(mfn);
	return rc;
}

/* foreign: the domain that the gate has granted, for that space only. */
static int physmap_add(struct domain *d, unsigned int space, uint64_t idx, gfn_t gfn,
		       struct domain *foreign)
{
	if (gfn >= P2M_GFN_LIMIT)
		return -XEN_EINVAL;
	switch (space) {
	case XENMAPSPACE_shared_info:
		return physmap_add_shared_info(d, idx, gfn);
	case XENMAPSPACE_grant_table:
		return physmap_add_grant(d, idx, gfn);
	case XENMAPSPACE_gmfn:
		return physmap_move(d, idx, gfn);
	case XENMAPSPACE_gmfn_foreign:
		return foreign ? foreign_map(d, gfn, foreign, idx) : -XEN_ENOSYS;
	default:
		return -XEN_EINVAL;
	}
}

int64_t op_memory_add_to_physmap(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_add_to_physmap *op = arg;

	return physmap_add(authz_target(az), op->space, op->idx, op->gpfn, NULL);
}

struct batch {
	struct guest_array idxs, gpfns, errs;
};

static int batch_init(struct batch *b, const struct xen_add_to_physmap_batch *op, uint64_t start,
		      struct vcpu *v)
{
	int rc;

	if (start > op->size)
		return -XEN_EINVAL;
	rc = guest_array_init(&b->idxs, v, HANDLE_VA(op->idxs), op->size, sizeof(xen_ulong_t));
	if (rc == 0)
		rc = guest_array_init(&b->gpfns, v, HANDLE_VA(op->gpfns), op->size,
				      sizeof(xen_pfn_t));
	if (rc == 0)
		rc = guest_array_init(&b->errs, v, HANDLE_VA(op->errs), op->size, sizeof(int));
	b->idxs.pos = b->gpfns.pos = start;
	return rc;
}

/* Maps element by element; each has its own status. */
static int64_t batch_run(struct batch *b, struct domain *d, unsigned int space,
			 struct domain *foreign, struct hypercall *hc)
{
	while (b->idxs.pos < b->idxs.count) {
		uint64_t at = b->idxs.pos;
		xen_ulong_t idx;
		xen_pfn_t gfn;
		int rc = guest_array_fetch(&b->idxs, &idx);

		if (rc == 0)
			rc = guest_array_fetch(&b->gpfns, &gfn);
		if (rc)
			return rc;
		rc = physmap_add(d, space, idx, gfn, foreign);
		rc = guest_array_store(&b->errs, at, &rc);
		if (rc)
			return rc;
		if (at + 1 < b->idxs.count && cpu_should_yield())
			return memory_continue(hc, at + 1);
	}
	return 0;
}

/* Who calls must be allowed to map it, and so must whose address space it goes to. */
static int foreign_open(struct authz *az, domid_t id, struct domain **foreign)
{
	struct domain *mapper = authz_target(az);
	int rc = gate_open_domain_both(az, id, PERM_mmu__map_read, PERM_mmu__map_write, foreign);

	if (rc)
		return rc;
	if (*foreign == mapper)
		return -XEN_EINVAL;
	if (mapper == authz_self(az))
		return 0;
	return gate_check_pair_both(az, mapper, *foreign, PERM_mmu__map_read, PERM_mmu__map_write);
}

/* How dom0 maps the memory of the guests it builds: thousands of calls of one element each. */
int64_t op_memory_add_to_physmap_batch(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_add_to_physmap_batch *op = arg;
	struct domain *foreign = NULL;
	struct batch b;
	int rc = batch_init(&b, op, memory_progress(hc), authz_vcpu(az));

	if (rc)
		return rc;
	if (op->space == XENMAPSPACE_gmfn_foreign) {
		authz_note(az, "frames", op->size);
		rc = foreign_open(az, op->u.foreign_domid, &foreign);
		if (rc)
			return rc;
	} else if (op->u.res0) {
		return -XEN_EOPNOTSUPP;
	}
	return batch_run(&b, authz_target(az), op->space, foreign, hc);
}

/*
 * What was mapped from elsewhere or shown by us goes; own RAM goes back to the free pool. Grants
 * have their own unmapping.
 */
int64_t op_memory_remove_from_physmap(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_remove_from_physmap *op = arg;
	struct domain *d = authz_target(az);
	struct p2m_entry e = p2m_lookup(d, op->gpfn);

	switch (e.type) {
	case P2M_FOREIGN:
		return p2m_clear_foreign(d, op->gpfn, e.mfn);
	case P2M_RAM:
	case P2M_SHARED:
		return p2m_clear(d, op->gpfn, e.mfn, e.type);
	case P2M_INVALID:
		return -XEN_ENOENT;
	case P2M_GRANT:
	case P2M_GRANT_RO:
	case P2M_MMIO:
		break;
	}
	return -XEN_EINVAL;
}

static int resource_map_grant(struct domain *mapper, struct domain *d, uint64_t frame, gfn_t gfn)
{
	mfn_t mfn;

	if (frame > UINT32_MAX || gfn >= P2M_GFN_LIMIT)
		return -XEN_EINVAL;
	mfn = grant_frame_get(d, (uint32_t)frame, true);
	if (mfn == MFN_INVALID)
		return -XEN_EINVAL;
	return foreign_map_shared(mapper, gfn, mfn);
}

/*
 * frame_list names the caller's gfns to fill. A failure in the middle is -XEN_EIO: the caller
 * unmaps what it finds.
 */
static int64_t resource_map(struct authz *az, const struct xen_mem_acquire_resource *op)
{
	struct guest_array list;
	int rc = guest_array_init(&list, authz_vcpu(az), HANDLE_VA(op->frame_list), op->nr_frames,
				  sizeof(xen_pfn_t));

	while (rc == 0 && list.pos < list.count) {
		uint64_t at = list.pos;
		xen_pfn_t gfn;

		rc = guest_array_fetch(&list, &gfn);
		if (rc == 0)
			rc = resource_map_grant(authz_self(az), authz_target(az), op->frame + at,
						gfn);
		if (rc && at > 0)
			rc = -XEN_EIO;
	}
	return rc;
}

int64_t op_memory_acquire_resource(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_mem_acquire_resource *op = arg;

	if (op->pad)
		return -XEN_EINVAL;
	if (authz_target(az) == authz_self(az))	/* its own frames it has by add_to_physmap, each once */
		return -XEN_EPERM;
	if (op->type != XENMEM_resource_grant_table)
		return -XEN_EOPNOTSUPP;
	if (op->id != XENMEM_resource_grant_table_id_shared)
		return -XEN_EINVAL;
	if (HANDLE_VA(op->frame_list) == 0) {
		if (op->nr_frames)
			return -XEN_EINVAL;
		op->nr_frames = grant_max_frames(authz_target(az));
		return 0;
	}
	if (op->nr_frames == 0 || op->frame + op->nr_frames < op->frame ||
	    op->frame + op->nr_frames > grant_max_frames(authz_target(az)))
		return -XEN_EINVAL;
	if (op->nr_frames > RESOURCE_FRAMES_MAX)
		return -XEN_E2BIG;
	return resource_map(az, op);
}
