/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of all locks as a table, and what each CPU of each thread holds.
 * Locking: the table of addresses is atomic, what is held is the thread's own (a thread may play several CPUs). Trust: tests only.
 */
#include "lock_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/cpu.h>
#include <hv/domain.h>

#define SLOTS (1u << 18)
#define HELD_MAX 16

/*
 * hv/lock.h's order, outermost first: who holds one takes those of greater rank only. One name for each place that initialises a lock, or, of a lock
 * that needs no initialisation, for each way to write it.
 */
static const struct class {
	unsigned int rank;
	const char *file, *text;
} classes[] = {
	{ 10, "hypercall/xsm_op.c", "&load.lock" },
	{ 10, "hypercall/shype_op.c", "&load.lock" },
	{ 11, "flask/flask.c", "&load_lock" },
	{ 12, "xsm/audit_chain.c", "&chain.lock" },
	{ 15, "core/domain.c", "&d->teardown_lock" },
#define RANK_DOMAIN 30
	{ RANK_DOMAIN, "core/domain.c", "&d->lock" },
	{ 40, "core/p2m.c", "&d->p2m.lock" },
	{ 42, "xsm/gate_shype.c", "&wall.lock" },
	{ 44, "core/domain_table.c", "&table.lock" },
	{ 45, "guest/lapic.c", "&l->lock" },
	{ 50, "core/cpu.c", "&c->rq.lock" },
	{ 55, "core/cpu.c", "&c->timers.lock" },
	{ 60, "core/evtchn_virq.c", "&binder.lock" },
	{ 60, "core/pvclock.c", "&wall.lock" },
	{ 62, "flask/vectors.c", "&c->lock" },
	{ 64, "flask/sidtab.c", "&lock" },
	{ 66, "flask/objects.c", "&objects_lock" },
	{ 70, "core/heap.c", "&heap.slab_lock" },
	{ 72, "core/buddy.c", "&z->lock" },
	{ 74, "core/domain_link.c", "&reaper.lock" },
	{ 80, "core/console.c", "&console_lock" },
	{ 82, "xsm/audit_ring.c", "&ring.lock" },
};

static struct slot {
	_Atomic uintptr_t lock;
	_Atomic(const struct class *) class;
} slots[SLOTS];

struct hold {
	const void *lock;
	const struct class *class;
	const char *file;
	int line;
};
static _Thread_local struct cpu_holds {
	unsigned int nr;
	struct hold hold[HELD_MAX];
} holds[MAX_CPUS];

void (*lock_order_broken)(const char *what);

static void broken(const char *what)
{
	if (lock_order_broken) {
		lock_order_broken(what);
		return;
	}
	fprintf(stderr, "locks: %s\n", what);
	abort();
}

static const struct class *class_find(const char *file, const char *text)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t n = strlen(classes[i].file);

		if (len >= n && strcmp(file + len - n, classes[i].file) == 0 && strcmp(text, classes[i].text) == 0)
			return &classes[i];
	}
	return NULL;
}

/* Slots are never freed: what is freed and used again is initialised again. */
static struct slot *slot_of(const void *lock)
{
	uintptr_t at = (uintptr_t)lock;

	for (size_t i = (at >> 3) * 0x9e3779b97f4a7c15u >> 46, n = 0; n < SLOTS; i = (i + 1) % SLOTS, n++) {
		uintptr_t was = 0;

		if (atomic_load_explicit(&slots[i].lock, memory_order_relaxed) == at ||
		    atomic_compare_exchange_strong(&slots[i].lock, &was, at) || was == at)
			return &slots[i];
	}
	broken("more locks than there are slots");
	abort();
}

void lock_order_init(const void *lock, const char *file, const char *text)
{
	atomic_store(&slot_of(lock)->class, class_find(file, text));
}

static const struct class *class_of(const void *lock, const char *file, int line, const char *text)
{
	struct slot *s = slot_of(lock);
	const struct class *c = atomic_load(&s->class);
	char what[256];

	if (c)
		return c;
	c = class_find(file, text);
	if (!c) {
		snprintf(what, sizeof(what), "%s:%d: %s has no place in the order (tests/hosted/lock_order.c)", file, line, text);
		broken(what);
		return NULL;
	}
	atomic_store(&s->class, c);
	return c;
}

static struct cpu_holds *own(void)
{
	return &holds[edge_cpu_id()];
}

static void hold(const void *lock, const struct class *c, const char *file, int line)
{
	struct cpu_holds *h = own();

	if (h->nr == HELD_MAX)
		broken("too many locks at once");
	else
		h->hold[h->nr++] = (struct hold){ lock, c, file, line };
}

/* Two domains: the lower number first. */
static bool domains_in_order(const void *first, const void *second)
{
	const struct domain *a = container_of((const struct spinlock *)first, const struct domain, lock);
	const struct domain *b = container_of((const struct spinlock *)second, const struct domain, lock);

	return a->id < b->id;
}

void lock_order_take(const void *lock, const char *file, int line, const char *text)
{
	const struct class *c = class_of(lock, file, line, text);
	struct cpu_holds *h = own();
	char what[512];

	if (!c)
		return;
	for (unsigned int i = 0; i < h->nr; i++) {
		const struct hold *o = &h->hold[i];

		if (o->class->rank < c->rank || (c->rank == RANK_DOMAIN && o->class == c && domains_in_order(o->lock, lock)))
			continue;
		snprintf(what, sizeof(what), "%s:%d takes %s of %s behind %s of %s, taken at %s:%d", file, line, c->text, c->file, o->class->text,
			 o->class->file, o->file, o->line);
		broken(what);
		break;
	}
	hold(lock, c, file, line);
}

void lock_order_tried(const void *lock, const char *file, int line, const char *text)
{
	const struct class *c = class_of(lock, file, line, text);

	if (c)
		hold(lock, c, file, line);
}

void lock_order_give(const void *lock, const char *file, int line, const char *text)
{
	struct cpu_holds *h = own();
	char what[256];

	for (unsigned int i = h->nr; i-- > 0;) {
		if (h->hold[i].lock != lock)
			continue;
		h->hold[i] = h->hold[--h->nr];
		return;
	}
	snprintf(what, sizeof(what), "%s:%d gives %s back, which this CPU does not hold", file, line, text);
	broken(what);
}

void lock_order_check_none(const char *when)
{
	const struct cpu_holds *h = own();
	char what[256];

	if (!h->nr)
		return;
	snprintf(what, sizeof(what), "%s with the lock of %s:%d held", when, h->hold[0].file, h->hold[0].line);
	broken(what);
}

void lock_order_forget(void)
{
	memset(holds, 0, sizeof(holds));
}
