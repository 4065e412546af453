/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of which something was cut out, into which something was put, or in which one thing was changed, loaded by FLASK_LOAD: each check of the reader
 * meets what it alone refuses, and the record names its reason; what is unusual and right is accepted, and means what it meant.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <hv/flask.h>
#include <hv/mm.h>
#include <xen/domctl.h>

#include "policy_file.h"

#define POLICY_GPA	0x10000u
#define BUF_GPA		0x2000u
#define POLICY_BYTES	(80u * PAGE_SIZE)
#define DEFAULT		"build/policy"
#define BOOLS		"build/tests/bool.policy"
#define BOOLS_24	"build/tests/bool24.policy"
#define FEATURES	"build/tests/features.policy"
#define ALIASES		"build/tests/names.policy"
#define XEN_PLAIN	"build/tests/xen.policy"	/* no MLS */

#define INITIAL_SIDS	13u

#define KIND_TRANSITION	0x10u
#define KIND_MEMBER	0x20u
#define KIND_CHANGE	0x40u

static struct domain *control;
static struct policy_file file;
static uint8_t bytes[POLICY_BYTES];
static size_t len;
static sid_t denied_source, denied_target;	/* 0: nothing is denied */

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	static struct flask_vector all, nothing;

	memset(all.allowed, 0xff, sizeof(all.allowed));
	return denied_source && source == denied_source && target == denied_target ? &nothing : &all;
}

static int setup(void **state)
{
	(void)state;
	denied_source = denied_target = 0;
	hosted_machine_init();
	control = hosted_domain(3, CONTROL, (POLICY_GPA + POLICY_BYTES) / PAGE_SIZE, 1);
	return 0;
}

/* --- files ---------------------------------------------------------------------------------------------------------------- */

static void take(const char *path)
{
	len = policy_file_read(&file, path, bytes, sizeof(bytes));
	assert_true(len >= 1000);
}

/* The n-th field of that name, counted from 0. */
static uint32_t at(const char *name, unsigned int n)
{
	for (unsigned int i = 0; i < file.nr; i++)
		if (strcmp(file.field[i].name, name) == 0 && n-- == 0)
			return file.field[i].at;
	fail_msg("no field %s", name);
	return 0;
}

/* The first field of that name behind a place. */
static uint32_t behind(uint32_t where, const char *name)
{
	for (unsigned int i = 0; i < file.nr; i++)
		if (file.field[i].at > where && strcmp(file.field[i].name, name) == 0)
			return file.field[i].at;
	fail_msg("no field %s behind %u", name, where);
	return 0;
}

static uint32_t get(uint32_t where)
{
	uint32_t v;

	memcpy(&v, bytes + where, sizeof(v));
	return v;
}

static void put(uint32_t where, uint32_t v)
{
	memcpy(bytes + where, &v, sizeof(v));
}

/* In the place of `cut` bytes there, these. What stands behind moves: do that first. */
static void splice(uint32_t where, size_t cut, const void *in, size_t n)
{
	assert_true(where + cut <= len && len - cut + n <= sizeof(bytes));
	memmove(bytes + where + n, bytes + where + cut, len - where - cut);
	memcpy(bytes + where, in, n);
	len = len - cut + n;
}

#define PUT_IN(where, cut, ...) splice(where, cut, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }))

/* --- loads ---------------------------------------------------------------------------------------------------------------- */

static int64_t load(void)
{
	struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = (uint32_t)len } };

	hosted_time_advance(1000000000u);
	hosted_console_clear();
	hosted_write(control, POLICY_GPA, bytes, len);
	return guest_xsm_op(control, FLASK_LOAD, &op);
}

/* That policy, after `change`, is refused in this section for this reason. */
#define REFUSED(path, section, why, ...) do { \
		take(path); \
		__VA_ARGS__; \
		assert_int_equal(load(), -XEN_EINVAL); \
		if (!strstr(hosted_console(), "section=\"" section "\" reason=\"" why "\"")) \
			fail_msg(#__VA_ARGS__ ": " why ": %s", hosted_console()); \
	} while (0)

#define ACCEPTED(path, ...) do { \
		take(path); \
		__VA_ARGS__; \
		if (load()) \
			fail_msg(#__VA_ARGS__ ": %s", hosted_console()); \
	} while (0)

/* --- sections --------------------------------------------------------------------------------------------------------------- */

#define CUT(section, where) REFUSED(BOOLS, section, "the file ends too early", len = (where))

static void test_each_section(void **state)
{
	(void)state;
	CUT("header", 2);
	CUT("commons", at("table.values", 0) + 2);
	CUT("classes", at("table.values", 1) + 2);
	CUT("roles", at("table.values", 2) + 2);
	CUT("types", at("table.values", 3) + 2);
	CUT("users", at("table.values", 4) + 2);
	CUT("booleans", at("table.values", 5) + 2);
	CUT("sensitivities", at("table.values", 6) + 2);
	CUT("categories", at("table.values", 7) + 2);
	CUT("rules", at("rules.count", 0) + 2);
	CUT("conditional rules", at("condition.count", 0) + 2);
	CUT("role transitions", at("roletrans.count", 0) + 2);
	CUT("role allow", at("roletrans.count", 0) + 6);
	CUT("file name transitions", at("labels.count", 0) - 2);
	CUT("object labels", at("labels.count", 0) + 2);
	CUT("file systems", at("genfs.count", 0) + 2);
	CUT("range transitions", at("ranges.count", 0) + 2);
	REFUSED(BOOLS, "attributes of types", "a count exceeds what the file can hold", len -= 2);
	assert_null(strstr(hosted_console(), "offset=0 "));
	CUT("header", 3);
	assert_non_null(strstr(hosted_console(), "offset=0 "));
	REFUSED(DEFAULT, "attributes of types", "something follows the end of the policy", bytes[len++] = 0);
	REFUSED(DEFAULT, "file systems", "a policy for Xen labels no file systems", put(at("genfs.count", 0), 1));
	assert_int_equal((take(DEFAULT), load()), 0);
}

