/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own heap: pages, and objects of a few sizes cut from pages. Every byte is
 * charged to the domain that caused it.
 * Locking: two leaf locks, slab before zone.
 * Trust: sizes are the hypervisor's; how often a guest can ask is bounded by its account.
 */
#include "mm_private.h"
#include "mm_asan.h"

#include <hv/console.h>
#include <hv/string.h>

#define MIN_SHIFT	5u	/* 32 bytes */
#define MAX_SHIFT	11u	/* 2 KiB; larger ones are whole pages */
#define BASE_LIMIT	((uint64_t)4 << 20)
#define RESERVE_SHARE	32

struct heap_range heap_range __ro_after_init;

static struct {
	struct zone zone;
	uint64_t reserve;
	struct spinlock slab_lock;
	struct frame_list partial[MAX_SHIFT + 1];	/* slab pages with a free object, by size */
} heap;

void heap_init(void *va, mfn_t mfn, size_t pages)
{
	heap_range = (struct heap_range){ .va = va, .pa = mfn << PAGE_SHIFT, .bytes = pages << PAGE_SHIFT };
	zone_init(&heap.zone);
	spin_lock_init(&heap.slab_lock);
	for (unsigned int i = 0; i <= MAX_SHIFT; i++)
		frame_list_init(&heap.partial[i]);
	for (mfn_t m = mfn; m < mfn + pages; m++)
		zone_give(&heap.zone, m, 0, true);
	heap.zone.total_pages = pages;
	heap.reserve = heap.zone.total_pages / RESERVE_SHARE;
}

mfn_t heap_va_to_mfn(const void *va)
{
	uint64_t offset = (uint64_t)((uintptr_t)va - (uintptr_t)heap_range.va);

	BUG_ON(offset >= heap_range.bytes);
	return (heap_range.pa + offset) >> PAGE_SHIFT;
}

void *heap_mfn_to_va(mfn_t mfn)
{
	return heap_mfn_in_range(mfn) ? heap_pa_to_va(mfn << PAGE_SHIFT) : NULL;
}

uint64_t heap_pages_free(void)
{
	return atomic_load_explicit(&heap.zone.free_pages, memory_order_relaxed);
}

/*
 * What is set, or enough for the page tables of the memory the domain may have; the control domain
 * answers to nobody.
 */
static uint64_t heap_limit(struct domain *d)
{
	uint64_t limit = atomic_load(&d->heap_limit);
	uint64_t pages = atomic_load(&d->max_pages);

	if (limit)
		return limit;
	if (d->is_control)
		return UINT64_MAX;
	if (pages > guest_zone.total_pages)
		pages = guest_zone.total_pages;
	return BASE_LIMIT + pages * (PAGE_SIZE / 128);
}

bool heap_charge(struct domain *payer, uint64_t bytes)
{
	uint64_t used, limit;

	if (!payer)
		return true;
	/* The last of the heap is for the hypervisor and the control domain: guests together do not stop them. */
	if (!payer->is_control && heap_pages_free() < heap.reserve)
		return false;
	limit = heap_limit(payer);
	used = atomic_load(&payer->heap_used);
	do {
		if (used > limit || bytes > limit - used)
			return false;
	} while (!atomic_compare_exchange_weak(&payer->heap_used, &used, used + bytes));
	return true;
}

static void heap_uncharge(struct domain *payer, uint64_t bytes)
{
	if (payer)
		atomic_fetch_sub(&payer->heap_used, bytes);
}

static void block_mark(mfn_t mfn, unsigned int order, enum frame_kind kind)
{
	for (mfn_t i = 0; i < (mfn_t)1 << order; i++) {
		struct frame *f = mfn_to_frame(mfn + i);

		atomic_store_explicit(&f->kind, (uint8_t)kind, memory_order_relaxed);
		f->order = i ? ORDER_MEMBER : (uint8_t)order;
	}
}

void *heap_alloc_pages(struct domain *payer, unsigned int order)
{
	uint64_t bytes = PAGE_SIZE << (order & 31);
	bool dirty;
	mfn_t mfn;
	void *va;

	if (order > MAX_ORDER || !heap_charge(payer, bytes))
		return NULL;
	spin_lock(&heap.zone.lock);
	mfn = zone_take(&heap.zone, order, false, &dirty);
	spin_unlock(&heap.zone.lock);
	if (mfn == MFN_INVALID) {
		heap_uncharge(payer, bytes);
		return NULL;
	}
	block_mark(mfn, order, FRAME_HEAP);
	va = heap_mfn_to_va(mfn);
	heap_show(va, bytes);
	memset(va, 0, bytes);
	return va;
}

