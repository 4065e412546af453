/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels in their 2-level form: what each operation does, to whom it is refused, what a domain's end leaves behind.
 * Locking: the last test runs two CPUs. Trust: tests only.
 */
#include "guestcalls.h"

#include <pthread.h>

#include <hv/timer.h>
#include <xen/vcpu.h>

struct pair {
	struct domain *a, *b;
	uint32_t a_refs, b_refs;
};

static int setup(void **state)
{
	static struct pair p;

	hosted_machine_init();
	p.a = hosted_domain(1, TENANT_1, 16, 2);
	p.b = hosted_domain(2, TENANT_1, 16, 2);
	p.a_refs = refcount_read(&p.a->refs);
	p.b_refs = refcount_read(&p.b->refs);
	*state = &p;
	return 0;
}

static void test_send_reaches_peer(void **state)
{
	struct pair *p = *state;
	int64_t port = guest_alloc_unbound(p->a, 2), peer = guest_bind(p->b, 1, (evtchn_port_t)port);

	assert_int_equal(port, 1);
	assert_int_equal(peer, 1);
	/* Whoever binds is told at once: the other side may have sent already. */
	assert_true(pending_bit(p->b, 1));
	guest_ack_all(p->b);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, 1), 0);
	assert_true(pending_bit(p->b, 1));
	assert_int_equal(p->b->vcpu[0]->info->evtchn_pending_sel, 1);
	assert_int_equal(p->b->vcpu[0]->info->evtchn_upcall_pending, 1);
	assert_false(pending_bit(p->a, 1));
	assert_true(evtchn_pending(p->b->vcpu[0]));
	assert_false(evtchn_pending(p->b->vcpu[1]));
}

static void test_only_the_named_domain_binds(void **state)
{
	struct pair *p = *state;
	struct domain *c = hosted_domain(3, TENANT_1, 16, 1);
	int64_t port = guest_alloc_unbound(p->a, 2);

	assert_int_equal(guest_bind(c, 1, (evtchn_port_t)port), -XEN_EINVAL);
	assert_int_equal(guest_bind(p->b, 1, (evtchn_port_t)port + 1), -XEN_EINVAL);
	assert_int_equal(guest_bind(p->b, 77, (evtchn_port_t)port), -XEN_ESRCH);
	assert_true(guest_bind(p->b, 1, (evtchn_port_t)port) > 0);
	assert_int_equal(guest_bind(p->b, 1, (evtchn_port_t)port), -XEN_EINVAL);
	hosted_domain_kill(c);
}

static void test_tenants_are_apart(void **state)
{
	struct pair *p = *state;
	struct domain *c = hosted_domain(OTHER_TENANT, TENANT_2, 16, 1);

	assert_int_equal(guest_alloc_unbound(p->a, OTHER_TENANT), -XEN_EACCES);
	assert_int_equal(guest_bind(p->a, OTHER_TENANT, 1), -XEN_EACCES);
	hosted_domain_kill(c);
}

static void test_loopback(void **state)
{
	struct pair *p = *state;
	int64_t port = guest_alloc_unbound(p->a, DOMID_SELF), peer = guest_bind(p->a, DOMID_SELF, (evtchn_port_t)port);

	assert_true(port > 0 && peer > 0 && port != peer);
	guest_ack_all(p->a);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, (evtchn_port_t)port), 0);
	assert_true(pending_bit(p->a, (evtchn_port_t)peer));
	assert_int_equal(port_call(p->a, EVTCHNOP_close, (evtchn_port_t)port), 0);
	assert_int_equal(guest_status(p->a, (evtchn_port_t)peer).status, EVTCHNSTAT_unbound);
	assert_int_equal(port_call(p->a, EVTCHNOP_close, (evtchn_port_t)peer), 0);
	assert_int_equal(refcount_read(&p->a->refs), p->a_refs);
}

