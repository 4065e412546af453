/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FIFO events: queues as a guest walks them, and guests that scribble over them.
 * Locking: the last test runs two CPUs. Trust: tests only.
 */
#include "guestcalls.h"

#include <pthread.h>

#define CONTROL_PAGE 2u
#define ARRAY_PAGE   4u
#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED  (1u << EVTCHN_FIFO_MASKED)
#define LINKED  (1u << EVTCHN_FIFO_LINKED)
#define LINK(w) ((w) & EVTCHN_FIFO_LINK_MASK)
#define DEFAULT EVTCHN_FIFO_PRIORITY_DEFAULT

struct sides {
	struct domain *a, *b;		/* a sends by 2-level ports, b hears by FIFO */
	uint32_t b_refs;
};

static volatile uint32_t *words(const struct domain *d)
{
	return hosted_mfn_va(p2m_lookup((struct domain *)(uintptr_t)d, ARRAY_PAGE).mfn);
}

static volatile struct evtchn_fifo_control_block *control(const struct domain *d, unsigned int vcpu)
{
	return hosted_mfn_va(p2m_lookup((struct domain *)(uintptr_t)d, CONTROL_PAGE + vcpu).mfn);
}

static int64_t init_control(struct domain *d, uint64_t gfn, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control op = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	int64_t rc = evtchn_call(d, init_control, &op);

	return rc ? rc : op.link_bits;
}

static int64_t expand_array(struct domain *d, uint64_t gfn)
{
	struct evtchn_expand_array op = { .array_gfn = gfn };

	return evtchn_call(d, expand_array, &op);
}

static int64_t set_priority(struct domain *d, evtchn_port_t port, uint32_t priority)
{
	struct evtchn_set_priority op = { .port = port, .priority = priority };

	return evtchn_call(d, set_priority, &op);
}

static int setup_plain(void **state)
{
	static struct sides s;

	hosted_machine_init();
	s.a = hosted_domain(1, TENANT_1, 16, 2);
	s.b = hosted_domain(2, TENANT_1, 16, 2);
	s.b_refs = refcount_read(&s.b->refs);
	*state = &s;
	return 0;
}

static int setup(void **state)
{
	struct sides *s;

	setup_plain(state);
	s = *state;
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 0, 0), EVTCHN_FIFO_LINK_BITS);
	assert_int_equal(init_control(s->b, CONTROL_PAGE + 1, 0, 1), EVTCHN_FIFO_LINK_BITS);
	assert_int_equal(expand_array(s->b, ARRAY_PAGE), 0);
	return 0;
}

/* The next event of a queue as Linux takes it: 0 when the queue is empty. *head is the guest's own. */
static uint32_t guest_take(struct domain *d, unsigned int vcpu, unsigned int priority, uint32_t *head)
{
	uint32_t port = *head ? *head : control(d, vcpu)->head[priority], word;

	if (!port)
		return 0;
	word = words(d)[port];
	words(d)[port] = word & ~(LINKED | EVTCHN_FIFO_LINK_MASK);
	*head = LINK(word);
	return port;
}

static void guest_ready_clear(struct domain *d, unsigned int vcpu)
{
	control(d, vcpu)->ready = 0;
	d->vcpu[vcpu]->info->evtchn_upcall_pending = 0;
}

/* Joins n channels and consumes the events that binding raises; a's port i belongs to b's port ports[i]. */
static void join_many(struct sides *s, evtchn_port_t *from, evtchn_port_t *to, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t head = 0;

		from[i] = guests_join(s->a, s->b, &to[i]);
		(void)guest_take(s->b, 0, DEFAULT, &head);
		words(s->b)[to[i]] = 0;
		guest_ready_clear(s->b, 0);
	}
}

