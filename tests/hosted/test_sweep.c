/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps of DESIGN, "Tested by construction": each operation under policies that deny everything, everything but `use`, `use` alone, and each
 * permission in turn, with valid arguments and living targets. Decisions come from here in place of Flask's vectors (the linker's --wrap), handlers
 * are counted on entry, and so are the windows through which guest memory is read. Expectations: expect_operations.h.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hv/flask.h>
#include <hv/guest.h>
#include <hv/internal.h>

#include "../../hypervisor/hypercall/handlers.h"
#include "../../xsm/authz.h"

#include "flask_oracle.h"

#define ANY		INT64_MAX	/* any number that is no error */
#define NONE		PERM_INVALID
#define P(c, p)		PERM_##c##__##p
#define INSIDE_MAX	4
#define ROWS_MAX	512
#define SERVICE		"system_u:system_r:xenstore_t:s0"

enum about { ABOUT_SELF, ABOUT_OTHER, ABOUT_PARTLY, ABOUT_EACH };

static const struct expectation {
	const char *row, *scene;
	int64_t (*run)(struct scene *s);
	enum perm head, inside[INSIDE_MAX];
	int64_t denied, ok;
	enum about about;
} expected[] = {
#define OP(hc, op, sc, h, d, o, a, ...) \
	{ .row = #hc "." #op, .scene = #sc, .run = scene_##sc, .head = h, .inside = { __VA_ARGS__ }, .denied = d, .ok = o, .about = a },
#define ABSENT(hc, op, status)
#include "expect_operations.h"
#undef OP
#undef ABSENT
};

static const struct absence {
	const char *row;
	int status;
} absent[] = {
#define OP(hc, op, sc, h, d, o, a, ...)
#define ABSENT(hc, op, status)	{ #hc "." #op, status },
#include "expect_operations.h"
#undef OP
#undef ABSENT
};

/* --- the policy of a sweep -------------------------------------------------------------------------------------------------------- */

#define POLICY_TARGETS 3

static struct policy {
	struct flask_vector usual, special;	/* `special` answers for the pairs named here; 0: any label */
	sid_t source, target[POLICY_TARGETS];
} sweep_policy, allow_all;

static bool observing;
static bool by_flask;			/* what is observed is decided by the policy in force */
static uint8_t stack_pattern;

const struct flask_vector *__real_flask_vector(sid_t source, sid_t target);
const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);
void *__real_edge_window_map(mfn_t mfn);
void *__wrap_edge_window_map(mfn_t mfn);

static bool policy_names_target(const struct policy *p, sid_t target)
{
	for (unsigned int i = 0; i < POLICY_TARGETS; i++)
		if (p->target[i] && p->target[i] == target)
			return true;
	return !p->target[0];
}

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	const struct policy *p = observing ? &sweep_policy : &allow_all;

	if (observing && by_flask)
		return __real_flask_vector(source, target);
	return (!p->source || p->source == source) && policy_names_target(p, target) ? &p->special : &p->usual;
}

static void vector_set(struct flask_vector *v, enum perm p, bool on)
{
	uint64_t bit = 1ull << (p % 64);

	v->allowed[p / 64] = on ? v->allowed[p / 64] | bit : v->allowed[p / 64] & ~bit;
}

static void policy_allow_all(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	memset(p->usual.allowed, 0xff, sizeof(p->usual.allowed));
	p->special = p->usual;
}

static void policy_deny(enum perm p)
{
	policy_allow_all(&sweep_policy);
	vector_set(&sweep_policy.special, p, false);
}

/* Denied from source (0: any) to target (0: any) only. */
static void policy_deny_on(enum perm p, sid_t source, sid_t target)
{
	policy_allow_all(&sweep_policy);
	vector_set(&sweep_policy.special, p, false);
	sweep_policy.source = source;
	sweep_policy.target[0] = target;
}

static bool perm_is_use(enum perm p)
{
	return strcmp(perm_class_name(p), "interface") == 0;
}

/* --- what is observed --------------------------------------------------------------------------------------------------------------- */

static op_handler handlers[ROWS_MAX];
static struct {
	unsigned int entered[ROWS_MAX], windows;
	unsigned int calls;
	sid_t caller, self, other;	/* labels at the call */
	uint64_t written;		/* all that the caller was given */
	bool given_back;		/* its argument */
	bool twice;			/* something was fetched again */
} seen;

void *__wrap_edge_window_map(mfn_t mfn)
{
	if (observing)
		seen.windows++;
	return __real_edge_window_map(mfn);
}

static int64_t handler_entered(struct authz *az, void *arg, struct hypercall *hc)
{
	if (observing)
		seen.entered[az->op->index]++;
	return handlers[az->op->index](az, arg, hc);
}

/* The product's table is constant; here its handlers are led through handler_entered. */
static void table_instrument(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)op_rows & ~(page - 1);
	uintptr_t end = (uintptr_t)(op_rows + op_row_count);

	assert_in_range(op_row_count, 1, ROWS_MAX);
	assert_int_equal(mprotect((void *)start, end - start, PROT_READ | PROT_WRITE), 0);
	for (unsigned int i = 0; i < op_row_count; i++) {
		struct op_row *row = (struct op_row *)(uintptr_t)&op_rows[i];

		if (!row->handler || row->handler == handler_entered)
			continue;
		handlers[i] = row->handler;
		*(op_handler volatile *)&row->handler = handler_entered;
	}
}

