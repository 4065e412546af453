/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps' scenes: one operation each, with valid arguments and a living target, made ready under a policy that allows everything and then
 * called under the policy of the sweep.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

#include "guestcalls.h"

#include <hv/gate.h>

#define BUF_GPA		0x2000u		/* of the caller: two pages for whatever the argument points to */
#define BLOB_GPA	0x8000u		/* of the caller: from here to the end of its memory */
#define FREE_GFN	0x50000u	/* nobody has anything there */
#define OWN_GFN		6u		/* RAM nobody looks at */
#define CALLER_PAGES	24u
#define OTHER_PAGES	16u

struct scene {
	struct domain *caller;		/* id 1, label of the control domain */
	struct domain *other;		/* id 2 */
	struct domain *third;		/* id 3, if the scene wanted one */
	sid_t other_sid;		/* label it runs under */
};

/* The observed call. Returns its result; everything before it and after it is allowed. */
int64_t sweep_call(struct scene *s, uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
/* nr(cmd, arg, 1) with arg in the caller's memory, there and back. */
int64_t sweep_arg_call(struct scene *s, uint64_t nr, uint64_t cmd, void *arg, size_t len);
/* nr(arg), for the hypercalls whose argument names the operation. */
int64_t sweep_head_call(struct scene *s, uint64_t nr, void *arg, size_t len);
void scene_third(struct scene *s);
void scene_rebuild(struct scene *s);	/* the other domain is being built, under the build label */
struct domain *scene_domain_of(struct scene *s, domid_t id);	/* what createdomain made */

/* sweep_watch.c: around the observed call. All that it wrote, as a number; *twice: it fetched something again; *argument: it wrote where its argument is. */
void sweep_watch_begin(uint8_t stack_pattern);
uint64_t sweep_watch_end(bool *twice, bool *argument);
bool sweep_gives_back(const char *row);		/* what it has to do */
void sweep_refuse_memory(unsigned int n);	/* the n-th allocation within observed calls */
bool sweep_was_refused(void);			/* it came to that; none is refused any more */

#define HANDLE_AT(gpa) { .p = (void *)(uintptr_t)(gpa) }

/* Every scene that the table of expectations names. */
#define OP(hc, op, sc, head, denied, ok, about, ...)	int64_t scene_##sc(struct scene *s);
#define ABSENT(hc, op, status)
#include "expect_operations.h"
#undef OP
#undef ABSENT

#endif
