/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy for Xen's own Flask, which knows nothing of our permissions: each is answered by its ancestor, and what Xen never asks is allowed on
 * oneself alone.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <hv/flask.h>


static sid_t sid_of(const char *type)
{
	char context[128];
	sid_t sid;

	snprintf(context, sizeof(context), "system_u:system_r:%s", type);
	assert_int_equal(flask_context_to_sid(context, strlen(context), &sid), 0);
	return sid;
}

static void load(unsigned int first_sid)
{
	static const char *const sids[] = { "xenboot", "xen", "dom0", "domio", "domxen", "unlabeled", "security", "ioport", "iomem", "irq",
		"device", "domU", "domDM" };
	static const char *const types[] = { "xen_t", "xen_t", "dom0_t", "domio_t", "domxen_t", "unlabeled_t", "security_t", "hardware_t",
		"hardware_t", "hardware_t", "hardware_t", "domU_t", "dm_dom_t" };
	static uint8_t bytes[1u << 20];
	char out[64], path[96], command[1024];
	struct flask_error err;
	size_t len;
	FILE *f;
	int rc;

	snprintf(out, sizeof(out), "build/hosted/plain-xen-%d", getpid());	/* two runs at once do not meet */
	snprintf(path, sizeof(path), "%s-sids.cil", out);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "(sidorder (");
	for (unsigned int i = first_sid; i < 13; i++)
		fprintf(f, " %s", sids[i]);
	fprintf(f, "))\n");
	for (unsigned int i = first_sid; i < 13; i++)
		fprintf(f, "(sid %s)(sidcontext %s (system_u system_r %s ((s0) (s0))))\n", sids[i], sids[i], types[i]);
	fclose(f);
	snprintf(command, sizeof(command), "build/tools/mkclasses --xen >%s-classes.cil && secilc -t xen -M false -c 30 -f /dev/null -o %s.policy "
		 "%s-sids.cil %s-classes.cil tests/policy/plain-xen.cil", out, out, out, out);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s.policy", out);
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	snprintf(command, sizeof(command), "rm %s-*.cil %s.policy", out, out);
	assert_int_equal(system(command), 0);
	rc = flask_seqno() ? flask_load(bytes, len, &err) : flask_init(bytes, len, &err);
	if (rc)
		fail_msg("%s at %zu: %s", err.section, err.offset, err.reason);
	flask_reclaim();
}

static int load_417(void **state)
{
	(void)state;
	load(0);
	return 0;
}

static bool allowed(sid_t s, sid_t t, enum perm p)
{
	return flask_allowed(flask_vector(s, t), p);
}

static void test_ancestors(void **state)
{
	sid_t dom0 = sid_of("dom0_t"), guest = sid_of("domU_t"), self = sid_of("domU_t_self");

	(void)state;
	assert_true(flask_fallback_count() > 50);
	/* domain_build start <- domain unpause, with its auditallow */
	assert_true(allowed(dom0, guest, PERM_domain_build__start));
	assert_true((flask_vector(dom0, guest)->auditallow[PERM_domain_build__start / 64] >> (PERM_domain_build__start % 64)) & 1);
	assert_false(allowed(guest, guest, PERM_domain_build__start));
	/* sched remote_shutdown <- domain shutdown, which is not granted; pin_override <- setaffinity */
	assert_false(allowed(dom0, guest, PERM_sched__remote_shutdown));
	assert_true(allowed(dom0, dom0, PERM_sched__pin_override));
	assert_true(allowed(dom0, dom0, PERM_event2__bind_global_virq));
	assert_false(allowed(guest, self, PERM_event2__bind_global_virq));
	/* hvm2 getparam_self <- hvm getparam */
	assert_true(allowed(guest, self, PERM_hvm2__getparam_self));
	assert_false(allowed(guest, self, PERM_hvm2__setparam_self));
	assert_true(allowed(guest, self, PERM_grant2__get_version));
	/* what xen physinfo covers in Xen, each by its own name here */
	assert_true(allowed(dom0, flask_initial_sid(2), PERM_xen2__cputopoinfo));
	assert_true(allowed(dom0, flask_initial_sid(2), PERM_xen2__numainfo));
	assert_true(allowed(dom0, flask_initial_sid(2), PERM_xen2__get_cpu_policy));
	assert_false(allowed(guest, flask_initial_sid(2), PERM_xen2__numainfo));
	/* Xen took one for the other: getvcpuinfo is granted, set_vnumainfo is not. */
	assert_true(allowed(dom0, guest, PERM_domain__getvcpuinfo));
	assert_false(allowed(dom0, guest, PERM_domain2__set_vnumainfo));
}

