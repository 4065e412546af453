/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lock_order.c is there to notice, it notices: each wrong order, planted here, with nobody on another CPU to wait for.
 * Locking: the test's subject. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <hv/cpu.h>
#include <hv/domain.h>

#include "hosted.h"

static char said[512];

static void hear(const char *what)
{
	strncpy(said, what, sizeof(said) - 1);
}

static int machine(void **state)
{
	(void)state;
	hosted_machine_init();
	said[0] = '\0';
	lock_order_broken = hear;
	return 0;
}

static int machine_left(void **state)
{
	(void)state;
	lock_order_broken = NULL;
	return 0;
}

static void test_the_order_is_kept(void **state)
{
	struct domain *a = hosted_domain(1, NULL, 1, 1), *b = hosted_domain(2, NULL, 1, 1);

	(void)state;
	domain_lock_pair(b, a);
	write_lock(&a->p2m.lock);
	spin_lock(&this_cpu()->rq.lock);
	spin_unlock(&this_cpu()->rq.lock);
	write_unlock(&a->p2m.lock);
	domain_unlock_pair(a, b);
	assert_string_equal(said, "");
}

static void test_p2m_before_domain(void **state)
{
	struct domain *d = hosted_domain(1, NULL, 1, 1);

	(void)state;
	read_lock(&d->p2m.lock);
	domain_shutdown(d, 0);		/* takes the domain's, far from here: no rule that sees one function does */
	read_unlock(&d->p2m.lock);
	assert_non_null(strstr(said, "core/domain_life.c"));
	assert_non_null(strstr(said, "takes &d->lock of core/domain.c behind &d->p2m.lock of core/p2m.c, taken at tests/hosted/test_lock_order.c"));
}

static void test_greater_domain_first(void **state)
{
	struct domain *a = hosted_domain(1, NULL, 1, 1), *b = hosted_domain(2, NULL, 1, 1);

	(void)state;
	spin_lock(&b->lock);
	spin_lock(&a->lock);
	spin_unlock(&a->lock);
	spin_unlock(&b->lock);
	assert_non_null(strstr(said, "behind &d->lock"));
}

/* A reader that reads again waits for the writer that waits for it. */
static void test_twice(void **state)
{
	struct domain *d = hosted_domain(1, NULL, 1, 1);

	(void)state;
	read_lock(&d->p2m.lock);
	read_lock(&d->p2m.lock);
	read_unlock(&d->p2m.lock);
	read_unlock(&d->p2m.lock);
	assert_non_null(strstr(said, "behind &d->p2m.lock"));
}

/* Trying waits for nobody; what comes after it does. */
static void test_tried(void **state)
{
	struct domain *d = hosted_domain(1, NULL, 1, 1);

	(void)state;
	spin_lock(&this_cpu()->rq.lock);
	assert_true(spin_trylock(&d->lock));
	assert_string_equal(said, "");
	spin_unlock(&this_cpu()->rq.lock);
	assert_true(spin_trylock(&this_cpu()->rq.lock));
	spin_unlock(&d->lock);
	spin_lock(&d->lock);
	assert_non_null(strstr(said, "behind &c->rq.lock"));
	spin_unlock(&d->lock);
	spin_unlock(&this_cpu()->rq.lock);
}

static void test_of_no_place(void **state)
{
	static struct spinlock nobody_knows = SPINLOCK_INIT;

	(void)state;
	spin_lock(&nobody_knows);
	assert_non_null(strstr(said, "&nobody_knows has no place in the order"));
}

static void test_what_is_left(void **state)
{
	struct domain *d = hosted_domain(1, NULL, 1, 1);

	(void)state;
	spin_lock(&d->lock);
	edge_vcpu_run(d->vcpu[0]);
	assert_non_null(strstr(said, "a guest is entered with the lock"));
	spin_unlock(&d->lock);
	said[0] = '\0';
	(spin_lock)(&d->lock);		/* unseen */
	spin_unlock(&d->lock);
	assert_non_null(strstr(said, "which this CPU does not hold"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_order_is_kept, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_p2m_before_domain, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_greater_domain_first, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_twice, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_tried, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_of_no_place, machine, machine_left),
		cmocka_unit_test_setup_teardown(test_what_is_left, machine, machine_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
