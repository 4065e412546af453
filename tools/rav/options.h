/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of the policy and label verbs: a table of options, the policy asked about.
 * Locking: single-threaded. Trust: the command line is the caller's.
 */
#ifndef RAV_OPTIONS_H
#define RAV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "binary.h"

struct texts {
	const char **item;
	size_t nr;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_TEXTS };

struct option_spec {
	const char *name;	/* "json"; NULL ends the table */
	char letter;		/* 0: none */
	enum option_kind kind;
	void *to;		/* bool, const char *, struct texts */
};

/*
 * Takes the options out of argv, wherever they stand; "--" ends them. RAV_OK: argv[0 .. *argc) is
 * what is left, without the verb, and there are at least `min` and at most `max`.
 */
int options_read(int *argc, char ***argv, const struct option_spec *specs, int min, int max);
/* The policy of -p, else of the environment's RAV_POLICY. */
int options_policy(const struct texts *policy, struct binary **b);

#define OPTION_HELP_JSON   "  --json               one JSON object\n"
#define OPTION_HELP_POLICY "  -p, --policy FILE    the policy: compiled, or CIL files and directories (repeat it); else $RAV_POLICY\n"

#endif
