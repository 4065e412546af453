/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's own behaviour: labels and their text, transitions, loading and replacing policies, enforcement, and the policy's cases.
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
#include <hv/options.h>
#include <hv/sha256.h>

#include "flask_oracle.h"

static uint8_t policy[1u << 20];
static size_t policy_len;

static int load_default(void **state)
{
	struct flask_error err;
	FILE *f = fopen("build/policy", "rb");

	(void)state;
	if (!f)
		return -1;
	policy_len = fread(policy, 1, sizeof(policy), f);
	fclose(f);
	return flask_init(policy, policy_len, &err) || oracle_load("build/policy");
}

static void reload(const void *bytes, size_t len)
{
	struct flask_error err;
	int rc = flask_load(bytes, len, &err);

	if (rc)
		fail_msg("%d: %s at %zu: %s", rc, err.section, err.offset, err.reason);
	flask_reclaim();
}

static sid_t sid_of(const char *context)
{
	sid_t sid;

	if (flask_context_to_sid(context, strlen(context), &sid) != 0)
		fail_msg("%s", context);
	return sid;
}

static const char *text_of(sid_t sid)
{
	static char text[8192];
	size_t needed;

	assert_int_equal(flask_sid_to_context(sid, text, sizeof(text), &needed), 0);
	return text;
}

static void test_sha256(void **state)
{
	static const struct { const char *text, *hex; } vectors[] = {	/* FIPS 180-4 examples */
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t digest[32];
		char hex[65];

		sha256(vectors[i].text, strlen(vectors[i].text), digest);
		for (unsigned int j = 0; j < 32; j++)
			snprintf(hex + 2 * j, 3, "%02x", digest[j]);
		assert_string_equal(hex, vectors[i].hex);
	}
}

static void test_hash_is_of_the_file(void **state)
{
	uint8_t want[32], got[32];

	(void)state;
	sha256(policy, policy_len, want);
	flask_hash(got);
	assert_memory_equal(want, got, sizeof(want));
}

