/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest-physical address spaces: entering, replacing, splitting, taking out; who is left with which reference.
 * Locking: one thread, but for the last test. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "hosted.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/p2m.h>

static int setup(void **state)
{
	hosted_machine_init();
	hosted_machine_unchecked();
	*state = hosted_domain(1, NULL, 0, 1);
	((struct domain *)*state)->max_pages = 100000;
	return 0;
}

static mfn_t page_of(struct domain *d, unsigned int order)
{
	mfn_t mfn;

	assert_int_equal(guest_frames_alloc(d, order, &mfn), 0);
	return mfn;
}

static void enter(struct domain *d, gfn_t gfn, unsigned int order)
{
	assert_int_equal(p2m_set(d, gfn, page_of(d, order), P2M_RAM, order), 0);
}

static mfn_t at(struct domain *d, gfn_t gfn)
{
	struct p2m_entry e = p2m_lookup(d, gfn);

	return e.leaf ? e.mfn : MFN_INVALID;
}

static void test_set_and_lookup(void **state)
{
	struct domain *d = *state;
	const gfn_t gfns[] = { 0, 1, 511, 512, 0x3ffff, 0x40000, 0x107fff, P2M_GFN_LIMIT - 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(gfns); i++) {
		mfn_t mfn = page_of(d, 0);

		assert_int_equal(at(d, gfns[i]), MFN_INVALID);
		assert_int_equal(p2m_set(d, gfns[i], mfn, P2M_RAM, 0), 0);
		assert_int_equal(at(d, gfns[i]), mfn);
		assert_int_equal(d->p2m.max_gfn, gfns[i]);
	}
	assert_int_equal(at(d, 2), MFN_INVALID);
	assert_int_equal(hosted_flushes(), 0);		/* nothing was narrowed */
}

static void test_bounds(void **state)
{
	struct domain *d = *state;
	mfn_t mfn = page_of(d, 9);

	assert_int_equal(p2m_set(d, P2M_GFN_LIMIT, mfn, P2M_RAM, 0), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, GFN_INVALID, mfn, P2M_RAM, 0), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, 1, mfn, P2M_RAM, 9), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, 0, mfn + 1, P2M_RAM, 9), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, 0, mfn, P2M_RAM, 3), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, 0, mfn, P2M_RAM, 27), -XEN_EINVAL);
	assert_int_equal(p2m_set(d, 0, mfn, P2M_INVALID, 0), -XEN_EINVAL);
	assert_int_equal(p2m_get_frame(d, P2M_GFN_LIMIT, false, NULL), MFN_INVALID);
	assert_int_equal(p2m_clear(d, GFN_INVALID, MFN_INVALID, P2M_RAM), -XEN_ENOENT);
}

static void test_replacing_frees(void **state)
{
	struct domain *d = *state;
	mfn_t first, second;
	uint64_t free;

	enter(d, 5, 0);
	first = at(d, 5);
	free = guest_pages_free();
	enter(d, 5, 0);
	second = at(d, 5);
	assert_int_not_equal(first, second);
	assert_false(frame_get(first));
	assert_int_equal(hosted_flushes(), 1);
	assert_int_equal(guest_pages_free(), free);
	assert_int_equal(d->tot_pages, 1);
}

static void test_entering_the_same_again(void **state)
{
	struct domain *d = *state;
	mfn_t mfn;

	enter(d, 5, 0);
	mfn = at(d, 5);
	assert_true(frame_get(mfn));
	assert_int_equal(p2m_set(d, 5, mfn, P2M_RAM, 0), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), 1);
}

