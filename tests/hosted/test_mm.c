/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and heap: what is given out is clear, counted and limited; what comes back is all there again.
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

static int setup(void **state)
{
	hosted_machine_init();
	hosted_machine_unchecked();
	*state = hosted_domain(1, NULL, 0, 1);
	((struct domain *)*state)->max_pages = 100000;
	return 0;
}

static bool is_clear(mfn_t mfn)
{
	const uint64_t *p = hosted_mfn_va(mfn);

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

static void test_boot_memory_is_cleared(void **state)
{
	mfn_t mfn;

	for (mfn_t m = HOSTED_BASE_MFN + 8192; m < HOSTED_BASE_MFN + 24576; m += 512)
		memset(hosted_mfn_va(m), 0xa5, PAGE_SIZE);
	for (unsigned int order = 0; order <= 9; order += 9) {
		assert_int_equal(guest_frames_alloc(*state, order, &mfn), 0);
		assert_int_equal(mfn & ((1u << order) - 1), 0);
		for (mfn_t i = 0; i < 1u << order; i++)
			assert_true(is_clear(mfn + i));
	}
}

static void test_freed_memory_is_cleared(void **state)
{
	mfn_t mfn;

	assert_int_equal(guest_frames_alloc(*state, 0, &mfn), 0);
	memset(hosted_mfn_va(mfn), 0x77, PAGE_SIZE);
	frame_put(mfn);
	assert_true(is_clear(mfn));
}

static void test_counts_return(void **state)
{
	struct domain *d = *state;
	uint64_t free = guest_pages_free();
	uint32_t refs = refcount_read(&d->refs);
	static mfn_t got[4096];
	unsigned int n = 0;

	srand(1);
	for (unsigned int round = 0; round < 20000; round++) {
		if (n && (rand() % 2 || n == 4096)) {
			unsigned int i = (unsigned int)rand() % n;

			frame_put(got[i]);
			got[i] = got[--n];
		} else {
			unsigned int order = rand() % 50 ? 0 : (unsigned int)rand() % 6;
			mfn_t first;

			assert_int_equal(guest_frames_alloc(d, order, &first), 0);
			for (mfn_t i = 0; i < 1u << order; i++) {
				if (n < 4096)
					got[n++] = first + i;
				else
					frame_put(first + i);
			}
		}
		assert_int_equal(guest_pages_free() + d->tot_pages, free);
		assert_int_equal(refcount_read(&d->refs), refs + n);
	}
	while (n)
		frame_put(got[--n]);
	assert_int_equal(guest_pages_free(), free);
	assert_int_equal(d->tot_pages, 0);
	assert_int_equal(refcount_read(&d->refs), refs);
	/* The pieces have grown together again. */
	assert_int_equal(guest_frames_alloc(d, 9, got), 0);
}

static void test_max_pages(void **state)
{
	struct domain *d = *state;
	mfn_t mfn;

	d->max_pages = 513;
	assert_int_equal(guest_frames_alloc(d, 9, &mfn), 0);
	assert_int_equal(guest_frames_alloc(d, 1, &mfn), -XEN_ENOMEM);
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), 0);
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), -XEN_ENOMEM);
	assert_int_equal(d->tot_pages, 513);
	d->max_pages = 0;	/* below what it has: nothing more */
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), -XEN_ENOMEM);
}

static void test_refusals(void **state)
{
	struct domain *d = *state;
	mfn_t mfn;

	assert_int_equal(guest_frames_alloc(d, 19, &mfn), -XEN_EINVAL);
	assert_int_equal(guest_frames_alloc(d, 18, &mfn), -XEN_ENOMEM);
	d->life = DOMAIN_DYING;
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), -XEN_EINVAL);
}

static void test_frame_get(void **state)
{
	const struct domain_link *owner;
	bool shared;
	mfn_t mfn;

	assert_false(frame_get(0));
	assert_false(frame_get(frame_table_end));
	assert_false(frame_get(MFN_INVALID));
	assert_false(frame_get(heap_va_to_mfn(*state)));	/* the heap is nobody's to map */
	assert_int_equal(guest_frames_alloc(*state, 0, &mfn), 0);
	assert_true(frame_get(mfn));
	owner = frame_owner(mfn, &shared);
	assert_true(owner && domain_link_is(owner, *state) && !shared);
	frame_put(mfn);
	frame_put(mfn);
	assert_false(frame_get(mfn));
	assert_null(frame_owner(mfn, &shared));
}

