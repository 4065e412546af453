/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy can say, as domains meet it in the hypercalls they make: permissive types, records asked for and not, enforcement off and on again, a
 * cache without room, policies for Xen's own Flask.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <abi/ravelin.h>
#include <hv/flask.h>
#include <hv/internal.h>
#include <hv/options.h>
#include <hv/sha256.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/version.h>
#include <xen/xsm/flask_op.h>

#include "policy_file.h"

#define FEATURES	"build/tests/features.policy"
#define DEFAULT		"build/policy"
#define XEN_PLAIN	"build/tests/xen.policy"
#define SERVICE		"system_u:system_r:xenstore_t:s0"
#define BUF_GPA		0x2000u
#define POLICY_GPA	0x10000u

static struct domain *control, *guest, *service, *stranger;

static int setup(void **state)
{
	(void)state;
	options.flask_locked = false;
	hosted_machine_init_policy(FEATURES);
	control = hosted_domain(3, CONTROL, 100, 1);
	guest = hosted_domain(1, TENANT_1, 16, 1);
	service = hosted_domain(2, SERVICE, 16, 1);
	stranger = hosted_domain(4, TENANT_2, 16, 1);
	hosted_console_clear();
	return 0;
}

static int64_t version(struct domain *d, uint64_t cmd)
{
	return hosted_hypercall(d, __HYPERVISOR_xen_version, cmd, BUF_GPA, 0, 0, 0);
}

static bool recorded(const char *text)
{
	bool found = strstr(hosted_console(), text) != NULL;

	hosted_console_clear();
	hosted_time_advance(1000000000u);
	return found;
}

static int64_t setenforce(struct domain *d, bool on)
{
	struct xen_flask_op op = { .u.enforce.enforcing = on };

	return guest_xsm_op(d, FLASK_SETENFORCE, &op);
}

static int64_t getenforce(void)
{
	struct xen_flask_op op = { 0 };

	return guest_xsm_op(control, FLASK_GETENFORCE, &op);
}

static int64_t load(const char *path)
{
	struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = hosted_write_file(control, POLICY_GPA, path) } };

	return guest_xsm_op(control, FLASK_LOAD, &op);
}

static int64_t domctl(struct domain *d, uint32_t cmd, const struct domain *about)
{
	struct xen_domctl op = { .cmd = cmd, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = about->id };

	hosted_write(d, ARG_GPA, &op, sizeof(op));
	return hosted_hypercall(d, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0);
}

static int64_t sysctl(struct domain *d, uint32_t cmd)
{
	struct xen_sysctl op = { .cmd = cmd, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

	hosted_write(d, ARG_GPA, &op, sizeof(op));
	return hosted_hypercall(d, __HYPERVISOR_sysctl, ARG_GPA, 0, 0, 0, 0);
}

static int64_t query_size(struct domain *d, domid_t about)
{
	struct gnttab_query_size op = { .dom = about };

	return guest_call(d, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &op, sizeof(op));
}

static void test_a_permissive_type(void **state)
{
	(void)state;
	assert_int_equal(version(guest, XENVER_commandline), -XEN_EACCES);
	assert_true(recorded("permissive=0"));
	assert_int_equal(version(service, XENVER_commandline), 0);
	assert_true(recorded("permissive=1"));
	/* The type's own, not what is done to it. */
	assert_int_equal(query_size(guest, service->id), -XEN_EACCES);
}

static void test_records_as_asked_for(void **state)
{
	(void)state;
	assert_int_equal(version(guest, XENVER_commandline), -XEN_EACCES);
	assert_true(recorded("xen_commandline"));
	assert_int_equal(version(guest, XENVER_build_id), -XEN_EACCES);
	assert_false(recorded("avc:"));
	assert_int_equal(version(guest, XENVER_changeset), 0);
	assert_true(recorded("granted"));
	assert_int_equal(version(guest, XENVER_extraversion), 0);
	assert_false(recorded("avc:"));
	assert_int_equal(version(stranger, XENVER_build_id), -XEN_EACCES);
	assert_false(recorded("avc:"));
}

/* The grant's page shows what the guest wrote there. */
static bool sees_guest(void)
{
	char text[8] = "";

	hosted_write(guest, 5 * PAGE_SIZE, "secret", 7);
	return hosted_try_read(control, 0x107fffull << PAGE_SHIFT, text, 7) == 0 && strcmp(text, "secret") == 0;
}

static int map_guest(void)
{
	struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = guest->id };
	const xen_ulong_t idx = 5;
	const xen_pfn_t gpfn = 0x107fff;
	int64_t rc;
	int err = 1;

	op.idxs.p = (xen_ulong_t *)(uintptr_t)BUF_GPA;
	op.gpfns.p = (xen_pfn_t *)(uintptr_t)(BUF_GPA + 64);
	op.errs.p = (int *)(uintptr_t)(BUF_GPA + 128);
	hosted_write(control, BUF_GPA, &idx, sizeof(idx));
	hosted_write(control, BUF_GPA + 64, &gpfn, sizeof(gpfn));
	rc = guest_call(control, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op, sizeof(op));
	if (rc)
		return (int)rc;
	hosted_read(control, BUF_GPA + 128, &err, sizeof(err));
	return err;
}