static void test_init_control(void **state)
{
	struct sides *s = *state;

	assert_int_equal(expand_array(s->b, ARRAY_PAGE), -XEN_EOPNOTSUPP);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 4, 0), -XEN_EINVAL);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, PAGE_SIZE - 64, 0), -XEN_EINVAL);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, UINT32_MAX - 7, 0), -XEN_EINVAL);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 0, 2), -XEN_ENOENT);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 4, 2), -XEN_ENOENT);	/* of two faults Xen names this one */
	assert_int_equal(set_priority(s->b, 1000, 3), -XEN_EINVAL);		/* before there is a queue, too */
	assert_true(init_control(s->b, 0x123456789abcu, 0, 0) < 0);
	assert_true(init_control(s->b, ~0ull, 0, 0) < 0);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, PAGE_SIZE - 72, 0), EVTCHN_FIFO_LINK_BITS);
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 0, 0), -XEN_EINVAL);
	assert_true(expand_array(s->b, ~0ull) < 0);
}

static void test_array_ends(void **state)
{
	struct sides *s = *state;

	for (unsigned int page = 1; page < EVTCHN_FIFO_NR_CHANNELS / (PAGE_SIZE / sizeof(event_word_t)); page++)
		assert_int_equal(expand_array(s->b, ARRAY_PAGE), 0);
	assert_int_equal(expand_array(s->b, ARRAY_PAGE), -XEN_ENOSPC);
}

static void test_raise_before_array(void **state)
{
	struct sides *s = *state;
	evtchn_port_t bport, aport = guests_join(s->a, s->b, &bport);

	assert_int_equal(port_call(s->a, EVTCHNOP_send, aport), 0);	/* pending in shared_info: carried over */
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 0, 0), EVTCHN_FIFO_LINK_BITS);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, aport), 0);
	guest_ready_clear(s->b, 0);
	assert_int_equal(expand_array(s->b, ARRAY_PAGE), 0);
	assert_int_equal(words(s->b)[bport], PENDING | LINKED);
	assert_int_equal(control(s->b, 0)->head[DEFAULT], bport);
	assert_int_equal(control(s->b, 0)->ready, 1u << DEFAULT);
	assert_int_equal(s->b->vcpu[0]->info->evtchn_upcall_pending, 1);
}

static void test_queue_order(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[3], to[3];
	uint32_t head = 0;

	join_many(s, from, to, 3);
	for (unsigned int round = 0; round < 3; round++) {
		static const unsigned int order[] = { 1, 0, 2 };

		for (unsigned int i = 0; i < 3; i++)
			assert_int_equal(port_call(s->a, EVTCHNOP_send, from[order[i]]), 0);
		assert_int_equal(control(s->b, 0)->ready, 1u << DEFAULT);
		for (unsigned int i = 0; i < 3; i++) {
			assert_int_equal(guest_take(s->b, 0, DEFAULT, &head), to[order[i]]);
			assert_int_equal(words(s->b)[to[order[i]]], PENDING);
			words(s->b)[to[order[i]]] = 0;
		}
		assert_int_equal(head, 0);
		guest_ready_clear(s->b, 0);
	}
}

static void test_event_is_linked_once(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[2], to[2];

	join_many(s, from, to, 2);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
		assert_int_equal(port_call(s->a, EVTCHNOP_send, from[1]), 0);
	}
	assert_int_equal(words(s->b)[to[0]], PENDING | LINKED | to[1]);
	assert_int_equal(words(s->b)[to[1]], PENDING | LINKED);
}

static void test_mask(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[1], to[1];

	join_many(s, from, to, 1);
	words(s->b)[to[0]] = MASKED;
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(words(s->b)[to[0]], MASKED | PENDING);
	assert_int_equal(control(s->b, 0)->ready, 0);
	assert_int_equal(port_call(s->b, EVTCHNOP_unmask, to[0]), 0);
	assert_int_equal(words(s->b)[to[0]], PENDING | LINKED);
	assert_int_equal(control(s->b, 0)->head[DEFAULT], to[0]);
	assert_int_equal(control(s->b, 0)->ready, 1u << DEFAULT);
}