static void test_frame_count_saturates(void **state)
{
	mfn_t mfn;

	assert_int_equal(guest_frames_alloc(*state, 0, &mfn), 0);
	mfn_to_frame(mfn)->refs.n = UINT32_MAX / 2;
	assert_false(frame_get(mfn));
	mfn_to_frame(mfn)->refs.n = 1;
}

static void test_claims(void **state)
{
	struct domain *d = *state, *other = hosted_domain(2, NULL, 0, 1);
	uint64_t free = guest_pages_free();
	mfn_t mfn;

	other->max_pages = 100000;
	assert_int_equal(guest_claim_set(d, free + 1), -XEN_ENOMEM);
	assert_int_equal(guest_claim_set(d, 200000), -XEN_EINVAL);
	assert_int_equal(guest_claim_set(d, free), 0);
	assert_int_equal(guest_claim_set(d, 5), -XEN_EINVAL);
	assert_int_equal(guest_claim_set(other, 1), -XEN_ENOMEM);
	assert_int_equal(guest_frames_alloc(other, 0, &mfn), -XEN_ENOMEM);
	assert_int_equal(guest_frames_alloc(d, 0, &mfn), 0);
	assert_int_equal(guest_pages_claimed(), free - 1);
	assert_int_equal(guest_claim_set(d, 0), 0);
	assert_int_equal(guest_pages_claimed(), 0);
	assert_int_equal(guest_frames_alloc(other, 0, &mfn), 0);
	assert_int_equal(guest_claim_set(d, 1), -XEN_EINVAL);	/* it has that already */
	assert_int_equal(guest_claim_set(d, 11), 0);
	assert_int_equal(guest_pages_claimed(), 10);
	hosted_domain_kill(d);		/* the claim goes with its domain */
	assert_int_equal(guest_pages_claimed(), 0);
}

static void test_heap_is_charged(void **state)
{
	struct domain *d = *state;
	uint64_t used = d->heap_used, free = heap_pages_free();
	void *p[64];

	for (unsigned int i = 0; i < 64; i++) {
		size_t size = 1 + i * 97;

		p[i] = heap_alloc(d, size);
		assert_non_null(p[i]);
		for (size_t n = 0; n < size; n++)
			assert_int_equal(((char *)p[i])[n], 0);
		memset(p[i], 0xff, size);
	}
	assert_true(d->heap_used > used);
	for (unsigned int i = 0; i < 64; i++)
		heap_free(d, p[i]);
	heap_free(d, NULL);
	assert_int_equal(d->heap_used, used);
	assert_int_equal(heap_pages_free(), free);
}

static void test_heap_limit(void **state)
{
	struct domain *d = *state;
	unsigned int n = 0;
	void *p[64];

	d->heap_limit = d->heap_used + 10 * PAGE_SIZE;
	while (n < 64 && (p[n] = heap_alloc_pages(d, 0)) != NULL)
		n++;
	assert_int_equal(n, 10);
	assert_null(heap_alloc(d, 1));
	assert_null(heap_alloc_pages(d, 3));
	heap_free_pages(d, p[--n], 0);
	assert_non_null(p[n] = heap_alloc(d, 4000));
	heap_free(d, p[n]);
	while (n)
		heap_free_pages(d, p[--n], 0);
}

/* Without a set limit there is room for the page tables of the memory the domain may have. */
static void test_heap_limit_follows_memory(void **state)
{
	struct domain *d = *state;
	uint64_t n[2] = { 0, 0 };

	for (unsigned int i = 0; i < 2; i++) {
		void *p, *last = NULL;

		d->max_pages = i ? 16000 : 0;
		while ((p = heap_alloc_pages(d, 0)) != NULL) {
			*(void **)p = last;
			last = p;
			n[i]++;
		}
		while ((p = last) != NULL) {
			last = *(void **)p;
			heap_free_pages(d, p, 0);
		}
	}
	assert_true(n[1] - n[0] >= 16000 * 32 / PAGE_SIZE - 1);
}

static void test_heap_exhaustion(void **state)
{
	uint64_t free = heap_pages_free();
	void *p, *last = NULL;

	(void)state;
	while ((p = heap_alloc_pages(NULL, 0)) != NULL) {
		*(void **)p = last;
		last = p;
	}
	assert_int_equal(heap_pages_free(), 0);
	assert_null(heap_alloc(NULL, 1000000));
	while ((p = last) != NULL) {
		last = *(void **)p;
		heap_free_pages(NULL, p, 0);
	}
	assert_int_equal(heap_pages_free(), free);
	assert_null(heap_alloc_pages(NULL, 19));
	p = heap_alloc_pages(NULL, 10);
	assert_non_null(p);
	heap_free_pages(NULL, p, 10);
}

