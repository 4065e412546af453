/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of test_sweep share: the expectations, the policy that decides in Flask's place while an operation is observed, what was seen of it.
 * Locking: none; one CPU. Trust: tests only.
 */
#ifndef TESTS_SWEEP_TESTS_H
#define TESTS_SWEEP_TESTS_H

#include "sweep.h"

#include <stdlib.h>

#include <hv/flask.h>

#include "../../hypervisor/hypercall/handlers.h"

#define NONE		PERM_INVALID
#define INSIDE_MAX	4
#define ROWS_MAX	512
#define SERVICE		"system_u:system_r:xenstore_t:s0"

enum about { ABOUT_SELF, ABOUT_OTHER, ABOUT_PARTLY, ABOUT_EACH };

struct expectation {
	const char *row, *scene;
	int64_t (*run)(struct scene *s);
	enum perm head, inside[INSIDE_MAX];
	int64_t denied, ok;
	enum about about;
};
extern const struct expectation sweep_expected[];
extern const unsigned int sweep_expected_nr;

struct absence {
	const char *row;
	int status;
};
extern const struct absence sweep_absent[];
extern const unsigned int sweep_absent_nr;

#define POLICY_TARGETS 3

struct sweep_policy {
	struct flask_vector usual, special;	/* `special` answers for the pairs named here; 0: any label */
	sid_t source, target[POLICY_TARGETS];
};
extern struct sweep_policy sweep_policy;

extern bool sweep_observing;
extern bool sweep_by_flask;		/* what is observed is decided by the policy in force */
extern bool sweep_compat_caller;	/* a program of 32 bits calls */
extern uint8_t sweep_stack_pattern;
extern unsigned int sweep_complaints;

/* Of the last observed call. */
struct sweep_seen {
	unsigned int entered[ROWS_MAX], windows;
	unsigned int calls;
	sid_t caller, self, other;	/* labels at the call */
	uint64_t written;		/* all that the caller was given */
	bool given_back;		/* its argument */
	bool twice;			/* something was fetched again */
};
extern struct sweep_seen sweep_seen;

void sweep_vector_set(struct flask_vector *v, enum perm p, bool on);
void sweep_policy_allow_all(struct sweep_policy *p);
void sweep_policy_deny(enum perm p);
void sweep_policy_deny_on(enum perm p, sid_t source, sid_t target);	/* from source (0: any) to target (0: any) only */
int sweep_machine(void **state);	/* a new one, under a policy that allows everything */
const struct op_row *sweep_row_named(const char *name);
enum perm sweep_use_of(const struct expectation *e);
sid_t sweep_transition(sid_t source, sid_t target, const char *class_name);
int64_t sweep_scene_run(const struct expectation *e, const char *caller_label, const char *other_label);
unsigned int sweep_entered(const struct expectation *e);		/* how often its handler was, by the observed call */
bool sweep_has_worked(const struct expectation *e, int64_t rc);
bool sweep_asks_one_question(const struct expectation *e);
sid_t sweep_head_target(const struct expectation *e);	/* whose label has to be asked about: by what is asked, not by the table */
void __printf(2, 3) sweep_complain(const struct expectation *e, const char *fmt, ...);

/* tests/mutate: the living mutant concerns some rows alone, and one complaint is enough. */
#ifdef MUTATE
bool mutant_concerns(const char *row);
#define CONCERNS(e)	mutant_concerns((e)->row)
#define ALL_CONCERNED	false
#define COMPLAINED()	exit(1)
#else
#define CONCERNS(e)	true
#define ALL_CONCERNED	true
#define COMPLAINED()	((void)0)
#endif

#define FOR_EACH_AT_ALL(e) for (const struct expectation *e = sweep_expected; e < sweep_expected + sweep_expected_nr; e++)
#define FOR_EACH_EXPECTED(e) FOR_EACH_AT_ALL(e) if (CONCERNS(e))

/* sweep_objects.c */
void test_objects_of_each_label(void **state);
void test_pairs(void **state);
void test_channels_of_each_label(void **state);
void test_both_labels_of_a_new_domain(void **state);
void test_list_shows_what_may_be_seen(void **state);
void test_multicall_entries(void **state);
void test_what_may_stay(void **state);
void test_whose_label_is_asked_about(void **state);

/* sweep_memory.c */
void test_nothing_is_fetched_twice(void **state);
void test_no_stale_byte_is_written(void **state);
void test_what_is_given_back(void **state);
void test_memory_runs_out(void **state);

/* sweep_callers.c */
void test_decisions_of_the_policy(void **state);
void test_refused_rows(void **state);
void test_callers_of_32_bits(void **state);
void test_user_mode_has_no_hypercalls(void **state);

#endif
