/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any words as a command line of rav's, by a table with each kind of option: what is left is the words that are none, in order.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/common.h"
#include "../../tools/rav/options.h"

#define WORDS 16

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	bool flag = false;
	const char *text = NULL;
	struct texts texts = { 0 };
	const struct option_spec specs[] = { { "json", 'j', OPTION_FLAG, &flag }, { "output", 'o', OPTION_TEXT, &text },
					     { "policy", 'p', OPTION_TEXTS, &texts }, { NULL, 0, OPTION_FLAG, NULL } };
	char *copy = malloc(len + 1), *words[WORDS + 1] = { (char *)"verb" }, **argv = words, *at = copy;
	uint64_t number;
	int argc = 1;

	memcpy(copy, bytes, len);
	copy[len] = '\0';
	(void)rav_parse_u64(copy, 1000, &number);
	while (argc < WORDS && at < copy + len) {
		words[argc++] = at;
		at += strcspn(at, "\n");
		if (at < copy + len)
			*at++ = '\0';
	}
	words[argc] = NULL;
	if (options_read(&argc, &argv, specs, 0, 8) == RAV_OK) {
		if (argc > 8 || argv[argc])
			abort();
		for (int i = 0; i < argc; i++)
			if (argv[i] < copy || argv[i] > copy + len)
				abort();
	}
	free(texts.item);
	free(copy);
	return 0;
}