/* Nothing is enforced, everything is recorded; and what came of it goes when enforcement comes back. */
static void test_enforcement_off_and_on(void **state)
{
	(void)state;
	assert_int_equal(setenforce(guest, false), -XEN_EACCES);
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(getenforce(), 1);
	assert_int_equal(setenforce(control, false), 0);
	assert_int_equal(getenforce(), 0);
	assert_true(recorded("PERMISSIVE"));
	assert_int_equal(version(guest, XENVER_commandline), 0);
	assert_true(recorded("permissive=1"));
	assert_int_equal(map_guest(), 0);
	assert_true(sees_guest());
	assert_int_equal(load(FEATURES), 0);		/* it allows that, too */
	assert_int_equal(getenforce(), 0);
	assert_true(sees_guest());
	assert_int_equal(setenforce(control, true), 0);
	assert_int_equal(getenforce(), 1);
	assert_false(sees_guest());
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(version(guest, XENVER_commandline), -XEN_EACCES);
}

/* A policy that never is permissive ends it; and a locked one. */
static void test_enforcement_stays_on(void **state)
{
	(void)state;
	assert_int_equal(setenforce(control, false), 0);
	assert_int_equal(load(DEFAULT), 0);
	assert_int_equal(getenforce(), 1);
	assert_int_equal(version(guest, XENVER_commandline), -XEN_EACCES);
	assert_int_equal(setenforce(control, false), -XEN_EACCES);
	setup(NULL);
	assert_int_equal(setenforce(control, false), 0);
	options.flask_locked = true;		/* it may be made stricter */
	hosted_console_clear();
	assert_int_equal(setenforce(control, true), 0);
	assert_true(recorded("flask: enforcing"));
	assert_int_equal(setenforce(control, false), -XEN_EPERM);
	assert_int_equal(setenforce(control, true), 0);
	assert_int_equal(getenforce(), 1);
	options.flask_locked = false;
}

/* Each decision is made again, and none is taken for another's. */
static void test_a_cache_without_room(void **state)
{
	struct xen_flask_op op = { .u.setavc_threshold.threshold = 0 };

	(void)state;
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
	assert_int_equal(load(FEATURES), 0);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(version(control, XENVER_commandline), 0);
		assert_int_equal(version(guest, XENVER_commandline), -XEN_EACCES);
		assert_int_equal(version(service, XENVER_commandline), 0);
		assert_int_equal(query_size(guest, DOMID_SELF), 0);
		assert_int_equal(query_size(guest, stranger->id), -XEN_EACCES);
		assert_int_equal(query_size(control, guest->id), 0);
		assert_int_equal(query_size(stranger, guest->id), -XEN_EACCES);
		assert_int_equal(query_size(stranger, DOMID_SELF), 0);
	}
	/* Nor is one remembered beyond its policy. */
	assert_int_equal(version(service, XENVER_commandline), 0);
	assert_int_equal(load(DEFAULT), 0);
	assert_int_equal(version(service, XENVER_commandline), -XEN_EACCES);
	op.u.setavc_threshold.threshold = 40000;
	hosted_machine_init_policy(FEATURES);
	control = hosted_domain(3, CONTROL, 100, 1);
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
}