static void test_mask_and_unmask(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);

	mask_bit_set(p->b, bport);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_true(pending_bit(p->b, bport));
	assert_int_equal(p->b->vcpu[0]->info->evtchn_upcall_pending, 0);
	assert_int_equal(port_call(p->b, EVTCHNOP_unmask, bport), 0);
	assert_int_equal(p->b->vcpu[0]->info->evtchn_upcall_pending, 1);
	guest_ack_all(p->b);
	assert_int_equal(port_call(p->b, EVTCHNOP_unmask, bport), 0);
	assert_int_equal(p->b->vcpu[0]->info->evtchn_upcall_pending, 0);
}

static void test_one_upcall_for_many(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);
	unsigned int kicks;

	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	kicks = hosted_kicks(0) + hosted_kicks(1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_int_equal(hosted_kicks(0) + hosted_kicks(1), kicks);
}

static void test_timer_virq(void **state)
{
	struct pair *p = *state;
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = 2000000000u };
	int64_t port = guest_bind_virq(p->a, VIRQ_TIMER, 0);

	assert_true(port > 0);
	assert_int_equal(guest_bind_virq(p->a, VIRQ_TIMER, 0), -XEN_EEXIST);
	assert_true(guest_bind_virq(p->a, VIRQ_TIMER, 1) > 0);
	assert_int_equal(guest_bind_virq(p->a, VIRQ_TIMER, 2), -XEN_ENOENT);
	assert_int_equal(guest_bind_virq(p->a, NR_VIRQS, 0), -XEN_EINVAL);
	assert_int_equal(guest_bind_vcpu(p->a, (evtchn_port_t)port, 1), -XEN_EINVAL);
	hosted_write(p->a, ARG_GPA, &t, sizeof(t));
	assert_int_equal(hosted_hypercall(p->a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, ARG_GPA, 0, 0), 0);
	timer_run_due();
	assert_false(pending_bit(p->a, (evtchn_port_t)port));
	hosted_time_set(2000000001u);
	timer_run_due();
	assert_true(pending_bit(p->a, (evtchn_port_t)port));
	/* Nobody sets another vCPU's timer. */
	assert_int_equal(hosted_hypercall(p->a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 1, ARG_GPA, 0, 0), -XEN_EINVAL);
	t.flags = VCPU_SSHOTTMR_future;
	t.timeout_abs_ns = 1;
	hosted_write(p->a, ARG_GPA, &t, sizeof(t));
	assert_int_equal(hosted_hypercall(p->a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, ARG_GPA, 0, 0), -XEN_ETIME);
}

static void test_global_virq(void **state)
{
	struct pair *p = *state;
	struct domain *control = hosted_domain(0, CONTROL, 16, 2);
	int64_t port;

	assert_int_equal(guest_bind_virq(p->a, VIRQ_DOM_EXC, 0), -XEN_EACCES);
	assert_int_equal(guest_bind_virq(control, VIRQ_DOM_EXC, 1), -XEN_EINVAL);
	evtchn_send_global_virq(VIRQ_DOM_EXC);	/* nobody listens */
	port = guest_bind_virq(control, VIRQ_DOM_EXC, 0);
	assert_true(port > 0);
	assert_int_equal(guest_bind_virq(control, VIRQ_DOM_EXC, 0), -XEN_EEXIST);
	assert_int_equal(evtchn_bind_virq(p->a, VIRQ_DOM_EXC, 0, &(evtchn_port_t){ 0 }), -XEN_EBUSY);
	assert_int_equal(guest_bind_vcpu(control, (evtchn_port_t)port, 1), 0);
	evtchn_send_global_virq(VIRQ_DOM_EXC);
	assert_true(pending_bit(control, (evtchn_port_t)port));
	assert_int_equal(control->vcpu[1]->info->evtchn_upcall_pending, 1);
	assert_int_equal(port_call(control, EVTCHNOP_close, (evtchn_port_t)port), 0);
	assert_true(guest_bind_virq(control, VIRQ_DOM_EXC, 0) > 0);
}

