/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies in CIL: every kind of statement that ends up in a policy for Xen.
 * Locking: none. Trust: tests only.
 */
#include "flask_generate.h"

#include <stdlib.h>
#include <string.h>

#define SENSITIVITIES 3u
#define CATEGORIES 70u		/* more than one word of a bitmap */
#define MAX_TYPES 48u

static const struct {
	const char *name;
	const char *perms[8];
} classes[] = {
	{ "domain", { "create", "transition", "dyntransition", "pause", "unpause" } },
	{ "event", { "bind", "send", "create" } },
	{ "mmu", { "pin", "map_read", "map_write" } },		/* the last two from the common `memory` */
	{ "grant", { "setup", "map_read", "map_write" } },	/* likewise */
	{ "version", { "p0", "p1", "p2", "p3" } },
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

void generate_init(struct generator *g, uint64_t seed, bool mls)
{
	*g = (struct generator){ .seed = seed * 0x9e3779b97f4a7c15u + 1, .mls = mls };
	g->types = 4 + generate_below(g, MAX_TYPES - 4);
	g->attributes = 1 + generate_below(g, 12);
	g->roles = 1 + generate_below(g, 3);
	g->users = 1 + generate_below(g, 3);
	g->bools = generate_below(g, 4);
}

uint32_t generate_below(struct generator *g, uint32_t n)
{
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 7;
	g->seed ^= g->seed << 17;
	return n ? (uint32_t)((g->seed >> 20) % n) : 0;
}

static bool chance(struct generator *g, uint32_t percent)
{
	return generate_below(g, 100) < percent;
}

/* --- words ----------------------------------------------------------------------------------------------------------- */

static void put_type(struct generator *g, FILE *out)
{
	fprintf(out, "ty%u", generate_below(g, g->types));
}

static void put_type_or_attribute(struct generator *g, FILE *out)
{
	if (chance(g, 40))
		fprintf(out, "a%u", generate_below(g, g->attributes));
	else
		put_type(g, out);
}

static size_t class_perms(size_t class)
{
	size_t n = 0;

	while (n < 8 && classes[class].perms[n])
		n++;
	return n;
}

static void put_class_perms(struct generator *g, FILE *out)
{
	size_t class = generate_below(g, CLASSES), n = class_perms(class);
	unsigned int mask = 1 + generate_below(g, (1u << n) - 1);

	fprintf(out, "(%s (", classes[class].name);
	for (size_t i = 0; i < n; i++)
		if (mask >> i & 1)
			fprintf(out, " %s", classes[class].perms[i]);
	fprintf(out, "))");
}

static void put_level(struct generator *g, FILE *out, unsigned int sens, unsigned int low, unsigned int high)
{
	(void)g;
	if (low <= high)
		fprintf(out, "(s%u (range c%u c%u))", sens, low, high == low ? high + 1 : high);
	else
		fprintf(out, "(s%u)", sens);
}

static void put_range(struct generator *g, FILE *out)
{
	unsigned int low = generate_below(g, SENSITIVITIES), high = low + generate_below(g, SENSITIVITIES - low);
	unsigned int first = generate_below(g, CATEGORIES - 2), last = first + generate_below(g, CATEGORIES - 1 - first);

	fprintf(out, "(");
	put_level(g, out, low, chance(g, 50) ? first : 1, chance(g, 50) ? first : 0);
	fprintf(out, " ");
	put_level(g, out, high, 0, last > first ? last : first + 1);
	fprintf(out, ")");
}

/* --- declarations ------------------------------------------------------------------------------------------------------ */

static void put_classes(FILE *out)
{
	fprintf(out, "(common memory (map_read map_write))\n(classorder (domain event mmu grant version))\n");
	fprintf(out, "(class domain (create transition dyntransition pause unpause))\n(class event (bind send create))\n");
	fprintf(out, "(class mmu (pin))\n(classcommon mmu memory)\n(class grant (setup))\n(classcommon grant memory)\n");
	fprintf(out, "(class version (p0 p1 p2 p3))\n");
}

static void put_levels(FILE *out)
{
	for (unsigned int i = 0; i < CATEGORIES; i++)
		fprintf(out, "(category c%u)", i);
	fprintf(out, "\n(categoryorder (");
	for (unsigned int i = 0; i < CATEGORIES; i++)
		fprintf(out, " c%u", i);
	fprintf(out, "))\n");
	for (unsigned int i = 0; i < SENSITIVITIES; i++)
		fprintf(out, "(sensitivity s%u)", i);
	fprintf(out, "\n(sensitivityorder (s0 s1 s2))\n");
	/* The highest sensitivity lacks the last category: not every level is valid. */
	for (unsigned int i = 0; i < SENSITIVITIES; i++)
		fprintf(out, "(sensitivitycategory s%u (range c0 c%u))\n", i, CATEGORIES - 1 - (i == 2));
}

static void put_types(struct generator *g, FILE *out)
{
	for (unsigned int i = 0; i < g->types; i++)
		fprintf(out, "(type ty%u)", i);
	fprintf(out, "\n");
	for (unsigned int i = 0; i < g->attributes; i++) {
		fprintf(out, "(typeattribute a%u)\n(typeattributeset a%u (or ", i, i);
		put_type(g, out);
		fprintf(out, " (%s ", chance(g, 50) ? "and" : "xor");
		for (unsigned int n = 0; n < 2; n++) {
			if (i && chance(g, 50))
				fprintf(out, " a%u", generate_below(g, i));
			else
				fprintf(out, " (not (ty%u))", generate_below(g, g->types));
		}
		fprintf(out, ")))\n");
	}
	for (unsigned int i = 0; i < g->types; i++)
		if (chance(g, 5))
			fprintf(out, "(typepermissive ty%u)\n", i);
	/* Bounds of bounds are left out: libsepol 3.4 crashes on the first one that masks something. */
	for (unsigned int i = g->types / 4; i < g->types; i++)
		if (!g->no_bounds && chance(g, 15))
			fprintf(out, "(typebounds ty%u ty%u)\n", generate_below(g, g->types / 4), i);
}

static void put_roles(struct generator *g, FILE *out)
{
	fprintf(out, "(role object_r)\n");
	for (unsigned int i = 0; i < g->roles; i++) {
		fprintf(out, "(role ro%u)\n", i);
		for (unsigned int t = 0; t < g->types; t++)
			if (t == 0 || chance(g, 70))
				fprintf(out, "(roletype ro%u ty%u)", i, t);
	}
	for (unsigned int i = 0; i < g->roles; i++)
		for (unsigned int j = 0; j < g->roles; j++)
			if (chance(g, 40))
				fprintf(out, "(roleallow ro%u ro%u)\n", i, j);
	for (unsigned int i = 0; i < g->users; i++) {
		fprintf(out, "\n(user us%u)(userrole us%u object_r)(userrole us%u ro0)(userlevel us%u (s0))\n", i, i, i, i);
		for (unsigned int r = 1; r < g->roles; r++)
			if (chance(g, 60))
				fprintf(out, "(userrole us%u ro%u)", i, r);
		fprintf(out, "(userrange us%u ((s0) ", i);
		put_level(g, out, i ? generate_below(g, SENSITIVITIES) : 2, 0, i ? 1 + generate_below(g, CATEGORIES - 3) : CATEGORIES - 2);
		fprintf(out, "))\n");
	}
}

static void put_sids(FILE *out)
{
	static const char *const sids[] = { "xenboot", "xen", "dom0", "domio", "domxen", "unlabeled", "security", "ioport", "iomem", "irq",
		"device", "domU", "domDM" };

	fprintf(out, "(sidorder (");
	for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++)
		fprintf(out, " %s", sids[i]);
	fprintf(out, "))\n");
	for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++)
		fprintf(out, "(sid %s)(sidcontext %s (us0 ro0 ty0 ((s0) (s0))))\n", sids[i], sids[i]);
}

