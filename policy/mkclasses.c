/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the CIL declarations of every class and permission of xsm/permissions.def. Runs on the build host.
 * Locking: none. Trust: input is our own table.
 */
#include <stdio.h>
#include <string.h>

static const struct {
	const char *class, *perm;	/* perm NULL: the class begins */
} table[] = {
#define CLASS(c)			{ #c, NULL },
#define PERM_XEN(c, p)			{ #c, #p },
#define PERM_FINER(c, p, ac, ap)	{ #c, #p },
#define PERM_UNCHECKED(c, p)		{ #c, #p },
#define PERM_OWN(c, p)			{ #c, #p },
#include "../xsm/permissions.def"
};

#define ENTRIES (sizeof(table) / sizeof(table[0]))
#define MAX_PERMS 32			/* an access vector is 32 bits wide */

static int print_class(size_t at)
{
	size_t n = 0;

	printf("(class %s (", table[at].class);
	for (size_t i = at + 1; i < ENTRIES && table[i].perm; i++, n++) {
		if (strcmp(table[i].class, table[at].class) != 0) {
			fprintf(stderr, "permissions.def: %s.%s stands under class %s\n",
				table[i].class, table[i].perm, table[at].class);
			return 1;
		}
		printf("%s%s", n ? " " : "", table[i].perm);
	}
	printf("))\n");
	if (n == 0 || n > MAX_PERMS) {
		fprintf(stderr, "permissions.def: class %s has %zu permissions\n", table[at].class, n);
		return 1;
	}
	return 0;
}

int main(void)
{
	printf("; Generated from xsm/permissions.def by policy/mkclasses.c.\n");
	for (size_t i = 0; i < ENTRIES; i++)
		if (!table[i].perm && print_class(i) != 0)
			return 1;
	printf("(classorder (");
	for (size_t i = 0, n = 0; i < ENTRIES; i++)
		if (!table[i].perm)
			printf("%s%s", n++ ? " " : "", table[i].class);
	printf("))\n");
	return 0;
}
