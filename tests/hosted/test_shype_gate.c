/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype behind the hypercalls: Flask allows everything here (by the linker's --wrap), so that each refusal is the second engine's. A bank, its competitor,
 * and the ways by which one might reach or run beside the other.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"
#include "shype_maker.h"

#include <abi/ravelin.h>
#include <hv/cpu.h>
#include <hv/flask.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/sha256.h>
#include <hv/shype.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/xsm/flask_op.h>

#define MAP_GFN		0x50000u
#define GRANTED_GFN	5u
#define REF		8u
#define BUF_GPA		0x10000u
#define LIST_GPA	0x20000u
#define BANK_2		"system_u:system_r:guest_t:s0:c1,c7"
#define PARTNER		"system_u:system_r:guest_t:s0:c3"
#define UNKNOWN		"system_u:system_r:guest_t:s0:c9"

enum { BANK, RIVAL, CONTROLS, PARTNERS, LABELS };

static struct {
	struct domain *control, *bank, *bank2, *rival;
} m;

static const struct shype_plan standard = {
	.ste = 2, .wall = 2, .sets = 1, .labels = LABELS, .patterns = 7, .in_set = { { 1, 1 } },
	.has_ste = { [BANK] = { 1, 0 }, [RIVAL] = { 0, 1 }, [CONTROLS] = { 1, 1 }, [PARTNERS] = { 1, 0 } },
	.has_wall = { [BANK] = { 1, 0 }, [RIVAL] = { 0, 1 } },
	.pattern = { { BANK, 1, { 1 }, "guest_t" }, { BANK, 1, { 1 }, "guest_build_t" }, { RIVAL, 1, { 2 }, "guest_t" }, { RIVAL, 1, { 2 }, "guest_build_t" },
		     { CONTROLS, 0, { 0 }, "dom0_t" }, { PARTNERS, 1, { 3 }, "guest_t" }, { PARTNERS, 1, { 3 }, "guest_build_t" } },
};

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	m.control = hosted_domain(0, CONTROL, 64, 1);
	shype_domain_boot(m.control);
	m.bank = hosted_domain(1, TENANT_1, 16, 1);
	m.bank2 = hosted_domain(2, BANK_2, 16, 1);
	m.rival = hosted_domain(3, TENANT_2, 16, 1);
	return 0;
}

static void boot_policy(const struct shype_plan *p)
{
	size_t len;
	unsigned char *bytes = shype_make(p, &len);

	assert_int_equal(shype_init(bytes, len), 0);
	free(bytes);
	shype_domain_boot(m.control);
}

static int setup_loaded(void **state)
{
	setup(state);
	boot_policy(&standard);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hosted_domain_kill(m.bank);
	hosted_domain_kill(m.bank2);
	hosted_domain_kill(m.rival);
	shype_domain_gone(m.control);	/* it runs under the policy that goes */
	return shype_init(NULL, 0);
}

/* --- what is tried ---------------------------------------------------------------------------------------------------------- */

static struct grant_entry_v1 *table_of(struct domain *d)
{
	mfn_t mfn = grant_frame_get(d, 0, false);
	struct grant_entry_v1 *table = hosted_mfn_va(mfn);

	frame_put(mfn);
	return table;
}

static void grant_to(struct domain *granter, const struct domain *to)
{
	table_of(granter)[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = to->id, .frame = GRANTED_GFN };
}

