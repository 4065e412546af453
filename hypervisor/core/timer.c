/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-shot timers, a sorted queue for each CPU. A timer moves to the CPU that arms it.
 * Locking: the queue's lock; t->cpu changes only under the lock of the queue it leaves. Callbacks
 * run without.
 * Trust: deadlines may be the guest's.
 */
#include <hv/cpu.h>
#include <hv/timer.h>

/* Callbacks of one round; what is due beyond waits for the next. */
#define ROUND_MAX 64u

void timer_init(struct timer *t, void (*fn)(void *), void *data)
{
	list_init(&t->link);
	t->fn = fn;
	t->data = data;
	t->queued = false;
	atomic_init(&t->cpu, edge_cpu_id());
}

/* The queue t belongs to, locked, t not on it any more. */
static struct cpu *timer_take(struct timer *t)
{
	for (;;) {
		struct cpu *c = &cpus[atomic_load(&t->cpu)];

		spin_lock(&c->timers.lock);
		if (atomic_load(&t->cpu) == c->id) {
			if (t->queued)
				list_del(&t->link);
			t->queued = false;
			return c;
		}
		spin_unlock(&c->timers.lock);
	}
}

void timer_stop(struct timer *t)
{
	spin_unlock(&timer_take(t)->timers.lock);
}

static void queue_insert(struct cpu *c, struct timer *t)
{
	struct list *at = c->timers.queue.prev;

	while (at != &c->timers.queue && list_entry(at, struct timer, link)->deadline > t->deadline)
		at = at->prev;
	list_insert_after(at, &t->link);
	t->queued = true;
}

/*
 * Only ever to an earlier time: telling the hardware costs more than an interrupt too many, which
 * comes once at most, since that re-arms.
 */
static void hardware_arm(struct cpu *c, uint64_t deadline)
{
	if (deadline >= c->timers.armed)
		return;
	c->timers.armed = deadline;
	edge_timer_arm(deadline);
}

void timer_set(struct timer *t, uint64_t deadline)
{
	struct cpu *me = this_cpu(), *c;

	/* Another CPU may be arming it too: the last one to hold its queue has it. */
	for (;;) {
		c = timer_take(t);
		if (c == me)
			break;
		atomic_store(&t->cpu, me->id);
		spin_unlock(&c->timers.lock);
	}
	t->deadline = deadline;
	queue_insert(me, t);
	spin_unlock(&me->timers.lock);
	hardware_arm(me, deadline);
}

/*
 * Asked with the queue locked: a callback that is about to arm t again is still marked as running
 * then, and one that has done so has been taken off the queue here.
 */
bool timer_end(struct timer *t)
{
	struct cpu *c = timer_take(t);
	bool ended = true;

	for (unsigned int i = 0; i < cpu_count; i++)
		ended &= atomic_load(&cpus[i].timers.running) != t;
	spin_unlock(&c->timers.lock);
	return ended;
}

uint64_t timer_next_deadline(void)
{
	struct cpu *c = this_cpu();
	uint64_t deadline = UINT64_MAX;

	spin_lock(&c->timers.lock);
	if (!list_empty(&c->timers.queue))
		deadline = list_entry(c->timers.queue.next, struct timer, link)->deadline;
	spin_unlock(&c->timers.lock);
	return deadline;
}

void timer_program(void)
{
	struct cpu *c = this_cpu();
	uint64_t next = timer_next_deadline();

	hardware_arm(c, next < c->rq.slice_end ? next : c->rq.slice_end);
}

/* Marked as running before it leaves the queue's lock, so that timer_end() never misses it. */
static struct timer *due_take(struct cpu *c, uint64_t now)
{
	struct timer *t = NULL;

	spin_lock(&c->timers.lock);
	if (!list_empty(&c->timers.queue)) {
		t = list_entry(c->timers.queue.next, struct timer, link);
		if (t->deadline > now)
			t = NULL;
	}
	if (t) {
		list_del(&t->link);
		t->queued = false;
		atomic_store(&c->timers.running, t);
	}
	spin_unlock(&c->timers.lock);
	return t;
}

void timer_run_due(void)
{
	struct cpu *c = this_cpu();
	uint64_t now = edge_now_ns();

	for (unsigned int i = 0; i < ROUND_MAX; i++) {
		struct timer *t = due_take(c, now);

		if (!t)
			break;
		t->fn(t->data);
		atomic_store(&c->timers.running, NULL);
	}
	/* The hardware's one shot is spent, or was early. */
	c->timers.armed = UINT64_MAX;
	timer_program();
}
