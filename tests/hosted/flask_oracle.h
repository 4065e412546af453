/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsepol's answers, to compare ours with. No type of libsepol shows: its headers and ours cannot be included together.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_FLASK_ORACLE_H
#define TESTS_FLASK_ORACLE_H

#include <stddef.h>
#include <stdint.h>

int oracle_load(const char *path);		/* 0, or -1: libsepol refuses the file */
int oracle_load_bytes(const void *bytes, size_t len);
uint32_t oracle_classes(void);			/* highest class number */
int oracle_sid(const char *context, uint32_t *sid);
int oracle_context(uint32_t sid, char *buf, size_t size);
int oracle_access(uint32_t s, uint32_t t, uint16_t class, uint32_t *allowed, uint32_t *auditallow, uint32_t *auditdeny);
int oracle_transition(uint32_t s, uint32_t t, uint16_t class, uint32_t *out);
int oracle_member(uint32_t s, uint32_t t, uint16_t class, uint32_t *out);
int oracle_change(uint32_t s, uint32_t t, uint16_t class, uint32_t *out);
void oracle_set_bool(const char *name, int value);	/* must exist */
const char *oracle_class_name(uint16_t class);	/* NULL for a gap */
/* 0 if the policy in force has no such class or permission. */
uint16_t oracle_class(const char *name);
uint32_t oracle_perm(uint16_t class, const char *name);

#endif
