/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes seeds, the same ones each time: small random policies in CIL for fuzz_flask (seeds cil DIRECTORY COUNT), long random inputs for fuzzers
 * that take a program of steps (seeds raw DIRECTORY COUNT).
 * Locking: none. Trust: runs on the build host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hosted/flask_generate.h"

static void write_policy(struct generator *g, FILE *f)
{
	g->types = 5;
	g->attributes = 2;
	generate_policy(g, f);
}

static void write_raw(struct generator *g, FILE *f)
{
	for (unsigned int i = 0; i < 1500; i++)
		fputc((int)generate_below(g, 256), f);
}

int main(int argc, char **argv)
{
	bool raw = argc > 1 && strcmp(argv[1], "raw") == 0;

	if (argc != 4)
		return 2;
	for (unsigned int i = 1; i <= (unsigned int)atoi(argv[3]); i++) {
		struct generator g;
		char path[512];
		FILE *f;

		generate_init(&g, i, true);
		snprintf(path, sizeof(path), "%s/%u.%s", argv[2], i, argv[1]);
		f = fopen(path, "w");
		if (!f)
			return 1;
		(raw ? write_raw : write_policy)(&g, f);
		if (fclose(f))
			return 1;
	}
	return 0;
}
