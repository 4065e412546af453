/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose label an operation asks about: objects of each label, pairs, channels, new domains, batches; what a sweep lets stay.
 * Locking: none; one CPU. Trust: tests only.
 */
#include "sweep_tests.h"

#include <hv/internal.h>

/* --- objects of each label -------------------------------------------------------------------------------------------------------------------- */

/* p is denied towards one label, and what goes with it. Whether the operation on a domain of that label then fails; on another it has to work. */
static bool denied_by_label(const struct expectation *e, enum perm p, const char *label, const char *free)
{
	int64_t rc;
	bool denied;

	sweep_policy_deny_on(p, 0, sid_of(label));
	sweep_policy.target[1] = sweep_transition(sid_of(CONTROL), sid_of(label), "domain_build");
	sweep_policy.target[2] = sweep_transition(sid_of(label), sid_of(CONTROL), "event");
	rc = sweep_scene_run(e, CONTROL, label);
	denied = rc == e->denied;
	if (!denied && !sweep_has_worked(e, rc))
		sweep_complain(e, "without %s:%s on the label the result is %ld", perm_class_name(p), perm_name(p), (long)rc);
	rc = sweep_scene_run(e, CONTROL, free);
	if (!sweep_has_worked(e, rc))
		sweep_complain(e, "without %s:%s on a label that is not there the result is %ld", perm_class_name(p), perm_name(p), (long)rc);
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
		sweep_complain(e, "%u of %u questions are about the other domain's label", denied, asked);
}

void test_objects_of_each_label(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (e->about != ABOUT_EACH)
			objects_check(e);
	assert_int_equal(sweep_complaints, 0);
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

	sweep_policy_deny_on(p, sid_of(source), sid_of(target));
	rc = sweep_scene_run(e, CONTROL, TENANT_1);
	if (denies ? rc != e->denied : !sweep_has_worked(e, rc))
		sweep_complain(e, "%s:%s of a pair denied: %ld", perm_class_name(p), perm_name(p), (long)rc);
}

/* The caller may do it with both; the third domain (tenant 2) and the other one (tenant 1) are asked about as a pair, in that direction. */
void test_pairs(void **state)
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
	assert_int_equal(sweep_complaints, 0);
}

static sid_t channel_label(const char *local, const char *remote)
{
	return sweep_transition(sid_of(local), sid_of(remote), "event");
}

static void channel_check(const char *scene, enum perm p, const char *caller, bool denies)
{
	const struct expectation *e = expectation_of(scene);
	int64_t rc = sweep_scene_run(e, caller, TENANT_2);

	if (denies ? rc != e->denied : !sweep_has_worked(e, rc))
		sweep_complain(e, "%s:%s of a channel's label denied: %ld", perm_class_name(p), perm_name(p), (long)rc);
}

/* Sends, and looks at a channel, by the label of the channel that the port leads to. */
void test_channels_of_each_label(void **state)
{
	static const struct {
		const char *scene;
		enum perm p;
	} uses[] = { { "event_send", PERM_event__send }, { "event_status", PERM_event__status }, { "event_alloc", PERM_event__create },
		     { "event_bind", PERM_event__create } };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(uses); i++) {
		sweep_policy_deny_on(uses[i].p, 0, channel_label(TENANT_1, TENANT_2));
		channel_check(uses[i].scene, uses[i].p, TENANT_1, true);
		channel_check(uses[i].scene, uses[i].p, CONTROL, false);
	}
	/* The waiting end is asked about again: it may have been relabelled since. */
	sweep_policy_deny_on(PERM_event__bind, channel_label(TENANT_2, CONTROL), 0);
	channel_check("event_bind", PERM_event__bind, CONTROL, true);
	assert_int_equal(sweep_complaints, 0);
}

/* The label that a domain is built under is created, too. */
void test_both_labels_of_a_new_domain(void **state)
{
	const struct expectation *e = expectation_of("createdomain");
	sid_t build = sweep_transition(sid_of(CONTROL), sid_of(TENANT_1), "domain_build");

	(void)state;
	assert_int_not_equal(build, sid_of(TENANT_1));
	sweep_policy_deny_on(PERM_domain__create, 0, build);
	assert_int_equal(sweep_scene_run(e, CONTROL, TENANT_1), -XEN_EACCES);
	sweep_policy_deny_on(PERM_domain__create, 0, sid_of(TENANT_1));
	assert_int_equal(sweep_scene_run(e, CONTROL, TENANT_1), -XEN_EACCES);
	sweep_policy_deny_on(PERM_domain__create, 0, sid_of(TENANT_2));
	assert_int_equal(sweep_scene_run(e, CONTROL, TENANT_1), 0);
}

