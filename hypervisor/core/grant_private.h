/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the grant table files share: a domain's shared frames with what is in use of them, and the list of what it has mapped itself.
 * Locking: domain.lock of the domain whose table it is. Trust: shared frames are written by the guest at any time; all else here is ours.
 */
#ifndef CORE_GRANT_PRIVATE_H
#define CORE_GRANT_PRIVATE_H

#include <hv/domain.h>
#include <hv/grant.h>
#include <hv/mm.h>

#define GRANTS_PER_FRAME	((uint32_t)(PAGE_SIZE / sizeof(struct grant_entry_v1)))
#define GRANT_FRAMES_MAX	1024u
#define MAPTRACK_FRAMES_MAX	4096u
#define MAPS_PER_XEN_FRAME	256u	/* what one "maptrack frame" of createdomain means on Xen */
#define MAPS_PER_CHUNK		128u
#define NO_HANDLE		UINT32_MAX

/* A grant in use. The page stays referenced as long as there are pins, whatever the granter does to its table or address space. */
struct grant_active {
	mfn_t mfn;
	uint16_t readers, writers;
	domid_t domid;			/* who was allowed when the first pin came */
};

struct grant_frame {
	struct grant_entry_v1 *shared;	/* NULL once the domain has been torn down */
	struct grant_active *active;
	_Atomic gfn_t gfn;		/* where it was put last */
};

enum grant_map_state {
	MAP_FREE = 0,
	MAP_BUSY,	/* being made or undone; only who made it so may touch it */
	MAP_LIVE,
	MAP_REVOKED,	/* the policy took the page away; mfn is the scratch page in its place, or MFN_INVALID; only unmap is left */
};

struct grant_map {
	struct domain_link granter;
	gfn_t gfn;			/* in the mapper */
	mfn_t mfn;
	union {
		grant_ref_t ref;
		uint32_t next_free;
	};
	uint8_t state;			/* enum grant_map_state */
	bool readonly;
};

struct grant_state {
	uint32_t max_frames, nr_frames;
	uint32_t max_maps, nr_maps;	/* handles 0 .. nr_maps - 1 exist */
	uint32_t free_map;		/* head of the free list, NO_HANDLE when empty */
	uint32_t next_drop;		/* where teardown goes on; one caller at a time */
	struct grant_frame *frame;
	struct grant_map **chunk;
};

/* grant_entry.c */
/* Marks the grant in use by domid; on GNTST_okay *mfn is the page, good until unpin. */
int16_t grant_pin(struct domain *granter, grant_ref_t ref, domid_t domid, bool readonly, mfn_t *mfn);
/* The reference to drop after unlocking, or MFN_INVALID while others use the grant. */
mfn_t grant_unpin(struct domain *granter, grant_ref_t ref, bool readonly);
/* NULL: no such reference. */
struct grant_active *grant_active(const struct grant_state *s, grant_ref_t ref, struct grant_entry_v1 **shared);

/* grant_maptrack.c */
struct grant_map *maptrack_lookup(const struct grant_state *s, grant_handle_t handle);	/* NULL: no such handle; any state */
/* A BUSY entry, or NULL when the domain's limit or memory is at its end. */
struct grant_map *maptrack_alloc(struct domain *d, grant_handle_t *handle);
void maptrack_release(struct domain *d, struct grant_map *m, grant_handle_t handle);

/* grant_revoke.c: for a mapping whose undoing was refused while a sweep may have passed it by. Nothing is locked. */
void grant_recheck(struct domain *mapper, grant_handle_t handle);

#endif
