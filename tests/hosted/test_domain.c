/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains from creation to the last reference: numbers, links, what a destroy gives back, who hears of it.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hosted.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/flask.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/p2m.h>
#include <xen/sched.h>

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	return 0;
}

static struct domain_config config(domid_t id)
{
	static const char label[] = "system_u:system_r:guest_t:s0";
	struct domain_config c = { .id = id, .max_vcpus = 2, .max_evtchn_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4 };

	assert_int_equal(flask_context_to_sid(label, strlen(label), &c.run_sid), 0);
	c.build_sid = c.run_sid;
	return c;
}

static struct domain *create(domid_t id)
{
	struct domain_config c = config(id);
	struct domain *d;

	assert_int_equal(domain_create(&c, &d), 0);
	return d;
}

static bool destroy_at_once;

void __real_domain_table_publish(struct domain *d);
void __wrap_domain_table_publish(struct domain *d);

/* A domain may be destroyed by another CPU as soon as its number can be guessed. */
void __wrap_domain_table_publish(struct domain *d)
{
	__real_domain_table_publish(d);
	if (!destroy_at_once)
		return;
	while (domain_destroy(d) == -XEN_ERESTART)
		;
	domain_reap();
}

static void test_destroyed_while_it_is_made(void **state)
{
	struct domain_config c = config(1);
	struct domain *d;

	(void)state;
	destroy_at_once = true;
	assert_int_equal(domain_create(&c, &d), 0);
	destroy_at_once = false;
	assert_int_equal(d->life, DOMAIN_DEAD);
	assert_int_equal(refcount_read(&d->refs), 1);
	domain_put(d);
	domain_reap();
	assert_int_equal(domain_count, 0);
}

static void test_create(void **state)
{
	struct domain_config c = config(DOMID_INVALID);
	struct domain *d, *again;

	(void)state;
	assert_int_equal(domain_create(&c, &d), 0);
	assert_int_equal(d->id, 1);
	assert_int_equal(d->life, DOMAIN_BUILDING);
	assert_int_equal(d->pause_count, 1);
	assert_int_equal(refcount_read(&d->refs) >= 2, 1);
	assert_non_null(d->shared_info);
	assert_int_equal(d->shared_info->wc_sec, 1700000000);
	again = domain_lookup_raw(1);
	assert_ptr_equal(again, d);
	domain_put(again);
	assert_null(domain_lookup_raw(2));
	assert_null(domain_lookup_raw(DOMID_SELF));
	assert_null(domain_lookup_raw(0xffff));
	c.id = 1;
	assert_int_equal(domain_create(&c, &again), -XEN_EEXIST);
	c.id = DOMID_FIRST_RESERVED;
	assert_int_equal(domain_create(&c, &again), -XEN_EINVAL);
	c = config(3);
	c.max_vcpus = 0;
	assert_int_equal(domain_create(&c, &again), -XEN_EINVAL);
	c.max_vcpus = MAX_VCPUS + 1;
	assert_int_equal(domain_create(&c, &again), -XEN_EINVAL);
	assert_int_equal(domain_count, 1);
}

static void test_order_of_numbers(void **state)
{
	const domid_t ids[] = { 900, 3, 64, 63, DOMID_FIRST_RESERVED - 1, 0 };
	const domid_t sorted[] = { 0, 3, 63, 64, 900, DOMID_FIRST_RESERVED - 1 };
	domid_t at = 0;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++)
		domain_put(create(ids[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(sorted); i++) {
		struct domain *d = domain_lookup_next_raw(at);

		assert_int_equal(d->id, sorted[i]);
		at = (domid_t)(d->id + 1);
		domain_put(d);
	}
	assert_null(domain_lookup_next_raw(at));
	assert_null(domain_lookup_next_raw(0xffff));
}

static void test_numbers_go_round(void **state)
{
	struct domain_config c = config(DOMID_INVALID);
	domid_t last = 0;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		struct domain *d;

		assert_int_equal(domain_create(&c, &d), 0);
		assert_int_equal(d->id, last + 1);
		last = d->id;
		hosted_domain_kill(d);
	}
}

/* Each allocation of createdomain fails once: nothing stays behind. */
static void test_create_unwinds(void **state)
{
	struct domain_config c = config(5);
	uint64_t heap, guest = guest_pages_free();
	static void *hoard[100000];
	unsigned int n = 0, failures = 0;
	struct domain *d = NULL;

	(void)state;
	hosted_domain_kill(create(5));	/* labels stay known */
	heap = heap_pages_free();
	while ((hoard[n] = heap_alloc_pages(NULL, 0)) != NULL)
		n++;
	while (domain_create(&c, &d)) {
		failures++;
		assert_null(domain_lookup_raw(5));
		assert_int_equal(domain_count, 0);
		heap_free_pages(NULL, hoard[--n], 0);
	}
	assert_true(failures > 5);
	hosted_domain_kill(d);
	while (n)
		heap_free_pages(NULL, hoard[--n], 0);
	assert_int_equal(heap_pages_free(), heap);
	assert_int_equal(guest_pages_free(), guest);
}