static int16_t map_of(struct domain *mapper, struct domain *granter)
{
	struct gnttab_map_grant_ref op = { .host_addr = MAP_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF, .dom = granter->id };

	grant_to(granter, mapper);
	assert_int_equal(guest_call(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

static int16_t copy_to(struct domain *from, struct domain *to)
{
	struct gnttab_copy op = { .source = { .u.gmfn = GRANTED_GFN, .domid = DOMID_SELF }, .dest = { .u.ref = REF, .domid = to->id }, .len = 8,
				  .flags = GNTCOPY_dest_gref };

	grant_to(to, from);
	assert_int_equal(guest_call(from, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &op, sizeof(op)), 0);
	return op.status;
}

/* On behalf of `mapper`, by `caller`. */
static int64_t map_foreign(struct domain *caller, domid_t mapper, domid_t owner)
{
	xen_ulong_t idx = GRANTED_GFN;
	xen_pfn_t gfn = MAP_GFN + 1;
	int err = 0;
	struct xen_add_to_physmap_batch op = { .domid = mapper, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = owner };

	hosted_write(caller, 0x3000, &idx, sizeof(idx));
	hosted_write(caller, 0x3010, &gfn, sizeof(gfn));
	hosted_write(caller, 0x3020, &err, sizeof(err));
	op.idxs.p = (void *)0x3000;
	op.gpfns.p = (void *)0x3010;
	op.errs.p = (void *)0x3020;
	return guest_call(caller, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op, sizeof(op));
}

static int64_t map_resource(struct domain *mapper, domid_t owner)
{
	struct xen_mem_acquire_resource op = { .domid = owner, .type = XENMEM_resource_grant_table, .id = XENMEM_resource_grant_table_id_shared, .nr_frames = 1 };
	const xen_pfn_t gfn = MAP_GFN + 2;

	op.frame_list.p = (void *)0x3000;
	hosted_write(mapper, 0x3000, &gfn, sizeof(gfn));
	return guest_call(mapper, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &op, sizeof(op));
}

static int64_t domctl(uint32_t cmd, domid_t id, struct xen_domctl *op)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
	hosted_write(m.control, ARG_GPA, op, sizeof(*op));
	rc = hosted_hypercall(m.control, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0);
	hosted_read(m.control, ARG_GPA, op, sizeof(*op));
	return rc;
}

static int64_t create(const char *context, domid_t *id)
{
	struct xen_domctl op = { 0 };
	int64_t rc;

	op.u.createdomain.ssidref = sid_of(context);
	op.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	op.u.createdomain.max_vcpus = 1;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = op.u.createdomain.max_maptrack_frames = -1;
	op.u.createdomain.grant_opts = 1;
	op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_LAPIC;
	rc = domctl(XEN_DOMCTL_createdomain, 0, &op);
	*id = op.domain;
	return rc;
}

static int64_t control_of(uint32_t cmd, domid_t id)
{
	struct xen_domctl op = { 0 };

	return domctl(cmd, id, &op);
}

static int64_t relabel(domid_t id, const char *context)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.relabel.domid = id;
	op.u.relabel.sid = sid_of(context);
	hosted_write(m.control, ARG_GPA, &op, sizeof(op));
	return hosted_hypercall(m.control, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0);
}

static int64_t ravelin(struct ravelin_op *op, uint32_t cmd)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = RAVELIN_INTERFACE_VERSION;
	hosted_write(m.control, ARG_GPA, op, sizeof(*op));
	rc = hosted_hypercall(m.control, RAVELIN_HYPERCALL, ARG_GPA, 0, 0, 0, 0);
	hosted_read(m.control, ARG_GPA, op, sizeof(*op));
	return rc;
}

static int64_t load(const struct shype_plan *p, bool revoke, struct ravelin_shype_conflict *list, uint32_t *count)
{
	struct ravelin_op op = { .u.shype_load = { .buffer = BUF_GPA, .revoke = revoke, .conflicts = LIST_GPA } };
	size_t len;
	unsigned char *bytes = shype_make(p, &len);
	int64_t rc;

	hosted_write(m.control, BUF_GPA, bytes, len);
	free(bytes);
	op.u.shype_load.size = (uint32_t)len;
	rc = ravelin(&op, RAVELIN_SHYPE_LOAD);
	*count = op.u.shype_load.count;
	hosted_read(m.control, LIST_GPA, list, RAVELIN_SHYPE_CONFLICTS * sizeof(*list));
	return rc;
}

static void said(const char *what)
{
	assert_non_null(strstr(hosted_console(), what));
	hosted_console_clear();
}

/* --- sharing -------------------------------------------------------------------------------------------------------------------- */

static void test_without_a_policy_nothing_changes(void **state)
{
	(void)state;
	assert_int_equal(map_of(m.bank, m.rival), GNTST_okay);
	assert_int_equal(copy_to(m.bank, m.rival), GNTST_okay);
	assert_in_range(guest_alloc_unbound(m.bank, 3), 1, 100);
	assert_int_equal(map_foreign(m.control, 1, 3), 0);
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, 1), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 1), 0);
}

static void test_no_common_type_no_page(void **state)
{
	(void)state;
	hosted_console_clear();
	assert_int_equal(map_of(m.bank, m.rival), GNTST_permission_denied);
	said("{ map_read } for domid=1 target=3 comm=\"d1\" op=grant_table.map_grant_ref");
	assert_int_equal(map_of(m.bank, m.rival), GNTST_permission_denied);
	said("tclass=grant permissive=0 engine=shype label=label0 other=label1\n");
	assert_int_equal(copy_to(m.bank, m.rival), GNTST_permission_denied);
	said("{ copy }");
	assert_int_equal(map_of(m.bank, m.bank2), GNTST_okay);
	assert_int_equal(copy_to(m.bank, m.bank2), GNTST_okay);
}

/* Who asks shares with both; whose address space it goes to does not. */
static void test_no_common_type_no_foreign_page(void **state)
{
	(void)state;
	assert_int_equal(map_foreign(m.control, DOMID_SELF, 3), 0);
	hosted_console_clear();
	assert_int_equal(map_foreign(m.control, 1, 3), -XEN_EACCES);
	said("for domid=1 target=3 comm=\"d1\" op=memory.add_to_physmap_batch");
	assert_int_equal(map_foreign(m.bank, DOMID_SELF, 3), -XEN_EACCES);
	assert_int_equal(map_foreign(m.control, 1, 2), 0);
	hosted_console_clear();
	assert_int_equal(map_resource(m.bank, 3), -XEN_EACCES);
	said("{ resource_map } for domid=1 target=3");
	assert_int_equal(map_resource(m.bank, 2), 0);
	/* Nobody his own. */
	assert_int_equal(map_resource(m.bank, m.bank->id), -XEN_EPERM);
	assert_int_equal(map_resource(m.bank, DOMID_SELF), -XEN_EPERM);
}