void heap_free_pages(struct domain *payer, void *va, unsigned int order)
{
	mfn_t mfn = heap_va_to_mfn(va);
	struct frame *f = mfn_to_frame(mfn);

	BUG_ON((f->kind != FRAME_HEAP && f->kind != FRAME_SHARED) || f->order != order);
	block_mark(mfn, order, FRAME_UNUSABLE);
	heap_hide(va, PAGE_SIZE << order);
	zone_give(&heap.zone, mfn, order, true);
	heap_uncharge(payer, PAGE_SIZE << order);
}

static unsigned int size_shift(size_t size)
{
	unsigned int shift = MIN_SHIFT;

	while (((size_t)1 << shift) < size)
		shift++;
	return shift;
}

#define SLAB_FULL 0xffu

/* Free objects of one page form a list through their first words. */
static void **slab_first(const struct frame *f)
{
	char *page = heap_mfn_to_va(frame_to_mfn(f));

	return f->free == SLAB_FULL ? NULL : (void **)(void *)(page + ((size_t)f->free << MIN_SHIFT));
}

static void slab_set_first(struct frame *f, void **object)
{
	f->free = object ? (uint8_t)(((uintptr_t)object & (PAGE_SIZE - 1)) >> MIN_SHIFT) : SLAB_FULL;
}

static bool slab_grow(unsigned int shift)
{
	char *va = heap_alloc_pages(NULL, 0);
	void *next = NULL;
	struct frame *f;

	if (!va)
		return false;
	for (size_t at = PAGE_SIZE; at; at -= (size_t)1 << shift) {
		void **object = (void **)(void *)(va + at - ((size_t)1 << shift));

		*object = next;
		next = object;
	}
	heap_hide(va, PAGE_SIZE);
	f = mfn_to_frame(heap_va_to_mfn(va));
	atomic_store_explicit(&f->kind, FRAME_SLAB, memory_order_relaxed);
	f->order = (uint8_t)shift;
	f->used = 0;
	slab_set_first(f, next);
	frame_list_add(&heap.partial[shift], f, false);
	return true;
}

static void *slab_take(unsigned int shift)
{
	struct frame *f;
	void **object;

	if (frame_list_empty(&heap.partial[shift]) && !slab_grow(shift))
		return NULL;
	f = mfn_to_frame(heap.partial[shift].first);
	object = slab_first(f);
	heap_show(object, (size_t)1 << shift);
	slab_set_first(f, *object);
	f->used++;
	if (f->free == SLAB_FULL)
		frame_list_del(&heap.partial[shift], f);
	return object;
}

/* The page it leaves empty goes back; the return value says so. */
static bool slab_give(struct frame *f, void **object)
{
	unsigned int shift = f->order;

	BUG_ON(f->used == 0 || ((uintptr_t)object & (((size_t)1 << shift) - 1)));
	if (f->free == SLAB_FULL)
		frame_list_add(&heap.partial[shift], f, false);
	*object = slab_first(f);
	slab_set_first(f, object);
	heap_hide(object, (size_t)1 << shift);
	if (--f->used)
		return false;
	frame_list_del(&heap.partial[shift], f);
	atomic_store_explicit(&f->kind, FRAME_HEAP, memory_order_relaxed);
	f->order = 0;
	return true;
}

static unsigned int size_order(size_t size)
{
	unsigned int order = 0;

	while (order <= MAX_ORDER && (PAGE_SIZE << order) < size)
		order++;
	return order;
}

void *heap_alloc(struct domain *payer, size_t size)
{
	unsigned int shift;
	void *p;

	if (size > (size_t)1 << MAX_SHIFT)
		return heap_alloc_pages(payer, size_order(size));
	shift = size_shift(size);
	if (!heap_charge(payer, (uint64_t)1 << shift))
		return NULL;
	spin_lock(&heap.slab_lock);
	p = slab_take(shift);
	spin_unlock(&heap.slab_lock);
	if (!p) {
		heap_uncharge(payer, (uint64_t)1 << shift);
		return NULL;
	}
	memset(p, 0, (size_t)1 << shift);
	heap_hide((char *)p + size, ((size_t)1 << shift) - size);
	return p;
}

void heap_free(struct domain *payer, void *p)
{
	struct frame *f;
	unsigned int shift;
	bool empty;

	if (!p)
		return;
	f = mfn_to_frame(heap_va_to_mfn(p));
	if (f->kind == FRAME_HEAP) {
		heap_free_pages(payer, p, f->order);
		return;
	}
	BUG_ON(f->kind != FRAME_SLAB);
	shift = f->order;
	heap_show(p, (size_t)1 << shift);
	memset(p, 0, (size_t)1 << shift);
	spin_lock(&heap.slab_lock);
	empty = slab_give(f, p);
	spin_unlock(&heap.slab_lock);
	heap_uncharge(payer, (uint64_t)1 << shift);
	if (empty)
		heap_free_pages(NULL, (void *)((uintptr_t)p & PAGE_MASK), 0);
}