static void test_links(void **state)
{
	struct domain *a = create(1), *b = create(2);
	uint32_t refs = refcount_read(&a->refs);
	struct domain_link none = { 0 }, l = domain_link_make(a);

	(void)state;
	assert_int_equal(refcount_read(&a->refs), refs + 1);
	assert_true(domain_link_is_set(&l));
	assert_true(domain_link_is(&l, a));
	assert_false(domain_link_is(&l, b));
	assert_false(domain_link_is(&none, a));
	assert_false(domain_link_is_set(&none));
	assert_ptr_not_equal((void *)l.opaque, a);	/* not by accident either */
	assert_ptr_equal(domain_link_raw(&l), a);
	assert_null(domain_link_raw(&none));
	assert_int_equal(domain_link_id(&l), 1);
	assert_int_equal(domain_link_id(&none), DOMID_INVALID);
	domain_link_drop(&l);
	domain_link_drop(&l);
	assert_int_equal(refcount_read(&a->refs), refs);
}

static unsigned int dom_exc(struct domain *watcher)
{
	uint64_t *word = &watcher->shared_info->evtchn_pending[0];
	unsigned int n = *word != 0;

	*word = 0;
	watcher->vcpu[0]->info->evtchn_upcall_pending = 0;
	watcher->vcpu[0]->info->evtchn_pending_sel = 0;
	return n;
}

static struct domain *watcher_make(void)
{
	struct domain *w = hosted_domain(0, NULL, 4, 1);
	evtchn_port_t port;

	assert_int_equal(evtchn_bind_virq(w, VIRQ_DOM_EXC, 0, &port), 0);
	dom_exc(w);
	return w;
}

static void test_zombie_until_last_page(void **state)
{
	uint64_t heap, guest;
	struct domain *w = watcher_make(), *d;
	mfn_t page;

	(void)state;
	/* The mapper's tables exist already: only the guest's own things are counted. */
	d = hosted_domain(9, NULL, 4, 1);
	hosted_domain_kill(d);
	dom_exc(w);
	heap = heap_pages_free();
	guest = guest_pages_free();
	d = hosted_domain(9, NULL, 16, 2);
	page = p2m_get_frame(d, 3, true, NULL);
	memset(hosted_mfn_va(page), 0x5a, PAGE_SIZE);
	hosted_domain_kill(d);
	assert_int_equal(dom_exc(w), 1);
	/* Dead, but its number is taken and it can be asked about. */
	d = domain_lookup_raw(9);
	assert_non_null(d);
	assert_int_equal(d->life, DOMAIN_DEAD);
	assert_int_equal(d->tot_pages, 1);
	assert_int_equal(*(uint8_t *)hosted_mfn_va(page), 0x5a);
	assert_int_equal(domain_destroy(d), 0);
	domain_put(d);
	assert_int_equal(dom_exc(w), 0);
	frame_put(page);
	domain_reap();
	assert_int_equal(dom_exc(w), 1);
	assert_null(domain_lookup_raw(9));
	assert_int_equal(*(uint8_t *)hosted_mfn_va(page), 0);
	assert_int_equal(heap_pages_free(), heap);
	assert_int_equal(guest_pages_free(), guest);
}

static void test_destroy_waits_for_cpus(void **state)
{
	struct domain *d = hosted_domain(3, NULL, 4, 2);

	(void)state;
	d->vcpu[1]->running = true;
	d->vcpu[1]->cpu = 1;
	assert_int_equal(domain_destroy(d), -XEN_ERESTART);
	assert_true(domain_is_dying(d));
	assert_int_equal(cpus[1].work & CPU_WORK_RESCHED, CPU_WORK_RESCHED);
	assert_int_equal(hosted_kicks(1) > 0, 1);
	assert_int_equal(domain_destroy(d), -XEN_ERESTART);
	assert_int_equal(d->tot_pages, 4);
	d->vcpu[1]->running = false;
	hosted_domain_kill(d);
	assert_null(domain_lookup_raw(3));
}

static void test_destroy_refusals(void **state)
{
	struct domain *w = watcher_make(), *d = hosted_domain(3, NULL, 4, 1);

	(void)state;
	assert_int_equal(domain_destroy(w), -XEN_EINVAL);
	hosted_run_vcpu(d->vcpu[0]);
	assert_int_equal(domain_destroy(d), -XEN_EINVAL);
	hosted_run_vcpu(NULL);
	spin_lock(&d->teardown_lock);		/* another CPU is at it */
	assert_int_equal(domain_destroy(d), -XEN_ERESTART);
	spin_unlock(&d->teardown_lock);
	hosted_domain_kill(d);
}