static void test_no_common_type_no_event(void **state)
{
	struct evtchn_alloc_unbound op = { .dom = 1, .remote_dom = 3 }, own = { .dom = 1, .remote_dom = 2 }, nobody = { .dom = 77, .remote_dom = 2 };
	evtchn_port_t port;

	(void)state;
	hosted_console_clear();
	assert_int_equal(guest_alloc_unbound(m.bank, 3), -XEN_EACCES);
	said("{ bind } for domid=1 target=3");
	assert_int_equal(evtchn_call(m.control, alloc_unbound, &op), -XEN_EACCES);
	assert_int_equal(evtchn_call(m.control, alloc_unbound, &nobody), -XEN_ESRCH);
	assert_int_equal(evtchn_call(m.bank, alloc_unbound, &own), 0);		/* by its own number */
	port = (evtchn_port_t)guest_alloc_unbound(m.bank, 2);
	assert_int_equal(guest_bind(m.rival, 1, port), -XEN_EACCES);
	assert_in_range(guest_bind(m.bank2, 1, port), 1, 100);
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, port), 0);
}

/* Between a load and its sweep: what is bound does not carry events any more. */
static void test_no_event_on_what_was_bound_before(void **state)
{
	evtchn_port_t there, here = guests_join(m.bank, m.rival, &there);

	(void)state;
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, here), 0);
	boot_policy(&standard);
	hosted_console_clear();
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, here), -XEN_EACCES);
	said("{ send } for domid=1 target=3");
}

static void test_without_a_label_nothing_is_shared(void **state)
{
	struct domain *d = hosted_domain(7, UNKNOWN, 16, 1), *e = hosted_domain(8, UNKNOWN, 16, 1);
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	uint32_t count;
	domid_t id;

	(void)state;
	hosted_console_clear();
	assert_int_equal(map_of(d, e), GNTST_permission_denied);
	said("engine=shype label=none other=none\n");
	assert_int_equal(map_of(m.control, d), GNTST_permission_denied);
	assert_int_equal(map_of(d, d), GNTST_okay);	/* with itself it may, and keeps it */
	assert_int_equal(load(&standard, false, list, &count), 0);
	assert_int_equal(p2m_lookup(d, MAP_GFN).type, P2M_GRANT);
	hosted_console_clear();
	assert_int_equal(create(UNKNOWN, &id), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), "{ create } for domid=0"));
	said("engine=shype label=none\n");
	hosted_domain_kill(d);
	hosted_domain_kill(e);
}

/* --- the wall -------------------------------------------------------------------------------------------------------------------- */

static void test_the_competitor_does_not_start(void **state)
{
	domid_t bank, rival, late, none;

	(void)state;
	assert_int_equal(create(TENANT_1, &bank), 0);
	assert_int_equal(create(TENANT_2, &rival), 0);	/* neither runs yet */
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), 0);
	hosted_console_clear();
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, rival), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), "{ start } for domid=0"));
	said("engine=shype label=label1 beside=4 beside-label=label0");
	assert_int_equal(create(TENANT_2, &none), -XEN_EACCES);
	assert_int_equal(create(PARTNER, &late), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, late), 0);
	hosted_console_clear();
	assert_int_equal(relabel(late, TENANT_2), -XEN_EACCES);
	said("{ relabelto }");
	assert_int_equal(relabel(late, TENANT_1), 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, bank), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, rival), -XEN_EACCES);	/* the relabelled one is a bank's now */
	assert_int_equal(relabel(late, PARTNER), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, rival), 0);
	assert_int_equal(relabel(late, TENANT_1), -XEN_EACCES);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, rival), 0);
	assert_int_equal(relabel(late, TENANT_1), 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, late), 0);
}

/* A pause does not open the wall, and who runs already is not asked again. */
static void test_a_pause_keeps_the_wall(void **state)
{
	domid_t bank, rival;

	(void)state;
	assert_int_equal(create(TENANT_1, &bank), 0);
	assert_int_equal(create(TENANT_2, &rival), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), 0);
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, bank), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, rival), -XEN_EACCES);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, rival), 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, bank), 0);
}

