/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation, permission by permission: of all that one domain has of another, a change of policy or of a label takes what it asked that permission for,
 * and nothing else. Decisions come from here (the linker's --wrap): everything is allowed, but one permission towards some labels.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <hv/flask.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/xsm/flask_op.h>

#define BUF_GPA		0x2000u
#define POLICY_GPA	0x10000u
#define PAGE_GFN	5u		/* what is shown to others */
#define RW_REF		8u
#define RO_REF		9u
#define AT_GFN		0x50000u	/* where the mapper puts what it has of the first granter; of the second, 16 further */
#define GRANTS		200u

static struct domain *control, *mapper, *owner, *other;
static enum perm denied, also_denied;
static sid_t denied_target[2];
static bool permissive;

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	static struct flask_vector v;

	memset(&v, 0, sizeof(v));
	memset(v.allowed, 0xff, sizeof(v.allowed));
	v.permissive = permissive;
	if (denied && source != control->label.sid && (target == denied_target[0] || target == denied_target[1])) {
		v.allowed[denied / 64] &= ~(1ull << denied % 64);
		v.allowed[also_denied / 64] &= ~(1ull << also_denied % 64);
	}
	return &v;
}

static int setup(void **state)
{
	(void)state;
	denied = also_denied = PERM_INVALID;
	permissive = false;
	hosted_machine_init();
	control = hosted_domain(3, CONTROL, 64, 1);
	mapper = hosted_domain(1, "system_u:system_r:xenstore_t:s0", 16, 1);
	owner = hosted_domain(2, TENANT_1, 16, 1);
	other = hosted_domain(4, TENANT_2, 16, 1);
	return 0;
}

static void kill_all(void)
{
	hosted_domain_kill(mapper);
	hosted_domain_kill(owner);
	hosted_domain_kill(other);
	hosted_domain_kill(control);
	assert_int_equal(domain_count, 0);	/* nothing holds them */
}

/* --- what one may have of another ------------------------------------------------------------------------------------------- */

enum thing { GRANT_RW, GRANT_RO, FOREIGN, RESOURCE, CHANNEL, THINGS };

static const char *const thing_names[] = { "grant", "read-only grant", "foreign page", "resource", "channel" };
static evtchn_port_t port[2];

static struct grant_entry_v1 *table_of(struct domain *d)
{
	mfn_t mfn = grant_frame_get(d, 0, true);
	struct grant_entry_v1 *table = hosted_mfn_va(mfn);

	frame_put(mfn);
	return table;
}

static void map_grant(struct domain *of, grant_ref_t ref, gfn_t at, uint32_t flags)
{
	struct gnttab_map_grant_ref op = { .host_addr = at << PAGE_SHIFT, .flags = GNTMAP_host_map | flags, .ref = ref, .dom = of->id, .status = 77 };
	uint16_t in_use = table_of(of)[ref].flags & (GTF_reading | GTF_writing);

	table_of(of)[ref] = (struct grant_entry_v1){ .flags = GTF_permit_access | in_use, .domid = mapper->id, .frame = PAGE_GFN };
	assert_int_equal(guest_call(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
}

static void map_foreign(struct domain *of, xen_pfn_t at)
{
	struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = of->id };
	const xen_ulong_t idx = PAGE_GFN;

	op.idxs.p = (xen_ulong_t *)(uintptr_t)BUF_GPA;
	op.gpfns.p = (xen_pfn_t *)(uintptr_t)(BUF_GPA + 64);
	op.errs.p = (int *)(uintptr_t)(BUF_GPA + 128);
	hosted_write(mapper, BUF_GPA, &idx, sizeof(idx));
	hosted_write(mapper, BUF_GPA + 64, &at, sizeof(at));
	assert_int_equal(guest_call(mapper, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op, sizeof(op)), 0);
}

static void map_resource(struct domain *of, xen_pfn_t at)
{
	struct xen_mem_acquire_resource op = { .domid = of->id, .type = XENMEM_resource_grant_table, .id = XENMEM_resource_grant_table_id_shared, .nr_frames = 1 };

	op.frame_list.p = (xen_pfn_t *)(uintptr_t)BUF_GPA;
	hosted_write(mapper, BUF_GPA, &at, sizeof(at));
	assert_int_equal(guest_call(mapper, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op)), 0);
}

