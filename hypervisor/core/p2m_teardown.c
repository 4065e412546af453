/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of an address space: every reference dropped, then the tables, in steps that give way to
 * other work.
 * Locking: p2m.lock for each step (others may still look pages up).
 * Trust: no vCPU of the domain runs; the amount of work is the guest's size.
 */
#include "p2m_private.h"

#include <hv/cpu.h>

#define PAGES_BETWEEN_LOOKS 16

/*
 * p2m is locked. Takes the next leaf out into drop_*, if it is found within one look: a guest may
 * have left any number of empty tables. False at the end of the address space.
 */
static bool leaf_detach(struct p2m *p)
{
	for (unsigned int n = 0; n < P2M_ENTRIES_PER_LOOK && p->drop_cursor < P2M_GFN_LIMIT; n++) {
		struct p2m_entry e;
		unsigned int level;
		uint64_t *slot = p2m_walk(p, p->drop_cursor, &e, &level);

		p->drop_cursor = (p->drop_cursor | (p2m_span(level) - 1)) + 1;
		if (!e.leaf)
			continue;
		p2m_entry_empty(slot);
		p2m_leaf_forget(p, e, level);
		p->drop_mfn = e.mfn;
		p->drop_left = e.type == P2M_MMIO ? 0 : p2m_span(level);
		return true;
	}
	return p->drop_cursor < P2M_GFN_LIMIT;
}

/* Pages of the detached leaf; each that was the last use is cleared. */
static int leaf_drain(struct p2m *p)
{
	while (p->drop_left) {
		frame_put(p->drop_mfn++);
		p->drop_left--;
		if (p->drop_left % PAGES_BETWEEN_LOOKS == 0 && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}

/*
 * p2m is locked. All leaves are gone; frees the tables below, at most `budget` of them. True when
 * none is left.
 */
static bool tables_free(struct domain *d, uint64_t *table, unsigned int level, unsigned int *budget)
{
	if (level == 0)
		return true;
	for (unsigned int i = 0; i < P2M_ENTRIES; i++) {
		struct p2m_entry e = p2m_entry_read(&table[i], level);

		if (p2m_entry_is_empty(e))
			continue;
		if (*budget == 0 || !tables_free(d, p2m_entry_table(e), level - 1, budget))
			return false;
		p2m_entry_empty(&table[i]);
		p2m_table_free(d, p2m_entry_table(e));
		(*budget)--;
	}
	return true;
}

static int tables_teardown(struct domain *d)
{
	struct p2m *p = &d->p2m;
	bool done;

	do {
		unsigned int budget = PAGES_BETWEEN_LOOKS;

		write_lock(&p->lock);
		done = tables_free(d, p->root, P2M_ROOT_LEVEL, &budget);
		if (done) {
			p2m_table_free(d, p->root);
			p->root = NULL;
		}
		write_unlock(&p->lock);
	} while (!done && !cpu_should_yield());
	return done ? 0 : -XEN_ERESTART;
}

/* Nothing is entered nor deferred from now on; false while the timer's callback runs on another CPU. */
static bool deferred_end(struct domain *d)
{
	write_lock(&d->p2m.lock);
	d->p2m.closed = true;
	write_unlock(&d->p2m.lock);
	p2m_drain(d);
	return timer_end(&d->p2m.drain_timer);
}

int p2m_teardown(struct domain *d)
{
	struct p2m *p = &d->p2m;
	bool more;

	if (!p->root)
		return 0;
	if (!deferred_end(d))
		return -XEN_ERESTART;
	do {
		int rc = leaf_drain(p);

		if (rc)
			return rc;
		write_lock(&p->lock);
		more = leaf_detach(p);
		write_unlock(&p->lock);
		if (more && !p->drop_left && cpu_should_yield())
			return -XEN_ERESTART;
	} while (more);
	return tables_teardown(d);
}
