/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariants of invariants.h, part one: counts what each domain's tables, grants and pinned areas refer to, and compares with what frames and
 * domains say of themselves. Part two, the channels, is in invariants_events.c.
 * Locking: none, the machine rests. Trust: tests only.
 */
#include "invariants_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/cpu.h>
#include <hv/gate.h>
#include <hv/internal.h>

#include "../../hypervisor/core/grant_private.h"
#include "../../hypervisor/core/p2m_private.h"

static char wrong[400];
static struct tally tallies[MAX_TALLIES];
static unsigned int tallies_nr;
static uint32_t *frame_refs;		/* by mfn: references found */

bool invariant_fails(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(wrong, sizeof(wrong), fmt, args);
	va_end(args);
	return false;
}

struct tally *tally_of(const struct domain *d)
{
	for (unsigned int i = 0; i < tallies_nr; i++)
		if (tallies[i].d == d)
			return &tallies[i];
	return NULL;
}

struct tally *tally_of_link(const struct domain_link *l)
{
	return tally_of(domain_link_raw(l));
}

static bool tally_add(struct domain *d)
{
	if (tallies_nr == MAX_TALLIES)
		return invariant_fails("more domains than the checker can take");
	tallies[tallies_nr++] = (struct tally){ .d = d, .refs = d->life != DOMAIN_DEAD };
	return true;
}

/* Whoever is in the table, dead ones with pages left included. What waits to be freed is freed first. */
static bool domains_list(void)
{
	struct domain *d;
	domid_t next = 0;

	domain_reap();
	tallies_nr = 0;
	while ((d = domain_lookup_next_raw(next)) != NULL) {
		bool room = tally_add(d);

		next = (domid_t)(d->id + 1);
		domain_put(d);
		if (!room)
			return false;
	}
	return true;
}

bool frame_referred(mfn_t mfn, const struct domain *by, const char *what)
{
	if (mfn >= frame_table_end)
		return invariant_fails("d%u: %s is frame %lx, which there is none of", by->id, what, mfn);
	frame_refs[mfn]++;
	return true;
}

/* --- address spaces ------------------------------------------------------------------------------------------------------------------ */

/* Two of the guest's mappings may name one place: the last made stands there. */
static bool has_grant_map(const struct domain *d, gfn_t gfn, mfn_t mfn, bool readonly)
{
	for (uint32_t h = 0; d->grant && h < d->grant->nr_maps; h++) {
		const struct grant_map *m = maptrack_lookup(d->grant, h);

		if (m->state == MAP_LIVE && m->gfn == gfn && m->mfn == mfn && m->readonly == readonly)
			return true;
	}
	return false;
}

static bool foreign_leaf_holds(struct tally *t, gfn_t gfn, mfn_t mfn)
{
	bool shared;
	const struct domain_link *owner = frame_owner(mfn, &shared);

	t->foreign++;
	if (!owner || !tally_of_link(owner))
		return invariant_fails("d%u: gfn %lx is foreign, but nobody's", t->d->id, gfn);
	if (!gate_may_keep_foreign(t->d, owner, shared))
		return invariant_fails("d%u: gfn %lx is a page of d%u, which the policy denies", t->d->id, gfn, domain_link_id(owner));
	return true;
}

/* Where the domain's own page was put last; the page that stands for revoked ones may be anywhere. */
static bool shared_leaf_holds(const struct domain *d, gfn_t gfn, mfn_t mfn)
{
	const void *page = hosted_mfn_va(mfn);
	gfn_t place = GFN_INVALID;

	if (page == d->scratch)
		return true;
	if (page == d->shared_info)
		place = ((struct domain *)d)->shared_info_gfn;
	for (uint32_t i = 0; d->grant && i < d->grant->nr_frames; i++)
		if (page == d->grant->frame[i].shared)
			place = d->grant->frame[i].gfn;
	return gfn == place || invariant_fails("d%u: gfn %lx shows a page of ours whose place is %lx", d->id, gfn, place);
}

static bool leaf_holds(struct tally *t, gfn_t gfn, mfn_t mfn, enum p2m_type type)
{
	const struct frame *f = mfn_to_frame(mfn);

	switch (type) {
	case P2M_RAM:
		return (f->kind == FRAME_GUEST && domain_link_is(&f->owner, t->d)) ||
		       invariant_fails("d%u: gfn %lx is RAM, but frame %lx (kind %u) is not the domain's", t->d->id, gfn, mfn, f->kind);
	case P2M_SHARED:
		if (f->kind != FRAME_SHARED || !domain_link_is(&f->owner, t->d))
			return invariant_fails("d%u: gfn %lx: frame %lx (kind %u) is no shared page of the domain's", t->d->id, gfn, mfn, f->kind);
		return shared_leaf_holds(t->d, gfn, mfn);
	case P2M_FOREIGN:
		return foreign_leaf_holds(t, gfn, mfn);
	case P2M_GRANT:
	case P2M_GRANT_RO:
		return (f->kind == FRAME_GUEST && has_grant_map(t->d, gfn, mfn, type == P2M_GRANT_RO)) ||
		       invariant_fails("d%u: gfn %lx maps frame %lx without a grant in use", t->d->id, gfn, mfn);
	case P2M_MMIO:
	case P2M_INVALID:
		break;
	}
	return invariant_fails("d%u: gfn %lx has an entry of type %u", t->d->id, gfn, type);
}