static void test_headers(void **state)
{
	(void)state;
	REFUSED(DEFAULT, "header", "not a policy", bytes[0]++);
	REFUSED(DEFAULT, "header", "a policy for something else than Xen", bytes[at("target", 0) + 4] = 'Y');
	REFUSED(DEFAULT, "header", "a version that is not supported", put(at("version", 0), 23));
	REFUSED(DEFAULT, "header", "a version that is not supported", put(at("version", 0), 34));
	REFUSED(DEFAULT, "header", "a strange number of tables", put(at("tables", 0), 7));
	REFUSED(DEFAULT, "header", "a strange number of tables", put(at("label.kinds", 0), 5));
}

/* --- bitmaps: the policy's capabilities, which mean nothing here ----------------------------------------------------------- */

#define BITMAP(...) PUT_IN(at("bitmap.unit", 0), 12, __VA_ARGS__)
#define ONE 1, 0	/* a word with its first bit */

static void test_bitmaps(void **state)
{
	(void)state;
	ACCEPTED(DEFAULT, BITMAP(64, 0, 0));
	ACCEPTED(DEFAULT, BITMAP(64, 0, 5));		/* a bitmap without a length has no words, whatever their number */
	ACCEPTED(DEFAULT, BITMAP(64, 192, 3, 0, ONE, 64, ONE, 128, ONE));
	ACCEPTED(DEFAULT, BITMAP(64, 256, 1, 192, ONE));
	REFUSED(DEFAULT, "header", "a bitmap has another word size", BITMAP(32, 64, 1, 0, ONE));
	REFUSED(DEFAULT, "header", "a bitmap has another word size", BITMAP(64, 65, 1, 0, ONE));
	REFUSED(DEFAULT, "header", "a bitmap has a length but no words", BITMAP(64, 64, 0));
	REFUSED(DEFAULT, "header", "a count exceeds what the file can hold", BITMAP(64, 64, 0x10000000, 0, ONE));
	REFUSED(DEFAULT, "header", "a word of a bitmap stands outside of it", BITMAP(64, 192, 3, 0, ONE, 65, ONE, 128, ONE));
	REFUSED(DEFAULT, "header", "a word of a bitmap stands outside of it", BITMAP(64, 192, 3, 0, ONE, 192, ONE, 128, ONE));
	REFUSED(DEFAULT, "header", "a bitmap has an empty word", BITMAP(64, 192, 3, 0, ONE, 64, 0, 0, 128, ONE));
	REFUSED(DEFAULT, "header", "a bitmap is not sorted", BITMAP(64, 192, 3, 0, ONE, 0, ONE, 128, ONE));
	REFUSED(DEFAULT, "header", "a bitmap is not sorted", BITMAP(64, 256, 4, 0, ONE, 128, ONE, 64, ONE, 192, ONE));
	REFUSED(DEFAULT, "header", "a bitmap's length is wrong", BITMAP(64, 256, 3, 0, ONE, 64, ONE, 128, ONE));
	REFUSED(DEFAULT, "header", "a bitmap names what does not exist", BITMAP(64, 0x20000, 1, 0x1ffc0, ONE));
}

/* --- names and values -------------------------------------------------------------------------------------------------------- */

#define ODD	"a name contains a character that no name has"
#define LENGTH	"a name is empty or too long"

/* The n-th type's record: length, value, properties, bounds, then its name. */
static uint32_t type_record(unsigned int n)
{
	return at("type.length", n);
}

static void type_rename(unsigned int n, const void *name, uint32_t length)
{
	uint32_t where = type_record(n), was = get(where);

	put(where, length);
	splice(where + 16, was, name, length);
}

/* The types' names begin with three that are equally long, or we look further. */
static void type_twice(void)
{
	for (unsigned int n = 1;; n++)
		if (get(type_record(n)) == get(type_record(0))) {
			memcpy(bytes + type_record(n) + 16, bytes + type_record(0) + 16, get(type_record(0)));
			return;
		}
}

static void test_names(void **state)
{
	static char longest[256];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	ACCEPTED(DEFAULT, type_rename(5, longest, 255));
	ACCEPTED(DEFAULT, type_rename(5, "!~", 2));
	REFUSED(DEFAULT, "types", ODD, type_rename(5, "a b", 3));
	REFUSED(DEFAULT, "types", ODD, type_rename(5, "a\x7f", 2));
	REFUSED(DEFAULT, "types", ODD, type_rename(5, "a:", 2));
	REFUSED(DEFAULT, "types", LENGTH, type_rename(5, "", 0));
	REFUSED(DEFAULT, "types", LENGTH, type_rename(5, longest, 256));
	REFUSED(DEFAULT, "types", "a name stands twice", type_twice());
	REFUSED(DEFAULT, "types", "a value has two names", put(type_record(5) + 4, get(type_record(6) + 4)));
	REFUSED(DEFAULT, "types", "a name has a value out of range", put(type_record(5) + 4, 0));
	REFUSED(DEFAULT, "types", "a name has a value out of range", put(type_record(5) + 4, get(at("table.values", 3)) + 1));
	REFUSED(DEFAULT, "types", "a symbol table has too many values", put(at("table.values", 3), 0x10000));
	REFUSED(DEFAULT, "types", "a symbol table has names but no values", put(at("table.values", 3), 0));
	REFUSED(DEFAULT, "types", "a count exceeds what the file can hold", put(at("table.names", 3), 0x10000000));
	REFUSED(DEFAULT, "roles", "role 1 is not object_r", bytes[at("role.length", 0) + 12]++);
	REFUSED(DEFAULT, "classes", "a class has more than 32 permissions", put(at("class.perms", 0), 33));
	REFUSED(XEN_PLAIN, "classes", "a class inherits from an unknown common", bytes[at("common.length", 0) + 16]++);
	REFUSED(DEFAULT, "classes", "a constraint is malformed", put(at("expr.kind", 0), 6));
	REFUSED(DEFAULT, "classes", "a constraint is too long", (len += 13 * 4096, put(at("constraint.length", 0), 4097)));
}

