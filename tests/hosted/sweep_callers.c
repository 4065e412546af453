/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls what: each label under the default policy, as libsepol decides; refused rows; callers of 32 bits; programs in user mode.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep_tests.h"

#include <stdio.h>

#include "flask_oracle.h"

/* --- decisions of a real policy ----------------------------------------------------------------------------------------------------------------- */

static uint32_t oracle_label(sid_t sid)
{
	char text[512];
	size_t needed;
	uint32_t theirs;

	assert_int_equal(flask_sid_to_context(sid, text, sizeof(text), &needed), 0);
	assert_int_equal(oracle_sid(text, &theirs), 0);
	return theirs;
}

static bool oracle_allows(sid_t source, sid_t target, enum perm p)
{
	uint16_t class = oracle_class(perm_class_name(p));
	uint32_t allowed, auditallow, auditdeny;

	assert_int_equal(oracle_access(oracle_label(source), oracle_label(target), class, &allowed, &auditallow, &auditdeny), 0);
	return allowed & oracle_perm(class, perm_name(p));
}

/* libsepol says what the policy says; the operation has to end as if it had been asked. */
static void decision_check(const struct expectation *e, const char *caller, const char *other, unsigned int count[2])
{
	int64_t rc = sweep_scene_run(e, caller, other);
	bool use = oracle_allows(sweep_seen.caller, sweep_seen.self, sweep_use_of(e)), head = oracle_allows(sweep_seen.caller, sweep_head_target(e), e->head);

	if (!use ? rc != -XEN_EACCES : !head ? rc != e->denied : !sweep_has_worked(e, rc))
		sweep_complain(e, "%s with %s: use %d, %s:%s %d, result %ld", caller, other, use, perm_class_name(e->head), perm_name(e->head), head, (long)rc);
	count[use && head]++;
}

void test_decisions_of_the_policy(void **state)
{
	static const char *const callers[] = { CONTROL, TENANT_1, SERVICE, "system_u:system_r:xenstore_t:s0-s0:c0.c1023" };
	static const char *const others[] = { TENANT_1, TENANT_2, SERVICE };
	unsigned int count[2] = { 0 };

	(void)state;
	assert_int_equal(oracle_load("build/policy"), 0);
	sweep_by_flask = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(callers) * ARRAY_SIZE(others); i++)
		FOR_EACH_EXPECTED(e)
			if (sweep_asks_one_question(e))
				decision_check(e, callers[i % ARRAY_SIZE(callers)], others[i / ARRAY_SIZE(callers)], count);
	sweep_by_flask = false;
	assert_int_equal(sweep_complaints, 0);
	print_message("%u denied, %u allowed\n", count[0], count[1]);
	assert_true(!ALL_CONCERNED || (count[0] > 100 && count[1] > 100));
}

/* --- refused rows, unprivileged callers ------------------------------------------------------------------------------------------------------ */

/* A call that names this row, by the numbers that check-operations.sh holds against the public headers. */
static int64_t call_by_number(struct scene *s, const struct op_row *row)
{
	const struct op_hypercall *h = op_hypercall_find(row->hypercall);
	uint32_t head[OP_HEAD_MAX / sizeof(uint32_t)] = { row->sub, h->version };
	struct { uint64_t at, size; } buffer = { BUF_GPA, sizeof(head) };

	if (row->nested != OP_ALL)
		for (unsigned int i = 0; i < op_row_count; i++)
			if (op_rows[i].hypercall == row->hypercall && op_rows[i].sub == row->sub && (op_rows[i].flags & ROW_NEST))
				head[op_rows[i].nested / sizeof(uint32_t)] = row->nested;
	hosted_write(s->caller, BUF_GPA, head, sizeof(head));
	hosted_write(s->caller, ARG_GPA, &buffer, sizeof(buffer));
	switch (h->sub) {
	case SUB_HEAD:
		return sweep_call(s, row->hypercall, BUF_GPA, 0, 0, 0);
	case SUB_BUFFER:
		return sweep_call(s, row->hypercall, s->other->id, 1, ARG_GPA, 0);
	case SUB_ABSENT:
	case SUB_NONE:
	case SUB_REG:
	case SUB_REG_MASKED:
		break;
	}
	return sweep_call(s, row->hypercall, row->sub, BUF_GPA, 1, 0);
}

