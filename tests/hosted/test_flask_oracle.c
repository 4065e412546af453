/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against libsepol: the same policies, the same questions, the same answers. The default policy exhaustively, then random policies
 * from both compilers. FLASK_ROUNDS sets how many random policies.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <hv/flask.h>

#include "flask_generate.h"
#include "flask_oracle.h"

#define MAX_CONTEXTS 160u
#define CONTEXT_BYTES 512u

static uint64_t *questions;		/* shared with the children */
static uint64_t *flips;			/* booleans turned round */

static void load_both(const char *path)
{
	static uint8_t bytes[8u << 20];
	struct flask_error err;
	FILE *f = fopen(path, "rb");
	size_t len;

	assert_non_null(f);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_int_equal(oracle_load(path), 0);
	if (flask_seqno() == 0)
		assert_int_equal(flask_init(bytes, len, &err), 0);
	else if (flask_load(bytes, len, &err) != 0)
		fail_msg("%s: %s at %zu: %s", path, err.section, err.offset, err.reason);
	flask_reclaim();
}

/* Contexts that both know; both must agree on which those are, and on how they read. */
static unsigned int intern(char (*text)[CONTEXT_BYTES], unsigned int n, uint32_t *theirs, sid_t *ours)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		char a[4096], b[4096];
		size_t needed;
		int rc_theirs = oracle_sid(text[i], &theirs[kept]), rc_ours = flask_context_to_sid(text[i], strlen(text[i]), &ours[kept]);

		if ((rc_theirs == 0) != (rc_ours == 0))
			fail_msg("context %s: libsepol %d, we %d", text[i], rc_theirs, rc_ours);
		if (rc_ours)
			continue;
		assert_int_equal(oracle_context(theirs[kept], a, sizeof(a)), 0);
		assert_int_equal(flask_sid_to_context(ours[kept], b, sizeof(b), &needed), 0);
		assert_string_equal(a, b);
		assert_int_equal(needed, strlen(b) + 1);
		kept++;
	}
	return kept;
}

static void compare_access(uint32_t s, uint32_t t, sid_t os, sid_t ot, uint16_t class)
{
	uint32_t allowed, auditallow, auditdeny, a, b, c, seq;

	assert_int_equal(oracle_access(s, t, class, &allowed, &auditallow, &auditdeny), 0);
	assert_int_equal(flask_access(os, ot, class, &a, &b, &c, &seq), 0);
	if (a != allowed || b != auditallow || c != auditdeny) {
		char from[4096], to[4096];

		oracle_context(s, from, sizeof(from));
		oracle_context(t, to, sizeof(to));
		fail_msg("%s -> %s %s: allowed %#x %#x auditallow %#x %#x auditdeny %#x %#x", from, to, oracle_class_name(class), allowed, a,
			 auditallow, b, auditdeny, c);
	}
	++*questions;
}

static void compare_transition(uint32_t s, uint32_t t, sid_t os, sid_t ot, uint16_t class)
{
	uint32_t theirs;
	sid_t ours;
	char a[4096], b[4096];
	size_t needed;
	int rc_theirs = oracle_transition(s, t, class, &theirs), rc_ours = flask_transition(os, ot, oracle_class_name(class), &ours);

	++*questions;
	if (rc_ours == -XEN_ENOMEM)
		return;		/* the bounded table is full */
	if ((rc_theirs == 0) != (rc_ours == 0)) {
		oracle_context(s, a, sizeof(a));
		oracle_context(t, b, sizeof(b));
		fail_msg("transition %s %s %s: libsepol %d, we %d", a, b, oracle_class_name(class), rc_theirs, rc_ours);
	}
	if (rc_ours)
		return;
	assert_int_equal(oracle_context(theirs, a, sizeof(a)), 0);
	assert_int_equal(flask_sid_to_context(ours, b, sizeof(b), &needed), 0);
	assert_string_equal(a, b);
}

