/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm_op as Debian's tools call it: booleans that take effect, and away; labels of hardware; derived labels; the cache's counters; the lock.
 * Locking: one thread. Trust: tests only.
 */
#include "guestcalls.h"

#include <stdio.h>

#include <hv/flask.h>
#include <hv/options.h>
#include <hv/mm.h>
#include <xen/memory.h>
#include <xen/xsm/flask_op.h>

#define POLICY		"build/tests/bool.policy"
#define POLICY_GPA	0x10000u
#define BUF_GPA		0x2000u
#define MAP_GFN		0x107fffu
#define TIMER		"system_u:object_r:timer_t:s0"
#define OCON_PIRQ	1
#define OCON_IOPORT	2
#define OCON_IOMEM	3
#define OCON_DEVICE	4

static struct domain *control, *guest;

static int setup(void **state)
{
	(void)state;
	options.flask_locked = false;
	hosted_machine_init_policy(POLICY);
	control = hosted_domain(3, CONTROL, 80, 1);
	guest = hosted_domain(1, TENANT_1, 16, 1);
	return 0;
}

static int64_t load(const char *path)
{
	struct xen_flask_op op = { .u.load = { .buffer.p = (char *)(uintptr_t)POLICY_GPA, .size = hosted_write_file(control, POLICY_GPA, path) } };

	return guest_xsm_op(control, FLASK_LOAD, &op);
}

struct policy;
struct context_draft;

/* A label that another CPU makes while the new policy learns those that there are. */
static const char *label_now;
static sid_t label_made;

void __real_sidtab_translate(struct policy *p, sid_t first, sid_t last, struct context_draft *draft);
void __wrap_sidtab_translate(struct policy *p, sid_t first, sid_t last, struct context_draft *draft);
void __wrap_sidtab_translate(struct policy *p, sid_t first, sid_t last, struct context_draft *draft)
{
	const char *label = label_now;

	__real_sidtab_translate(p, first, last, draft);
	label_now = NULL;
	if (label)
		label_made = sid_of(label);
}

static void test_label_made_during_a_load(void **state)
{
	static const char label[] = "system_u:system_r:guest_t:s0:c7";
	char text[sizeof(label)] = "";
	size_t needed;

	(void)state;
	label_now = label;
	assert_int_equal(load(POLICY), 0);
	assert_null(label_now);
	assert_int_equal(flask_sid_to_context(label_made, text, sizeof(text), &needed), 0);
	assert_string_equal(text, label);
	assert_int_equal(sid_of(label), label_made);
}

/* id -1: by name. */
static int64_t bool_op(uint32_t cmd, const char *name, uint32_t id, bool value, bool commit, struct xen_flask_boolean *out)
{
	struct xen_flask_op op = { .u.boolean = { .bool_id = id, .new_value = value, .commit = commit } };
	int64_t rc;

	if (name) {
		hosted_write(control, BUF_GPA, name, strlen(name) + 1);
		op.u.boolean.size = (uint32_t)strlen(name);	/* libxc sends no terminator */
		op.u.boolean.name.p = (char *)(uintptr_t)BUF_GPA;
	}
	rc = guest_xsm_op(control, cmd, &op);
	if (out)
		*out = op.u.boolean;
	return rc;
}

static int64_t set(const char *name, bool value, bool commit)
{
	return bool_op(FLASK_SETBOOL, name, UINT32_MAX, value, commit, NULL);
}

static struct xen_flask_boolean get(const char *name)
{
	struct xen_flask_boolean b;

	assert_int_equal(bool_op(FLASK_GETBOOL, name, UINT32_MAX, false, false, &b), 0);
	return b;
}

static int64_t commit(void)
{
	struct xen_flask_op op = { 0 };

	return guest_xsm_op(control, FLASK_COMMITBOOLS, &op);
}

/* The control domain maps page 5 of the guest: 0 or what the entry says. */
static int map_guest(void)
{
	struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .u.foreign_domid = guest->id };
	const xen_ulong_t idx = 5;
	const xen_pfn_t gpfn = MAP_GFN;
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

static bool sees_guest(void)
{
	char text[8] = "";

	hosted_write(guest, 5 * PAGE_SIZE, "secret", 7);
	hosted_read(control, (gpa_t)MAP_GFN << PAGE_SHIFT, text, 7);
	return strcmp(text, "secret") == 0;
}