static void xen_check(struct domain *dom0, struct domain *u)
{
	struct ravelin_op op = { .cmd = RAVELIN_AUDIT_STATE, .interface_version = RAVELIN_INTERFACE_VERSION };
	domid_t id = 0;

	/* Xen never asks: of oneself it is allowed. */
	assert_int_equal(hosted_hypercall(u, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_int_equal(hosted_hypercall(dom0, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_true(guest_bind_ipi(u, 0) > 0);
	assert_int_equal(version(u, XENVER_version), 0x40011);
	assert_int_equal(hosted_hypercall(u, __HYPERVISOR_memory_op, XENMEM_get_sharing_freed_pages, 0, 0, 0, 0), 0);
	/* Xen asks, and the policy says. */
	assert_int_equal(query_size(u, DOMID_SELF), 0);
	assert_int_equal(query_size(u, dom0->id), -XEN_EACCES);
	assert_int_equal(query_size(dom0, DOMID_SELF), -XEN_EACCES);
	assert_int_equal(guest_call(u, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &(struct gnttab_setup_table){ .dom = DOMID_SELF }, sizeof(struct gnttab_setup_table)), 0);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_pausedomain, u), 0);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_unpausedomain, u), 0);
	assert_int_equal(domctl(u, XEN_DOMCTL_pausedomain, dom0), -XEN_EACCES);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_resumedomain, u), -XEN_EACCES);
	/* What Xen calls physinfo goes by finer names here. */
	assert_int_equal(sysctl(dom0, XEN_SYSCTL_physinfo), 0);
	assert_int_equal(sysctl(dom0, XEN_SYSCTL_cputopoinfo), 0);
	assert_int_equal(sysctl(u, XEN_SYSCTL_cputopoinfo), -XEN_EACCES);
	assert_int_equal(sysctl(dom0, XEN_SYSCTL_availheap), -XEN_EACCES);
	/* A label to build under is ours: where the policy knows none, a domain is built under its own. */
	assert_int_equal(guest_createdomain(dom0, u->label.sid, &id), 0);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_pausedomain, &(struct domain){ .id = id }), 0);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_destroydomain, &(struct domain){ .id = id }), 0);
	/* What Xen has no name for nobody has, and who tries is written down. */
	hosted_console_clear();
	hosted_write(dom0, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(dom0, RAVELIN_HYPERCALL, ARG_GPA, 0, 0, 0, 0), -XEN_EACCES);
	assert_true(recorded("avc:  denied  { read }"));
	assert_int_equal(version(u, XENVER_commandline), -XEN_EACCES);
}

/* Which policy, and how many of our permissions it does not know: those for which others answer. */
static void load_is_recorded(const char *path)
{
	static const char origin[] = {
#define CLASS(c)
#define PERM_XEN(c, p)			'x',
#define PERM_FINER(c, p, ac, ap)	'f',
#define PERM_UNCHECKED(c, p)		'u',
#define PERM_OWN(c, p)			'o',
#include "../../xsm/permissions.def"
	};
	static char bytes[80 * PAGE_SIZE];
	char want[160], hex[65] = "";
	unsigned int fallbacks = 0;
	FILE *f = fopen(path, "rb");
	uint8_t hash[32];

	assert_non_null(f);
	sha256(bytes, fread(bytes, 1, sizeof(bytes), f), hash);
	fclose(f);
	for (unsigned int i = 0; i < sizeof(hash); i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	for (unsigned int i = 0; i < sizeof(origin); i++)
		fallbacks += origin[i] == 'f' || origin[i] == 'u';
	snprintf(want, sizeof(want), "fallback=%u sha256=%s", fallbacks, hex);
	assert_non_null(strstr(hosted_console(), want));
}

/* A policy for Xen's own Flask, at boot and loaded later. */
static void test_a_policy_for_xen(void **state)
{
	struct domain *dom0, *u;

	(void)state;
	hosted_machine_init_policy(XEN_PLAIN);
	dom0 = hosted_domain(3, "system_u:system_r:dom0_t", 100, 1);
	u = hosted_domain(1, "system_u:system_r:domU_t", 16, 1);
	xen_check(dom0, u);
	control = dom0;
	hosted_console_clear();
	assert_int_equal(load(XEN_PLAIN), 0);
	load_is_recorded(XEN_PLAIN);
	xen_check(dom0, u);
}

/* A domain that starts asks about itself as what it is now, not as what it was built as. */
static void test_oneself_after_the_start(void **state)
{
	struct domain *d;
	domid_t id = 0;

	(void)state;
	assert_int_equal(guest_createdomain(control, guest->label.sid, &id), 0);
	d = domain_lookup_raw(id);
	assert_int_not_equal(d->label.sid, guest->label.sid);
	assert_int_equal(domctl(control, XEN_DOMCTL_unpausedomain, d), 0);
	assert_int_equal(d->label.sid, guest->label.sid);
	if (!d->vcpu[0])
		assert_int_equal(vcpu_create(d, 0), 0);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_int_equal(hosted_hypercall(d, __HYPERVISOR_set_timer_op, 0, 0, 0, 0, 0), 0);
	hosted_domain_kill(d);
}

/* Whom a list does not show can end: its number is free again. */
static void test_who_is_not_listed_ends(void **state)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	domid_t id = 0;

	(void)state;
	assert_int_equal(guest_createdomain(control, guest->label.sid, &id), 0);
	op.u.getdomaininfolist.max_domains = 8;
	hosted_write(guest, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(guest, __HYPERVISOR_sysctl, ARG_GPA, 0, 0, 0, 0), 0);
	hosted_read(guest, ARG_GPA, &op, sizeof(op));
	assert_int_equal(op.u.getdomaininfolist.num_domains, 0);
	assert_int_equal(domctl(control, XEN_DOMCTL_destroydomain, &(struct domain){ .id = id }), 0);
	assert_int_equal(guest_createdomain(control, guest->label.sid, &id), 0);
}