/* Who stands in the way is somebody else, and the first of them. */
static void test_who_stands_in_the_way(void **state)
{
	struct domain *d;
	domid_t rival[3], bank;

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(create(TENANT_2, &rival[i]), 0);
	assert_int_equal(create(TENANT_1, &bank), 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, rival[i]), 0);
	hosted_console_clear();
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), -XEN_EACCES);
	hosted_time_advance(1000000000u);
	said("engine=shype label=label0 beside=4 beside-label=label1");
	assert_int_equal(relabel(rival[0], TENANT_1), -XEN_EACCES);
	said("engine=shype label=label0 beside=5 beside-label=label1");
	/* Who does not run yet is asked when it starts. */
	assert_int_equal(relabel(bank, TENANT_2), 0);
	assert_int_equal(relabel(bank, TENANT_1), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), -XEN_EACCES);
	/* It starts under the label that it was given last. */
	assert_int_equal(relabel(bank, TENANT_2), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, bank), 0);
	d = domain_lookup_raw(bank);
	assert_int_equal(d->label.sid, sid_of(TENANT_2));
	domain_put(d);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(control_of(XEN_DOMCTL_destroydomain, rival[i]), 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, bank), 0);
}

/* A start is a change of label, and waits for passes under way like any other. */
static void test_a_start_waits(void **state)
{
	struct hypercall hc = { .nr = __HYPERVISOR_domctl, .arg = { ARG_GPA }, .privileged = true };
	struct xen_domctl op = { .cmd = XEN_DOMCTL_unpausedomain, .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	struct domain *d;

	(void)state;
	assert_int_equal(create(TENANT_1, &op.domain), 0);
	d = domain_lookup_raw(op.domain);
	hosted_write(m.control, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(m.control->vcpu[0]);
	atomic_fetch_or(&cpus[1].pass_seq, 1);
	for (unsigned int i = 0; i < 3; i++) {
		hc.restart = false;
		hypercall_dispatch(m.control->vcpu[0], &hc);
		assert_true(hc.restart);
		assert_int_equal(d->controller_pauses, 1);
	}
	atomic_fetch_add(&cpus[1].pass_seq, 1);
	for (unsigned int i = 0; hc.restart && i < 10; i++)
		hypercall_dispatch(m.control->vcpu[0], &hc);
	assert_false(hc.restart);
	assert_int_equal(hc.result, 0);
	assert_int_equal(d->controller_pauses, 0);
	domain_put(d);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, op.domain), 0);
}

/* --- a change of policy ------------------------------------------------------------------------------------------------------ */

static void start_all(void)
{
	struct domain *all[] = { m.bank, m.bank2, m.rival };

	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(control_of(XEN_DOMCTL_pausedomain, all[i]->id), 0);
		assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, all[i]->id), 0);
	}
}

static void test_a_load_that_conflicts(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	struct ravelin_op op = { 0 };
	evtchn_port_t there, here, kept, kept_there;
	uint32_t count;

	(void)state;
	start_all();
	here = guests_join(m.bank, m.rival, &there);
	kept = guests_join(m.bank, m.bank2, &kept_there);
	assert_int_equal(map_of(m.bank, m.rival), GNTST_okay);
	assert_int_equal(map_foreign(m.control, 2, 3), 0);
	hosted_console_clear();
	assert_int_equal(load(&standard, false, list, &count), -XEN_EBUSY);
	assert_int_equal(count, 4);
	assert_memory_equal(&list[0], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_SHARED, 1, 3, 0 }), sizeof(list[0]));
	assert_memory_equal(&list[1], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_SHARED, 2, 3, 0 }), sizeof(list[0]));
	assert_memory_equal(&list[2], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_SHARED, 3, 1, 0 }), sizeof(list[0]));
	assert_memory_equal(&list[3], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_WALL, 3, DOMID_INVALID, 0 }), sizeof(list[0]));
	said("shype policy refused name=test conflicts=4");
	/* refused: as if it had never been */
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_STATE), 0);
	assert_int_equal(op.u.shype_state.loaded, 0);
	assert_int_equal(p2m_lookup(m.bank, MAP_GFN).type, P2M_GRANT);
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, here), 0);
	assert_int_equal(m.rival->pause_count, 0);
	/* forced */
	assert_int_equal(load(&standard, true, list, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(p2m_lookup(m.bank, MAP_GFN).type, P2M_SHARED);
	assert_int_equal(p2m_lookup(m.bank2, MAP_GFN + 1).type, P2M_SHARED);
	assert_int_equal(guest_status(m.bank, here).status, EVTCHNSTAT_unbound);
	assert_int_equal(guest_status(m.bank, kept).status, EVTCHNSTAT_interdomain);
	assert_int_equal(m.rival->pause_count, 1);
	assert_int_equal(m.bank->pause_count, 0);
	assert_non_null(strstr(hosted_console(), "shype wall paused domid=3"));
	said("shype policy loaded name=test labels=4 conflicts=4 sha256=");
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 3), -XEN_EACCES);
	assert_int_equal(relabel(1, PARTNER), 0);
	assert_int_equal(relabel(2, PARTNER), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 3), 0);
	assert_int_equal(m.rival->pause_count, 0);
	assert_int_equal(relabel(1, TENANT_1), -XEN_EACCES);
}

