/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps of DESIGN, "Tested by construction", in a real guest: the policy in force is one that allows everything, less nothing, all, `use`, or one
 * permission after the other. Expectations are the hand-written table of the hosted sweeps. Two permissions are never taken, or no policy could be
 * loaded any more: interface:xsm_op and security:load_policy; the last load shows that they count, too.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "sweep.h"

#include <hv/gate.h>
#include <xen/grant_table.h>
#include <xen/xsm/flask_op.h>

#define ANY		INT64_MAX
#define NONE		PERM_INVALID
#define P(c, p)		PERM_##c##__##p
#define ABOUT_SELF	0
#define ABOUT_OTHER	1
#define ABOUT_PARTLY	2
#define INSIDE_MAX	4u
#define CLASSES_MAX	32u
#define POLICY_MAX	(64u << 10)

static const struct expectation {
	const char *row, *scene;
	enum perm head, inside[INSIDE_MAX];
	int64_t denied, ok;
} expected[] = {
#define OP(hc, op, sc, h, d, o, a, ...) { .row = #hc "." #op, .scene = #sc, .head = h, .inside = { __VA_ARGS__ }, .denied = d, .ok = o },
#define ABSENT(hc, op, status)
#include "../hosted/expect_operations.h"
#undef OP
#undef ABSENT
};

static const struct {
	const char *row;	/* begins so */
	enum perm use;
} uses[] = {
	{ "memory.", P(interface, memory_op) }, { "multicall.", P(interface, multicall) }, { "set_timer.", P(interface, set_timer_op) },
	{ "xen_version.", P(interface, xen_version) }, { "console_io.", P(interface, console_io) }, { "grant_table.", P(interface, grant_table_op) },
	{ "vm_assist.", P(interface, vm_assist) }, { "vcpu.", P(interface, vcpu_op) }, { "xsm.", P(interface, xsm_op) }, { "sched.", P(interface, sched_op) },
	{ "event_channel.", P(interface, event_channel_op) }, { "hvm.", P(interface, hvm_op) }, { "domctl.", P(interface, domctl) },
	{ "sysctl.", P(interface, sysctl) }, { "platform.", P(interface, platform_op) }, { "ravelin.", P(interface, ravelin_op) },
};

/* Class and bit of each permission, as policy/mkclasses.c numbers them. */
static const struct {
	const char *name;	/* NULL: a class begins */
} numbered[] = {
#define CLASS(c)			{ NULL },
#define PERM_XEN(c, p)			{ #c ":" #p },
#define PERM_FINER(c, p, ac, ap)	{ #c ":" #p },
#define PERM_UNCHECKED(c, p)		{ #c ":" #p },
#define PERM_OWN(c, p)			{ #c ":" #p },
#include "../../xsm/permissions.def"
};

extern const uint8_t sweep_policy[], sweep_policy_end[];

static struct {
	unsigned int class, bit;
	const char *name;
} place[PERM_COUNT];
static unsigned int classes;
static uint8_t policy[POLICY_MAX];
static size_t policy_len;
static uint8_t *rule_of[CLASSES_MAX + 1];	/* the class's access vector in the policy's bytes */
static uint32_t full[CLASSES_MAX + 1];
static unsigned int failures, calls;

static void permissions_number(void)
{
	unsigned int perm = 0, bit = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(numbered); i++) {
		if (!numbered[i].name) {
			classes++;
			bit = 0;
			continue;
		}
		perm++;
		place[perm].class = classes;
		place[perm].name = numbered[i].name;
		place[perm].bit = bit++;
		full[classes] |= 1u << place[perm].bit;
	}
}

/* One rule a class, all with the same source and target: key of four 16-bit numbers, then the vector. */
static bool rules_at(uint8_t *at)
{
	uint16_t key[4], first[4];
	uint32_t vector;

	memcpy(first, at, sizeof(first));
	for (unsigned int i = 0; i < classes; i++) {
		memcpy(key, at + i * 12, sizeof(key));
		memcpy(&vector, at + i * 12 + 8, sizeof(vector));
		if (key[0] != first[0] || key[1] != first[1] || key[2] == 0 || key[2] > classes || key[3] != 1 || vector != full[key[2]])
			return false;
		rule_of[key[2]] = at + i * 12 + 8;
	}
	return true;
}

static int policy_open(void)
{
	policy_len = (size_t)(sweep_policy_end - sweep_policy);
	CHECK(policy_len < POLICY_MAX);
	memcpy(policy, sweep_policy, policy_len);
	for (size_t at = 0; at + 12 * classes <= policy_len; at++)
		if (rules_at(policy + at)) {
			for (unsigned int c = 1; c <= classes; c++)
				CHECK(rule_of[c]);
			return 0;
		}
	say("guest: the rules were not found in the policy");
	return __LINE__;
}

static void allow(unsigned int class, uint32_t vector)
{
	memcpy(rule_of[class], &vector, sizeof(vector));
}

static void allow_all(void)
{
	for (unsigned int c = 1; c <= classes; c++)
		allow(c, full[c]);
}

static void deny(enum perm p)
{
	allow(place[p].class, full[place[p].class] & ~(1u << place[p].bit));
}

static bool is_kept(enum perm p)
{
	return p == P(interface, xsm_op) || p == P(security, load_policy);
}

static void keep(void)
{
	allow(place[P(interface, xsm_op)].class, 1u << place[P(interface, xsm_op)].bit);
}

