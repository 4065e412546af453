/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over a policy's file. References into tables that come later in the file get their limits at the end.
 * Locking: none. Trust: tests only.
 */
#include "policy_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { COMMONS, CLASSES, ROLES, TYPES, USERS, BOOLS, LEVELS, CATS, TABLES };

static struct {
	struct policy_file *f;
	const uint8_t *bytes;
	size_t len, at;
	bool failed;
	uint32_t nprim[TABLES];
} w;

static uint64_t take(unsigned int size)
{
	uint64_t v = 0;

	if (w.len - w.at < size)
		w.failed = true;
	else
		memcpy(&v, w.bytes + w.at, size);
	w.at += w.failed ? 0 : size;
	return v;
}

/* A field; `table` says what its value names, or a bit of it: -1 nothing. */
static uint32_t field(const char *name, unsigned int size, uint32_t index, int table)
{
	uint32_t at = (uint32_t)w.at, v = (uint32_t)take(size);

	if (w.f->nr < POLICY_FIELDS && !w.failed)
		w.f->field[w.f->nr++] = (struct policy_field){ name, at, size, index, (uint32_t)(table + 1) };
	return v;
}

static uint32_t u32(const char *name, uint32_t index)
{
	return field(name, 4, index, -1);
}

static void skip(size_t n)
{
	w.failed |= n > w.len - w.at;
	w.at += w.failed ? 0 : n;
}

/* The last word's map is "NAME": a bit of it that is not set and below the limit, or beyond it. */
static void bitmap(const char *name, uint32_t index, int table)
{
	uint32_t nr;

	u32("bitmap.unit", 0);
	u32("bitmap.length", 0);
	nr = u32("bitmap.words", 0);
	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		u32(i ? "bitmap.later" : "bitmap.first", i);
		if (i + 1 < nr)
			skip(8);
		else
			field(name, 8, index, table);
	}
}

static void level(const char *sens, const char *cats, uint32_t index)
{
	field(sens, 4, index, LEVELS);
	bitmap(cats, index, CATS);
}

static void range(const char *low, const char *high, uint32_t index)
{
	uint32_t items = u32("range.items", index);

	if (items)
		field(low, 4, index, LEVELS);
	if (items > 1)
		field(high, 4, index, LEVELS);
	bitmap("range.cats", index, CATS);
	if (items > 1)
		bitmap("range.cats", index, CATS);
}

static void perms(const char *value, uint32_t nr)
{
	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		uint32_t len = (uint32_t)take(4);

		u32(value, i);
		skip(len);
	}
}

static void common(void)
{
	uint32_t len = u32("common.length", 0), value = field("common.value", 4, 0, COMMONS), nr;

	u32("common.perms", value);
	nr = (uint32_t)take(4);
	skip(len);
	perms("common.perm", nr);
}

static void constraints(const char *const kinds[4], uint32_t nr)
{
	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		uint32_t exprs;

		u32("constraint.perms", i);
		exprs = u32("constraint.length", i);
		for (uint32_t j = 0; j < exprs && !w.failed; j++) {
			uint32_t kind = u32(kinds[0], j), attr;
			bool names = kind == 5;

			attr = u32(names ? "names.attr" : kind == 4 ? kinds[1] : "expr.unused", j);
			u32(names ? kinds[2] : kind == 4 ? "attr.op" : "expr.unused", j);
			if (!names)
				continue;
			bitmap(kinds[3], j, attr & 1 ? USERS : attr & 2 ? ROLES : TYPES);
			for (unsigned int k = 0; w.f->version >= 29 && k < 2; k++)
				bitmap("names.written", j, -1);
			if (w.f->version >= 29)
				skip(4);
		}
	}
}

static void class(void)
{
	static const char *const plain[4] = { "expr.kind", "attr.attr", "names.op", "names.bits" };
	static const char *const transition[4] = { "validate.kind", "validate.attr", "validate.op", "validate.bits" };	/* asked by nobody */
	uint32_t len = u32("class.length", 0), inherits = u32("class.inherits", 0), value = field("class.value", 4, 0, CLASSES), nr, nr_constraints;

	u32("class.perms", value);
	nr = (uint32_t)take(4);
	nr_constraints = (uint32_t)take(4);
	skip(len);
	field("class.common", inherits ? 1 : 0, value, -1);
	skip(inherits ? inherits - 1 : 0);
	perms("class.perm", nr);
	constraints(plain, nr_constraints);
	nr_constraints = (uint32_t)take(4);
	constraints(transition, nr_constraints);
	for (unsigned int i = 0; i < (w.f->version >= 28 ? 4u : w.f->version == 27 ? 3u : 0u); i++)
		u32("class.default", i);
}

static void role(void)
{
	uint32_t len = u32("role.length", 0), value = field("role.value", 4, 0, ROLES);

	skip(4);
	skip(len);
	bitmap("role.dominates", value, ROLES);
	bitmap("role.types", value, TYPES);
}

static void type(void)
{
	uint32_t len = u32("type.length", 0), value = field("type.value", 4, 0, TYPES);

	u32("type.properties", value);
	field("type.bounds", 4, value, TYPES);
	skip(len);
}

static void user(void)
{
	uint32_t len = u32("user.length", 0), value = field("user.value", 4, 0, USERS);

	skip(4 + (size_t)len);
	bitmap("user.roles", value, ROLES);
	range("user.low", "user.high", value);
	level("user.default", "user.default.cats", value);
}