static void have_all(struct domain *of, unsigned int which)
{
	gfn_t at = AT_GFN + 16 * which;
	evtchn_port_t theirs;

	map_grant(of, RW_REF, at + GRANT_RW, 0);
	map_grant(of, RO_REF, at + GRANT_RO, GNTMAP_readonly);
	map_foreign(of, at + FOREIGN);
	map_resource(of, at + RESOURCE);
	port[which] = guests_join(mapper, of, &theirs);
}

static bool has(enum thing t, unsigned int which)
{
	enum p2m_type type = p2m_lookup(mapper, AT_GFN + 16 * which + t).type;

	switch (t) {
	case GRANT_RW:
		return type == P2M_GRANT;
	case GRANT_RO:
		return type == P2M_GRANT_RO;
	case FOREIGN:
	case RESOURCE:
		return type == P2M_FOREIGN;
	case CHANNEL:
		return guest_status(mapper, port[which]).status == EVTCHNSTAT_interdomain;
	case THINGS:
		break;
	}
	return false;
}

static unsigned int has_of(unsigned int which)
{
	unsigned int n = 0;

	for (enum thing t = 0; t < THINGS; t++)
		n += has(t, which);
	return n;
}

/* --- changes --------------------------------------------------------------------------------------------------------------------- */

/* Always something else to do. */
static int64_t busy_call(struct domain *d, struct xen_flask_op *op, unsigned int *rounds)
{
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	hosted_write(d, ARG_GPA, op, sizeof(*op));
	hosted_run_vcpu(d->vcpu[0]);
	for (*rounds = 0; *rounds < 10000; ++*rounds) {
		cpus[0].timers.armed = 0;
		hc.restart = false;
		hypercall_dispatch(d->vcpu[0], &hc);
		if (!hc.restart)
			return hc.result;
	}
	return -1;
}

static unsigned int policy_load(void)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = hosted_write_file(control, POLICY_GPA, "build/policy") } };
	unsigned int rounds;

	assert_int_equal(busy_call(control, &op, &rounds), 0);
	return rounds;
}

static void relabel(const struct domain *d, const char *label)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .u.relabel = { .domid = d->id, .sid = sid_of(label) } };
	unsigned int rounds;

	assert_int_equal(busy_call(control, &op, &rounds), 0);
}

static void deny(enum perm p, const char *target)
{
	sid_t channel;

	denied_target[0] = sid_of(target);
	assert_int_equal(flask_transition(mapper->label.sid, denied_target[0], "event", &channel), 0);
	denied_target[1] = channel;
	denied = p;
}

static const struct {
	enum perm p;
	bool takes[THINGS];
} expected[] = {
	{ PERM_grant__map_read, { [GRANT_RW] = true, [GRANT_RO] = true } },
	{ PERM_grant__map_write, { [GRANT_RW] = true } },
	{ PERM_mmu__map_read, { [FOREIGN] = true } },
	{ PERM_mmu__map_write, { [FOREIGN] = true } },
	{ PERM_domain2__resource_map, { [RESOURCE] = true } },
	{ PERM_event__send, { [CHANNEL] = true } },
	{ PERM_event__bind, { [CHANNEL] = true } },
	{ PERM_grant__copy, { false } },
	{ PERM_grant__unmap, { false } },
	{ PERM_grant__transfer, { false } },
	{ PERM_mmu__physmap, { false } },
	{ PERM_domain2__setclaim, { false } },
	{ PERM_event__create, { false } },
	{ PERM_event__status, { false } },
};

static void change_policy(void)
{
	policy_load();
}

static void each_permission(void (*change)(void))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++) {
		unsigned int flushes;

		setup(NULL);
		have_all(owner, 0);
		have_all(other, 1);
		assert_int_equal(has_of(0) + has_of(1), 2 * THINGS);
		flushes = hosted_flushes();
		deny(expected[i].p, TENANT_1);
		change();
		denied = PERM_INVALID;
		for (enum thing t = 0; t < THINGS; t++)
			if (has(t, 0) == expected[i].takes[t])
				fail_msg("without %s:%s the %s %s", perm_class_name(expected[i].p), perm_name(expected[i].p), thing_names[t],
					 has(t, 0) ? "stays" : "is taken");
		/* The label of the mapper's channels is one, whoever is at the other end. */
		assert_int_equal(has_of(1), THINGS - (expected[i].p == PERM_event__send && change == change_policy));
		if (expected[i].takes[GRANT_RW] || expected[i].takes[FOREIGN] || expected[i].takes[RESOURCE])
			assert_true(hosted_flushes() > flushes);
		kill_all();
	}
}