/* Member and change have no face in the gate: by the policy's numbers, as FLASK_MEMBER and FLASK_RELABEL ask. */
static void compare_derived(uint32_t s, uint32_t t, sid_t os, sid_t ot, uint16_t class, enum flask_derive how)
{
	uint32_t theirs;
	sid_t ours;
	char a[4096], b[4096];
	size_t needed;
	int rc_theirs = (how == FLASK_DERIVE_MEMBER ? oracle_member : oracle_change)(s, t, class, &theirs);
	int rc_ours = flask_derive(os, ot, class, how, &ours);

	++*questions;
	if (rc_ours == -XEN_ENOMEM)
		return;		/* the bounded table is full */
	assert_int_equal(rc_theirs == 0, rc_ours == 0);
	if (rc_ours)
		return;
	assert_int_equal(oracle_context(theirs, a, sizeof(a)), 0);
	assert_int_equal(flask_sid_to_context(ours, b, sizeof(b), &needed), 0);
	assert_string_equal(a, b);
}

static void compare_all(char (*text)[CONTEXT_BYTES], unsigned int n, unsigned int transitions)
{
	static uint32_t theirs[MAX_CONTEXTS];
	static sid_t ours[MAX_CONTEXTS];
	unsigned int kept = intern(text, n, theirs, ours);

	assert_true(kept > 0);
	for (unsigned int i = 0; i < kept; i++)
		for (unsigned int j = 0; j < kept; j++)
			for (uint16_t class = 1; class <= oracle_classes(); class++) {
				compare_access(theirs[i], theirs[j], ours[i], ours[j], class);
				if ((i * kept + j) % transitions)
					continue;
				compare_transition(theirs[i], theirs[j], ours[i], ours[j], class);
				compare_derived(theirs[i], theirs[j], ours[i], ours[j], class, FLASK_DERIVE_MEMBER);
				compare_derived(theirs[i], theirs[j], ours[i], ours[j], class, FLASK_DERIVE_RELABEL);
			}
}

/* --- the default policy ------------------------------------------------------------------------------------------------ */

/* Every type at each of these ranges. */
static const char *const ranges[] = { "s0", "s0:c1", "s0:c2,c3", "s0-s0:c0.c1023" };
static const char *const types[] = { "dom0_t", "dom0_self_t", "dom0_build_t", "dom0_event_t", "guest_t", "guest_self_t", "guest_build_t",
	"guest_event_t", "xenstore_t", "xenstore_self_t", "xenstore_build_t", "xenstore_event_t", "xen_t", "domxen_t", "domio_t", "security_t",
	"unlabeled_t", "xenboot_t" };

static unsigned int default_contexts(char (*text)[CONTEXT_BYTES])
{
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		for (size_t j = 0; j < sizeof(ranges) / sizeof(ranges[0]); j++)
			snprintf(text[n++], CONTEXT_BYTES, "system_u:system_r:%s:%s", types[i], ranges[j]);
	for (size_t j = 0; j < 4; j++)
		snprintf(text[n++], CONTEXT_BYTES, "system_u:object_r:%s:s0", (const char *const[]){ "ioport_t", "iomem_t", "irq_t", "device_t" }[j]);
	return n;
}

static void test_default_policy(void **state)
{
	static char text[MAX_CONTEXTS][CONTEXT_BYTES];

	(void)state;
	load_both("build/policy");
	compare_all(text, default_contexts(text), 7);
	assert_true(*questions > 100000);
}

/* What the gate asks, permission by permission, is the same decision. */
static void test_default_vectors(void **state)
{
	static char text[MAX_CONTEXTS][CONTEXT_BYTES];
	static uint32_t theirs[MAX_CONTEXTS];
	static sid_t ours[MAX_CONTEXTS];
	unsigned int n;

	(void)state;
	load_both("build/policy");
	n = intern(text, default_contexts(text), theirs, ours);
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < n; j++) {
			const struct flask_vector *v = flask_vector(ours[i], ours[j]);

			for (enum perm p = PERM_INVALID + 1; p < PERM_COUNT; p++) {
				uint16_t class = oracle_class(perm_class_name(p));
				uint32_t bit = class ? oracle_perm(class, perm_name(p)) : 0, allowed, auditallow, auditdeny;

				assert_true(bit != 0);
				assert_int_equal(oracle_access(theirs[i], theirs[j], class, &allowed, &auditallow, &auditdeny), 0);
				if (flask_allowed(v, p) != ((allowed & bit) != 0))
					fail_msg("%s -> %s %s %s", text[i], text[j], perm_class_name(p), perm_name(p));
				assert_int_equal((v->auditallow[p / 64] >> (p % 64)) & 1, (auditallow & bit) != 0);
				assert_int_equal((v->dontaudit[p / 64] >> (p % 64)) & 1, !(auditdeny & bit));
			}
		}
}

