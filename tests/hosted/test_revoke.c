/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation: what a policy load denies is taken from those who have it, and from nobody else; handles, ports and memory end as they should.
 * One pair of labels is forbidden after the load by the linker's --wrap; the load itself is the real one, of the default policy.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <hv/flask.h>
#include <hv/hypercall.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/sweep.h>
#include <xen/grant_table.h>
#include <xen/xsm/flask_op.h>

#define MAP_GFN		0x50000u
#define GRANTED_GFN	5u
#define REF		8u
#define POLICY_GPA	0x10000u
#define MANY		1000u
#define VERY_MANY	100000u
#define STEP_MAX	64u		/* what a sweep takes in one step on a CPU that should yield */

static struct {
	struct domain *control, *a, *b, *third;	/* a maps pages of b and of third; b of tenant 1, third of no tenant */
	uint64_t free;
} m;
static sid_t forbidden_target;			/* 0: the policy decides; else nothing is allowed to tenant 1's guests on it */
static struct flask_vector nothing;
static sid_t exempt_source;			/* but to this label */

const struct flask_vector *__real_flask_vector(sid_t source, sid_t target);
const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);

static sid_t final_label;			/* 0, or a label that nobody may take away from whom it is given */

static const struct flask_vector *all_but_relabelfrom(void)
{
	static struct flask_vector v = { .allowed = { [0 ... FLASK_WORDS - 1] = ~0ull } };

	v.allowed[PERM_domain2__relabelfrom / 64] &= ~(1ull << PERM_domain2__relabelfrom % 64);
	return &v;
}

static const struct flask_vector *everything(void)
{
	static const struct flask_vector v = { .allowed = { [0 ... FLASK_WORDS - 1] = ~0ull } };

	return &v;
}

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	if (m.control && source == m.control->label.sid)
		return __real_flask_vector(source, target);
	if (final_label && target == final_label)
		return all_but_relabelfrom();
	return forbidden_target && target == forbidden_target && source != exempt_source ? &nothing : everything();
}

static int setup(void **state)
{
	(void)state;
	forbidden_target = exempt_source = final_label = 0;
	nothing = (struct flask_vector){ 0 };
	m.control = NULL;
	hosted_machine_init();
	m.free = guest_pages_free();
	m.control = hosted_domain(3, CONTROL, 64, 1);
	m.a = hosted_domain(1, "system_u:system_r:xenstore_t:s0", 16, 1);
	m.b = hosted_domain(2, TENANT_1, 16, 1);
	m.third = hosted_domain(4, TENANT_2, 16, 1);
	return 0;
}

static int setup_very_many(void **state)
{
	int rc;

	hosted_maptrack_frames = 1024;
	rc = setup(state);
	hosted_maptrack_frames = 64;
	m.a->heap_limit = 64u << 20;	/* handles lie wider apart here (redzone.c) */
	return rc;
}

/* Everything ends: not one page is lost, neither guest memory nor what was charged. */
static int teardown(void **state)
{
	(void)state;
	hosted_domain_kill(m.a);
	hosted_domain_kill(m.b);
	hosted_domain_kill(m.third);
	hosted_domain_kill(m.control);
	return guest_pages_free() == m.free ? 0 : -1;
}

static void policy_load(void)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.load.buffer.p = (void *)(uintptr_t)POLICY_GPA;
	op.u.load.size = hosted_write_file(m.control, POLICY_GPA, "build/policy");
	hosted_write(m.control, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(m.control, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0), 0);
}

static void load_that_forbids(sid_t target)
{
	forbidden_target = target;
	policy_load();
}

static struct grant_entry_v1 *table_of(struct domain *d)
{
	mfn_t mfn = grant_frame_get(d, 0, false);
	struct grant_entry_v1 *table = hosted_mfn_va(mfn);

	frame_put(mfn);
	return table;
}

static grant_handle_t map_of(struct domain *granter, gfn_t at, uint32_t flags)
{
	struct gnttab_map_grant_ref op = { .host_addr = at << PAGE_SHIFT, .flags = GNTMAP_host_map | flags, .ref = REF, .dom = granter->id, .status = 77 };

	table_of(granter)[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access | (table_of(granter)[REF].flags & (GTF_reading | GTF_writing)),
							  .domid = m.a->id, .frame = GRANTED_GFN };
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	return op.handle;
}

