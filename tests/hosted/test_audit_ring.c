/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit ring as its reader sees it: nothing is overwritten, nothing is lost without being counted, no domain takes another's room, and the chain
 * over what was read is the one a reader computes.
 * Locking: one test runs writers and a reader as threads. Trust: tests only.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/flask.h>
#include <hv/hypercall.h>
#include <hv/options.h>
#include <hv/sha256.h>
#include <xen/version.h>

#include "hosted.h"

#define CONTROL		"system_u:system_r:dom0_t:s0-s0:c0.c1023"
#define GUEST		"system_u:system_r:guest_t:s0:c1"
#define ARG		0x1000u
#define BUFFER		0x4000u
#define BUFFER_PAGES	16u
#define RING		65536u
#define SECOND		1000000000u

static struct domain *dom0;

/* What a reader keeps. */
static struct {
	uint64_t next;
	uint8_t head[32];
	char text[BUFFER_PAGES << PAGE_SHIFT];
	uint64_t lines, lost_said;
} reader;

static int machine(void **state)
{
	(void)state;
	options.audit_bytes = RING;
	options.audit_full = RAVELIN_AUDIT_DROP;
	hosted_machine_init();
	dom0 = hosted_domain(0, CONTROL, 32, 1);
	memset(&reader, 0, sizeof(reader));
	reader.next = 1;
	return 0;
}

static int64_t call(uint32_t cmd, struct ravelin_op *op)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = RAVELIN_INTERFACE_VERSION;
	atomic_store(&cpus[0].work, 0);		/* nobody has come in between */
	hosted_write(dom0, ARG, op, sizeof(*op));
	rc = hosted_hypercall(dom0, RAVELIN_HYPERCALL, ARG, 0, 0, 0, 0);
	hosted_read(dom0, ARG, op, sizeof(*op));
	return rc;
}

static struct ravelin_audit_state state_of(domid_t domain)
{
	struct ravelin_op op = { .u.audit_state.domain = domain };

	assert_int_equal(call(RAVELIN_AUDIT_STATE, &op), 0);
	return op.u.audit_state;
}

static int64_t read_raw(uint64_t from, uint64_t buffer, uint32_t size, struct ravelin_audit_read *out)
{
	struct ravelin_op op = { .u.audit_read = { .from = from, .buffer = buffer, .size = size } };
	int64_t rc = call(RAVELIN_AUDIT_READ, &op);

	if (out)
		*out = op.u.audit_read;
	return rc;
}

static int64_t release(uint64_t before)
{
	struct ravelin_op op = { .u.audit_release.before = before };

	return call(RAVELIN_AUDIT_RELEASE, &op);
}

/* As docs/AUDIT.md says it is done by hand. */
static void chain_step(uint8_t head[32], const char *line, size_t len)
{
	static char text[64 + RAVELIN_AUDIT_LINE_MAX];

	for (unsigned int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", head[i]);
	memcpy(text + 64, line, len);
	sha256(text, 64 + len, head);
}

static void line_check(const char *line, size_t len, uint64_t seq)
{
	unsigned long long got;
	const char *stamp = strstr(line, " msg=audit("), *colon, *said;

	assert_memory_equal(line, "type=", 5);
	assert_true(stamp && (colon = strchr(stamp, ':')) && sscanf(colon + 1, "%llu): ", &got) == 1);
	assert_int_equal(got, seq);
	said = strstr(line, "): ravelin: lost=");
	if (said && said < line + len)
		reader.lost_said += strtoul(said + 17, NULL, 10);
	chain_step(reader.head, line, len);
	reader.lines++;
}

/* Everything there is, in pieces of `size` bytes; kept in reader.head and counted. */
static void read_all(uint32_t size)
{
	struct ravelin_audit_read r;

	do {
		assert_int_equal(read_raw(reader.next, BUFFER, size, &r), 0);
		assert_in_range(r.size, 0, size);
		hosted_read(dom0, BUFFER, reader.text, r.size);
		for (char *at = reader.text; at < reader.text + r.size; reader.next++) {
			char *end = memchr(at, '\n', (size_t)(reader.text + r.size - at));

			assert_non_null(end);
			*end = '\0';
			line_check(at, (size_t)(end - at), reader.next);
			at = end + 1;
		}
		assert_int_equal(reader.next, r.from);
	} while (r.size);
}

static void denial(domid_t domain, uint64_t value)
{
	struct audit_avc a = { .perm = PERM_mmu__map_read, .caller = domain, .source = domain, .target = 3, .ssid = 12, .tsid = 12,
			       .operation = "memory.add_to_physmap", .object = "gfn", .object_value = value };

	audit_avc(&a);
}

static void note(void)
{
	audit_event(&(struct audit_event){ .type = AUDIT_ENFORCING, .caller = DOMID_INVALID }, "ravelin: a note");
}

static void assert_heads_equal(void)
{
	struct ravelin_audit_state s = state_of(0);

	assert_int_equal(s.chained, reader.next - 1);
	assert_memory_equal(s.head, reader.head, 32);
}

static void test_first_record(void **state)
{
	static const uint8_t none[32];
	struct ravelin_audit_state s = state_of(0);
	struct ravelin_audit_read r;
	char boot[33];

	(void)state;
	assert_int_equal(s.first, 1);
	assert_int_equal(s.chained, 0);
	assert_memory_equal(s.head, none, 32);
	assert_int_equal(s.size, RING);
	assert_int_equal(read_raw(1, BUFFER, 4096, &r), 0);
	hosted_read(dom0, BUFFER, reader.text, r.size);
	assert_memory_equal(reader.text, "type=SYSTEM_BOOT msg=audit(", 27);
	for (unsigned int i = 0; i < 16; i++)
		sprintf(boot + 2 * i, "%02x", s.boot[i]);
	assert_non_null(strstr(reader.text, boot));
	assert_non_null(strstr(reader.text, " policy="));
	/* what the machine did since: dom0 was made */
	assert_non_null(strstr(reader.text, "type=VIRT_CONTROL"));
	assert_non_null(strstr(reader.text, "ravelin: op=create domid=0 vm-ctx=" CONTROL "\n"));
}

static void test_chain(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 50; i++)
		denial(1, i);
	read_all(1000);
	assert_int_equal(reader.lines, 52);
	assert_heads_equal();
	/* heads of no records, and of one more */
	read_all(BUFFER_PAGES << PAGE_SHIFT);
	assert_heads_equal();
	note();
	read_all(BUFFER_PAGES << PAGE_SHIFT);
	assert_int_equal(reader.lines, 53);
	assert_heads_equal();
}