static void test_large_leaf_splits(void **state)
{
	struct domain *d = *state;
	mfn_t mfn = page_of(d, 9);

	assert_int_equal(p2m_set(d, 512, mfn, P2M_RAM, 9), 0);
	assert_int_equal(at(d, 512 + 77), mfn + 77);
	assert_int_equal(p2m_clear(d, 512 + 77, mfn + 76, P2M_RAM), -XEN_ENOENT);
	assert_int_equal(p2m_clear(d, 512 + 77, mfn + 77, P2M_RAM), 0);
	assert_int_equal(at(d, 512 + 77), MFN_INVALID);
	for (gfn_t i = 0; i < 512; i++)
		if (i != 77)
			assert_int_equal(at(d, 512 + i), mfn + i);
	assert_int_equal(d->tot_pages, 511);
	enter(d, 512 + 77, 0);
	assert_int_equal(d->tot_pages, 512);
}

static void test_large_leaf_over_a_table(void **state)
{
	struct domain *d = *state;
	uint64_t tables;
	mfn_t mfn;

	for (gfn_t i = 0; i < 512; i += 3)
		enter(d, i, 0);
	tables = d->p2m.table_pages;
	mfn = page_of(d, 9);
	assert_int_equal(p2m_set(d, 0, mfn, P2M_RAM, 9), 0);
	assert_int_equal(d->p2m.table_pages, tables - 1);
	assert_int_equal(d->tot_pages, 512);
	for (gfn_t i = 0; i < 512; i++)
		assert_int_equal(at(d, i), mfn + i);
	enter(d, 0, 9);		/* and a leaf over a leaf */
	assert_int_equal(d->tot_pages, 512);
	assert_false(frame_get(mfn));
}

/* What another CPU enters while this one waits for a flush. */
static mfn_t enters_at_5 = MFN_INVALID;

void __real_edge_guest_flush_wait(struct domain *d);
void __wrap_edge_guest_flush_wait(struct domain *d);
void __wrap_edge_guest_flush_wait(struct domain *d)
{
	mfn_t mfn = enters_at_5;

	enters_at_5 = MFN_INVALID;
	if (mfn != MFN_INVALID)
		assert_int_equal(p2m_set(d, 5, mfn, P2M_RAM, 0), 0);
	__real_edge_guest_flush_wait(d);
}

/* A table that was changed last and is replaced by a leaf is not changed again, from the moment on that it is replaced. */
static void test_table_replaced_and_made_again(void **state)
{
	struct domain *d = *state;
	mfn_t large, page, taken;

	enter(d, 5, 0);
	large = page_of(d, 9);
	page = page_of(d, 0);
	enters_at_5 = page;
	assert_int_equal(p2m_set(d, 0, large, P2M_RAM, 9), 0);
	assert_int_equal(at(d, 5), page);
	assert_int_equal(at(d, 6), large + 6);
	assert_int_equal(p2m_take(d, 6, large + 6, P2M_RAM, &taken), 0);
	assert_int_equal(at(d, 6), MFN_INVALID);
	assert_int_equal(at(d, 512 + 6), MFN_INVALID);
	frame_put(taken);
}

static void test_gigabyte_needs_an_empty_place(void **state)
{
	struct domain *d = *state;

	/* No memory is behind it: what is refused is never dropped, what is entered we take out by hand. */
	enter(d, 5, 0);
	assert_int_equal(p2m_set(d, 0, 0, P2M_MMIO, 18), -XEN_ENOMEM);
	assert_int_equal(p2m_set(d, 0x40000, 0x40000, P2M_MMIO, 18), 0);
	assert_int_equal(at(d, 0x40000 + 0x12345), 0x40000 + 0x12345);
	assert_int_equal(p2m_clear(d, 0x40000 + 0x12345, MFN_INVALID, P2M_MMIO), 0);
	assert_int_equal(at(d, 0x40000 + 0x12345), MFN_INVALID);
	assert_int_equal(at(d, 0x40000 + 0x12346), 0x40000 + 0x12346);
	assert_int_equal(at(d, 0x7ffff), 0x7ffff);
}

