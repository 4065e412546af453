/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype policies as a hypercall brings them, each with one thing wrong: refused, and the record says why, so that each check of the reader is met by what
 * it alone refuses. And at the limit of what is right: accepted.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"
#include "shype_maker.h"

#include <abi/ravelin.h>
#include <hv/flask.h>
#include <hv/mm.h>
#include <hv/shype.h>

#define BUF_GPA	0x10000u

/* Two of everything, and an object. */
static const struct shype_plan plan = {
	.ste = 3, .wall = 3, .sets = 2, .labels = 3, .patterns = 2, .in_set = { { 1, 1, 0 }, { 0, 1, 1 } },
	.has_ste = { { 1, 0, 0 }, { 0, 1, 1 }, { 1, 0, 1 } }, .has_wall = { { 1, 0, 0 }, { 0, 1, 0 } },
	.pattern = { { 0, 2, { 1, 4 }, "guest_t" }, { 1, 0, { 0 }, "dom0_t" } },
};

static struct domain *control;
static unsigned char *bytes;
static size_t len, told;	/* told: what the caller says */

/* What the file consists of. */
static struct shype_header *h;
static struct shype_name_record *type;
static struct shype_set_record *set;
static struct shype_label_record *label;
static struct shype_pattern_record *pattern;

static bool no_memory;		/* for the policy */

void *__real_heap_alloc(struct domain *owner, size_t size);
void *__wrap_heap_alloc(struct domain *owner, size_t size);

void *__wrap_heap_alloc(struct domain *owner, size_t size)
{
	return no_memory && !owner ? NULL : __real_heap_alloc(owner, size);
}

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	control = hosted_domain(0, CONTROL, 64, 1);
	return 0;
}

static void make(void)
{
	bytes = shype_make(&plan, &len);
	told = len;
	h = (struct shype_header *)bytes;
	type = (struct shype_name_record *)(h + 1);
	set = (struct shype_set_record *)(type + plan.ste + plan.wall);
	label = (struct shype_label_record *)(set + plan.sets);
	pattern = (struct shype_pattern_record *)(label + plan.labels);
	label[2].kind = SHYPE_OBJECT;
}

static int64_t load(void)
{
	struct ravelin_op op = { .cmd = RAVELIN_SHYPE_LOAD, .interface_version = RAVELIN_INTERFACE_VERSION,
				 .u.shype_load = { .buffer = BUF_GPA, .size = (uint32_t)told } };
	int64_t rc;

	hosted_time_advance(1000000000u);
	hosted_console_clear();
	hosted_write(control, BUF_GPA, bytes, len);
	free(bytes);
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	rc = hosted_hypercall(control, RAVELIN_HYPERCALL, ARG_GPA, 0, 0, 0, 0);
	return rc;
}

/* The file after `change` is refused in this section, for this reason. */
#define REFUSED(section, why, change) do { \
		make(); \
		change; \
		assert_int_equal(load(), -XEN_EINVAL); \
		if (!strstr(hosted_console(), "section=\"" section "\" reason=\"" why "\"")) \
			fail_msg(#change ": " why ": %s", hosted_console()); \
	} while (0)

#define ACCEPTED(change) do { \
		make(); \
		change; \
		if (load()) \
			fail_msg(#change ": %s", hosted_console()); \
	} while (0)

static void test_headers(void **state)
{
	(void)state;
	ACCEPTED((void)0);
	REFUSED("header", "the file ends too early", told = sizeof(*h) - 1);
	REFUSED("header", "this is no sHype policy", h->magic++);
	REFUSED("header", "a version that is not known", h->version++);
	REFUSED("header", "too many types", h->ste_types = SHYPE_TYPES_MAX + 1);
	REFUSED("header", "too many types", h->wall_types = SHYPE_TYPES_MAX + 1);
	REFUSED("header", "too many conflict sets", h->sets = SHYPE_SETS_MAX + 1);
	REFUSED("header", "no label, or too many", h->labels = 0);
	REFUSED("header", "no label, or too many", h->labels = SHYPE_LABELS_MAX + 1);
	REFUSED("header", "no pattern, or too many", h->patterns = 0);
	REFUSED("header", "no pattern, or too many", h->patterns = SHYPE_PATTERNS_MAX + 1);
	REFUSED("header", "a reserved field is not zero", h->reserved = 1);
	REFUSED("header", "the policy's name is none", h->name[0] = ' ');
	REFUSED("header", "the counts do not add up to the file's size", h->size++);
	REFUSED("header", "the counts do not add up to the file's size", h->size = (uint32_t)--told);
	/* What is wrong first is said. */
	REFUSED("header", "this is no sHype policy", h->magic = 0; h->reserved = 1; h->name[0] = ' ');
}