static int16_t unmap(grant_handle_t handle, gfn_t at)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = at << PAGE_SHIFT, .handle = handle, .status = 77 };

	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

static uint32_t page_refs(struct domain *d)
{
	return refcount_read(&mfn_to_frame(p2m_lookup(d, GRANTED_GFN).mfn)->refs);
}

static uint64_t word_at(struct domain *d, gfn_t gfn)
{
	uint64_t w = 0;

	memcpy(&w, hosted_mfn_va(p2m_lookup(d, gfn).mfn), sizeof(w));
	return w;
}

static void test_grant_is_taken(void **state)
{
	grant_handle_t denied, kept;
	uint64_t secret = 0x5ec2e7;

	(void)state;
	hosted_write(m.b, GRANTED_GFN << PAGE_SHIFT, &secret, sizeof(secret));
	hosted_write(m.third, GRANTED_GFN << PAGE_SHIFT, &secret, sizeof(secret));
	denied = map_of(m.b, MAP_GFN, 0);
	kept = map_of(m.third, MAP_GFN + 1, 0);
	hosted_console_clear();
	load_that_forbids(sid_of(TENANT_1));
	assert_int_equal(page_refs(m.b), 1);
	assert_int_equal(table_of(m.b)[REF].flags & (GTF_reading | GTF_writing), 0);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_SHARED);
	assert_int_equal(word_at(m.a, MAP_GFN), 0);
	assert_non_null(strstr(hosted_console(), "revoked=1 what=\"granted pages mapped\" domid=1"));
	/* the innocent third is untouched */
	assert_int_equal(p2m_lookup(m.a, MAP_GFN + 1).type, P2M_GRANT);
	assert_int_equal(word_at(m.a, MAP_GFN + 1), secret);
	/* the handle is good for one unmap, which asks nobody */
	assert_int_equal(unmap(denied, MAP_GFN + 7), GNTST_bad_virt_addr);
	assert_int_equal(unmap(denied, MAP_GFN), GNTST_okay);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_INVALID);
	assert_int_equal(unmap(denied, MAP_GFN), GNTST_bad_handle);
	assert_int_equal(unmap(kept, MAP_GFN + 1), GNTST_okay);
}

static void test_readonly_grant_is_taken(void **state)
{
	(void)state;
	map_of(m.b, MAP_GFN, GNTMAP_readonly);
	load_that_forbids(sid_of(TENANT_1));
	assert_int_equal(page_refs(m.b), 1);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_SHARED);
	/* left to the mapper's end: teardown() counts the pages */
}

static void test_many_grants_share_one_scratch_page(void **state)
{
	static grant_handle_t handle[MANY];

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		handle[i] = map_of(m.b, MAP_GFN + i, 0);
	assert_int_equal(page_refs(m.b), 1 + 1 + MANY);
	load_that_forbids(sid_of(TENANT_1));
	assert_int_equal(page_refs(m.b), 1);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).mfn, p2m_lookup(m.a, MAP_GFN + MANY - 1).mfn);
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(unmap(handle[i], MAP_GFN + i), GNTST_okay);
}

/* What the mapper had put over the mapping by itself stays. */
static void test_replaced_by_the_guest(void **state)
{
	grant_handle_t handle;
	mfn_t ram;

	(void)state;
	handle = map_of(m.b, MAP_GFN, 0);
	assert_int_equal(guest_frames_alloc(m.a, 0, &ram), 0);
	assert_int_equal(p2m_set(m.a, MAP_GFN, ram, P2M_RAM, 0), 0);
	load_that_forbids(sid_of(TENANT_1));
	assert_int_equal(page_refs(m.b), 1);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).mfn, ram);
	assert_int_equal(unmap(handle, MAP_GFN), GNTST_okay);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).mfn, ram);
}