static void test_unchecked_on_oneself_alone(void **state)
{
	static const enum perm perms[] = { PERM_interface__memory_op, PERM_vcpu__register_info, PERM_sched__yield, PERM_event2__bind_ipi,
		PERM_grant2__set_version, PERM_mmu__get_own_map };
	sid_t dom0 = sid_of("dom0_t"), guest = sid_of("domU_t"), self = sid_of("domU_t_self");

	(void)state;
	for (size_t i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
		assert_true(allowed(guest, self, perms[i]));
		assert_true(allowed(guest, flask_initial_sid(2), perms[i]));
		assert_true(allowed(dom0, dom0, perms[i]));	/* no self type: its own label */
		assert_false(allowed(guest, guest, perms[i]));	/* a twin */
		assert_false(allowed(dom0, guest, perms[i]));
		assert_false(allowed(guest, dom0, perms[i]));
		assert_false(allowed(dom0, self, perms[i]));
	}
}

static void test_own_permissions_are_denied(void **state)
{
	(void)state;
	assert_false(allowed(sid_of("dom0_t"), sid_of("security_t"), PERM_audit__read));
	assert_false(allowed(sid_of("dom0_t"), sid_of("dom0_t"), PERM_audit__read));
}

/* handle_unknown allow, as Xen's build says by default, allows nothing here. */
static void test_told_apart(void **state)
{
	sid_t dom0 = sid_of("dom0_t"), guest = sid_of("domU_t");

	(void)state;
	assert_true(allowed(dom0, guest, PERM_domain__getvcpuinfo));
	assert_false(allowed(dom0, guest, PERM_domain2__set_vnumainfo));
	assert_true((flask_vector(guest, flask_initial_sid(2))->dontaudit[PERM_xen__writeconsole / 64] >> (PERM_xen__writeconsole % 64)) & 1);
}

static void test_labels(void **state)
{
	sid_t dom0 = sid_of("dom0_t"), guest = sid_of("domU_t"), out;

	(void)state;
	assert_false(flask_has_transition(dom0, guest, "domain_build"));
	assert_int_equal(flask_transition(guest, guest, "domain", &out), 0);
	assert_int_equal(out, sid_of("domU_t_self"));
	assert_int_equal(flask_transition(dom0, dom0, "domain", &out), 0);
	assert_int_equal(out, dom0);
	assert_int_equal(flask_initial_sid(12), sid_of("domU_t"));
}

static void test_numbers_before_417(void **state)
{
	char text[64];
	size_t needed;

	(void)state;
	load(1);
	assert_int_equal(flask_sid_to_context(flask_initial_sid(2), text, sizeof(text), &needed), 0);
	assert_string_equal(text, "system_u:system_r:xen_t");
	assert_int_equal(flask_sid_to_context(flask_initial_sid(12), text, sizeof(text), &needed), 0);
	assert_string_equal(text, "system_u:system_r:domU_t");
	assert_true(allowed(flask_initial_sid(3), flask_initial_sid(2), PERM_xen__physinfo));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ancestors), cmocka_unit_test(test_unchecked_on_oneself_alone),
		cmocka_unit_test(test_own_permissions_are_denied), cmocka_unit_test(test_told_apart), cmocka_unit_test(test_labels),
		cmocka_unit_test(test_numbers_before_417),
	};

	return cmocka_run_group_tests(tests, load_417, NULL);
}
