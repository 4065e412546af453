/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes small random policies in CIL, seeds for fuzz_flask: seeds DIRECTORY COUNT.
 * Locking: none. Trust: runs on the build host.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../hosted/flask_generate.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	for (unsigned int i = 1; i <= (unsigned int)atoi(argv[2]); i++) {
		struct generator g;
		char path[512];
		FILE *f;

		generate_init(&g, i, true);
		g.types = 5;
		g.attributes = 2;
		snprintf(path, sizeof(path), "%s/%u.cil", argv[1], i);
		f = fopen(path, "w");
		if (!f)
			return 1;
		generate_policy(&g, f);
		if (fclose(f))
			return 1;
	}
	return 0;
}