static void test_each_permission_of_a_policy(void **state)
{
	(void)state;
	each_permission(change_policy);
}

/* The owner's label and back: what is denied towards it is taken, as well as if the policy had changed. */
static void change_label(void)
{
	denied_target[0] = sid_of("system_u:system_r:guest_t:s0:c3");
	relabel(owner, "system_u:system_r:guest_t:s0:c3");
	assert_int_equal(owner->label.sid, denied_target[0]);
}

static void test_each_permission_of_a_label(void **state)
{
	(void)state;
	each_permission(change_label);
}

/* Of a change of one domain's label nobody else's business is looked at. */
static void test_a_label_concerns_its_domain(void **state)
{
	(void)state;
	have_all(owner, 0);
	have_all(other, 1);
	deny(PERM_grant__map_read, TENANT_2);
	relabel(owner, "system_u:system_r:guest_t:s0:c3");
	assert_int_equal(has_of(0), THINGS);
	assert_int_equal(has_of(1), THINGS);
	deny(PERM_mmu__map_read, TENANT_2);
	relabel(owner, TENANT_1);
	deny(PERM_event__bind, TENANT_2);
	relabel(owner, "system_u:system_r:guest_t:s0:c3");
	assert_int_equal(has_of(1), THINGS);
	/* But of the mapper's, everything that it has. */
	relabel(mapper, "system_u:system_r:guest_t:s0:c4");
	assert_false(has(CHANNEL, 1));
	assert_int_equal(has_of(0), THINGS);
	deny(PERM_grant__map_read, TENANT_2);
	relabel(mapper, "system_u:system_r:guest_t:s0:c5");
	assert_false(has(GRANT_RW, 1));
	deny(PERM_mmu__map_write, TENANT_2);
	relabel(mapper, "system_u:system_r:guest_t:s0:c4");
	assert_false(has(FOREIGN, 1));
	assert_true(has(RESOURCE, 1));
	assert_int_equal(has_of(0), THINGS);
	kill_all();
}

/* A label that a domain has anyway is asked for, and takes nothing. */
static void test_the_same_label_again(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .u.relabel = { .domid = owner->id, .sid = owner->label.sid } };
	unsigned int rounds;

	(void)state;
	have_all(other, 1);
	denied = PERM_domain2__relabelto;
	denied_target[0] = denied_target[1] = owner->label.sid;
	assert_int_equal(busy_call(other, &op, &rounds), -XEN_EACCES);
	denied = PERM_domain2__relabelself;
	assert_int_equal(busy_call(owner, &op, &rounds), 0);
	denied = PERM_domain2__relabelto;
	denied_target[1] = owner->label.self_sid;
	assert_int_equal(busy_call(owner, &op, &rounds), 0);
	denied = PERM_INVALID;
	assert_int_equal(busy_call(other, &op, &rounds), 0);
	op.u.relabel.domid = 77;
	assert_int_equal(busy_call(other, &op, &rounds), -XEN_ESRCH);
	op.u.relabel.domid = owner->id;
	op.u.relabel.sid = 4000;
	assert_int_equal(busy_call(other, &op, &rounds), -XEN_EINVAL);
	op.u.relabel.sid = 0;
	assert_int_equal(busy_call(other, &op, &rounds), -XEN_EINVAL);
	kill_all();
}

/* What is only noted is not taken. */
static void test_a_permissive_type_keeps(void **state)
{
	(void)state;
	have_all(owner, 0);
	for (unsigned int i = 0; i < 7; i++) {
		deny(expected[i].p, TENANT_1);
		permissive = true;
		policy_load();
		assert_int_equal(has_of(0), THINGS);
	}
	kill_all();
}

