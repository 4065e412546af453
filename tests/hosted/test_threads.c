/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything at once: guests come and go, map, copy and unmap each other's pages, join, use and close channels, move memory, while one control domain
 * builds, maps and destroys domains and another relabels the guests and loads policies. Nothing is expected of a single call; of the whole, that
 * the invariants hold when all have stopped, and that nothing is missing when all are gone. Run under AddressSanitizer and ThreadSanitizer.
 * Locking: one thread a CPU; numbers of domains between them are atomic. Trust: tests only.
 */
#include "guestcalls.h"
#include "invariants.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <hv/flask.h>
#include <hv/mm.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/xsm/flask_op.h>

#define GUESTS	4u
#define BUILDER GUESTS
#define SECURITY (GUESTS + 1)
#define CPUS	(GUESTS + 2)
#define PAGES	16u		/* of a guest; gfn 3 is granted, 4 to 9 are the hypervisor's to write, 10 is written, 12 and up come and go */
#define REFS	8u		/* grants of each guest: 8 and up */
#define MAP_GFN 0x100u
#define CONTROL_PAGES 32u
#define POLICY_GPA 0x8000u
#define LIST_GPA 0x2000u

static const char *const policies[] = { "build/tests/threads-strict.policy", "build/tests/threads-lax.policy" };
enum success { MAPPED, UNMAPPED, COPIED, JOINED, SENT, MOVED, BUILT, FOREIGN, RELABELLED, LOADED, AREAS, FIFO, LOOKED, SHOWN, SUCCESSES };
static struct actor {
	unsigned int cpu, steps;
	uint64_t random;
	struct domain *d;
	uint32_t handle[REFS];		/* what it has mapped at MAP_GFN + index; ~0: nothing */
	_Atomic uint32_t id;		/* of d, for the others */
	unsigned int done[SUCCESSES];	/* a test in which all is refused shows nothing */
} actor[CPUS];

static uint32_t below(struct actor *a, uint32_t n)
{
	a->random ^= a->random << 13;
	a->random ^= a->random >> 7;
	a->random ^= a->random << 17;
	return (uint32_t)(a->random >> 33) % n;
}

static domid_t somebody(struct actor *a)
{
	return (domid_t)atomic_load(&actor[below(a, GUESTS)].id);
}

static void attempt(struct actor *a, enum success what, uint64_t nr, uint64_t cmd, void *op, size_t len)
{
	a->done[what] += guest_call(a->d, nr, cmd, op, len) >= 0;
}

/* --- guests ---------------------------------------------------------------------------------------------------------------------------- */

static void grants_write(struct actor *a)
{
	mfn_t mfn = grant_frame_get(a->d, 0, true);
	uint64_t *entry = hosted_mfn_va(mfn);

	for (unsigned int i = 0; i < REFS; i++) {
		struct grant_entry_v1 e = { .flags = GTF_permit_access, .domid = somebody(a), .frame = 3 };
		uint64_t word;

		memcpy(&word, &e, sizeof(word));
		__atomic_store_n(&entry[8 + i], word, __ATOMIC_SEQ_CST);
	}
	frame_put(mfn);
}

static void guest_begin(struct actor *a)
{
	a->d = hosted_domain(DOMID_INVALID, below(a, 2) ? TENANT_1 : TENANT_2, PAGES, 1);
	for (unsigned int i = 0; i < REFS; i++)
		a->handle[i] = ~0u;
	atomic_store(&a->id, a->d->id);
	grants_write(a);
}

static void actor_end(struct actor *a)
{
	int rc = -XEN_ERESTART;

	hosted_run_vcpu(NULL);
	while (rc == -XEN_ERESTART) {
		hosted_pass_toggle();
		rc = domain_destroy(a->d);
		hosted_pass_toggle();
		edge_relax();
	}
	domain_put(a->d);
	domain_reap();
}

static void guest_map(struct actor *a)
{
	uint32_t i = below(a, REFS);
	struct gnttab_map_grant_ref op = { .host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT, .flags = GNTMAP_host_map | (below(a, 2) * GNTMAP_readonly),
					   .ref = 8 + below(a, REFS), .dom = somebody(a), .status = 77 };

	if (a->handle[i] == ~0u && guest_call(a->d, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op, sizeof(op)) == 0 && op.status == 0) {
		a->handle[i] = op.handle;
		a->done[MAPPED]++;
	}
}

