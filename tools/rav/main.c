/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav NOUN VERB …: finds the verb, answers --help, runs it.
 * Locking: single-threaded. Trust: the command line is the caller's.
 */
#include "common.h"

#include <stdio.h>
#include <string.h>

static const struct rav_noun *const nouns[] = {
	&rav_audit,
	&rav_policy,
	&rav_label,
	&rav_shype,
};

#define NOUNS (sizeof(nouns) / sizeof(nouns[0]))

static void help_noun(const struct rav_noun *n)
{
	for (const struct rav_verb *v = n->verbs; v->name; v++)
		printf("  rav %s %s %s\n      %s\n", n->name, v->name, v->synopsis, v->summary);
}

static void help_all(void)
{
	printf("usage: rav NOUN VERB [OPTIONS]\n\nThe tools of the Ravelin hypervisor: see rav(8).\n");
	for (size_t i = 0; i < NOUNS; i++) {
		printf("\n%s: %s\n", nouns[i]->name, nouns[i]->summary);
		help_noun(nouns[i]);
	}
	printf("\nExit status: 0 yes or done, 1 the answer is no, 2 wrong usage, 3 could not be done.\n");
}

static void help_verb(const struct rav_noun *n, const struct rav_verb *v)
{
	printf("usage: rav %s %s %s\n%s\n", n->name, v->name, v->synopsis, v->summary);
	if (v->options)
		printf("\n%s", v->options);
}

static const struct rav_noun *noun_find(const char *name)
{
	for (size_t i = 0; i < NOUNS; i++)
		if (strcmp(nouns[i]->name, name) == 0)
			return nouns[i];
	return NULL;
}

static const struct rav_verb *verb_find(const struct rav_noun *n, const char *name)
{
	for (const struct rav_verb *v = n->verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int verb_run(const struct rav_noun *n, int argc, char **argv)
{
	const struct rav_verb *v = verb_find(n, argv[0]);
	static char command[64];

	if (!v)
		return rav_misuse("%s has no verb '%s'", n->name, argv[0]);
	if (asks_help(argc, argv)) {
		help_verb(n, v);
		return RAV_OK;
	}
	snprintf(command, sizeof(command), "rav %s %s", n->name, v->name);
	rav_command = command;
	return v->run(argc, argv);
}

static int noun_run(int argc, char **argv)
{
	const struct rav_noun *n = noun_find(argv[1]);

	if (!n)
		return rav_misuse("there is no '%s'", argv[1]);
	if (argc == 2 || is_help(argv[2])) {
		printf("%s: %s\n", n->name, n->summary);
		help_noun(n);
		return argc == 2 ? RAV_USAGE : RAV_OK;
	}
	return verb_run(n, argc - 2, argv + 2);
}

/* What could not be written was not said. */
static int finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return rav_fail(NULL, "standard output: write error");
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2 || is_help(argv[1])) {
		help_all();
		return finish(argc < 2 ? RAV_USAGE : RAV_OK);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("rav " RAVELIN_VERSION);
		return finish(RAV_OK);
	}
	return finish(noun_run(argc, argv));
}