static bool table_holds(struct tally *t, uint64_t *table, unsigned int level, gfn_t base)
{
	t->tables++;
	for (unsigned int i = 0; i < P2M_ENTRIES; i++) {
		struct p2m_entry e = p2m_entry_read(&table[i], level);
		gfn_t gfn = base + i * p2m_span(level);

		if (p2m_entry_is_link(e) && !table_holds(t, p2m_entry_table(e), level - 1, gfn))
			return false;
		for (uint64_t n = 0; e.leaf && n < p2m_span(level); n++)
			if (!frame_referred(e.mfn + n, t->d, "mapped") || !leaf_holds(t, gfn + n, e.mfn + n, e.type))
				return false;
	}
	return true;
}

static bool p2m_holds(struct tally *t)
{
	const struct p2m *p = &t->d->p2m;

	if (p->root && !table_holds(t, p->root, P2M_ROOT_LEVEL, 0))
		return false;
	for (unsigned int i = 0; i < p->deferred_nr; i++)
		if (!frame_referred(p->deferred[i], t->d, "waiting for a flush"))
			return false;
	for (uint64_t i = 0; i < p->drop_left; i++)
		if (!frame_referred(p->drop_mfn + i, t->d, "being dropped"))
			return false;
	if (t->foreign != atomic_load(&((struct domain *)t->d)->p2m.mapped_foreign))
		return invariant_fails("d%u: %lu foreign pages are mapped, %lu are counted", t->d->id, t->foreign, t->d->p2m.mapped_foreign);
	return t->tables == p->table_pages || invariant_fails("d%u: %lu tables, %lu are counted", t->d->id, t->tables, p->table_pages);
}

/* --- grants -------------------------------------------------------------------------------------------------------------------------- */

static uint32_t maps_of(const struct domain *granter, grant_ref_t ref, bool readonly)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < tallies_nr; i++) {
		const struct grant_state *s = tallies[i].d->grant;

		for (uint32_t h = 0; s && h < s->nr_maps; h++) {
			const struct grant_map *m = maptrack_lookup(s, h);

			n += m->state == MAP_LIVE && m->ref == ref && m->readonly == readonly && domain_link_is(&m->granter, granter);
		}
	}
	return n;
}

static bool active_holds(const struct domain *d, grant_ref_t ref, const struct grant_active *a)
{
	if (!a->readers && !a->writers)
		return true;
	if (a->readers != maps_of(d, ref, true) || a->writers != maps_of(d, ref, false))
		return invariant_fails("d%u: grant %u is in use by %u readers and %u writers, mapped by %u and %u", d->id, ref, a->readers, a->writers,
				       maps_of(d, ref, true), maps_of(d, ref, false));
	return frame_referred(a->mfn, d, "granted");
}

static bool granted_holds(const struct domain *d)
{
	const struct grant_state *s = d->grant;

	for (uint32_t i = 0; s && i < s->nr_frames; i++) {
		if (s->frame[i].shared && !frame_referred(heap_va_to_mfn(s->frame[i].shared), d, "a grant frame"))
			return false;
		for (uint32_t n = 0; n < GRANTS_PER_FRAME; n++)
			if (!active_holds(d, i * GRANTS_PER_FRAME + n, &s->frame[i].active[n]))
				return false;
	}
	return true;
}

static bool map_holds(const struct domain *d, grant_handle_t h, const struct grant_map *m)
{
	const struct domain *granter = domain_link_raw(&m->granter);
	struct grant_active *a = NULL;
	struct grant_entry_v1 *shared;

	if (m->state == MAP_BUSY)
		return invariant_fails("d%u: handle %u is still being undone", d->id, h);
	if (m->state != MAP_LIVE)
		return true;
	if (!granter || !tally_of(granter))
		return invariant_fails("d%u: handle %u maps a grant of nobody", d->id, h);
	tally_of(granter)->refs++;
	if (granter->grant)
		a = grant_active(granter->grant, m->ref, &shared);
	if (!a || a->mfn != m->mfn || a->domid != d->id)
		return invariant_fails("d%u: handle %u maps frame %lx, which d%u has not granted it", d->id, h, m->mfn, granter->id);
	return gate_may_keep_grant(d, granter, !m->readonly) ||
	       invariant_fails("d%u: handle %u is a mapping of d%u's that the policy denies", d->id, h, granter->id);
}

static bool maps_hold(const struct domain *d)
{
	const struct grant_state *s = d->grant;

	for (uint32_t h = 0; s && h < s->nr_maps; h++)
		if (!map_holds(d, h, maptrack_lookup(s, h)))
			return false;
	return true;
}

/* --- a domain's own pages ------------------------------------------------------------------------------------------------------------ */