static unsigned int refused_wrong(struct scene *s, const struct op_row *row, int64_t status)
{
	int64_t rc = call_by_number(s, row);

	if (rc == status)
		return 0;
	fprintf(stderr, "%s: %ld instead of %ld\n", row->operation.name, (long)rc, (long)status);
	return 1;
}

void test_refused_rows(void **state)
{
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2), .other = hosted_domain(2, TENANT_1, OTHER_PAGES, 1) };
	unsigned int wrong = 0;

	(void)state;
	for (unsigned int i = 0; i < sweep_absent_nr; i++) {
		const struct op_row *row = sweep_row_named(sweep_absent[i].row);

		sweep_policy_allow_all(&sweep_policy);
		wrong += refused_wrong(&s, row, -sweep_absent[i].status);
		memset(&sweep_policy, 0, sizeof(sweep_policy));
		sweep_vector_set(&sweep_policy.special, op_hypercall_find(row->hypercall)->use, true);
		wrong += refused_wrong(&s, row, -sweep_absent[i].status);
		sweep_policy_deny(op_hypercall_find(row->hypercall)->use);
		wrong += refused_wrong(&s, row, -XEN_EACCES);
		wrong += sweep_seen.windows > 0;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(s.caller->refused_count, 2 * sweep_absent_nr);
	hosted_domain_kill(s.other);
	hosted_domain_kill(s.caller);
}

/* Their argument has pointers or alignment that a caller of 32 bits lays out otherwise: by hand, from Xen's public headers. */
static const char *const not_for_32_bits[] = {
	"memory.decrease_reservation", "memory.populate_physmap", "memory.add_to_physmap", "memory.memory_map", "memory.set_memory_map",
	"memory.remove_from_physmap", "memory.set_pod_target", "memory.get_pod_target", "memory.add_to_physmap_batch", "memory.claim_pages",
	"memory.acquire_resource", "multicall.run", "set_timer.op", "xen_version.platform_parameters", "grant_table.setup_table", "grant_table.copy",
	"vcpu.get_runstate_info", "vcpu.register_runstate", "vcpu.set_singleshot_timer", "vcpu.register_time", "xsm.load", "xsm.context_to_sid",
	"xsm.sid_to_context", "xsm.getbool", "xsm.setbool", "xsm.add_ocontext", "xsm.del_ocontext", "ravelin.shype_load", "sched.poll",
	"platform.settime32", "platform.get_cpuinfo", "platform.settime64",
};

static bool is_for_32_bits(const char *row)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(not_for_32_bits); i++)
		if (strcmp(not_for_32_bits[i], row) == 0)
			return false;
	return true;
}

/* They are told that there is no such call, before anything is fetched; all others are asked for permission like everybody. */
void test_callers_of_32_bits(void **state)
{
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2), .other = hosted_domain(2, TENANT_1, OTHER_PAGES, 1) };
	unsigned int wrong = 0;

	(void)state;
	sweep_compat_caller = true;
	FOR_EACH_EXPECTED(e) {
		const struct op_row *row = sweep_row_named(e->row);
		int64_t rc;

		memset(&sweep_policy, 0, sizeof(sweep_policy));
		sweep_vector_set(&sweep_policy.special, op_hypercall_find(row->hypercall)->use, true);
		rc = call_by_number(&s, row);
		if ((rc == -XEN_ENOSYS) != !is_for_32_bits(row->operation.name)) {
			sweep_complain(e, "called by a program of 32 bits: %ld", (long)rc);
			wrong++;
		}
	}
	sweep_compat_caller = false;
	assert_int_equal(wrong, 0);
	hosted_domain_kill(s.other);
	hosted_domain_kill(s.caller);
}

void test_user_mode_has_no_hypercalls(void **state)
{
	struct domain *d = hosted_domain(1, CONTROL, CALLER_PAGES, 1);

	(void)state;
	sweep_observing = true;
	hosted_run_vcpu(d->vcpu[0]);
	sweep_seen.windows = 0;
	for (unsigned int i = 0; i < op_row_count; i++) {
		struct hypercall hc = { .nr = op_rows[i].hypercall, .arg = { op_rows[i].sub, BUF_GPA, 1 }, .privileged = false };

		hypercall_dispatch(d->vcpu[0], &hc);
		assert_int_equal(hc.result, -XEN_EPERM);
	}
	sweep_observing = false;
	assert_int_equal(sweep_seen.windows, 0);
	hosted_domain_kill(d);
}