static void test_ipi(void **state)
{
	struct pair *p = *state;
	int64_t port = guest_bind_ipi(p->a, 1);

	assert_true(port > 0);
	assert_int_equal(guest_bind_ipi(p->a, 2), -XEN_ENOENT);
	assert_int_equal(guest_bind_ipi(p->a, UINT32_MAX), -XEN_ENOENT);
	assert_int_equal(guest_bind_vcpu(p->a, (evtchn_port_t)port, 0), -XEN_EINVAL);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, (evtchn_port_t)port), 0);
	assert_int_equal(p->a->vcpu[1]->info->evtchn_upcall_pending, 1);
	assert_int_equal(p->a->vcpu[0]->info->evtchn_upcall_pending, 0);
	assert_int_equal(guest_status(p->a, (evtchn_port_t)port).status, EVTCHNSTAT_ipi);
	assert_int_equal(guest_status(p->a, (evtchn_port_t)port).vcpu, 1);
}

static void test_bind_vcpu_moves(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);

	assert_int_equal(guest_bind_vcpu(p->b, bport, 1), 0);
	assert_int_equal(guest_bind_vcpu(p->b, bport, 2), -XEN_ENOENT);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_int_equal(p->b->vcpu[0]->info->evtchn_upcall_pending, 0);
	assert_int_equal(p->b->vcpu[1]->info->evtchn_upcall_pending, 1);
	/* Who has the number next is told on vCPU 0, as always. */
	assert_int_equal(port_call(p->b, EVTCHNOP_close, bport), 0);
	assert_int_equal(guest_alloc_unbound(p->b, 1), bport);
	assert_int_equal(guest_status(p->b, bport).vcpu, 0);
}

static void test_close_leaves_peer_waiting(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);
	struct evtchn_status s;

	s = guest_status(p->b, bport);
	assert_int_equal(s.status, EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 1);
	assert_int_equal(s.u.interdomain.port, aport);
	assert_int_equal(port_call(p->a, EVTCHNOP_close, aport), 0);
	assert_int_equal(port_call(p->a, EVTCHNOP_close, aport), -XEN_EINVAL);
	s = guest_status(p->b, bport);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 1);
	assert_int_equal(port_call(p->b, EVTCHNOP_send, bport), 0);	/* dropped */
	assert_int_equal(refcount_read(&p->a->refs), p->a_refs);
	assert_int_equal(refcount_read(&p->b->refs), p->b_refs);
	assert_true(guest_bind(p->a, 2, bport) > 0);
}

static void test_close_clears_pending(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);

	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_int_equal(port_call(p->b, EVTCHNOP_close, bport), 0);
	assert_false(pending_bit(p->b, bport));
}

static void test_ports_are_limited(void **state)
{
	struct pair *p = *state;

	for (int64_t i = 1; i <= 1023; i++)
		assert_int_equal(guest_bind_ipi(p->a, 0), i);
	assert_int_equal(guest_bind_ipi(p->a, 0), -XEN_ENOSPC);
	assert_int_equal(port_call(p->a, EVTCHNOP_close, 517), 0);
	assert_int_equal(guest_bind_ipi(p->a, 0), 517);
}

static void test_hostile_ports(void **state)
{
	static const evtchn_port_t ports[] = { 0, 5, 127, 128, 1023, 1024, 4095, 4096, 131071, 131072, 0x7fffffff, 0x80000000, UINT32_MAX };
	struct pair *p = *state;

	assert_true(guest_bind_ipi(p->a, 0) == 1);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		assert_int_equal(port_call(p->a, EVTCHNOP_send, ports[i]), -XEN_EINVAL);
		assert_int_equal(port_call(p->a, EVTCHNOP_close, ports[i]), -XEN_EINVAL);
		assert_int_equal(guest_bind_vcpu(p->a, ports[i], 0), -XEN_EINVAL);
		assert_int_equal(guest_bind(p->b, 1, ports[i]), -XEN_EINVAL);
		if (ports[i] >= 128)
			assert_int_equal(port_call(p->a, EVTCHNOP_unmask, ports[i]), -XEN_EINVAL);
	}
}