/* --- questions ----------------------------------------------------------------------------------------------------------------- */

static uint32_t value_of(const char *type)
{
	for (unsigned int n = 0;; n++) {
		uint32_t where = type_record(n);

		if (get(where) == strlen(type) && memcmp(bytes + where + 16, type, strlen(type)) == 0)
			return get(where + 4);
	}
}

static int64_t sid_asked(const char *context, sid_t *sid)
{
	struct xen_flask_op op = { .u.sid_context = { .size = (uint32_t)strlen(context), .context.p = (char *)(uintptr_t)BUF_GPA } };
	int64_t rc;

	hosted_write(control, BUF_GPA, context, strlen(context));
	rc = guest_xsm_op(control, FLASK_CONTEXT_TO_SID, &op);
	*sid = op.u.sid_context.sid;
	return rc;
}

static const char *context_of(sid_t sid)
{
	static char text[256];
	struct xen_flask_op op = { .u.sid_context = { .sid = sid, .size = sizeof(text), .context.p = (char *)(uintptr_t)BUF_GPA } };

	memset(text, 0, sizeof(text));
	if (guest_xsm_op(control, FLASK_SID_TO_CONTEXT, &op) == 0)
		hosted_read(control, BUF_GPA, text, op.u.sid_context.size);
	return text;
}

#define ANSWERS	(3u * 3u * 16u)

/* What three labels may do to each other and themselves, class by class. */
static void ask_all(uint32_t answers[ANSWERS])
{
	static const char *const contexts[] = { CONTROL, TENANT_1, "system_u:system_r:xenstore_t:s0" };
	sid_t sid[3];

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(sid_asked(contexts[i], &sid[i]), 0);
	for (unsigned int i = 0; i < ANSWERS; i++) {
		struct xen_flask_op op = { .u.access = { .ssid = sid[i / 48], .tsid = sid[i / 16 % 3], .tclass = (uint16_t)(i % 16 + 1) } };

		answers[i] = guest_xsm_op(control, FLASK_ACCESS, &op) ? 0 : op.u.access.allowed;
	}
}

static void same_answers(const uint32_t before[ANSWERS])
{
	uint32_t after[ANSWERS];

	ask_all(after);
	assert_memory_equal(after, before, sizeof(after));
}

/* --- rules ------------------------------------------------------------------------------------------------------------------------ */

#define RULES		at("rules.count", 0)
#define THEN_0		at("condition.rules", 0)	/* what holds if the first condition is true: it is not */
#define ELSE_0		at("condition.rules", 1)
#define ELSE_1		at("condition.rules", 3)
#define KIND_ALLOW	1u

/* Into the list whose count stands there. */
static void rule_in(uint32_t list, uint32_t source, uint32_t target, uint32_t class, uint32_t kind, uint32_t data)
{
	put(list, get(list) + 1);
	PUT_IN(list + 4, 0, source | target << 16, class | kind << 16, data);
}

static void extended_in(uint32_t list, uint32_t kind)
{
	static const uint8_t rest[34] = { 1, 2, 3 };

	put(list, get(list) + 1);
	splice(list + 4, 0, rest, sizeof(rest));
	PUT_IN(list + 4, 0, 1 | 1 << 16, 1 | kind << 16);
}

static void test_rules(void **state)
{
	(void)state;
	REFUSED(DEFAULT, "rules", "a policy without rules", PUT_IN(RULES, at("condition.count", 0) - RULES, 0));
	/* Extended permissions, which only Linux asks for, are read over where the format has them. */
	ACCEPTED(BOOLS, extended_in(RULES, 0x100));
	ACCEPTED(BOOLS, extended_in(RULES, 0x200));
	ACCEPTED(BOOLS, extended_in(RULES, 0x8400));
	REFUSED(BOOLS, "rules", "a rule is of an unknown kind", extended_in(RULES, 0x300));
	REFUSED(BOOLS, "rules", "a rule is of an unknown kind", extended_in(RULES, 0x101));
	REFUSED(BOOLS_24, "rules", "a rule is of an unknown kind", extended_in(RULES, 0x100));
	REFUSED(BOOLS, "rules", "a rule is of an unknown kind", rule_in(RULES, 1, 1, 1, 8, 1));
	REFUSED(BOOLS, "conditional rules", "a condition holds an extended rule", extended_in(THEN_0, 0x100));
	/* It is longer than others, so that the file may end in one of these. */
	REFUSED(BOOLS, "rules", "the file ends too early", (extended_in(RULES, 0x100), len = RULES + 4 + 12 * get(RULES) + 1));
	REFUSED(BOOLS, "rules", "a count exceeds what the file can hold", (put(RULES, 0), extended_in(RULES, 0x100), len = RULES + 4 + 20));
}

/* A type rule that stands in a condition, too, would be two; a second condition may only say the same. */
static void test_rules_that_contradict(void **state)
{
	static const uint32_t kinds[] = { KIND_TRANSITION, KIND_MEMBER, KIND_CHANGE };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint32_t k = kinds[i], other = kinds[(i + 1) % ARRAY_SIZE(kinds)];

		ACCEPTED(BOOLS, rule_in(ELSE_0, 1, 2, 1, k, 3));
		ACCEPTED(BOOLS, rule_in(RULES, 1, 2, 1, k, 3));
		REFUSED(BOOLS, "conditional rules", "a type rule stands inside and outside of a condition",
			(rule_in(ELSE_0, 1, 2, 1, k, 3), rule_in(RULES, 1, 2, 1, k, 3)));
		REFUSED(BOOLS, "conditional rules", "two conditions give different types", (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 1, 2, 1, k, 4)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 1, 2, 1, k, 3)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 1, 2, 1, other, 4)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 1, 2, 2, k, 4)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 1, 3, 1, k, 4)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(ELSE_0, 2, 2, 1, k, 4)));
		ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, k, 3), rule_in(THEN_0, 1, 2, 1, k, 4)));
	}
	ACCEPTED(BOOLS, (rule_in(ELSE_1, 1, 2, 1, KIND_ALLOW, 1), rule_in(ELSE_0, 1, 2, 1, KIND_ALLOW, 2)));
	ACCEPTED(BOOLS, (rule_in(ELSE_0, 1, 2, 1, KIND_ALLOW, 1), rule_in(RULES, 1, 2, 1, KIND_ALLOW, 2)));
}