static void guest_unmap(struct actor *a)
{
	uint32_t i = below(a, REFS);
	struct gnttab_unmap_grant_ref op = { .host_addr = (uint64_t)(MAP_GFN + i) << PAGE_SHIFT, .handle = a->handle[i], .status = 77 };

	if (a->handle[i] != ~0u && guest_call(a->d, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op, sizeof(op)) == 0 && op.status == 0) {
		a->handle[i] = ~0u;
		a->done[UNMAPPED]++;
	}
}

static void guest_copy(struct actor *a)
{
	struct gnttab_copy op = { .source = { .u.ref = 8 + below(a, REFS), .domid = somebody(a) }, .dest = { .u.gmfn = 10, .domid = DOMID_SELF },
				  .len = 64, .flags = GNTCOPY_source_gref };

	if (guest_call(a->d, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &op, sizeof(op)) == 0)
		a->done[COPIED] += op.status == GNTST_okay;
}

static void guest_channels(struct actor *a)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = somebody(a) };
	struct evtchn_bind_interdomain bind = { .remote_dom = somebody(a), .remote_port = 1 + below(a, 8) };
	struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER };
	struct evtchn_status status = { .dom = DOMID_SELF, .port = 1 + below(a, 8) };

	switch (below(a, 7)) {
	case 0:
		(void)evtchn_call(a->d, alloc_unbound, &alloc);
		break;
	case 1:
		a->done[JOINED] += evtchn_call(a->d, bind_interdomain, &bind) == 0;
		break;
	case 2:
		(void)evtchn_call(a->d, bind_virq, &virq);
		break;
	case 3:
		(void)evtchn_call(a->d, status, &status);
		break;
	case 4:
		(void)port_call(a->d, EVTCHNOP_close, 1 + below(a, 12));
		break;
	case 5:
		(void)port_call(a->d, EVTCHNOP_unmask, 1 + below(a, 8));
		break;
	default:
		a->done[SENT] += port_call(a->d, EVTCHNOP_send, 1 + below(a, 8)) == 0;
		break;
	}
}

static void guest_memory(struct actor *a)
{
	uint64_t gfn = 12 + below(a, 6);
	struct xen_memory_reservation op = { .extent_start.p = (xen_pfn_t *)LIST_GPA, .nr_extents = 1, .domid = DOMID_SELF };

	hosted_write(a->d, LIST_GPA, &gfn, sizeof(gfn));
	attempt(a, MOVED, __HYPERVISOR_memory_op, below(a, 2) ? XENMEM_populate_physmap : XENMEM_decrease_reservation, &op, sizeof(op));
}

static void guest_shared(struct actor *a)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF, .space = below(a, 2) ? XENMAPSPACE_shared_info : XENMAPSPACE_grant_table, .gpfn = 12 + below(a, 6) };

	attempt(a, SHOWN, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &op, sizeof(op));
}

/* The pages that the hypervisor writes for a vCPU: each may be registered anew, vcpu_info once. */
static void guest_areas(struct actor *a)
{
	struct vcpu_register_vcpu_info info = { .mfn = 4, .offset = 64 };
	struct vcpu_register_runstate_memory_area runstate = { .addr.p = (uint64_t)(5 * PAGE_SIZE - 8 * below(a, 4)) };
	struct vcpu_register_time_memory_area time = { .addr.p = 6 * PAGE_SIZE + 64 * below(a, 8) };
	struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = edge_now_ns() + below(a, 100000) };
	const struct {
		uint32_t cmd;
		void *op;
		size_t len;
	} which[] = { { VCPUOP_register_vcpu_info, &info, sizeof(info) }, { VCPUOP_register_runstate_memory_area, &runstate, sizeof(runstate) },
		      { VCPUOP_register_vcpu_time_memory_area, &time, sizeof(time) }, { VCPUOP_set_singleshot_timer, &timer, sizeof(timer) } }, *w = &which[below(a, 4)];

	hosted_write(a->d, ARG_GPA, w->op, w->len);
	a->done[AREAS] += hosted_hypercall(a->d, __HYPERVISOR_vcpu_op, w->cmd, 0, ARG_GPA, 0, 0) == 0;
	vcpu_update_areas(a->d->vcpu[0]);
}

static void guest_fifo(struct actor *a)
{
	struct evtchn_init_control init = { .control_gfn = 7 };
	struct evtchn_expand_array expand = { .array_gfn = 8 + below(a, 2) };
	struct evtchn_set_priority priority = { .port = 1 + below(a, 8), .priority = below(a, 16) };
	struct evtchn_reset reset = { .dom = DOMID_SELF };

	switch (below(a, 8)) {
	case 0:
		a->done[FIFO] += evtchn_call(a->d, init_control, &init) == 0;
		break;
	case 1:
		(void)evtchn_call(a->d, expand_array, &expand);
		break;
	case 2:
		(void)evtchn_call(a->d, reset, &reset);
		break;
	default:
		(void)evtchn_call(a->d, set_priority, &priority);
		break;
	}
}