static void test_status_of_others(void **state)
{
	struct pair *p = *state;
	struct evtchn_status op = { .dom = 2, .port = 1 };

	assert_true(guest_bind_ipi(p->b, 0) == 1);
	assert_int_equal(evtchn_call(p->a, status, &op), -XEN_EACCES);
	assert_true(guest_bind_ipi(p->a, 0) == 1);
	assert_int_equal(port_call(p->a, EVTCHNOP_close, 1), 0);
	assert_int_equal(guest_status(p->a, 1).status, EVTCHNSTAT_closed);
}

static void test_alloc_for_another(void **state)
{
	struct pair *p = *state;
	struct domain *control = hosted_domain(0, CONTROL, 16, 1);
	struct evtchn_alloc_unbound op = { .dom = 1, .remote_dom = DOMID_SELF };

	assert_int_equal(evtchn_call(control, alloc_unbound, &op), 0);
	assert_int_equal(op.port, 1);
	assert_int_equal(guest_status(p->a, 1).u.unbound.dom, 0);
	assert_true(guest_bind(control, 1, 1) > 0);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, 1), 0);
}

static void test_reset(void **state)
{
	struct pair *p = *state;
	struct evtchn_reset op = { .dom = DOMID_SELF };
	evtchn_port_t ports[300];

	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++)
		(void)guests_join(p->a, p->b, &ports[i]);
	assert_true(guest_bind_virq(p->a, VIRQ_TIMER, 0) > 0);
	assert_int_equal(evtchn_call(p->a, reset, &op), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++)
		assert_int_equal(guest_status(p->b, ports[i]).status, EVTCHNSTAT_unbound);
	assert_int_equal(refcount_read(&p->a->refs), p->a_refs);
	assert_int_equal(refcount_read(&p->b->refs), p->b_refs);
	assert_int_equal(guest_bind_virq(p->a, VIRQ_TIMER, 0), 1);
	/* The next one begins at the first port again. */
	(void)guests_join(p->a, p->b, &ports[0]);
	assert_int_equal(evtchn_call(p->a, reset, &op), 0);
	assert_int_equal(guest_status(p->b, ports[0]).status, EVTCHNSTAT_unbound);
	assert_int_equal(guest_status(p->a, 1).status, EVTCHNSTAT_closed);
	op.dom = 2;
	assert_int_equal(evtchn_call(p->a, reset, &op), -XEN_EACCES);
}

static void test_death_frees_everything(void **state)
{
	struct pair *p = *state;
	uint64_t heap = p->b->heap_used;
	evtchn_port_t ports[40];

	(void)guest_bind_ipi(p->b, 0);
	heap = p->b->heap_used;
	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++)
		(void)guests_join(p->a, p->b, &ports[i]);
	assert_int_equal(p->b->heap_used, heap);
	hosted_domain_kill(p->a);
	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++)
		assert_int_equal(guest_status(p->b, ports[i]).status, EVTCHNSTAT_unbound);
	assert_int_equal(refcount_read(&p->b->refs), p->b_refs);
	assert_int_equal(guest_bind(p->b, 1, 1), -XEN_ESRCH);
}

static int64_t guest_poll(struct domain *d, const evtchn_port_t *ports, unsigned int nr, uint64_t timeout)
{
	struct sched_poll op = { .nr_ports = nr, .timeout = timeout };

	op.ports.p = (evtchn_port_t *)(uintptr_t)0x2000;
	if (nr && nr <= 128)
		hosted_write(d, 0x2000, ports, nr * sizeof(ports[0]));
	return guest_call(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &op, sizeof(op));
}

static bool asleep(const struct vcpu *v)
{
	return v->state == VCPU_BLOCKED || v->state == VCPU_POLLING;
}