static void test_channel_is_cut(void **state)
{
	evtchn_port_t bport, tport;
	evtchn_port_t to_b = guests_join(m.a, m.b, &bport), to_third = guests_join(m.a, m.third, &tport);

	(void)state;
	guest_ack_all(m.b);
	load_that_forbids(sid_of(TENANT_1));
	assert_int_equal(guest_status(m.a, to_b).status, EVTCHNSTAT_unbound);
	assert_int_equal(guest_status(m.b, bport).status, EVTCHNSTAT_unbound);
	assert_int_equal(guest_status(m.a, to_third).status, EVTCHNSTAT_interdomain);
	assert_int_equal(port_call(m.a, EVTCHNOP_send, to_b), 0);	/* dropped: sending is not what the policy denies */
	assert_false(pending_bit(m.b, bport));
	assert_int_equal(port_call(m.a, EVTCHNOP_send, to_third), 0);
	assert_true(pending_bit(m.third, tport));
	/* and not to be joined again while it is denied */
	assert_int_equal(guest_bind(m.a, m.b->id, bport), -XEN_EACCES);
	forbidden_target = 0;
	assert_in_range(guest_bind(m.a, m.b->id, bport), 1, 100);
}

/* While one CPU sweeps after a change of label, another changes it again: that sweep's progress does not count for the second. */
static void test_second_label_during_the_first_sweep(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

	(void)state;
	map_of(m.b, MAP_GFN, 0);
	op.u.relabel.domid = m.b->id;
	op.u.relabel.sid = sid_of(TENANT_2);
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(m.third->vcpu[0]);
	m.b->relabel_busy = true;				/* the other CPU is at it */
	hypercall_dispatch(m.third->vcpu[0], &hc);
	assert_true(hc.restart);
	assert_int_equal(m.b->label.sid, op.u.relabel.sid);
	forbidden_target = op.u.relabel.sid;
	exempt_source = m.third->label.sid;
	m.b->relabel_sweep = (struct sweep_progress){ .domain = m.b->id };	/* it gives way there, past the mapper */
	m.b->relabel_busy = false;
	assert_int_equal(hosted_hypercall(m.third, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0), 0);
	assert_false(m.b->relabel_pending);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_SHARED);
	assert_int_equal(page_refs(m.b), 1);
}

static sid_t second_label;			/* not 0: another CPU relabels b during the next flush */
static struct hypercall second = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

void __real_edge_guest_flush_wait(struct domain *d);
void __wrap_edge_guest_flush_wait(struct domain *d);

static void second_relabel(void)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.relabel = { .domid = m.b->id, .sid = second_label } };

	second_label = 0;
	hosted_write(m.a, ARG_GPA, &op, sizeof(op));
	hosted_cpu_set(1);
	hosted_run_vcpu(m.a->vcpu[0]);
	hypercall_dispatch(m.a->vcpu[0], &second);
	hosted_cpu_set(0);
	cpus[0].timers.armed = UINT64_MAX;	/* nothing else to do: the first ends in one pass */
	atomic_store(&cpus[0].work, 0);
	assert_true(second.restart);
	assert_int_equal(m.b->label.sid, op.u.relabel.sid);
	forbidden_target = op.u.relabel.sid;
	memset(nothing.allowed, 0, sizeof(nothing.allowed));
	nothing.allowed[PERM_domain2__relabelto / 64] = 1ull << PERM_domain2__relabelto % 64;
}

static bool other_waits;			/* another CPU relabels b during the next flush, and has to wait for this pass */
static unsigned int waited;

static void relabel_waits(void)
{
	other_waits = false;
	hosted_cpu_set(1);
	hosted_run_vcpu(m.third->vcpu[0]);
	for (unsigned int i = 0; i < 3; i++) {
		second.restart = false;
		hypercall_dispatch(m.third->vcpu[0], &second);
		waited += second.restart;
	}
	hosted_cpu_set(0);
}

void __wrap_edge_guest_flush_wait(struct domain *d)
{
	if (second_label)
		second_relabel();
	if (other_waits)
		relabel_waits();
	__real_edge_guest_flush_wait(d);
}

