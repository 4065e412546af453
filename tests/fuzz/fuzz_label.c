/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a label of the default policy, as rav's command line and logs give them: found, or told what is wrong with it.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/binary.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct binary *policy;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const path = "build/policy";

	(void)argc;
	(void)argv;
	if (binary_open(&policy, &path, 1) != 0)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct label found, again;
	char *text = malloc(len + 1), fault[256], mend[256];

	memcpy(text, bytes, len);
	text[len] = '\0';
	if (label_find(policy, text, &found)) {
		if (!label_find(policy, found.text, &again) || strcmp(found.text, again.text) != 0)
			abort();
	} else {
		fault[0] = '\0';
		label_fault(policy, text, fault, mend, sizeof(fault));
		if (!fault[0])
			abort();
	}
	free(text);
	return 0;
}