#define NODE(kind)	kind, 0
#define BOOL		1, 1
#define FIVE		BOOL, BOOL, BOOL, BOOL, BOOL
#define CONDITION(...) PUT_IN(at("condition.length", 0), 4 + 8 * get(at("condition.length", 0)), sizeof((const uint32_t[]){ __VA_ARGS__ }) / 8, __VA_ARGS__)
#define DEEP		"a condition is too deep or names a boolean that does not exist"

static void test_conditions(void **state)
{
	enum { NOT = 2, OR, AND, XOR, EQ, NEQ };

	(void)state;
	ACCEPTED(BOOLS, CONDITION(BOOL, NODE(NOT)));
	ACCEPTED(BOOLS, CONDITION(FIVE, FIVE, NODE(OR), NODE(AND), NODE(XOR), NODE(EQ), NODE(NEQ), NODE(OR), NODE(OR), NODE(OR), NODE(OR)));
	REFUSED(BOOLS, "conditional rules", DEEP, CONDITION(FIVE, FIVE, BOOL));
	REFUSED(BOOLS, "conditional rules", DEEP, CONDITION(1, 3));
	REFUSED(BOOLS, "conditional rules", DEEP, CONDITION(1, 0));
	REFUSED(BOOLS, "conditional rules", "a condition is malformed", CONDITION(BOOL, BOOL));
	REFUSED(BOOLS, "conditional rules", "a condition is malformed", CONDITION(NODE(NOT)));
	REFUSED(BOOLS, "conditional rules", "a condition is malformed", CONDITION(BOOL, NODE(AND)));
	REFUSED(BOOLS, "conditional rules", "a condition is malformed", CONDITION(BOOL, BOOL, NODE(8)));
	REFUSED(BOOLS, "conditional rules", "a condition is malformed", PUT_IN(at("condition.length", 0), 4 + 8 * get(at("condition.length", 0)), 0));
}

/* What nobody has set is as the file says, also if a file before it said something else. */
static void test_booleans(void **state)
{
	struct xen_flask_op op = { .u.boolean = { .bool_id = 0 } };
	uint32_t was;

	(void)state;
	ACCEPTED(BOOLS, (void)0);
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), 0);
	was = op.u.boolean.enforcing;
	ACCEPTED(BOOLS, (put(at("bool.state", 0), !get(at("bool.state", 0))), put(at("bool.state", 1), !get(at("bool.state", 1)))));
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0 };
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), 0);
	assert_int_equal(op.u.boolean.enforcing, !was);
	/* What waits for a commit does not outlive the policy. */
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0, .new_value = (uint8_t)was };
	assert_int_equal(guest_xsm_op(control, FLASK_SETBOOL, &op), 0);
	assert_int_equal(op.u.boolean.pending, was);
	assert_int_equal(load(), 0);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0 };
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), 0);
	assert_int_equal(op.u.boolean.pending, !was);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0, .new_value = (uint8_t)was, .commit = 1 };
	assert_int_equal(guest_xsm_op(control, FLASK_SETBOOL, &op), 0);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0, .new_value = !was };
	assert_int_equal(guest_xsm_op(control, FLASK_SETBOOL, &op), 0);
	assert_int_equal(load(), 0);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0 };
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), 0);
	assert_int_equal(op.u.boolean.enforcing, was);
	assert_int_equal(op.u.boolean.pending, was);
	REFUSED(BOOLS, "booleans", "a boolean is neither true nor false", put(at("bool.state", 0), 2));
}

/* --- file names, which no hypervisor has: their form alone is looked at ------------------------------------------------------------ */

#define NAMES(...) PUT_IN(at("labels.count", 0) - 4, 4, __VA_ARGS__)
#define ABCD 4, 0x64636261
#define AB_D 4, 0x643a6261	/* a colon in it */

static void test_file_names(void **state)
{
	(void)state;
	ACCEPTED(DEFAULT, NAMES(2, ABCD, 1, 2, 3, 4, ABCD, 1, 2, 3, 4));
	REFUSED(DEFAULT, "file name transitions", ODD, NAMES(1, AB_D, 1, 2, 3, 4));
	REFUSED(DEFAULT, "file name transitions", "a count exceeds what the file can hold", NAMES(0x10000000));
#define NAMES_33(...) (NAMES(__VA_ARGS__), put(at("version", 0), 33))
	ACCEPTED(DEFAULT, NAMES_33(2, ABCD, 1, 2, 2, 64, 64, 1, 0, ONE, 7, 64, 0, 0, 7, ABCD, 1, 2, 0));
	REFUSED(DEFAULT, "file name transitions", ODD, NAMES_33(1, AB_D, 1, 2, 0));
	REFUSED(DEFAULT, "file name transitions", "a count exceeds what the file can hold", NAMES_33(1, ABCD, 1, 2, 0x10000000));
	REFUSED(DEFAULT, "file name transitions", "a bitmap has another word size", NAMES_33(1, ABCD, 1, 2, 1, 32, 64, 1, 0, ONE, 7));
}

/* --- labels ------------------------------------------------------------------------------------------------------------------------- */

/* The place of initial SID number `sid`. */
static uint32_t initial(uint32_t sid)
{
	for (unsigned int n = 0;; n++)
		if (get(at("labels.sid", n)) == sid)
			return at("labels.sid", n);
}

/* As Xen before 4.17 had them: no xenboot, and each of a number one lower. */
static void initial_old(void)
{
	uint32_t first = at("labels.sid", 0);

	assert_int_equal(get(first), 1);
	for (unsigned int n = 0; n < INITIAL_SIDS; n++)
		put(at("labels.sid", n), get(at("labels.sid", n)) - 1);
	put(at("labels.count", 0), INITIAL_SIDS - 1);
	splice(first, at("labels.sid", 1) - first, "", 0);
}

