/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies are replaced and labels made while other CPUs decide: under ThreadSanitizer (make test-race). Each reader announces its passes as the
 * dispatcher does, and an old policy is freed only when all have left the pass they were in.
 * Locking: as the hypervisor's. Trust: tests only.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	printf("0 passed, 1 failed\n");
	exit(1);
}

static void ask(unsigned int round)
{
	char context[64];
	sid_t sid, event;
	size_t needed;

	snprintf(context, sizeof(context), "system_u:system_r:guest_t:s0:c%u", (round * 7 + cpu) % 200);
	if (flask_context_to_sid(context, strlen(context), &sid) != 0 || flask_transition(sid, 3, "event", &event) != 0)
		fail("a label is not known");
	if (flask_sid_to_context(sid, context, sizeof(context), &needed) != 0)
		fail("a label has no text");
	/* What both policies say alike, and what they say differently but each as a whole. */
	if (!flask_allowed(flask_vector(3, sid), PERM_domain__pause) || flask_allowed(flask_vector(sid, 3), PERM_domain__pause))
		fail("a decision is wrong");
	const struct flask_vector *v = flask_vector(3, sid);

	if (flask_allowed(v, PERM_mmu__map_read) != flask_allowed(v, PERM_mmu__map_write))
		fail("a decision is torn");
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
		fail(path);
	policy_len[i] = fread(policy[i], 1, sizeof(policy[i]), f);
	fclose(f);
}

int main(int argc, char **argv)
{
	pthread_t thread[READERS + 1];
	struct flask_error err;

	if (argc != 3)
		return 2;
	read_policy(0, argv[1]);
	read_policy(1, argv[2]);
	if (flask_init(policy[0], policy_len[0], &err) != 0)
		fail(err.reason);
	for (unsigned int i = 1; i <= READERS; i++)
		pthread_create(&thread[i], NULL, reader, (void *)(uintptr_t)i);
	for (unsigned int i = 1; i <= LOADS; i++) {
		if (flask_load(policy[i % 2], policy_len[i % 2], &err) != 0)
			fail(err.reason);
		quiesce();
		flask_reclaim();
	}
	finished = true;
	for (unsigned int i = 1; i <= READERS; i++)
		pthread_join(thread[i], NULL);
	printf("%u loads, %llu decisions meanwhile\n", LOADS, (unsigned long long)decisions);
	printf("1 passed, 0 failed\n");
	return 0;
}
