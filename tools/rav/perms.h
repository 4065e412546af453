/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's permissions as the tools see them: names, ancestors, and what each lets a domain
 * do to another.
 * Locking: constant data. Trust: names asked for may come from anywhere.
 */
#ifndef RAV_PERMS_H
#define RAV_PERMS_H

#include <stddef.h>
#include <stdint.h>

/* What answers where a policy does not know the permission. */
enum perm_origin { ORIGIN_XEN, ORIGIN_FINER, ORIGIN_UNCHECKED, ORIGIN_OWN };

struct perm_entry {
	const char *class_name, *name;
	const char *ancestor_class, *ancestor;	/* ORIGIN_FINER */
	enum perm_origin origin;
};

extern const struct perm_entry perm_entries[];
extern const size_t perm_entries_count;
#define FOR_EACH_PERM(e) for (const struct perm_entry *e = perm_entries; e < perm_entries + perm_entries_count; e++)

/* NULL: the hypervisor never asks it */
const struct perm_entry *perm_find(const char *class_name, const char *name);
int perm_class_known(const char *class_name);

/* By what means one domain reaches another, from the strongest. */
enum means {
	MEANS_POLICY,
	MEANS_MACHINE,
	MEANS_MEMORY,
	MEANS_CONTROL,
	MEANS_DEVICE,
	MEANS_GRANT,
	MEANS_EVENT,
	MEANS_MESSAGE,
	MEANS_OBSERVE,
	MEANS_COUNT,
	MEANS_NONE = MEANS_COUNT, /* says nothing about another domain: interface, version */
};

enum means means_of(const char *class_name, const char *perm);
const char *means_name(enum means m);		/* "grant" */
const char *means_text(enum means m);		/* "shares memory by grants" */

/*
 * Operations that ask for the permission first, as the audit log names them:
 * "memory.add_to_physmap, …". Returns how many; text may be cut.
 */
unsigned int operations_of(const char *class_name, const char *perm, char *text, size_t size);

#endif