static void initial_check(char before[INITIAL_SIDS + 1][64], unsigned int from, unsigned int to)
{
	for (sid_t i = from; i <= to; i++)
		assert_string_equal(context_of(i), before[i]);
}

static void test_initial_labels(void **state)
{
	static char before[INITIAL_SIDS + 1][64];

	(void)state;
	ACCEPTED(DEFAULT, (void)0);
	for (sid_t i = 1; i <= INITIAL_SIDS; i++)
		snprintf(before[i], sizeof(before[i]), "%s", context_of(i));
	ACCEPTED(DEFAULT, initial_old());
	initial_check(before, 2, INITIAL_SIDS);
	/* Some need not be there, and numbers that nobody knows are nobody's. */
	ACCEPTED(DEFAULT, put(initial(1), 0));
	initial_check(before, 2, INITIAL_SIDS);
	ACCEPTED(DEFAULT, put(initial(12), 99));
	initial_check(before, 1, 11);
	ACCEPTED(DEFAULT, (put(initial(12), 99), put(initial(13), UINT32_MAX)));
	initial_check(before, 1, 11);
	for (uint32_t i = 2; i <= 11; i++)
		REFUSED(DEFAULT, "initial SIDs", "an initial SID has no label", put(initial(i), 99));
	REFUSED(DEFAULT, "object labels", "an initial SID has two labels", put(initial(2), 3));
	REFUSED(DEFAULT, "object labels", "a label is not valid", put(initial(2) + 4, 0));
	REFUSED(DEFAULT, "object labels", "a label is not valid", put(initial(8) + 12, 0));
	REFUSED(DEFAULT, "object labels", "a label is not valid", put(initial(8) + 12, get(at("table.values", 3)) + 1));
	REFUSED(BOOLS, "object labels", "hardware's numbers run backwards", put(at("labels.high", 0), 0));
	/* In the oldest format, too. */
	ACCEPTED(BOOLS_24, (void)0);
}

/* A policy without MLS may write its ranges without a level. */
static void test_no_level(void **state)
{
	sid_t sid;

	(void)state;
	ACCEPTED(XEN_PLAIN, (put(at("range.items", 0), 0), splice(at("user.low", 0), 4, "", 0)));
	assert_int_equal(sid_asked("system_u:system_r:domU_t", &sid), 0);
	assert_int_equal(sid_asked("system_u:system_r:domU_t:s0", &sid), -XEN_EINVAL);
	REFUSED(DEFAULT, "users", "a range has more than two levels", put(at("range.items", 0), 3));
}

/* Of one level the high one has what the low one has. */
static void one_level(uint32_t sid)
{
	uint32_t range = behind(initial(sid), "range.items"), cats = behind(range, "bitmap.unit");

	assert_int_equal(get(range), 1);
	PUT_IN(cats, 12 + 12 * get(cats + 8), 64, 64, 1, 0, 8, 0);
}

/* Of the first user's low level: one more than there is. */
static void category_beyond(void)
{
	uint32_t cats = behind(at("user.low", 0), "bitmap.unit"), count = get(at("table.values", 7));

	assert_int_equal(count % 64, 0);
	PUT_IN(cats, 12 + 12 * get(cats + 8), 64, count + 64, 1, count, ONE);
}

static void test_ranges(void **state)
{
	char want[256];

	(void)state;
	ACCEPTED(DEFAULT, (void)0);
	snprintf(want, sizeof(want), "%s:c3", context_of(8));
	ACCEPTED(DEFAULT, one_level(8));
	assert_string_equal(context_of(8), want);
	REFUSED(DEFAULT, "symbols", "a user has roles or levels that do not exist", category_beyond());
}

/* A change of role: its class is in the file from version 26 on. */
static void test_role_transitions(void **state)
{
	(void)state;
	ACCEPTED(BOOLS, PUT_IN(at("roletrans.count", 0), 4, 1, 2, 1, 2, 1));
	ACCEPTED(BOOLS_24, PUT_IN(at("roletrans.count", 0), 4, 1, 2, 1, 2));
	REFUSED(BOOLS, "role transitions", "a role transition names what does not exist", PUT_IN(at("roletrans.count", 0), 4, 1, 2, 1, 3, 1));
}

/* --- what there is not ------------------------------------------------------------------------------------------------------------ */

/* A value that no name has. */
static void gap_in(unsigned int table)
{
	put(at("table.values", table), get(at("table.values", table)) + 1);
}

/* A type has a set at the file's end, too. */
static void type_gap(void)
{
	gap_in(3);
	PUT_IN((uint32_t)len, 0, 64, 0, 0);
}

static void test_values_without_names(void **state)
{
	uint32_t before[ANSWERS];

	(void)state;
	ACCEPTED(BOOLS, (void)0);
	ask_all(before);
	ACCEPTED(BOOLS, (gap_in(0), gap_in(1), gap_in(2), gap_in(4), gap_in(5), gap_in(6)));
	same_answers(before);
	ACCEPTED(BOOLS, type_gap());
	same_answers(before);
	REFUSED(BOOLS, "symbols", "typebounds are circular, too deep or lead nowhere", put(type_record(5) + 12, get(type_record(5) + 4)));
	REFUSED(BOOLS, "symbols", "typebounds are circular, too deep or lead nowhere", put(type_record(5) + 12, get(at("table.values", 3)) + 1));
}

static void permissive(uint32_t value)
{
	uint64_t map = 1ull << value % 64;

	PUT_IN(at("bitmap.unit", 1), 12, 64, (value & ~63u) + 64, 1, value & ~63u, (uint32_t)map, (uint32_t)(map >> 32));
}

static void constraint_beyond(void)
{
	uint32_t types = get(at("table.values", 3)), where;

	for (unsigned int n = 0;; n++) {
		where = at("names.bits", n);
		if (get(where - 4) == (types & ~63u))
			break;
	}
	put(where + 4 * (types % 64 / 32), get(where + 4 * (types % 64 / 32)) | 1u << types % 32);
}