static void test_priorities(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[2], to[2];

	join_many(s, from, to, 2);
	assert_int_equal(set_priority(s->b, to[0], 16), -XEN_EINVAL);
	assert_int_equal(set_priority(s->b, 1000, 3), -XEN_EINVAL);
	assert_int_equal(set_priority(s->a, from[0], 3), -XEN_ENOSYS);
	assert_int_equal(set_priority(s->a, from[0], 16), -XEN_ENOSYS);	/* of two faults Xen names this one */
	assert_int_equal(set_priority(s->b, to[0], EVTCHN_FIFO_PRIORITY_MAX), 0);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[1]), 0);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(control(s->b, 0)->ready, 1u << DEFAULT | 1u << EVTCHN_FIFO_PRIORITY_MAX);
	assert_int_equal(control(s->b, 0)->head[EVTCHN_FIFO_PRIORITY_MAX], to[0]);
	assert_int_equal(control(s->b, 0)->head[DEFAULT], to[1]);
}

static void test_moved_tail(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[2], to[2];
	uint32_t head = 0;

	join_many(s, from, to, 2);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(guest_take(s->b, 0, DEFAULT, &head), to[0]);
	words(s->b)[to[0]] = 0;
	guest_ready_clear(s->b, 0);
	/* Was the tail of vCPU 0's queue; linked on vCPU 1 now, nothing may be linked behind it for vCPU 0. */
	assert_int_equal(guest_bind_vcpu(s->b, to[0], 1), 0);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(control(s->b, 1)->head[DEFAULT], to[0]);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[1]), 0);
	assert_int_equal(control(s->b, 0)->head[DEFAULT], to[1]);
	assert_int_equal(LINK(words(s->b)[to[0]]), 0);
	assert_int_equal(control(s->b, 0)->ready, 1u << DEFAULT);
}

static void test_busy_port_is_not_reused(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[1], to[1];
	int64_t port;

	join_many(s, from, to, 1);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(port_call(s->b, EVTCHNOP_close, to[0]), 0);
	assert_int_equal(words(s->b)[to[0]], LINKED);
	port = guest_bind_ipi(s->b, 0);
	assert_true(port > 0 && port != to[0]);
	words(s->b)[to[0]] = 0;
	assert_int_equal(guest_bind_ipi(s->b, 0), to[0]);
}

/* All ports kept on queues by a guest that never takes them off: refused in bounded time, nothing else breaks. */
static void test_busy_ports_exhaust(void **state)
{
	struct sides *s = *state;

	for (unsigned int i = 1; i < 1024; i++)
		words(s->b)[i] = LINKED;
	assert_int_equal(guest_bind_ipi(s->b, 0), -XEN_ENOSPC);
	for (unsigned int i = 1; i < 1024; i++)
		words(s->b)[i] = 0;
	assert_true(guest_bind_ipi(s->b, 0) > 0);
}

static void test_scribbled_words(void **state)
{
	static const uint32_t junk[] = { 0, UINT32_MAX, LINKED, LINKED | EVTCHN_FIFO_LINK_MASK, PENDING | 1u << EVTCHN_FIFO_BUSY, LINKED | 1,
					 MASKED | LINKED, EVTCHN_FIFO_LINK_MASK };
	struct sides *s = *state;
	evtchn_port_t from[4], to[4];

	join_many(s, from, to, 4);
	for (unsigned int i = 0; i < 4 * ARRAY_SIZE(junk) * ARRAY_SIZE(junk); i++) {
		for (unsigned int k = 0; k < 4; k++)
			words(s->b)[to[k]] = junk[(i / (k + 1) + k) % ARRAY_SIZE(junk)];
		control(s->b, 0)->head[DEFAULT] = junk[i % ARRAY_SIZE(junk)];
		control(s->b, 0)->ready = junk[i / 3 % ARRAY_SIZE(junk)];
		assert_int_equal(port_call(s->a, EVTCHNOP_send, from[i % 4]), 0);
		assert_int_equal(port_call(s->b, EVTCHNOP_unmask, to[(i + 1) % 4]), 0);
	}
	/* An honest guest again: works as before. */
	for (unsigned int k = 0; k < 4; k++)
		words(s->b)[to[k]] = 0;
	memset((void *)(uintptr_t)control(s->b, 0), 0, sizeof(struct evtchn_fifo_control_block));
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[2]), 0);
	assert_int_equal(control(s->b, 0)->head[DEFAULT], to[2]);
}

