/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radix tree behind a guest-physical address space: levels 3 (root) to 0, 512 entries each,
 * leaves at levels 2, 1 and 0.
 * Locking: p2m.lock.
 * Trust: entries are written by the hypervisor alone; the processor reads them.
 */
#ifndef CORE_P2M_PRIVATE_H
#define CORE_P2M_PRIVATE_H

#include "mm_private.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/p2m.h>

#define P2M_ROOT_LEVEL	3u
#define P2M_ENTRIES	512u
#define P2M_INDEX_BITS	9u
#define P2M_INDEX_SPARE	(64 - (P2M_ROOT_LEVEL + 1) * P2M_INDEX_BITS)	/* bits above the root's index */

static inline unsigned int p2m_index(gfn_t gfn, unsigned int level)
{
	return (unsigned int)(gfn >> (P2M_INDEX_BITS * level)) & (P2M_ENTRIES - 1);
}

/* Pages under one entry of that level. */
static inline uint64_t p2m_span(unsigned int level)
{
	return (uint64_t)1 << (P2M_INDEX_BITS * level);
}

static inline struct p2m_entry p2m_entry_decode(uint64_t raw, unsigned int level)
{
	struct p2m_entry e = { .mfn = MFN_INVALID, .type = P2M_INVALID };

	if (!(raw & P2M_PTE_ACCESS))
		return e;
	e.mfn = (raw & P2M_PTE_FRAME) >> PAGE_SHIFT;
	e.leaf = level == 0 || (raw & P2M_PTE_LARGE);
	if (e.leaf)
		e.type = (enum p2m_type)((raw >> P2M_PTE_TYPE_SHIFT) & 15);
	return e;
}

/* The processor walks the tables while we write them. */
static inline uint64_t p2m_raw_read(const uint64_t *slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static inline struct p2m_entry p2m_entry_read(const uint64_t *slot, unsigned int level)
{
	return p2m_entry_decode(p2m_raw_read(slot), level);
}

static inline void p2m_entry_write(uint64_t *slot, struct p2m_entry e, unsigned int level)
{
	__atomic_store_n(slot, edge_p2m_encode(e, level), __ATOMIC_RELEASE);
}

static inline void p2m_entry_empty(uint64_t *slot)
{
	__atomic_store_n(slot, 0, __ATOMIC_RELEASE);
}

static inline bool p2m_entry_is_link(struct p2m_entry e)
{
	return !e.leaf && e.mfn != MFN_INVALID;
}

static inline bool p2m_entry_is_empty(struct p2m_entry e)
{
	return !e.leaf && e.mfn == MFN_INVALID;
}

static inline uint64_t *p2m_raw_table(uint64_t raw)
{
	uint64_t *table = heap_pa_to_va(raw & P2M_PTE_FRAME);

	BUG_ON(!table);
	return table;
}

static inline uint64_t *p2m_entry_table(struct p2m_entry e)
{
	return p2m_raw_table(e.mfn << PAGE_SHIFT);
}

static inline bool p2m_raw_is_link(uint64_t raw, unsigned int level)
{
	return level > 0 && (raw & P2M_PTE_ACCESS) && !(raw & P2M_PTE_LARGE);
}

#define P2M_ENTRIES_PER_LOOK 2048u	/* under one hold of the lock */

/* The leaf or the empty entry that gfn leads to, its place and level. p2m is locked and has a root. */
uint64_t *p2m_walk(const struct p2m *p, gfn_t gfn, struct p2m_entry *e, unsigned int *level);
void p2m_table_free(struct domain *d, uint64_t *table);
/*
 * The frame behind gfn, of a kind that may be read, and written if write; MFN_INVALID otherwise. p2m is locked, and keeps the frame for as long: the entry's
 * reference cannot go. RAM that this CPU has found lately is remembered until some of that address space goes; no two address spaces, nor two states of
 * one, have an epoch in common.
 */
mfn_t p2m_frame_find(struct cpu *c, struct domain *d, gfn_t gfn, bool write);

static inline struct cpu_frame *p2m_frame_slot(struct cpu *c, gfn_t gfn)
{
	return &c->frames[gfn % ARRAY_SIZE(c->frames)];
}

static inline bool p2m_frame_known(const struct cpu_frame *f, const struct domain *d, gfn_t gfn)
{
	return f->gfn == gfn && f->epoch == d->p2m.epoch;
}

/*@ assigns \nothing; */
static inline mfn_t p2m_frame_locked(struct cpu *c, struct domain *d, gfn_t gfn, bool write)
{
	const struct cpu_frame *f = p2m_frame_slot(c, gfn);

	return p2m_frame_known(f, d, gfn) ? f->mfn : p2m_frame_find(c, d, gfn, write);
}

/* A leaf goes, p2m is locked for writing: its account, and what CPUs remember; its references after the flush. */
void p2m_leaf_forget(struct p2m *p, struct p2m_entry e, unsigned int level);

#endif