static void test_what_there_is_not(void **state)
{
	uint32_t types;

	(void)state;
	take(DEFAULT);
	types = get(at("table.values", 3));
	ACCEPTED(DEFAULT, permissive(types));
	REFUSED(DEFAULT, "symbols", "a permissive type does not exist", permissive(types + 1));
	REFUSED(DEFAULT, "constraints", "a constraint names what does not exist", constraint_beyond());
	/* The third of three contexts, of which only a validatetrans speaks. */
	REFUSED(DEFAULT, "classes", "a constraint is malformed", put(at("names.attr", 0), 4 + 16));
	ACCEPTED(FEATURES, put(behind(at("validate.kind", 0), "names.attr"), 4 + 16));
	REFUSED(FEATURES, "classes", "a constraint is malformed", put(behind(at("validate.kind", 0), "names.attr"), 4 + 8 + 16));
}

/* --- types and attributes ------------------------------------------------------------------------------------------------------------ */

/* The types' sets, which are the file's end, without the types themselves: what is missing is added when it is read. */
static void sets_without_oneself(void)
{
	uint32_t types = get(at("table.values", 3)), from = 0, to = 0, type = 0, where;

	for (unsigned int i = file.nr, n = 0; n < types;)
		if (strcmp(file.field[--i].name, "bitmap.unit") == 0) {
			from = file.field[i].at;
			n++;
		}
	for (to = where = from; type < types; type++) {
		uint32_t nr = get(where + 8), head = to, kept = 0;

		for (uint32_t i = 0; i < nr; i++) {
			uint32_t word[3] = { get(where + 12 + 12 * i), get(where + 16 + 12 * i), get(where + 20 + 12 * i) };

			if (word[0] == (type & ~63u))
				word[1 + type % 64 / 32] &= ~(1u << type % 32);
			if (word[1] || word[2])
				memcpy(bytes + head + 12 + 12 * kept++, word, sizeof(word));
		}
		put(head, 64);
		put(head + 4, kept ? get(head + 12 * kept) + 64 : 0);
		put(head + 8, kept);
		to = head + 12 + 12 * kept;
		where += 12 + 12 * nr;
	}
	len = to;
}

#define PROPERTIES(type, p) put(type_record(type) + 8, p)

static void test_types(void **state)
{
	uint32_t before[ANSWERS];

	(void)state;
	ACCEPTED(DEFAULT, (void)0);
	ask_all(before);
	ACCEPTED(DEFAULT, sets_without_oneself());
	same_answers(before);
	REFUSED(DEFAULT, "attributes of types", "an attribute has attributes", for (unsigned int n = 0; n < get(at("table.names", 3)); n++) PROPERTIES(n, 3));
}

/* Other names for the same. */
static void test_aliases(void **state)
{
	sid_t sid, other;

	(void)state;
	ACCEPTED(ALIASES, (void)0);
	assert_int_equal(sid_asked("system_u:system_r:domU_t:c7:c1", &sid), 0);
	assert_int_equal(sid_asked("system_u:system_r:guest_alias_t:c7:c1", &other), 0);
	assert_int_equal(sid, other);
	assert_int_equal(sid_asked("system_u:system_r:domU_t:unclassified:one", &other), 0);
	assert_int_equal(sid, other);
	assert_string_equal(context_of(sid), "system_u:system_r:domU_t:c7:c1");
}

/* The alias's record behind all others, and the type it is of bounded by one that may less. */
static void alias_last(void)
{
	uint8_t record[64];
	unsigned int n = 0;
	uint32_t where;
	size_t size;

	while (get(type_record(n) + 8) != 0)
		n++;
	where = type_record(n);
	size = 16 + get(where);
	memcpy(record, bytes + where, size);
	for (n = 0; get(type_record(n) + 4) != value_of("domU_t") || get(type_record(n) + 8) == 0;)
		n++;
	put(type_record(n) + 12, value_of("domio_t"));
	splice(at("table.values", 4), 0, record, size);
	splice(where, size, "", 0);
}

static uint32_t all_of(const char *context)
{
	uint32_t all = 0;
	struct xen_flask_op op;

	for (uint16_t class = 1; class < 16; class++) {
		op.u.access = (struct xen_flask_access){ .tclass = class };
		assert_int_equal(sid_asked(context, &op.u.access.ssid), 0);
		op.u.access.tsid = op.u.access.ssid;
		all |= guest_xsm_op(control, FLASK_ACCESS, &op) ? 0 : op.u.access.allowed;
	}
	return all;
}

/* What bounds a type bounds it, whatever it is called besides. */
static void test_bounds_and_aliases(void **state)
{
	(void)state;
	ACCEPTED(ALIASES, (void)0);
	assert_int_not_equal(all_of("system_u:system_r:domU_t:c7"), 0);
	ACCEPTED(ALIASES, alias_last());
	assert_int_equal(all_of("system_u:system_r:domU_t:c7"), 0);
	assert_int_equal(all_of("system_u:system_r:guest_alias_t:c7"), 0);
}

/* --- what other policies say ----------------------------------------------------------------------------------------------------------- */

/* The rule that gives what is built by the control domain for a tenant its label; NULL if the walk cannot tell. */
static uint32_t build_rule(void)
{
	uint32_t source = value_of("dom0_t"), target = value_of("guest_t"), data = value_of("guest_build_t");

	for (unsigned int n = 0;; n++) {
		uint32_t where = at("rule.type", n);

		if (get(where) == data && get(where - 8) == (source | target << 16))
			return where - 8;
	}
}

/* The label that a domain is built under. */
static const char *built_under(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	sid_t sid;

	assert_int_equal(sid_asked(TENANT_1, &sid), 0);
	assert_int_equal(guest_createdomain(control, sid, &op.domain), 0);
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0), 0);
	hosted_read(control, ARG_GPA, &op, sizeof(op));
	return context_of(op.u.getdomaininfo.ssidref);
}