/* A sweep that is overtaken by a second change of label ends, and the second has still to be swept for. */
static void test_second_label_overtakes_the_sweep(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	(void)state;
	map_of(m.b, MAP_GFN, GNTMAP_readonly);
	map_of(m.b, MAP_GFN + 1, 0);
	op.u.relabel.domid = m.b->id;
	op.u.relabel.sid = forbidden_target = sid_of(TENANT_2);
	exempt_source = m.third->label.sid;
	memset(nothing.allowed, 0xff, sizeof(nothing.allowed));
	nothing.allowed[PERM_grant__map_write / 64] &= ~(1ull << PERM_grant__map_write % 64);
	second_label = sid_of("system_u:system_r:guest_t:s0:c3");
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(m.third, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0), 0);
	assert_int_equal(second_label, 0);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_GRANT_RO);		/* was looked at before the second label */
	assert_int_equal(p2m_lookup(m.a, MAP_GFN + 1).type, P2M_SHARED);
	hosted_cpu_set(1);
	for (unsigned int i = 0; second.restart && i < 10; i++) {
		second.restart = false;
		hypercall_dispatch(m.a->vcpu[0], &second);
	}
	hosted_run_vcpu(NULL);
	hosted_cpu_set(0);
	assert_false(second.restart);
	assert_int_equal(second.result, 0);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_SHARED);
	assert_int_equal(page_refs(m.b), 1);
}

/* --- a pass is one, from its begin to its end ------------------------------------------------------------------------------------ */

static int64_t hosted_relabel(struct domain *by, struct domain *d, const char *label)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.relabel = { .domid = d->id, .sid = sid_of(label) } };

	hosted_write(by, ARG_GPA, &op, sizeof(op));
	return hosted_hypercall(by, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0);
}

/* Its own label, by its own number: it is not held by that, nor let go. */
static void test_relabelling_oneself(void **state)
{
	uint32_t refs = refcount_read(&m.a->refs);

	(void)state;
	hosted_console_clear();
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(hosted_relabel(m.a, m.a, i % 2 ? "system_u:system_r:xenstore_t:s0" : TENANT_1), 0);
	assert_int_equal(refcount_read(&m.a->refs), refs);
	assert_non_null(strstr(hosted_console(), "ravelin: op=label domid=1"));
}

/* While an entry of a multicall runs, and after others have ended; and not when the multicall is over, though its CPU does nothing else. */
static void multicall_is_one_pass(unsigned int before)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.relabel = { .domid = m.b->id, .sid = sid_of("system_u:system_r:guest_t:s0:c3") } };
	struct gnttab_unmap_grant_ref gone = { .host_addr = MAP_GFN << PAGE_SHIFT };
	struct multicall_entry e[] = { { .op = __HYPERVISOR_xen_version }, { .op = __HYPERVISOR_grant_table_op, .args = { GNTTABOP_unmap_grant_ref, 0x2000, 1 } } };
	struct hypercall hc = { .nr = __HYPERVISOR_multicall, .arg = { 0x3000 + (1 - before) * sizeof(e[0]), before + 1 }, .privileged = true };

	assert_int_equal(hosted_relabel(m.third, m.b, "system_u:system_r:guest_t:s0:c4"), 0);	/* and what an earlier one has waited for is no matter */
	gone.handle = map_of(m.b, MAP_GFN, 0);
	hosted_write(m.a, 0x2000, &gone, sizeof(gone));
	hosted_write(m.a, 0x3000, e, sizeof(e));
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	other_waits = true;
	waited = 0;
	hosted_run_vcpu(m.a->vcpu[0]);
	cpus[0].timers.armed = UINT64_MAX;
	atomic_store(&cpus[0].work, 0);
	hypercall_dispatch(m.a->vcpu[0], &hc);
	assert_false(hc.restart);			/* nor does a multicall stop without cause */
	assert_false(other_waits);
	assert_int_equal(waited, 3);
	hosted_cpu_set(1);
	second.restart = false;
	hypercall_dispatch(m.third->vcpu[0], &second);
	hosted_run_vcpu(NULL);
	hosted_cpu_set(0);
	assert_false(second.restart);
	assert_int_equal(second.result, 0);
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_INVALID);
	/* One that begins now does not wait at all. */
	op.u.relabel.sid = sid_of("system_u:system_r:guest_t:s0:c5");
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	hosted_cpu_set(1);
	hosted_run_vcpu(m.third->vcpu[0]);
	hypercall_dispatch(m.third->vcpu[0], &second);
	hosted_run_vcpu(NULL);
	hosted_cpu_set(0);
	assert_false(second.restart);
	assert_int_equal(second.result, 0);
}

