/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ravelin's own hypercall: what Xen has no word for. Number __HYPERVISOR_arch_7, one argument: the address of a struct ravelin_op.
 * Self-contained; fixed-width types, the same layout for 32-bit and 64-bit callers. Result: 0 or more, or a negative Xen errno.
 */
#ifndef ABI_RAVELIN_H
#define ABI_RAVELIN_H

#include <stdint.h>

#define RAVELIN_HYPERCALL		55u
#define RAVELIN_INTERFACE_VERSION	1u

/*
 * The audit log (docs/AUDIT.md). Records are numbered from 1 at each boot. A record that is read becomes part of the chain:
 *	head(0) = 32 zero bytes
 *	head(n) = SHA-256( head(n-1) as 64 lower-case hexadecimal digits, then the line of record n without its newline )
 * It stays in the ring until it is released; the ring never overwrites what was not.
 */
#define RAVELIN_AUDIT_STATE	1u	/* permission audit:read */
#define RAVELIN_AUDIT_READ	2u	/* permission audit:read */
#define RAVELIN_AUDIT_RELEASE	3u	/* permission audit:release */
#define RAVELIN_AUDIT_LINK	4u	/* permission audit:link */

struct ravelin_audit_state {
	uint8_t boot[16];	/* random, new at each boot */
	uint8_t head[32];	/* head(chained) */
	uint64_t first;		/* oldest record in the ring; next, if there is none */
	uint64_t chained;	/* the last one that was ever read; 0: none */
	uint64_t next;		/* the number the next record will get */
	uint64_t lost;		/* records that found no room, since boot */
	uint32_t size, used;	/* bytes of the ring */
	uint32_t full;		/* enum ravelin_audit_full */
	uint16_t domain;	/* in: whose budget to tell */
	uint16_t reserved;
	uint32_t held, limit;	/* bytes its records take, and may take as things stand */
};

enum ravelin_audit_full { RAVELIN_AUDIT_DROP, RAVELIN_AUDIT_BLOCK, RAVELIN_AUDIT_PANIC };

/*
 * Whole lines, each with a newline, as many as there are and fit. -ERANGE: `from` is not in the ring any more; -EINVAL: it is beyond chained + 1;
 * -ENOBUFS: the first line alone is longer than `size` (RAVELIN_AUDIT_LINE_MAX is always enough).
 */
struct ravelin_audit_read {
	uint64_t from;		/* in: first record wanted; out: where to go on */
	uint64_t buffer;	/* linear address */
	uint32_t size;		/* in: of the buffer; out: bytes written */
	uint32_t reserved;
};
#define RAVELIN_AUDIT_LINE_MAX	16384u

/* Records before this one are stored safely: their room is given back. -EINVAL: beyond chained + 1. */
struct ravelin_audit_release {
	uint64_t before;
};

/* Once a boot: the end of the boot before as the caller's file has it, written into this boot's chain. -EEXIST: was done already. */
struct ravelin_audit_link {
	uint8_t boot[16];
	uint8_t head[32];
	uint64_t last;
};

/*
 * sHype (docs/SHYPE.md, abi/shype.h): the second engine's policy. A load that running domains violate returns -EBUSY, and their list, unless it may revoke:
 * then sharing is taken away, and what breaks the wall is paused. The list is of what was, or would be, taken.
 */
#define RAVELIN_SHYPE_STATE	16u	/* permission shype:query */
#define RAVELIN_SHYPE_ASK	17u	/* permission shype:query */
#define RAVELIN_SHYPE_LOAD	18u	/* permission shype:load */
#define RAVELIN_SHYPE_ATTACH	19u	/* permission shype:attach, on each domain named */

#define RAVELIN_SHYPE_NAME	32u

struct ravelin_shype_state {
	uint8_t sha256[32];
	char name[RAVELIN_SHYPE_NAME];
	uint32_t loaded;	/* 0: no policy, and the rest is zero */
	uint32_t labels;
};

/* An end with a SID is a domain's, and its label is told; with SID 0 the label is given, a resource's for example. "": the SID has none. */
struct ravelin_shype_ask {
	uint32_t sid[2];
	char label[2][RAVELIN_SHYPE_NAME];
	uint32_t share;		/* out: they have a type in common */
	uint32_t wall;		/* out: they must not run together */
};

/*
 * Before a domain gets a disk or joins a network: may it share with what has this label, or, given a domain, with that one. Asked about the labels they
 * have and those they will run under. A refusal is an answer, and in the audit log. -ENOENT: no policy; -EINVAL: no such label.
 */
struct ravelin_shype_attach {
	uint16_t domain;
	uint16_t with;			/* a domain, or RAVELIN_SHYPE_NO_DOMAIN: the label is given */
	uint32_t share;			/* out: they may */
	char label[RAVELIN_SHYPE_NAME];	/* of a resource; out: of `with` */
	char own[RAVELIN_SHYPE_NAME];	/* out: the domain's */
};
#define RAVELIN_SHYPE_NO_DOMAIN	0x7ff4u

enum ravelin_shype_conflict_kind {
	RAVELIN_SHYPE_NO_LABEL = 1,	/* a runs and would have no label */
	RAVELIN_SHYPE_WALL,		/* a must not run beside what runs before it */
	RAVELIN_SHYPE_SHARED,		/* a has something of b's that they could not share */
};

struct ravelin_shype_conflict {
	uint16_t kind, a, b, reserved;
};
#define RAVELIN_SHYPE_CONFLICTS	64u

struct ravelin_shype_load {
	uint64_t buffer;	/* linear address of the policy */
	uint32_t size, revoke;
	uint64_t conflicts;	/* linear address of room for RAVELIN_SHYPE_CONFLICTS, or 0 */
	uint32_t count;		/* out: conflicts there are, which may be more than the list holds */
	uint32_t reserved;
};

struct ravelin_op {
	uint32_t cmd;			/* RAVELIN_* */
	uint32_t interface_version;	/* RAVELIN_INTERFACE_VERSION; -ENOSYS for any other */
	union {
		struct ravelin_audit_state audit_state;
		struct ravelin_audit_read audit_read;
		struct ravelin_audit_release audit_release;
		struct ravelin_audit_link audit_link;
		struct ravelin_shype_state shype_state;
		struct ravelin_shype_ask shype_ask;
		struct ravelin_shype_attach shype_attach;
		struct ravelin_shype_load shype_load;
	} u;
};

#endif