static void test_bool_names(void **state)
{
	struct xen_flask_op op = { .u.boolean = { .bool_id = 0, .size = 64, .name.p = (char *)(uintptr_t)BUF_GPA } };
	char name[64] = "";

	(void)state;
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), 0);
	hosted_read(control, BUF_GPA, name, sizeof(name));
	assert_int_equal(op.u.boolean.size, strlen(name));
	assert_int_equal(get(name).bool_id, 0);
	assert_int_equal(bool_op(FLASK_GETBOOL, NULL, 2, false, false, NULL), -XEN_ENOENT);	/* where flask-get-bool -a ends */
	assert_int_equal(bool_op(FLASK_GETBOOL, NULL, UINT32_MAX - 1, false, false, NULL), -XEN_ENOENT);
	assert_int_equal(bool_op(FLASK_GETBOOL, "pancake", UINT32_MAX, false, false, NULL), -XEN_ENOENT);
	assert_int_equal(bool_op(FLASK_SETBOOL, "pancake", UINT32_MAX, true, true, NULL), -XEN_ENOENT);
	assert_int_equal(bool_op(FLASK_SETBOOL, NULL, 77, true, true, NULL), -XEN_ENOENT);
	assert_int_equal(bool_op(FLASK_GETBOOL, NULL, UINT32_MAX, false, false, NULL), -XEN_EINVAL);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0, .size = 3, .name.p = (char *)(uintptr_t)BUF_GPA };
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), -XEN_ERANGE);
	op.u.boolean = (struct xen_flask_boolean){ .bool_id = 0, .size = 64, .name.p = (char *)(uintptr_t)0x7fff0000 };
	assert_int_equal(guest_xsm_op(control, FLASK_GETBOOL, &op), -XEN_EFAULT);
}

static void test_bool_takes_effect(void **state)
{
	uint32_t seqno = flask_seqno();
	uint64_t heap;

	(void)state;
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(set("debug_guests", true, false), 0);
	assert_int_equal(get("debug_guests").enforcing, 0);
	assert_int_equal(get("debug_guests").pending, 1);
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(flask_seqno(), seqno);
	assert_int_equal(commit(), 0);
	assert_int_equal(get("debug_guests").enforcing, 1);
	assert_int_equal(flask_seqno(), seqno + 1);
	assert_int_equal(map_guest(), 0);
	assert_true(sees_guest());
	heap = heap_pages_free();
	assert_int_equal(commit(), 0);				/* nothing pending: nothing done */
	assert_int_equal(flask_seqno(), seqno + 1);
	assert_int_equal(heap_pages_free(), heap);
	/* And back: what it allowed is gone when the call returns. */
	hosted_console_clear();
	assert_int_equal(set("debug_guests", false, true), 0);
	assert_int_equal(flask_seqno(), seqno + 2);
	assert_false(sees_guest());
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_non_null(strstr(hosted_console(), "boolean=debug_guests value=0"));
	assert_non_null(strstr(hosted_console(), "what=\"foreign pages mapped\""));
}

/* One is committed, the other goes on waiting; conditions of two booleans. */
static void test_bool_commits_one(void **state)
{
	sid_t c = control->label.sid, g = guest->label.sid;

	(void)state;
	assert_int_equal(set("lockdown", false, false), 0);
	assert_int_equal(set("debug_guests", true, true), 0);
	assert_int_equal(get("lockdown").enforcing, 1);
	assert_int_equal(get("lockdown").pending, 0);
	assert_true(flask_allowed(flask_vector(c, g), PERM_mmu__map_read));
	assert_false(flask_allowed(flask_vector(c, g), PERM_domain__getvcpucontext));
	assert_int_equal(commit(), 0);
	assert_true(flask_allowed(flask_vector(c, g), PERM_domain__getvcpucontext));
}

