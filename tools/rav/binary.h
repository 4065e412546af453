/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled policy, read by libsepol (which can say why) and by the hypervisor's own engine (which
 * decides).
 * Locking: single-threaded; both keep one policy in force, binary_use() says which. Trust: the
 * bytes are hostile.
 */
#ifndef RAV_BINARY_H
#define RAV_BINARY_H

#include <sepol/policydb/policydb.h>
#include <sepol/policydb/sidtab.h>
#include <stdbool.h>
#include <stdint.h>

#define LABEL_LARGEST 8192u

struct cil_set;

struct binary {
	const char *path;
	uint8_t *bytes;
	size_t len;
	policydb_t db;
	sidtab_t sids;
	struct cil_set *source;		/* NULL: it was not compiled here */
};

/* RAV_OK; else said why. Takes the bytes in either case. */
int binary_from_bytes(struct binary **out, const char *path, uint8_t *bytes, size_t len);
/* Each path is a compiled policy (then the only one), a CIL file, or a directory of CIL files. */
int binary_open(struct binary **out, const char *const *paths, size_t n);
void binary_close(struct binary *b);
void binary_use(struct binary *b);	/* asked from now on */
bool binary_is_policy(const uint8_t *bytes, size_t len);	/* begins as one does */

/* --- names ------------------------------------------------------------------------------------ */
/* 0: none */
uint32_t binary_class(const struct binary *b, const char *name);
/* its bit; 0: none */
uint32_t binary_perm(const struct binary *b, uint32_t class_value, const char *name);
/* NULL: none */
const char *binary_perm_name(const struct binary *b, uint32_t class_value, unsigned int bit);
static inline const char *binary_class_name(const struct binary *b, uint32_t v)
{
	return b->db.p_class_val_to_name[v - 1];
}
static inline const char *binary_type_name(const struct binary *b, uint32_t v)
{
	return b->db.p_type_val_to_name[v - 1];
}
bool binary_is_attribute(const struct binary *b, uint32_t v);
uint32_t binary_type(const struct binary *b, const char *name);	/* a type, no attribute; 0: none */

/* --- labels ----------------------------------------------------------------------------------- */
struct label {
	char text[LABEL_LARGEST];
	uint32_t sid;			/* libsepol's */
	uint32_t engine;
	uint32_t type;
};

/*
 * "user:role:type[:range]", or in short "type[:range]": with the first user and role that go with
 * it, and without a range as label_sample. False: no such label, see label_fault.
 */
bool label_find(struct binary *b, const char *text, struct label *l);
/* What is wrong with a label, and the CIL statement that would mend it ("" if none would). */
void label_fault(const struct binary *b, const char *text, char *fault, char *mend, size_t size);
/* The same as an error. */
int label_read(struct binary *b, const char *text, struct label *l);
bool label_self(struct binary *b, const struct label *l, struct label *self);
/* Of this type, with this range (ignored without MLS). */
bool label_of_type(struct binary *b, uint32_t type, const char *range, struct label *l);
/*
 * The label of the initial SID that has the type, if one does (dom0, the hypervisor, …); else as
 * label_of_type.
 */
bool label_sample(struct binary *b, uint32_t type, const char *range, struct label *l);
/* an initial SID labels one object with it: dom0, the hypervisor, … */
bool type_is_one(const struct binary *b, uint32_t type);
/* libsepol's SID alone, for many; 0: none */
uint32_t label_sample_sid(struct binary *b, uint32_t type, const char *range);

/* libsepol's answer by the policy's own numbers: rules, constraints and all. */
uint32_t binary_allowed(struct binary *b, const struct label *s, const struct label *t,
			uint32_t class_value);

#endif