static const struct op_row *row_named(const char *name)
{
	for (unsigned int i = 0; i < op_row_count; i++)
		if (strcmp(op_rows[i].operation.name, name) == 0)
			return &op_rows[i];
	return NULL;
}

/* --- scenes --------------------------------------------------------------------------------------------------------------------------- */

static bool compat_caller;		/* a program of 32 bits calls */

static int64_t compat_call(struct domain *d, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct hypercall hc = { .nr = nr, .arg = { a0, a1, a2, a3 }, .privileged = true, .compat = true };

	hosted_run_vcpu(d->vcpu[0]);
	hypercall_dispatch(d->vcpu[0], &hc);
	return hc.result;
}

int64_t sweep_call(struct scene *s, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	int64_t rc;

	memset(&seen.entered, 0, sizeof(seen.entered));
	seen.windows = 0;
	seen.calls++;
	seen.caller = s->caller->label.sid;
	seen.self = s->caller->label.self_sid;
	seen.other = s->other ? s->other->label.sid : 0;
	observing = true;
	sweep_watch_begin(stack_pattern);
	rc = compat_caller ? compat_call(s->caller, nr, a0, a1, a2, a3) : hosted_hypercall(s->caller, nr, a0, a1, a2, a3, 0);
	seen.written = sweep_watch_end(&seen.twice, &seen.given_back);
	observing = false;
	return rc;
}

int64_t sweep_arg_call(struct scene *s, uint64_t nr, uint64_t cmd, void *arg, size_t len)
{
	int64_t rc;

	hosted_write(s->caller, ARG_GPA, arg, len);
	rc = sweep_call(s, nr, cmd, ARG_GPA, 1, 0);
	hosted_read(s->caller, ARG_GPA, arg, len);
	return rc;
}

int64_t sweep_head_call(struct scene *s, uint64_t nr, void *arg, size_t len)
{
	int64_t rc;

	hosted_write(s->caller, ARG_GPA, arg, len);
	rc = sweep_call(s, nr, ARG_GPA, 0, 0, 0);
	hosted_read(s->caller, ARG_GPA, arg, len);
	return rc;
}

static sid_t sid_of(const char *context)
{
	sid_t sid;

	assert_int_equal(flask_context_to_sid(context, strlen(context), &sid), 0);
	return sid;
}

void scene_third(struct scene *s)
{
	s->third = hosted_domain(3, TENANT_2, OTHER_PAGES, 1);
}

void scene_rebuild(struct scene *s)
{
	sid_t sid;

	assert_int_equal(flask_transition(sid_of(CONTROL), s->other_sid, "domain_build", &sid), 0);
	assert_int_not_equal(sid, s->other_sid);
	s->other->label.sid = sid;
	s->other->life = DOMAIN_BUILDING;
}

struct domain *scene_domain_of(struct scene *s, domid_t id)
{
	struct domain *d = domain_lookup_raw(id);

	(void)s;
	assert_non_null(d);
	return d;
}

static int64_t scene_run(const struct expectation *e, const char *caller_label, const char *other_label)
{
	struct scene s = { .caller = hosted_domain(1, caller_label, CALLER_PAGES, 2), .other_sid = sid_of(other_label) };
	int64_t rc;

	s.other = hosted_domain(2, other_label, OTHER_PAGES, 1);
	rc = e->run(&s);
	if (s.third)
		hosted_domain_kill(s.third);
	hosted_domain_kill(s.other);
	hosted_domain_kill(s.caller);
	return rc;
}

/* A processor with basic leaves and nothing in them. */
static void host_cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	(void)subleaf;
	*r = (struct cpuid_regs){ leaf == 0 ? 0xd : leaf == 0x80000000u ? 0x80000008u : 0, 0, 0, 0 };
}

static int machine(void **state)
{
	(void)state;
	cpuid_host_init(host_cpuid);
	hosted_machine_init();
	table_instrument();
	policy_allow_all(&allow_all);
	policy_allow_all(&sweep_policy);
	return 0;
}

static unsigned int entered(const struct expectation *e)
{
	return seen.entered[op_index(row_named(e->row))];
}

static bool asks_inside(const struct expectation *e, enum perm p)
{
	for (unsigned int i = 0; i < INSIDE_MAX; i++)
		if (e->inside[i] == p && p != NONE)
			return true;
	return false;
}

static bool has_worked(const struct expectation *e, int64_t rc)
{
	return entered(e) > 0 && (e->ok == ANY ? rc >= 0 : rc == e->ok);
}

/* A denial is written down, with the operation's name; but for the console's output, which every guest tries. */
static bool is_recorded(const struct expectation *e)
{
	bool quiet = strcmp(e->row, "console_io.write") == 0;
	char name[64];

	snprintf(name, sizeof(name), " op=%s ", e->row);
	return e->denied >= 0 || e->denied == -XEN_ESRCH || !strstr(hosted_console(), name) == quiet;
}

