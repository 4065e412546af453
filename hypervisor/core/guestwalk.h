/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk of the guest's page tables, for what goes on to reach the page it leads to.
 * Locking: the domain's p2m.lock is held for reading. Trust: linear addresses and tables are the guest's.
 */
#ifndef CORE_GUESTWALK_H
#define CORE_GUESTWALK_H

#include <hv/cpu.h>

#define GPA_INVALID (~(gpa_t)0)

gpa_t guest_walk_tables(struct cpu *c, struct vcpu *v, gva_t va, bool write);

/*
 * Guest-physical address of one linear address, or GPA_INVALID. A hypercall touches the same few pages again and again: what it has translated holds until
 * the pass of the dispatcher ends, as in a TLB: the vCPU itself changes no tables meanwhile.
 */
/*@ assigns \nothing; ensures \result == GPA_INVALID || \result % PAGE_SIZE == va % PAGE_SIZE; */
static inline gpa_t guest_walk(struct cpu *c, struct vcpu *v, gva_t va, bool write)
{
	const struct cpu_walk *w = &c->walked[(va >> PAGE_SHIFT) % ARRAY_SIZE(c->walked)];

	if (w->page == (va & PAGE_MASK) && w->v == v && (w->writable || !write) &&
	    w->pass == atomic_load_explicit(&c->pass_seq, memory_order_relaxed))
		return w->gpa | (va & (PAGE_SIZE - 1));
	return guest_walk_tables(c, v, va, write);
}

#endif
