/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariant checker: content with two domains that share pages and a channel, and not with any of the things it is there to find.
 * Locking: none. Trust: tests only.
 */
#include "guestcalls.h"
#include "invariants.h"

#include <hv/flask.h>
#include <hv/mm.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "../../hypervisor/core/evtchn_private.h"
#include "../../hypervisor/core/grant_private.h"

#define REF	8u
#define MAP_GFN 0x500u

static struct domain *granter, *mapper;

static void expect_broken(const char *part)
{
	const char *broken = invariants_broken();

	assert_non_null(broken);
	assert_non_null(strstr(broken, part));
}

static void expect_whole(void)
{
	assert_string_equal(invariants_broken() ?: "whole", "whole");
}

static int begin(void **state)
{
	struct gnttab_map_grant_ref map = { .host_addr = (uint64_t)MAP_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF, .dom = 1 };
	mfn_t mfn;

	(void)state;
	hosted_machine_init();
	granter = hosted_domain(1, TENANT_1, 16, 1);
	mapper = hosted_domain(2, TENANT_1, 16, 1);
	mfn = grant_frame_get(granter, 0, true);
	((struct grant_entry_v1 *)hosted_mfn_va(mfn))[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 2, .frame = 3 };
	frame_put(mfn);
	assert_int_equal(guest_call(mapper, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &map, sizeof(map)), 0);
	assert_int_equal(map.status, GNTST_okay);
	assert_true(guest_alloc_unbound(granter, 2) == 1);
	assert_true(guest_bind(mapper, 1, 1) > 0);
	assert_true(guest_bind_virq(mapper, VIRQ_TIMER, 0) > 0);
	expect_whole();
	return 0;
}

/* Whatever a test broke is mended again: the machine goes as it came. */
static int end(void **state)
{
	(void)state;
	expect_whole();
	hosted_run_vcpu(NULL);
	hosted_domain_kill(mapper);
	hosted_domain_kill(granter);
	expect_whole();
	return 0;
}

static void test_finds_frame_references(void **state)
{
	mfn_t mfn = p2m_lookup(granter, 5).mfn;

	(void)state;
	assert_true(frame_get(mfn));
	expect_broken("has 2 references, 1 are known");
	frame_put(mfn);
}

static void test_finds_domain_references(void **state)
{
	(void)state;
	assert_true(domain_get(granter));
	expect_broken("references, ");
	domain_put(granter);
}

static void test_finds_page_accounts(void **state)
{
	(void)state;
	granter->tot_pages--;
	expect_broken("owns 16 pages, is charged for 15");
	granter->tot_pages++;
	guest_zone.free_pages++;
	expect_broken("pages free");
	guest_zone.free_pages--;
	mapper->pinned_pages++;
	expect_broken("pinned");
	mapper->pinned_pages--;
}

static void test_finds_mapping_without_grant(void **state)
{
	struct grant_map *m = maptrack_lookup(mapper->grant, 0);

	(void)state;
	m->gfn++;
	expect_broken("without a grant in use");
	m->gfn--;
	m->state = MAP_REVOKED;
	expect_broken("mapped by 0 and 0");
	m->state = MAP_LIVE;
}

static void test_finds_grant_of_nobody(void **state)
{
	struct grant_entry_v1 *shared;
	struct grant_active *a = grant_active(granter->grant, REF, &shared);

	(void)state;
	a->writers++;
	expect_broken("in use by 0 readers and 2 writers");
	a->writers--;
	a->domid = 7;
	expect_broken("has not granted it");
	a->domid = 2;
}

static void test_finds_pages_of_others(void **state)
{
	struct frame *f = mfn_to_frame(p2m_lookup(granter, 5).mfn);
	struct domain_link former = f->owner;

	(void)state;
	f->owner = domain_link_make(mapper);
	expect_broken("is RAM, but");
	domain_link_drop(&f->owner);
	f->owner = former;
	granter->p2m.mapped_foreign++;
	expect_broken("foreign pages are mapped");
	granter->p2m.mapped_foreign--;
}

static void test_finds_channels(void **state)
{
	struct channel *ch = channel_lookup(granter->evtchn, 1);

	(void)state;
	ch->remote_port++;
	expect_broken("joined to one that is not joined to it");
	ch->remote_port--;
	mapper->vcpu[0]->virq_port[VIRQ_TIMER]++;
	expect_broken("virtual interrupt");
	mapper->vcpu[0]->virq_port[VIRQ_TIMER]--;
	granter->evtchn->chunk[0]->free[0] |= 2;
	expect_broken("in the list of free ones");
	granter->evtchn->chunk[0]->free[0] &= ~2ull;
}

/* Another tenant's label: what was allowed when it was made is not any more. */
static void test_finds_what_the_policy_denies(void **state)
{
	sid_t former = granter->label.sid, other;

	(void)state;
	assert_int_equal(flask_context_to_sid(TENANT_2, strlen(TENANT_2), &other), 0);
	granter->label.sid = other;
	expect_broken("denies");
	granter->label.sid = former;
}

static void test_finds_passes_that_stay(void **state)
{
	(void)state;
	cpus[1].pass_seq++;
	expect_broken("outlives its hypercall");
	cpus[1].pass_seq++;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_finds_frame_references, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_domain_references, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_page_accounts, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_mapping_without_grant, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_grant_of_nobody, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_pages_of_others, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_channels, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_what_the_policy_denies, begin, end),
		cmocka_unit_test_setup_teardown(test_finds_passes_that_stay, begin, end),
	};

	return cmocka_run_group_tests_name("invariants", tests, NULL, NULL);
}
