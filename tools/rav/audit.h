/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of rav audit: where records come from, what a line says, the files they are kept in, the chain over them.
 * Locking: single-threaded; the daemon and readers meet only through the files. Trust: files are hostile (dom0's root may have written them), the
 * hypervisor is not.
 */
#ifndef RAV_AUDIT_H
#define RAV_AUDIT_H

#include "common.h"

#include <abi/ravelin.h>
#include <stdio.h>

#define AUDIT_LOG_DIR	"/var/log/ravelin"
#define AUDIT_LOG_FILE	"audit.log"	/* the newest; older ones are audit.log.1, .2 … as auditd names them */
#define AUDIT_HEAD	32u
#define AUDIT_BOOT	16u
#define AUDIT_FILES_MAX	999u

/* --- the hypervisor, or what stands for it in tests (audit_source.c) ------------------------------------------------------------------------ */

struct audit_source {
	/* 0, or a negative errno of Xen's numbers, which are Linux's. */
	int (*state)(struct audit_source *s, struct ravelin_audit_state *state);
	int (*read)(struct audit_source *s, uint64_t *from, char *buffer, uint32_t *size);
	int (*release)(struct audit_source *s, uint64_t before);
	int (*link)(struct audit_source *s, const struct ravelin_audit_link *link);
};

/* Says why not. NULL: there is no hypervisor to talk to. */
struct audit_source *audit_source_open(void);

/* --- one line (audit_record.c) ---------------------------------------------------------------------------------------------------------------- */

struct audit_text {
	const char *at;
	size_t len;
};

struct audit_record {
	struct audit_text line, type, text;	/* text: behind "msg=audit(…): " */
	uint64_t ms, seq;
};

/*@
  // The n bytes at `at` are among the m at `of`.
  predicate among{L}(char *at, integer n, char *of, integer m) = \base_addr(at) == \base_addr(of) && of <= at && 0 <= n && at + n <= of + m;
  lemma among_read{L}: \forall char *p, *q, integer n, m; among(p, n, q, m) && \valid_read(q + (0 .. m - 1)) ==> \valid_read(p + (0 .. n - 1));
  lemma among_among{L}: \forall char *p, *q, *t, integer n, m, k; among(p, n, q, m) && among(q, m, t, k) ==> among(p, n, t, k);
  predicate bytes{L}(struct audit_text *t) = \valid_read(t->at + (0 .. t->len - 1));
  predicate part{L}(struct audit_text *t, struct audit_text *of) = among(t->at, t->len, of->at, of->len);
  predicate record{L}(struct audit_record *r) = \valid_read(r) && bytes(&r->line) && part(&r->type, &r->line) && part(&r->text, &r->line);
*/
/* type=TYPE msg=audit(SEC.MS:SEQ): TEXT, printable. False: it is not. */
/*@
  requires \valid_read(line + (0 .. len - 1)) && \valid(r);
  assigns r->line.at, r->line.len, r->type.at, r->type.len, r->text.at, r->text.len, r->ms, r->seq;
  ensures \result ==> r->line.at == line && r->line.len == len < RAVELIN_AUDIT_LINE_MAX;
  ensures \result ==> record(r);
*/
bool audit_record_parse(const char *line, size_t len, struct audit_record *r);
/*@
  requires record(r);
  requires text(key);
  requires \valid(value) && \separated(r, value);
  assigns value->at, value->len;
  ensures \result ==> part(value, &r->text);
*/
/* The value of the first key=value in the text, quotes taken off. */
bool audit_record_field(const struct audit_record *r, const char *key, struct audit_text *value);
/*@
  requires record(r);
  requires \valid(at) && \valid(key) && \valid(value) && \separated(r, at, key, value);
  assigns *at, key->at, key->len, value->at, value->len;
  ensures \result ==> part(key, &r->text);
  ensures \result ==> part(value, &r->text);
  ensures forward: \result ==> \old(*at) < *at <= r->text.len;
*/
/* Goes through all of them: *at begins as 0. */
bool audit_record_next(const struct audit_record *r, size_t *at, struct audit_text *key, struct audit_text *value);
/*@
  requires record(r);
  requires text(key);
  requires \valid(value) && \separated(r, value);
  assigns *value;
*/
bool audit_record_number(const struct audit_record *r, const char *key, uint64_t *value);
/*@
  requires record(r);
  requires \valid(decision) && \valid(permissions) && \separated(r, decision, permissions);
  assigns decision->at, decision->len, permissions->at, permissions->len;
  ensures \result ==> part(decision, &r->text);
  ensures \result ==> part(permissions, &r->text);
*/
/* "denied", "granted", or false; the words between the braces. */
bool audit_record_avc(const struct audit_record *r, struct audit_text *decision, struct audit_text *permissions);
/*@ requires \valid_read(t.at + (0 .. t.len - 1)); requires text(s); assigns \nothing; */
bool audit_text_is(struct audit_text t, const char *s);

/* --- the chain (audit_chain.c) ---------------------------------------------------------------------------------------------------------------- */

/* A point of a chain: record `seq` of that boot, and the head after it. */
struct audit_point {
	uint8_t boot[AUDIT_BOOT], head[AUDIT_HEAD];
	uint64_t seq;
};

void audit_point_begin(struct audit_point *p, const uint8_t boot[AUDIT_BOOT]);
void audit_point_advance(struct audit_point *p, const char *line, size_t len);
bool audit_point_same_boot(const struct audit_point *p, const uint8_t boot[AUDIT_BOOT]);

/*
 * What rav itself writes between the hypervisor's lines, outside the chain: "rav: WHAT boot=… seq=… head=…". WHAT: anchor (the chain goes on from here),
 * end (a clean stop), cut (the boot ended and what was not fetched is lost), broken (the file before did not lead to what the hypervisor has).
 */
enum audit_mark { AUDIT_MARK_ANCHOR, AUDIT_MARK_END, AUDIT_MARK_CUT, AUDIT_MARK_BROKEN };
bool audit_mark_parse(const struct audit_record *r, enum audit_mark *mark, struct audit_point *p);
/* Length without newline. */
int audit_mark_print(char *line, size_t size, enum audit_mark mark, const struct audit_point *p, uint64_t ms);

/* --- the files (audit_file.c) ------------------------------------------------------------------------------------------------------------------- */

/* Oldest first: each line of every file, or of one file if `path` is one. False from `each` ends it. */
struct audit_place {
	const char *path;
	uint64_t line;
};
/* 0, -errno. -ENOENT: there is no log. */
int audit_files_each(const char *path, bool (*each)(void *arg, const struct audit_place *where, const char *line, size_t len), void *arg);
/* Changes whenever a file of the log does. */
uint64_t audit_files_stamp(const char *path);

/* --- verifying (audit_verify.c) ---------------------------------------------------------------------------------------------------------------- */

struct audit_boot {			/* a boot as the files have it */
	uint8_t boot[AUDIT_BOOT];
	uint64_t first, last;		/* records; first > last: none */
	uint8_t head[AUDIT_HEAD];
	enum { BOOT_CONSISTENT, BOOT_LINKED, BOOT_PROVEN } proof;
	bool clean_end, cut;
};

#define AUDIT_BOOTS_MAX	4096u

struct audit_verdict {
	struct audit_boot *boots;
	size_t boots_nr;
	uint64_t records, unstored;	/* unstored: in the ring, not yet in the files */
	bool ok;
	char reason[512];		/* what is wrong, and where */
};

/* `expected`: the head somebody kept, in place of the hypervisor's (s NULL). Frees nothing of its arguments; verdict->boots is the caller's to free. */
int audit_verify(const char *path, struct audit_source *s, const struct audit_point *expected, struct audit_verdict *verdict);

/* --- the daemon (audit_store.c, audit_daemon.c) --------------------------------------------------------------------------------------------- */

struct audit_store {
	int dir, fd;
	uint64_t size, size_max;
	unsigned int keep;
	struct audit_point at;		/* of the last line written */
	bool anchored;
};

/* Opens or makes the log, cuts off half a line, finds where it ended. 0 or rav_fail()'s status. */
int audit_store_open(struct audit_store *t, const char *dir, uint64_t size_max, unsigned int keep);
/* Brings the file into line with the hypervisor's boot: closes the boot before, links it, anchors. */
int audit_store_begin(struct audit_store *t, struct audit_source *s);
/* Fetches, stores, syncs, releases. *got: how many records. -errno of Xen's, or of the file's. */
int audit_store_fetch(struct audit_store *t, struct audit_source *s, uint64_t *got);
int audit_store_end(struct audit_store *t);

/* The verbs. */
int audit_daemon_run(int argc, char **argv);
int audit_show_run(int argc, char **argv);
int audit_follow_run(int argc, char **argv);
int audit_stats_run(int argc, char **argv);
int audit_verify_run(int argc, char **argv);
int audit_head_run(int argc, char **argv);

#endif
