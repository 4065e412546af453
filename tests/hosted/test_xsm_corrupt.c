/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies with one field spoiled, loaded by FLASK_LOAD: each is refused, and the one in force stays. (test_flask_corrupt spoils every byte without
 * knowing what it means; here each check of the reader has a file that it alone refuses.)
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <hv/flask.h>
#include <hv/mm.h>
#include <xen/xsm/flask_op.h>

#include "policy_file.h"

#define POLICY_GPA	0x10000u
#define POLICY_BYTES	(80u * PAGE_SIZE)
#ifdef MUTATE
#define POLICIES	3u		/* tests/mutate has no time */
#define EACH		4u
#else
#define POLICIES	24u		/* hosted.mk makes them */
#define EACH		16u		/* fields of one kind that are tried in one policy */
#endif
#define RULE_BYTES	12u

enum how {
	SET,		/* the field is `value` */
	ADD,
	XOR,
	BEYOND,		/* it names what would come after the last */
	BIT,		/* of a bitmap: it has that bit, within its last word */
	WORD,		/* of a bitmap: its last word has its last bit */
	TOP,		/* the last value that there is */
	INSTEAD,	/* what is value >> 16 becomes the lower half */
	TWIN,		/* of a rule: the same key as the one before it */
};

static const struct spoil {
	const char *field;
	int index;		/* -1: any */
	enum how how;
	uint32_t value;
} spoils[] = {
	{ "magic", 0, XOR, 1 }, { "target", 0, ADD, 1 }, { "version", 0, SET, 23 }, { "version", 0, SET, 34 }, { "tables", 0, SET, 7 }, { "tables", 0, SET, 9 },
	{ "label.kinds", 0, ADD, 1 }, { "bitmap.unit", 0, SET, 32 }, { "bitmap.length", 0, ADD, 1 }, { "bitmap.length", 0, ADD, 64 }, { "bitmap.words", 0, SET, 0x10000000 },
	{ "bitmap.first", -1, ADD, 1 }, { "bitmap.first", -1, XOR, 0x80000000 }, { "bitmap.later", -1, SET, 0 },
	/* Symbols: a value that is none, that another has, a name beyond the file's end. */
	{ "common.value", 0, SET, 0 }, { "common.value", 0, BEYOND, 0 }, { "common.perms", -1, SET, 0 }, { "common.perms", -1, SET, 33 }, { "common.length", 0, SET, 0 },
	{ "class.value", 0, SET, 0 }, { "class.value", 0, BEYOND, 0 }, { "class.perms", -1, SET, 33 }, { "class.length", 0, SET, 0x100 }, { "class.perm", -1, SET, 0 },
	{ "class.perm", 1, ADD, 0xffffffff }, { "class.common", -1, XOR, 0x20 }, { "class.default", 3, SET, 3 }, { "class.default", 0, SET, 3 }, { "class.default", 1, SET, 3 },
	{ "class.default", 2, SET, 7 },
	{ "role.value", 0, SET, 0 }, { "role.value", 0, BEYOND, 0 }, { "role.value", 0, XOR, 1 }, { "role.types", -1, BIT, 0 }, { "role.dominates", -1, BIT, 0 },
	{ "type.value", 0, SET, 0 }, { "type.value", 0, BEYOND, 0 }, { "type.value", 0, XOR, 1 }, { "type.bounds", -1, BEYOND, 0 },
	{ "user.value", 0, SET, 0 }, { "user.value", 0, BEYOND, 0 }, { "user.roles", -1, BIT, 0 }, { "user.low", -1, BEYOND, 0 }, { "user.high", -1, BEYOND, 0 },
	{ "bool.value", 0, SET, 0 }, { "bool.value", 0, BEYOND, 0 }, { "bool.state", 0, SET, 2 }, { "sens.value", 0, SET, 0 }, { "sens.value", 0, BEYOND, 0 },
	{ "sens.cats", 0, BIT, 0 }, { "cat.value", 0, SET, 0 }, { "cat.value", 0, BEYOND, 0 }, { "range.items", -1, SET, 3 },
	{ "table.values", -1, SET, 0x10000 }, { "table.names", -1, SET, 0x10000000 }, { "permissive", 0, SET, 0 },
	/* Constraints: what is popped was pushed, one answer is left, no deeper than five, and each question exists. */
	{ "expr.kind", 0, SET, 1 }, { "expr.kind", 1, SET, 2 }, { "expr.kind", 1, SET, 3 }, { "expr.kind", -1, SET, 0 }, { "expr.kind", -1, SET, 6 },
	{ "attr.attr", -1, SET, 0 }, { "attr.attr", -1, SET, 3 }, { "attr.attr", -1, SET, 9 }, { "attr.attr", -1, SET, 2048 }, { "attr.op", -1, SET, 0 }, { "attr.op", -1, SET, 6 },
	{ "names.attr", -1, SET, 0 }, { "names.attr", -1, SET, 3 }, { "names.attr", -1, SET, 32 }, { "names.attr", -1, SET, 4 + 16 }, { "names.attr", -1, SET, 4 + 8 + 16 },
	{ "names.op", -1, SET, 0 }, { "names.op", -1, SET, 3 }, { "names.bits", -1, BIT, 0 }, { "constraint.length", -1, SET, 4097 }, { "constraint.length", -1, SET, 0x10000000 },
	{ "expr.kind", -1, INSTEAD, 2 << 16 | 1 }, { "expr.kind", -1, INSTEAD, 3 << 16 | 1 }, { "user.low", 1, TOP, 0 },
	/* Rules. */
	{ "rule.source", -1, TWIN, 0 },
	{ "rules.count", 0, SET, 0x10000000 }, { "rule.source", -1, SET, 0 }, { "rule.source", -1, BEYOND, 0 }, { "rule.target", -1, SET, 0 }, { "rule.target", -1, BEYOND, 0 },
	{ "rule.class", -1, SET, 0 }, { "rule.class", -1, BEYOND, 0 }, { "rule.kind", -1, SET, 0 }, { "rule.kind", -1, SET, 3 }, { "rule.kind", -1, SET, 0x80 },
	{ "rule.type", -1, SET, 0 }, { "rule.type", -1, BEYOND, 0 }, { "condition.kind", 0, SET, 2 }, { "condition.kind", -1, SET, 8 }, { "condition.bool", -1, SET, 0 },
	{ "condition.bool", -1, BEYOND, 0 }, { "condition.length", -1, SET, 0 }, { "condition.rules", -1, SET, 0x10000000 },
	{ "roletrans.role", -1, SET, 0 }, { "roletrans.role", -1, BEYOND, 0 }, { "roletrans.type", -1, BEYOND, 0 }, { "roletrans.new", -1, BEYOND, 0 },
	{ "roleallow.role", -1, SET, 0 }, { "roleallow.role", -1, BEYOND, 0 },
	/* Labels and ranges. */
	{ "labels.count", -1, SET, 0x10000000 }, { "labels.high", -1, SET, 0 }, { "genfs.count", 0, SET, 1 }, { "context.user", -1, SET, 0 }, { "context.user", -1, BEYOND, 0 },
	{ "context.role", -1, BEYOND, 0 }, { "context.type", -1, SET, 0 }, { "context.type", -1, BEYOND, 0 }, { "context.low", -1, SET, 0 }, { "context.low", -1, BEYOND, 0 },
	{ "context.high", -1, BEYOND, 0 }, { "ranges.source", -1, SET, 0 }, { "ranges.source", -1, BEYOND, 0 }, { "ranges.target", -1, BEYOND, 0 }, { "ranges.class", -1, BEYOND, 0 },
	{ "ranges.low", -1, SET, 0 }, { "ranges.low", -1, BEYOND, 0 }, { "ranges.high", -1, SET, 0 }, { "ranges.high", -1, BEYOND, 0 }, { "attributes.bits", -1, BIT, 0 },
	{ "attributes.bits", -1, WORD, 0 },
};

