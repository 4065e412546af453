/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A label changes on one CPU while another CPU uses what the old label allows: nothing that the new one denies is there when the change has returned,
 * and nothing comes after. Under the default policy for the first unpause; for the rest one label is forbidden to everybody (the linker's --wrap).
 * Locking: one thread a CPU; flags between them are atomic. Trust: tests only.
 */
#include "guestcalls.h"
#include "invariants.h"

#include <pthread.h>
#include <stdatomic.h>

#include <hv/flask.h>
#include <hv/mm.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/xsm/flask_op.h>

#define ROUNDS		100u
#define PAGES		8u		/* of the target, gfn 0 and up, that are mapped */
#define MAP_GFN		0x50000u
#define LIST_GPA	0x2000u
#define REF		8u
#define POLICY_GPA	0x8000u		/* of the control domain */
#define CONTROL_PAGES	24u
#define LOADS		30u
#define POLICY_STRICT	"build/policy"
#define POLICY_LAX	"build/tests/lax.policy"	/* the control domain may map what runs */
#define SERVICE		"system_u:system_r:xenstore_t:s0"

static struct race {
	struct domain *control, *mapper, *target;
	_Atomic bool changed, going;
	_Atomic unsigned int tries;
	unsigned int early, late;	/* what succeeded; late: although it began after the change */
} race;

static _Atomic sid_t forbidden;		/* 0: the policy decides */
static sid_t old_label;

const struct flask_vector *__real_flask_vector(sid_t source, sid_t target);
const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target);

const struct flask_vector *__wrap_flask_vector(sid_t source, sid_t target)
{
	static const struct flask_vector nothing, everything = { .allowed = { [0 ... FLASK_WORDS - 1] = ~0ull } };
	sid_t f = atomic_load(&forbidden);

	if (!f)
		return __real_flask_vector(source, target);
	/* The change itself is the control domain's doing, and a transition from the old label. */
	return target == f && source != race.control->label.sid && source != old_label ? &nothing : &everything;
}

/* One foreign page, as a toolstack maps it. 0: it is there. */
static int foreign_map_one(uint64_t gfn)
{
	struct {
		uint64_t idx, gfn;
		int32_t err;
	} list = { gfn, MAP_GFN + gfn, 77 };
	struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = race.target->id,
					       .idxs.p = (void *)LIST_GPA, .gpfns.p = (void *)(LIST_GPA + 8), .errs.p = (void *)(LIST_GPA + 16) };
	int64_t rc;

	hosted_write(race.mapper, LIST_GPA, &list, sizeof(list));
	rc = guest_call(race.mapper, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &op, sizeof(op));
	hosted_read(race.mapper, LIST_GPA, &list, sizeof(list));
	return rc ? (int)rc : list.err;
}

static void foreign_unmap_one(uint64_t gfn)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = MAP_GFN + gfn };

	(void)guest_call(race.mapper, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op, sizeof(op));
}

