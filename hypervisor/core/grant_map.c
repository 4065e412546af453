/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping a granted page into the mapper's address space.
 * Locking: domain.lock of both, lower id first. Trust: address, flags and reference are the mapper's, the entry the granter's; both are hostile.
 */
#include "grant_private.h"

#include <hv/gate.h>
#include <hv/p2m.h>

#define MAP_FLAGS_KNOWN (GNTMAP_device_map | GNTMAP_host_map | GNTMAP_readonly | GNTMAP_application_map | \
			 GNTMAP_contains_pte | GNTMAP_guest_avail_mask)

/* A domain with nested paging maps at a guest-physical address, for its CPUs; the other kinds are for ring-deprivileged guests and IOMMUs. */
static int16_t map_check(const struct gnttab_map_grant_ref *op)
{
	if (op->flags & ~(uint32_t)MAP_FLAGS_KNOWN)
		return GNTST_general_error;
	if (!(op->flags & (GNTMAP_host_map | GNTMAP_device_map)))
		return GNTST_bad_gntref;
	if (op->flags & (GNTMAP_device_map | GNTMAP_application_map | GNTMAP_contains_pte))
		return GNTST_general_error;
	if (op->host_addr & (PAGE_SIZE - 1) || op->host_addr >> (PAGE_SHIFT + P2M_MAX_GFN_BITS))
		return GNTST_bad_virt_addr;
	return GNTST_okay;
}

/* Both are locked and the grant is pinned; the entry takes a page reference of its own. */
static int16_t map_enter(struct domain *mapper, gfn_t gfn, mfn_t mfn, bool readonly)
{
	int rc;

	if (!frame_get(mfn))
		return GNTST_general_error;
	rc = p2m_set(mapper, gfn, mfn, readonly ? P2M_GRANT_RO : P2M_GRANT, 0);
	if (rc == 0)
		return GNTST_okay;
	frame_put(mfn);
	return rc == -XEN_ENOMEM ? GNTST_no_space : GNTST_general_error;
}

/* Both are locked. On failure *drop may be a reference to put after unlocking. */
static int16_t map_locked(struct domain *mapper, struct domain *granter, struct gnttab_map_grant_ref *op, mfn_t *drop)
{
	bool readonly = op->flags & GNTMAP_readonly;
	gfn_t gfn = op->host_addr >> PAGE_SHIFT;
	grant_handle_t handle;
	struct grant_map *m;
	int16_t status;
	mfn_t mfn;

	if (domain_is_dying(mapper) || domain_is_dying(granter))
		return GNTST_general_error;
	m = maptrack_alloc(mapper, &handle);
	if (!m)
		return GNTST_no_device_space;
	status = grant_pin(granter, op->ref, mapper->id, readonly, &mfn);
	if (status == GNTST_okay) {
		status = map_enter(mapper, gfn, mfn, readonly);
		if (status != GNTST_okay)
			*drop = grant_unpin(granter, op->ref, readonly);
	}
	if (status != GNTST_okay) {
		maptrack_release(mapper, m, handle);
		return status;
	}
	*m = (struct grant_map){ .granter = domain_link_make(granter), .gfn = gfn, .mfn = mfn, .ref = op->ref,
				 .state = MAP_LIVE, .readonly = readonly };
	op->handle = handle;
	op->dev_bus_addr = 0;	/* machine addresses are nobody's business but a device's */
	return GNTST_okay;
}

/* The decoder has opened the granter with map_read, and map_write unless readonly. */
void grant_map(struct domain *mapper, struct domain *granter, struct gnttab_map_grant_ref *op)
{
	mfn_t drop = MFN_INVALID;

	op->status = map_check(op);
	if (op->status != GNTST_okay)
		return;
	domain_lock_pair(mapper, granter);
	op->status = map_locked(mapper, granter, op, &drop);
	domain_unlock_pair(mapper, granter);
	if (drop != MFN_INVALID)
		frame_put(drop);
}