static void test_types(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, NULL, 4, 1);
	mfn_t theirs = at(other, 1);
	enum p2m_type type;

	assert_true(frame_get(theirs));
	assert_int_equal(p2m_set(d, 100, theirs, P2M_GRANT_RO, 0), 0);
	assert_int_equal(d->p2m.mapped_foreign, 0);
	assert_int_equal(p2m_get_frame(d, 100, true, &type), MFN_INVALID);
	assert_int_equal(p2m_get_frame(d, 100, false, &type), theirs);
	assert_int_equal(type, P2M_GRANT_RO);
	frame_put(theirs);
	assert_int_equal(p2m_clear(d, 100, theirs, P2M_RAM), -XEN_ENOENT);
	assert_int_equal(p2m_clear(d, 100, MFN_INVALID, P2M_GRANT_RO), 0);
	assert_int_equal(d->p2m.mapped_foreign, 0);
	assert_int_equal(refcount_read(&mfn_to_frame(theirs)->refs), 1);
}

static void test_take_hands_over(void **state)
{
	struct domain *d = *state;
	mfn_t mfn;

	enter(d, 9, 0);
	assert_int_equal(p2m_take(d, 9, MFN_INVALID, P2M_RAM, &mfn), 0);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), 1);
	assert_int_equal(hosted_flushes(), 0);
	assert_int_equal(p2m_take(d, 9, MFN_INVALID, P2M_RAM, &mfn), -XEN_ENOENT);
	frame_put(mfn);
}

/* A toolstack unmaps page after page: one flush for many, soon enough, and before anything takes their place. */
static void test_foreign_in_batches(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, NULL, 200, 1);

	for (gfn_t i = 0; i < 200; i++)
		assert_int_equal(p2m_set(d, 1000 + i, p2m_get_frame(other, i, true, NULL), P2M_FOREIGN, 0), 0);
	for (gfn_t i = 0; i < 130; i++) {
		assert_int_equal(p2m_clear_foreign(d, 1000 + i, MFN_INVALID), 0);
		assert_int_equal(at(d, 1000 + i), MFN_INVALID);
		assert_int_equal(hosted_flushes(), i / 64);
	}
	assert_int_equal(p2m_clear_foreign(d, 1000, MFN_INVALID), -XEN_ENOENT);
	assert_int_equal(d->p2m.mapped_foreign, 70);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 127))->refs), 1);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 129))->refs), 2);
	enter(d, 1129, 0);
	assert_int_equal(hosted_flushes(), 3);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 129))->refs), 1);
	assert_int_equal(p2m_clear_foreign(d, 1130, MFN_INVALID), 0);
	hosted_time_advance(1000000);
	timer_run_due();
	assert_int_equal(hosted_flushes(), 4);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 130))->refs), 1);
	assert_int_equal(p2m_clear_foreign(d, 1131, MFN_INVALID), 0);
	hosted_domain_kill(d);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 131))->refs), 1);
	assert_int_equal(refcount_read(&mfn_to_frame(at(other, 199))->refs), 1);
	assert_int_equal(timer_next_deadline(), UINT64_MAX);
}

static void test_no_table_memory(void **state)
{
	struct domain *d = *state;
	mfn_t mfn = page_of(d, 0), large = page_of(d, 9);
	uint64_t used;

	assert_int_equal(p2m_set(d, 0, large, P2M_RAM, 9), 0);
	used = d->heap_used;
	d->heap_limit = used;
	assert_int_equal(p2m_set(d, 0x40000, mfn, P2M_RAM, 0), -XEN_ENOMEM);
	assert_int_equal(p2m_set(d, 7, mfn, P2M_RAM, 0), -XEN_ENOMEM);	/* cannot split */
	assert_int_equal(p2m_clear(d, 7, MFN_INVALID, P2M_RAM), -XEN_ENOMEM);
	assert_int_equal(at(d, 7), large + 7);
	assert_int_equal(refcount_read(&mfn_to_frame(mfn)->refs), 1);	/* still the caller's */
	assert_int_equal(d->heap_used, used);
	frame_put(mfn);
}