static void test_poll(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport), bad = 1000000;
	struct vcpu *v = p->b->vcpu[0];

	mask_bit_set(p->b, bport);
	assert_int_equal(guest_poll(p->b, &bport, 129, 0), -XEN_EINVAL);
	assert_int_equal(guest_poll(p->b, &bad, 1, 0), -XEN_EINVAL);
	assert_false(asleep(v));
	assert_int_equal(guest_poll(p->b, &bport, 1, 0), 0);
	assert_true(asleep(v));
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_false(asleep(v));
	/* Already pending: no sleep. */
	assert_int_equal(guest_poll(p->b, &bport, 1, 0), 0);
	assert_false(asleep(v));
	guest_ack_all(p->b);
	for (unsigned int i = 0; i < 2; i++) {
		const evtchn_port_t port[] = { bport, 0 };	/* never given out: only the time ends it */

		assert_int_equal(guest_poll(p->b, &port[i], 1, edge_now_ns() + 1000), 0);
		assert_true(asleep(v));
		hosted_time_advance(2000);
		timer_run_due();
		assert_false(asleep(v));
	}
}

/* What ended a sleep ended the poll: the port it was about does not wake the next sleep, which is about something else. */
static void test_poll_is_over(void **state)
{
	struct pair *p = *state;
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);
	struct vcpu *v = p->b->vcpu[0];

	mask_bit_set(p->b, bport);
	assert_int_equal(guest_poll(p->b, &bport, 1, 0), 0);
	vcpu_wake(v);
	assert_false(asleep(v));
	assert_int_equal(hosted_hypercall(p->b, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0), 0);
	assert_int_equal(v->state, VCPU_BLOCKED);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_true(asleep(v));
}

/* What the far end does between the sender's look at the channel and the event. */
static struct pair *rejoins;
static evtchn_port_t rejoined;

int __real_gate_event_peer(struct authz *az, sid_t label, const struct domain_link *l, struct domain **out);
int __wrap_gate_event_peer(struct authz *az, sid_t label, const struct domain_link *l, struct domain **out);
int __wrap_gate_event_peer(struct authz *az, sid_t label, const struct domain_link *l, struct domain **out)
{
	int rc = __real_gate_event_peer(az, label, l, out);
	struct pair *p = rejoins;
	evtchn_port_t other;

	if (!p)
		return rc;
	rejoins = NULL;
	hosted_cpu_set(1);
	assert_int_equal(port_call(p->b, EVTCHNOP_close, rejoined), 0);
	assert_int_equal(guests_join(p->b, p->a, &other), rejoined);
	hosted_cpu_set(0);
	return rc;
}

static void test_event_for_a_channel_that_was(void **state)
{
	struct pair *p = *state;
	evtchn_port_t aport = guests_join(p->a, p->b, &rejoined);

	rejoins = p;
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	assert_null(rejoins);
	assert_false(pending_bit(p->b, rejoined));
}

static void test_register_vcpu_info(void **state)
{
	struct pair *p = *state;
	struct vcpu_register_vcpu_info op = { .mfn = 4, .offset = 64 };
	evtchn_port_t bport, aport = guests_join(p->a, p->b, &bport);
	struct vcpu_info seen;

	op.offset = PAGE_SIZE - 63;
	hosted_write(p->b, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(p->b, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, ARG_GPA, 0, 0), -XEN_ENXIO);
	op.offset = 64;
	op.mfn = 0x7777777;
	hosted_write(p->b, ARG_GPA, &op, sizeof(op));
	assert_true(hosted_hypercall(p->b, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, ARG_GPA, 0, 0) < 0);
	op.mfn = 4;
	hosted_write(p->b, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(p->b, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, ARG_GPA, 0, 0), 0);
	assert_int_equal(hosted_hypercall(p->b, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, ARG_GPA, 0, 0), -XEN_EINVAL);
	/* An online vCPU's is not moved by another. */
	assert_int_equal(hosted_hypercall(p->b, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 1, ARG_GPA, 0, 0), -XEN_EINVAL);
	hosted_read(p->b, 0x4040, &seen, sizeof(seen));
	assert_int_equal(seen.evtchn_upcall_pending, 1);
	assert_true(seen.evtchn_pending_sel == ~0ul);
	guest_ack_all(p->b);
	assert_int_equal(port_call(p->a, EVTCHNOP_send, aport), 0);
	hosted_read(p->b, 0x4040, &seen, sizeof(seen));
	assert_int_equal(seen.evtchn_upcall_pending, 1);
}

