/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables: their frames, from the domain's creation to its end.
 * Locking: domain.lock. Trust: sizes come from createdomain and from the guest; both are bounded. Frames are charged to the domain.
 */
#include "grant_private.h"

int grant_domain_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack)
{
	struct grant_state *s;

	if (max_frames == 0 || max_frames > GRANT_FRAMES_MAX || max_maptrack > MAPTRACK_FRAMES_MAX)
		return -XEN_EINVAL;
	s = heap_alloc(d, sizeof(*s));
	if (!s)
		return -XEN_ENOMEM;
	d->grant = s;
	s->max_frames = max_frames;
	s->max_maps = max_maptrack * MAPS_PER_XEN_FRAME;
	s->free_map = NO_HANDLE;
	s->frame = heap_alloc(d, max_frames * sizeof(*s->frame));
	if (s->max_maps)
		s->chunk = heap_alloc(d, s->max_maps / MAPS_PER_CHUNK * sizeof(s->chunk[0]));
	if (!s->frame || (s->max_maps && !s->chunk))
		return -XEN_ENOMEM;	/* teardown and grant_domain_free() take back what there is */
	return grant_setup_table(d, 1);
}

/* d is locked. */
static int frame_add(struct domain *d)
{
	struct grant_state *s = d->grant;
	struct grant_frame *f = &s->frame[s->nr_frames];

	f->active = heap_alloc(d, GRANTS_PER_FRAME * sizeof(f->active[0]));
	if (!f->active)
		return -XEN_ENOMEM;
	f->shared = shared_page_alloc(d);
	if (!f->shared) {
		heap_free(d, f->active);
		f->active = NULL;
		return -XEN_ENOMEM;
	}
	s->nr_frames++;
	return 0;
}

/* d is locked. */
static int table_grow(struct domain *d, uint32_t nr_frames)
{
	int rc = 0;

	if (nr_frames > d->grant->max_frames)
		return -XEN_EINVAL;
	if (domain_is_dying(d))
		return -XEN_ESRCH;
	while (rc == 0 && d->grant->nr_frames < nr_frames)
		rc = frame_add(d);
	return rc;
}

int grant_setup_table(struct domain *d, uint32_t nr_frames)
{
	int rc;

	spin_lock(&d->lock);
	rc = table_grow(d, nr_frames);
	spin_unlock(&d->lock);
	return rc;
}

uint32_t grant_nr_frames(struct domain *d)
{
	uint32_t nr;

	spin_lock(&d->lock);
	nr = d->grant->nr_frames;
	spin_unlock(&d->lock);
	return nr;
}

uint32_t grant_max_frames(struct domain *d)
{
	return d->grant->max_frames;
}

mfn_t grant_frame_get(struct domain *d, uint32_t idx, bool grow)
{
	struct grant_state *s = d->grant;
	mfn_t mfn = MFN_INVALID;
	int rc = 0;

	spin_lock(&d->lock);
	if (grow && idx < s->max_frames && idx >= s->nr_frames)
		rc = table_grow(d, idx + 1);
	if (rc == 0 && idx < s->nr_frames && s->frame[idx].shared) {
		mfn = heap_va_to_mfn(s->frame[idx].shared);
		if (!frame_get(mfn))
			mfn = MFN_INVALID;
	}
	spin_unlock(&d->lock);
	return mfn;
}

_Atomic gfn_t *grant_frame_place(struct domain *d, uint32_t idx)
{
	return &d->grant->frame[idx].gfn;
}

void grant_domain_free(struct domain *d)
{
	struct grant_state *s = d->grant;

	if (!s)
		return;
	for (uint32_t i = 0; i < s->nr_frames; i++)
		heap_free(d, s->frame[i].active);
	for (uint32_t i = 0; i < s->nr_maps / MAPS_PER_CHUNK; i++)
		heap_free(d, s->chunk[i]);
	heap_free(d, s->frame);
	heap_free(d, s->chunk);
	heap_free(d, s);
	d->grant = NULL;
}