/* A policy under which a domain's label of itself is another: from the load on it is that. */
static void test_oneself_after_a_load(void **state)
{
	static struct policy_file file;
	static uint8_t bytes[80 * PAGE_SIZE];
	struct domain *dom0, *u;
	FILE *f = fopen(XEN_PLAIN, "rb");
	uint32_t changed = 0;
	size_t n;

	(void)state;
	hosted_machine_init_policy(XEN_PLAIN);
	control = dom0 = hosted_domain(3, "system_u:system_r:dom0_t", 100, 1);
	u = hosted_domain(1, "system_u:system_r:domU_t", 16, 1);
	assert_int_equal(query_size(u, DOMID_SELF), 0);
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_int_equal(policy_file_walk(&file, bytes, n), 0);
	hosted_write_file(control, POLICY_GPA, XEN_PLAIN);
	for (unsigned int i = 0; i + 4 < file.nr; i++) {
		const struct policy_field *x = &file.field[i];

		/* (typetransition domU_t domU_t domain domU_t_self): to itself */
		if (strcmp(x->name, "rule.source") == 0 && strcmp(x[4].name, "rule.type") == 0 && memcmp(bytes + x->at, bytes + x[1].at, 2) == 0) {
			uint32_t type = bytes[x->at] | (uint32_t)bytes[x->at + 1] << 8;

			hosted_write(control, POLICY_GPA + x[4].at, &type, sizeof(type));
			changed++;
		}
	}
	assert_int_equal(changed, 1);
	{
		struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = (uint32_t)n } };

		assert_int_equal(guest_xsm_op(control, FLASK_LOAD, &op), 0);
	}
	assert_int_equal(query_size(u, DOMID_SELF), -XEN_EACCES);
	assert_int_equal(load(XEN_PLAIN), 0);
	assert_int_equal(query_size(u, DOMID_SELF), 0);
	/* And one that knows no domains: what Xen asks nobody, nobody is asked. */
	for (unsigned int i = 0; i < file.nr; i++)
		if (strcmp(file.field[i].name, "class.length") == 0 && bytes[file.field[i].at] == 6 && memcmp(bytes + file.field[i].at + 24, "domain", 6) == 0)
			hosted_write(control, POLICY_GPA + file.field[i].at + 24, "doma1n", 6);
	{
		struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = (uint32_t)n } };

		assert_int_equal(guest_xsm_op(control, FLASK_LOAD, &op), 0);
	}
	assert_int_equal(hosted_hypercall(u, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_int_equal(hosted_hypercall(dom0, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0), 0);
	assert_int_equal(domctl(dom0, XEN_DOMCTL_pausedomain, u), -XEN_EACCES);
}

/* Whose label means nothing any more is nobody. */
static void test_labels_that_mean_nothing(void **state)
{
	(void)state;
	assert_int_equal(query_size(guest, DOMID_SELF), 0);
	assert_int_equal(version(control, XENVER_commandline), 0);
	assert_int_equal(load(XEN_PLAIN), 0);
	assert_int_equal(query_size(guest, DOMID_SELF), -XEN_EACCES);
	assert_int_equal(version(control, XENVER_commandline), -XEN_EACCES);
	assert_int_equal(setenforce(control, false), -XEN_EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_permissive_type, setup),
		cmocka_unit_test_setup(test_records_as_asked_for, setup),
		cmocka_unit_test_setup(test_enforcement_off_and_on, setup),
		cmocka_unit_test_setup(test_enforcement_stays_on, setup),
		cmocka_unit_test_setup(test_a_cache_without_room, setup),
		cmocka_unit_test_setup(test_a_policy_for_xen, setup),
		cmocka_unit_test_setup(test_oneself_after_the_start, setup),
		cmocka_unit_test_setup(test_who_is_not_listed_ends, setup),
		cmocka_unit_test_setup(test_oneself_after_a_load, setup),
		cmocka_unit_test_setup(test_labels_that_mean_nothing, setup),
	};

	return cmocka_run_group_tests_name("xsm_policy", tests, NULL, NULL);
}