static void test_teardown(void **state)
{
	struct domain *d = *state;
	uint64_t pages = guest_pages_free(), heap = heap_pages_free(), used = d->heap_used;
	unsigned int rounds = 0;
	mfn_t mfn;
	int rc;

	for (gfn_t i = 0; i < 2000; i++)
		enter(d, i * 37, 0);
	enter(d, P2M_GFN_LIMIT - 512, 9);
	enter(d, P2M_GFN_LIMIT - 1, 0);
	hosted_time_auto(1000);
	this_cpu()->timers.armed = 0;	/* something else always waits */
	while ((rc = p2m_teardown(d)) == -XEN_ERESTART) {
		assert_int_equal(at(d, 3), MFN_INVALID);
		rounds++;
	}
	assert_int_equal(rc, 0);
	assert_true(rounds > 10);
	assert_int_equal(guest_pages_free(), pages);
	assert_int_equal(heap_pages_free(), heap + 1);	/* the root, too */
	assert_int_equal(d->heap_used, used - PAGE_SIZE);
	assert_int_equal(d->p2m.table_pages, 0);
	assert_int_equal(p2m_teardown(d), 0);
	assert_int_equal(p2m_get_frame(d, 0, false, NULL), MFN_INVALID);
	assert_int_equal(p2m_set(d, 0, 0, P2M_MMIO, 0), -XEN_EINVAL);
	/* Nor is a table looked into that is somebody else's memory by now: not the one that was changed last either. */
	for (uint64_t i = heap + 1; i; i--)
		memset(heap_alloc_pages(NULL, 0), 0xff, PAGE_SIZE);
	assert_int_equal(at(d, P2M_GFN_LIMIT - 1), MFN_INVALID);
	assert_int_equal(p2m_take(d, P2M_GFN_LIMIT - 1, MFN_INVALID, P2M_RAM, &mfn), -XEN_ENOENT);
}

/* Tables that the guest has emptied are passed over a few at a time. */
static void test_teardown_of_empty_tables(void **state)
{
	struct domain *d = *state;
	unsigned int rounds = 0;
	int rc;

	for (gfn_t i = 0; i < 400; i++) {
		mfn_t mfn;

		enter(d, i * 512, 0);
		assert_int_equal(p2m_take(d, i * 512, MFN_INVALID, P2M_RAM, &mfn), 0);
		frame_put(mfn);
	}
	this_cpu()->timers.armed = 0;	/* something else always waits */
	while ((rc = p2m_teardown(d)) == -XEN_ERESTART && d->p2m.drop_cursor < 400 * 512)
		rounds++;
	assert_true(rounds > 90);
	while (rc == -XEN_ERESTART)
		rc = p2m_teardown(d);
	assert_int_equal(rc, 0);
}

static struct p2m *watched;
static bool armed_unlocked;	/* its drain timer, while no writer held its lock */

void __real_timer_set(struct timer *t, uint64_t deadline);
void __wrap_timer_set(struct timer *t, uint64_t deadline);

void __wrap_timer_set(struct timer *t, uint64_t deadline)
{
	if (watched && t == &watched->drain_timer && !(atomic_load(&watched->lock.readers) & RWLOCK_WRITER))
		armed_unlocked = true;
	__real_timer_set(t, deadline);
}

/* Otherwise teardown may find the timer idle, and it is armed afterwards, in memory that goes. */
static void test_drain_timer_and_teardown(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, NULL, 1, 1);
	mfn_t mfn = p2m_get_frame(other, 0, true, NULL);

	watched = &d->p2m;
	assert_int_equal(p2m_set(d, 7, mfn, P2M_FOREIGN, 0), 0);
	assert_int_equal(p2m_clear_foreign(d, 7, mfn), 0);
	watched = NULL;
	assert_false(armed_unlocked);
	assert_true(d->p2m.drain_timer.queued);
	assert_int_equal(p2m_teardown(d), 0);
	assert_false(d->p2m.drain_timer.queued);
	assert_int_equal(p2m_clear_foreign(d, 7, mfn), -XEN_ENOENT);
	assert_false(d->p2m.drain_timer.queued);
}