/* In many short steps, each a pass of its own, and to the end. */
static void test_a_busy_machine(void **state)
{
	unsigned int rounds;

	(void)state;
	for (unsigned int i = 0; i < GRANTS; i++) {
		map_grant(owner, RW_REF, AT_GFN + 2 * i, 0);
		map_foreign(owner, AT_GFN + 2 * i + 1);
	}
	deny(PERM_grant__map_read, TENANT_1);
	rounds = policy_load();
	assert_true(rounds >= GRANTS / 64);
	for (unsigned int i = 0; i < GRANTS; i++) {
		assert_int_equal(p2m_lookup(mapper, AT_GFN + 2 * i).type, P2M_SHARED);
		assert_int_equal(p2m_lookup(mapper, AT_GFN + 2 * i + 1).type, P2M_FOREIGN);
	}
	deny(PERM_mmu__map_read, TENANT_1);
	assert_true(policy_load() >= GRANTS);
	for (unsigned int i = 0; i < GRANTS; i++)
		assert_int_equal(p2m_lookup(mapper, AT_GFN + 2 * i + 1).type, P2M_SHARED);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(owner, PAGE_GFN).mfn)->refs), 1);
	kill_all();
}

/* Each kind is counted by itself. */
static void test_what_is_taken_is_counted(void **state)
{
	(void)state;
	have_all(owner, 0);
	deny(PERM_grant__map_read, TENANT_1);
	also_denied = PERM_event__bind;
	hosted_console_clear();
	policy_load();
	assert_non_null(strstr(hosted_console(), "revoked=2 what=\"granted pages mapped\" domid=1"));
	assert_non_null(strstr(hosted_console(), "revoked=1 what=\"event channels bound\" domid=1"));
	denied = also_denied = PERM_INVALID;
	kill_all();
}

/* An address space of which a look sees a part alone is looked at to its end; and what the mapper had given back by itself is let go of. */
static void test_a_wide_address_space(void **state)
{
	struct xen_remove_from_physmap gone = { .domid = DOMID_SELF, .gpfn = AT_GFN };
	uint32_t refs;

	(void)state;
	for (unsigned int i = 0; i < 12; i++)
		map_foreign(owner, AT_GFN + i * 1024);
	refs = refcount_read(&mfn_to_frame(p2m_lookup(owner, PAGE_GFN).mfn)->refs);
	assert_int_equal(guest_call(mapper, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &gone, sizeof(gone)), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(owner, PAGE_GFN).mfn)->refs), refs);	/* old translations may still lead there */
	assert_true(policy_load() > 2);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(owner, PAGE_GFN).mfn)->refs), refs - 1);
	deny(PERM_mmu__map_read, TENANT_1);
	policy_load();
	for (unsigned int i = 1; i < 12; i++)
		assert_int_equal(p2m_lookup(mapper, AT_GFN + i * 1024).type, P2M_SHARED);
	denied = PERM_INVALID;
	kill_all();
}

/* Channels, too, are looked at a few at a time, and all of them. */
static void test_many_channels(void **state)
{
	static evtchn_port_t ours[GRANTS], theirs[GRANTS];
	unsigned int rounds;

	(void)state;
	for (unsigned int i = 0; i < GRANTS; i++)
		ours[i] = guests_join(mapper, owner, &theirs[i]);
	deny(PERM_event__bind, TENANT_1);
	hosted_console_clear();
	rounds = policy_load();
	assert_true(rounds >= GRANTS / 64);
	assert_non_null(strstr(hosted_console(), "revoked=200 what=\"event channels bound\" domid=1"));
	for (unsigned int i = 0; i < GRANTS; i++) {
		assert_int_equal(guest_status(mapper, ours[i]).status, EVTCHNSTAT_unbound);
		assert_int_equal(guest_status(owner, theirs[i]).status, EVTCHNSTAT_unbound);
	}
	kill_all();
}