static void test_text_normal_form(void **state)
{
	static const char *const pairs[][2] = {
		{ "system_u:system_r:guest_t:s0:c1", "system_u:system_r:guest_t:s0:c1" },
		{ "system_u:system_r:guest_t:s0:c3,c1,c2", "system_u:system_r:guest_t:s0:c1.c3" },
		{ "system_u:system_r:guest_t:s0:c1,c2", "system_u:system_r:guest_t:s0:c1,c2" },
		{ "system_u:system_r:guest_t:s0:c0.c5,c9-s0:c0.c9", "system_u:system_r:guest_t:s0:c0.c5,c9-s0:c0.c9" },
		{ "system_u:system_r:guest_t:s0:c63.c64,c1023", "system_u:system_r:guest_t:s0:c63,c64,c1023" },
		{ "system_u:system_r:guest_t:s0:c60.c63,c65.c127,c192.c255", "system_u:system_r:guest_t:s0:c60.c63,c65.c127,c192.c255" },
		{ "system_u:system_r:guest_t:s0:c0.c63,c128.c1023", "system_u:system_r:guest_t:s0:c0.c63,c128.c1023" },
		{ "system_u:system_r:guest_t:s0:c1.c319", "system_u:system_r:guest_t:s0:c1.c319" },
		{ "system_u:system_r:guest_t:s0-s0", "system_u:system_r:guest_t:s0" },
		{ "system_u:object_r:iomem_t:s0", "system_u:object_r:iomem_t:s0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_string_equal(text_of(sid_of(pairs[i][0])), pairs[i][1]);
		assert_int_equal(sid_of(pairs[i][0]), sid_of(pairs[i][1]));
	}
}

static void test_text_refused(void **state)
{
	static const char *const bad[] = {
		"", ":", "::", ":::", "system_u", "system_u:system_r:guest_t", "system_u:system_r:guest_t:", "system_u:system_r:guest_t:s1",
		"system_u:system_r:guest_t:s0:", "system_u:system_r:guest_t:s0:c1,", "system_u:system_r:guest_t:s0:c1024",
		"system_u:system_r:guest_t:s0:c5.c5", "system_u:system_r:guest_t:s0:c5.c1", "system_u:system_r:guest_t:s0:c1.c2.c3",
		"system_u:system_r:guest_t:s0:c1-s0", "system_u:system_r:guest_t:s0-", "system_u:system_r:guest_t:s0-s0-s0",
		"system_u:system_r:guest_t:s0 ", "system_u:system_r:iomem_t:s0", "system_u:system_r:domain_type:s0", "root:system_r:guest_t:s0",
		"system_u:object_r", "system_u:nobody_r:guest_t:s0", "system_u:system_r:guest_t:s0:c1:c2",
	};
	sid_t sid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (flask_context_to_sid(bad[i], strlen(bad[i]), &sid) != -XEN_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	/* Length is what counts, a terminator ends it earlier. */
	assert_int_equal(flask_context_to_sid("system_u:system_r:guest_t:s0:c12", 31, &sid), 0);
	assert_string_equal(text_of(sid), "system_u:system_r:guest_t:s0:c1");
	assert_int_equal(flask_context_to_sid("system_u:system_r:guest_t:s0\0xyz", 32, &sid), 0);
}

static void test_text_too_small(void **state)
{
	char buf[8];
	size_t needed = 0;

	(void)state;
	assert_int_equal(flask_sid_to_context(flask_initial_sid(2), buf, sizeof(buf), &needed), -XEN_ERANGE);
	assert_int_equal(needed, strlen("system_u:system_r:xen_t:s0") + 1);
	assert_int_equal(flask_sid_to_context(0, buf, sizeof(buf), &needed), -XEN_EINVAL);
	assert_int_equal(flask_sid_to_context(4000, buf, sizeof(buf), &needed), -XEN_EINVAL);
}

static void test_initial_sids(void **state)
{
	(void)state;
	assert_string_equal(text_of(flask_initial_sid(2)), "system_u:system_r:xen_t:s0");
	assert_string_equal(text_of(flask_initial_sid(3)), "system_u:system_r:dom0_t:s0-s0:c0.c1023");
	assert_string_equal(text_of(flask_initial_sid(7)), "system_u:system_r:security_t:s0");
	assert_string_equal(text_of(flask_initial_sid(12)), "system_u:system_r:guest_t:s0");
	assert_int_equal(sid_of("system_u:system_r:dom0_t:s0-s0:c0.c1023"), 3);
	assert_int_equal(flask_initial_sid(99), flask_initial_sid(6));
}

static void test_transitions(void **state)
{
	sid_t guest = sid_of("system_u:system_r:guest_t:s0:c7"), dom0 = flask_initial_sid(3), out;

	(void)state;
	assert_int_equal(flask_transition(guest, guest, "domain", &out), 0);
	assert_string_equal(text_of(out), "system_u:system_r:guest_self_t:s0:c7");
	assert_int_equal(flask_transition(dom0, dom0, "domain", &out), 0);
	assert_string_equal(text_of(out), "system_u:system_r:dom0_self_t:s0-s0:c0.c1023");
	assert_int_equal(flask_transition(dom0, guest, "domain_build", &out), 0);
	assert_string_equal(text_of(out), "system_u:system_r:guest_build_t:s0:c7");
	assert_true(flask_has_transition(dom0, guest, "domain_build"));
	assert_false(flask_has_transition(guest, dom0, "domain_build"));
	assert_int_equal(flask_transition(guest, dom0, "event", &out), 0);
	assert_string_equal(text_of(out), "system_u:system_r:guest_event_t:s0:c7");
	assert_int_equal(flask_transition(dom0, guest, "event", &out), 0);
	assert_string_equal(text_of(out), "system_u:system_r:dom0_event_t:s0-s0:c0.c1023");
	/* A class that no policy has. */
	assert_int_equal(flask_transition(guest, dom0, "pancake", &out), 0);
	assert_int_equal(out, dom0);
}

static void test_no_fallbacks(void **state)
{
	(void)state;
	assert_int_equal(flask_fallback_count(), 0);
}

static void test_enforcement(void **state)
{
	(void)state;
	assert_true(flask_enforcing());
	assert_int_equal(flask_set_enforcing(false), -XEN_EPERM);	/* this policy grants it to nobody */
	assert_true(flask_enforcing());
	assert_int_equal(flask_set_enforcing(true), 0);
}

static void test_unknown_sids_are_unlabeled(void **state)
{
	const struct flask_vector *v = flask_vector(3333, 3);

	(void)state;
	assert_ptr_equal(v, flask_vector(flask_initial_sid(6), 3));
	assert_false(flask_allowed(v, PERM_domain__pause));
	assert_non_null(flask_vector(0, UINT32_MAX));
}

static void test_sids_outlive_policies(void **state)
{
	sid_t before = sid_of("system_u:system_r:guest_t:s0:c11");
	uint32_t seq = flask_seqno();

	(void)state;
	reload(policy, policy_len);
	assert_int_equal(flask_seqno(), seq + 1);
	assert_int_equal(sid_of("system_u:system_r:guest_t:s0:c11"), before);
	assert_string_equal(text_of(before), "system_u:system_r:guest_t:s0:c11");
	assert_true(flask_allowed(flask_vector(3, before), PERM_domain__pause));
}

static size_t read_file(const char *path, void *buf, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, size, f);
	fclose(f);
	return n;
}

static void extra_path(char path[64], const char *kind)
{
	snprintf(path, 64, "build/hosted/extra-%d.%s", getpid(), kind);	/* two runs at once do not meet */
}

/* The default policy with other rules; `but` names the one file that is left out. False: the compiler refuses it. */
static bool compiles(const char *cil, const char *but, const char *files)
{
	char extra[64], path[64], command[1024];
	FILE *f;
	int rc;

	extra_path(extra, "cil");
	extra_path(path, "policy");
	snprintf(command, sizeof(command), "secilc -t xen -M true -c 30 -f /dev/null -o %s build/gen/classes.cil build/gen/categories.cil "
		 "$(ls policy/flask/*.cil | grep -v %s) %s %s 2>/dev/null", path, but, files, extra);
	f = fopen(extra, "w");
	assert_non_null(f);
	fputs(cil, f);
	fclose(f);
	rc = system(command);
	unlink(extra);
	return rc == 0;
}

static size_t compile(const char *cil, const char *but, const char *files, uint8_t *out, size_t size)
{
	char path[64];
	size_t len;

	assert_true(compiles(cil, but, files));
	extra_path(path, "policy");
	len = read_file(path, out, size);
	unlink(path);
	return len;
}

static size_t compile_with(const char *cil, uint8_t *out, size_t size)
{
	return compile(cil, "nothing", "", out, size);
}

static void test_labels_without_meaning(void **state)
{
	static uint8_t other[1u << 20];
	size_t len = compile_with("(type odd_t)(roletype system_r odd_t)(allow dom0_t odd_t (domain (pause)))", other, sizeof(other));
	sid_t odd;

	(void)state;
	reload(other, len);
	odd = sid_of("system_u:system_r:odd_t:s0:c3");
	assert_true(flask_allowed(flask_vector(3, odd), PERM_domain__pause));
	reload(policy, policy_len);
	assert_string_equal(text_of(odd), "system_u:system_r:unlabeled_t:s0");
	assert_false(flask_allowed(flask_vector(3, odd), PERM_domain__pause));
	reload(other, len);
	assert_string_equal(text_of(odd), "system_u:system_r:odd_t:s0:c3");
	assert_true(flask_allowed(flask_vector(3, odd), PERM_domain__pause));
	reload(policy, policy_len);
}

/* The two denials that the scenario mends with a rule of audit2allow's. */
static void test_mended_rules(void **state)
{
	static uint8_t other[1u << 20];
	sid_t guest = sid_of("system_u:system_r:guest_t:s0:c1"), store = sid_of("system_u:system_r:xenstore_t:s0");
	size_t len = compile_with("(allow dom0_t guest_t (mmu (map_read map_write)))(allow dom0_t xenstore_t (domain (create)))", other,
				  sizeof(other));

	(void)state;
	assert_false(flask_allowed(flask_vector(3, guest), PERM_mmu__map_read));
	assert_false(flask_allowed(flask_vector(3, store), PERM_domain__create));
	reload(other, len);
	assert_true(flask_allowed(flask_vector(3, guest), PERM_mmu__map_read));
	assert_true(flask_allowed(flask_vector(3, store), PERM_domain__create));
	reload(policy, policy_len);
	assert_false(flask_allowed(flask_vector(3, guest), PERM_mmu__map_read));
}

static void test_permissive_by_policy(void **state)
{
	static uint8_t other[1u << 20];
	size_t len;

	(void)state;
	len = compile("(typepermissive guest_t)", "enforcing", "policy/dev/*.cil", other, sizeof(other));
	reload(other, len);
	assert_true(flask_vector(sid_of("system_u:system_r:guest_t:s0:c1"), 3)->permissive);
	assert_false(flask_vector(3, 3)->permissive);
	assert_int_equal(flask_set_enforcing(false), 0);
	assert_false(flask_enforcing());
	/* A policy that does not grant it takes it back. */
	reload(policy, policy_len);
	assert_true(flask_enforcing());
	assert_false(flask_vector(sid_of("system_u:system_r:guest_t:s0:c1"), 3)->permissive);
}

static void test_locked(void **state)
{
	struct flask_error err;

	(void)state;
	options.flask_locked = true;
	assert_int_equal(flask_load(policy, policy_len, &err), -XEN_EPERM);
	assert_int_equal(flask_set_enforcing(false), -XEN_EPERM);
	options.flask_locked = false;
}

static void test_load_waits_for_reclaim(void **state)
{
	struct flask_error err;

	(void)state;
	assert_int_equal(flask_load(policy, policy_len, &err), 0);
	assert_int_equal(flask_load(policy, policy_len, &err), -XEN_EBUSY);
	flask_reclaim();
	assert_int_equal(flask_load(policy, policy_len, &err), 0);
	flask_reclaim();
}

static void test_bad_policy_changes_nothing(void **state)
{
	struct flask_error err;
	uint32_t seq = flask_seqno();

	(void)state;
	assert_int_equal(flask_load("no policy", 9, &err), -XEN_EINVAL);
	assert_string_equal(err.section, "header");
	assert_int_equal(flask_load(policy, policy_len - 1, &err), -XEN_EINVAL);
	assert_true(err.offset > policy_len / 2);
	assert_int_equal(flask_seqno(), seq);
	assert_true(flask_allowed(flask_vector(3, 2), PERM_xen__physinfo));
}

/* --- tests/policy/cases ------------------------------------------------------------------------------------------------- */

static void ask_case(bool allow, const char *source, const char *target, const char *class, const char *perm)
{
	char s[256], t[256];
	uint32_t os, ot, allowed, auditallow, auditdeny;
	enum perm p = PERM_INVALID;

	snprintf(s, sizeof(s), "system_u:system_r:%s", source);
	snprintf(t, sizeof(t), "system_u:system_r:%s", target);
	for (enum perm i = PERM_INVALID + 1; i < PERM_COUNT; i++)
		if (strcmp(perm_class_name(i), class) == 0 && strcmp(perm_name(i), perm) == 0)
			p = i;
	if (p == PERM_INVALID || oracle_sid(s, &os) || oracle_sid(t, &ot))
		fail_msg("no such label or permission: %s %s %s %s", s, t, class, perm);
	assert_int_equal(oracle_access(os, ot, oracle_class(class), &allowed, &auditallow, &auditdeny), 0);
	if (flask_allowed(flask_vector(sid_of(s), sid_of(t)), p) != allow)
		fail_msg("must %s: %s %s %s %s", allow ? "be allowed" : "be denied", source, target, class, perm);
	assert_int_equal((allowed & oracle_perm(oracle_class(class), perm)) != 0, allow);
}

static unsigned int ask_cases(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];
	unsigned int asked = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		const char *word[4], *perm;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		for (unsigned int i = 0; i < 4; i++)
			assert_non_null(word[i] = strtok(i ? NULL : line, " \t\n"));
		assert_true(strcmp(word[0], "allow") == 0 || strcmp(word[0], "deny") == 0);
		for (; (perm = strtok(NULL, " \t\n")); asked++)
			ask_case(strcmp(word[0], "allow") == 0, word[1], word[2], word[3], perm);
	}
	fclose(f);
	return asked;
}