void test_list_shows_what_may_be_seen(void **state)
{
	const struct expectation *e = expectation_of("getdomaininfolist");

	(void)state;
	sweep_policy_deny_on(PERM_domain__getdomaininfo, 0, sid_of(TENANT_1));
	assert_int_equal(sweep_scene_run(e, CONTROL, TENANT_1), 1);
	assert_int_equal(sweep_scene_run(e, CONTROL, SERVICE), 2);
	/* Nor does a walk by ids show it. */
	sweep_policy_deny_on(PERM_domain__getdomaininfo, 0, sweep_transition(sid_of(CONTROL), sid_of(CONTROL), "domain"));
	assert_int_equal(sweep_scene_run(expectation_of("getdomaininfo_next"), CONTROL, TENANT_1), 2);
}

/* Each entry is an operation of its own: one that is denied says so, the others run. */
void test_multicall_entries(void **state)
{
	struct multicall_entry e[3] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = __HYPERVISOR_console_io, .args = { CONSOLEIO_write, 4, BUF_GPA } },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_pagesize } },
	};
	struct scene s = { .caller = hosted_domain(1, CONTROL, CALLER_PAGES, 2) };

	(void)state;
	sweep_policy_deny(PERM_xen__writeconsole);
	hosted_write(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal(sweep_call(&s, __HYPERVISOR_multicall, BUF_GPA, 3, 0, 0), 0);
	assert_false(sweep_seen.twice);
	hosted_read(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal((int64_t)e[0].result, 0x40011);
	assert_int_equal((int64_t)e[1].result, -XEN_EACCES);
	assert_int_equal((int64_t)e[2].result, 4096);
	assert_int_equal(sweep_seen.entered[op_index(sweep_row_named("console_io.write"))], 0);
	sweep_policy_deny(PERM_interface__console_io);
	hosted_write(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal(sweep_call(&s, __HYPERVISOR_multicall, BUF_GPA, 3, 0, 0), 0);
	hosted_read(s.caller, BUF_GPA, e, sizeof(e));
	assert_int_equal((int64_t)e[1].result, -XEN_EACCES);
	assert_int_equal((int64_t)e[2].result, 4096);
	hosted_domain_kill(s.caller);
}

/* What the revocation sweep lets stay is what the map had to ask for, neither more nor less. */
void test_what_may_stay(void **state)
{
	struct domain *mapper = hosted_domain(1, CONTROL, CALLER_PAGES, 1), *owner = hosted_domain(2, TENANT_1, OTHER_PAGES, 1);
	sid_t channel = channel_label(CONTROL, TENANT_1);
	struct domain_link link = domain_link_make(owner);

	(void)state;
	sweep_observing = true;
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		sweep_policy_deny_on(p, sid_of(CONTROL), sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_foreign(mapper, &link, true), p != PERM_domain2__resource_map);
		assert_int_equal(gate_may_keep_foreign(mapper, &link, false), p != PERM_mmu__map_read && p != PERM_mmu__map_write);
	}
	domain_link_drop(&link);
	for (enum perm p = 1; p < PERM_COUNT; p++) {
		sweep_policy_deny_on(p, sid_of(CONTROL), sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_grant(mapper, owner, false), p != PERM_grant__map_read);
		assert_int_equal(gate_may_keep_grant(mapper, owner, true), p != PERM_grant__map_read && p != PERM_grant__map_write);
		sweep_policy_deny_on(p, sid_of(CONTROL), channel);
		assert_int_equal(gate_may_keep_channel(mapper, channel, owner), p != PERM_event__send);
		sweep_policy_deny_on(p, channel, sid_of(TENANT_1));
		assert_int_equal(gate_may_keep_channel(mapper, channel, owner), p != PERM_event__bind);
	}
	sweep_observing = false;
	hosted_domain_kill(owner);
	hosted_domain_kill(mapper);
}

/* --- whom it is about ------------------------------------------------------------------------------------------------------------------------------- */

/* Denied on that label alone it is denied, denied on any other it is not: whose it is does not come from the table. */
static void asked_about(const struct expectation *e, sid_t target)
{
	const sid_t labels[] = { sweep_seen.self, sweep_seen.caller, sweep_seen.other, flask_initial_sid(2), flask_initial_sid(7) };

	for (unsigned int i = 0; i < ARRAY_SIZE(labels); i++) {
		int64_t rc;

		if (!labels[i])
			continue;
		sweep_policy_deny_on(e->head, 0, labels[i]);
		rc = sweep_scene_run(e, CONTROL, TENANT_1);
		if ((rc == e->denied) != (labels[i] == target))
			sweep_complain(e, "denied on label %u, asked about %u: result %ld", labels[i], target, (long)rc);
	}
	sweep_policy_allow_all(&sweep_policy);
}

void test_whose_label_is_asked_about(void **state)
{
	(void)state;
	FOR_EACH_EXPECTED(e)
		if (sweep_asks_one_question(e)) {
			sweep_scene_run(e, CONTROL, TENANT_1);
			asked_about(e, sweep_head_target(e));
		}
	assert_int_equal(sweep_complaints, 0);
}