static long load(void)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.load.size = (uint32_t)policy_len;
	set_xen_guest_handle(op.u.load.buffer, (char *)policy);
	return hypercall1(__HYPERVISOR_xsm_op, &op);
}

static const struct scene *scene_of(const struct expectation *x)
{
	for (unsigned int i = 0; i < sweep_scenes_nr; i++)
		if (!strcmp(sweep_scenes[i].name, x->scene))
			return &sweep_scenes[i];
	return NULL;
}

static enum perm use_of(const struct expectation *x)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uses); i++)
		if (!strncmp(x->row, uses[i].row, strlen(uses[i].row)))
			return uses[i].use;
	return PERM_INVALID;
}

static bool asks(const struct expectation *x, enum perm p)
{
	bool found = x->head == p;

	for (unsigned int i = 0; i < INSIDE_MAX; i++)
		found |= x->inside[i] == p;
	return found;
}

static void judge(const struct expectation *x, const char *under, int64_t have, int64_t want)
{
	calls++;
	if (have == want || (want == ANY && have >= 0))
		return;
	failures++;
	say("guest: sweep: %s (%s) without %s is %ld, not %ld", x->row, x->scene, under, (long)have, (long)want);
}

enum lack { LACK_NOTHING, LACK_ALL, LACK_USE, LACK_ONE };

static int64_t want_of(const struct expectation *x, enum lack lack, enum perm p)
{
	bool use_kept = is_kept(use_of(x));

	switch (lack) {
	case LACK_NOTHING:
		return x->ok;
	case LACK_ALL:
		return use_kept ? x->denied : -XEN_EACCES;
	case LACK_USE:
		return use_kept ? x->ok : -XEN_EACCES;
	case LACK_ONE:
		return p == use_of(x) ? -XEN_EACCES : asks(x, p) ? x->denied : x->ok;
	}
	return 0;
}

static void sweep_under(enum lack lack, enum perm p, const char *under)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct scene *s = scene_of(&expected[i]);

		if (s && !s->prepare && !s->clean)
			judge(&expected[i], under, s->run(), want_of(&expected[i], lack, p));
	}
}

static void lack_apply(enum lack lack, enum perm p)
{
	allow_all();
	if (lack == LACK_ALL) {
		for (unsigned int c = 1; c <= classes; c++)
			allow(c, 0);
		allow(place[P(security, load_policy)].class, 1u << place[P(security, load_policy)].bit);
	}
	if (lack == LACK_ALL || lack == LACK_USE)
		keep();
	if (lack == LACK_ONE)
		deny(p);
}

static int with_policy(enum lack lack, enum perm p)
{
	lack_apply(lack, p);
	CHECK_OK(load());
	return 0;
}

/* Every scene that needs no preparation, under one lack. */
static int sweep_plain(enum lack lack, enum perm p, const char *under)
{
	int line = with_policy(lack, p);

	if (!line)
		sweep_under(lack, p, under);
	return line;
}

/* One scene that prepares or leaves something, under one lack. */
static int sweep_prepared(const struct expectation *x, const struct scene *s, enum lack lack, enum perm p, const char *under)
{
	int64_t have;
	int line = with_policy(LACK_NOTHING, PERM_INVALID);

	if (line)
		return line;
	if (s->prepare)
		s->prepare();
	line = with_policy(lack, p);
	if (line)
		return line;
	have = s->run();
	judge(x, under, have, want_of(x, lack, p));
	line = with_policy(LACK_NOTHING, PERM_INVALID);
	if (!line && s->clean)
		s->clean();
	return line;
}

static int sweep_prepared_all(const struct expectation *x, const struct scene *s)
{
	int line = sweep_prepared(x, s, LACK_NOTHING, PERM_INVALID, "nothing");

	line = line ? line : sweep_prepared(x, s, LACK_ALL, PERM_INVALID, "anything");
	line = line ? line : sweep_prepared(x, s, LACK_USE, PERM_INVALID, "use");
	for (enum perm p = 1; p < PERM_COUNT && !line; p++)
		if (!is_kept(p) && (asks(x, p) || p == use_of(x) || random64() % 64 == 0))
			line = sweep_prepared(x, s, LACK_ONE, p, place[p].name);
	return line;
}

static int last_load(void)
{
	allow_all();
	deny(P(security, load_policy));
	CHECK_OK(load());
	CHECK_EQ(load(), -XEN_EACCES);
	return 0;
}

int test_sweep(void)
{
	unsigned int covered = 0;
	int line;

	permissions_number();
	line = policy_open();
	line = line ? line : sweep_scenes_init();
	line = line ? line : sweep_plain(LACK_NOTHING, PERM_INVALID, "nothing");
	line = line ? line : sweep_plain(LACK_ALL, PERM_INVALID, "anything");
	line = line ? line : sweep_plain(LACK_USE, PERM_INVALID, "use");
	for (enum perm p = 1; p < PERM_COUNT && !line; p++)
		if (!is_kept(p))
			line = sweep_plain(LACK_ONE, p, place[p].name);
	for (unsigned int i = 0; i < ARRAY_SIZE(expected) && !line; i++) {
		const struct scene *s = scene_of(&expected[i]);

		covered += s != NULL;
		if (s && (s->prepare || s->clean))
			line = sweep_prepared_all(&expected[i], s);
	}
	line = line ? line : last_load();
	say("guest: sweep: %u of %u uses of operations, %u permissions, %u calls, %u wrong", covered, (unsigned int)ARRAY_SIZE(expected), PERM_COUNT - 1u,
	    calls, failures);
	return line ? line : (int)failures;
}
