/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's ring and rav's files together: what the one writes the other stores and finds whole; both compute the same chain.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <hv/audit.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/options.h>

#include "../../tools/rav/audit.h"
#include "hosted.h"

#define ARG	0x1000u
#define BUFFER	0x4000u

static struct domain *dom0;
static char dir[64];

static int call(uint32_t cmd, struct ravelin_op *op)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = RAVELIN_INTERFACE_VERSION;
	hosted_write(dom0, ARG, op, sizeof(*op));
	rc = hosted_hypercall(dom0, RAVELIN_HYPERCALL, ARG, 0, 0, 0, 0);
	hosted_read(dom0, ARG, op, sizeof(*op));
	return (int)rc;
}

static int source_state(struct audit_source *s, struct ravelin_audit_state *state)
{
	struct ravelin_op op = { .u.audit_state = *state };
	int rc = call(RAVELIN_AUDIT_STATE, &op);

	(void)s;
	*state = op.u.audit_state;
	return rc;
}

static int source_read(struct audit_source *s, uint64_t *from, char *buffer, uint32_t *size)
{
	struct ravelin_op op = { .u.audit_read = { .from = *from, .buffer = BUFFER, .size = RAVELIN_AUDIT_LINE_MAX } };
	int rc = call(RAVELIN_AUDIT_READ, &op);

	(void)s;
	if (rc)
		return rc;
	*from = op.u.audit_read.from;
	*size = op.u.audit_read.size;
	hosted_read(dom0, BUFFER, buffer, *size);
	return 0;
}

static int source_release(struct audit_source *s, uint64_t before)
{
	struct ravelin_op op = { .u.audit_release.before = before };

	(void)s;
	return call(RAVELIN_AUDIT_RELEASE, &op);
}

static int source_link(struct audit_source *s, const struct ravelin_audit_link *link)
{
	struct ravelin_op op = { .u.audit_link = *link };

	(void)s;
	return call(RAVELIN_AUDIT_LINK, &op);
}

static struct audit_source source = { source_state, source_read, source_release, source_link };

/* The machine's random numbers begin anew with it; its boot shall have another one each time. */
static void boot(void)
{
	static unsigned int boots;

	options.audit_bytes = 65536;
	hosted_machine_init();
	for (unsigned int i = 0; i < boots; i++)
		edge_random();
	boots++;
	assert_int_equal(audit_init(), 0);
	dom0 = hosted_domain(0, "system_u:system_r:dom0_t:s0-s0:c0.c1023", 32, 1);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/audit-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	boot();
	return 0;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void denials(domid_t domain, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		audit_avc(&(struct audit_avc){ .perm = PERM_grant__map_read, .second = PERM_grant__map_write, .caller = domain, .source = domain,
					       .target = 0, .ssid = 12, .tsid = 3, .operation = "grant_table.map_grant_ref", .object = "gref",
					       .object_value = i });
}

static void daemon_runs(bool ends)
{
	struct audit_store t;
	uint64_t got;

	assert_int_equal(audit_store_open(&t, dir, 16384, 20), 0);
	assert_int_equal(audit_store_begin(&t, &source), 0);
	do
		assert_int_equal(audit_store_fetch(&t, &source, &got), 0);
	while (got);
	if (ends)
		assert_int_equal(audit_store_end(&t), 0);
	close(t.fd);
	close(t.dir);
}

static struct audit_verdict verify(void)
{
	struct audit_verdict v = { 0 };

	assert_int_equal(audit_verify(dir, &source, NULL, &v), 0);
	free(v.boots);
	v.boots = NULL;
	if (!v.ok)
		fail_msg("%s", v.reason);
	return v;
}

static void test_flood_is_stored_and_counted(void **state)
{
	struct ravelin_audit_state s = { 0 };
	unsigned int before;

	(void)state;
	daemon_runs(false);
	before = (unsigned int)verify().records;
	for (unsigned int i = 0; i < 10; i++) {
		denials(1, 300);
		denials(2, 3);
		daemon_runs(false);
	}
	daemon_runs(true);
	assert_int_equal(source_state(NULL, &s), 0);
	assert_true(s.lost > 100);
	/* ten notes of what was lost */
	assert_int_equal(verify().records, before + 3030 + 10 - s.lost);
}

/* The boot after: the log goes on, the old part is linked. */
static void test_next_boot(void **state)
{
	struct audit_verdict v = { 0 };

	(void)state;
	denials(1, 20);
	daemon_runs(false);
	boot();
	denials(1, 20);
	daemon_runs(true);
	assert_int_equal(audit_verify(dir, &source, NULL, &v), 0);
	assert_true(v.ok);
	assert_int_equal(v.boots_nr, 2);
	assert_int_equal(v.boots[0].proof, BOOT_LINKED);
	assert_int_equal(v.boots[1].proof, BOOT_PROVEN);
	free(v.boots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flood_is_stored_and_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_next_boot, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
