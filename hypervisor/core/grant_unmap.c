/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undoing grant mappings, on request and at the mapper's end: take the entries out of the address space, flush once, then let go of the pages.
 * Locking: the mapper's domain.lock to take, both to let go; nothing across the flush, when entries are BUSY. Trust: handles and addresses are
 * the mapper's. At a domain's end its granters are reached raw, because letting go needs nobody's leave.
 */
#include "grant_private.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/gate.h>
#include <hv/internal.h>
#include <hv/p2m.h>

/* While a mapping is BUSY its link, which nobody else may drop, keeps the granter. */
struct unmapping {
	struct domain *granter;		/* NULL: this one failed, or was revoked before */
	struct grant_map *map;
	bool revoked;			/* nobody's but the mapper's own any more */
	grant_handle_t handle;
	mfn_t taken;			/* the address space's reference; MFN_INVALID if the guest had put something else there */
	mfn_t pinned;			/* the grant's; MFN_INVALID while others use it */
	struct domain_link link;	/* what the mapping had */
};

/* The mapper is locked, the mapping BUSY by our doing. */
static void unmapping_take(struct domain *mapper, struct unmapping *u)
{
	const struct grant_map *m = u->map;

	enum p2m_type type = m->readonly ? P2M_GRANT_RO : P2M_GRANT;

	if (u->revoked)
		type = P2M_SHARED;
	if (m->mfn == MFN_INVALID || p2m_take(mapper, m->gfn, m->mfn, type, &u->taken))
		u->taken = MFN_INVALID;
}

/* Both are locked. */
static void unmapping_release(struct domain *mapper, struct unmapping *u)
{
	u->link = u->map->granter;
	u->pinned = grant_unpin(u->granter, u->map->ref, u->map->readonly);
	maptrack_release(mapper, u->map, u->handle);
}

/* Nothing is locked. The last use of the granter's page and of the granter may be among these. */
static void unmapping_put(struct unmapping *u)
{
	if (u->taken != MFN_INVALID)
		frame_put(u->taken);
	if (u->pinned != MFN_INVALID)
		frame_put(u->pinned);
	domain_link_drop(&u->link);
}

/* After the flush: no CPU reaches the pages through these mappings any more. Neighbours mostly have one granter. */
static void unmappings_finish(struct domain *mapper, struct unmapping *u, unsigned int n)
{
	struct domain *locked = NULL;

	for (unsigned int i = 0; i < n; i++) {
		if (!u[i].granter)
			continue;
		if (locked && locked != u[i].granter)
			domain_unlock_pair(mapper, locked);
		if (locked != u[i].granter)
			domain_lock_pair(mapper, u[i].granter);
		locked = u[i].granter;
		unmapping_release(mapper, &u[i]);
	}
	if (locked)
		domain_unlock_pair(mapper, locked);
	for (unsigned int i = 0; i < n; i++)
		if (u[i].granter)
			unmapping_put(&u[i]);
}

/* A revoked one: the scratch page goes, nobody has to be asked. */
static void unmapping_finish_revoked(struct domain *mapper, const struct unmapping *u)
{
	spin_lock(&mapper->lock);
	maptrack_release(mapper, u->map, u->handle);
	spin_unlock(&mapper->lock);
	if (u->taken != MFN_INVALID)
		frame_put(u->taken);
}

/* The mapper is locked. From here on the mapping is ours alone. */
static int16_t unmapping_claim(struct domain *mapper, const struct gnttab_unmap_grant_ref *op, struct unmapping *u)
{
	struct grant_map *m = maptrack_lookup(mapper->grant, op->handle);

	*u = (struct unmapping){ .handle = op->handle, .taken = MFN_INVALID };
	if (!m || (m->state != MAP_LIVE && m->state != MAP_REVOKED))
		return GNTST_bad_handle;
	if (op->host_addr != m->gfn << PAGE_SHIFT)
		return GNTST_bad_virt_addr;
	u->revoked = m->state == MAP_REVOKED;
	m->state = MAP_BUSY;
	u->map = m;
	return GNTST_okay;
}

