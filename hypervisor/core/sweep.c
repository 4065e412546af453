/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweep over what exists: domain by domain, kind by kind.
 * Locking: none; see each kind. Trust: domains come and go meanwhile. One that appears behind the cursor was made under the new tables.
 */
#include <hv/audit.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/sweep.h>

static const struct sweep_kind {
	int (*sweep)(struct domain *d, const struct domain *subject, uint64_t *cursor, uint32_t *revoked);
	const char *what;
} kinds[] = {
	{ foreign_sweep, "foreign pages mapped" },
	{ grant_sweep, "granted pages mapped" },
	{ evtchn_sweep, "event channels bound" },
};

/* With a reference for the caller. Zero only at first: the mapper may write to it, and reads back what it wrote itself. */
static mfn_t scratch_get(struct domain *d)
{
	mfn_t mfn = MFN_INVALID;

	spin_lock(&d->lock);
	if (!d->scratch && !domain_is_dying(d))
		d->scratch = shared_page_alloc(d);
	if (d->scratch && frame_get(heap_va_to_mfn(d->scratch)))
		mfn = heap_va_to_mfn(d->scratch);
	spin_unlock(&d->lock);
	return mfn;
}

mfn_t sweep_scratch_enter(struct domain *mapper, gfn_t gfn)
{
	mfn_t mfn = scratch_get(mapper);

	if (mfn == MFN_INVALID || p2m_set(mapper, gfn, mfn, P2M_SHARED, 0) == 0)
		return mfn;
	frame_put(mfn);
	return MFN_INVALID;
}

static int domain_sweep(struct domain *d, const struct domain *subject, struct sweep_progress *p)
{
	for (; p->kind < ARRAY_SIZE(kinds); p->kind++) {
		int rc = kinds[p->kind].sweep(d, subject, &p->cursor, &p->revoked);

		if (rc)
			return rc;
		if (p->revoked)
			audit_event(&(struct audit_event){ .type = AUDIT_REVOKED, .caller = DOMID_INVALID },
				    "ravelin: revoked=%u what=\"%s\" domid=%u", p->revoked, kinds[p->kind].what, d->id);
		p->cursor = 0;
		p->revoked = 0;
	}
	return 0;
}

int policy_sweep(const struct domain *subject, struct sweep_progress *p)
{
	struct domain *d;
	int rc = 0;

	while (rc == 0 && (d = domain_lookup_next_raw(p->domain)) != NULL) {
		if (d->id != p->domain)
			*p = (struct sweep_progress){ .domain = d->id };
		rc = domain_sweep(d, subject, p);
		if (rc == 0)
			*p = (struct sweep_progress){ .domain = (domid_t)(d->id + 1) };
		domain_put(d);
	}
	if (rc == 0)
		*p = (struct sweep_progress){ 0 };
	return rc;
}
