/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory: frames, their reference counts, their owners' accounts.
 * Locking: the guest zone's leaf lock for free blocks and claims; reference counts and accounts are
 * atomic.
 * Trust: a frame number from a guest is bounded by frame_get(); content is cleared before it
 * changes owner.
 */
#include "mm_private.h"

#include <hv/console.h>
#include <hv/internal.h>
#include <hv/string.h>

struct frame *frame_table __ro_after_init;
mfn_t frame_table_end __ro_after_init;
struct zone guest_zone;

void mm_init(void *table, mfn_t end, void *heap_va, mfn_t heap_mfn, size_t heap_pages)
{
	frame_table = table;
	frame_table_end = end;
	heap_init(heap_va, heap_mfn, heap_pages);
	zone_init(&guest_zone);
}

void mm_add_guest_range(mfn_t start, size_t count)
{
	BUG_ON(start > frame_table_end || count > frame_table_end - start);
	guest_zone.total_pages += count;
	while (count) {
		unsigned int order = start ? (unsigned int)__builtin_ctzll(start) : MAX_ORDER;

		if (order > MAX_ORDER)
			order = MAX_ORDER;
		while (((size_t)1 << order) > count)
			order--;
		zone_give(&guest_zone, start, order, true);
		start += (mfn_t)1 << order;
		count -= (size_t)1 << order;
	}
}

#define CLEAR_STEP 32u		/* words looked at between two decisions */

static bool page_is_clear(const uint64_t *p)
{
	for (const uint64_t *end = p + PAGE_SIZE / sizeof(*p); p < end; p += CLEAR_STEP) {
		uint64_t any = 0;

#pragma GCC unroll 32
		for (unsigned int i = 0; i < CLEAR_STEP; i++)
			any |= p[i];
		if (any)
			return false;
	}
	return true;
}

/* What is clear is not written: in a virtual machine, memory never written to is memory the machine below has not had to find yet. */
static void frame_clear(mfn_t mfn)
{
	void *va = edge_window_map(mfn);

	if (!page_is_clear(va))
		memset(va, 0, PAGE_SIZE);
	edge_window_unmap(va);
}

static bool pages_charge(struct domain *d, uint64_t n)
{
	uint64_t tot = atomic_load(&d->tot_pages);

	do {
		uint64_t max = atomic_load(&d->max_pages);

		if (tot > max || n > max - tot)
			return false;
	} while (!atomic_compare_exchange_weak(&d->tot_pages, &tot, tot + n));
	return true;
}

/* Memory claimed for others is not for d. */
static mfn_t frames_take(struct domain *d, unsigned int order, bool *dirty)
{
	uint64_t n = (uint64_t)1 << order;
	mfn_t mfn = MFN_INVALID;

	spin_lock(&guest_zone.lock);
	if (n + (guest_zone.claimed - d->claim) <= guest_zone.free_pages)
		mfn = zone_take(&guest_zone, order, order > 9, dirty);
	if (mfn != MFN_INVALID) {
		uint64_t used = n < d->claim ? n : d->claim;

		d->claim -= used;
		guest_zone.claimed -= used;
	}
	spin_unlock(&guest_zone.lock);
	return mfn;
}

int guest_frames_alloc(struct domain *d, unsigned int order, mfn_t *first)
{
	uint64_t n = (uint64_t)1 << order;
	struct domain_link owner;
	bool dirty = false;
	mfn_t mfn;

	if (order > MAX_ORDER || domain_is_dying(d))
		return -XEN_EINVAL;
	if (!pages_charge(d, n))
		return -XEN_ENOMEM;
	mfn = frames_take(d, order, &dirty);
	if (mfn == MFN_INVALID) {
		atomic_fetch_sub(&d->tot_pages, n);
		return -XEN_ENOMEM;
	}
	owner = domain_link_make_many(d, (uint32_t)n);
	for (uint64_t i = 0; i < n; i++) {
		struct frame *f = mfn_to_frame(mfn + i);

		if (dirty)
			frame_clear(mfn + i);
		f->owner = owner;
		f->order = 0;
		atomic_store_explicit(&f->kind, FRAME_GUEST, memory_order_relaxed);
		atomic_store_explicit(&f->refs.n, 1, memory_order_release);
	}
	*first = mfn;
	return 0;
}

bool frame_get(mfn_t mfn)
{
	struct frame *f;

	if (mfn >= frame_table_end)
		return false;
	f = mfn_to_frame(mfn & edge_array_index_mask(mfn, frame_table_end));
	if (!refcount_get(&f->refs))
		return false;
	BUG_ON(f->kind != FRAME_GUEST && f->kind != FRAME_SHARED);
	return true;
}

/* Nobody refers to it any more. Not inlined: most references are not the last. */
static __attribute__((noinline)) void frame_free(mfn_t mfn, struct frame *f)
{
	struct domain_link owner = f->owner;
	struct domain *d = domain_link_raw(&owner);

	f->owner.opaque = 0;
	if (f->kind == FRAME_SHARED) {
		heap_free_pages(d, heap_mfn_to_va(mfn), 0);
	} else {
		frame_clear(mfn);
		atomic_store_explicit(&f->kind, FRAME_UNUSABLE, memory_order_relaxed);
		zone_give(&guest_zone, mfn, 0, false);
		atomic_fetch_sub(&d->tot_pages, 1);
	}
	domain_link_drop(&owner);
}

void frame_put(mfn_t mfn)
{
	struct frame *f = mfn_to_frame(mfn);

	if (refcount_put(&f->refs))
		frame_free(mfn, f);
}

void *shared_page_alloc(struct domain *owner)
{
	void *va = heap_alloc_pages(owner, 0);
	struct frame *f;

	if (!va)
		return NULL;
	f = mfn_to_frame(heap_va_to_mfn(va));
	f->owner = domain_link_make(owner);
	atomic_store_explicit(&f->kind, FRAME_SHARED, memory_order_relaxed);
	atomic_store_explicit(&f->refs.n, 1, memory_order_release);
	return va;
}

const struct domain_link *frame_owner(mfn_t mfn, bool *shared)
{
	const struct frame *f = mfn_to_frame(mfn);

	*shared = f->kind == FRAME_SHARED;
	return *shared || f->kind == FRAME_GUEST ? &f->owner : NULL;
}

uint64_t guest_pages_free(void)
{
	return atomic_load_explicit(&guest_zone.free_pages, memory_order_relaxed);
}

uint64_t guest_pages_total(void)
{
	return guest_zone.total_pages;
}

uint64_t guest_pages_claimed(void)
{
	return atomic_load_explicit(&guest_zone.claimed, memory_order_relaxed);
}

/* z is locked. */
static int claim_locked(struct zone *z, struct domain *d, uint64_t pages)
{
	uint64_t tot = atomic_load(&d->tot_pages);

	if (d->claim || pages <= tot || pages > atomic_load(&d->max_pages) || domain_is_dying(d))
		return -XEN_EINVAL;
	if (pages - tot > z->free_pages - z->claimed)
		return -XEN_ENOMEM;
	d->claim = pages - tot;
	z->claimed += d->claim;
	return 0;
}

int guest_claim_set(struct domain *d, uint64_t pages)
{
	int rc = 0;

	spin_lock(&guest_zone.lock);
	if (pages) {
		rc = claim_locked(&guest_zone, d, pages);
	} else {
		guest_zone.claimed -= d->claim;
		d->claim = 0;
	}
	spin_unlock(&guest_zone.lock);
	return rc;
}