/* tests/mutate: the living mutant concerns some rows alone, and one complaint is enough. */
#ifdef MUTATE
bool mutant_concerns(const char *row);
#define CONCERNS(e)	mutant_concerns((e)->row)
#define ALL_CONCERNED	false
#define COMPLAINED()	exit(1)
#else
#define CONCERNS(e)	true
#define ALL_CONCERNED	true
#define COMPLAINED()	((void)0)
#endif

#define FOR_EACH_AT_ALL(e) for (const struct expectation *e = expected; e < expected + ARRAY_SIZE(expected); e++)
#define FOR_EACH_EXPECTED(e) FOR_EACH_AT_ALL(e) if (CONCERNS(e))

static unsigned int complaints;

static void __printf(2, 3) complain(const struct expectation *e, const char *fmt, ...)
{
	va_list ap;

	complaints++;
	fprintf(stderr, "%s (%s): ", e->row, e->scene);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	COMPLAINED();
}

/* --- the table and the expectations ----------------------------------------------------------------------------------------------------- */

static bool is_expected(const char *row)
{
	FOR_EACH_AT_ALL(e)
		if (strcmp(e->row, row) == 0)
			return true;
	return false;
}

static const struct absence *absence_of(const char *row)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++)
		if (strcmp(absent[i].row, row) == 0)
			return &absent[i];
	return NULL;
}

static bool row_matches(const struct op_row *row)
{
	const struct absence *a = absence_of(row->operation.name);

	if (row->flags & ROW_NEST)
		return !a && !is_expected(row->operation.name);
	if (row->flags & ROW_REFUSED)
		return a && !is_expected(row->operation.name) && row->operation.denied == a->status;
	return !a && is_expected(row->operation.name);
}

static void test_rows_and_expectations(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (unsigned int i = 0; i < op_row_count; i++)
		if (!row_matches(&op_rows[i])) {
			fprintf(stderr, "row without its expectation: %s\n", op_rows[i].operation.name);
			wrong++;
		}
	FOR_EACH_EXPECTED(e)
		if (!row_named(e->row))
			complain(e, "no such row");
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++)
		wrong += !row_named(absent[i].row);
	assert_int_equal(wrong + complaints, 0);
}

/* What the row names is what the expectation says is asked first. */
static void test_permission_of_each_row(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		const struct op_row *row = row_named(e->row);

		if (e->head != NONE ? row->perm != e->head : row->target != TARGET_DATA && row->target != TARGET_SID)
			complain(e, "the row asks %s:%s", perm_class_name(row->perm), perm_name(row->perm));
	}
	assert_int_equal(complaints, 0);
}

/* --- the sweeps ---------------------------------------------------------------------------------------------------------------------------- */

static void test_everything_allowed(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc = scene_run(e, CONTROL, TENANT_1);

		if (!has_worked(e, rc))
			complain(e, "entered %u times, result %ld", entered(e), (long)rc);
	}
	assert_int_equal(complaints, 0);
}

static void test_everything_denied(void **state)
{
	(void)state;
	memset(&sweep_policy, 0, sizeof(sweep_policy));
	FOR_EACH_EXPECTED(e) {
		int64_t rc = scene_run(e, CONTROL, TENANT_1);

		if (rc != -XEN_EACCES || entered(e) || seen.windows)
			complain(e, "result %ld, entered %u times, %u windows", (long)rc, entered(e), seen.windows);
	}
	assert_int_equal(complaints, 0);
}

static void test_everything_denied_but_use(void **state)
{
	(void)state;
	memset(&sweep_policy, 0, sizeof(sweep_policy));
	for (enum perm p = 1; p < PERM_COUNT; p++)
		vector_set(&sweep_policy.special, p, perm_is_use(p));
	FOR_EACH_EXPECTED(e) {
		int64_t rc = scene_run(e, CONTROL, TENANT_1);

		if (e->head != NONE && perm_is_use(e->head))
			continue;	/* multicall: nothing but `use` */
		if (rc != e->denied || (e->head != NONE && entered(e)))
			complain(e, "result %ld, entered %u times", (long)rc, entered(e));
	}
	assert_int_equal(complaints, 0);
}

static enum perm use_of(const struct expectation *e)
{
	return op_hypercall_find(row_named(e->row)->hypercall)->use;
}

static void test_only_use_denied(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc;

		policy_deny(use_of(e));
		rc = scene_run(e, CONTROL, TENANT_1);
		if (rc != -XEN_EACCES || entered(e) || seen.windows)
			complain(e, "result %ld, entered %u times, %u windows", (long)rc, entered(e), seen.windows);
	}
	assert_int_equal(complaints, 0);
}

static void one_permission_check(const struct expectation *e, enum perm p)
{
	bool use = p == use_of(e), head = p == e->head, inside = asks_inside(e, p), right;
	int64_t rc;

	hosted_console_clear();
	rc = scene_run(e, CONTROL, TENANT_1);
	if (use)
		right = rc == -XEN_EACCES && !entered(e) && !seen.windows;
	else if (head || inside)
		right = rc == e->denied && (inside || !entered(e)) && is_recorded(e);
	else
		right = has_worked(e, rc);
	if (!right)
		complain(e, "without %s:%s the result is %ld, entered %u times", perm_class_name(p), perm_name(p), (long)rc, entered(e));
}

