/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the random policies of test_xsm_oracle, the same ones each time: flask_policies DIRECTORY COUNT.
 * Locking: none. Trust: runs on the build host.
 */
#include <stdlib.h>

#include "flask_generate.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	for (unsigned int i = 1; i <= (unsigned int)atoi(argv[2]); i++) {
		struct generator g;
		char path[512];
		FILE *f;

		generate_init(&g, i, i % 3 != 0);
		snprintf(path, sizeof(path), "%s/%u.%s.cil", argv[1], i, g.mls ? "mls" : "plain");
		f = fopen(path, "w");
		if (!f)
			return 1;
		generate_policy(&g, f);
		if (fclose(f))
			return 1;
	}
	return 0;
}
