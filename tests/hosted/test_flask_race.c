/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies are replaced and labels made while other CPUs decide; also under ThreadSanitizer (make test-tsan). Each reader announces its passes as the
 * dispatcher does, and an old policy is freed only when all have left the pass they were in.
 * Locking: as the hypervisor's. Trust: tests only.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <hv/flask.h>

#define READERS 3u
#define LOADS 60u

static _Thread_local unsigned int cpu;
static _Atomic uint64_t pass[READERS + 1];
static _Atomic bool finished;
static _Atomic uint64_t decisions;
static uint8_t policy[2][1u << 20];
static size_t policy_len[2];

unsigned int race_cpu(void);
unsigned int race_cpu(void)
{
	return cpu;
}

/* From any thread: cmocka's own would jump into another's stack. */
static _Noreturn void wrong(const char *what)
{
	fprintf(stderr, "%s\n", what);
	_exit(1);
}

static void ask(unsigned int round)
{
	char context[64];
	sid_t sid, event;
	size_t needed;

	snprintf(context, sizeof(context), "system_u:system_r:guest_t:s0:c%u", (round * 7 + cpu) % 200);
	if (flask_context_to_sid(context, strlen(context), &sid) != 0 || flask_transition(sid, 3, "event", &event) != 0)
		wrong("a label is not known");
	if (flask_sid_to_context(sid, context, sizeof(context), &needed) != 0)
		wrong("a label has no text");
	/* What both policies say alike, and what they say differently but each as a whole. */
	if (!flask_allowed(flask_vector(3, sid), PERM_domain__pause) || flask_allowed(flask_vector(sid, 3), PERM_domain__pause))
		wrong("a decision is wrong");
	const struct flask_vector *v = flask_vector(3, sid);

	if (flask_allowed(v, PERM_mmu__map_read) != flask_allowed(v, PERM_mmu__map_write))
		wrong("a decision is torn");
	decisions++;
}

static void *reader(void *arg)
{
	cpu = (unsigned int)(uintptr_t)arg;
	for (unsigned int round = 0; !finished; round++) {
		atomic_fetch_add(&pass[cpu], 1);
		ask(round);
		atomic_fetch_add(&pass[cpu], 1);
	}
	return NULL;
}

static void quiesce(void)
{
	for (unsigned int i = 1; i <= READERS; i++) {
		uint64_t seen = atomic_load(&pass[i]);

		while ((seen & 1) && atomic_load(&pass[i]) == seen)
			;
	}
}

static void read_policy(unsigned int i, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		wrong(path);
	policy_len[i] = fread(policy[i], 1, sizeof(policy[i]), f);
	fclose(f);
}

/* The default policy, and it with one rule more. */
static void read_policies(void)
{
	char path[64], command[512];

	read_policy(0, "build/policy");
	snprintf(path, sizeof(path), "build/other-%d.policy", getpid());
	snprintf(command, sizeof(command), "echo '(allow dom0_t guest_t (mmu (map_read map_write)))' >%s.cil && secilc -t xen -M true -c 30 "
		 "-f /dev/null -o %s build/gen/classes.cil build/gen/categories.cil policy/flask/*.cil %s.cil", path, path, path);
	if (system(command) != 0)
		wrong(command);
	read_policy(1, path);
	unlink(path);
	snprintf(command, sizeof(command), "%s.cil", path);
	unlink(command);
}

static void test_loads_against_decisions(void **state)
{
	pthread_t thread[READERS + 1];
	struct flask_error err;

	(void)state;
	read_policies();
	assert_int_equal(flask_init(policy[0], policy_len[0], &err), 0);
	for (unsigned int i = 1; i <= READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, (void *)(uintptr_t)i), 0);
	for (unsigned int i = 1; i <= LOADS; i++) {
		assert_int_equal(flask_load(policy[i % 2], policy_len[i % 2], &err), 0);
		quiesce();
		flask_reclaim();
	}
	finished = true;
	for (unsigned int i = 1; i <= READERS; i++)
		pthread_join(thread[i], NULL);
	printf("%u loads, %llu decisions meanwhile\n", LOADS, (unsigned long long)decisions);
	assert_true(decisions > LOADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads_against_decisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