static void build_rule_drop(void)
{
	splice(build_rule(), 12, "", 0);
	put(RULES, get(RULES) - 1);
}

static uint32_t class_record(const char *name)
{
	uint32_t where, n = 0;

	do {
		where = at("class.length", n++);
	} while (get(where) != strlen(name) || memcmp(bytes + where + 24, name, strlen(name)) != 0);
	return where;
}

/* Nor does the class say whose label it is then. */
static void build_defaults_drop(void)
{
	for (unsigned int i = 0; i < 4; i++)
		put(behind(class_record("domain_build"), "class.default") + 4 * i, 0);
	build_rule_drop();
}

static void build_rule_move(uint32_t list)
{
	uint32_t rule[3];

	memcpy(rule, bytes + build_rule(), sizeof(rule));
	put(list, get(list) + 1);
	splice(list + 4, 0, rule, sizeof(rule));
	build_rule_drop();
}

/* What is built has a label of its own where the policy says so, be it under a condition. */
static void test_labels_to_build_under(void **state)
{
	(void)state;
	ACCEPTED(BOOLS, (void)0);
	assert_string_equal(built_under(), "system_u:system_r:guest_build_t:s0:c1");
	ACCEPTED(BOOLS, build_rule_drop());
	assert_string_equal(built_under(), TENANT_1);
	ACCEPTED(BOOLS, build_defaults_drop());
	assert_string_equal(built_under(), TENANT_1);
	ACCEPTED(BOOLS, build_rule_move(ELSE_0));
	assert_string_equal(built_under(), "system_u:system_r:guest_build_t:s0:c1");
	ACCEPTED(BOOLS, build_rule_move(THEN_0));
	assert_string_equal(built_under(), TENANT_1);
}

/* Under a policy that knows no channels, one is what its far end is. */
static void test_no_class_of_channels(void **state)
{
	struct domain *near = hosted_domain(1, TENANT_1, 8, 1), *far = hosted_domain(2, TENANT_2, 8, 1);

	(void)state;
	ACCEPTED(DEFAULT, bytes[class_record("event") + 24] = 'E');
	assert_true(guest_alloc_unbound(near, far->id) > 0);
	denied_source = near->label.sid;
	denied_target = near->label.sid;
	assert_true(guest_alloc_unbound(near, far->id) > 0);
	denied_target = far->label.sid;
	assert_int_equal(guest_alloc_unbound(near, far->id), -XEN_EACCES);
}

/* In the place of the first constraint, on all of its class: these nodes. Returns the class. */
static uint32_t constrain(const uint32_t *nodes, size_t size, uint32_t count)
{
	uint32_t class = 0, from = 0, to = 0;

	for (unsigned int i = 0; i < file.nr && !to; i++) {
		const struct policy_field *x = &file.field[i];

		if (from && (strcmp(x->name, "constraint.perms") == 0 || strncmp(x->name, "class.", 6) == 0))
			to = strcmp(x->name, "constraint.perms") == 0 ? x->at : x->at - 4;
		else if (!from && strcmp(x->name, "class.value") == 0)
			class = get(x->at);
		else if (!from && strcmp(x->name, "constraint.length") == 0)
			from = x->at;
	}
	put(from - 4, UINT32_MAX);
	splice(from, to - from, nodes, size);
	PUT_IN(from, 0, count);
	return class;
}

#define CONSTRAIN(count, ...) constrain((const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }), count)
#define INCOMPARABLE	CONSTRAIN(1, 4, 2, 5)		/* neither role dominates the other */

/* Each role there is. */
static void role_dominates(unsigned int role)
{
	uint32_t record = at("role.length", role), where = 0;

	for (unsigned int n = 0; where < record; n++)
		where = at("bitmap.unit", n);
	PUT_IN(where, 12 + 12 * get(where + 8), 64, 64, 1, 0, 3, 0);
}

static uint32_t access_of(const char *source, uint32_t class)
{
	struct xen_flask_op op = { .u.access.tclass = (uint16_t)class };

	assert_int_equal(sid_asked(source, &op.u.access.ssid), 0);
	assert_int_equal(sid_asked("system_u:object_r:irq_t:s0", &op.u.access.tsid), 0);
	assert_int_equal(guest_xsm_op(control, FLASK_ACCESS, &op), 0);
	return op.u.access.allowed;
}

/* Compilers for Xen write of each role that it dominates itself; others are understood, too. */
static void test_roles_that_dominate(void **state)
{
	uint32_t class = 0;

	(void)state;
	ACCEPTED(DEFAULT, class = INCOMPARABLE);
	for (unsigned int role = 0; role < 3; role++) {
		ACCEPTED(DEFAULT, {
			rule_in(RULES, value_of("dom0_t"), value_of("irq_t"), class, KIND_ALLOW, 1);
			if (role < 2)
				role_dominates(role);
			assert_int_equal(INCOMPARABLE, class);
		});
		assert_int_equal(access_of(CONTROL, class), role == 2);
	}
}

/* Of the types that are no attributes, that of the lowest value: its value and its name. */
static uint32_t lowest_type(char name[64])
{
	uint32_t lowest = UINT32_MAX;

	for (unsigned int n = 0; n < get(at("table.names", 3)); n++) {
		uint32_t where = type_record(n), value = get(where + 4);

		if (value >= lowest || get(where + 8) != 1)
			continue;
		lowest = value;
		snprintf(name, 64, "%.*s", (int)get(where), bytes + where + 16);
	}
	return lowest;
}

