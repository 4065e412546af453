/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the hypercall fuzzer share: the input, four hostile domains, their calls, what is known of the state they have made.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#ifndef FUZZ_HYPERCALL_WORLD_H
#define FUZZ_HYPERCALL_WORLD_H

#include <hv/domain.h>
#include <hv/types.h>

#include "hosted.h"

#define DOMAINS 4u
#define PAGES 48u
#define BLOCK 0x1000u		/* where argument blocks go; pages 2 to 15 hold what they point to */
#define POINTEES 2u
#define FIRST_GFN 16u		/* pages that hypercalls are told about */
#define SHARED_GFN (PAGES + 1)
#define GRANT_GFN (PAGES + 2)
#define MAP_GFN 100u		/* foreign and granted pages go there */

extern struct domain *domain[DOMAINS];

/* --- input ----------------------------------------------------------------------------------------------------------------------------- */
void input_begin(const uint8_t *bytes, size_t len);
bool input_left(void);
uint64_t take(unsigned int bytes);	/* 0 at the end */
uint64_t take_argument(void);		/* a number, a pointer into the domain's memory, or something at a limit */

/* --- what was given out, so that later calls can name it ------------------------------------------------------------------------------- */
enum known { KNOWN_PORT, KNOWN_HANDLE, KNOWN_DOMID, KNOWN_SID, KNOWN_KINDS };
void known_reset(void);
void known_add(enum known kind, uint32_t value);
uint32_t known_take(enum known kind);	/* one of them, by the input; 0 if there is none */

/* --- calls ------------------------------------------------------------------------------------------------------------------------------ */
bool able(const struct domain *d);
struct domain *take_able(void);		/* NULL: the one chosen is not */
int64_t call(struct domain *d, uint64_t nr, const uint64_t arg[5]);
/* The same as a guest makes it; what it returns stays in the registers. */
void call_by_registers(struct domain *d, uint64_t nr, const uint64_t arg[5], bool compat);
void write_block(struct domain *d, gpa_t at, const void *bytes, size_t len);
/* The block goes to BLOCK, one element; what stands there afterwards comes back. */
int64_t block_call(struct domain *d, uint64_t nr, uint64_t cmd, void *block, size_t len);

/* --- steps: one thing that d does -------------------------------------------------------------------------------------------------------- */
void step_operation(struct domain *d);	/* a row of operations.def; hypercall_grammar.c */
void step_guided(struct domain *d);	/* what goes together; hypercall_guided.c */
void step_schedule(unsigned int rounds);	/* whoever is to run runs, and makes the hypercall in its registers */
extern bool world_dirty;		/* this input has loaded something that would be the next one's */

#endif