/* Whatever link a guest has left in its word, the event behind it is the one that comes next. */
static void test_a_link_replaces_what_stood_there(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[2], to[2];

	join_many(s, from, to, 2);
	words(s->b)[to[0]] = EVTCHN_FIFO_LINK_MASK;
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[1]), 0);
	assert_int_equal(LINK(words(s->b)[to[0]]), to[1]);
}

#define EVENTS 8u

/* What Linux does after an upcall: all queues that are marked ready, until none is; masked events stay pending. */
static void guest_consume(struct sides *s, unsigned int vcpu, const evtchn_port_t *to, bool *due)
{
	volatile struct evtchn_fifo_control_block *c = control(s->b, vcpu);
	uint32_t ready, port;

	while ((ready = c->ready) != 0) {
		unsigned int priority = (unsigned int)__builtin_ctz(ready);
		uint32_t head = 0;

		c->ready = ready & ~(1u << priority);
		do {
			port = guest_take(s->b, vcpu, priority, &head);
			for (unsigned int k = 0; k < EVENTS; k++)
				if (to[k] == port && (words(s->b)[port] & (PENDING | MASKED)) == PENDING) {
					words(s->b)[port] &= ~PENDING;
					due[k] = false;
				}
		} while (head);
	}
	s->b->vcpu[vcpu]->info->evtchn_upcall_pending = 0;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* One thing that either side may do with event k. */
static void anything(struct sides *s, uint32_t what, unsigned int k, const evtchn_port_t *from, const evtchn_port_t *to, bool *due)
{
	switch (what % 8) {
	case 0:
		words(s->b)[to[k]] |= MASKED;
		break;
	case 1:
		assert_int_equal(port_call(s->b, EVTCHNOP_unmask, to[k]), 0);
		break;
	case 2:
		assert_int_equal(guest_bind_vcpu(s->b, to[k], what / 8 % 2), 0);
		break;
	case 3:
		assert_int_equal(set_priority(s->b, to[k], what / 8 % 3 + DEFAULT - 1), 0);
		break;
	case 4:
		if (s->b->vcpu[what / 8 % 2]->info->evtchn_upcall_pending)
			guest_consume(s, what / 8 % 2, to, due);
		break;
	default:
		assert_int_equal(port_call(s->a, EVTCHNOP_send, from[k]), 0);
		due[k] = true;
		break;
	}
}

/* Sent, masked, moved between queues and vCPUs in any order: a guest that looks where it is told to look misses none. */
static void test_no_event_is_lost(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[EVENTS], to[EVENTS];
	bool due[EVENTS] = { false };
	uint32_t seed = 1;

	join_many(s, from, to, EVENTS);
	for (unsigned int round = 0; round < 400; round++) {
		for (unsigned int i = 0; i < 20; i++) {
			uint32_t what = next_random(&seed);

			anything(s, what, what / 64 % EVENTS, from, to, due);
		}
		for (unsigned int vcpu = 0; vcpu < 2; vcpu++)
			if (s->b->vcpu[vcpu]->info->evtchn_upcall_pending)
				guest_consume(s, vcpu, to, due);
		for (unsigned int k = 0; k < EVENTS; k++)
			assert_int_equal(due[k], (words(s->b)[to[k]] & (PENDING | MASKED)) == (PENDING | MASKED));
	}
}

static void test_reset_goes_back(void **state)
{
	struct sides *s = *state;
	struct evtchn_reset op = { .dom = DOMID_SELF };
	evtchn_port_t from[2], to[2], bport, aport;

	join_many(s, from, to, 2);
	assert_int_equal(hosted_pins(), 3);
	assert_int_equal(evtchn_call(s->b, reset, &op), 0);
	assert_int_equal(hosted_pins(), 0);
	assert_int_equal(refcount_read(&s->b->refs), s->b_refs);
	aport = guests_join(s->a, s->b, &bport);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, aport), 0);
	assert_true(pending_bit(s->b, bport));
	assert_int_equal(init_control(s->b, CONTROL_PAGE, 0, 0), EVTCHN_FIFO_LINK_BITS);
}