static void test_a_multicall_is_one_pass(void **state)
{
	(void)state;
	multicall_is_one_pass(0);
	multicall_is_one_pass(1);
}

/* Nobody waits for himself: where nothing else runs, a change of label is one pass. */
static void test_nobody_waits_for_himself(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.relabel = { .domid = m.b->id, .sid = sid_of("system_u:system_r:guest_t:s0:c3") } };
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

	(void)state;
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(m.third->vcpu[0]);
	hypercall_dispatch(m.third->vcpu[0], &hc);
	assert_false(hc.restart);
	assert_int_equal(hc.result, 0);
}

/* A relabel that waits is not asked for relabelfrom of the label that it has set: it would be refused after it was done, and nothing swept. */
static void test_relabel_to_a_final_label_ends(void **state)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	struct hypercall hc = { .nr = __HYPERVISOR_xsm_op, .arg = { ARG_GPA }, .privileged = true };

	(void)state;
	op.u.relabel.domid = m.b->id;
	op.u.relabel.sid = final_label = sid_of(TENANT_2);
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	hosted_run_vcpu(m.third->vcpu[0]);
	m.b->relabel_busy = true;
	hypercall_dispatch(m.third->vcpu[0], &hc);
	assert_true(hc.restart);
	m.b->relabel_busy = false;
	assert_int_equal(hosted_hypercall(m.third, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0), 0);
	assert_int_equal(m.b->label.sid, final_label);
	assert_false(m.b->relabel_pending);
	/* and it is final */
	op.u.relabel.sid = sid_of(TENANT_1);
	hosted_write(m.third, ARG_GPA, &op, sizeof(op));
	assert_int_equal(hosted_hypercall(m.third, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0), -XEN_EACCES);
}

/* Of two permissions that are missing the policy may want to hear of one alone. */
static void test_dontaudit_of_one_of_two(void **state)
{
	struct gnttab_map_grant_ref op = { .host_addr = MAP_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF, .dom = m.b->id };

	(void)state;
	forbidden_target = sid_of(TENANT_1);
	nothing.dontaudit[PERM_grant__map_read / 64] = 1ull << (PERM_grant__map_read % 64);
	hosted_console_clear();
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_permission_denied);
	assert_non_null(strstr(hosted_console(), "{ map_write }"));
	nothing.dontaudit[PERM_grant__map_write / 64] |= 1ull << (PERM_grant__map_write % 64);
	hosted_console_clear();
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_string_equal(hosted_console(), "");
	nothing = (struct flask_vector){ .allowed[PERM_grant__map_write / 64] = 1ull << (PERM_grant__map_write % 64) };
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_non_null(strstr(hosted_console(), "{ map_read }"));
	hosted_console_clear();
	/* What is granted is not written down as denied; what is missing is, all of it. */
	nothing = (struct flask_vector){ .allowed[PERM_grant__map_read / 64] = 1ull << (PERM_grant__map_read % 64) };
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_non_null(strstr(hosted_console(), "{ map_write }"));
	hosted_console_clear();
	nothing = (struct flask_vector){ 0 };
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_non_null(strstr(hosted_console(), "{ map_read map_write }"));
}

/* Of two that are granted the policy may want to hear of the second. */
static void test_auditallow_of_the_second(void **state)
{
	(void)state;
	memset(nothing.allowed, 0xff, sizeof(nothing.allowed));
	forbidden_target = sid_of(TENANT_1);
	hosted_console_clear();
	map_of(m.b, MAP_GFN, 0);
	assert_string_equal(hosted_console(), "");
	nothing.auditallow[PERM_grant__map_write / 64] = 1ull << (PERM_grant__map_write % 64);
	map_of(m.b, MAP_GFN + 1, GNTMAP_readonly);
	assert_string_equal(hosted_console(), "");
	map_of(m.b, MAP_GFN + 2, 0);
	assert_non_null(strstr(hosted_console(), "granted"));
	assert_non_null(strstr(hosted_console(), "map_write"));
	hosted_console_clear();
	nothing.auditallow[PERM_grant__map_write / 64] = 0;
	nothing.auditallow[PERM_grant__map_read / 64] |= 1ull << (PERM_grant__map_read % 64);
	map_of(m.b, MAP_GFN + 3, GNTMAP_readonly);
	assert_non_null(strstr(hosted_console(), "granted  { map_read }"));
}