static void guest_step(struct actor *a)
{
	static void (*const does[])(struct actor *) = { guest_map, guest_map, guest_unmap, guest_copy, guest_channels, guest_channels, guest_memory,
							    guest_areas, guest_fifo, guest_shared };

	if (below(a, 200) == 0) {
		atomic_store(&a->id, DOMID_IDLE);
		actor_end(a);
		guest_begin(a);
	} else if (below(a, 50) == 0) {
		grants_write(a);
	} else {
		does[below(a, ARRAY_SIZE(does))](a);
	}
}

/* --- the control domains ----------------------------------------------------------------------------------------------------------------- */

static int64_t control(struct actor *a, struct xen_domctl *op, uint32_t cmd, domid_t target)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = target;
	return guest_call(a->d, __HYPERVISOR_domctl, ARG_GPA, op, sizeof(*op));
}

static void pages_give(struct actor *a, domid_t id)
{
	struct xen_memory_reservation ram = { .extent_start.p = (xen_pfn_t *)LIST_GPA, .nr_extents = 16, .domid = id };

	for (uint64_t i = 0; i < 16; i++)
		hosted_write(a->d, LIST_GPA + 8 * i, &i, sizeof(i));
	attempt(a, BUILT, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &ram, sizeof(ram));
}

static void pages_map(struct actor *a, domid_t id)
{
	struct xen_add_to_physmap_batch map = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 4, .u.foreign_domid = id,
						.idxs.p = (void *)LIST_GPA, .gpfns.p = (void *)(LIST_GPA + 512), .errs.p = (void *)(LIST_GPA + 1024) };

	for (uint64_t i = 0; i < 4; i++) {
		uint64_t gfn = MAP_GFN + i;

		hosted_write(a->d, LIST_GPA + 8 * i, &i, sizeof(i));
		hosted_write(a->d, LIST_GPA + 512 + 8 * i, &gfn, sizeof(gfn));
	}
	attempt(a, FOREIGN, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, &map, sizeof(map));
}

static void page_unmap(struct actor *a)
{
	struct xen_remove_from_physmap op = { .domid = DOMID_SELF, .gpfn = MAP_GFN + below(a, 4) };

	attempt(a, FOREIGN, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &op, sizeof(op));
}

/* A built domain's CPU state and grant table, as a toolstack saves and seeds them. */
static void look_inside(struct actor *a, domid_t id)
{
	struct xen_domctl op = { .u.hvmcontext = { .size = 0x3000, .buffer.p = (uint8_t *)POLICY_GPA } };
	struct xen_mem_acquire_resource table = { .domid = id, .type = XENMEM_resource_grant_table, .nr_frames = 1, .frame_list.p = (xen_pfn_t *)LIST_GPA };
	uint64_t gfn = MAP_GFN + 8;

	(void)control(a, &op, XEN_DOMCTL_gethvmcontext, id);
	hosted_write(a->d, LIST_GPA, &gfn, sizeof(gfn));
	attempt(a, LOOKED, __HYPERVISOR_memory_op, XENMEM_acquire_resource, &table, sizeof(table));
}

/* A domain from its creation to its end, its builder's mappings left behind now and then. */
static void builder_step(struct actor *a)
{
	struct xen_domctl op = { .u.createdomain = { .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = 1, .max_evtchn_port = 127,
						     .max_grant_frames = 4, .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
						     .arch.emulation_flags = XEN_X86_EMU_LAPIC } };
	domid_t id;

	if (flask_context_to_sid(TENANT_1, strlen(TENANT_1), &op.u.createdomain.ssidref) != 0 || control(a, &op, XEN_DOMCTL_createdomain, 0) != 0)
		return;
	id = op.domain;
	op = (struct xen_domctl){ .u.max_mem.max_memkb = 1024 };
	(void)control(a, &op, XEN_DOMCTL_max_mem, id);
	pages_give(a, id);
	look_inside(a, id);
	pages_map(a, id);
	pages_map(a, somebody(a));
	if (below(a, 2))
		page_unmap(a);
	op = (struct xen_domctl){ 0 };
	if (below(a, 2))
		(void)control(a, &op, XEN_DOMCTL_unpausedomain, id);
	pages_map(a, id);
	op = (struct xen_domctl){ 0 };
	assert_int_equal(control(a, &op, XEN_DOMCTL_destroydomain, id), 0);
}