/* --- rules --------------------------------------------------------------------------------------------------------------- */

static void put_av_rule(struct generator *g, FILE *out)
{
	static const char *const kinds[] = { "allow", "allow", "allow", "allow", "allow", "auditallow", "dontaudit" };

	fprintf(out, "(%s ", kinds[generate_below(g, 7)]);
	put_type_or_attribute(g, out);
	fprintf(out, " ");
	if (chance(g, 15))
		fprintf(out, "self");
	else
		put_type_or_attribute(g, out);
	fprintf(out, " ");
	put_class_perms(g, out);
	fprintf(out, ")\n");
}

/* Each source type appears once: two rules for one key would contradict each other. */
static void put_type_transitions(struct generator *g, FILE *out, unsigned int from, unsigned int to)
{
	for (unsigned int s = from; s < to; s++)
		if (chance(g, 70))
			fprintf(out, "(typetransition ty%u ty%u %s ty%u)\n", s, generate_below(g, g->types), classes[generate_below(g, CLASSES)].name,
				generate_below(g, g->types));
}

static void put_conditionals(struct generator *g, FILE *out)
{
	static const char *const ops[] = { "and", "or", "xor", "eq", "neq" };
	unsigned int half = g->types / 2;

	for (unsigned int i = 0; i < g->bools; i++)
		fprintf(out, "(boolean b%u %s)\n", i, chance(g, 50) ? "true" : "false");
	for (unsigned int i = 0; i < g->bools * 2; i++) {
		if (chance(g, 50))
			fprintf(out, "(booleanif (%s b%u (not b%u))\n", ops[generate_below(g, 5)], generate_below(g, g->bools),
				generate_below(g, g->bools));
		else
			fprintf(out, "(booleanif b%u\n", generate_below(g, g->bools));
		for (unsigned int branch = 0; branch < 2; branch++) {
			fprintf(out, "(%s\n", branch ? "false" : "true");
			for (unsigned int n = generate_below(g, 5) + 1; n; n--)
				put_av_rule(g, out);
			if (i == 0)
				put_type_transitions(g, out, branch ? half + half / 2 : half, branch ? g->types : half + half / 2);
			fprintf(out, ")");
		}
		fprintf(out, ")\n");
	}
}

