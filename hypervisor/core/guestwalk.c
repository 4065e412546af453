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

#include <hv/cpu.h>
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

struct walk {
	struct domain *d;
	gva_t va;
	gpa_t gpa;		/* result */
	bool readonly;		/* by one of the levels */
};

static int table_read(struct domain *d, gpa_t at, void *entry, size_t size)
{
	mfn_t mfn = p2m_frame_locked(d, at >> PAGE_SHIFT, false);
	const void *slot;
	char *page;

	if (mfn == MFN_INVALID)
		return -XEN_EFAULT;
	page = edge_window_map(mfn);
	slot = page + (at & (PAGE_SIZE - 1) & ~(size - 1));
	if (size == sizeof(uint64_t))
		*(uint64_t *)entry = __atomic_load_n((const uint64_t *)slot, __ATOMIC_RELAXED);
	else
		*(uint32_t *)entry = __atomic_load_n((const uint32_t *)slot, __ATOMIC_RELAXED);
	edge_window_unmap(page);
	return 0;
}

static bool entry_permits(struct walk *w, uint64_t entry)
{
	if (!(entry & PTE_WRITABLE))
		w->readonly = true;
	return entry & PTE_PRESENT;
}

/* Tables of 512 entries from `level` down to 0. */
static int walk_long(struct walk *w, gpa_t table, unsigned int level)
{
	for (;; level--) {
		unsigned int shift = PAGE_SHIFT + 9 * level;
		uint64_t entry, offset = ((uint64_t)1 << shift) - 1;
		gpa_t at = table + ((w->va >> shift) & 511) * sizeof(entry);
		int rc = table_read(w->d, at, &entry, sizeof(entry));

		if (rc)
			return rc;
		if (!entry_permits(w, entry))
			return -XEN_EFAULT;
		if (level == 0 || (level <= 2 && (entry & PTE_LARGE))) {
			w->gpa = (entry & PTE_ADDRESS & ~offset) | (w->va & offset);
			return 0;
		}
		table = entry & PTE_ADDRESS;
	}
}

/* The four pointers at the top have no permission bits. */
static int walk_pae(struct walk *w, gpa_t cr3)
{
	uint64_t pointer;
	gpa_t at = (cr3 & 0xffffffe0u) + ((w->va >> 30) & 3) * sizeof(pointer);
	int rc = table_read(w->d, at, &pointer, sizeof(pointer));

	if (rc)
		return rc;
	return pointer & PTE_PRESENT ? walk_long(w, pointer & PTE_ADDRESS, 1) : -XEN_EFAULT;
}

static int walk_legacy(struct walk *w, gpa_t cr3, bool pse)
{
	uint32_t entry;
	gpa_t at = (cr3 & 0xfffff000u) + (w->va >> 22) * sizeof(entry);
	int rc = table_read(w->d, at, &entry, sizeof(entry));

	if (rc)
		return rc;
	if (!entry_permits(w, entry))
		return -XEN_EFAULT;
	if (pse && (entry & PTE_LARGE)) {
		/* Bits 13 to 20 are bits 32 to 39 of the address. */
		w->gpa = (uint64_t)((entry >> 13) & 0xff) << 32 | (entry & 0xffc00000u) |
			 (w->va & 0x3fffff);
		return 0;
	}
	at = (entry & 0xfffff000u) + ((w->va >> 12) & 1023) * sizeof(entry);
	rc = table_read(w->d, at, &entry, sizeof(entry));
	if (rc)
		return rc;
	if (!entry_permits(w, entry))
		return -XEN_EFAULT;
	w->gpa = (entry & 0xfffff000u) | (w->va & 0xfff);
	return 0;
}

static bool is_canonical(gva_t va)
{
	return (va >> 47) == 0 || (va >> 47) == 0x1ffff;
}

static int walk(struct walk *w, const struct guest_paging *p)
{
	bool long_mode = p->efer & EFER_LMA;

	if (!long_mode)
		w->va = (uint32_t)w->va;
	if (!(p->cr0 & CR0_PG)) {
		w->gpa = w->va;
		return 0;
	}
	if (long_mode)
		return is_canonical(w->va) ? walk_long(w, p->cr3 & PTE_ADDRESS, 3) : -XEN_EFAULT;
	if (p->cr4 & CR4_PAE)
		return walk_pae(w, p->cr3);
	return walk_legacy(w, p->cr3, p->cr4 & CR4_PSE);
}

/*
 * A hypercall touches the same few pages again and again. What it has translated holds until the
 * pass of the dispatcher ends, as in a TLB: the vCPU itself changes no tables meanwhile.
 * NULL: no pass of this vCPU's is under way.
 */
static struct cpu_walk *walk_remembered(const struct vcpu *v, gva_t page, uint64_t *pass)
{
	struct cpu *c = this_cpu();

	*pass = atomic_load_explicit(&c->pass_seq, memory_order_relaxed);
	return v == c->current && (*pass & 1) ? &c->walked[(page >> PAGE_SHIFT) % ARRAY_SIZE(c->walked)] : NULL;
}

int guest_walk(struct vcpu *v, gva_t va, bool write, gpa_t *gpa)
{
	struct walk w = { .d = v->domain, .va = va };
	gva_t page = va & PAGE_MASK;
	struct guest_paging p;
	struct cpu_walk *c;
	uint64_t pass;
	int rc;

	c = walk_remembered(v, page, &pass);
	if (c && c->pass == pass && c->page == page && (c->writable || !write)) {
		*gpa = c->gpa | (va & (PAGE_SIZE - 1));
		return 0;
	}
	edge_vcpu_get_paging(v, &p);
	rc = walk(&w, &p);
	if (rc)
		return rc;
	/*
	 * The hypervisor acts with supervisor privilege: read-only pages bind it only under CR0.WP.
	 */
	w.readonly &= (p.cr0 & CR0_WP) != 0;
	if (write && w.readonly)
		return -XEN_EFAULT;
	*gpa = w.gpa;
	if (c)
		*c = (struct cpu_walk){ pass, page, w.gpa & PAGE_MASK, !w.readonly };
	return 0;
}

int guest_translate(struct vcpu *v, gva_t va, bool write, gpa_t *gpa)
{
	int rc;

	read_lock(&v->domain->p2m.lock);
	rc = guest_walk(v, va, write, gpa);
	read_unlock(&v->domain->p2m.lock);
	return rc;
}
