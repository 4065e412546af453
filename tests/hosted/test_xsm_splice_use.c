/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy says of labels to build under, channels, roles, sets and categories, put into one that did not say it (splice.h): accepted, and done.
 * Locking: one thread. Trust: tests only.
 */
#include "splice.h"

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
		cmocka_unit_test_setup(test_labels_to_build_under, setup),
		cmocka_unit_test_setup(test_no_class_of_channels, setup),
		cmocka_unit_test_setup(test_roles_that_dominate, setup),
		cmocka_unit_test_setup(test_a_set_that_begins_late, setup),
		cmocka_unit_test_setup(test_late_types, setup),
		cmocka_unit_test_setup(test_categories, setup),
	};

	return cmocka_run_group_tests_name("xsm_splice_use", tests, NULL, NULL);
}