#define ROUNDS 3000

struct racer {
	struct domain *self, *other;
	unsigned int cpu;
};

/* Everything at once against the other side doing the same; whatever the outcome, nothing may be lost or freed twice. */
static void *race(void *data)
{
	const struct racer *r = data;

	hosted_cpu_set(r->cpu);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		evtchn_port_t n = 1 + i * 7 % 40;

		(void)guest_alloc_unbound(r->self, r->other->id);
		(void)guest_bind(r->self, r->other->id, n);
		(void)port_call(r->self, EVTCHNOP_send, n);
		(void)port_call(r->self, EVTCHNOP_unmask, n);
		(void)guest_bind_vcpu(r->self, n, i & 1);
		(void)port_call(r->self, EVTCHNOP_close, 1 + i * 11 % 40);
	}
	return NULL;
}

static void test_two_sides_race(void **state)
{
	struct pair *p = *state;
	struct racer a = { p->a, p->b, 0 }, b = { p->b, p->a, 1 };
	struct evtchn_reset op = { .dom = DOMID_SELF };
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, race, &b), 0);
	race(&a);
	pthread_join(t, NULL);
	cpus[1].current = NULL;
	p->b->vcpu[0]->running = false;
	assert_int_equal(evtchn_call(p->a, reset, &op), 0);
	assert_int_equal(evtchn_call(p->b, reset, &op), 0);
	assert_int_equal(refcount_read(&p->a->refs), p->a_refs);
	assert_int_equal(refcount_read(&p->b->refs), p->b_refs);
	hosted_domain_kill(p->a);
	hosted_domain_kill(p->b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_send_reaches_peer, setup),
		cmocka_unit_test_setup(test_only_the_named_domain_binds, setup),
		cmocka_unit_test_setup(test_tenants_are_apart, setup),
		cmocka_unit_test_setup(test_loopback, setup),
		cmocka_unit_test_setup(test_mask_and_unmask, setup),
		cmocka_unit_test_setup(test_one_upcall_for_many, setup),
		cmocka_unit_test_setup(test_timer_virq, setup),
		cmocka_unit_test_setup(test_global_virq, setup),
		cmocka_unit_test_setup(test_ipi, setup),
		cmocka_unit_test_setup(test_bind_vcpu_moves, setup),
		cmocka_unit_test_setup(test_close_leaves_peer_waiting, setup),
		cmocka_unit_test_setup(test_close_clears_pending, setup),
		cmocka_unit_test_setup(test_ports_are_limited, setup),
		cmocka_unit_test_setup(test_hostile_ports, setup),
		cmocka_unit_test_setup(test_status_of_others, setup),
		cmocka_unit_test_setup(test_alloc_for_another, setup),
		cmocka_unit_test_setup(test_reset, setup),
		cmocka_unit_test_setup(test_death_frees_everything, setup),
		cmocka_unit_test_setup(test_poll, setup),
		cmocka_unit_test_setup(test_poll_is_over, setup),
		cmocka_unit_test_setup(test_event_for_a_channel_that_was, setup),
		cmocka_unit_test_setup(test_register_vcpu_info, setup),
		cmocka_unit_test_setup(test_two_sides_race, setup),
	};

	return cmocka_run_group_tests_name("evtchn", tests, NULL, NULL);
}
