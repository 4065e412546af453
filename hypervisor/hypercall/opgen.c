/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of the build: writes operations.def as the reference of hypercalls (docs/HYPERCALLS.md), or as a plain list of rows for the check
 * against Xen's public headers (tests/hosted/check-operations.sh).
 * Locking: none. Trust: none; it runs where the hypervisor is built.
 */
#include <stdio.h>
#include <string.h>

#include "op_types.h"
#include "ops.h"

struct permission {
	const char *class_name, *name, *ancestor;
};

static const struct permission permissions[] = {
	{ "", "", "" },
#define CLASS(c)
#define PERM_XEN(c, p)			{ #c, #p, "" },
#define PERM_FINER(c, p, ac, ap)	{ #c, #p, "`" #ac ":" #ap "`" },
#define PERM_UNCHECKED(c, p)		{ #c, #p, "xen-unchecked" },
#define PERM_OWN(c, p)			{ #c, #p, "none" },
#include "../../xsm/permissions.def"
};

/* What somebody hostile does with a permission. */
static const char *const hostile[] = {
#define HOSTILE(c, p, text)		[PERM_##c##__##p] = text,
#include "../../docs/hostile.def"
	[sizeof(permissions) / sizeof(permissions[0])] = NULL,
};

enum kind { KIND_HYPERCALL, KIND_ROW, KIND_REFUSED, KIND_NEST };

static const struct line {
	enum kind kind;
	const char *hypercall, *name, *denied;
	uint32_t number, nested;
	enum target_kind target;
	enum perm perm;
} lines[] = {
#define HYPERCALL(hc, use, nr, how, reg, type, version, status) \
	{ .kind = KIND_HYPERCALL, .hypercall = #hc, .number = (nr), .perm = PERM_interface__##use },
#define LEAF(hc, op, n, sub, type, t, at, c, p, d, flags) \
	{ .kind = KIND_ROW, .hypercall = #hc, .name = #op, .denied = #d, .number = (n), .nested = (sub), .target = t, .perm = PERM_##c##__##p },
#define NEST(hc, op, n, at) \
	{ .kind = KIND_NEST, .hypercall = #hc, .name = #op, .number = (n), .nested = OP_ALL },
#define LEAF_REFUSED(hc, op, n, sub, d) \
	{ .kind = KIND_REFUSED, .hypercall = #hc, .name = #op, .denied = #d, .number = (n), .nested = (sub) },
#include "operations.def"
};

#define FOR_EACH_LINE(l) for (const struct line *l = lines; l < lines + sizeof(lines) / sizeof(lines[0]); l++)

static const char *target_name(enum target_kind t)
{
	switch (t) {
	case TARGET_SELF:
		return "the caller";
	case TARGET_DOMAIN:
		return "a domain";
	case TARGET_XEN:
		return "the hypervisor";
	case TARGET_SECURITY:
		return "the policy";
	case TARGET_SID:
		return "a label";
	case TARGET_DATA:
		return "found from data";
	}
	return "?";
}

static const char *status_name(const char *denied)
{
	return strncmp(denied, "XEN_", 4) == 0 ? denied + 4 : denied;
}

static void print_number(const struct line *l)
{
	if (l->number != OP_ALL)
		printf("%u", l->number);
	if (l->nested != OP_ALL)
		printf(".%u", l->nested);
}

static void reference_row(const struct line *l)
{
	const struct permission *p = &permissions[l->perm];

	printf("| `%s` | ", l->name);
	print_number(l);
	if (l->kind == KIND_REFUSED)
		printf(" | absent | | | %s | |\n", status_name(l->denied));
	else
		printf(" | `%s:%s` | %s | %s | %s | %s |\n", p->class_name, p->name, p->ancestor, target_name(l->target), status_name(l->denied),
		       hostile[l->perm]);
}

/* Every permission that a row asks for has its line in docs/hostile.def. */
static int hostile_check(void)
{
	int missing = 0;

	FOR_EACH_LINE(l)
		if (l->kind == KIND_ROW && !hostile[l->perm]) {
			fprintf(stderr, "docs/hostile.def: no line for %s:%s\n", permissions[l->perm].class_name, permissions[l->perm].name);
			missing = 1;
		}
	return missing;
}

static void reference_heading(const struct line *l)
{
	printf("\n## %s: hypercall %u, `interface:%s`\n\n", l->hypercall, l->number, permissions[l->perm].name);
	printf("| operation | number | permission | ancestor | asked about | status | a hostile caller |\n|---|---|---|---|---|---|---|\n");
}

static unsigned int count(enum kind kind)
{
	unsigned int n = 0;

	FOR_EACH_LINE(l)
		n += l->kind == kind;
	return n;
}

static void reference_print(void)
{
	printf("# Hypercalls\n\nGenerated from hypervisor/hypercall/operations.def by `make docs-hypercalls`; `make check-operations` says whether this copy is current.\n\n"
	       "Each leaf operation of Xen 4.17's public interface is a row: %u are there, %u are absent on purpose. *permission* is what the dispatcher asks; where the\n"
	       "object is *found from data* (a port, a frame, a grant reference, an element of an array) or is *a label*, the handler's lookup asks it. An absent operation\n"
	       "returns its status to everybody who has the hypercall's `interface` permission and is audited once per domain. *ancestor* answers where a loaded policy does\n"
	       "not know the permission: another permission; `xen-unchecked`: allowed on oneself; `none`: denied. No ancestor: the permission is Xen's own.\n"
	       "*status*: what a caller gets who may not, or whom the absence is told. A number behind the point is a nested command.\n"
	       "*a hostile caller*: what somebody who has the permission on purpose or by mistake does with it (docs/hostile.def).\n",
	       count(KIND_ROW), count(KIND_REFUSED));
	FOR_EACH_LINE(l) {
		if (l->kind == KIND_HYPERCALL)
			reference_heading(l);
		else if (l->kind != KIND_NEST)
			reference_row(l);
	}
}

/* Hypercall's number, operation's number, nested command or -, name. */
static void rows_print(void)
{
	uint32_t hypercall = 0;

	FOR_EACH_LINE(l) {
		if (l->kind == KIND_HYPERCALL)
			hypercall = l->number;
		if (l->kind == KIND_HYPERCALL || l->kind == KIND_NEST)
			continue;
		printf("%u ", hypercall);
		if (l->number == OP_ALL)
			printf("- ");
		else
			printf("%u ", l->number);
		if (l->nested == OP_ALL)
			printf("- ");
		else
			printf("%u ", l->nested);
		printf("%s.%s\n", l->hypercall, l->name);
	}
}

int main(int argc, char **argv)
{
	if (hostile_check())
		return 1;
	if (argc == 2 && strcmp(argv[1], "reference") == 0)
		reference_print();
	else if (argc == 2 && strcmp(argv[1], "rows") == 0)
		rows_print();
	else
		return 2;
	return 0;
}