/* What is noted of one question does not stand in the record of the next: of the pair, after the reference was asked about; or in another pass. */
static void test_a_note_is_of_one_question(void **state)
{
	struct gnttab_copy copy = { .source = { .u.ref = REF, .domid = m.b->id }, .dest = { .u.gmfn = 6, .domid = DOMID_SELF }, .len = 8,
				    .flags = GNTCOPY_source_gref };
	struct gnttab_map_grant_ref nobody = { .host_addr = MAP_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF, .dom = 77 };

	(void)state;
	forbidden_target = m.a->label.sid;		/* to the copier, from whom it copies */
	hosted_console_clear();
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &copy, sizeof(copy)), 0);
	assert_int_equal(copy.status, GNTST_permission_denied);
	assert_non_null(strstr(hosted_console(), "{ copy } for domid=2 target=1"));
	assert_null(strstr(hosted_console(), "gref"));
	forbidden_target = 0;
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &nobody, sizeof(nobody)), 0);
	assert_int_equal(nobody.status, GNTST_bad_domain);
	forbidden_target = m.a->label.self_sid;
	hosted_console_clear();
	hosted_time_advance(1000000000u);
	assert_int_equal(guest_call(m.a, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &nobody, sizeof(nobody)), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), "avc:"));
	assert_null(strstr(hosted_console(), "gref"));
}

static void test_nothing_is_taken_without_cause(void **state)
{
	evtchn_port_t bport, aport = guests_join(m.a, m.b, &bport);

	(void)state;
	map_of(m.b, MAP_GFN, 0);
	hosted_console_clear();
	policy_load();
	assert_null(strstr(hosted_console(), "revoked="));
	assert_int_equal(p2m_lookup(m.a, MAP_GFN).type, P2M_GRANT);
	assert_int_equal(guest_status(m.a, aport).status, EVTCHNSTAT_interdomain);
}

/* A hundred thousand mappings, on a CPU that always has something else to do: no step looks at more than a few, and whether they stay or go, all are seen. */
static void sweep_in_steps(unsigned int maps, unsigned int flushes)
{
	struct sweep_progress p = { 0 };
	unsigned int steps = 0, before = hosted_flushes(), longest = 0;
	int rc;

	do {
		unsigned int flushed = hosted_flushes();

		cpus[0].timers.armed = 0;
		rc = policy_sweep(NULL, &p);
		if (hosted_flushes() - flushed > longest)
			longest = hosted_flushes() - flushed;
		steps++;
	} while (rc == -XEN_ERESTART);
	assert_int_equal(rc, 0);
	assert_int_equal(hosted_flushes() - before, flushes);
	assert_in_range(steps, maps / STEP_MAX, maps / STEP_MAX + 10);
	assert_true(longest <= STEP_MAX);
}

static void test_sweep_of_very_many(void **state)
{
	uint64_t armed = cpus[0].timers.armed;

	(void)state;
	for (unsigned int i = 0; i < VERY_MANY; i++)
		map_of(i % 2 ? m.b : m.third, MAP_GFN + i, 0);
	sweep_in_steps(VERY_MANY, 0);
	forbidden_target = sid_of(TENANT_1);
	sweep_in_steps(VERY_MANY, VERY_MANY / 2);
	assert_int_equal(page_refs(m.b), 1);
	cpus[0].timers.armed = armed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_grant_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readonly_grant_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_grants_share_one_scratch_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced_by_the_guest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_channel_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_label_during_the_first_sweep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_label_overtakes_the_sweep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_relabel_to_a_final_label_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dontaudit_of_one_of_two, setup, teardown),
		cmocka_unit_test_setup_teardown(test_auditallow_of_the_second, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_note_is_of_one_question, setup, teardown),
		cmocka_unit_test_setup_teardown(test_relabelling_oneself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_multicall_is_one_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_waits_for_himself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_taken_without_cause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweep_of_very_many, setup_very_many, teardown),
	};

	return cmocka_run_group_tests_name("revoke", tests, NULL, NULL);
}
