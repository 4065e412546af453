/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a decision costs as policies grow: a pair already met, a pair met for the first time, a load. bench_flask POLICY...; CHECKS=n in the environment: that many of the first kind.
 * Locking: none. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hv/flask.h>

#define PAIRS 64u
#define CHECKS 20000000u

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned int intern(sid_t *sid, unsigned int types)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PAIRS; i++) {
		char context[64];

		snprintf(context, sizeof(context), "system_u:system_r:guest%u_t:s0", (unsigned int)((uint64_t)i * types / PAIRS));
		if (flask_context_to_sid(context, strlen(context), &sid[n]) == 0)
			n++;
	}
	return n;
}

static unsigned int checks = CHECKS;

static void measure(const char *path)
{
	static uint8_t bytes[32u << 20];
	struct flask_error err;
	sid_t sid[PAIRS];
	FILE *f = fopen(path, "rb");
	const char *digits = strrchr(path, '-');
	unsigned int n, found = 0, types = digits ? (unsigned int)atoi(digits + 1) : 0;
	double start, load, miss, hit;
	size_t len;

	if (!f)
		exit(1);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	start = seconds();
	if (flask_seqno() ? flask_load(bytes, len, &err) : flask_init(bytes, len, &err)) {
		fprintf(stderr, "%s: %s at %zu: %s\n", path, err.section, err.offset, err.reason);
		exit(1);
	}
	load = seconds() - start;
	flask_reclaim();
	n = intern(sid, types);
	start = seconds();
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < n; j++)
			found += flask_allowed(flask_vector(sid[i], sid[j]), PERM_event__send);
	miss = seconds() - start;
	start = seconds();
	for (unsigned int i = 0; i < checks; i++)
		found += flask_allowed(flask_vector(sid[i % n], sid[(i >> 6) % n]), (enum perm)(1 + i % (PERM_COUNT - 1)));
	hit = seconds() - start;
	printf("%6u types %8zu bytes: load %8.2f ms, first decision %7.2f us, every further one %5.1f ns (%u)\n", types, len, load * 1e3,
	       miss * 1e6 / (n * n), hit * 1e9 / (checks ? checks : 1), found);
}

int main(int argc, char **argv)
{
	const char *n = getenv("CHECKS");

	if (n)
		checks = (unsigned int)atoi(n);
	for (int i = 1; i < argc; i++)
		measure(argv[i]);
	return argc < 2;
}