static bool area_holds(struct tally *t, mfn_t mfn, bool pinned, const char *what)
{
	if (mfn == MFN_INVALID)
		return true;
	t->pinned += pinned;
	return frame_referred(mfn, t->d, what);
}

static bool areas_hold(struct tally *t)
{
	void *const pages[] = { t->d->shared_info, t->d->scratch };

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i] && !frame_referred(heap_va_to_mfn(pages[i]), t->d, "shared_info"))
			return false;
	for (unsigned int i = 0; i < MAX_VCPUS; i++) {
		const struct vcpu *v = t->d->vcpu[i];

		if (v && !(area_holds(t, v->info_mfn, true, "vcpu_info") && area_holds(t, v->runstate_mfn[0], false, "runstate") &&
			   area_holds(t, v->runstate_mfn[1], false, "runstate") && area_holds(t, v->time_mfn, false, "time") &&
			   area_holds(t, v->fifo_control ? v->fifo_control_mfn : MFN_INVALID, true, "control block")))
			return false;
	}
	return true;
}

/* --- the whole ----------------------------------------------------------------------------------------------------------------------- */

static bool frame_holds(mfn_t mfn)
{
	const struct frame *f = mfn_to_frame(mfn);
	struct tally *t;

	if (f->kind != FRAME_GUEST && f->kind != FRAME_SHARED)
		return !frame_refs[mfn] || invariant_fails("frame %lx (kind %u) is in use by %u", mfn, f->kind, frame_refs[mfn]);
	if (refcount_read(&f->refs) != frame_refs[mfn])
		return invariant_fails("frame %lx has %u references, %u are known", mfn, refcount_read(&f->refs), frame_refs[mfn]);
	t = tally_of_link(&f->owner);
	if (!t)
		return invariant_fails("frame %lx has no owner that exists", mfn);
	t->refs++;
	t->owned += f->kind == FRAME_GUEST;
	return true;
}

static uint64_t zone_free(void)
{
	uint64_t n = 0;

	for (unsigned int order = 0; order <= MAX_ORDER; order++)
		for (uint32_t at = guest_zone.free[order].first; at != FRAME_NONE; at = mfn_to_frame(at)->next)
			n += (uint64_t)1 << order;
	return n;
}

static bool accounts_hold(void)
{
	uint64_t owned = 0, claimed = 0, pinned = 0;

	for (unsigned int i = 0; i < tallies_nr; i++) {
		const struct tally *t = &tallies[i];
		uint32_t refs = refcount_read(&t->d->refs), pins = atomic_load(&((struct domain *)t->d)->pinned_pages);

		if (t->owned != atomic_load(&((struct domain *)t->d)->tot_pages))
			return invariant_fails("d%u: owns %lu pages, is charged for %lu", t->d->id, t->owned, t->d->tot_pages);
		if (t->pinned != pins)
			return invariant_fails("d%u: %u pages are pinned, %u are counted", t->d->id, t->pinned, pins);
		if (refs < t->refs || refs > t->refs + 1)
			return invariant_fails("d%u: %u references, %u are known", t->d->id, refs, t->refs);
		owned += t->owned;
		claimed += t->d->claim;
		pinned += pins;
	}
	if (zone_free() != guest_pages_free() || owned + guest_pages_free() != guest_pages_total())
		return invariant_fails("%lu pages free (%lu listed) and %lu owned of %lu", guest_pages_free(), zone_free(), owned, guest_pages_total());
	if (pinned != hosted_pins())
		return invariant_fails("%lu pages pinned, %u mapped for good", pinned, hosted_pins());
	return claimed == guest_pages_claimed() || invariant_fails("%lu pages claimed, %lu counted", claimed, guest_pages_claimed());
}

static bool cpus_rest(void)
{
	for (unsigned int i = 0; i < cpu_count; i++)
		if (atomic_load(&cpus[i].pass_seq) & 1)
			return invariant_fails("cpu%u: a pass of the gate outlives its hypercall", i);
	return hosted_windows() == 0 || invariant_fails("%u windows are open", hosted_windows());
}

static bool domain_holds(struct tally *t)
{
	return p2m_holds(t) && granted_holds(t->d) && maps_hold(t->d) && areas_hold(t) && channels_hold(t);
}

const char *invariants_broken(void)
{
	bool holds = cpus_rest() && domains_list();

	frame_refs = calloc(frame_table_end, sizeof(*frame_refs));
	if (!frame_refs)
		abort();
	for (unsigned int i = 0; holds && i < tallies_nr; i++)
		holds = domain_holds(&tallies[i]);
	for (mfn_t mfn = 0; holds && mfn < frame_table_end; mfn++)
		holds = frame_holds(mfn);
	holds = holds && accounts_hold();
	free(frame_refs);
	return holds ? NULL : wrong;
}

bool invariants_test_refers(const struct domain *d)
{
	const struct tally *t = tally_of(d);

	return t && refcount_read(&d->refs) > t->refs;
}

void invariants_check(const char *when)
{
	const char *broken = invariants_broken();

	if (!broken)
		return;
	fprintf(stderr, "invariant broken %s: %s\n", when, broken);
	abort();
}