static void test_each_permission_denied_alone(void **state)
{
	(void)state;
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		machine(NULL);
		policy_deny(p);
		FOR_EACH_EXPECTED(e) {
			hosted_time_advance(1000000000u);	/* nobody has been noisy */
			one_permission_check(e, p);
		}
	}
	assert_int_equal(complaints, 0);
}

/* --- objects of each label -------------------------------------------------------------------------------------------------------------------- */

static sid_t transition(sid_t source, sid_t target, const char *class_name)
{
	sid_t sid;

	assert_int_equal(flask_transition(source, target, class_name, &sid), 0);
	return sid;
}

/* p is denied towards one label, and what goes with it. Whether the operation on a domain of that label then fails; on another it has to work. */
static bool denied_by_label(const struct expectation *e, enum perm p, const char *label, const char *free)
{
	int64_t rc;
	bool denied;

	policy_deny_on(p, 0, sid_of(label));
	sweep_policy.target[1] = transition(sid_of(CONTROL), sid_of(label), "domain_build");
	sweep_policy.target[2] = transition(sid_of(label), sid_of(CONTROL), "event");
	rc = scene_run(e, CONTROL, label);
	denied = rc == e->denied;
	if (!denied && !has_worked(e, rc))
		complain(e, "without %s:%s on the label the result is %ld", perm_class_name(p), perm_name(p), (long)rc);
	rc = scene_run(e, CONTROL, free);
	if (!has_worked(e, rc))
		complain(e, "without %s:%s on a label that is not there the result is %ld", perm_class_name(p), perm_name(p), (long)rc);
	return denied;
}

static void objects_check(const struct expectation *e)
{
	static const char *const labels[][2] = { { TENANT_1, SERVICE }, { SERVICE, TENANT_1 } };
	unsigned int asked = 0, denied = 0;

	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int k = 0; k <= INSIDE_MAX; k++) {
			enum perm p = k < INSIDE_MAX ? e->inside[k] : e->head;

			if (p == NONE)
				continue;
			asked++;
			hosted_time_advance(1000000000u);
			denied += denied_by_label(e, p, labels[i][0], labels[i][1]);
		}
	if (e->about == ABOUT_OTHER ? denied != asked : e->about == ABOUT_PARTLY ? denied == 0 || denied == asked : denied > 0)
		complain(e, "%u of %u questions are about the other domain's label", denied, asked);
}

static void test_objects_of_each_label(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (e->about != ABOUT_EACH)
			objects_check(e);
	assert_int_equal(complaints, 0);
}

static const struct expectation *expectation_of(const char *scene)
{
	FOR_EACH_AT_ALL(e)
		if (strcmp(e->scene, scene) == 0)
			return e;
	fail_msg("no scene %s", scene);
	return NULL;
}

static void pair_check(const char *scene, enum perm p, const char *source, const char *target, bool denies)
{
	const struct expectation *e = expectation_of(scene);
	int64_t rc;

	policy_deny_on(p, sid_of(source), sid_of(target));
	rc = scene_run(e, CONTROL, TENANT_1);
	if (denies ? rc != e->denied : !has_worked(e, rc))
		complain(e, "%s:%s of a pair denied: %ld", perm_class_name(p), perm_name(p), (long)rc);
}

/* The caller may do it with both; the third domain (tenant 2) and the other one (tenant 1) are asked about as a pair, in that direction. */
static void test_pairs(void **state)
{
	(void)state;
	pair_check("batch_pair", PERM_mmu__map_read, TENANT_2, TENANT_1, true);
	pair_check("batch_pair", PERM_mmu__map_write, TENANT_2, TENANT_1, true);
	pair_check("batch_pair", PERM_mmu__map_read, TENANT_1, TENANT_2, false);
	pair_check("batch_pair", PERM_mmu__physmap, CONTROL, TENANT_2, true);
	pair_check("batch_pair", PERM_mmu__physmap, CONTROL, TENANT_1, false);
	pair_check("grant_copy_pair", PERM_grant__copy, TENANT_2, TENANT_1, true);
	pair_check("grant_copy_pair", PERM_grant__copy, TENANT_1, TENANT_2, false);
	pair_check("grant_copy_pair", PERM_grant__copy, CONTROL, TENANT_2, true);
	pair_check("grant_copy_pair", PERM_grant__copy, CONTROL, TENANT_1, true);
	assert_int_equal(complaints, 0);
}

static sid_t channel_label(const char *local, const char *remote)
{
	return transition(sid_of(local), sid_of(remote), "event");
}

static void channel_check(const char *scene, enum perm p, const char *caller, bool denies)
{
	const struct expectation *e = expectation_of(scene);
	int64_t rc = scene_run(e, caller, TENANT_2);

	if (denies ? rc != e->denied : !has_worked(e, rc))
		complain(e, "%s:%s of a channel's label denied: %ld", perm_class_name(p), perm_name(p), (long)rc);
}

