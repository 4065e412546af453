/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine behind the sweeps: decisions come from here in place of Flask's vectors (the linker's --wrap), handlers are counted on entry, and so are
 * the windows through which guest memory is read. Expectations: expect_operations.h.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep_tests.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hv/guest.h>
#include <hv/internal.h>

#include "../../xsm/authz.h"

#define ANY		INT64_MAX	/* any number that is no error */
#define P(c, p)		PERM_##c##__##p

const struct expectation sweep_expected[] = {
#define OP(hc, op, sc, h, d, o, a, ...) \
	{ .row = #hc "." #op, .scene = #sc, .run = scene_##sc, .head = h, .inside = { __VA_ARGS__ }, .denied = d, .ok = o, .about = a },
#define ABSENT(hc, op, status)
#include "expect_operations.h"
#undef OP
#undef ABSENT
};
const unsigned int sweep_expected_nr = ARRAY_SIZE(sweep_expected);

const struct absence sweep_absent[] = {
#define OP(hc, op, sc, h, d, o, a, ...)
#define ABSENT(hc, op, status)	{ #hc "." #op, status },
#include "expect_operations.h"
#undef OP
#undef ABSENT
};
const unsigned int sweep_absent_nr = ARRAY_SIZE(sweep_absent);

/* --- the policy of a sweep -------------------------------------------------------------------------------------------------------- */

struct sweep_policy sweep_policy;
static struct sweep_policy allow_all;
bool sweep_observing, sweep_by_flask, sweep_compat_caller;
uint8_t sweep_stack_pattern;
unsigned int sweep_complaints;
struct sweep_seen sweep_seen;

const struct flask_vector *__real_flask_vector(sid_t source, sid_t target);
const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);
void *__real_edge_window_map(mfn_t mfn);
void *__wrap_edge_window_map(mfn_t mfn);

static bool policy_names_target(const struct sweep_policy *p, sid_t target)
{
	for (unsigned int i = 0; i < POLICY_TARGETS; i++)
		if (p->target[i] && p->target[i] == target)
			return true;
	return !p->target[0];
}

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	const struct sweep_policy *p = sweep_observing ? &sweep_policy : &allow_all;

	if (sweep_observing && sweep_by_flask)
		return __real_flask_vector(source, target);
	return (!p->source || p->source == source) && policy_names_target(p, target) ? &p->special : &p->usual;
}

void sweep_vector_set(struct flask_vector *v, enum perm p, bool on)
{
	uint64_t bit = 1ull << (p % 64);

	v->allowed[p / 64] = on ? v->allowed[p / 64] | bit : v->allowed[p / 64] & ~bit;
}

void sweep_policy_allow_all(struct sweep_policy *p)
{
	memset(p, 0, sizeof(*p));
	memset(p->usual.allowed, 0xff, sizeof(p->usual.allowed));
	p->special = p->usual;
}

void sweep_policy_deny(enum perm p)
{
	sweep_policy_allow_all(&sweep_policy);
	sweep_vector_set(&sweep_policy.special, p, false);
}

/* Denied from source (0: any) to target (0: any) only. */
void sweep_policy_deny_on(enum perm p, sid_t source, sid_t target)
{
	sweep_policy_allow_all(&sweep_policy);
	sweep_vector_set(&sweep_policy.special, p, false);
	sweep_policy.source = source;
	sweep_policy.target[0] = target;
}

/* --- what is observed --------------------------------------------------------------------------------------------------------------- */

static op_handler handlers[ROWS_MAX];

void *__wrap_edge_window_map(mfn_t mfn)
{
	if (sweep_observing)
		sweep_seen.windows++;
	return __real_edge_window_map(mfn);
}

static int64_t handler_entered(struct authz *az, void *arg, struct hypercall *hc)
{
	if (sweep_observing)
		sweep_seen.entered[az->op->index]++;
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

const struct op_row *sweep_row_named(const char *name)
{
	for (unsigned int i = 0; i < op_row_count; i++)
		if (strcmp(op_rows[i].operation.name, name) == 0)
			return &op_rows[i];
	return NULL;
}

/* --- scenes --------------------------------------------------------------------------------------------------------------------------- */

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

	memset(&sweep_seen.entered, 0, sizeof(sweep_seen.entered));
	sweep_seen.windows = 0;
	sweep_seen.calls++;
	sweep_seen.caller = s->caller->label.sid;
	sweep_seen.self = s->caller->label.self_sid;
	sweep_seen.other = s->other ? s->other->label.sid : 0;
	sweep_observing = true;
	sweep_watch_begin(sweep_stack_pattern);
	rc = sweep_compat_caller ? compat_call(s->caller, nr, a0, a1, a2, a3) : hosted_hypercall(s->caller, nr, a0, a1, a2, a3, 0);
	sweep_seen.written = sweep_watch_end(&sweep_seen.twice, &sweep_seen.given_back);
	sweep_observing = false;
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

int64_t sweep_scene_run(const struct expectation *e, const char *caller_label, const char *other_label)
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

int sweep_machine(void **state)
{
	(void)state;
	cpuid_host_init(host_cpuid);
	hosted_machine_init();
	table_instrument();
	sweep_policy_allow_all(&allow_all);
	sweep_policy_allow_all(&sweep_policy);
	return 0;
}

unsigned int sweep_entered(const struct expectation *e)
{
	return sweep_seen.entered[op_index(sweep_row_named(e->row))];
}

bool sweep_has_worked(const struct expectation *e, int64_t rc)
{
	return sweep_entered(e) > 0 && (e->ok == ANY ? rc >= 0 : rc == e->ok);
}

void __printf(2, 3) sweep_complain(const struct expectation *e, const char *fmt, ...)
{
	va_list ap;

	sweep_complaints++;
	fprintf(stderr, "%s (%s): ", e->row, e->scene);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	COMPLAINED();
}

/* --- what the tests ask of an expectation ---------------------------------------------------------------------------------------- */

enum perm sweep_use_of(const struct expectation *e)
{
	return op_hypercall_find(sweep_row_named(e->row)->hypercall)->use;
}

sid_t sweep_transition(sid_t source, sid_t target, const char *class_name)
{
	sid_t sid;

	assert_int_equal(flask_transition(source, target, class_name, &sid), 0);
	return sid;
}

/* Of these, the hypervisor's label and the policy's are not asked about: everybody may know them of himself. */
static bool is_about_oneself(enum perm p)
{
	return p == PERM_version__version || p == PERM_version__platform_parameters || p == PERM_version__features || p == PERM_security__read_state;
}

/* Whose label has to be asked about: by what is asked, not by the table. */
sid_t sweep_head_target(const struct expectation *e)
{
	const char *class = perm_class_name(e->head);

	if (is_about_oneself(e->head))
		return sweep_seen.self;
	if (strcmp(class, "xen") == 0 || strcmp(class, "xen2") == 0 || strcmp(class, "version") == 0)
		return flask_initial_sid(2);
	if (strcmp(class, "security") == 0 || strcmp(class, "audit") == 0 || (strcmp(class, "shype") == 0 && e->head != PERM_shype__attach))
		return flask_initial_sid(7);
	return e->about == ABOUT_OTHER ? sweep_seen.other : sweep_seen.self;
}

bool sweep_asks_one_question(const struct expectation *e)
{
	return e->head != NONE && e->inside[0] == NONE && (e->about == ABOUT_SELF || e->about == ABOUT_OTHER);
}