/* What was set outlives the policy, also one that does not know it no longer; what was only pending does not. */
static void test_bool_outlives_policy(void **state)
{
	(void)state;
	assert_int_equal(set("debug_guests", true, true), 0);
	assert_int_equal(set("lockdown", false, false), 0);
	assert_int_equal(load(POLICY), 0);
	assert_int_equal(get("debug_guests").enforcing, 1);
	assert_int_equal(get("lockdown").enforcing, 1);
	assert_int_equal(get("lockdown").pending, 1);
	assert_int_equal(map_guest(), 0);
	assert_int_equal(load("build/policy"), 0);
	assert_false(sees_guest());
	assert_int_equal(bool_op(FLASK_GETBOOL, "debug_guests", UINT32_MAX, false, false, NULL), -XEN_ENOENT);
}

static void test_others_may_not(void **state)
{
	struct xen_flask_op op = { .u.boolean = { .bool_id = 0, .new_value = 1, .commit = 1 } };

	(void)state;
	for (uint32_t cmd = 1; cmd <= FLASK_DEVICETREE_LABEL; cmd++) {
		int64_t rc = guest_xsm_op(guest, cmd, &op);

		assert_true(rc == -XEN_EACCES || rc == -XEN_ENOSYS || rc == -XEN_EPERM);
	}
	assert_int_equal(get("debug_guests").enforcing, 0);
}

static int64_t object(uint32_t cmd, uint32_t kind, uint64_t low, uint64_t high, sid_t sid)
{
	struct xen_flask_op op = { .u.ocontext = { .ocon = kind, .sid = sid, .low = low, .high = high } };

	return guest_xsm_op(control, cmd, &op);
}

static const char *label_of(uint32_t kind, uint64_t low, uint64_t high)
{
	static char text[64];
	size_t needed;
	sid_t sid;

	if (flask_object_sid(kind, low, high, &sid) != 0)
		return "straddles";
	assert_int_equal(flask_sid_to_context(sid, text, sizeof(text), &needed), 0);
	return text;
}

static void test_objects(void **state)
{
	sid_t timer;

	(void)state;
	assert_int_equal(flask_context_to_sid(TIMER, strlen(TIMER), &timer), 0);
	assert_string_equal(label_of(OCON_PIRQ, 8, 8), TIMER);
	assert_string_equal(label_of(OCON_PIRQ, 9, 9), "system_u:object_r:irq_t:s0");
	assert_string_equal(label_of(OCON_IOPORT, 0x41, 0x42), TIMER);
	assert_string_equal(label_of(OCON_IOPORT, 0x43, 0x44), "straddles");
	assert_string_equal(label_of(OCON_IOMEM, 0xfed00, 0xfed00), TIMER);
	assert_string_equal(label_of(OCON_IOMEM, 0xfed01, UINT64_MAX), "system_u:object_r:iomem_t:s0");
	assert_string_equal(label_of(OCON_DEVICE, 0x1234, 0x1234), TIMER);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x70, 0x71, timer), 0);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x70, 0x71, timer), 0);	/* again: as Xen has it */
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x71, 0x80, timer), -XEN_EEXIST);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x40, 0x40, timer), -XEN_EEXIST);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x81, 0x80, timer), -XEN_EINVAL);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_IOPORT, 0x80, 0x10000, timer), -XEN_EINVAL);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_PIRQ, 1, 2, timer), -XEN_EINVAL);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_PIRQ, 1, 1, 4000), -XEN_EINVAL);
	for (uint32_t kind = 0; kind < 9; kind += kind == 0 ? 5 : 1)
		assert_int_equal(object(FLASK_ADD_OCONTEXT, kind, 1, 1, timer), -XEN_EINVAL);
	assert_string_equal(label_of(OCON_IOPORT, 0x70, 0x70), TIMER);
	assert_int_equal(object(FLASK_DEL_OCONTEXT, OCON_IOPORT, 0x70, 0x70, 0), -XEN_ENOENT);
	assert_int_equal(object(FLASK_DEL_OCONTEXT, OCON_IOPORT, 0x70, 0x71, 0), 0);
	assert_int_equal(object(FLASK_DEL_OCONTEXT, OCON_IOPORT, 0x70, 0x71, 0), -XEN_ENOENT);
	assert_int_equal(object(FLASK_DEL_OCONTEXT, OCON_IOPORT, 0x40, 0x43, 0), -XEN_EPERM);	/* the policy's own */
	/* The table is bounded. */
	for (uint64_t i = 0;; i++) {
		int64_t rc = object(FLASK_ADD_OCONTEXT, OCON_IOMEM, i, i, timer);

		assert_true(i <= 256);
		if (rc == 0)
			continue;
		assert_int_equal(rc, -XEN_ENOMEM);
		break;
	}
}