/* Sends, and looks at a channel, by the label of the channel that the port leads to. */
static void test_channels_of_each_label(void **state)
{
	static const struct {
		const char *scene;
		enum perm p;
	} uses[] = { { "event_send", PERM_event__send }, { "event_status", PERM_event__status }, { "event_alloc", PERM_event__create },
		     { "event_bind", PERM_event__create } };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(uses); i++) {
		policy_deny_on(uses[i].p, 0, channel_label(TENANT_1, TENANT_2));
		channel_check(uses[i].scene, uses[i].p, TENANT_1, true);
		channel_check(uses[i].scene, uses[i].p, CONTROL, false);
	}
	/* The waiting end is asked about again: it may have been relabelled since. */
	policy_deny_on(PERM_event__bind, channel_label(TENANT_2, CONTROL), 0);
	channel_check("event_bind", PERM_event__bind, CONTROL, true);
	assert_int_equal(complaints, 0);
}

/* The label that a domain is built under is created, too. */
static void test_both_labels_of_a_new_domain(void **state)
{
	const struct expectation *e = expectation_of("createdomain");
	sid_t build = transition(sid_of(CONTROL), sid_of(TENANT_1), "domain_build");

	(void)state;
	assert_int_not_equal(build, sid_of(TENANT_1));
	policy_deny_on(PERM_domain__create, 0, build);
	assert_int_equal(scene_run(e, CONTROL, TENANT_1), -XEN_EACCES);
	policy_deny_on(PERM_domain__create, 0, sid_of(TENANT_1));
	assert_int_equal(scene_run(e, CONTROL, TENANT_1), -XEN_EACCES);
	policy_deny_on(PERM_domain__create, 0, sid_of(TENANT_2));
	assert_int_equal(scene_run(e, CONTROL, TENANT_1), 0);
}

static void test_list_shows_what_may_be_seen(void **state)
{
	const struct expectation *e = expectation_of("getdomaininfolist");

	(void)state;
	policy_deny_on(PERM_domain__getdomaininfo, 0, sid_of(TENANT_1));
	assert_int_equal(scene_run(e, CONTROL, TENANT_1), 1);
	assert_int_equal(scene_run(e, CONTROL, SERVICE), 2);
	/* Nor does a walk by ids show it. */
	policy_deny_on(PERM_domain__getdomaininfo, 0, transition(sid_of(CONTROL), sid_of(CONTROL), "domain"));
	assert_int_equal(scene_run(expectation_of("getdomaininfo_next"), CONTROL, TENANT_1), 2);
}

/* Each entry is an operation of its own: one that is denied says so, the others run. */
static void test_multicall_entries(void **state)
{
	struct multicall_entry e[3] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = __HYPERVISOR_console_io, .args = { CONSOLEIO_write, 4, BUF_GPA } },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_pagesize } },
	};
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2) };

	(void)state;
	policy_deny(PERM_xen__writeconsole);
	hosted_write(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal(sweep_call(&s, __HYPERVISOR_multicall, BUF_GPA, 3, 0, 0), 0);
	assert_false(seen.twice);
	hosted_read(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal((int64_t)e[0].result, 0x40011);
	assert_int_equal((int64_t)e[1].result, -XEN_EACCES);
	assert_int_equal((int64_t)e[2].result, 4096);
	assert_int_equal(seen.entered[op_index(row_named("console_io.write"))], 0);
	policy_deny(PERM_interface__console_io);
	hosted_write(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal(sweep_call(&s, __HYPERVISOR_multicall, BUF_GPA, 3, 0, 0), 0);
	hosted_read(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal((int64_t)e[1].result, -XEN_EACCES);
	assert_int_equal((int64_t)e[2].result, 4096);
	hosted_domain_kill(s.caller);
}

/* What the revocation sweep lets stay is what the map had to ask for, neither more nor less. */
static void test_what_may_stay(void **state)
{
	struct domain *mapper = hosted_domain(1, CONTROL, CALLER_PAGES, 1), *owner = hosted_domain(2, TENANT_1, OTHER_PAGES, 1);
	sid_t channel = channel_label(CONTROL, TENANT_1);
	struct domain_link link = domain_link_make(owner);

	(void)state;
	observing = true;
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		policy_deny_on(p, sid_of(CONTROL), sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_foreign(mapper, &link, true), p != PERM_domain2__resource_map);
		assert_int_equal(gate_may_keep_foreign(mapper, &link, false), p != PERM_mmu__map_read && p != PERM_mmu__map_write);
	}
	domain_link_drop(&link);
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		policy_deny_on(p, sid_of(CONTROL), sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_grant(mapper, owner, false), p != PERM_grant__map_read);
		assert_int_equal(gate_may_keep_grant(mapper, owner, true), p != PERM_grant__map_read && p != PERM_grant__map_write);
		policy_deny_on(p, sid_of(CONTROL), channel);
		assert_int_equal(gate_may_keep_channel(mapper, channel, owner), p != PERM_event__send);
		policy_deny_on(p, channel, sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_channel(mapper, channel, owner), p != PERM_event__bind);
	}
	observing = false;
	hosted_domain_kill(owner);
	hosted_domain_kill(mapper);
}

/* --- the caller's memory ------------------------------------------------------------------------------------------------------------------ */

/* It may change between two fetches. */
static void test_nothing_is_fetched_twice(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		scene_run(e, CONTROL, TENANT_1);
		if (seen.twice)
			complain(e, "something is fetched twice in one pass");
	}
	assert_int_equal(complaints, 0);
}