static void test_wraps_around(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		denial((domid_t)(1 + i % 7), i * 0x10001ull << (i % 40));
		if (i % 61 == 0) {
			read_all(4096);
			assert_int_equal(release(reader.next), 0);
		}
	}
	read_all(4096);
	assert_heads_equal();
	assert_int_equal(reader.lines, 5002);
	assert_int_equal(state_of(0).lost, 0);
	assert_int_equal(release(reader.next), 0);
	assert_int_equal(state_of(0).used, 0);
	assert_int_equal(state_of(1).held, 0);
}

static void test_budget(void **state)
{
	struct ravelin_audit_state s;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		denial(1, i);
	s = state_of(1);
	assert_in_range(s.held, RING / 3, RING / 2);
	assert_true(s.lost > 500);
	/* its silent neighbour writes as if nothing were, a second flood does not change that for a third */
	for (unsigned int i = 0; i < 10; i++)
		denial(2, i);
	assert_int_equal(state_of(2).lost, s.lost);
	for (unsigned int i = 0; i < 1000; i++)
		denial(2, i);
	assert_in_range(state_of(2).held, RING / 6, RING / 3);
	s = state_of(3);
	assert_in_range(s.limit, RING / 16, RING / 3);
	for (unsigned int i = 0; i < 10; i++)
		denial(3, i);
	assert_int_equal(state_of(3).lost, s.lost);
}

static void test_floods_of_many_leave_the_reserve(void **state)
{
	struct ravelin_audit_state s;

	(void)state;
	for (domid_t d = 0; d < 200; d++)
		for (unsigned int i = 0; i < 300; i++)
			denial(d, i);
	s = state_of(0);
	assert_in_range(s.used, RING / 2, RING - RING / 8);
	for (unsigned int i = 0; i < 50; i++)
		note();
	assert_int_equal(state_of(0).lost, s.lost);
	assert_int_equal(state_of(0).next, s.next + 50);
}

static void test_losses_are_said(void **state)
{
	struct ravelin_audit_state s;
	uint64_t lost;

	(void)state;
	for (domid_t d = 1; d <= 3; d++)
		for (unsigned int i = 0; i < 1000; i++)
			denial(d, i);
	lost = state_of(0).lost;
	assert_true(lost > 2000);
	read_all(BUFFER_PAGES << PAGE_SHIFT);
	assert_int_equal(reader.lost_said, 0);
	assert_int_equal(release(reader.next), 0);
	read_all(BUFFER_PAGES << PAGE_SHIFT);
	assert_int_equal(reader.lost_said, lost);
	/* each record that was asked for is in the file or in a count */
	assert_int_equal(reader.lines - 2 - 3 + reader.lost_said, 3000);
	s = state_of(0);
	assert_int_equal(s.lost, lost);
	assert_heads_equal();
}