static void test_names(void **state)
{
	static const char good[] = "azAZ09_-.", bad[] = "`{@[/:^,~ \x01\x7f\xe4";

	(void)state;
	ACCEPTED(memcpy(type[1].name, good, sizeof(good)));
	ACCEPTED(memset(type[1].name, 'z', SHYPE_NAME - 1));
	for (unsigned int i = 0; i + 1 < sizeof(bad); i++)
		REFUSED("types of Simple Type Enforcement", "a name is empty, too long, or has a character that no name has", type[1].name[2] = bad[i]);
	REFUSED("types of Simple Type Enforcement", "a name is empty, too long, or has a character that no name has", memset(type[1].name, 'z', SHYPE_NAME));
	REFUSED("types of Simple Type Enforcement", "a name is empty, too long, or has a character that no name has", memset(type[1].name, 0, SHYPE_NAME));
	REFUSED("types of Simple Type Enforcement", "a name is empty, too long, or has a character that no name has", type[1].name[SHYPE_NAME - 1] = 'z');
	REFUSED("types of Simple Type Enforcement", "two have the same name", type[2] = type[0]);
	REFUSED("types of the Chinese Wall", "two have the same name", type[plan.ste + 2] = type[plan.ste + 1]);
	REFUSED("conflict sets", "two have the same name", memcpy(set[1].name, set[0].name, SHYPE_NAME));
	REFUSED("labels", "two have the same name", memcpy(label[2].name, label[0].name, SHYPE_NAME));
	ACCEPTED(memcpy(type[plan.ste].name, label[0].name, SHYPE_NAME));	/* of another kind */
}

static void test_sets(void **state)
{
	(void)state;
	REFUSED("conflict sets", "a conflict set names a type that there is not", set[0].types[0] |= 1u << 3);
	REFUSED("conflict sets", "a conflict set names a type that there is not", set[1].types[3] = 1ull << 63);
	REFUSED("conflict sets", "a conflict set needs two types", set[0].types[0] = 1);
	REFUSED("conflict sets", "a conflict set needs two types", set[0].types[0] = 0);
	ACCEPTED(set[0].types[0] = 7);
}

static void test_labels(void **state)
{
	(void)state;
	REFUSED("labels", "a label names a type that there is not", label[0].ste[0] |= 1u << 3);
	REFUSED("labels", "a label names a type that there is not", label[0].wall[1] = 1);
	REFUSED("labels", "a label is neither a machine's nor a resource's", label[2].kind = 0);
	REFUSED("labels", "a label is neither a machine's nor a resource's", label[2].kind = SHYPE_SUBJECT | SHYPE_OBJECT);
	REFUSED("labels", "a resource has a Chinese Wall type", label[2].wall[0] = 4);
	REFUSED("labels", "a reserved field is not zero", label[0].reserved = 1);
	REFUSED("labels", "a label has two types of one conflict set: it could never run", label[0].wall[0] = 3);
	ACCEPTED(label[0].wall[0] = 5);			/* of two sets */
	ACCEPTED(label[2].wall[0] = 4; label[2].kind = SHYPE_SUBJECT);
}

static void test_patterns(void **state)
{
	(void)state;
	REFUSED("patterns", "a pattern is for a label that no machine has", pattern[1].label = 3);
	REFUSED("patterns", "a pattern is for a label that no machine has", pattern[1].label = 2);
	REFUSED("patterns", "a pattern is for a label that no machine has", pattern[1].label = 3; memset(pattern[1].type, 'a', SHYPE_FLASK_TYPE - 1));
	REFUSED("patterns", "a pattern's type is no name", pattern[0].type[0] = ':');
	REFUSED("patterns", "a pattern's type is no name", memset(pattern[0].type, 'a', SHYPE_FLASK_TYPE));
#define CATEGORIES(change) REFUSED("patterns", "a pattern's categories are too many, too high, or not in order", change)
	CATEGORIES(pattern[0].categories = SHYPE_CATEGORIES + 1);
	CATEGORIES(pattern[0].categories = SHYPE_CATEGORIES + 1; for (uint16_t i = 0; i < SHYPE_CATEGORIES; i++) pattern[0].category[i] = i);
	CATEGORIES(pattern[0].category[2] = 9);
	CATEGORIES(pattern[0].category[1] = SHYPE_CATEGORY_MAX + 1);
	CATEGORIES(pattern[0].category[1] = 1);
	CATEGORIES(pattern[0].category[1] = 0);
#undef CATEGORIES
	ACCEPTED(pattern[0].category[0] = 0; pattern[0].category[1] = SHYPE_CATEGORY_MAX);
	ACCEPTED(pattern[0].categories = SHYPE_CATEGORIES; for (uint16_t i = 0; i < SHYPE_CATEGORIES; i++) pattern[0].category[i] = i);
}

