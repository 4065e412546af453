/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against libsepol as the control domain's tools see it: random policies are loaded, and each question is a hypercall. (test_flask_oracle
 * asks the engine itself, and more.) The gate asks nothing here: the policies know nothing of xsm_op.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <hv/flask.h>
#include <xen/xsm/flask_op.h>

#include "flask_generate.h"
#include "flask_oracle.h"

#define POLICIES	24u		/* hosted.mk makes them */
#define CONTEXTS	30u
#define CONTEXT_BYTES	512u
#define BUF_GPA		0x2000u
#define POLICY_GPA	0x10000u
#define POLICY_BYTES	(240u * PAGE_SIZE)

static struct domain *control;
static unsigned int questions;
static struct label {
	uint32_t theirs;
	sid_t ours;
} label[CONTEXTS];
static unsigned int labels;

static int64_t xsm(uint32_t cmd, struct xen_flask_op *op)
{
	return guest_xsm_op(control, cmd, op);
}

static int64_t load(const char *path)
{
	static char bytes[POLICY_BYTES];
	struct xen_flask_op op = { .u.load.buffer.p = (char *)(uintptr_t)POLICY_GPA };
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_in_range(n, 1000, sizeof(bytes) - 1);
	hosted_write(control, POLICY_GPA, bytes, n);
	op.u.load.size = (uint32_t)n;
	return xsm(FLASK_LOAD, &op);
}

static int64_t context_to_sid(const char *text, sid_t *sid)
{
	struct xen_flask_op op = { .u.sid_context = { .size = (uint32_t)strlen(text), .context.p = (char *)(uintptr_t)BUF_GPA } };
	int64_t rc;

	hosted_write(control, BUF_GPA, text, strlen(text));
	rc = xsm(FLASK_CONTEXT_TO_SID, &op);
	*sid = op.u.sid_context.sid;
	return rc;
}

static void same_text(uint32_t theirs, sid_t ours)
{
	struct xen_flask_op op = { .u.sid_context = { .sid = ours, .size = 4000, .context.p = (char *)(uintptr_t)BUF_GPA } };
	char a[4096] = "", b[4096] = "";

	assert_int_equal(oracle_context(theirs, a, sizeof(a)), 0);
	assert_int_equal(xsm(FLASK_SID_TO_CONTEXT, &op), 0);
	hosted_read(control, BUF_GPA, b, sizeof(b) - 1);
	assert_string_equal(a, b);
	assert_int_equal(op.u.sid_context.size, strlen(b) + 1);
}

/* Contexts that libsepol knows; which those are, both have to agree. */
static void labels_make(struct generator *g)
{
	char text[CONTEXT_BYTES];

	labels = 0;
	for (unsigned int i = 0; i < CONTEXTS; i++) {
		struct label l;

		snprintf(text, sizeof(text), "us0:ro0:ty0%s", g->mls ? ":s0" : "");
		if (i)
			generate_context(g, text, sizeof(text));
		questions++;
		if (oracle_sid(text, &l.theirs) != 0) {
			assert_int_equal(context_to_sid(text, &l.ours), -XEN_EINVAL);
			continue;
		}
		assert_int_equal(context_to_sid(text, &l.ours), 0);
		same_text(l.theirs, l.ours);
		label[labels++] = l;
	}
}

static void same_access(struct label s, struct label t, uint16_t class)
{
	struct xen_flask_op op = { .u.access = { .ssid = s.ours, .tsid = t.ours, .tclass = class } };
	uint32_t allowed, auditallow, auditdeny;

	assert_int_equal(oracle_access(s.theirs, t.theirs, class, &allowed, &auditallow, &auditdeny), 0);
	assert_int_equal(xsm(FLASK_ACCESS, &op), 0);
	assert_int_equal(op.u.access.allowed, allowed);
	assert_int_equal(op.u.access.audit_allow, auditallow);
	assert_int_equal(op.u.access.audit_deny, auditdeny);
	questions++;
}

static void same_access_all(unsigned int step)
{
	for (unsigned int i = 0; i < labels * labels; i += step)
		for (uint16_t class = 1; class <= oracle_classes(); class++)
			same_access(label[i / labels], label[i % labels], class);
}

static void same_derived(struct label s, struct label t, uint16_t class, uint32_t cmd, int (*oracle)(uint32_t, uint32_t, uint16_t, uint32_t *))
{
	struct xen_flask_op op = { .u.transition = { .ssid = s.ours, .tsid = t.ours, .tclass = class } };
	uint32_t theirs;
	int rc = oracle(s.theirs, t.theirs, class, &theirs);
	int64_t ours = xsm(cmd, &op);

	questions++;
	assert_int_equal(ours, rc ? -XEN_EACCES : 0);
	if (rc == 0)
		same_text(theirs, op.u.transition.newsid);
}

static void same_derived_all(void)
{
	for (unsigned int i = 0; i < labels * labels; i += 2)
		for (uint16_t class = 1; class <= oracle_classes(); class++) {
			same_derived(label[i / labels], label[i % labels], class, FLASK_CREATE, oracle_transition);
			same_derived(label[i / labels], label[i % labels], class, FLASK_MEMBER, oracle_member);
			same_derived(label[i / labels], label[i % labels], class, FLASK_RELABEL, oracle_change);
		}
}

/* Each of them the other way round. */
static void same_with_booleans(void)
{
	for (uint32_t id = 0;; id++) {
		struct xen_flask_op op = { .u.boolean = { .bool_id = id, .size = 64, .name.p = (char *)(uintptr_t)BUF_GPA } };
		char name[65] = "";
		int value;

		if (xsm(FLASK_GETBOOL, &op) != 0)
			return;
		hosted_read(control, BUF_GPA, name, sizeof(name) - 1);
		value = !op.u.boolean.enforcing;
		op.u.boolean = (struct xen_flask_boolean){ .bool_id = id, .new_value = (uint8_t)value, .commit = 1 };
		assert_int_equal(xsm(FLASK_SETBOOL, &op), 0);
		oracle_set_bool(name, value);
		same_access_all(7);
	}
}

static void each_policy(void (*check)(void))
{
	questions = 0;
	for (unsigned int i = 1; i <= POLICIES; i++) {
		struct generator g;
		char path[64];

		hosted_machine_init();
		control = hosted_domain(3, CONTROL, POLICY_GPA / PAGE_SIZE + POLICY_BYTES / PAGE_SIZE, 1);
		generate_init(&g, i, i % 3 != 0);
		snprintf(path, sizeof(path), "build/tests/random/policy-%u", i);
		assert_int_equal(oracle_load(path), 0);
		assert_int_equal(load(path), 0);
		labels_make(&g);
		assert_true(labels > 0);
		check();
	}
	print_message("%u questions\n", questions);
	assert_true(questions > 1000);
}

static void access_once(void)
{
	same_access_all(1);
}

static void test_decisions(void **state)
{
	(void)state;
	each_policy(access_once);
}

static void test_labels_made(void **state)
{
	(void)state;
	each_policy(same_derived_all);
}

static void test_booleans(void **state)
{
	(void)state;
	each_policy(same_with_booleans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_labels_made),
		cmocka_unit_test(test_booleans),
	};

	return cmocka_run_group_tests_name("xsm_oracle", tests, NULL, NULL);
}