static void test_reader_starts_again(void **state)
{
	static char before[BUFFER_PAGES << PAGE_SHIFT];
	struct ravelin_audit_state s;
	struct ravelin_audit_read r;
	uint32_t size;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		denial(1, i);
	assert_int_equal(read_raw(1, BUFFER, sizeof(before), &r), 0);
	size = r.size;
	hosted_read(dom0, BUFFER, before, size);
	s = state_of(0);
	assert_int_equal(s.chained, 22);
	assert_int_equal(s.first, 1);
	/* It did not say that it has stored anything, so it gets the same again. */
	assert_int_equal(read_raw(1, BUFFER, sizeof(before), &r), 0);
	hosted_read(dom0, BUFFER, reader.text, r.size);
	assert_int_equal(r.size, size);
	assert_memory_equal(before, reader.text, size);
	assert_memory_equal(state_of(0).head, s.head, 32);
	/* Of what it has stored, nothing. */
	assert_int_equal(release(11), 0);
	assert_int_equal(state_of(0).first, 11);
	assert_int_equal(read_raw(10, BUFFER, 4096, NULL), -XEN_ERANGE);
	assert_int_equal(read_raw(11, BUFFER, 4096, &r), 0);
	hosted_read(dom0, BUFFER, reader.text, 100);
	assert_non_null(strstr(reader.text, ":11): "));
	/* and not a second time */
	assert_int_equal(release(5), 0);
	assert_int_equal(state_of(0).first, 11);
}

static void test_arguments(void **state)
{
	struct ravelin_op op = { 0 };
	struct ravelin_audit_read r;

	(void)state;
	note();
	assert_int_equal(read_raw(0, BUFFER, 4096, NULL), -XEN_EINVAL);
	assert_int_equal(read_raw(2, BUFFER, 4096, NULL), -XEN_EINVAL);		/* 1 was not read: nobody skips */
	assert_int_equal(read_raw(UINT64_MAX, BUFFER, 4096, NULL), -XEN_EINVAL);
	assert_int_equal(read_raw(1, BUFFER, 10, NULL), -XEN_ENOBUFS);
	assert_int_equal(read_raw(1, BUFFER, 0, NULL), -XEN_ENOBUFS);
	assert_int_equal(release(2), -XEN_EINVAL);
	assert_int_equal(release(UINT64_MAX), -XEN_EINVAL);
	assert_int_equal(read_raw(1, 0xfffff000u, 4096, NULL), -XEN_EFAULT);
	assert_int_equal(read_raw(1, UINT64_MAX - 10, 4096, NULL), -XEN_EFAULT);
	/* what could not be delivered is still there */
	assert_int_equal(read_raw(1, BUFFER, UINT32_MAX, &r), 0);
	assert_int_equal(r.from, 4);
	assert_int_equal(read_raw(4, BUFFER, 4096, &r), 0);
	assert_int_equal(r.size, 0);
	op.cmd = RAVELIN_AUDIT_STATE;
	op.interface_version = RAVELIN_INTERFACE_VERSION + 1;
	hosted_write(dom0, ARG, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(dom0, RAVELIN_HYPERCALL, ARG, 0, 0, 0, 0), -XEN_ENOSYS);
	assert_int_equal(call(99, &op), -XEN_ENOSYS);
}

static void test_link_once(void **state)
{
	struct ravelin_op op = { .u.audit_link = { .boot = { 0xab }, .head = { 0xcd }, .last = 4711 } };

	(void)state;
	assert_int_equal(call(RAVELIN_AUDIT_LINK, &op), 0);
	assert_int_equal(call(RAVELIN_AUDIT_LINK, &op), -XEN_EEXIST);
	assert_non_null(strstr(hosted_console(), "ravelin: prior boot=ab000000000000000000000000000000 last=4711 head=cd0000"));
}

/* Guests have no business here. */
static void test_guest_is_refused(void **state)
{
	struct ravelin_op op = { .cmd = RAVELIN_AUDIT_STATE, .interface_version = RAVELIN_INTERFACE_VERSION };
	struct domain *d = hosted_domain(1, GUEST, 4, 1);

	(void)state;
	hosted_time_advance(2ull * SECOND);
	hosted_write(d, ARG, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(d, RAVELIN_HYPERCALL, ARG, 0, 0, 0, 0), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), "denied  { ravelin_op }"));
	hosted_domain_kill(d);
}