static void put_expression(struct generator *g, FILE *out, unsigned int depth, bool mls)
{
	static const char *const pairs[] = { "l1 l2", "l1 h2", "h1 l2", "h1 h2", "l1 h1", "l2 h2" };
	static const char *const ops[] = { "eq", "neq", "dom", "domby", "incomp" };

	if (depth && chance(g, 60)) {
		static const char *const logic[] = { "and", "or", "not" };
		unsigned int op = generate_below(g, 3);

		fprintf(out, "(%s ", logic[op]);
		put_expression(g, out, depth - 1, mls);
		if (op != 2)
			put_expression(g, out, depth - 1, mls);
		fprintf(out, ")");
		return;
	}
	switch (generate_below(g, mls ? 7 : 5)) {
	case 0:
		fprintf(out, "(%s %s)", ops[generate_below(g, 2)], chance(g, 50) ? "t1 t2" : "u1 u2");
		break;
	case 1:
		fprintf(out, "(%s r1 r2)", ops[generate_below(g, 5)]);
		break;
	case 2:
		fprintf(out, "(%s r%u ro%u)", ops[generate_below(g, 2)], 1 + generate_below(g, 2), generate_below(g, g->roles));
		break;
	case 3:
		fprintf(out, "(%s u%u us%u)", ops[generate_below(g, 2)], 1 + generate_below(g, 2), generate_below(g, g->users));
		break;
	case 4:
		fprintf(out, "(%s t%u a%u)", ops[generate_below(g, 2)], 1 + generate_below(g, 2), generate_below(g, g->attributes));
		break;
	default:
		fprintf(out, "(%s %s)", ops[generate_below(g, 5)], pairs[generate_below(g, 6)]);
		break;
	}
}

