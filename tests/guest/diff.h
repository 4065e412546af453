/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: the same hypercalls on this hypervisor and on another: one line for each call says its name and arguments, what it returned and what it
 * wrote. tests/boot-hv/differential.sh compares the lines.
 * Locking: one vCPU. Trust: a guest.
 */
#ifndef TESTS_GUEST_DIFF_H
#define TESTS_GUEST_DIFF_H

#include "child.h"

#define DIFF_FIELDS	10u
#define DIFF_REF	12u
#define DIFF_SACRIFICE	64u		/* pages that may be given away, mapped over, taken back */

/* Values that a field takes one after the other; by text in the line, for the same text stands for the same on both machines. */
enum diff_set {
	SET_FIXED, SET_DOM, SET_OTHER_DOM, SET_PORT, SET_VCPU, SET_GFN, SET_NUMBER, SET_SMALL, SET_ORDER, SET_POINTER, SET_BIT, SET_LONG, SET_ADDRESS,
	SET_TIME, SET_BITS, DIFF_SETS,
};

/* Stand-ins for values known when it runs. */
#define BASE_CHILD	0xfeed000000000001ull
#define BASE_BUFFER	0xfeed000000000002ull	/* 4 KiB that are looked at after each call, filled with DIFF_FILL before */
#define BASE_SACRIFICE	0xfeed000000000003ull	/* the first sacrificed page's frame number */
#define BASE_SCRATCH	0xfeed000000000004ull	/* the address of a page where nothing is */
#define BASE_SCRATCH_GFN 0xfeed000000000005ull
#define BASE_LIST	0xfeed000000000006ull	/* 512 frame numbers, where nothing is */
#define BASE_NOTHING	0xfeed000000000007ull	/* an address where nothing ever is */
#define BASE_SID	0xfeed000000000008ull	/* what a toolstack passes for a guest's label */
#define BASE_CUT	0xfeed000000000009ull	/* four bytes, and nothing behind */
#define DIFF_FILL	0xa5u

struct diff_field {
	const char *name;
	uint16_t offset;
	uint8_t size, set;
	uint64_t base;
};

enum diff_kind {
	BY_REGISTERS,		/* the fields are the registers, 8 bytes each */
	SUB_AND_POINTER,	/* sub-operation, pointer to the structure */
	SUB_POINTER_COUNT,	/* and a count of 1 */
	SUB_VCPU_POINTER,	/* the structure's last 8 bytes are the vCPU's number, no part of it */
	POINTER_ALONE,		/* the structure begins with the sub-operation and a version */
};

enum diff_look {
	LOOK_BYTES,		/* what was written must be the same */
	LOOK_WHERE,		/* the same places must be written: what is written is an address, a time, or names the machine */
	LOOK_NOT,
};

struct diff_shape {
	const char *name;
	uint8_t nr, kind, look, randoms;	/* hypercall; how many calls with all fields at random */
	uint32_t sub, version;
	uint16_t size;
	struct diff_field field[DIFF_FIELDS];
};

/* --- diff_engine.c --------------------------------------------------------------------------------------------------------- */
int diff_init(void);
uint64_t diff_random(uint64_t below);
void diff_run(const struct diff_shape *shape);
/* One call; its structure was filled in by the caller through diff_structure(). */
void *diff_structure(size_t size);
long diff_call(const char *what, enum diff_look look, uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
int diff_unmap(uint64_t at, uint32_t handle);		/* the grant's status */
extern struct child diff_child;
extern uint8_t diff_sacrifice[DIFF_SACRIFICE * PAGE_SIZE];
extern uint64_t diff_scratch;		/* address of 64 pages where nothing is */

/* --- diff_shapes.c, diff_control.c, diff_sequence.c --------------------------------------------------------------------------- */
void diff_shapes_guest(void);		/* what any guest may call */
void diff_shapes_control(void);
void diff_sequences(void);
void diff_grants(void);		/* entries 8 to 15 of the child are grants to ourselves; from DIFF_REF on, writable */

#endif
