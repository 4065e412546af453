/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every noun of rav shares: the table of verbs, exit statuses, errors that say what to do next, JSON.
 * Locking: single-threaded. Trust: arguments are the caller's, files and the hypervisor's answers are checked by who reads them.
 */
#ifndef RAV_COMMON_H
#define RAV_COMMON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses, the same for every verb; in the man page. */
enum rav_status {
	RAV_OK = 0,		/* done; the answer is yes */
	RAV_NO = 1,		/* done; the answer is no: denied, tampered with, differs */
	RAV_USAGE = 2,		/* the command line makes no sense */
	RAV_FAILED = 3,		/* not done: no such file, not permitted, no hypervisor */
};

/* argv[0] is the verb. --help is answered before `run` is called. */
struct rav_verb {
	const char *name;
	const char *synopsis;	/* what follows the verb: "[--json] FILE" */
	const char *summary;	/* one line */
	const char *options;	/* one indented line each, or NULL */
	int (*run)(int argc, char **argv);
};

struct rav_noun {
	const char *name;
	const char *summary;
	const struct rav_verb *verbs;	/* ends with a name of NULL */
};

/* One for each noun; main.c's table names them. */
extern const struct rav_noun rav_audit;
extern const struct rav_noun rav_policy;
extern const struct rav_noun rav_label;
extern const struct rav_noun rav_shype;

/* "rav audit show", for messages. */
extern const char *rav_command;

/*
 * An error on stderr, and on a line of its own what the user can do about it (NULL: nothing comes to mind). Returns RAV_FAILED.
 *	return rav_fail("run it as root in the control domain", "/dev/xen/privcmd: %s", strerror(errno));
 */
int rav_fail(const char *next, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a wrong command line; points to --help. Returns RAV_USAGE. */
int rav_misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints one object on a line of its own and drops it. */
void rav_json_print(struct json_object *o);
void rav_json_add_text(struct json_object *o, const char *key, const char *value);	/* NULL: nothing is added */
void rav_json_add_u64(struct json_object *o, const char *key, uint64_t value);

/* A whole decimal number at most max; false for anything else. */
bool rav_parse_u64(const char *text, uint64_t max, uint64_t *out);
/* n bytes as 2n lower-case digits and a NUL; and back: false unless text has exactly 2n of them. */
void rav_hex(const uint8_t *bytes, size_t n, char *text);
bool rav_unhex(const char *text, size_t n, uint8_t *bytes);

#endif
