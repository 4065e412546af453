/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options by table.
 * Locking: single-threaded. Trust: the command line is the caller's.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"

static const struct option_spec *spec_find(const struct option_spec *specs, const char *word)
{
	size_t len = strcspn(word, "=");

	for (const struct option_spec *s = specs; s->name; s++) {
		if (word[1] == '-' && strlen(s->name) == len - 2 &&
		    strncmp(s->name, word + 2, len - 2) == 0)
			return s;
		if (word[1] != '-' && s->letter && word[1] == s->letter &&
		    (word[2] == '\0' || s->kind != OPTION_FLAG))
			return s;
	}
	return NULL;
}

static void texts_add(struct texts *t, const char *text)
{
	t->item = rav_grow(t->item, t->nr + 1, sizeof(*t->item));
	t->item[t->nr++] = text;
}

/* "--name=value", "-nvalue", or the word after it. */
static const char *value_of(const char *word, char **rest, int *used)
{
	const char *equals = strchr(word, '=');

	if (word[1] == '-' && equals)
		return equals + 1;
	if (word[1] != '-' && word[2])
		return word + 2;
	*used = 1;
	return *rest;
}

static int option_take(const struct option_spec *specs, char **words, int *used)
{
	const struct option_spec *s = spec_find(specs, words[0]);
	const char *value;

	*used = 0;
	if (!s)
		return rav_misuse("no option '%s'", words[0]);
	if (s->kind == OPTION_FLAG) {
		if (strchr(words[0], '='))
			return rav_misuse("'%s' takes no value", words[0]);
		*(bool *)s->to = true;
		return RAV_OK;
	}
	value = value_of(words[0], words + 1, used);
	if (!value)
		return rav_misuse("'%s' wants a value", words[0]);
	if (s->kind == OPTION_TEXT)
		*(const char **)s->to = value;
	else
		texts_add(s->to, value);
	return RAV_OK;
}

int options_read(int *argc, char ***argv, const struct option_spec *specs, int min, int max)
{
	char **words = *argv;
	int kept = 0, used;
	bool ended = false;

	for (int i = 1; i < *argc; i++) {
		if (!ended && strcmp(words[i], "--") == 0) {
			ended = true;
		} else if (ended || words[i][0] != '-' || words[i][1] == '\0') {
			words[kept++] = words[i];
		} else {
			int rc = option_take(specs, words + i, &used);

			if (rc != RAV_OK)
				return rc;
			i += used;
		}
	}
	if (kept < min)
		return rav_misuse("too few arguments");
	if (kept > max)
		return rav_misuse("one too many: '%s'", words[max]);
	*argc = kept;
	words[kept] = NULL;
	return RAV_OK;
}

int options_policy(const struct texts *policy, struct binary **b)
{
	const char *from_environment = getenv("RAV_POLICY");

	if (policy->nr)
		return binary_open(b, policy->item, policy->nr);
	if (from_environment && *from_environment)
		return binary_open(b, &from_environment, 1);
	rav_fail("-p build/policy, -p policy/flask, or set RAV_POLICY", "which policy?");
	return RAV_USAGE;
}