/* --- what a hotplug script asks -------------------------------------------------------------------------------------------- */

static int64_t attach(domid_t id, domid_t with, const char *label, struct ravelin_shype_attach *q)
{
	struct ravelin_op op = { .u.shype_attach = { .domain = id, .with = with, .share = 7 } };
	int64_t rc;

	snprintf(op.u.shype_attach.label, sizeof(op.u.shype_attach.label), "%s", label);
	rc = ravelin(&op, RAVELIN_SHYPE_ATTACH);
	*q = op.u.shype_attach;
	return rc;
}

static void test_attach_is_answered_and_recorded(void **state)
{
	struct ravelin_shype_attach q;

	(void)state;
	hosted_console_clear();
	assert_int_equal(attach(1, RAVELIN_SHYPE_NO_DOMAIN, "label3", &q), 0);
	assert_int_equal(q.share, 1);
	assert_string_equal(q.own, "label0");
	assert_string_equal(hosted_console(), "");
	assert_int_equal(attach(3, RAVELIN_SHYPE_NO_DOMAIN, "label3", &q), 0);
	assert_int_equal(q.share, 0);
	assert_string_equal(q.own, "label1");
	assert_non_null(strstr(hosted_console(), "{ attach } for domid=0 target=3 comm=\"d0\" op=ravelin.shype_attach"));
	said("tclass=shype permissive=0 engine=shype label=label1 other=label3\n");
	assert_int_equal(attach(1, 3, "", &q), 0);
	assert_int_equal(q.share, 0);
	assert_string_equal(q.label, "label1");
	said(" with=0x3 ");
	assert_int_equal(attach(1, 2, "", &q), 0);
	assert_int_equal(q.share, 1);
	assert_int_equal(attach(DOMID_SELF, 3, "", &q), 0);
	assert_int_equal(q.share, 1);
	assert_int_equal(attach(1, RAVELIN_SHYPE_NO_DOMAIN, "label9", &q), -XEN_EINVAL);
	assert_int_equal(attach(1, RAVELIN_SHYPE_NO_DOMAIN, "", &q), -XEN_EINVAL);
	assert_int_equal(attach(77, RAVELIN_SHYPE_NO_DOMAIN, "label3", &q), -XEN_ESRCH);
	assert_int_equal(attach(1, 77, "", &q), -XEN_ESRCH);
	shype_domain_gone(m.control);	/* it runs under the policy that goes */
	assert_int_equal(shype_init(NULL, 0), 0);
	assert_int_equal(attach(1, RAVELIN_SHYPE_NO_DOMAIN, "label3", &q), -XEN_ENOENT);
}

/* While a domain is built its run label counts, too: what it gets now it has then. */
static void test_attach_asks_about_the_label_to_come(void **state)
{
	struct shype_plan p = standard;
	struct ravelin_shype_attach q;
	domid_t id;

	(void)state;
	p.pattern[3].label = BANK;	/* the rival's build label is the bank's */
	boot_policy(&p);
	assert_int_equal(create(TENANT_2, &id), 0);
	hosted_console_clear();
	assert_int_equal(attach(id, RAVELIN_SHYPE_NO_DOMAIN, "label0", &q), 0);
	assert_int_equal(q.share, 0);
	assert_string_equal(q.own, "label1");
	said("label=label1 other=label0");
	assert_int_equal(attach(id, RAVELIN_SHYPE_NO_DOMAIN, "label1", &q), 0);
	assert_int_equal(q.share, 0);
	assert_string_equal(q.own, "label0");
	assert_int_equal(attach(id, RAVELIN_SHYPE_NO_DOMAIN, "label2", &q), 0);
	assert_int_equal(q.share, 1);
	assert_int_equal(attach(1, id, "", &q), 0);
	assert_int_equal(q.share, 0);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, id), 0);
}

static void test_a_load_that_fits(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	static struct shype_plan wide;
	struct ravelin_op op = { 0 };
	uint32_t count;

	(void)state;
	start_all();
	wide = standard;
	wide.has_ste[RIVAL][0] = 1;
	wide.sets = 0;
	assert_int_equal(map_of(m.bank, m.rival), GNTST_okay);
	assert_int_equal(load(&wide, false, list, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(p2m_lookup(m.bank, MAP_GFN).type, P2M_GRANT);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_STATE), 0);
	assert_int_equal(op.u.shype_state.loaded, 1);
	assert_string_equal(op.u.shype_state.name, "test");
	/* and under it, the narrow one is refused for what is shared */
	assert_int_equal(load(&standard, false, list, &count), -XEN_EBUSY);
	assert_int_equal(copy_to(m.bank, m.rival), GNTST_okay);
	/* one that leaves the control domain without a label is impossible */
	wide.patterns = 4;
	assert_int_equal(load(&wide, true, list, &count), -XEN_EINVAL);
	assert_int_equal(copy_to(m.bank, m.rival), GNTST_okay);
}