static uint64_t written_with(const struct expectation *e, uint8_t pattern, bool fresh)
{
	if (fresh)
		machine(NULL);
	hosted_time_set(5000000000u);
	stack_pattern = pattern;
	scene_run(e, CONTROL, TENANT_1);
	return seen.written;
}

/* Numbers that count up from run to run make some answers differ anyway: those of the policy on a fresh machine, those of domains on one that goes on. */
static bool depends_on_stack(const struct expectation *e, bool fresh)
{
	uint64_t a = written_with(e, 0x5a, fresh), b = written_with(e, 0xc3, fresh);

	return a != b && written_with(e, 0xc3, fresh) == b;
}

/* Of what was on the stack before the call, nothing reaches the caller. */
static void test_no_stale_byte_is_written(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (depends_on_stack(e, true) || depends_on_stack(e, false))
			complain(e, "what is written depends on what the stack held");
	assert_int_equal(complaints, 0);
}

/* --- whom it is about ------------------------------------------------------------------------------------------------------------------------------- */

/* Of these, the hypervisor's label and the policy's are not asked about: everybody may know them of himself. */
static bool is_about_oneself(enum perm p)
{
	return p == PERM_version__version || p == PERM_version__platform_parameters || p == PERM_version__features || p == PERM_security__read_state;
}

/* Whose label has to be asked about: by what is asked, not by the table. */
static sid_t head_target(const struct expectation *e)
{
	const char *class = perm_class_name(e->head);

	if (is_about_oneself(e->head))
		return seen.self;
	if (strcmp(class, "xen") == 0 || strcmp(class, "xen2") == 0 || strcmp(class, "version") == 0)
		return flask_initial_sid(2);
	if (strcmp(class, "security") == 0 || strcmp(class, "audit") == 0 || (strcmp(class, "shype") == 0 && e->head != PERM_shype__attach))
		return flask_initial_sid(7);
	return e->about == ABOUT_OTHER ? seen.other : seen.self;
}

static bool asks_one_question(const struct expectation *e)
{
	return e->head != NONE && e->inside[0] == NONE && (e->about == ABOUT_SELF || e->about == ABOUT_OTHER);
}

/* Denied on that label alone it is denied, denied on any other it is not: whose it is does not come from the table. */
static void asked_about(const struct expectation *e, sid_t target)
{
	const sid_t labels[] = { seen.self, seen.caller, seen.other, flask_initial_sid(2), flask_initial_sid(7) };

	for (unsigned int i = 0; i < ARRAY_SIZE(labels); i++) {
		int64_t rc;

		if (!labels[i])
			continue;
		policy_deny_on(e->head, 0, labels[i]);
		rc = scene_run(e, CONTROL, TENANT_1);
		if ((rc == e->denied) != (labels[i] == target))
			complain(e, "denied on label %u, asked about %u: result %ld", labels[i], target, (long)rc);
	}
	policy_allow_all(&sweep_policy);
}

static void test_whose_label_is_asked_about(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (asks_one_question(e)) {
			scene_run(e, CONTROL, TENANT_1);
			asked_about(e, head_target(e));
		}
	assert_int_equal(complaints, 0);
}

/* --- what comes back --------------------------------------------------------------------------------------------------------------------------------- */

static void test_what_is_given_back(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e) {
		int64_t rc = scene_run(e, CONTROL, TENANT_1);

		if (row_named(e->row)->arg_size && has_worked(e, rc) && rc >= 0 && seen.given_back != sweep_gives_back(e->row))
			complain(e, seen.given_back ? "the argument is written" : "the argument is not given back");
	}
	assert_int_equal(complaints, 0);
}

/* --- memory runs out ------------------------------------------------------------------------------------------------------------------------------- */

/* What was done before is said where a call does several things; grants have words of their own. */
static bool says_no_memory(const struct expectation *e, int64_t rc)
{
	if (strcmp(e->row, "memory.populate_physmap") == 0)
		return rc == 0;
	if (strcmp(e->row, "grant_table.map_grant_ref") == 0)
		return rc == GNTST_no_device_space || rc == GNTST_no_space;
	return rc == -XEN_ENOMEM;
}

/* With the n-th allocation of the call refused. Nothing but that may come of it: an answer that says so, and a machine that is whole. */
static bool without_memory(const struct expectation *e, unsigned int n)
{
	int64_t rc;
	uint64_t guest, heap;

	machine(NULL);
	scene_run(e, CONTROL, TENANT_1);
	guest = guest_pages_free();
	heap = heap_pages_free();
	sweep_refuse_memory(n);
	rc = scene_run(e, CONTROL, TENANT_1);
	if (!sweep_was_refused())
		return false;
	if (!says_no_memory(e, rc) && !has_worked(e, rc))
		complain(e, "result %ld when allocation %u fails", (long)rc, n);
	if (guest_pages_free() != guest || heap_pages_free() != heap)
		complain(e, "%ld pages, %ld of the heap are missing when allocation %u fails", (long)(guest - guest_pages_free()), (long)(heap - heap_pages_free()), n);
	return true;
}