static void boolean(void)
{
	uint32_t len;

	field("bool.value", 4, 0, BOOLS);
	u32("bool.state", 0);
	len = u32("bool.length", 0);
	skip(len);
}

static void sensitivity(void)
{
	uint32_t len = u32("sens.length", 0);

	skip(4 + (size_t)len);
	level("sens.value", "sens.cats", 0);
}

static void category(void)
{
	uint32_t len = u32("cat.length", 0);

	field("cat.value", 4, 0, CATS);
	skip(4 + (size_t)len);
}

static void tables(void)
{
	static void (*const each[TABLES])(void) = { common, class, role, type, user, boolean, sensitivity, category };

	for (unsigned int t = 0; t < TABLES && !w.failed; t++) {
		uint32_t nr;

		w.nprim[t] = u32("table.values", t);
		nr = u32("table.names", t);
		for (uint32_t i = 0; i < nr && !w.failed; i++)
			each[t]();
	}
}

static void rule(uint32_t index)
{
	uint32_t kind;

	field("rule.source", 2, index, TYPES);
	field("rule.target", 2, index, TYPES);
	field("rule.class", 2, index, CLASSES);
	kind = field("rule.kind", 2, index, -1) & 0x7fffu;
	field(kind & 0x70 ? "rule.type" : "rule.perms", 4, index, kind & 0x70 ? TYPES : -1);
}

static void rules(const char *count)
{
	uint32_t nr = u32(count, 0);

	for (uint32_t i = 0; i < nr && !w.failed; i++)
		rule(i);
}

static void conditions(void)
{
	uint32_t nr = u32("condition.count", 0);

	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		uint32_t exprs;

		skip(4);
		exprs = u32("condition.length", i);
		for (uint32_t j = 0; j < exprs; j++) {
			uint32_t kind = u32("condition.kind", j);

			field(kind == 1 ? "condition.bool" : "condition.unused", 4, j, kind == 1 ? BOOLS : -1);
		}
		rules("condition.rules");
		rules("condition.rules");
	}
}

static void transitions(void)
{
	uint32_t nr = u32("roletrans.count", 0);

	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		field("roletrans.role", 4, i, ROLES);
		field("roletrans.type", 4, i, TYPES);
		field("roletrans.new", 4, i, ROLES);
		skip(w.f->version >= 26 ? 4 : 0);
	}
	nr = u32("roleallow.count", 0);
	for (uint32_t i = 0; i < 2 * nr && !w.failed; i++)
		field("roleallow.role", 4, i, ROLES);
	w.failed |= w.f->version >= 25 && take(4) != 0;		/* file names: secilc writes none for Xen */
}

static void context(uint32_t index)
{
	field("context.user", 4, index, USERS);
	field("context.role", 4, index, ROLES);
	field("context.type", 4, index, TYPES);
	range("context.low", "context.high", index);
}

static void labels(void)
{
	for (unsigned int kind = 0; kind < (w.f->version >= 30 ? 6u : 5u); kind++) {
		unsigned int size = kind == 3 && w.f->version >= 30 ? 8 : 4;
		uint32_t nr = u32("labels.count", kind);

		for (uint32_t i = 0; i < nr && !w.failed; i++) {
			uint32_t first;

			if (kind == 5)
				skip(take(4));
			else
				first = field(kind ? "labels.low" : "labels.sid", size, i, -1);
			(void)first;
			if (kind == 2 || kind == 3)
				field("labels.high", size, i, -1);
			context(kind ? 100 : i);
		}
	}
	u32("genfs.count", 0);
}

static void ranges(void)
{
	uint32_t nr = u32("ranges.count", 0);

	for (uint32_t i = 0; i < nr && !w.failed; i++) {
		field("ranges.source", 4, i, TYPES);
		field("ranges.target", 4, i, TYPES);
		field("ranges.class", 4, i, CLASSES);
		range("ranges.low", "ranges.high", i);
	}
	for (uint32_t i = 0; i < w.nprim[TYPES] && !w.failed; i++)
		bitmap("attributes.bits", i, TYPES);
}

int policy_file_walk(struct policy_file *f, const uint8_t *bytes, size_t len)
{
	memset(&w, 0, sizeof(w));
	w.f = f;
	w.bytes = bytes;
	w.len = len;
	f->nr = 0;
	u32("magic", 0);
	field("target", 4, 0, -1);
	skip(8);
	f->version = u32("version", 0);
	u32("config", 0);
	u32("tables", 0);
	u32("label.kinds", 0);
	bitmap("capabilities", 0, -1);
	bitmap("permissive", 0, -1);
	tables();
	rules("rules.count");
	conditions();
	transitions();
	labels();
	ranges();
	for (unsigned int i = 0; i < f->nr; i++)
		f->field[i].limit = f->field[i].limit ? w.nprim[f->field[i].limit - 1] : 0;
	return w.failed || w.at != len || f->nr == POLICY_FIELDS ? -1 : 0;
}

size_t policy_file_read(struct policy_file *f, const char *path, uint8_t *bytes, size_t size)
{
	FILE *from = fopen(path, "rb");
	size_t len;

	if (!from)
		return 0;
	len = fread(bytes, 1, size, from);
	fclose(from);
	return len < size && policy_file_walk(f, bytes, len) == 0 ? len : 0;
}