/* What guests use up together leaves something for the control domain. */
static void test_heap_reserve(void **state)
{
	struct domain *d = *state, *control = hosted_domain(0, NULL, 0, 1);
	void *p, *last = NULL;

	d->heap_limit = UINT64_MAX;
	while ((p = heap_alloc_pages(d, 0)) != NULL) {
		*(void **)p = last;
		last = p;
	}
	assert_null(heap_alloc(d, 1));
	assert_true(heap_pages_free() > 50);
	p = heap_alloc_pages(control, 3);
	assert_non_null(p);
	heap_free_pages(control, p, 3);
	while ((p = last) != NULL) {
		last = *(void **)p;
		heap_free_pages(d, p, 0);
	}
}

static void test_shared_page(void **state)
{
	struct domain *d = *state;
	uint64_t used = d->heap_used, free = heap_pages_free();
	uint32_t refs = refcount_read(&d->refs);
	char *va = shared_page_alloc(d);
	mfn_t mfn = heap_va_to_mfn(va);

	assert_ptr_equal(heap_mfn_to_va(mfn), va);
	assert_int_equal(d->heap_used, used + PAGE_SIZE);
	assert_int_equal(refcount_read(&d->refs), refs + 1);
	assert_true(frame_get(mfn));
	frame_put(mfn);
	va[0] = 1;
	frame_put(mfn);
	assert_int_equal(d->heap_used, used);
	assert_int_equal(heap_pages_free(), free);
	assert_int_equal(refcount_read(&d->refs), refs);
	assert_false(frame_get(mfn));
}

static void test_double_free_is_noticed(void **state)
{
	mfn_t mfn;
	void *page = heap_alloc_pages(NULL, 0);

	assert_int_equal(guest_frames_alloc(*state, 0, &mfn), 0);
	heap_free_pages(NULL, page, 0);
	if (HOSTED_CATCH() == 0) {
		heap_free_pages(NULL, page, 0);
		fail_msg("the heap took the same page twice");
	}
}

static void *alloc_and_free(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	struct domain *d = domain_lookup_raw(1);
	mfn_t mfn[64];

	hosted_cpu_set(seed);
	for (unsigned int round = 0; round < 500; round++) {
		unsigned int n = 0;
		void *p = heap_alloc(d, 100 + round);

		while (n < 64 && guest_frames_alloc(d, 0, &mfn[n]) == 0)
			n++;
		while (n)
			frame_put(mfn[--n]);
		heap_free(d, p);
	}
	domain_put(d);
	return NULL;
}

static void test_two_cpus(void **state)
{
	uint64_t free = guest_pages_free(), heap = heap_pages_free();
	struct domain *d = *state;
	uint64_t used = d->heap_used;
	pthread_t t[2];

	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, alloc_and_free, (void *)i), 0);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(guest_pages_free(), free);
	assert_int_equal(heap_pages_free(), heap);
	assert_int_equal(d->heap_used, used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_boot_memory_is_cleared, setup),
		cmocka_unit_test_setup(test_freed_memory_is_cleared, setup),
		cmocka_unit_test_setup(test_counts_return, setup),
		cmocka_unit_test_setup(test_max_pages, setup),
		cmocka_unit_test_setup(test_refusals, setup),
		cmocka_unit_test_setup(test_frame_get, setup),
		cmocka_unit_test_setup(test_frame_count_saturates, setup),
		cmocka_unit_test_setup(test_claims, setup),
		cmocka_unit_test_setup(test_heap_is_charged, setup),
		cmocka_unit_test_setup(test_heap_limit, setup),
		cmocka_unit_test_setup(test_heap_limit_follows_memory, setup),
		cmocka_unit_test_setup(test_heap_exhaustion, setup),
		cmocka_unit_test_setup(test_heap_reserve, setup),
		cmocka_unit_test_setup(test_shared_page, setup),
		cmocka_unit_test_setup(test_double_free_is_noticed, setup),
		cmocka_unit_test_setup(test_two_cpus, setup),
	};

	return cmocka_run_group_tests_name("mm", tests, NULL, NULL);
}