/* One pass: does the guest have to come again? */
static bool is_held(struct domain *d)
{
	struct hypercall hc = { .nr = __HYPERVISOR_xen_version, .arg = { XENVER_version }, .privileged = true };

	hosted_run_vcpu(d->vcpu[0]);
	hypercall_dispatch(d->vcpu[0], &hc);
	return hc.restart;
}

static void flood(domid_t domain)
{
	for (unsigned int i = 0; i < 1000; i++)
		denial(domain, i);
}

static void test_block(void **state)
{
	struct domain *d = hosted_domain(1, GUEST, 4, 1), *other = hosted_domain(2, GUEST, 4, 1);
	uint64_t lost;

	(void)state;
	assert_false(is_held(d));
	flood(1);
	assert_false(is_held(d));	/* drop: it goes on */
	options.audit_full = RAVELIN_AUDIT_BLOCK;
	assert_true(is_held(d));
	assert_false(is_held(other));
	flood(0);
	lost = state_of(0).lost;	/* the reader itself always gets through, however much it is denied */
	read_all(4096);
	assert_int_equal(release(reader.next), 0);
	assert_false(is_held(d));
	/* Who waits in vain for ten seconds goes on; what he does is counted. */
	flood(1);
	assert_true(is_held(d));
	hosted_time_advance(9ull * SECOND);
	assert_true(is_held(d));
	hosted_time_advance(2ull * SECOND);
	assert_false(is_held(d));
	denial(1, 1);
	assert_true(state_of(0).lost > lost);
	options.audit_full = RAVELIN_AUDIT_DROP;
	hosted_domain_kill(d);
	hosted_domain_kill(other);
}

static void test_panic(void **state)
{
	struct domain *d = hosted_domain(1, GUEST, 4, 1);

	(void)state;
	options.audit_full = RAVELIN_AUDIT_PANIC;
	for (domid_t i = 1; i < 300; i++)
		flood(i);			/* no guest stops the machine */
	assert_true(is_held(d));
	hosted_time_advance(60ull * SECOND);
	assert_true(is_held(d));		/* it waits as long as it takes */
	hosted_console_clear();
	if (HOSTED_CATCH() == 0) {
		for (unsigned int i = 0; i < 1000; i++)
			note();
		fail_msg("a record of the hypervisor's was lost");
	}
	assert_non_null(strstr(hosted_console(), "audit_full=panic"));
	assert_non_null(strstr(hosted_console(), "were not fetched: lost"));
	options.audit_full = RAVELIN_AUDIT_DROP;
}

/* --- writers and a reader at once --------------------------------------------------------------------------------------------------- */

#define WRITERS		3u
#define EACH		3000u
static _Atomic unsigned int writing;

static void *writer(void *arg)
{
	unsigned int cpu = (unsigned int)(uintptr_t)arg;

	hosted_cpu_set(cpu);
	for (unsigned int i = 0; i < EACH; i++) {
		if (i % 50 == 49)
			note();
		else
			denial((domid_t)cpu, i);
	}
	atomic_fetch_sub(&writing, 1);
	return NULL;
}

static void test_at_once(void **state)
{
	pthread_t t[WRITERS];

	(void)state;
	cpu_count = WRITERS + 1;
	assert_int_equal(audit_init(), 0);
	atomic_store(&writing, WRITERS);
	hosted_cpu_set(0);
	for (uintptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, writer, (void *)(i + 1)), 0);
	do {
		read_all(BUFFER_PAGES << PAGE_SHIFT);
		assert_int_equal(release(reader.next), 0);
	} while (atomic_load(&writing));
	for (unsigned int i = 0; i < WRITERS; i++)
		pthread_join(t[i], NULL);
	for (unsigned int i = 0; i < 2; i++) {
		read_all(BUFFER_PAGES << PAGE_SHIFT);
		assert_int_equal(release(reader.next), 0);
	}
	assert_heads_equal();
	assert_int_equal(reader.lost_said, state_of(0).lost);
	assert_true(reader.lines + reader.lost_said >= WRITERS * EACH + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_first_record, machine), cmocka_unit_test_setup(test_chain, machine),
		cmocka_unit_test_setup(test_wraps_around, machine), cmocka_unit_test_setup(test_budget, machine),
		cmocka_unit_test_setup(test_floods_of_many_leave_the_reserve, machine), cmocka_unit_test_setup(test_losses_are_said, machine),
		cmocka_unit_test_setup(test_reader_starts_again, machine), cmocka_unit_test_setup(test_arguments, machine),
		cmocka_unit_test_setup(test_link_once, machine), cmocka_unit_test_setup(test_guest_is_refused, machine),
		cmocka_unit_test_setup(test_block, machine), cmocka_unit_test_setup(test_at_once, machine),
		cmocka_unit_test_setup(test_panic, machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