static void put_constraints(struct generator *g, FILE *out)
{
	if (g->mls)	/* the other compiler's grammar asks for one */
		fprintf(out, "(mlsconstrain (version (p3)) (dom h1 l2))\n");
	for (unsigned int n = generate_below(g, 8); n; n--) {
		bool mls = g->mls && chance(g, 60);

		fprintf(out, "(%s ", mls ? "mlsconstrain" : "constrain");
		put_class_perms(g, out);
		fprintf(out, " ");
		put_expression(g, out, 3, mls);
		fprintf(out, ")\n");
	}
}

static void put_defaults(struct generator *g, FILE *out)
{
	static const char *const whose[] = { "source", "target" };
	static const char *const part[] = { "low", "high", "low-high" };

	for (size_t i = 0; i < CLASSES; i++) {
		if (chance(g, 30))
			fprintf(out, "(defaultuser %s %s)\n", classes[i].name, whose[generate_below(g, 2)]);
		if (chance(g, 30))
			fprintf(out, "(defaultrole %s %s)\n", classes[i].name, whose[generate_below(g, 2)]);
		if (chance(g, 30))
			fprintf(out, "(defaulttype %s %s)\n", classes[i].name, whose[generate_below(g, 2)]);
		if (chance(g, 15))
			fprintf(out, "(defaultrange %s glblub)\n", classes[i].name);
		else if (chance(g, 40))
			fprintf(out, "(defaultrange %s %s %s)\n", classes[i].name, whose[generate_below(g, 2)], part[generate_below(g, 3)]);
	}
}

void generate_policy(struct generator *g, FILE *out)
{
	put_classes(out);
	put_levels(out);
	put_types(g, out);
	put_roles(g, out);
	put_sids(out);
	fprintf(out, "(allow ty0 ty0 (domain (create)))\n");
	for (unsigned int n = 20 + generate_below(g, 300); n; n--)
		put_av_rule(g, out);
	put_type_transitions(g, out, 0, g->types / 2);
	put_conditionals(g, out);
	put_constraints(g, out);
	put_defaults(g, out);
	for (unsigned int s = 0; s < g->types; s++)
		if (chance(g, 20)) {
			fprintf(out, "(rangetransition ty%u ty%u %s ", s, generate_below(g, g->types), classes[generate_below(g, CLASSES)].name);
			put_range(g, out);
			fprintf(out, ")\n");
		}
	for (unsigned int r = 0; r < g->roles; r++)
		if (chance(g, 50))
			fprintf(out, "(roletransition ro%u ty%u %s ro%u)\n", r, generate_below(g, g->types), classes[generate_below(g, CLASSES)].name,
				generate_below(g, g->roles));
}

static size_t level_text(struct generator *g, char *buf, size_t size, unsigned int sens, bool wide)
{
	size_t n = (size_t)snprintf(buf, size, "s%u", sens);
	char separator = ':';
	unsigned int at = 0;

	for (unsigned int items = wide ? 1 + generate_below(g, 3) : generate_below(g, 3); items; items--) {
		unsigned int first = at + generate_below(g, wide ? 4 : 20);
		unsigned int last = first + 1 + generate_below(g, wide ? CATEGORIES : 4);

		if (first >= CATEGORIES)
			break;
		if (last >= CATEGORIES)
			last = CATEGORIES - 1;
		if (chance(g, 50) || first == last)
			n += (size_t)snprintf(buf + n, size - n, "%cc%u", separator, first);
		else
			n += (size_t)snprintf(buf + n, size - n, "%cc%u.c%u", separator, first, last);
		separator = ',';
		at = last + 1;
	}
	return n;
}

void generate_context(struct generator *g, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "us%u:", generate_below(g, g->users));

	if (chance(g, 15))
		n += (size_t)snprintf(buf + n, size - n, "object_r:");
	else
		n += (size_t)snprintf(buf + n, size - n, "ro%u:", generate_below(g, g->roles));
	n += (size_t)snprintf(buf + n, size - n, "ty%u", generate_below(g, g->types));
	if (!g->mls)
		return;
	buf[n++] = ':';
	n += level_text(g, buf + n, size - n, generate_below(g, 2), false);
	if (chance(g, 60)) {
		buf[n++] = '-';
		level_text(g, buf + n, size - n, 1 + generate_below(g, 2), true);
	}
}
