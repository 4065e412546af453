/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of which something was cut out, into which something was put, or in which one thing was changed, loaded by FLASK_LOAD, and what is asked of the
 * one in force: what the tests of it share.
 * Locking: one thread. Trust: tests only.
 */
#ifndef TESTS_SPLICE_H
#define TESTS_SPLICE_H

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

/* --- files ---------------------------------------------------------------------------------------------------------------- */

static inline void take(const char *path)
{
	len = policy_file_read(&file, path, bytes, sizeof(bytes));
	assert_true(len >= 1000);
}

/* The n-th field of that name, counted from 0. */
static inline uint32_t at(const char *name, unsigned int n)
{
	for (unsigned int i = 0; i < file.nr; i++)
		if (strcmp(file.field[i].name, name) == 0 && n-- == 0)
			return file.field[i].at;
	fail_msg("no field %s", name);
	return 0;
}

/* The first field of that name behind a place. */
static inline uint32_t behind(uint32_t where, const char *name)
{
	for (unsigned int i = 0; i < file.nr; i++)
		if (file.field[i].at > where && strcmp(file.field[i].name, name) == 0)
			return file.field[i].at;
	fail_msg("no field %s behind %u", name, where);
	return 0;
}

static inline uint32_t get(uint32_t where)
{
	uint32_t v;

	memcpy(&v, bytes + where, sizeof(v));
	return v;
}

static inline void put(uint32_t where, uint32_t v)
{
	memcpy(bytes + where, &v, sizeof(v));
}

/* In the place of `cut` bytes there, these. What stands behind moves: do that first. */
static inline void splice(uint32_t where, size_t cut, const void *in, size_t n)
{
	assert_true(where + cut <= len && len - cut + n <= sizeof(bytes));
	memmove(bytes + where + n, bytes + where + cut, len - where - cut);
	memcpy(bytes + where, in, n);
	len = len - cut + n;
}

#define PUT_IN(where, cut, ...) splice(where, cut, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }))

/* --- loads ---------------------------------------------------------------------------------------------------------------- */

static inline int64_t load(void)
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

static inline uint32_t type_record(unsigned int n)
{
	return at("type.length", n);
}

/* --- questions ----------------------------------------------------------------------------------------------------------------- */

static inline uint32_t value_of(const char *type)
{
	for (unsigned int n = 0;; n++) {
		uint32_t where = type_record(n);

		if (get(where) == strlen(type) && memcmp(bytes + where + 16, type, strlen(type)) == 0)
			return get(where + 4);
	}
}

static inline int64_t sid_asked(const char *context, sid_t *sid)
{
	struct xen_flask_op op = { .u.sid_context = { .size = (uint32_t)strlen(context), .context.p = (char *)(uintptr_t)BUF_GPA } };
	int64_t rc;

	hosted_write(control, BUF_GPA, context, strlen(context));
	rc = guest_xsm_op(control, FLASK_CONTEXT_TO_SID, &op);
	*sid = op.u.sid_context.sid;
	return rc;
}

static inline const char *context_of(sid_t sid)
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
static inline void ask_all(uint32_t answers[ANSWERS])
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

static inline void same_answers(const uint32_t before[ANSWERS])
{
	uint32_t after[ANSWERS];

	ask_all(after);
	assert_memory_equal(after, before, sizeof(after));
}

#define ONE 1, 0	/* a word with its first bit */

/* --- rules ------------------------------------------------------------------------------------------------------------------------ */

#define RULES		at("rules.count", 0)
#define THEN_0		at("condition.rules", 0)	/* what holds if the first condition is true: it is not */
#define ELSE_0		at("condition.rules", 1)
#define ELSE_1		at("condition.rules", 3)
#define KIND_ALLOW	1u

/* Into the list whose count stands there. */
static inline void rule_in(uint32_t list, uint32_t source, uint32_t target, uint32_t class, uint32_t kind, uint32_t data)
{
	put(list, get(list) + 1);
	PUT_IN(list + 4, 0, source | target << 16, class | kind << 16, data);
}

static inline void gap_in(unsigned int table)
{
	put(at("table.values", table), get(at("table.values", table)) + 1);
}

/* A type has a set at the file's end, too. */
static inline void type_gap(void)
{
	gap_in(3);
	PUT_IN((uint32_t)len, 0, 64, 0, 0);
}

#endif
