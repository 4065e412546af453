/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a security context under the default policy: refused, or its normal form means the same and is its own normal form.
 * Locking: none. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../xsm/flask/policydb.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct policy *policy;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static uint8_t bytes[1u << 20];
	FILE *f = fopen("build/policy", "rb");
	struct flask_error err;

	(void)argc;
	(void)argv;
	if (!f || policy_read_after(NULL, BOOLS_LOAD, bytes, fread(bytes, 1, sizeof(bytes), f), &policy, &err) != 0)
		abort();
	return fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct context_draft first, second;
	static char text[32768], again[32768];
	char *exact = malloc(len ? len : 1);

	if (!exact)
		abort();
	memcpy(exact, bytes, len);
	if (policy_context_parse(policy, exact, len, &first)) {
		size_t n = policy_context_print(policy, &first.c, text, sizeof(text));

		if (n > sizeof(text) || n != strlen(text) + 1 || !policy_context_parse(policy, text, n, &second) ||
		    !context_equal(&first.c, &second.c))
			abort();
		policy_context_print(policy, &second.c, again, sizeof(again));
		if (strcmp(text, again) != 0)
			abort();
	}
	free(exact);
	return 0;
}
