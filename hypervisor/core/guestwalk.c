/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linear to guest-physical addresses: a walk of the guest's own page tables in its paging mode (APM
 * volume 2, chapter 5).
 * Locking: p2m.lock is held for reading, which keeps the tables' frames.
 * Trust: tables are the guest's; an entry is fetched once. Accessed and dirty bits are left as they
 * are.
 */
#include "guestwalk.h"
#include "p2m_private.h"

#include <hv/guestmem.h>

#define CR0_WP		(1u << 16)
#define CR0_PG		(1u << 31)
#define CR4_PSE		(1u << 4)
#define CR4_PAE		(1u << 5)
#define EFER_LMA	(1u << 10)

#define PTE_PRESENT	1u
#define PTE_WRITABLE	2u
#define PTE_LARGE	0x80u
#define PTE_ADDRESS	0x000ffffffffff000ull
#define LARGE_SHIFT_MAX	30u	/* a leaf above that is no leaf */

struct walk {
	struct cpu *c;
	struct domain *d;
	gva_t va;
	uint64_t all;		/* the bits that the entries of all levels have */
};

/* The aligned eight bytes around one entry. Where nothing is, nothing is present. */
static inline uint64_t table_read(const struct walk *w, gpa_t at)
{
	mfn_t mfn = p2m_frame_locked(w->c, w->d, at >> PAGE_SHIFT, false);

	return mfn == MFN_INVALID ? 0 : edge_window_read(mfn, at & (PAGE_SIZE - 8));
}

static inline uint32_t table_read32(const struct walk *w, gpa_t at)
{
	return (uint32_t)(table_read(w, at) >> (at & 4 ? 32 : 0));
}

static inline bool entry_permits(struct walk *w, uint64_t entry)
{
	w->all &= entry;
	return entry & PTE_PRESENT;
}

/* Tables of 512 entries from `level` down to 0. */
static inline gpa_t walk_long(struct walk *w, gpa_t table, unsigned int level)
{
	unsigned int shift = PAGE_SHIFT + 9 * level;

	for (;; shift -= 9) {
		uint64_t entry = table_read(w, table + ((w->va >> shift) & 511) * sizeof(entry));
		uint64_t offset = ((uint64_t)1 << shift) - 1;

		if (!entry_permits(w, entry))
			return GPA_INVALID;
		if (shift == PAGE_SHIFT || (shift <= LARGE_SHIFT_MAX && (entry & PTE_LARGE)))
			return (entry & PTE_ADDRESS & ~offset) | (w->va & offset);
		table = entry & PTE_ADDRESS;
	}
}

/* The four pointers at the top have no permission bits. */
static __slow gpa_t walk_pae(struct walk *w, gpa_t cr3)
{
	uint64_t pointer = table_read(w, (cr3 & 0xffffffe0u) + ((w->va >> 30) & 3) * sizeof(pointer));

	return pointer & PTE_PRESENT ? walk_long(w, pointer & PTE_ADDRESS, 1) : GPA_INVALID;
}

static __slow gpa_t walk_legacy(struct walk *w, gpa_t cr3, bool pse)
{
	uint32_t entry = table_read32(w, (cr3 & 0xfffff000u) + (w->va >> 22) * sizeof(entry));

	if (!entry_permits(w, entry))
		return GPA_INVALID;
	/* Bits 13 to 20 are bits 32 to 39 of the address. */
	if (pse && (entry & PTE_LARGE))
		return (uint64_t)((entry >> 13) & 0xff) << 32 | (entry & 0xffc00000u) | (w->va & 0x3fffff);
	entry = table_read32(w, (entry & 0xfffff000u) + ((w->va >> 12) & 1023) * sizeof(entry));
	return entry_permits(w, entry) ? (entry & 0xfffff000u) | (w->va & 0xfff) : GPA_INVALID;
}

static bool is_canonical(gva_t va)
{
	return (va >> 47) == 0 || (va >> 47) == 0x1ffff;
}

static gpa_t walk(struct walk *w, const struct guest_paging *p)
{
	bool long_mode = p->efer & EFER_LMA;

	if (!long_mode)
		w->va = (uint32_t)w->va;
	if (!(p->cr0 & CR0_PG))
		return w->va;
	if (long_mode)
		return is_canonical(w->va) ? walk_long(w, p->cr3 & PTE_ADDRESS, 3) : GPA_INVALID;
	if (p->cr4 & CR4_PAE)
		return walk_pae(w, p->cr3);
	return walk_legacy(w, p->cr3, p->cr4 & CR4_PSE);
}

/* The hypervisor acts with supervisor privilege: read-only pages bind it only under CR0.WP. */
gpa_t guest_walk_tables(struct cpu *c, struct vcpu *v, gva_t va, bool write)
{
	uint64_t pass = atomic_load_explicit(&c->pass_seq, memory_order_relaxed);
	struct walk w = { .c = c, .d = v->domain, .va = va, .all = UINT64_MAX };
	struct guest_paging p;
	bool writable;
	gpa_t gpa;

	edge_vcpu_get_paging(v, &p);
	gpa = walk(&w, &p);
	writable = (w.all & PTE_WRITABLE) || !(p.cr0 & CR0_WP);
	if (gpa == GPA_INVALID || (write && !writable))
		return GPA_INVALID;
	if (v == c->current && (pass & 1))
		c->walked[(va >> PAGE_SHIFT) % ARRAY_SIZE(c->walked)] =
			(struct cpu_walk){ pass, v, va & PAGE_MASK, gpa & PAGE_MASK, writable };
	return gpa;
}

int guest_translate(struct vcpu *v, gva_t va, bool write, gpa_t *gpa)
{
	read_lock(&v->domain->p2m.lock);
	*gpa = guest_walk(this_cpu(), v, va, write);
	read_unlock(&v->domain->p2m.lock);
	return *gpa == GPA_INVALID ? -XEN_EFAULT : 0;
}