static int grant_map_one(uint64_t i)
{
	struct gnttab_map_grant_ref op = { .host_addr = (MAP_GFN + i) << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF + (grant_ref_t)(i % PAGES),
					   .dom = race.target->id, .status = 77 };

	assert_int_equal(guest_call(race.mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

static int channel_bind_one(uint64_t i)
{
	struct evtchn_bind_interdomain op = { .remote_dom = race.target->id, .remote_port = (evtchn_port_t)(i % PAGES) + 1 };

	return (int)evtchn_call(race.mapper, bind_interdomain, &op);
}

/* A domain comes and goes. */
static int create_and_destroy(uint64_t i)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_createdomain,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.u.createdomain = { .ssidref = old_label, .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = 1, .max_evtchn_port = 127,
				    .max_grant_frames = 4, .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
				    .arch.emulation_flags = XEN_X86_EMU_LAPIC },
	};

	(void)i;
	assert_int_equal(guest_call(race.mapper, __HYPERVISOR_domctl, ARG_GPA, &op, sizeof(op)), 0);
	op.cmd = XEN_DOMCTL_destroydomain;
	assert_int_equal(guest_call(race.mapper, __HYPERVISOR_domctl, ARG_GPA, &op, sizeof(op)), 0);
	return 0;
}

struct attempt {
	int (*try)(uint64_t i);
	void (*undo)(uint64_t i);	/* NULL: it stays */
	bool allowed;			/* after the change, too */
};

static void *attempts_run(void *data)
{
	const struct attempt *a = data;

	hosted_cpu_set(1);
	for (uint64_t i = 0; atomic_load(&race.going); i++) {
		bool late = atomic_load(&race.changed);

		if (a->undo && i % 3 == 0)
			a->undo(i / 3 % PAGES);
		if (a->try(i % (a->undo ? PAGES : 32)) == 0)
			*(late ? &race.late : &race.early) += 1;
		atomic_fetch_add(&race.tries, 1);
	}
	return NULL;
}

static void tries_wait(unsigned int more)
{
	unsigned int until = atomic_load(&race.tries) + more;

	while (atomic_load(&race.tries) < until)
		edge_relax();
}

/* `change` runs on CPU 0 in the middle of the attempts on CPU 1. */
static void race_run(struct attempt a, void (*change)(void), void (*at_once)(void))
{
	pthread_t t;

	atomic_store(&race.changed, false);
	atomic_store(&race.going, true);
	race.early = race.late = 0;
	assert_int_equal(pthread_create(&t, NULL, attempts_run, &a), 0);
	tries_wait(5);
	change();
	atomic_store(&race.changed, true);
	at_once();
	tries_wait(5);
	atomic_store(&race.going, false);
	pthread_join(t, NULL);
	assert_true(a.allowed || race.late == 0);
	assert_int_not_equal(race.early, 0);
}

static void round_begin(const char *mapper, const char *target)
{
	hosted_cpu_set(0);
	race.control = hosted_domain(3, CONTROL, CONTROL_PAGES, 1);
	race.mapper = hosted_domain(1, mapper, 8, 1);
	race.target = hosted_domain(2, target, 16, 1);
}

static void round_end(void)
{
	invariants_check("after a race");
	for (unsigned int i = 0; i < PAGES; i++)
		assert_in_range(refcount_read(&mfn_to_frame(p2m_lookup(race.target, i).mfn)->refs), 1, 100);
	cpus[1].current = NULL;
	race.mapper->vcpu[0]->running = false;
	hosted_domain_kill(race.mapper);
	hosted_domain_kill(race.target);
	hosted_domain_kill(race.control);
}

static int machine(void **state)
{
	(void)state;
	atomic_store(&forbidden, 0);
	hosted_machine_init();
	old_label = sid_of(TENANT_1);
	return 0;
}

static void target_start(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_unpausedomain, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 2 };

	assert_int_equal(guest_call(race.control, __HYPERVISOR_domctl, ARG_GPA, &op, sizeof(op)), 0);
}

static void target_relabel(void)
{
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION,
				   .u.relabel = { .domid = 2, .sid = sid_of(TENANT_2) } };

	assert_int_equal(guest_call(race.control, __HYPERVISOR_xsm_op, ARG_GPA, &op, sizeof(op)), 0);
}

/* Neither in the mapper's tables nor, unmapped but not yet flushed, in old translations. */
static void no_foreign_page(void)
{
	struct p2m *p = &race.mapper->p2m;

	write_lock(&p->lock);
	assert_int_equal(p->mapped_foreign, 0);
	for (unsigned int i = 0; i < p->deferred_nr; i++)
		assert_false(domain_link_is(&mfn_to_frame(p->deferred[i])->owner, race.target));
	write_unlock(&p->lock);
}

static void no_reference(void)
{
	no_foreign_page();
	p2m_drain(race.mapper);
	for (unsigned int i = 0; i < PAGES; i++)
		assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(race.target, i).mfn)->refs), 1);
}

static void no_granted_page(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		assert_int_equal(refcount_read(&mfn_to_frame(p2m_lookup(race.target, i).mfn)->refs), 1);
}

static void no_joined_channel(void)
{
	for (unsigned int k = 1; k <= PAGES; k++)
		assert_int_equal(guest_status(race.target, k).status, EVTCHNSTAT_unbound);
}

/* The default policy: the control domain maps what it builds, and nothing of what runs. */
static void test_first_unpause_against_foreign_map(void **state)
{
	sid_t build;

	(void)state;
	assert_int_equal(flask_transition(sid_of(CONTROL), sid_of(TENANT_1), "domain_build", &build), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		round_begin(CONTROL, TENANT_1);
		race.target->label.sid = build;
		race.target->life = DOMAIN_BUILDING;
		race.target->controller_pauses = 1;
		domain_pause(race.target);
		race_run((struct attempt){ .try = foreign_map_one, .undo = foreign_unmap_one }, target_start, no_foreign_page);
		no_reference();
		round_end();
	}
}