/* Who has ended but is still held, and who has not begun: they are not behind the wall. */
static void test_a_load_and_who_does_not_run(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	uint32_t count;
	domid_t ended, built;
	struct domain *d;

	(void)state;
	assert_int_equal(create(TENANT_1, &ended), 0);
	assert_int_equal(create(TENANT_2, &built), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, ended), 0);
	d = domain_lookup_raw(ended);
	assert_non_null(d);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, ended), 0);
	assert_int_not_equal(control_of(XEN_DOMCTL_unpausedomain, ended), 0);
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, 3), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 3), 0);
	assert_int_equal(load(&standard, false, list, &count), 0);
	assert_int_equal(count, 0);
	domain_put(d);
	d = domain_lookup_raw(built);
	assert_int_equal(d->controller_pauses, 1);
	hosted_console_clear();
	assert_int_equal(load(&standard, true, list, &count), 0);
	assert_int_equal(d->controller_pauses, 1);
	assert_null(strstr(hosted_console(), "shype wall paused"));
	domain_put(d);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, built), 0);
}

/* Who runs is counted once, whatever numbers are free below its own; and is held by nothing. */
static void test_a_load_counts_once(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	struct domain *d = hosted_domain(30, TENANT_1, 4, 1);
	unsigned int count_before = domain_count;
	uint32_t count;

	(void)state;
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, 30), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 30), 0);
	assert_int_equal(load(&standard, false, list, &count), 0);
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, 3), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 3), -XEN_EACCES);
	domain_put(d);
	assert_int_equal(control_of(XEN_DOMCTL_destroydomain, 30), 0);
	domain_reap();				/* by the CPU's loop, a moment later */
	assert_int_equal(domain_count, count_before - 1);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 3), 0);
}

/* Without a label nobody runs on; paused once, however often the policy is loaded. And nothing of a policy that is replaced or refused stays behind. */
static void test_a_load_and_who_has_no_label(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	struct domain *d = hosted_domain(7, UNKNOWN, 16, 1);
	const struct ravelin_shype_conflict *noted;
	uint32_t count, before;
	uint64_t pages;

	(void)state;
	assert_int_equal(control_of(XEN_DOMCTL_pausedomain, 7), 0);
	assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, 7), 0);
	assert_int_equal(load(&standard, false, list, &count), -XEN_EBUSY);
	assert_int_equal(count, 1);
	assert_memory_equal(&list[0], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_NO_LABEL, 7, DOMID_INVALID, 0 }), sizeof(list[0]));
	before = shype_conflicts(&noted);
	assert_int_equal(map_of(m.bank, m.rival), GNTST_okay);		/* it is on trial no more */
	assert_int_equal(shype_conflicts(&noted), before);
	assert_int_equal(load(&standard, true, list, &count), 0);
	assert_int_equal(d->pause_count, 1);
	pages = heap_pages_free();
	for (unsigned int i = 0; i < 4; i++) {
		struct shype_plan impossible = standard;

		assert_int_equal(load(&standard, true, list, &count), 0);
		assert_int_equal(d->pause_count, 1);
		impossible.patterns = 4;
		assert_int_equal(load(&impossible, true, list, &count), -XEN_EINVAL);
	}
	assert_int_equal(heap_pages_free(), pages);
	hosted_domain_kill(d);
}

/* More conflicts than the list has room for: all are counted, the first are listed, nothing is written behind them. */
static void test_more_conflicts_than_room(void **state)
{
	static struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS + 1];
	struct domain *d[RAVELIN_SHYPE_CONFLICTS + 2];
	uint32_t count;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(d); i++) {
		d[i] = hosted_domain((domid_t)(10 + i), UNKNOWN, 2, 1);
		assert_int_equal(control_of(XEN_DOMCTL_pausedomain, d[i]->id), 0);
		assert_int_equal(control_of(XEN_DOMCTL_unpausedomain, d[i]->id), 0);
	}
	memset(list, 0x77, sizeof(list));
	hosted_write(m.control, LIST_GPA, list, sizeof(list));
	assert_int_equal(load(&standard, false, list, &count), -XEN_EBUSY);
	assert_int_equal(count, ARRAY_SIZE(d));
	for (unsigned int i = 0; i < RAVELIN_SHYPE_CONFLICTS; i++)
		assert_int_equal(list[i].a, 10 + i);
	hosted_read(m.control, LIST_GPA, list, sizeof(list));
	assert_int_equal(list[RAVELIN_SHYPE_CONFLICTS].a, 0x7777);
	for (unsigned int i = 0; i < ARRAY_SIZE(d); i++)
		hosted_domain_kill(d[i]);
}