static void test_policy_cases(void **state)
{
	(void)state;
	assert_true(ask_cases("tests/policy/cases") > 150);
}

/* What is inherited from the blocks. */
static void test_block_cases(void **state)
{
	static uint8_t other[1u << 20];
	size_t len = compile("", "nothing", "tests/policy/blocks.cil", other, sizeof(other));

	(void)state;
	reload(other, len);
	assert_int_equal(oracle_load_bytes(other, len), 0);
	assert_true(ask_cases("tests/policy/cases-blocks") > 75);
	reload(policy, policy_len);
	assert_int_equal(oracle_load_bytes(policy, policy_len), 0);
}

/* What an administrator adds that breaks an invariant is refused by the compiler. */
static void test_invariants_hold(void **state)
{
	static const char *const added[] = {
		"(allow guest_t security_t (security (load_policy)))", "(allow xenstore_t security_t (security (load_policy)))",
		"(allow net.t security_t (security (setbool)))", "(allow guest_t security_t (security (add_ocontext)))",
		"(allow guest_t guest_t (mmu (map_read)))", "(allow kiosk.t dom0_t (mmu (map_write)))", "(allow guest_t xenstore_t (mmu (physmap)))",
		"(allow guest_t guest_t (hvm (sethvmc)))", "(allow kiosk.t kiosk.t (domain (create)))", "(allow kiosk.t kiosk.t (domain (getvcpucontext)))",
		"(typeattributeset control_type (net.t))", "(typeattributeset driver_type (dom0_t))",
		"(allow net.t net.self_t (interface (domctl)))", "(allow net.t guest_t (mmu (map_read)))", "(allow net.t guest_t (domain (pause)))",
		"(allow net.t xen_t (xen (physinfo)))",
		"(allow kiosk.build_t kiosk.t (mmu (map_read)))", "(allow guest_t security_t (audit (read)))", "(allow dom0_t xen_t (xen (kexec)))",
		"(allow dom0_t security_t (security (setenforce)))",
	};
	static uint8_t out[1u << 20];

	(void)state;
	assert_true(compile("(allow kiosk.t net.t (grant (query)))", "nothing", "tests/policy/blocks.cil", out, sizeof(out)) > 0);
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		if (compiles(added[i], "nothing", "tests/policy/blocks.cil"))
			fail_msg("accepted: %s", added[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256), cmocka_unit_test(test_hash_is_of_the_file), cmocka_unit_test(test_text_normal_form),
		cmocka_unit_test(test_text_refused), cmocka_unit_test(test_text_too_small), cmocka_unit_test(test_initial_sids),
		cmocka_unit_test(test_transitions), cmocka_unit_test(test_no_fallbacks), cmocka_unit_test(test_enforcement),
		cmocka_unit_test(test_unknown_sids_are_unlabeled), cmocka_unit_test(test_sids_outlive_policies),
		cmocka_unit_test(test_labels_without_meaning), cmocka_unit_test(test_mended_rules), cmocka_unit_test(test_permissive_by_policy),
		cmocka_unit_test(test_locked), cmocka_unit_test(test_load_waits_for_reclaim), cmocka_unit_test(test_bad_policy_changes_nothing),
		cmocka_unit_test(test_policy_cases), cmocka_unit_test(test_block_cases), cmocka_unit_test(test_invariants_hold),
	};

	return cmocka_run_group_tests(tests, load_default, NULL);
}
