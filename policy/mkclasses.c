/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the CIL declarations of every class and permission of xsm/permissions.def. Runs on the build host. With `--xen`: only those that Xen
 * has, for tests with policies that know nothing of ours.
 * Locking: none. Trust: input is our own table.
 */
#include <stdio.h>
#include <string.h>

static const struct {
	const char *class, *perm;	/* perm NULL: the class begins */
	int xen;
} table[] = {
#define CLASS(c)			{ #c, NULL, 0 },
#define PERM_XEN(c, p)			{ #c, #p, 1 },
#define PERM_FINER(c, p, ac, ap)	{ #c, #p, 0 },
#define PERM_UNCHECKED(c, p)		{ #c, #p, 0 },
#define PERM_OWN(c, p)			{ #c, #p, 0 },
#include "../xsm/permissions.def"
};

#define ENTRIES (sizeof(table) / sizeof(table[0]))
#define MAX_PERMS 32			/* an access vector is 32 bits wide */

static int only_xen;

static int wanted(size_t at)
{
	return table[at].xen || !only_xen;
}

/* Permissions of the class that begins at `at`. */
static size_t count(size_t at)
{
	size_t n = 0;

	for (size_t i = at + 1; i < ENTRIES && table[i].perm; i++)
		n += wanted(i) != 0;
	return n;
}

static int print_class(size_t at)
{
	const char *separator = "";

	printf("(class %s (", table[at].class);
	for (size_t i = at + 1; i < ENTRIES && table[i].perm; i++) {
		if (strcmp(table[i].class, table[at].class) != 0) {
			fprintf(stderr, "permissions.def: %s.%s stands under class %s\n",
				table[i].class, table[i].perm, table[at].class);
			return 1;
		}
		if (!wanted(i))
			continue;
		printf("%s%s", separator, table[i].perm);
		separator = " ";
	}
	printf("))\n");
	if (count(at) > MAX_PERMS) {
		fprintf(stderr, "permissions.def: class %s has %zu permissions\n", table[at].class, count(at));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *separator = "";

	only_xen = argc > 1 && strcmp(argv[1], "--xen") == 0;
	printf("; Generated from xsm/permissions.def by policy/mkclasses.c.\n");
	for (size_t i = 0; i < ENTRIES; i++)
		if (!table[i].perm && count(i) && print_class(i) != 0)
			return 1;
	printf("(classorder (");
	for (size_t i = 0; i < ENTRIES; i++)
		if (!table[i].perm && count(i)) {
			printf("%s%s", separator, table[i].class);
			separator = " ";
		}
	printf("))\n");
	return 0;
}
