/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page table entries (APM volume 2, 15.25): the format of long mode, read by the processor
 * as user accesses.
 * Locking: none. Trust: frames and types come from core/p2m.c.
 */
#include <hv/edge.h>
#include "../cpu/arch.h"

#define NPT_ACCESSED	(1ull << 5)
#define NPT_DIRTY	(1ull << 6)

_Static_assert(P2M_PTE_LARGE == PTE_PS && P2M_PTE_FRAME == PTE_ADDR && (P2M_PTE_ACCESS & PTE_P), "not the format that core/p2m.c reads");

/*
 * Another domain's memory is never executed: what it contains is not the mapper's to trust with its
 * instruction stream.
 */
static uint64_t type_flags(enum p2m_type type)
{
	switch (type) {
	case P2M_RAM:
		return PTE_P | PTE_U | PTE_W;
	case P2M_FOREIGN:
	case P2M_GRANT:
	case P2M_SHARED:
		return PTE_P | PTE_U | PTE_W | PTE_NX;
	case P2M_GRANT_RO:
		return PTE_P | PTE_U | PTE_NX;
	case P2M_MMIO:
		return PTE_P | PTE_U | PTE_W | PTE_NX | PTE_PCD | PTE_PWT;
	case P2M_INVALID:
		break;
	}
	return 0;
}

uint64_t edge_p2m_encode(struct p2m_entry e, unsigned int level)
{
	uint64_t pte;

	if (!e.leaf && e.mfn == MFN_INVALID)
		return 0;
	if (!e.leaf)
		return (e.mfn << PAGE_SHIFT) | PTE_P | PTE_W | PTE_U | NPT_ACCESSED;
	pte = type_flags(e.type);
	if (!pte)
		return 0;
	/*
	 * Accessed and dirty are set beforehand, so that the processor has no reason to write to
	 * the tables.
	 */
	pte |= (e.mfn << PAGE_SHIFT) | NPT_ACCESSED | NPT_DIRTY |
	       ((uint64_t)e.type << P2M_PTE_TYPE_SHIFT);
	return level > 0 ? pte | PTE_PS : pte;
}