static void test_relabel_against_foreign_map(void **state)
{
	(void)state;
	atomic_store(&forbidden, sid_of(TENANT_2));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		round_begin(SERVICE, TENANT_1);
		race_run((struct attempt){ .try = foreign_map_one, .undo = foreign_unmap_one }, target_relabel, no_foreign_page);
		no_reference();
		round_end();
	}
}

static void test_relabel_against_grant_map(void **state)
{
	(void)state;
	atomic_store(&forbidden, sid_of(TENANT_2));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		mfn_t mfn;
		struct grant_entry_v1 *table;

		round_begin(SERVICE, TENANT_1);
		mfn = grant_frame_get(race.target, 0, true);
		table = hosted_mfn_va(mfn);
		frame_put(mfn);
		for (unsigned int k = 0; k < PAGES; k++)
			table[REF + k] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 1, .frame = k };
		race_run((struct attempt){ .try = grant_map_one }, target_relabel, no_granted_page);
		no_granted_page();
		round_end();
	}
}

static void test_relabel_against_bind(void **state)
{
	(void)state;
	atomic_store(&forbidden, sid_of(TENANT_2));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		round_begin(SERVICE, TENANT_1);
		for (unsigned int k = 0; k < PAGES; k++)
			assert_int_equal(guest_alloc_unbound(race.target, 1), k + 1);
		race_run((struct attempt){ .try = channel_bind_one }, target_relabel, no_joined_channel);
		no_joined_channel();
		round_end();
	}
}

static void nothing_to_see(void)
{
}

static int shared_info_put(struct domain *caller, uint64_t i)
{
	struct xen_add_to_physmap op = { .domid = race.mapper->id, .space = XENMAPSPACE_shared_info, .gpfn = MAP_GFN + i % PAGES };

	return (int)guest_call(caller, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &op, sizeof(op));
}

static int shared_info_put_one(uint64_t i)
{
	return shared_info_put(race.mapper, i);
}

static void shared_info_put_many(void)
{
	for (unsigned int i = 0; i < 50; i++)
		assert_int_equal(shared_info_put(race.control, i * 3), 0);
}

/* A domain and its toolstack put one page here and there: it is never left at two places. */
static void test_shared_info_moved_by_two(void **state)
{
	(void)state;
	atomic_store(&forbidden, sid_of(TENANT_2));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		round_begin(SERVICE, TENANT_1);
		race_run((struct attempt){ .try = shared_info_put_one, .allowed = true }, shared_info_put_many, nothing_to_see);
		assert_in_range(refcount_read(&mfn_to_frame(heap_va_to_mfn(race.mapper->shared_info))->refs), 1, 2);
		round_end();
	}
}

static void policy_load(const char *path)
{
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.load.size = hosted_write_file(race.control, POLICY_GPA, path);
	op.u.load.buffer.p = (void *)(uintptr_t)POLICY_GPA;
	assert_int_equal(guest_call(race.control, __HYPERVISOR_xsm_op, ARG_GPA, &op, sizeof(op)), 0);
}

static void policy_load_strict(void)
{
	policy_load(POLICY_STRICT);
}

static void test_load_against_foreign_map(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < LOADS; i++) {
		round_begin(CONTROL, TENANT_1);
		policy_load(POLICY_LAX);
		race_run((struct attempt){ .try = foreign_map_one, .undo = foreign_unmap_one }, policy_load_strict, no_foreign_page);
		no_reference();
		round_end();
	}
}

static void test_load_against_create_and_destroy(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < LOADS; i++) {
		round_begin(CONTROL, TENANT_1);
		race_run((struct attempt){ .try = create_and_destroy, .allowed = true }, policy_load_strict, nothing_to_see);
		round_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_first_unpause_against_foreign_map, machine),
		cmocka_unit_test_setup(test_relabel_against_foreign_map, machine),
		cmocka_unit_test_setup(test_relabel_against_grant_map, machine),
		cmocka_unit_test_setup(test_relabel_against_bind, machine),
		cmocka_unit_test_setup(test_shared_info_moved_by_two, machine),
		cmocka_unit_test_setup(test_load_against_foreign_map, machine),
		cmocka_unit_test_setup(test_load_against_create_and_destroy, machine),
	};

	return cmocka_run_group_tests_name("races", tests, NULL, NULL);
}
