/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which operations ask for a permission: the hypervisor's operation table, by name.
 * Locking: constant data. Trust: none. The hypervisor's headers are seen here and in engine.c
 * alone.
 */
#include <stdio.h>
#include <string.h>

#include "../perms.h"
#include "op_types.h"
#include "ops.h"

static const struct {
	const char *name, *class_name, *perm;
} operations[] = {
#define HYPERCALL(hc, use, nr, how, reg, type, version, status)		{ #hc, "interface", #use },
#define LEAF(hc, op, n, sub, type, t, at, c, p, d, flags)		{ #hc "." #op, #c, #p },
#include "operations.def"
};

unsigned int operations_of(const char *class_name, const char *perm, char *text, size_t size)
{
	unsigned int found = 0;
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].class_name, class_name) != 0 ||
		    strcmp(operations[i].perm, perm) != 0)
			continue;
		found++;
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? ", " : "",
						operations[i].name);
	}
	return found;
}