/* A domain that ends while it is looked at: the next one is looked at from its beginning. */
static void test_a_mapper_ends_during_the_sweep(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION, .u.load.buffer.p = (char *)(uintptr_t)POLICY_GPA };
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };
	struct gnttab_map_grant_ref map = { .host_addr = (uint64_t)AT_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = RW_REF + 2, .dom = other->id };

	(void)state;
	op.u.load.size = hosted_write_file(control, POLICY_GPA, "build/policy");
	for (unsigned int i = 0; i < GRANTS; i++)
		map_grant(owner, RW_REF, AT_GFN + i, 0);
	table_of(other)[RW_REF + 2] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = owner->id, .frame = PAGE_GFN };
	assert_int_equal(guest_call(owner, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &map, sizeof(map)), 0);
	assert_int_equal(map.status, GNTST_okay);
	assert_int_equal(owner->id, mapper->id + 1);
	denied = PERM_grant__map_read;
	denied_target[0] = owner->label.sid;
	denied_target[1] = other->label.sid;
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(control->vcpu[0]);
	for (unsigned int i = 0; p2m_lookup(mapper, AT_GFN).type == P2M_GRANT && i < 100; i++) {
		cpus[0].timers.armed = 0;
		hypercall_dispatch(control->vcpu[0], &hc);
		assert_true(hc.restart);
	}
	assert_int_equal(p2m_lookup(mapper, AT_GFN + GRANTS - 1).type, P2M_GRANT);
	hosted_domain_kill(mapper);
	hosted_run_vcpu(control->vcpu[0]);
	for (unsigned int i = 0; hc.restart && i < 1000; i++)
		hypercall_dispatch(control->vcpu[0], &hc);
	assert_false(hc.restart);
	assert_int_equal(p2m_lookup(owner, AT_GFN).type, P2M_SHARED);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(other, PAGE_GFN).mfn)->refs), 1);
	denied = PERM_INVALID;
	hosted_domain_kill(owner);
	hosted_domain_kill(other);
	hosted_domain_kill(control);
	assert_int_equal(domain_count, 0);
}

/* Where there is no memory for the page that takes its place, a hole does. */
static void test_no_memory_for_the_scratch_page(void **state)
{
	uint64_t limit = mapper->heap_limit;

	(void)state;
	have_all(owner, 0);
	mapper->heap_limit = 1;
	deny(PERM_grant__map_read, TENANT_1);
	policy_load();
	deny(PERM_mmu__map_read, TENANT_1);
	policy_load();
	assert_int_equal(p2m_lookup(mapper, AT_GFN + GRANT_RW).type, P2M_INVALID);
	assert_int_equal(p2m_lookup(mapper, AT_GFN + FOREIGN).type, P2M_INVALID);
	assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(owner, PAGE_GFN).mfn)->refs), 1);
	mapper->heap_limit = limit;
	denied = PERM_INVALID;
	kill_all();
}

/* Who may neither keep a mapping nor undo it loses it all the same, be it that the sweep had passed by when he asked. */
static void test_a_refused_unmapping_is_looked_at_again(void **state)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = (uint64_t)(AT_GFN + GRANT_RW) << PAGE_SHIFT, .handle = 0 };

	(void)state;
	have_all(owner, 0);
	deny(PERM_grant__unmap, TENANT_1);
	assert_int_equal(guest_call(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_permission_denied);
	assert_true(has(GRANT_RW, 0));
	also_denied = PERM_grant__map_read;
	assert_int_equal(guest_call(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_permission_denied);
	assert_false(has(GRANT_RW, 0));
	assert_true(has(GRANT_RO, 0));
	also_denied = denied = PERM_INVALID;
	kill_all();
}

static int64_t create(sid_t label)
{
	domid_t any = 0;

	return guest_createdomain(control, label, &any);
}

/* No more labels than there is room for: who would need another for himself, or to be built, keeps the one he has, or is not made. */
static void test_labels_run_out(void **state)
{
	sid_t had = owner->label.sid, had_self = owner->label.self_sid, last = 0;
	struct xen_flask_op op;
	unsigned int rounds;
	int64_t rc = 0;

	(void)state;
	for (unsigned int a = 0; rc == 0 && a < 100; a++)
		for (unsigned int b = a + 1; b < 200 && rc == 0; b++) {
			char text[64];

			op = (struct xen_flask_op){ .cmd = FLASK_CONTEXT_TO_SID, .u.sid_context.context.p = (char *)(uintptr_t)BUF_GPA };
			op.u.sid_context.size = (uint32_t)snprintf(text, sizeof(text), "system_u:system_r:guest_t:s0:c%u,c%u", a, b);
			hosted_write(control, BUF_GPA, text, op.u.sid_context.size);
			rc = busy_call(control, &op, &rounds);
			last = rc ? last : flask_context_to_sid(text, op.u.sid_context.size, &last) ? 0 : last;
		}
	assert_int_equal(rc, -XEN_ENOMEM);
	op = (struct xen_flask_op){ .cmd = FLASK_RELABEL_DOMAIN, .u.relabel = { .domid = owner->id, .sid = last } };
	assert_int_equal(busy_call(control, &op, &rounds), -XEN_ENOMEM);
	assert_int_equal(owner->label.sid, had);
	assert_int_equal(owner->label.self_sid, had_self);
	assert_int_equal(create(last), -XEN_ENOMEM);
	kill_all();
}

/* The one operation whose argument comes back from a failure, too: it says which part of it. */
static void test_a_failure_that_says_where(void **state)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_cpu_policy, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = owner->id };
	xen_msr_entry_t msr = { .idx = 0x1234 };

	(void)state;
	owner->life = DOMAIN_BUILDING;
	op.u.cpu_policy.nr_msrs = 1;
	op.u.cpu_policy.msrs.p = (void *)(uintptr_t)BUF_GPA;
	hosted_write(control, BUF_GPA, &msr, sizeof(msr));
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(control, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0), -XEN_ERANGE);
	hosted_read(control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(op.u.cpu_policy.err_msr, 0x1234);
	owner->life = DOMAIN_RUNNING;
	kill_all();
}