/* --- random policies ----------------------------------------------------------------------------------------------------- */

static char directory[] = "/tmp/flask-oracle-XXXXXX";

static bool __printf(1, 2) try(const char *fmt, ...)
{
	char command[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command) == 0;
}

static void write_policy(struct generator *g, const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	generate_policy(g, f);
	fclose(f);
}

/* Each boolean the other way round, in both, and the questions again of a few. */
static void compare_booleans(char (*text)[CONTEXT_BYTES])
{
	struct flask_boolean b;

	for (uint32_t id = 0; flask_bool_get(id, &b) == 0; id++) {
		bool value = !b.state;

		oracle_set_bool(b.name, value);
		assert_int_equal(flask_bool_set_pending(id, value), 0);
		assert_int_equal(flask_bools_commit(id), 0);
		flask_reclaim();
		compare_all(text, 20, 40);
		++*flips;
	}
}

static void compare_contexts(struct generator *g, const char *path)
{
	static char text[MAX_CONTEXTS][CONTEXT_BYTES];
	const unsigned int n = 60;

	load_both(path);
	for (unsigned int i = 0; i < n; i++)
		generate_context(g, text[i], CONTEXT_BYTES);
	snprintf(text[n], CONTEXT_BYTES, "us0:ro0:ty0%s", g->mls ? ":s0" : "");
	compare_all(text, n + 1, 40);
	compare_booleans(text);
}

/* In a process of its own: SIDs are for ever, and their number is bounded. */
static void compare_random(struct generator *g, const char *path)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		compare_contexts(g, path);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status)
		fail_msg("%s: we and libsepol differ", path);
}

/* The same policy through the other compiler; some it cannot express (users in constraints, before users are declared). */
static bool recompile(bool mls, int version, const char *bin, const char *bin2)
{
	return try("checkpolicy -t Xen %s -b -F -o %s/policy.conf %s >%s/log 2>&1", mls ? "-M" : "", directory, bin, directory) &&
		try("checkpolicy -t Xen %s -c %d -o %s %s/policy.conf >%s/log 2>&1", mls ? "-M" : "", version, bin2, directory, directory);
}

static bool random_round(unsigned long seed)
{
	char cil[64], bin[64], bin2[64];
	struct generator g;
	bool mls = seed % 3 != 0, second = seed % 4 == 2;

	snprintf(cil, sizeof(cil), "%s/policy.cil", directory);
	snprintf(bin, sizeof(bin), "%s/policy", directory);
	snprintf(bin2, sizeof(bin2), "%s/policy2", directory);
	generate_init(&g, seed, mls);
	g.no_bounds = second;	/* checkpolicy refuses a child that has more than its parent */
	write_policy(&g, cil);
	if (!try("secilc -N -t xen -M %s -c %d -f /dev/null -o %s %s >%s/log 2>&1", mls ? "true" : "false", seed % 4 == 1 ? 24 : 30, bin, cil,
		 directory))
		fail_msg("seed %lu: secilc refuses the policy, see %s", seed, directory);
	compare_random(&g, bin);
	if (!second || !recompile(mls, seed % 8 == 2 ? 30 : 24, bin, bin2))
		return false;
	compare_random(&g, bin2);
	return true;
}

static void test_random_policies(void **state)
{
	const char *rounds = getenv("FLASK_ROUNDS"), *seed = getenv("FLASK_SEED");
	unsigned long first = seed ? strtoul(seed, NULL, 0) : 1, count = rounds ? strtoul(rounds, NULL, 0) : 180;
	unsigned long both = 0;
	uint64_t before = *questions;

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (unsigned long i = first; i < first + count; i++) {
		printf("seed %lu\n", i);
		both += random_round(i);
	}
	assert_true(try("rm -rf %s", directory));
	printf("%llu questions about random policies, %lu of which came from both compilers\n", (unsigned long long)(*questions - before), both);
	printf("%llu booleans turned round\n", (unsigned long long)*flips);
	assert_true(count < 180 || (*questions - before > 1000000 && both > count / 16 && *flips > count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_policy),
		cmocka_unit_test(test_default_vectors),
		cmocka_unit_test(test_random_policies),
	};

	questions = mmap(NULL, 2 * sizeof(*questions), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	flips = questions + 1;
	return questions == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