/* A type is not the one 64 further, of which alone a constraint speaks. */
static void test_a_set_that_begins_late(void **state)
{
	char name[64], source[128];
	uint32_t class = 0;

	(void)state;
	take(DEFAULT);
	snprintf(source, sizeof(source), "system_u:object_r:%s:s0", (lowest_type(name), name));
	for (uint32_t start = 0; start <= 64; start += 64) {
		ACCEPTED(DEFAULT, {
			uint32_t type = lowest_type(name), irq = value_of("irq_t");

			class = INCOMPARABLE;
			take(DEFAULT);
			assert_in_range(type, 1, 32);
			for (unsigned int i = 0; i < 96; i++)
				type_gap();
			rule_in(RULES, type, irq, class, KIND_ALLOW, 1);
			CONSTRAIN(1, 5, 4, 1, 64, start + 64, 1, start, 1u << (type - 1), 0, 64, 0, 0, 64, 0, 0, 0);
		});
		assert_int_equal(access_of(source, class), start == 0);
	}
}

/* Two more types, far behind the others, and what the first of them belongs to: `set` takes the place of its set. */
#define LATE	80u
#define LATER	140u
#define TYPES	150u

static void late_types(uint32_t properties, const uint32_t *set, size_t size)
{
	uint32_t before = get(at("table.values", 3));

	for (uint32_t i = before; i < TYPES; i++) {
		if (i == LATE - 1)
			splice((uint32_t)len, 0, set, size);
		else
			PUT_IN((uint32_t)len, 0, 64, 0, 0);
	}
	put(at("table.values", 3), TYPES);
	put(at("table.names", 3), get(at("table.names", 3)) + 2);
	PUT_IN(type_record(0), 0, 4, LATE, properties, 0, 0x6574616c, 4, LATER, 1, 0, 0x7265746c);	/* "late", "lter" */
}

#define LATE_TYPES(properties, ...) late_types(properties, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }))

/* A type belongs to itself, whether its set says so or not, in whatever word that stands, and to the others there. */
static void test_late_types(void **state)
{
	char name[64];
	uint32_t class = 0;

	(void)state;
	for (unsigned int how = 0; how < 4; how++) {
		ACCEPTED(DEFAULT, {
			uint32_t type = lowest_type(name), irq = value_of("irq_t"), bit = 1u << (type - 1);

			class = INCOMPARABLE;
			take(DEFAULT);
			rule_in(RULES, LATE, irq, class, KIND_ALLOW, 1);
			rule_in(RULES, type, irq, class, KIND_ALLOW, 2);
			rule_in(RULES, LATER, irq, class, KIND_ALLOW, 4);
			switch (how) {
			case 0:			/* its word is missing in the middle */
				LATE_TYPES(1, 64, 192, 2, 0, bit, 0, 128, 1 << 11, 0);
				break;
			case 1:			/* its word is there, with another type's bit */
				LATE_TYPES(1, 64, 192, 3, 0, bit, 0, 64, ONE, 128, 1 << 11, 0);
				break;
			case 2:			/* at the end */
				LATE_TYPES(1, 64, 64, 1, 0, bit, 0);
				break;
			default:		/* nothing but itself */
				LATE_TYPES(1, 64, 128, 1, 64, 1 << 15, 0);
			}
		});
		assert_int_equal(access_of("system_u:object_r:late:s0", class), how < 2 ? 7 : how == 2 ? 3 : 1);
	}
	ACCEPTED(DEFAULT, LATE_TYPES(3, 64, 128, 1, 64, 1 << 15, 0));
	REFUSED(DEFAULT, "attributes of types", "an attribute has attributes", LATE_TYPES(3, 64, 128, 2, 0, ONE, 64, 1 << 15, 0));
	REFUSED(DEFAULT, "attributes of types", "an attribute has attributes", LATE_TYPES(3, 64, 192, 2, 64, 1 << 15, 0, 128, 1 << 11, 0));
}

/* Contexts with many categories are printed as they were written, and a high level has what a low one has. */
static void test_categories(void **state)
{
	static const char *const levels[] = { "s0:c60.c63,c128.c130", "s0:c60.c66", "s0:c63,c65", "s0:c63,c128", "s0:c0.c63", "s0:c0.c64", "s0:c0.c127,c129", "s0:c3-s0:c3,c70" };
	static const char *const bad[] = { "s0:c36-s0:c100", "s0:c100-s0:c36", "s0:c3,c70-s0:c3", "s0:c3,c70-s0:c70", "s0:c3-s0" };
	char context[128];
	sid_t sid;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(levels); i++) {
		snprintf(context, sizeof(context), "system_u:system_r:dom0_t:%s", levels[i]);
		assert_int_equal(sid_asked(context, &sid), 0);
		assert_string_equal(context_of(sid), context);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(context, sizeof(context), "system_u:system_r:dom0_t:%s", bad[i]);
		if (sid_asked(context, &sid) != -XEN_EINVAL)
			fail_msg("%s", context);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each_section, setup),
		cmocka_unit_test_setup(test_headers, setup),
		cmocka_unit_test_setup(test_bitmaps, setup),
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_rules, setup),
		cmocka_unit_test_setup(test_rules_that_contradict, setup),
		cmocka_unit_test_setup(test_conditions, setup),
		cmocka_unit_test_setup(test_booleans, setup),
		cmocka_unit_test_setup(test_file_names, setup),
		cmocka_unit_test_setup(test_initial_labels, setup),
		cmocka_unit_test_setup(test_no_level, setup),
		cmocka_unit_test_setup(test_values_without_names, setup),
		cmocka_unit_test_setup(test_what_there_is_not, setup),
		cmocka_unit_test_setup(test_types, setup),
		cmocka_unit_test_setup(test_aliases, setup),
		cmocka_unit_test_setup(test_bounds_and_aliases, setup),
		cmocka_unit_test_setup(test_labels_to_build_under, setup),
		cmocka_unit_test_setup(test_no_class_of_channels, setup),
		cmocka_unit_test_setup(test_roles_that_dominate, setup),
		cmocka_unit_test_setup(test_a_set_that_begins_late, setup),
		cmocka_unit_test_setup(test_late_types, setup),
		cmocka_unit_test_setup(test_categories, setup),
		cmocka_unit_test_setup(test_ranges, setup),
		cmocka_unit_test_setup(test_role_transitions, setup),
	};

	return cmocka_run_group_tests_name("xsm_splice", tests, NULL, NULL);
}