static void test_poll(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[1], to[1];
	struct sched_poll op = { .nr_ports = 1 };
	struct vcpu *v = s->b->vcpu[0];

	join_many(s, from, to, 1);
	words(s->b)[to[0]] = MASKED;
	op.ports.p = (evtchn_port_t *)(uintptr_t)0x8000;
	hosted_write(s->b, 0x8000, to, sizeof(to[0]));
	assert_int_equal(guest_call(s->b, __HYPERVISOR_sched_op, SCHEDOP_poll, &op, sizeof(op)), 0);
	assert_true(v->state == VCPU_BLOCKED || v->state == VCPU_POLLING);
	assert_int_equal(port_call(s->a, EVTCHNOP_send, from[0]), 0);
	assert_int_equal(v->state, VCPU_RUNNABLE);
}

static _Atomic bool stop;

/* A guest's own CPU at work on the words: takes, masks, unmasks, and now and then writes nonsense. */
static void *scribble(void *data)
{
	volatile uint32_t *w = words(data);

	for (uint32_t i = 0; !stop; i++) {
		volatile uint32_t *word = &w[1 + i % 8];

		switch (i / 8 % 4) {
		case 0:
			__atomic_fetch_and(word, ~(LINKED | EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);
			break;
		case 1:
			__atomic_fetch_or(word, MASKED, __ATOMIC_SEQ_CST);
			break;
		case 2:
			__atomic_fetch_and(word, ~(MASKED | PENDING), __ATOMIC_SEQ_CST);
			break;
		default:
			__atomic_store_n(word, i * 2654435761u, __ATOMIC_SEQ_CST);
			break;
		}
	}
	return NULL;
}

static void test_racing_guest(void **state)
{
	struct sides *s = *state;
	evtchn_port_t from[8], to[8];
	pthread_t t;

	join_many(s, from, to, 8);
	stop = false;
	assert_int_equal(pthread_create(&t, NULL, scribble, s->b), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		assert_int_equal(port_call(s->a, EVTCHNOP_send, from[i % 8]), 0);
		assert_int_equal(port_call(s->b, EVTCHNOP_unmask, to[i * 3 % 8]), 0);
	}
	stop = true;
	pthread_join(t, NULL);
	hosted_domain_kill(s->b);
	hosted_domain_kill(s->a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_init_control, setup_plain),
		cmocka_unit_test_setup(test_array_ends, setup),
		cmocka_unit_test_setup(test_raise_before_array, setup_plain),
		cmocka_unit_test_setup(test_queue_order, setup),
		cmocka_unit_test_setup(test_event_is_linked_once, setup),
		cmocka_unit_test_setup(test_mask, setup),
		cmocka_unit_test_setup(test_priorities, setup),
		cmocka_unit_test_setup(test_moved_tail, setup),
		cmocka_unit_test_setup(test_busy_port_is_not_reused, setup),
		cmocka_unit_test_setup(test_busy_ports_exhaust, setup),
		cmocka_unit_test_setup(test_scribbled_words, setup),
		cmocka_unit_test_setup(test_a_link_replaces_what_stood_there, setup),
		cmocka_unit_test_setup(test_no_event_is_lost, setup),
		cmocka_unit_test_setup(test_reset_goes_back, setup),
		cmocka_unit_test_setup(test_poll, setup),
		cmocka_unit_test_setup(test_racing_guest, setup),
	};

	return cmocka_run_group_tests_name("fifo", tests, NULL, NULL);
}