/* Another CPU is in a pass that began under the old policy: nothing is swept, and the load does not end, before that pass has. */
static void test_a_load_waits_for_passes(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

	(void)state;
	have_all(owner, 0);
	op.u.relabel.domid = owner->id;
	op.u.relabel.sid = sid_of("system_u:system_r:guest_t:s0:c3");
	hosted_write(control, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(control->vcpu[0]);
	denied = PERM_grant__map_read;
	denied_target[0] = denied_target[1] = op.u.relabel.sid;
	atomic_fetch_add(&cpus[1].pass_seq, 1);
	for (unsigned int i = 0; i < 5; i++) {
		hc.restart = false;
		hypercall_dispatch(control->vcpu[0], &hc);
		assert_true(hc.restart);
		assert_int_equal(has_of(0), THINGS);
	}
	atomic_fetch_add(&cpus[1].pass_seq, 2);		/* that one has ended, another has begun */
	for (unsigned int i = 0; hc.restart && i < 10; i++)
		hypercall_dispatch(control->vcpu[0], &hc);
	assert_false(hc.restart);
	assert_int_equal(hc.result, 0);
	assert_int_equal(has_of(0), THINGS - 2);
	atomic_fetch_add(&cpus[1].pass_seq, 1);
	denied = PERM_INVALID;
	kill_all();
}

/* --- arrays: after a denial whose record left no time, the rest of a batch waits for another pass ------------------------------ */

#define BATCH		6u
#define DENIED_AT	1u

static struct gnttab_map_grant_ref maps[BATCH];
static struct gnttab_unmap_grant_ref unmaps[BATCH];
static struct gnttab_copy copies[BATCH];

static const struct batch {
	unsigned int cmd;
	enum perm p;
	void *ops;
	size_t size, status_at;
} batches[] = {
	{ GNTTABOP_map_grant_ref, PERM_grant__map_read, maps, sizeof(maps[0]), offsetof(struct gnttab_map_grant_ref, status) },
	{ GNTTABOP_unmap_grant_ref, PERM_grant__unmap, unmaps, sizeof(unmaps[0]), offsetof(struct gnttab_unmap_grant_ref, status) },
	{ GNTTABOP_copy, PERM_grant__copy, copies, sizeof(copies[0]), offsetof(struct gnttab_copy, status) },
};

/* All of them the other's but one, which is the owner's. */
static void batch_fill(void)
{
	for (unsigned int i = 0; i < BATCH; i++) {
		struct domain *of = i == DENIED_AT ? owner : other;

		map_grant(of, RW_REF, AT_GFN + i, 0);
		unmaps[i] = (struct gnttab_unmap_grant_ref){ .host_addr = (uint64_t)(AT_GFN + i) << PAGE_SHIFT, .handle = i, .status = 77 };
		maps[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)(AT_GFN + 16 + i) << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = RW_REF,
							.dom = of->id, .status = 77 };
		copies[i] = (struct gnttab_copy){ .source = { .u.ref = RW_REF, .domid = of->id }, .dest = { .u.gmfn = 6, .domid = DOMID_SELF }, .len = 8,
						  .flags = GNTCOPY_source_gref, .status = 77 };
	}
}

static int16_t batch_status(const struct batch *b, unsigned int i)
{
	int16_t status;

	hosted_read(mapper, BUF_GPA + i * b->size + b->status_at, &status, sizeof(status));
	return status;
}