static void test_objects_outlive_policy(void **state)
{
	sid_t timer, irq = flask_initial_sid(10);

	(void)state;
	assert_int_equal(flask_context_to_sid(TIMER, strlen(TIMER), &timer), 0);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_PIRQ, 20, 20, timer), 0);
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_DEVICE, 0x99, 0x99, irq), 0);
	assert_int_equal(load(POLICY), 0);
	assert_string_equal(label_of(OCON_PIRQ, 20, 20), TIMER);
	assert_string_equal(label_of(OCON_PIRQ, 8, 8), TIMER);		/* the policy's own */
	hosted_console_clear();
	assert_int_equal(load("build/policy"), 0);	/* knows no timer_t */
	assert_non_null(strstr(hosted_console(), "object context dropped kind=1 low=0x14"));
	assert_string_equal(label_of(OCON_PIRQ, 20, 20), "system_u:object_r:irq_t:s0");
	assert_string_equal(label_of(OCON_DEVICE, 0x99, 0x99), "system_u:object_r:irq_t:s0");
}

static void test_questions(void **state)
{
	struct xen_flask_op op = { .u.cache_stats.cpu = 0 };
	uint32_t lookups, allocations, entries;

	(void)state;
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(guest_xsm_op(control, FLASK_AVC_HASHSTATS, &op), 0);
	entries = op.u.hash_stats.entries;
	assert_in_range(entries, 2, 1000);
	assert_in_range(op.u.hash_stats.buckets_used, 1, entries);
	assert_int_equal(op.u.hash_stats.buckets_total, FLASK_LABELS_MAX);
	op.u.cache_stats.cpu = 0;
	assert_int_equal(guest_xsm_op(control, FLASK_AVC_CACHESTATS, &op), 0);
	lookups = op.u.cache_stats.lookups;
	allocations = op.u.cache_stats.allocations;
	assert_true(lookups == op.u.cache_stats.hits + op.u.cache_stats.misses);
	op.u.cache_stats.cpu = 64;
	assert_int_equal(guest_xsm_op(control, FLASK_AVC_CACHESTATS, &op), -XEN_ENOENT);
	assert_true(guest_xsm_op(control, FLASK_GETAVC_THRESHOLD, &op) > 1000);
	/* No more is kept: decisions are made again, and are the same. */
	op.u.setavc_threshold.threshold = 0;
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
	assert_int_equal(load(POLICY), 0);
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(guest_xsm_op(control, FLASK_GETAVC_THRESHOLD, &op), 0);
	assert_int_equal(guest_xsm_op(control, FLASK_AVC_HASHSTATS, &op), 0);
	assert_int_equal(op.u.hash_stats.entries, 0);
	op.u.cache_stats.cpu = 0;
	assert_int_equal(guest_xsm_op(control, FLASK_AVC_CACHESTATS, &op), 0);
	assert_true(op.u.cache_stats.lookups > lookups && op.u.cache_stats.allocations > allocations);
	op.u.setavc_threshold.threshold = UINT32_MAX;
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), -XEN_EINVAL);
	op.u.setavc_threshold.threshold = 40000;
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
}

static struct xen_flask_cache_stats cache_stats(void)
{
	struct xen_flask_op op = { .u.cache_stats.cpu = 0 };

	assert_int_equal(guest_xsm_op(control, FLASK_AVC_CACHESTATS, &op), 0);
	assert_true(op.u.cache_stats.lookups == op.u.cache_stats.hits + op.u.cache_stats.misses);
	return op.u.cache_stats;
}