/* Against a plain array. */
static void test_random(void **state)
{
	enum { SPAN = 4096 };
	struct domain *d = *state;
	static mfn_t model[SPAN];

	srand(7);
	for (unsigned int i = 0; i < SPAN; i++)
		model[i] = MFN_INVALID;
	for (unsigned int round = 0; round < 20000; round++) {
		gfn_t gfn = (gfn_t)rand() % SPAN;
		unsigned int order = rand() % 40 ? 0 : 9;
		mfn_t mfn;

		if (rand() % 3 == 0) {
			int want = model[gfn] == MFN_INVALID ? -XEN_ENOENT : 0;

			assert_int_equal(p2m_clear(d, gfn, MFN_INVALID, P2M_RAM), want);
			model[gfn] = MFN_INVALID;
			continue;
		}
		gfn &= ~(((gfn_t)1 << order) - 1);
		if (guest_frames_alloc(d, order, &mfn))
			continue;
		assert_int_equal(p2m_set(d, gfn, mfn, P2M_RAM, order), 0);
		for (mfn_t i = 0; i < 1u << order; i++)
			model[gfn + i] = mfn + i;
	}
	for (gfn_t i = 0; i < SPAN; i++)
		assert_int_equal(at(d, i), model[i]);
	hosted_domain_kill(d);
	assert_int_equal(guest_pages_free(), guest_pages_total());
}

static _Atomic bool stop;

static void *look_up(void *arg)
{
	struct domain *d = arg;

	hosted_cpu_set(1);
	while (!stop) {
		for (gfn_t i = 0; i < 100; i++) {
			mfn_t mfn = p2m_get_frame(d, 1000 + i, true, NULL);

			if (mfn != MFN_INVALID)
				frame_put(mfn);
		}
		p2m_drain(d);
	}
	return NULL;
}

/* One maps and unmaps, the other looks on; the owner goes in the middle. */
static void test_two_cpus(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, NULL, 100, 1);
	unsigned int mapped = 0;
	pthread_t t;

	stop = false;
	assert_int_equal(pthread_create(&t, NULL, look_up, d), 0);
	for (unsigned int round = 0; round < 20000; round++) {
		gfn_t i = round % 100;
		mfn_t mfn = round < 15000 ? p2m_get_frame(other, i, true, NULL) : MFN_INVALID;

		if (round == 15000)
			hosted_domain_kill(other);
		if (mfn != MFN_INVALID && p2m_set(d, 1000 + i, mfn, P2M_FOREIGN, 0) == 0)
			mapped++;
		if (round % 3 && p2m_clear_foreign(d, 1000 + i, MFN_INVALID) == -XEN_ENOMEM)
			fail_msg("no memory");
	}
	stop = true;
	pthread_join(t, NULL);
	assert_int_equal(mapped, 15000);
	hosted_domain_kill(d);
	assert_int_equal(guest_pages_free(), guest_pages_total());
	assert_int_equal(domain_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_set_and_lookup, setup),
		cmocka_unit_test_setup(test_bounds, setup),
		cmocka_unit_test_setup(test_replacing_frees, setup),
		cmocka_unit_test_setup(test_entering_the_same_again, setup),
		cmocka_unit_test_setup(test_large_leaf_splits, setup),
		cmocka_unit_test_setup(test_large_leaf_over_a_table, setup),
		cmocka_unit_test_setup(test_table_replaced_and_made_again, setup),
		cmocka_unit_test_setup(test_gigabyte_needs_an_empty_place, setup),
		cmocka_unit_test_setup(test_types, setup),
		cmocka_unit_test_setup(test_take_hands_over, setup),
		cmocka_unit_test_setup(test_foreign_in_batches, setup),
		cmocka_unit_test_setup(test_no_table_memory, setup),
		cmocka_unit_test_setup(test_teardown, setup),
		cmocka_unit_test_setup(test_teardown_of_empty_tables, setup),
		cmocka_unit_test_setup(test_drain_timer_and_teardown, setup),
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test_setup(test_two_cpus, setup),
	};

	return cmocka_run_group_tests_name("p2m", tests, NULL, NULL);
}
