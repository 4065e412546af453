/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: event channels of one domain with itself, in both layouts.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define DEFAULT_PRIORITY 7u

static long event_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_event_channel_op, cmd, arg);
}

static int pair_open(evtchn_port_t *a, evtchn_port_t *b)
{
	struct evtchn_alloc_unbound u = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain i = { .remote_dom = DOMID_SELF };

	CHECK_OK(event_op(EVTCHNOP_alloc_unbound, &u));
	i.remote_port = u.port;
	CHECK_OK(event_op(EVTCHNOP_bind_interdomain, &i));
	*a = u.port;
	*b = i.local_port;
	irq_on();
	delay_ms(1);
	irq_off();
	(void)event_take(i.local_port);	/* binding pends the near end once, lest a notification was lost */
	return 0;
}

static int send_arrives(evtchn_port_t from, evtchn_port_t to)
{
	struct evtchn_send s = { .port = from };
	uint64_t before = upcalls;

	CHECK_OK(event_op(EVTCHNOP_send, &s));
	CHECK(wait_for(&upcalls, before + 1, 2000));
	CHECK(event_take(to));
	CHECK(!event_take(to));
	return 0;
}

static int status_is(evtchn_port_t port, uint32_t want)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	CHECK_OK(event_op(EVTCHNOP_status, &s));
	CHECK_EQ(s.status, want);
	return 0;
}

static int closing(evtchn_port_t a, evtchn_port_t b)
{
	struct evtchn_close c = { .port = b };
	struct evtchn_send s = { .port = b };
	int line;

	CHECK_OK(event_op(EVTCHNOP_close, &c));
	line = status_is(a, EVTCHNSTAT_unbound);
	if (line)
		return line;
	CHECK_EQ(event_op(EVTCHNOP_send, &s), -XEN_EINVAL);
	CHECK_EQ(event_op(EVTCHNOP_close, &c), -XEN_EINVAL);
	c.port = a;
	CHECK_OK(event_op(EVTCHNOP_close, &c));
	return status_is(a, EVTCHNSTAT_closed);
}

static int masking_2l(evtchn_port_t from, evtchn_port_t to)
{
	struct evtchn_send s = { .port = from };
	struct evtchn_unmask u = { .port = to };
	uint64_t before = upcalls;

	event_mask(to, true);
	CHECK_OK(event_op(EVTCHNOP_send, &s));
	irq_on();
	delay_ms(5);
	irq_off();
	CHECK_EQ(upcalls, before);
	CHECK_OK(event_op(EVTCHNOP_unmask, &u));
	CHECK(wait_for(&upcalls, before + 1, 2000));
	CHECK(event_take(to));
	return 0;
}

static int loopback(void)
{
	evtchn_port_t a, b;
	int line = pair_open(&a, &b);

	line = line ? line : status_is(a, EVTCHNSTAT_interdomain);
	line = line ? line : send_arrives(b, a);
	line = line ? line : send_arrives(a, b);
	line = line ? line : masking_2l(b, a);
	return line ? line : closing(a, b);
}

static int bad_ports(void)
{
	static const evtchn_port_t port[] = { 0, 4095, 1u << 17, 0x7fffffff, 0xffffffff };

	for (unsigned int i = 0; i < ARRAY_SIZE(port); i++) {
		struct evtchn_send s = { .port = port[i] };
		struct evtchn_close c = { .port = port[i] };
		struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF, .remote_port = port[i] };

		CHECK_EQ(event_op(EVTCHNOP_send, &s), -XEN_EINVAL);
		CHECK_EQ(event_op(EVTCHNOP_close, &c), -XEN_EINVAL);
		CHECK_EQ(event_op(EVTCHNOP_bind_interdomain, &b), -XEN_EINVAL);
	}
	return 0;
}

static int virqs(void)
{
	struct evtchn_bind_virq v = { .virq = VIRQ_DEBUG, .vcpu = 0 }, again = v;
	struct evtchn_bind_virq bad = { .virq = 1000, .vcpu = 0 };
	struct evtchn_close c;

	CHECK_OK(event_op(EVTCHNOP_bind_virq, &v));
	CHECK_EQ(event_op(EVTCHNOP_bind_virq, &again), -XEN_EEXIST);
	CHECK_EQ(event_op(EVTCHNOP_bind_virq, &bad), -XEN_EINVAL);
	c.port = v.port;
	CHECK_OK(event_op(EVTCHNOP_close, &c));
	return 0;
}