static void test_a_load_that_is_damaged(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	static struct shype_plan bad;
	struct ravelin_op op = { .u.shype_load = { .buffer = BUF_GPA, .size = 300u << 10 } };
	uint64_t before = m.control->heap_used;
	uint32_t count;

	(void)state;
	bad = standard;
	bad.has_wall[BANK][1] = 1;
	hosted_console_clear();
	assert_int_equal(load(&bad, false, list, &count), -XEN_EINVAL);
	said("shype policy refused offset=");
	assert_int_equal(m.control->heap_used, before);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_LOAD), -XEN_EINVAL);
	op.u.shype_load = (struct ravelin_shype_load){ .buffer = 0x70000000u, .size = 4096 };
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_LOAD), -XEN_EFAULT);
	assert_int_equal(m.control->heap_used, before);
}

/* On trial, a policy disturbs nobody, and hears of what is new; the caller that began it never comes back. */
static void test_a_load_whose_caller_is_gone(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	size_t len;
	unsigned char *bytes = shype_make(&standard, &len);
	struct hypercall hc = { .nr = RAVELIN_HYPERCALL, .arg = { ARG_GPA }, .privileged = true };
	struct ravelin_op op = { .cmd = RAVELIN_SHYPE_LOAD, .interface_version = RAVELIN_INTERFACE_VERSION,
				 .u.shype_load = { .buffer = BUF_GPA, .size = (uint32_t)len, .conflicts = 0 } };
	const struct ravelin_shype_conflict *noted;
	evtchn_port_t there, here = guests_join(m.bank, m.rival, &there);
	uint32_t count;

	(void)state;
	hosted_write(m.control, BUF_GPA, bytes, len);
	free(bytes);
	hosted_write(m.control, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(m.control->vcpu[0]);
	cpus[1].pass_seq |= 1;			/* another CPU is in a pass and stays there */
	hypercall_dispatch(m.control->vcpu[0], &hc);
	assert_true(hc.restart);
	assert_int_equal(copy_to(m.bank2, m.rival), GNTST_okay);
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, here), 0);
	assert_int_equal(shype_conflicts(&noted), 2);
	assert_memory_equal(&noted[0], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_SHARED, 2, 3, 0 }), sizeof(noted[0]));
	assert_memory_equal(&noted[1], (&(struct ravelin_shype_conflict){ RAVELIN_SHYPE_SHARED, 1, 3, 0 }), sizeof(noted[1]));
	cpus[1].pass_seq++;
	/* another load ends the first one, which is refused, then does its own; what it wants to free is free */
	assert_int_equal(load(&standard, false, list, &count), -XEN_EBUSY);
	assert_int_equal(count, 2);	/* both ends of the channel; the copy is over */
	assert_int_equal(port_call(m.bank, EVTCHNOP_send, here), 0);
	assert_int_equal(load(&standard, true, list, &count), 0);
	assert_int_equal(copy_to(m.bank2, m.rival), GNTST_permission_denied);
	assert_int_equal(load(&standard, false, list, &count), 0);
}

/* What the tools are told of the policy is the policy's, and nothing else. */
static void test_state(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	const struct ravelin_shype_state none = { 0 };
	struct ravelin_op op;
	char hex[65] = "";
	uint8_t hash[32];
	unsigned char *bytes;
	uint32_t count;
	size_t len;

	(void)state;
	memset(&op, 0xff, sizeof(op));
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_STATE), 0);
	assert_memory_equal(&op.u.shype_state, &none, sizeof(none));
	bytes = shype_make(&standard, &len);
	sha256(bytes, len, hash);
	free(bytes);
	for (unsigned int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	hosted_console_clear();
	assert_int_equal(load(&standard, false, list, &count), 0);
	said(hex);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_STATE), 0);
	assert_memory_equal(op.u.shype_state.sha256, hash, sizeof(hash));
	assert_int_equal(op.u.shype_state.labels, LABELS);
	assert_int_equal(op.u.shype_state.loaded, 1);
}

/* Which label a context has: by its whole type and by each of its low level's categories. */
static const struct shype_plan patterns = {
	.ste = 1, .labels = 6, .patterns = 9, .has_ste = { { 1 }, { 1 }, { 1 }, { 1 }, { 1 }, { 1 } },
	.pattern = { { 0, 0, { 0 }, "dom0_t" }, { 1, 1, { 5 }, "guest_t" }, { 2, 2, { 5, 9 }, "guest_t" }, { 3, 1, { 20 }, "guest_t" }, { 4, 1, { 21 }, "guest_t" },
		     { 5, 0, { 0 }, "xenstore_t" }, { 4, 0, { 0 }, "xenstore_t0" }, { 4, 0, { 0 }, "xenstorf_t" }, { 3, 1, { 30 }, "guest_t" } },
};