static void test_memory_runs_out(void **state)
{
	unsigned int refused = 0;

	(void)state;
	FOR_EACH_EXPECTED(e)
		for (unsigned int n = 1; n < 40 && without_memory(e, n); n++)
			refused++;
	print_message("%u allocations refused\n", refused);
	assert_int_equal(complaints, 0);
	assert_true(!ALL_CONCERNED || refused >= 40);
}

/* --- decisions of a real policy ----------------------------------------------------------------------------------------------------------------- */

static uint32_t oracle_label(sid_t sid)
{
	char text[512];
	size_t needed;
	uint32_t theirs;

	assert_int_equal(flask_sid_to_context(sid, text, sizeof(text), &needed), 0);
	assert_int_equal(oracle_sid(text, &theirs), 0);
	return theirs;
}

static bool oracle_allows(sid_t source, sid_t target, enum perm p)
{
	uint16_t class = oracle_class(perm_class_name(p));
	uint32_t allowed, auditallow, auditdeny;

	assert_int_equal(oracle_access(oracle_label(source), oracle_label(target), class, &allowed, &auditallow, &auditdeny), 0);
	return allowed & oracle_perm(class, perm_name(p));
}

/* libsepol says what the policy says; the operation has to end as if it had been asked. */
static void decision_check(const struct expectation *e, const char *caller, const char *other, unsigned int count[2])
{
	int64_t rc = scene_run(e, caller, other);
	bool use = oracle_allows(seen.caller, seen.self, use_of(e)), head = oracle_allows(seen.caller, head_target(e), e->head);

	if (!use ? rc != -XEN_EACCES : !head ? rc != e->denied : !has_worked(e, rc))
		complain(e, "%s with %s: use %d, %s:%s %d, result %ld", caller, other, use, perm_class_name(e->head), perm_name(e->head), head, (long)rc);
	count[use && head]++;
}

static void test_decisions_of_the_policy(void **state)
{
	static const char *const callers[] = { CONTROL, TENANT_1, SERVICE, "system_u:system_r:xenstore_t:s0-s0:c0.c1023" };
	static const char *const others[] = { TENANT_1, TENANT_2, SERVICE };
	unsigned int count[2] = { 0 };

	(void)state;
	assert_int_equal(oracle_load("build/policy"), 0);
	by_flask = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(callers) * ARRAY_SIZE(others); i++)
		FOR_EACH_EXPECTED(e)
			if (asks_one_question(e))
				decision_check(e, callers[i % ARRAY_SIZE(callers)], others[i / ARRAY_SIZE(callers)], count);
	by_flask = false;
	assert_int_equal(complaints, 0);
	print_message("%u denied, %u allowed\n", count[0], count[1]);
	assert_true(!ALL_CONCERNED || (count[0] > 100 && count[1] > 100));
}

/* --- refused rows, unprivileged callers ------------------------------------------------------------------------------------------------------ */

/* A call that names this row, by the numbers that check-operations.sh holds against the public headers. */
static int64_t call_by_number(struct scene *s, const struct op_row *row)
{
	const struct op_hypercall *h = op_hypercall_find(row->hypercall);
	uint32_t head[OP_HEAD_MAX / sizeof(uint32_t)] = { row->sub, h->version };
	struct { uint64_t at, size; } buffer = { BUF_GPA, sizeof(head) };

	if (row->nested != OP_ALL)
		for (unsigned int i = 0; i < op_row_count; i++)
			if (op_rows[i].hypercall == row->hypercall && op_rows[i].sub == row->sub && (op_rows[i].flags & ROW_NEST))
				head[op_rows[i].nested / sizeof(uint32_t)] = row->nested;
	hosted_write(s->caller, BUF_GPA, head, sizeof(head));
	hosted_write(s->caller, ARG_GPA, &buffer, sizeof(buffer));
	switch (h->sub) {
	case SUB_HEAD:
		return sweep_call(s, row->hypercall, BUF_GPA, 0, 0, 0);
	case SUB_BUFFER:
		return sweep_call(s, row->hypercall, s->other->id, 1, ARG_GPA, 0);
	case SUB_ABSENT:
	case SUB_NONE:
	case SUB_REG:
	case SUB_REG_MASKED:
		break;
	}
	return sweep_call(s, row->hypercall, row->sub, BUF_GPA, 1, 0);
}

static unsigned int refused_wrong(struct scene *s, const struct op_row *row, int64_t status)
{
	int64_t rc = call_by_number(s, row);

	if (rc == status)
		return 0;
	fprintf(stderr, "%s: %ld instead of %ld\n", row->operation.name, (long)rc, (long)status);
	return 1;
}

static void test_refused_rows(void **state)
{
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2), .other = hosted_domain(2, TENANT_1, OTHER_PAGES, 1) };
	unsigned int wrong = 0;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		const struct op_row *row = row_named(absent[i].row);

		policy_allow_all(&sweep_policy);
		wrong += refused_wrong(&s, row, -absent[i].status);
		memset(&sweep_policy, 0, sizeof(sweep_policy));
		vector_set(&sweep_policy.special, op_hypercall_find(row->hypercall)->use, true);
		wrong += refused_wrong(&s, row, -absent[i].status);
		policy_deny(op_hypercall_find(row->hypercall)->use);
		wrong += refused_wrong(&s, row, -XEN_EACCES);
		wrong += seen.windows > 0;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(s.caller->refused_count, 2 * ARRAY_SIZE(absent));
	hosted_domain_kill(s.other);
	hosted_domain_kill(s.caller);
}