/* --- Flask policies of other names --------------------------------------------------------------------------------------------- */

/* Which label the context has, "" none. */
static const char *label_of(const char *context)
{
	static struct ravelin_op op;
	sid_t sid;

	assert_int_equal(flask_context_to_sid(context, strlen(context), &sid), 0);
	op = (struct ravelin_op){ .cmd = RAVELIN_SHYPE_ASK, .interface_version = RAVELIN_INTERFACE_VERSION, .u.shype_ask = { .sid = { sid, sid } } };
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, RAVELIN_HYPERCALL, ARG_GPA, 0, 0, 0, 0), 0);
	hosted_read(control, ARG_GPA, &op, sizeof(op));
	return op.u.shype_ask.label[0];
}

/* Labels for domU_t: label0 without categories, label1 with this one. */
static void load_for(uint16_t category)
{
	make();
	label[2].kind = SHYPE_SUBJECT;
	pattern[0] = (struct shype_pattern_record){ .label = 0, .type = "domU_t" };
	pattern[1] = (struct shype_pattern_record){ .label = 1, .categories = 1, .category = { category }, .type = "domU_t" };
	assert_int_equal(load(), 0);
}

/* What is called like a category or a level, and is none, gives no label that asks for a category. */
static void test_other_names(void **state)
{
	static const struct {
		const char *level;
		uint16_t category;
		const char *label;
	} cases[] = {
		{ "c7:c1", 1, "label1" }, { "c7:x5", 5, "label0" }, { "c7:c", 0, "label0" }, { "c7:cz", 0, "label0" }, { "c7:c1xc3", 3, "label0" }, { "c7:c1xc3", 1, "label0" },
		{ "c7:c1.c4096", 1, "label0" }, { "c7:c1.c4096", 3, "label0" }, { "c7-c8", 8, "label0" }, { "c7-c8:c1", 8, "label0" }, { "c7-c8:c1", 1, "label0" },
		{ "c7", 7, "label0" }, { "c8:c1", 1, "label1" },
	};

	(void)state;
	hosted_machine_init_policy("build/tests/names.policy");
	control = hosted_domain(0, "system_u:system_r:dom0_t:c7", 64, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		char context[128];

		load_for(cases[i].category);
		snprintf(context, sizeof(context), "system_u:system_r:domU_t:%s", cases[i].level);
		if (strcmp(label_of(context), cases[i].label))
			fail_msg("%s, asked for c%u: %s", context, cases[i].category, label_of(context));
	}
}

/* Without MLS a context has no level, and its type is the text's end. */
static void test_no_levels(void **state)
{
	(void)state;
	hosted_machine_init_policy("build/tests/xen.policy");
	control = hosted_domain(0, "system_u:system_r:dom0_t", 64, 1);
	load_for(1);
	assert_string_equal(label_of("system_u:system_r:domU_t"), "label0");
	assert_string_equal(label_of("system_u:system_r:dom0_t"), "");
}

/* What is refused leaves nothing behind. */
static void test_nothing_stays(void **state)
{
	uint64_t used;

	(void)state;
	ACCEPTED((void)0);
	used = control->heap_used + heap_pages_free();
	for (unsigned int i = 0; i < 200; i++)
		REFUSED("labels", "a reserved field is not zero", label[0].reserved = 1);
	assert_int_equal(control->heap_used + heap_pages_free(), used);
	make();
	no_memory = true;
	assert_int_equal(load(), -XEN_ENOMEM);
	no_memory = false;
	assert_non_null(strstr(hosted_console(), "section=\"load\" reason=\"not enough memory\""));
	assert_int_equal(control->heap_used + heap_pages_free(), used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_headers, setup),
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_sets, setup),
		cmocka_unit_test_setup(test_labels, setup),
		cmocka_unit_test_setup(test_patterns, setup),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test(test_no_levels),
		cmocka_unit_test_setup(test_nothing_stays, setup),
	};

	return cmocka_run_group_tests_name("shype_load", tests, NULL, NULL);
}