static int polling(void)
{
	struct sched_poll p = { .nr_ports = 1 };
	evtchn_port_t a, b;
	struct evtchn_send s;
	uint64_t end;
	int line = pair_open(&a, &b);

	if (line)
		return line;
	set_xen_guest_handle(p.ports, &a);
	event_mask(a, true);
	end = now_ns() + 10000000;
	p.timeout = end;
	CHECK_OK(hypercall2(__HYPERVISOR_sched_op, SCHEDOP_poll, &p));
	CHECK(now_ns() >= end);
	s.port = b;
	CHECK_OK(event_op(EVTCHNOP_send, &s));
	p.timeout = 0;
	CHECK_OK(hypercall2(__HYPERVISOR_sched_op, SCHEDOP_poll, &p));	/* pending: does not block */
	CHECK(event_take(a));
	event_mask(a, false);
	return closing(a, b);
}

int test_evtchn2l(void)
{
	int line = events_init();

	line = line ? line : loopback();
	line = line ? line : bad_ports();
	line = line ? line : virqs();
	return line ? line : polling();
}

static int fifo_on(struct evtchn_fifo_control_block **control, event_word_t **words)
{
	struct evtchn_init_control i = { .vcpu = 0, .offset = 0 };
	struct evtchn_expand_array x;

	*control = page_alloc(1);
	*words = page_alloc(1);
	i.control_gfn = gfn_of(*control);
	x.array_gfn = gfn_of(*words);
	CHECK_OK(event_op(EVTCHNOP_init_control, &i));
	CHECK_EQ(i.link_bits, EVTCHN_FIFO_LINK_BITS);
	CHECK_OK(event_op(EVTCHNOP_expand_array, &x));
	for (unsigned int p = 0; p < PAGE_SIZE / sizeof(event_word_t); p++)
		(*words)[p] |= 1u << EVTCHN_FIFO_MASKED;
	return 0;
}

static int fifo_send(struct evtchn_fifo_control_block *control, event_word_t *words, evtchn_port_t from, evtchn_port_t to)
{
	struct evtchn_send s = { .port = from };
	struct evtchn_unmask u = { .port = to };
	uint64_t before = upcalls;

	CHECK_OK(event_op(EVTCHNOP_send, &s));
	CHECK(words[to] & 1u << EVTCHN_FIFO_PENDING);
	CHECK(!(words[to] & 1u << EVTCHN_FIFO_LINKED));		/* masked: not queued */
	CHECK_OK(event_op(EVTCHNOP_unmask, &u));
	CHECK(wait_for(&upcalls, before + 1, 2000));
	CHECK(words[to] & 1u << EVTCHN_FIFO_LINKED);
	CHECK(control->ready & 1u << DEFAULT_PRIORITY);
	CHECK_EQ(control->head[DEFAULT_PRIORITY], to);
	control->ready = 0;
	control->head[DEFAULT_PRIORITY] = 0;
	words[to] = 0;
	return 0;
}

int test_fifo(void)
{
	struct evtchn_fifo_control_block *control;
	event_word_t *words;
	evtchn_port_t a, b;
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct evtchn_set_priority prio = { .priority = 16 };
	int line = events_init();

	CHECK_OK(event_op(EVTCHNOP_reset, &reset));
	line = line ? line : fifo_on(&control, &words);
	line = line ? line : pair_open(&a, &b);
	line = line ? line : fifo_send(control, words, b, a);
	if (line)
		return line;
	prio.port = a;
	CHECK_EQ(event_op(EVTCHNOP_set_priority, &prio), -XEN_EINVAL);
	prio.priority = 0;
	CHECK_OK(event_op(EVTCHNOP_set_priority, &prio));
	line = closing(a, b);
	CHECK_OK(event_op(EVTCHNOP_reset, &reset));		/* back to the two-level layout */
	return line;
}

/* vcpu_info of a vCPU that never runs, in a page that stays pinned until this domain ends. */
int test_vcpuinfo(void)
{
	struct vcpu_register_vcpu_info where = { .offset = 0 };

	where.mfn = gfn_of(page_alloc(1));
	CHECK_OK(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1, &where));
	CHECK_EQ(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1, &where), -XEN_EINVAL);	/* once */
	return 0;
}