static void test_destroy_gives_way(void **state)
{
	struct domain *d = hosted_domain(3, NULL, 3000, 1);
	unsigned int rounds = 0;

	(void)state;
	this_cpu()->timers.armed = 0;
	while (domain_destroy(d) == -XEN_ERESTART)
		rounds++;
	assert_true(rounds > 50);
	domain_put(d);
	domain_reap();
	assert_int_equal(guest_pages_free(), guest_pages_total());
}

static void test_shutdown_and_resume(void **state)
{
	struct domain *w = watcher_make(), *d = hosted_domain(3, NULL, 4, 2);

	(void)state;
	assert_int_equal(d->pause_count, 0);
	domain_shutdown(d, SHUTDOWN_crash);
	assert_int_equal(dom_exc(w), 1);
	assert_true(d->is_shut_down);
	assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
	assert_int_equal(d->pause_count, 1);
	domain_shutdown(d, SHUTDOWN_reboot);	/* the first word counts */
	assert_int_equal(dom_exc(w), 0);
	assert_int_equal(d->shutdown_code, SHUTDOWN_crash);
	domain_resume(d);
	domain_resume(d);
	assert_false(d->is_shut_down);
	assert_int_equal(d->pause_count, 0);
	domain_shutdown(d, SHUTDOWN_reboot);	/* another time, another word */
	assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
	domain_resume(d);
	if (HOSTED_CATCH() == 0) {
		domain_shutdown(w, SHUTDOWN_poweroff);
		fail_msg("the machine outlived the control domain");
	}
}

static void test_wallclock(void **state)
{
	struct domain *d = hosted_domain(3, NULL, 4, 1);

	(void)state;
	assert_int_equal(d->shared_info->wc_sec, 1700000000);
	assert_int_equal(d->shared_info->wc_version % 2, 0);
	pvclock_set_wallclock(1800000005, 100, 5000000200);
	assert_int_equal(d->shared_info->wc_sec, 1799999999);
	assert_int_equal(d->shared_info->wc_nsec, 999999900);
	d->time_offset_s = -99;
	pvclock_update_wallclock(d);
	assert_int_equal(d->shared_info->wc_sec, 1799999900);
	assert_int_equal(d->shared_info->wc_version % 2, 0);
}

static void test_pvclock(void **state)
{
	struct domain *d = hosted_domain(3, NULL, 4, 2);
	struct vcpu *v = d->vcpu[1];
	struct vcpu_time_info *t = &v->info->time;
	uint32_t version = t->version;
	uint64_t ns;

	(void)state;
	assert_int_not_equal(version, 0);
	pvclock_update(v);
	assert_int_equal(t->version, version);		/* nothing changed */
	v->tsc_offset = 12345;
	pvclock_update(v);
	assert_int_equal(t->version, version + 2);
	hosted_time_set(7000000000);
	/* As a guest reads it (xen/xen.h). */
	ns = t->system_time + (uint64_t)(((unsigned __int128)((edge_tsc() + v->tsc_offset - t->tsc_timestamp) << t->tsc_shift) *
					  t->tsc_to_system_mul) >> 32);
	assert_int_equal(ns, edge_now_ns());
	memset(t, 0xff, sizeof(*t));			/* a guest spoils its own record */
	pvclock_update(v);
	assert_int_equal(t->version % 2, 0);
	assert_int_equal(t->tsc_timestamp, 12345);
}

/* The memory is exactly where it was. */
static void test_ten_thousand_lives(void **state)
{
	uint64_t heap = 0, guest = guest_pages_free();

	(void)state;
	for (unsigned int i = 0; i < 10000; i++) {
		struct domain *d = hosted_domain(DOMID_INVALID, NULL, 8, 2);
		evtchn_port_t port;

		assert_int_equal(evtchn_bind_ipi(d, 1, &port), 0);
		hosted_domain_kill(d);
		if (i == 0)
			heap = heap_pages_free();
		assert_int_equal(heap_pages_free(), heap);
		assert_int_equal(guest_pages_free(), guest);
		assert_int_equal(domain_count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_create, setup),
		cmocka_unit_test_setup(test_destroyed_while_it_is_made, setup),
		cmocka_unit_test_setup(test_order_of_numbers, setup),
		cmocka_unit_test_setup(test_numbers_go_round, setup),
		cmocka_unit_test_setup(test_create_unwinds, setup),
		cmocka_unit_test_setup(test_links, setup),
		cmocka_unit_test_setup(test_zombie_until_last_page, setup),
		cmocka_unit_test_setup(test_destroy_waits_for_cpus, setup),
		cmocka_unit_test_setup(test_destroy_refusals, setup),
		cmocka_unit_test_setup(test_destroy_gives_way, setup),
		cmocka_unit_test_setup(test_shutdown_and_resume, setup),
		cmocka_unit_test_setup(test_wallclock, setup),
		cmocka_unit_test_setup(test_pvclock, setup),
		cmocka_unit_test_setup(test_ten_thousand_lives, setup),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