/* Their argument has pointers or alignment that a caller of 32 bits lays out otherwise: by hand, from Xen's public headers. */
static const char *const not_for_32_bits[] = {
	"memory.decrease_reservation", "memory.populate_physmap", "memory.add_to_physmap", "memory.memory_map", "memory.set_memory_map",
	"memory.remove_from_physmap", "memory.set_pod_target", "memory.get_pod_target", "memory.add_to_physmap_batch", "memory.claim_pages",
	"memory.acquire_resource", "multicall.run", "set_timer.op", "xen_version.platform_parameters", "grant_table.setup_table", "grant_table.copy",
	"vcpu.get_runstate_info", "vcpu.register_runstate", "vcpu.set_singleshot_timer", "vcpu.register_time", "xsm.load", "xsm.context_to_sid",
	"xsm.sid_to_context", "xsm.getbool", "xsm.setbool", "xsm.add_ocontext", "xsm.del_ocontext", "ravelin.shype_load", "sched.poll",
	"platform.settime32", "platform.get_cpuinfo", "platform.settime64",
};

static bool is_for_32_bits(const char *row)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(not_for_32_bits); i++)
		if (strcmp(not_for_32_bits[i], row) == 0)
			return false;
	return true;
}

/* They are told that there is no such call, before anything is fetched; all others are asked for permission like everybody. */
static void test_callers_of_32_bits(void **state)
{
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2), .other = hosted_domain(2, TENANT_1, OTHER_PAGES, 1) };
	unsigned int wrong = 0;

	(void)state;
	compat_caller = true;
	FOR_EACH_EXPECTED(e) {
		const struct op_row *row = row_named(e->row);
		int64_t rc;

		memset(&sweep_policy, 0, sizeof(sweep_policy));
		vector_set(&sweep_policy.special, op_hypercall_find(row->hypercall)->use, true);
		rc = call_by_number(&s, row);
		if ((rc == -XEN_ENOSYS) != !is_for_32_bits(row->operation.name)) {
			complain(e, "called by a program of 32 bits: %ld", (long)rc);
			wrong++;
		}
	}
	compat_caller = false;
	assert_int_equal(wrong, 0);
	hosted_domain_kill(s.other);
	hosted_domain_kill(s.caller);
}

static void test_user_mode_has_no_hypercalls(void **state)
{
	struct domain *d = hosted_domain(1, CONTROL, CALLER_PAGES, 1);

	(void)state;
	observing = true;
	hosted_run_vcpu(d->vcpu[0]);
	seen.windows = 0;
	for (unsigned int i = 0; i < op_row_count; i++) {
		struct hypercall hc = { .nr = op_rows[i].hypercall, .arg = { op_rows[i].sub, BUF_GPA, 1 }, .privileged = false };

		hypercall_dispatch(d->vcpu[0], &hc);
		assert_int_equal(hc.result, -XEN_EPERM);
	}
	observing = false;
	assert_int_equal(seen.windows, 0);
	hosted_domain_kill(d);
}

static int begin(void **state)
{
	complaints = 0;
	compat_caller = false;
	by_flask = false;
	return machine(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows_and_expectations, begin),
		cmocka_unit_test_setup(test_permission_of_each_row, begin),
		cmocka_unit_test_setup(test_everything_allowed, begin),
		cmocka_unit_test_setup(test_everything_denied, begin),
		cmocka_unit_test_setup(test_everything_denied_but_use, begin),
		cmocka_unit_test_setup(test_only_use_denied, begin),
		cmocka_unit_test_setup(test_each_permission_denied_alone, begin),
		cmocka_unit_test_setup(test_objects_of_each_label, begin),
		cmocka_unit_test_setup(test_pairs, begin),
		cmocka_unit_test_setup(test_channels_of_each_label, begin),
		cmocka_unit_test_setup(test_both_labels_of_a_new_domain, begin),
		cmocka_unit_test_setup(test_list_shows_what_may_be_seen, begin),
		cmocka_unit_test_setup(test_multicall_entries, begin),
		cmocka_unit_test_setup(test_what_may_stay, begin),
		cmocka_unit_test_setup(test_decisions_of_the_policy, begin),
		cmocka_unit_test_setup(test_nothing_is_fetched_twice, begin),
		cmocka_unit_test_setup(test_no_stale_byte_is_written, begin),
		cmocka_unit_test_setup(test_whose_label_is_asked_about, begin),
		cmocka_unit_test_setup(test_what_is_given_back, begin),
		cmocka_unit_test_setup(test_memory_runs_out, begin),
		cmocka_unit_test_setup(test_refused_rows, begin),
		cmocka_unit_test_setup(test_callers_of_32_bits, begin),
		cmocka_unit_test_setup(test_user_mode_has_no_hypercalls, begin),
	};
	int failed = cmocka_run_group_tests_name("sweep", tests, NULL, NULL);

	fprintf(stderr, "%zu scenes, %zu absent operations, %u permissions: %u observed calls\n", ARRAY_SIZE(expected), ARRAY_SIZE(absent),
		PERM_COUNT - 1, seen.calls);
	return failed;
}