/* What has been decided once is known: the administrator sees no second miss. Where there is no room for it, one is pushed out by another. */
static void test_decisions_are_kept(void **state)
{
	struct xen_flask_op op = { .u.setavc_threshold.threshold = 0 };
	struct xen_flask_cache_stats before, after;

	(void)state;
	assert_int_equal(load(POLICY), 0);
	before = cache_stats();
	assert_int_equal(map_guest(), -XEN_EACCES);
	after = cache_stats();
	assert_true(after.misses > before.misses);
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(cache_stats().misses, after.misses);
	assert_true(cache_stats().lookups > after.lookups);
	assert_int_equal(cache_stats().reclaims, before.reclaims);
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
	assert_int_equal(load(POLICY), 0);
	assert_int_equal(map_guest(), -XEN_EACCES);
	before = cache_stats();
	assert_int_equal(map_guest(), -XEN_EACCES);
	assert_int_equal(cache_stats().misses, before.misses);
	for (unsigned int i = 0; i < 5; i++) {
		char label[64];

		snprintf(label, sizeof(label), "system_u:system_r:guest_t:s0:c%u", 100 + i);
		assert_true(guest_alloc_unbound(hosted_domain((domid_t)(100 + i), label, 8, 1), DOMID_SELF) > 0);
	}
	assert_true(cache_stats().reclaims > before.reclaims);
	op.u.setavc_threshold.threshold = 40000;
	assert_int_equal(guest_xsm_op(control, FLASK_SETAVC_THRESHOLD, &op), 0);
}

static void test_derived(void **state)
{
	struct xen_flask_op op = { .u.transition = { .ssid = guest->label.sid, .tsid = guest->label.sid } };
	char text[64];
	size_t needed;

	(void)state;
	assert_int_equal(guest_xsm_op(control, FLASK_CREATE, &op), -XEN_EINVAL);		/* no class 0 */
	op.u.transition.tclass = 3;						/* domain, as permissions.def has it */
	assert_int_equal(guest_xsm_op(control, FLASK_CREATE, &op), 0);
	assert_int_equal(flask_sid_to_context(op.u.transition.newsid, text, sizeof(text), &needed), 0);
	assert_string_equal(text, "system_u:system_r:guest_self_t:s0:c1");
	assert_int_equal(guest_xsm_op(control, FLASK_RELABEL, &op), 0);
	assert_int_equal(op.u.transition.newsid, guest->label.sid);
	op.u.transition.tsid = 4000;
	assert_int_equal(guest_xsm_op(control, FLASK_MEMBER, &op), -XEN_EINVAL);
	op.u.transition.tsid = guest->label.sid;
	op.u.transition.tclass = 0x10003;
	assert_int_equal(guest_xsm_op(control, FLASK_MEMBER, &op), -XEN_EINVAL);
}

/* Until reboot, and said so; the answers to questions stay. */
static void test_locked(void **state)
{
	uint32_t seqno = flask_seqno();

	(void)state;
	options.flask_locked = true;
	hosted_console_clear();
	assert_int_equal(load(POLICY), -XEN_EPERM);
	assert_non_null(strstr(hosted_console(), "locked until reboot"));
	hosted_console_clear();
	assert_int_equal(set("debug_guests", true, true), -XEN_EPERM);
	assert_int_equal(set("debug_guests", true, false), -XEN_EPERM);
	assert_int_equal(commit(), 0);
	assert_non_null(strstr(hosted_console(), "refused setbool"));
	assert_int_equal(object(FLASK_ADD_OCONTEXT, OCON_PIRQ, 20, 20, 9), -XEN_EPERM);
	assert_int_equal(object(FLASK_DEL_OCONTEXT, OCON_PIRQ, 20, 20, 9), -XEN_EPERM);
	assert_non_null(strstr(hosted_console(), "refused add_ocontext"));
	assert_int_equal(flask_seqno(), seqno);
	assert_int_equal(get("debug_guests").pending, 0);
	assert_int_equal(map_guest(), -XEN_EACCES);
	options.flask_locked = false;
}

static uint32_t seqno(void)
{
	struct xen_flask_op op = { .u.access = { .ssid = control->label.sid, .tsid = control->label.sid, .tclass = 1 } };

	assert_int_equal(guest_xsm_op(control, FLASK_ACCESS, &op), 0);
	return op.u.access.seqno;
}

