/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest-physical address spaces: looking up, entering and taking out. A table once linked stays
 * until a large leaf replaces it whole or the domain goes.
 * Locking: p2m.lock; the flush and the dropping of references happen after it is released.
 * Trust: gfns are the guest's and bounded here.
 */
#include "p2m_private.h"

#include <hv/string.h>

#define DRAIN_NS 1000000u

static uint64_t *p2m_table_alloc(struct domain *d)
{
	uint64_t *table = heap_alloc_pages(d, 0);

	if (table)
		d->p2m.table_pages++;
	return table;
}

void p2m_table_free(struct domain *d, uint64_t *table)
{
	if (d->p2m.near == table)
		d->p2m.near = NULL;
	d->p2m.table_pages--;
	heap_free_pages(d, table, 0);
}

static void drain_due(void *data)
{
	p2m_drain(data);
}

/* p2m is locked for writing, or not known to anybody yet. */
static void epoch_end(struct p2m *p)
{
	static _Atomic uint64_t last;

	p->epoch = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

int p2m_init(struct domain *d)
{
	timer_init(&d->p2m.drain_timer, drain_due, d);
	rwlock_init(&d->p2m.lock);
	epoch_end(&d->p2m);
	d->p2m.root = p2m_table_alloc(d);
	return d->p2m.root ? 0 : -XEN_ENOMEM;
}

uint64_t *p2m_walk(const struct p2m *p, gfn_t gfn, struct p2m_entry *e, unsigned int *level)
{
	uint64_t *table = p->root, left = gfn << P2M_INDEX_SPARE;
	unsigned int l = P2M_ROOT_LEVEL;

	for (;; left <<= P2M_INDEX_BITS, l--) {
		uint64_t *slot = &table[left >> (64 - P2M_INDEX_BITS)];
		uint64_t raw = p2m_raw_read(slot);

		if (!p2m_raw_is_link(raw, l)) {
			*e = p2m_entry_decode(raw, l);
			*level = l;
			return slot;
		}
		table = p2m_raw_table(raw);
	}
}

static inline uint64_t *slot_near(const struct p2m *p, gfn_t gfn)
{
	return p->near && gfn - p->near_gfn < P2M_ENTRIES ? &p->near[gfn % P2M_ENTRIES] : NULL;
}

/* The leaf or the empty entry that gfn leads to, moved to gfn's own frame. */
static inline struct p2m_entry p2m_find(const struct p2m *p, gfn_t gfn)
{
	struct p2m_entry e = { .mfn = MFN_INVALID, .type = P2M_INVALID };
	const uint64_t *slot = slot_near(p, gfn);
	unsigned int level;

	if (slot)
		return p2m_entry_read(slot, 0);
	if (gfn >= P2M_GFN_LIMIT || !p->root)
		return e;
	p2m_walk(p, gfn, &e, &level);
	if (e.leaf)
		e.mfn += gfn & (p2m_span(level) - 1);
	return e;
}

struct p2m_entry p2m_lookup(struct domain *d, gfn_t gfn)
{
	struct p2m_entry e;

	read_lock(&d->p2m.lock);
	e = p2m_find(&d->p2m, gfn);
	read_unlock(&d->p2m.lock);
	return e;
}

static bool type_permits(enum p2m_type type, bool write)
{
	switch (type) {
	case P2M_RAM:
	case P2M_FOREIGN:
	case P2M_GRANT:
	case P2M_SHARED:
		return true;
	case P2M_GRANT_RO:
		return !write;
	case P2M_INVALID:
	case P2M_MMIO:
		break;
	}
	return false;
}

static bool frame_remember(struct cpu_frame *f, const struct domain *d, gfn_t gfn, struct p2m_entry e)
{
	if (e.type != P2M_RAM)
		return false;
	*f = (struct cpu_frame){ d->p2m.epoch, gfn, e.mfn };
	return true;
}

mfn_t p2m_frame_find(struct cpu *c, struct domain *d, gfn_t gfn, bool write)
{
	struct p2m_entry e = p2m_find(&d->p2m, gfn);

	return frame_remember(p2m_frame_slot(c, gfn), d, gfn, e) || (e.leaf && type_permits(e.type, write)) ? e.mfn : MFN_INVALID;
}

mfn_t p2m_get_frame(struct domain *d, gfn_t gfn, bool write, enum p2m_type *type)
{
	struct p2m_entry e;

	read_lock(&d->p2m.lock);
	e = p2m_find(&d->p2m, gfn);
	if (!e.leaf || !type_permits(e.type, write) || !frame_get(e.mfn))
		e.mfn = MFN_INVALID;
	read_unlock(&d->p2m.lock);
	if (type)
		*type = e.type;
	return e.mfn;
}

mfn_t p2m_get_ram(struct domain *d, gfn_t gfn)
{
	struct cpu_frame *f = p2m_frame_slot(this_cpu(), gfn);
	mfn_t mfn = MFN_INVALID;

	read_lock(&d->p2m.lock);
	if (p2m_frame_known(f, d, gfn) || frame_remember(f, d, gfn, p2m_find(&d->p2m, gfn)))
		mfn = f->mfn;
	if (mfn != MFN_INVALID && !frame_get(mfn))
		mfn = MFN_INVALID;
	read_unlock(&d->p2m.lock);
	return mfn;
}

static void link_write(uint64_t *slot, const uint64_t *table, unsigned int level)
{
	struct p2m_entry e = { .mfn = heap_va_to_mfn(table), .leaf = false };

	p2m_entry_write(slot, e, level);
}

/* A large leaf becomes a table of smaller ones that say the same: nothing needs a flush. */
static int leaf_split(struct domain *d, uint64_t *slot, struct p2m_entry e, unsigned int level)
{
	uint64_t *table = p2m_table_alloc(d);

	if (!table)
		return -XEN_ENOMEM;
	for (unsigned int i = 0; i < P2M_ENTRIES; i++) {
		struct p2m_entry part = e;

		part.mfn += i * p2m_span(level - 1);
		p2m_entry_write(&table[i], part, level - 1);
	}
	link_write(slot, table, level);
	return 0;
}

static int table_link(struct domain *d, uint64_t *slot, unsigned int level)
{
	uint64_t *table = p2m_table_alloc(d);

	if (!table)
		return -XEN_ENOMEM;
	link_write(slot, table, level);
	return 0;
}

/* The entry for gfn at that level, with the tables above it made and larger leaves split. */
static int slot_make(struct domain *d, gfn_t gfn, unsigned int level, uint64_t **slot)
{
	uint64_t *table = d->p2m.root;

	for (unsigned int l = P2M_ROOT_LEVEL; l > level; l--) {
		uint64_t *at = &table[p2m_index(gfn, l)];
		struct p2m_entry e = p2m_entry_read(at, l);
		int rc = 0;

		if (e.leaf)
			rc = leaf_split(d, at, e, l);
		else if (p2m_entry_is_empty(e))
			rc = table_link(d, at, l);
		if (rc)
			return rc;
		table = p2m_entry_table(p2m_entry_read(at, l));
	}
	*slot = &table[p2m_index(gfn, level)];
	if (level == 0) {
		d->p2m.near = table;
		d->p2m.near_gfn = gfn & ~(gfn_t)(P2M_ENTRIES - 1);
	}
	return 0;
}

void p2m_leaf_forget(struct p2m *p, struct p2m_entry e, unsigned int level)
{
	if (e.type == P2M_FOREIGN)
		p->mapped_foreign -= p2m_span(level);
	if (e.type == P2M_RAM)
		epoch_end(p);
}

static void p2m_leaf_put(struct p2m_entry e, unsigned int level)
{
	if (e.type == P2M_MMIO)
		return;
	for (uint64_t i = 0; i < p2m_span(level); i++)
		frame_put(e.mfn + i);
}

/*
 * What a 2 MiB leaf has replaced: a leaf, or a table of single pages. Flushed, so nobody walks the
 * table any more.
 */
static void replaced_drop(struct domain *d, struct p2m_entry old, unsigned int level)
{
	uint64_t *table;

	if (old.leaf) {
		p2m_leaf_put(old, level);
		return;
	}
	table = p2m_entry_table(old);
	for (unsigned int i = 0; i < P2M_ENTRIES; i++) {
		struct p2m_entry e = p2m_entry_read(&table[i], level - 1);

		if (e.leaf)
			p2m_leaf_put(e, level - 1);
	}
	write_lock(&d->p2m.lock);
	p2m_table_free(d, table);
	write_unlock(&d->p2m.lock);
}

static void replaced_forget(struct p2m *p, struct p2m_entry old, unsigned int level)
{
	const uint64_t *table;

	if (old.leaf) {
		p2m_leaf_forget(p, old, level);
		return;
	}
	table = p2m_entry_table(old);
	if (p->near == table)
		p->near = NULL;
	for (unsigned int i = 0; i < P2M_ENTRIES; i++)
		p2m_leaf_forget(p, p2m_entry_read(&table[i], level - 1), level - 1);
}

/* p2m is locked. *old is what was there, to be dropped after a flush unless it is empty. */
static inline int set_locked(struct domain *d, gfn_t gfn, struct p2m_entry e, unsigned int level,
			     struct p2m_entry *old)
{
	struct p2m *p = &d->p2m;
	uint64_t *slot = level == 0 ? slot_near(p, gfn) : NULL;
	int rc = 0;

	if (p->closed)
		return -XEN_EINVAL;
	if (!slot)
		rc = slot_make(d, gfn, level, &slot);
	if (rc)
		return rc;
	*old = p2m_entry_read(slot, level);
	/*
	 * A gigabyte of pages to let go of would take too long: the caller replaces it in smaller
	 * pieces.
	 */
	if (level == 2 && !p2m_entry_is_empty(*old))
		return -XEN_ENOMEM;
	p2m_entry_write(slot, e, level);
	if (!p2m_entry_is_empty(*old))
		replaced_forget(p, *old, level);
	if (e.type == P2M_FOREIGN)
		p->mapped_foreign += p2m_span(level);
	if (p->max_gfn < gfn + p2m_span(level) - 1)
		p->max_gfn = gfn + p2m_span(level) - 1;
	return 0;
}

/*
 * p2m is locked, and stays so during the flush: nobody may enter something at a gfn while an old
 * translation of it is still in use. The caller drops the references afterwards.
 */
static unsigned int drain_locked(struct domain *d, mfn_t *taken)
{
	unsigned int n = d->p2m.deferred_nr;

	if (n) {
		memcpy(taken, d->p2m.deferred, n * sizeof(*taken));
		d->p2m.deferred_nr = 0;
		edge_guest_flush_wait(d);
	}
	return n;
}

static void drained_put(const mfn_t *taken, unsigned int n)
{
	while (n)
		frame_put(taken[--n]);
}

void p2m_drain(struct domain *d)
{
	mfn_t taken[P2M_DEFER_MAX];
	unsigned int n;

	write_lock(&d->p2m.lock);
	n = drain_locked(d, taken);
	write_unlock(&d->p2m.lock);
	drained_put(taken, n);
}

/* p2m is locked for writing; unlocks. */
static __attribute__((noinline)) int set_and_drain(struct domain *d, gfn_t gfn, struct p2m_entry e, unsigned int level,
						   struct p2m_entry *old)
{
	mfn_t taken[P2M_DEFER_MAX];
	unsigned int drained = drain_locked(d, taken);
	int rc = set_locked(d, gfn, e, level, old);

	write_unlock(&d->p2m.lock);
	drained_put(taken, drained);
	return rc;
}

int p2m_set(struct domain *d, gfn_t gfn, mfn_t mfn, enum p2m_type type, unsigned int order)
{
	struct p2m_entry e = { .mfn = mfn, .type = type, .leaf = true }, old = { .mfn = MFN_INVALID };
	unsigned int level = order / P2M_INDEX_BITS;
	uint64_t mask = p2m_span(level) - 1;
	int rc;

	if (order % P2M_INDEX_BITS || level > 2 || type == P2M_INVALID || gfn >= P2M_GFN_LIMIT ||
	    ((gfn | mfn) & mask))
		return -XEN_EINVAL;
	write_lock(&d->p2m.lock);
	if (d->p2m.deferred_nr) {
		rc = set_and_drain(d, gfn, e, level, &old);
	} else {
		rc = set_locked(d, gfn, e, level, &old);
		write_unlock(&d->p2m.lock);
	}
	if (rc || p2m_entry_is_empty(old))
		return rc;
	edge_guest_flush_wait(d);
	replaced_drop(d, old, level);
	return 0;
}

/* p2m is locked. */
static inline int take_locked(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type, mfn_t *mfn)
{
	struct p2m *p = &d->p2m;
	uint64_t *slot = slot_near(p, gfn);
	struct p2m_entry e = slot ? p2m_entry_read(slot, 0) : p2m_find(p, gfn);
	int rc = 0;

	if (!e.leaf || e.type != type || (expect != MFN_INVALID && e.mfn != expect))
		return -XEN_ENOENT;
	if (!slot)
		rc = slot_make(d, gfn, 0, &slot);
	if (rc)
		return rc;
	p2m_entry_empty(slot);
	p2m_leaf_forget(p, e, 0);
	*mfn = e.mfn;
	return 0;
}

int p2m_take(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type, mfn_t *mfn)
{
	int rc;

	write_lock(&d->p2m.lock);
	rc = take_locked(d, gfn, expect, type, mfn);
	write_unlock(&d->p2m.lock);
	return rc;
}

int p2m_clear(struct domain *d, gfn_t gfn, mfn_t expect, enum p2m_type type)
{
	mfn_t mfn;
	int rc = p2m_take(d, gfn, expect, type, &mfn);

	if (rc)
		return rc;
	edge_guest_flush_wait(d);
	if (type != P2M_MMIO)
		frame_put(mfn);
	return 0;
}

int p2m_clear_foreign(struct domain *d, gfn_t gfn, mfn_t expect)
{
	struct p2m *p = &d->p2m;
	mfn_t taken[P2M_DEFER_MAX], mfn;
	unsigned int drained = 0;
	int rc;

	write_lock(&p->lock);
	if (p->deferred_nr == P2M_DEFER_MAX)
		drained = drain_locked(d, taken);
	rc = p->closed ? -XEN_ENOENT : take_locked(d, gfn, expect, P2M_FOREIGN, &mfn);
	/* Armed under the lock: once teardown has closed the p2m, nobody arms the timer any more. */
	if (!rc && p->deferred_nr == 0)
		timer_set(&p->drain_timer, edge_now_ns() + DRAIN_NS);
	if (!rc)
		p->deferred[p->deferred_nr++] = mfn;
	write_unlock(&p->lock);
	drained_put(taken, drained);
	return rc;
}
