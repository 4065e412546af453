/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GNTTABOP_copy: bytes from one page to another, each a grant to the caller or the caller's own.
 * Locking: one domain's lock at a time; the pins and references hold the pages in between. Trust: references, frames and lengths are the caller's.
 */
#include "grant_private.h"

#include <hv/edge.h>
#include <hv/gate.h>
#include <hv/p2m.h>
#include <hv/string.h>

struct copy_side {
	struct domain *d;
	bool by_ref, readonly;
	grant_ref_t ref;
	mfn_t mfn;
};

static int16_t side_open(struct domain *caller, struct copy_side *s, const struct gnttab_copy_ptr *p)
{
	enum p2m_type type;
	int16_t status;

	if (!s->by_ref) {
		if (p->domid != DOMID_SELF)	/* as on Xen, not even the own number */
			return GNTST_permission_denied;
		s->mfn = p2m_get_frame(s->d, p->u.gmfn, !s->readonly, &type);
		return s->mfn == MFN_INVALID ? GNTST_bad_page : GNTST_okay;
	}
	s->ref = p->u.ref;
	spin_lock(&s->d->lock);
	status = domain_is_dying(s->d) ? GNTST_general_error : grant_pin(s->d, s->ref, caller->id, s->readonly, &s->mfn);
	spin_unlock(&s->d->lock);
	return status;
}

static void side_close(const struct copy_side *s)
{
	mfn_t mfn = s->mfn;

	if (s->by_ref) {
		spin_lock(&s->d->lock);
		mfn = grant_unpin(s->d, s->ref, s->readonly);
		spin_unlock(&s->d->lock);
	}
	if (mfn != MFN_INVALID)
		frame_put(mfn);
}

static void pages_copy(mfn_t dst, size_t dst_off, mfn_t src, size_t src_off, size_t len)
{
	uint8_t *to = edge_window_map(dst);
	const uint8_t *from = edge_window_map(src);

	memmove(to + dst_off, from + src_off, len);
	edge_window_unmap((void *)(uintptr_t)from);
	edge_window_unmap(to);
}

static int16_t copy_check(struct authz *az, struct domain *src, struct domain *dst, const struct gnttab_copy *op)
{
	if (op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref))
		return GNTST_general_error;
	if ((size_t)op->source.offset + op->len > PAGE_SIZE || (size_t)op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	return gate_check_pair(az, src, dst, PERM_grant__copy) ? GNTST_permission_denied : GNTST_okay;
}

int16_t grant_copy(struct authz *az, struct domain *caller, struct domain *src, struct domain *dst, const struct gnttab_copy *op)
{
	struct copy_side from = { .d = src, .by_ref = op->flags & GNTCOPY_source_gref, .readonly = true };
	struct copy_side to = { .d = dst, .by_ref = op->flags & GNTCOPY_dest_gref };
	int16_t status = copy_check(az, src, dst, op);

	if (status != GNTST_okay)
		return status;
	status = side_open(caller, &from, &op->source);
	if (status != GNTST_okay)
		return status;
	status = side_open(caller, &to, &op->dest);
	if (status == GNTST_okay) {
		pages_copy(to.mfn, op->dest.offset, from.mfn, op->source.offset, op->len);
		side_close(&to);
	}
	side_close(&from);
	return status;
}