/* A commit of one boolean does not ask after the others; and where nothing is to be changed, nothing is loaded. */
static void test_a_commit_is_of_one(void **state)
{
	struct xen_flask_boolean out = { 0 };
	uint32_t before = seqno();

	(void)state;
	assert_int_equal(set("debug_guests", true, false), 0);
	assert_int_equal(set("lockdown", true, true), 0);
	assert_int_equal(seqno(), before);
	assert_int_equal(get("debug_guests").enforcing, 0);
	assert_int_equal(set("lockdown", false, true), 0);
	assert_int_equal(seqno(), before + 1);
	assert_int_equal(bool_op(FLASK_SETBOOL, "lockdown", UINT32_MAX, true, false, &out), 0);
	assert_int_equal(out.enforcing, 0);
	assert_int_equal(out.pending, 1);
	assert_int_equal(set("lockdown", false, false), 0);
	assert_int_equal(get("debug_guests").enforcing, 0);
	assert_int_equal(get("debug_guests").pending, 1);
	assert_int_equal(get("lockdown").enforcing, 0);
}

/* Classes that there are not, and contexts that are none. */
static void test_questions_about_nothing(void **state)
{
	struct xen_flask_op op = { .u.sid_context = { .size = 0, .context.p = (char *)(uintptr_t)BUF_GPA } };
	static const uint16_t classes[] = { 0, 300, UINT16_MAX };

	(void)state;
	assert_int_equal(guest_xsm_op(control, FLASK_CONTEXT_TO_SID, &op), -XEN_EINVAL);
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++) {
		op.u.access = (struct xen_flask_access){ .ssid = control->label.sid, .tsid = guest->label.sid, .tclass = classes[i] };
		assert_int_equal(guest_xsm_op(control, FLASK_ACCESS, &op), -XEN_EINVAL);
		op.u.transition = (struct xen_flask_transition){ .ssid = control->label.sid, .tsid = guest->label.sid, .tclass = classes[i] };
		assert_int_equal(guest_xsm_op(control, FLASK_CREATE, &op), -XEN_EINVAL);
	}
}

/* No more labels than there is room for: then whatever needs a new one is refused, and what is known goes on. */
static void test_labels_run_out(void **state)
{
	struct domain *late = hosted_domain(4, "system_u:system_r:guest_t:s0:c900", 8, 1);
	sid_t before = guest->label.self_sid;
	unsigned int made = 0;
	int64_t rc = 0;

	(void)state;
	assert_true(guest_alloc_unbound(guest, DOMID_SELF) > 0);
	for (unsigned int a = 0; rc == 0 && a < 100; a++)
		for (unsigned int b = a + 1; b < 200 && rc == 0; b++, made++) {
			struct xen_flask_op op = { .u.sid_context.context.p = (char *)(uintptr_t)BUF_GPA };
			char text[64];

			op.u.sid_context.size = (uint32_t)snprintf(text, sizeof(text), "system_u:system_r:guest_t:s0:c%u,c%u", a, b);
			hosted_write(control, BUF_GPA, text, op.u.sid_context.size);
			rc = guest_xsm_op(control, FLASK_CONTEXT_TO_SID, &op);
		}
	assert_int_equal(rc, -XEN_ENOMEM);
	assert_in_range(made, 3000, 4096);
	/* A channel between these two would have a label that nobody has had. */
	assert_int_equal(guest_alloc_unbound(late, 1), -XEN_ENOMEM);
	/* What is known keeps its meaning, under the next policy, too. */
	assert_int_equal(load(POLICY), 0);
	assert_int_equal(guest->label.self_sid, before);
	assert_true(guest_alloc_unbound(guest, DOMID_SELF) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bool_names, setup),
		cmocka_unit_test_setup(test_bool_takes_effect, setup),
		cmocka_unit_test_setup(test_bool_commits_one, setup),
		cmocka_unit_test_setup(test_bool_outlives_policy, setup),
		cmocka_unit_test_setup(test_others_may_not, setup),
		cmocka_unit_test_setup(test_objects, setup),
		cmocka_unit_test_setup(test_objects_outlive_policy, setup),
		cmocka_unit_test_setup(test_label_made_during_a_load, setup),
		cmocka_unit_test_setup(test_questions, setup),
		cmocka_unit_test_setup(test_decisions_are_kept, setup),
		cmocka_unit_test_setup(test_derived, setup),
		cmocka_unit_test_setup(test_locked, setup),
		cmocka_unit_test_setup(test_a_commit_is_of_one, setup),
		cmocka_unit_test_setup(test_questions_about_nothing, setup),
		cmocka_unit_test_setup(test_labels_run_out, setup),
	};

	return cmocka_run_group_tests_name("xsm_op", tests, NULL, NULL);
}