static void batch_pass(struct hypercall *hc)
{
	cpus[0].timers.armed = 0;
	hc->restart = false;
	hypercall_dispatch(mapper->vcpu[0], hc);
}

static void batch_run(const struct batch *b)
{
	struct hypercall hc = { .nr = __HYPERVISOR_grant_table_op, .arg = { b->cmd, BUF_GPA, BATCH }, .privileged = true };

	batch_fill();
	hosted_write(mapper, BUF_GPA, b->ops, BATCH * b->size);
	deny(b->p, TENANT_1);
	hosted_run_vcpu(mapper->vcpu[0]);
	batch_pass(&hc);
	assert_true(hc.restart);
	assert_int_equal(hc.arg[1], BUF_GPA + (DENIED_AT + 1) * b->size);
	assert_int_equal(hc.arg[2], BATCH - DENIED_AT - 1);
	for (unsigned int i = 0; i < BATCH; i++)
		assert_int_equal(batch_status(b, i), i > DENIED_AT ? 77 : i == DENIED_AT ? GNTST_permission_denied : GNTST_okay);
	/* What waits is as it was: an unmapping among it can be undone by the next. */
	assert_int_equal(p2m_lookup(mapper, AT_GFN + BATCH - 1).type, P2M_GRANT);
	assert_int_equal(p2m_lookup(mapper, AT_GFN + 16 + BATCH - 1).type, P2M_INVALID);
	for (unsigned int rounds = 0; hc.restart && rounds < 10; rounds++)
		batch_pass(&hc);
	assert_false(hc.restart);
	assert_int_equal(hc.result, 0);
	for (unsigned int i = 0; i < BATCH; i++)
		assert_int_equal(batch_status(b, i), i == DENIED_AT ? GNTST_permission_denied : GNTST_okay);
	denied = PERM_INVALID;
}

static void test_a_denial_within_a_batch(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(batches); i++) {
		setup(NULL);
		batch_run(&batches[i]);
		kill_all();
	}
}

/* Who may read and not write maps two pages of one granter for reading, and the third not for writing. */
static void test_a_batch_to_read(void **state)
{
	struct gnttab_map_grant_ref op[3];

	(void)state;
	map_grant(owner, RW_REF, AT_GFN, 0);
	deny(PERM_grant__map_write, TENANT_1);
	for (unsigned int i = 0; i < 3; i++)
		op[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)(AT_GFN + 1 + i) << PAGE_SHIFT, .ref = RW_REF, .dom = owner->id, .status = 77,
						       .flags = GNTMAP_host_map | (i < 2 ? GNTMAP_readonly : 0) };
	hosted_write(mapper, BUF_GPA, op, sizeof(op));
	assert_int_equal(hosted_hypercall(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, BUF_GPA, 3, 0, 0), 0);
	hosted_read(mapper, BUF_GPA, op, sizeof(op));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(op[i].status, i < 2 ? GNTST_okay : GNTST_permission_denied);
	denied = PERM_INVALID;
	kill_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_permission_of_a_policy),
		cmocka_unit_test(test_each_permission_of_a_label),
		cmocka_unit_test_setup(test_a_label_concerns_its_domain, setup),
		cmocka_unit_test_setup(test_the_same_label_again, setup),
		cmocka_unit_test_setup(test_a_permissive_type_keeps, setup),
		cmocka_unit_test_setup(test_a_busy_machine, setup),
		cmocka_unit_test_setup(test_a_load_waits_for_passes, setup),
		cmocka_unit_test(test_a_denial_within_a_batch),
		cmocka_unit_test_setup(test_a_batch_to_read, setup),
		cmocka_unit_test_setup(test_what_is_taken_is_counted, setup),
		cmocka_unit_test_setup(test_a_wide_address_space, setup),
		cmocka_unit_test_setup(test_a_failure_that_says_where, setup),
		cmocka_unit_test_setup(test_many_channels, setup),
		cmocka_unit_test_setup(test_labels_run_out, setup),
		cmocka_unit_test_setup(test_a_mapper_ends_during_the_sweep, setup),
		cmocka_unit_test_setup(test_no_memory_for_the_scratch_page, setup),
		cmocka_unit_test_setup(test_a_refused_unmapping_is_looked_at_again, setup),
	};

	return cmocka_run_group_tests_name("revoke_each", tests, NULL, NULL);
}
