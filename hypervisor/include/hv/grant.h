/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables, version 1: shared frames, active entries, map tracking.
 * Locking: domain.lock of granter and mapper, lower id first. Trust: shared frames are written by the guest at any time.
 */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <hv/types.h>
#include <xen/grant_table.h>
#include <hv/domain.h>

int __must_check grant_domain_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack);
int __must_check grant_domain_teardown(struct domain *d);	/* drops its mappings of others' pages; -XEN_ERESTART until done */
void grant_domain_free(struct domain *d);	/* with the struct, not before: whoever still maps a grant of d keeps d and looks here when letting go */

/* One element; fills op->status. The decoder has opened the granter with map_read, and with map_write unless the mapping is read-only. */
void grant_map(struct domain *mapper, struct domain *granter, struct gnttab_map_grant_ref *op);
/*
 * Batched: unmap every element first, then one flush, then release. The granter is found in the map tracking entry and opened through az. How many
 * elements were done: fewer than n when a denial's record leaves no room for the next one's.
 */
#define GRANT_BATCH 32u
unsigned int __must_check grant_unmap(struct authz *az, struct domain *mapper, struct gnttab_unmap_grant_ref *ops, unsigned int n);
int __must_check grant_setup_table(struct domain *d, uint32_t nr_frames);
uint32_t grant_nr_frames(struct domain *d);
uint32_t grant_max_frames(struct domain *d);
/* Shared frame idx with a reference of the caller's (frame_put it, or hand it to p2m_set); grows the table if grow; MFN_INVALID if there is none.
 * Takes domain.lock. */
mfn_t grant_frame_get(struct domain *d, uint32_t idx, bool grow);
_Atomic gfn_t *grant_frame_place(struct domain *d, uint32_t idx);	/* of a frame that there is: the gfn it was put at last */
/* GNTTABOP_copy, one element; asks the gate about the pair: source and dest are the domains named (granter of a ref, or the caller for gfns). */
int16_t grant_copy(struct authz *az, struct domain *caller, struct domain *src, struct domain *dst, const struct gnttab_copy *op);

#endif
