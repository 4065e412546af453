/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each check of the policy reader meets what it alone refuses, and the record names its reason; what is unusual and right is accepted, and means what it
 * meant (splice.h).
 * Locking: one thread. Trust: tests only.
 */
#include "splice.h"

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(3, CONTROL, (POLICY_GPA + POLICY_BYTES) / PAGE_SIZE, 1);
	return 0;
}

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
	REFUSED(DEFAULT, "constraints", "a constraint is malformed", put(at("expr.kind", 0), 6));
	REFUSED(DEFAULT, "classes", "a constraint is too long", (len += 13 * 4096, put(at("constraint.length", 0), 4097)));
}

/* --- rules ------------------------------------------------------------------------------------------------------------------------ */

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

static void initial_check(char before[INITIAL_SIDS + 1][256], unsigned int from, unsigned int to)
{
	for (sid_t i = from; i <= to; i++)
		assert_string_equal(context_of(i), before[i]);
}

static void test_initial_labels(void **state)
{
	static char before[INITIAL_SIDS + 1][256];

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
	char want[260];

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
	REFUSED(DEFAULT, "constraints", "a constraint is malformed", put(at("names.attr", 0), 4 + 16));
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
		cmocka_unit_test_setup(test_ranges, setup),
		cmocka_unit_test_setup(test_role_transitions, setup),
	};

	return cmocka_run_group_tests_name("xsm_splice", tests, NULL, NULL);
}
