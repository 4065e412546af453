/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CIL sources: collected, completed with the hypervisor's classes, compiled by libsepol, what it
 * complains about with file and line.
 * Locking: single-threaded; libsepol's message handler is global. Trust: sources are the
 * administrator's.
 */
#ifndef RAV_CIL_H
#define RAV_CIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cil_source {
	char *path;
	char *text;
	size_t len;
};

struct cil_set {
	struct cil_source *source;
	size_t nr;
	unsigned int version;	/* of the binary: 30 is what Xen 4.17 reads */
};

/* One complaint. */
struct cil_fault {
	char *file;		/* NULL: not said where */
	unsigned int line;
	char *text;
	char *detail;		/* indented lines, or NULL */
};

struct cil_result {
	uint8_t *bytes;		/* NULL: refused */
	size_t len;
	struct cil_fault *fault;
	size_t nr_faults;
	char *messages;		/* as libsepol wrote them */
};

#define CIL_UNCHECKED	1u	/* without neverallow rules */
#define CIL_ALL_MATCHES	2u	/* all rules that break a neverallow, not the first four */
#define CIL_TWICE	4u	/* a type or attribute may be declared twice */

bool cil_is_source(const uint8_t *bytes, size_t len);	/* looks like text of ours */
/*
 * Files, or directories whose *.cil are taken by name. Classes, categories are added if the sources
 * declare none. Errors have been said.
 */
int cil_set_open(struct cil_set **out, const char *const *paths, size_t n);
void cil_set_close(struct cil_set *set);
void cil_set_add(struct cil_set *set, const char *path, const char *text, size_t len);
/* A whole policy as text takes the place of the classes and categories that cil_set_open added. */
void cil_set_replace_generated(struct cil_set *set, const char *path, const char *text, size_t len);
void cil_set_drop(struct cil_set *set);	/* the last one added */
const struct cil_source *cil_set_find(const struct cil_set *set, const char *path);

void cil_compile_set(const struct cil_set *set, unsigned int flags, struct cil_result *r);
void cil_result_free(struct cil_result *r);
/* Compiles; on failure prints the complaints, compiler style, and returns RAV_NO. */
int cil_compile_or_say(const struct cil_set *set, uint8_t **bytes, size_t *len);
void cil_faults_print(const struct cil_result *r);

/* --- forms: what stands between parentheses at the top of a source ---------------------------- */
struct cil_form {
	const char *text;
	size_t len;
	unsigned int line;
};

/* The form at or after *at; moves *at and *line behind it. False: none, or it has no end. */
bool cil_form_next(const struct cil_source *s, size_t *at, unsigned int *line, struct cil_form *f);
/* Its n-th word at depth 1 (0: the keyword) begins with this and ends there. */
bool cil_form_is(const struct cil_form *f, const char *keyword);
/* The next word anywhere in a form, parentheses skipped: its length, 0 at the end. */
size_t cil_word_next(const struct cil_form *f, size_t *at, const char **word);
/* Does any source declare the name: (KEYWORD name …) or as a parameter of a macro. */
bool cil_set_declares(const struct cil_set *set, const char *name, size_t len);

/* The hypervisor's classes and the 1024 categories, as CIL. */
char *cil_classes(size_t *len);
char *cil_categories(size_t *len);

#endif