static const struct {
	const char *context, *label;
} contexts[] = {
	{ "system_u:system_r:guest_t:s0:c5", "label1" }, { "system_u:system_r:guest_t:s0:c4.c6", "label1" }, { "system_u:system_r:guest_t:s0:c3,c5", "label1" },
	{ "system_u:system_r:guest_t:s0:c5,c9", "label2" }, { "system_u:system_r:guest_t:s0:c1,c4.c10,c12", "label2" }, { "system_u:system_r:guest_t:s0:c5-s0:c5,c9", "label1" },
	{ "system_u:system_r:guest_t:s0-s0:c5,c9", "" }, { "system_u:system_r:guest_t:s0", "" }, { "system_u:system_r:guest_t:s0:c50", "" },
	{ "system_u:system_r:guest_t:s0:c1.c4,c6", "" }, { "system_u:system_r:guest_t:s0:c9", "" },
	/* Two fit as well: neither; unless a third fits better, or both say the same. */
	{ "system_u:system_r:guest_t:s0:c20,c21", "" }, { "system_u:system_r:guest_t:s0:c5,c9,c20,c21", "label2" }, { "system_u:system_r:guest_t:s0:c20,c30", "label3" },
	{ "system_u:system_r:xenstore_t:s0", "label5" }, { "system_u:system_r:dom0_t:s0", "label0" },
};

static void test_labels_of_contexts(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	uint32_t count;

	(void)state;
	for (unsigned int order = 0; order < 2; order++) {
		struct shype_plan p = patterns;

		for (unsigned int i = 0; order && i < p.patterns; i++)
			p.pattern[i] = patterns.pattern[p.patterns - 1 - i];
		assert_int_equal(load(&p, true, list, &count), 0);
		for (unsigned int i = 0; i < 2 * ARRAY_SIZE(contexts); i++) {	/* asked again, the same */
			struct ravelin_op op = { .u.shype_ask = { .sid = { sid_of(contexts[i / 2].context), 0 }, .label = { "x", "label0" } } };

			assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), 0);
			if (strcmp(op.u.shype_ask.label[0], contexts[i / 2].label))
				fail_msg("%s: %s", contexts[i / 2].context, op.u.shype_ask.label[0]);
			assert_int_equal(op.u.shype_ask.share, contexts[i / 2].label[0] != '\0');
			assert_int_equal(op.u.shype_ask.wall, contexts[i / 2].label[0] == '\0');
		}
	}
}

/* A context that is longer than any tool writes has no label, rather than that of its beginning. */
static void test_a_long_context(void **state)
{
	struct ravelin_shype_conflict list[RAVELIN_SHYPE_CONFLICTS];
	struct ravelin_op op = { .u.shype_ask.label = { "", "label0" } };
	char text[1024] = "system_u:system_r:guest_t:s0:c5";
	uint32_t count;

	(void)state;
	assert_int_equal(load(&patterns, true, list, &count), 0);
	for (unsigned int c = 101; strlen(text) < 600; c += 2)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ",c%u", c);
	op.u.shype_ask.sid[0] = sid_of(text);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), 0);
	assert_string_equal(op.u.shype_ask.label[0], "");
}

static void test_questions(void **state)
{
	struct ravelin_op op = { .u.shype_ask = { .sid = { sid_of(BANK_2), 0 }, .label = { "", "label1" } } };

	(void)state;
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), 0);
	assert_string_equal(op.u.shype_ask.label[0], "label0");
	assert_int_equal(op.u.shype_ask.share, 0);
	assert_int_equal(op.u.shype_ask.wall, 1);
	op.u.shype_ask.sid[1] = sid_of(PARTNER);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), 0);
	assert_int_equal(op.u.shype_ask.share, 1);
	assert_int_equal(op.u.shype_ask.wall, 0);
	op.u.shype_ask.sid[1] = sid_of(UNKNOWN);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), 0);
	assert_string_equal(op.u.shype_ask.label[1], "");
	assert_int_equal(op.u.shype_ask.share, 0);
	assert_int_equal(op.u.shype_ask.wall, 1);
	op.u.shype_ask.sid[1] = 0;
	memset(op.u.shype_ask.label[1], 'x', RAVELIN_SHYPE_NAME);
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), -XEN_EINVAL);
	op.u.shype_ask.sid[1] = 4000;
	assert_int_equal(ravelin(&op, RAVELIN_SHYPE_ASK), -XEN_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_a_policy_nothing_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_common_type_no_page, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_no_common_type_no_foreign_page, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_no_common_type_no_event, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_no_event_on_what_was_bound_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_label_nothing_is_shared, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_the_competitor_does_not_start, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_a_pause_keeps_the_wall, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_that_conflicts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_that_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_that_is_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_whose_caller_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_questions, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_who_stands_in_the_way, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_a_start_waits, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_and_who_does_not_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_and_who_has_no_label, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_conflicts_than_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_load_counts_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_labels_of_contexts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_long_context, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attach_is_answered_and_recorded, setup_loaded, teardown),
		cmocka_unit_test_setup_teardown(test_attach_asks_about_the_label_to_come, setup, teardown),
	};

	return cmocka_run_group_tests_name("shype_gate", tests, NULL, NULL);
}