/* Nothing is locked: a denial may take its time to be written down. */
static int16_t unmapping_open(struct authz *az, struct unmapping *u)
{
	if (u->revoked)
		return GNTST_okay;
	authz_note(az, "gref", u->map->ref);
	if (gate_open_link(az, &u->map->granter, PERM_grant__unmap, &u->granter)) {
		u->granter = NULL;
		return GNTST_permission_denied;
	}
	gate_release(az, u->granter);
	return GNTST_okay;
}

/* Nothing is locked. How many have their answer. */
static unsigned int unmappings_open(struct authz *az, struct unmapping *u, struct gnttab_unmap_grant_ref *ops, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (u[i].map)
			ops[i].status = unmapping_open(az, &u[i]);
		if (ops[i].status == GNTST_permission_denied && cpu_should_yield())
			return i + 1;
	}
	return n;
}

/* The mapper is locked. Takes what was opened, puts back what was refused or not asked for yet; true if something was taken. */
static bool unmappings_take(struct domain *mapper, struct unmapping *u, unsigned int n, unsigned int done)
{
	bool taken = false;

	for (unsigned int i = 0; i < n; i++) {
		if (u[i].granter || (i < done && u[i].revoked))
			unmapping_take(mapper, &u[i]);
		else if (u[i].map)
			u[i].map->state = u[i].revoked ? MAP_REVOKED : MAP_LIVE;
		taken |= u[i].taken != MFN_INVALID;
	}
	return taken;
}

unsigned int grant_unmap(struct authz *az, struct domain *mapper, struct gnttab_unmap_grant_ref *ops, unsigned int n)
{
	struct unmapping u[GRANT_BATCH];
	unsigned int done;
	bool flush;

	BUG_ON(n > GRANT_BATCH);
	spin_lock(&mapper->lock);
	for (unsigned int i = 0; i < n; i++)
		ops[i].status = unmapping_claim(mapper, &ops[i], &u[i]);
	spin_unlock(&mapper->lock);
	done = unmappings_open(az, u, ops, n);
	spin_lock(&mapper->lock);
	flush = unmappings_take(mapper, u, n, done);
	spin_unlock(&mapper->lock);
	if (flush)
		edge_guest_flush_wait(mapper);
	unmappings_finish(mapper, u, n);
	for (unsigned int i = 0; i < n; i++) {
		if (i < done && u[i].revoked)
			unmapping_finish_revoked(mapper, &u[i]);
		else if (u[i].map && !u[i].granter)
			grant_recheck(mapper, u[i].handle);
	}
	return done;
}

/* One mapping of a dying domain. -XEN_ERESTART: a hypercall of its own is still at it. */
static int mapping_drop(struct domain *d, grant_handle_t handle)
{
	struct unmapping u = { .handle = handle, .taken = MFN_INVALID };
	int rc = 0;

	spin_lock(&d->lock);
	u.map = maptrack_lookup(d->grant, handle);
	if (u.map->state == MAP_BUSY) {
		rc = -XEN_ERESTART;
	} else if (u.map->state == MAP_LIVE) {
		u.map->state = MAP_BUSY;
		u.granter = domain_link_raw(&u.map->granter);
		unmapping_take(d, &u);
	}
	spin_unlock(&d->lock);
	if (!u.granter)
		return rc;	/* nothing to do, or not now */
	edge_guest_flush_wait(d);
	unmappings_finish(d, &u, 1);
	return 0;
}

/* The shared frames go here and not with the struct: each keeps its owner alive. What others still have pinned stays in `active`. */
static void frames_drop(struct domain *d)
{
	struct grant_state *s = d->grant;

	for (uint32_t i = 0; i < s->nr_frames; i++) {
		struct grant_entry_v1 *shared;

		spin_lock(&d->lock);
		shared = s->frame[i].shared;
		s->frame[i].shared = NULL;
		spin_unlock(&d->lock);
		if (shared)
			frame_put(heap_va_to_mfn(shared));
	}
}

int grant_domain_teardown(struct domain *d)
{
	struct grant_state *s = d->grant;

	if (!s)
		return 0;
	while (s->next_drop < s->nr_maps) {
		int rc = mapping_drop(d, s->next_drop);

		if (rc)
			return rc;
		s->next_drop++;
		if (cpu_should_yield())
			return -XEN_ERESTART;
	}
	frames_drop(d);
	return 0;
}
