/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links between objects of different domains, and the reference counts behind them.
 * Locking: a link belongs to its object's lock; counts are atomic.
 * Trust: a link is scrambled so that nobody opens one but through the gate.
 */
#include "domain_private.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/evtchn.h>

static uintptr_t link_key __ro_after_init;

static struct {
	struct spinlock lock;
	struct list queue;
} reaper;

/* The lowest bit keeps a link from ever being 0, since pointers are even. */
void domain_link_init(void)
{
	link_key = (uintptr_t)edge_random() | 1;
	spin_lock_init(&reaper.lock);
	list_init(&reaper.queue);
}

/* The caller holds a reference; counts stay far from the saturation mark, since memory is finite. */
struct domain_link domain_link_make_many(struct domain *d, uint32_t n)
{
	uint32_t before = atomic_fetch_add_explicit(&d->refs.n, n, memory_order_relaxed);

	BUG_ON(before == 0 || before >= UINT32_MAX / 2);
	return (struct domain_link){ .opaque = (uintptr_t)d ^ link_key };
}

struct domain_link domain_link_make(struct domain *d)
{
	return domain_link_make_many(d, 1);
}

struct domain *domain_link_raw(const struct domain_link *l)
{
	return l->opaque ? (struct domain *)(l->opaque ^ link_key) : NULL;
}

void domain_link_drop(struct domain_link *l)
{
	struct domain *d = domain_link_raw(l);

	l->opaque = 0;
	if (d)
		domain_put(d);
}

bool domain_link_is(const struct domain_link *l, const struct domain *d)
{
	return l->opaque && domain_link_raw(l) == d;
}

domid_t domain_link_id(const struct domain_link *l)
{
	return l->opaque ? domain_link_raw(l)->id : DOMID_INVALID;
}

bool domain_get(struct domain *d)
{
	return refcount_get(&d->refs);
}

/* Only queued: the caller may hold locks that freeing a domain takes. */
void domain_put(struct domain *d)
{
	if (!refcount_put(&d->refs))
		return;
	spin_lock(&reaper.lock);
	list_add_tail(&reaper.queue, &d->link);
	spin_unlock(&reaper.lock);
	cpu_raise_work(edge_cpu_id(), CPU_WORK_REAP);
}

static struct domain *reaper_next(void)
{
	struct domain *d = NULL;

	spin_lock(&reaper.lock);
	if (!list_empty(&reaper.queue)) {
		d = list_entry(reaper.queue.next, struct domain, link);
		list_del(&d->link);
	}
	spin_unlock(&reaper.lock);
	return d;
}

/* The second VIRQ_DOM_EXC of a domain's end: its number is free now. */
void domain_reap(void)
{
	struct domain *d;

	while ((d = reaper_next()) != NULL) {
		domain_table_remove(d);
		domain_free(d);
		evtchn_send_global_virq(VIRQ_DOM_EXC);
	}
}

void domain_lock_pair(struct domain *a, struct domain *b)
{
	if (a == b) {
		spin_lock(&a->lock);
	} else {
		spin_lock(a->id < b->id ? &a->lock : &b->lock);
		spin_lock(a->id < b->id ? &b->lock : &a->lock);
	}
}

void domain_unlock_pair(struct domain *a, struct domain *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}