/* On a busy machine all guests may be between two lives for long: then there would be nobody to relabel, ever. */
static domid_t somebody_alive(struct actor *a)
{
	domid_t id = somebody(a);

	for (unsigned int tries = 0; id == DOMID_IDLE && tries < 2000; tries++) {
		usleep(50);
		id = somebody(a);
	}
	return id;
}

static void relabel_somebody(struct actor *a)
{
	const char *label = below(a, 2) ? TENANT_1 : TENANT_2;
	struct xen_flask_op op = { .cmd = FLASK_RELABEL_DOMAIN, .interface_version = XEN_FLASK_INTERFACE_VERSION, .u.relabel.domid = somebody_alive(a) };

	if (flask_context_to_sid(label, strlen(label), &op.u.relabel.sid) == 0)
		attempt(a, RELABELLED, __HYPERVISOR_xsm_op, ARG_GPA, &op, sizeof(op));
}

static void policy_load(struct actor *a)
{
	static char bytes[(CONTROL_PAGES << PAGE_SHIFT) - POLICY_GPA];
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };
	FILE *f = fopen(policies[below(a, 2)], "rb");

	assert_non_null(f);
	op.u.load.size = (uint32_t)fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	op.u.load.buffer.p = (void *)(uintptr_t)POLICY_GPA;
	hosted_write(a->d, POLICY_GPA, bytes, op.u.load.size);
	attempt(a, LOADED, __HYPERVISOR_xsm_op, ARG_GPA, &op, sizeof(op));
}

static void everybody_list(struct actor *a)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist, .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
				 .u.getdomaininfolist = { .max_domains = 16, .buffer.p = (void *)POLICY_GPA } };

	(void)guest_call(a->d, __HYPERVISOR_sysctl, ARG_GPA, &op, sizeof(op));
}

static void security_step(struct actor *a)
{
	if (below(a, 4) == 0)
		everybody_list(a);
	else if (below(a, 8))
		relabel_somebody(a);
	else
		policy_load(a);
}

/* --- all of them -------------------------------------------------------------------------------------------------------------------------- */

static void *actor_run(void *data)
{
	struct actor *a = data;

	hosted_cpu_set(a->cpu);
	for (unsigned int i = 0; i < a->steps; i++) {
		if (a->cpu == BUILDER)
			builder_step(a);
		else if (a->cpu == SECURITY)
			security_step(a);
		else
			guest_step(a);
		cpu_do_work();
	}
	hosted_run_vcpu(NULL);
	return NULL;
}

static void actors_begin(uint64_t seed)
{
	for (unsigned int i = 0; i < CPUS; i++) {
		hosted_cpu_set(i);
		atomic_store(&actor[i].id, DOMID_IDLE);
		actor[i].cpu = i;
		actor[i].random = (seed * CPUS + i) * 0x9e3779b97f4a7c15u + 1;
		actor[i].steps = i == BUILDER ? 300 : i == SECURITY ? 400 : 6000;
	}
	for (unsigned int i = 0; i < GUESTS; i++)
		guest_begin(&actor[i]);
	actor[BUILDER].d = hosted_domain(DOMID_INVALID, CONTROL, CONTROL_PAGES, 1);
	actor[SECURITY].d = hosted_domain(DOMID_INVALID, CONTROL, CONTROL_PAGES, 1);
	hosted_cpu_set(0);
}

static void something_succeeded(enum success what)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < CPUS; i++)
		n += actor[i].done[what];
	print_message("%u:%u ", what, n);
	assert_int_not_equal(n, 0);
}

static void everything_at_once(uint64_t seed)
{
	pthread_t thread[CPUS];
	uint64_t free_before;

	hosted_cpus = CPUS;
	hosted_machine_init_policy(policies[0]);
	hosted_time_auto(50);
	free_before = guest_pages_free();
	actors_begin(seed);
	for (unsigned int i = 0; i < CPUS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, actor_run, &actor[i]), 0);
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	invariants_check("when all threads have stopped");
	for (unsigned int i = 0; i < CPUS; i++)
		actor_end(&actor[i]);
	invariants_check("when all domains are gone");
	assert_int_equal(guest_pages_free(), free_before);
	assert_int_equal(domain_count, 0);
}

static void test_everything_at_once(void **state)
{
	const char *given = getenv("SEED"), *rounds = getenv("ROUNDS");
	uint64_t first = given ? strtoull(given, NULL, 0) : 1, n = rounds ? strtoull(rounds, NULL, 0) : 3;

	(void)state;
	for (uint64_t seed = first; seed < first + n; seed++)
		everything_at_once(seed);
	for (enum success what = 0; what < SUCCESSES; what++)
		something_succeeded(what);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_everything_at_once) };

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
