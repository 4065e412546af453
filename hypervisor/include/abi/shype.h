/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of an sHype policy, as `rav shype build` writes and xsm/shype/read.c reads it: little-endian, records of fixed sizes, nothing between or behind
 * them. Self-contained. Order: header; names of types (Simple Type Enforcement, then Chinese Wall); conflict sets; labels; patterns.
 */
#ifndef ABI_SHYPE_H
#define ABI_SHYPE_H

#include <stdint.h>

#define SHYPE_MAGIC		0x70794873u	/* "sHyp" */
#define SHYPE_VERSION		1u
#define SHYPE_NAME		32u		/* bytes of a name with its zeroes, at least one */
#define SHYPE_FLASK_TYPE	64u		/* the same for the name of a Flask type */
#define SHYPE_WORDS		4u
#define SHYPE_TYPES_MAX		(64u * SHYPE_WORDS)	/* of each kind */
#define SHYPE_SETS_MAX		64u
#define SHYPE_LABELS_MAX	256u
#define SHYPE_PATTERNS_MAX	1024u
#define SHYPE_CATEGORIES	8u		/* that one pattern may ask for */
#define SHYPE_CATEGORY_MAX	4095u

struct shype_header {
	uint32_t magic, version;
	uint32_t size;				/* bytes of the whole file */
	uint16_t ste_types, wall_types, sets, labels, patterns, reserved;
	char name[SHYPE_NAME];			/* of the policy */
};

struct shype_name_record {
	char name[SHYPE_NAME];
};

/* At most one of these types may run at a time. Bit n: the n-th type of the Chinese Wall. */
struct shype_set_record {
	char name[SHYPE_NAME];
	uint64_t types[SHYPE_WORDS];
};

enum shype_label_kind { SHYPE_SUBJECT = 1, SHYPE_OBJECT = 2 };	/* a virtual machine's; a resource's */

struct shype_label_record {
	char name[SHYPE_NAME];
	uint64_t ste[SHYPE_WORDS], wall[SHYPE_WORDS];
	uint32_t kind, reserved;
};

/* The label is a domain's whose Flask context has this type and, in its low level, these categories at least. */
struct shype_pattern_record {
	uint16_t label, categories;
	uint16_t category[SHYPE_CATEGORIES];	/* ascending; unused ones are 0 */
	char type[SHYPE_FLASK_TYPE];
};

#endif