static struct domain *control;
static struct policy_file file;
static uint8_t bytes[POLICY_BYTES];
static size_t len;
static unsigned int applied[ARRAY_SIZE(spoils)];

static int64_t xsm(uint32_t cmd, struct xen_flask_op *op)
{
	return guest_xsm_op(control, cmd, op);
}

static int64_t load(void)
{
	struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = (uint32_t)len } };

	return xsm(FLASK_LOAD, &op);
}

static uint32_t in_force(void)
{
	struct xen_flask_op op = { .u.access = { .ssid = 1, .tsid = 1, .tclass = 1 } };

	assert_int_equal(xsm(FLASK_ACCESS, &op), 0);
	return op.u.access.seqno;
}

static void file_open(const char *path)
{
	len = policy_file_read(&file, path, bytes, sizeof(bytes));
	assert_true(len >= 1000);
	hosted_write(control, POLICY_GPA, bytes, len);
	assert_int_equal(load(), 0);
}

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(3, CONTROL, (POLICY_GPA + POLICY_BYTES) / PAGE_SIZE, 1);
	return 0;
}

static uint64_t bytes_at(uint32_t at, uint32_t size)
{
	uint64_t v = 0;

	memcpy(&v, bytes + at, size);
	return v;
}

/* What the field becomes; false: this one cannot be spoiled so. */
static bool spoiled(const struct spoil *s, const struct policy_field *x, uint64_t *v)
{
	uint64_t old = bytes_at(x->at, x->size);
	uint32_t start = s->how == BIT || s->how == WORD ? (uint32_t)bytes_at(x->at - 4, 4) : 0;

	switch (s->how) {
	case SET:
		*v = s->value;
		break;
	case ADD:
		*v = old + s->value;
		break;
	case XOR:
		*v = old ^ s->value;
		break;
	case BEYOND:
		*v = x->limit + 1u;
		return x->limit;
	case BIT:
		*v = old | 1ull << x->limit % 64;
		return x->limit && start == (x->limit & ~63u);
	case WORD:
		*v = old | 1ull << 63;
		return x->limit && start == (x->limit & ~63u) && x->limit % 64 < 63;
	case TOP:
		*v = x->limit;
		break;
	case INSTEAD:
		*v = s->value & 0xffff;
		return old == s->value >> 16;
	case TWIN:
		*v = bytes_at(x->at - RULE_BYTES, 8);
		return x->index > 0;
	}
	return *v != old && x->size;
}

static void refused(const struct spoil *s, const struct policy_field *x, const char *path)
{
	uint64_t v;
	int64_t rc;

	if (!spoiled(s, x, &v))
		return;
	hosted_write(control, POLICY_GPA + x->at, &v, s->how == TWIN ? sizeof(v) : x->size);
	rc = load();
	hosted_write(control, POLICY_GPA + x->at, bytes + x->at, sizeof(v));
	if (rc != -XEN_EINVAL)
		fail_msg("%s: %s %u (%u) at byte %u spoiled to %llu: %lld", path, s->field, x->index, s->how, x->at, (unsigned long long)v, (long long)rc);
	applied[s - spoils]++;
}

static void each_spoil(const char *path)
{
	uint64_t free_before;
	uint32_t seqno;

	file_open(path);
	seqno = in_force();
	for (const struct spoil *s = spoils; s < spoils + ARRAY_SIZE(spoils); s++) {
		unsigned int before = applied[s - spoils];

		for (unsigned int i = 0; i < file.nr && applied[s - spoils] - before < EACH; i++)
			if (strcmp(file.field[i].name, s->field) == 0 && (s->index < 0 || file.field[i].index == (uint32_t)s->index))
				refused(s, &file.field[i], path);
	}
	assert_int_equal(in_force(), seqno);
	assert_int_equal(load(), 0);
	assert_int_equal(in_force(), seqno + 1);
	free_before = heap_pages_free();
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(load(), 0);
	assert_int_equal(heap_pages_free(), free_before);	/* nothing of a policy that is replaced stays behind */
}

static void test_each_field(void **state)
{
	char path[64];

	(void)state;
	each_spoil("build/policy");
	each_spoil("build/tests/bool.policy");
	each_spoil("build/tests/features.policy");
	for (unsigned int i = 1; i <= POLICIES; i++) {
		snprintf(path, sizeof(path), "build/tests/random/policy-%u", i);
		each_spoil(path);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(spoils); i++)
		if (!applied[i] && POLICIES > 3)
			fail_msg("no policy has a field %s (%d) that can be spoiled (%u)", spoils[i].field, spoils[i].index, spoils[i].how);
}

/* A constraint of these nodes in the place of one that the policy has. q: are the users the same; n: not; &: and. */
static int64_t load_constraint(const char *text)
{
	static uint8_t spliced[POLICY_BYTES];
	uint32_t nodes[3 * 32], count = (uint32_t)strlen(text);
	const struct policy_field *from = NULL, *to = NULL;
	size_t tail;
	int64_t rc;

	for (unsigned int i = 0; i < file.nr && !to; i++) {
		const char *name = file.field[i].name;

		if (from && strcmp(name, "constraint.perms") == 0)
			to = &file.field[i];
		else if (strcmp(name, "constraint.length") == 0)
			from = &file.field[i];
		else if (strncmp(name, "class.", 6) == 0)
			from = NULL;
	}
	assert_non_null(to);
	for (unsigned int i = 0; i < count; i++) {
		nodes[3 * i] = text[i] == 'q' ? 4 : text[i] == 'n' ? 1 : 2;
		nodes[3 * i + 1] = nodes[3 * i + 2] = text[i] == 'q';
	}
	memcpy(spliced, bytes, from->at);
	memcpy(spliced + from->at, &count, 4);
	memcpy(spliced + from->at + 4, nodes, count * 12);
	tail = len - to->at;
	memcpy(spliced + from->at + 4 + count * 12, bytes + to->at, tail);
	len = from->at + 4 + count * 12 + tail;
	hosted_write(control, POLICY_GPA, spliced, len);
	rc = load();
	len = to->at + tail;
	return rc;
}

/* What is popped was pushed, one answer is left, no more than five wait. */
static void test_forms_of_constraints(void **state)
{
	static const char *const good[] = { "q", "qn", "qq&", "qnq&", "qqq&&", "qqqqq&&&&", "qq&q&q&q&q&q&" };
	static const char *const bad[] = { "n", "nq", "&", "q&", "q&q", "&qq", "&q", "qq", "qqn", "qqqqqq&&&&&", "qqqqqqqqq&&&&&&&&" };

	(void)state;
	file_open("build/tests/random/policy-1");
	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(load_constraint(good[i]), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		if (load_constraint(bad[i]) != -XEN_EINVAL)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each_field, setup),
		cmocka_unit_test_setup(test_forms_of_constraints, setup),
	};

	return cmocka_run_group_tests_name("xsm_corrupt", tests, NULL, NULL);
}
