/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiling CIL with libsepol, as secilc does; its complaints taken apart into file, line, text.
 * Locking: single-threaded: libsepol's message handler is global. Trust: the administrator's text.
 */
#include "cil.h"

#include <sepol/cil/cil.h>
#include <sepol/debug.h>
#include <sepol/policydb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"

#define FAULTS_PRINTED 50u

static FILE *messages;

static void take_message(int level, const char *text)
{
	(void)level;
	if (messages)
		fputs(text, messages);
}

/* --- what is said, taken apart ---------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Says only that something failed, which the complaints before it have told. */
static bool is_echo(const char *line)
{
	static const char *const echoes[] = {
		"Failed to resolve AST",      "Failed to build AST",
		"Failed to compile cildb",    "Failed to generate binary",
		"Failed to build policydb",   "Failure adding",
		"Failed to verify",	      "Failed to post process",
		"Pre verification failed",    "Post verification failed",
		"Policy source optimization",
	};

	for (size_t i = 0; i < sizeof(echoes) / sizeof(echoes[0]); i++)
		if (begins(line, echoes[i]))
			return true;
	return false;
}

static char *copy_part(const char *from, size_t len)
{
	char *c = rav_alloc(len + 1, 1);

	memcpy(c, from, len);
	return c;
}

/* "… at FILE:LINE", or "… at line LINE of FILE": FILE may hold blanks, LINE not. */
static void fault_place(struct cil_fault *f, const char *line, size_t len)
{
	char *text = copy_part(line, len), *colon = strrchr(text, ':'), *at = NULL, *of;
	unsigned int n;

	for (char *p = text; (p = strstr(p, " at ")) != NULL; p++)
		at = p;
	if (at && colon > at && sscanf(colon + 1, "%u", &n) == 1) {
		*at = *colon = '\0';
		f->file = rav_copy(at + 4);
		f->line = n;
	} else if (at && sscanf(at, " at line %u of", &n) == 1 &&
		   (of = strstr(at, " of ")) != NULL) {
		*at = '\0';
		f->file = rav_copy(of + 4);
		f->line = n;
	}
	f->text = rav_copy(begins(text, "Error: ") ? text + 7 : text);
	free(text);
}

static struct cil_fault *fault_add(struct cil_result *r)
{
	r->fault = rav_grow(r->fault, r->nr_faults + 1, sizeof(*r->fault));
	r->fault[r->nr_faults] = (struct cil_fault){ 0 };
	return &r->fault[r->nr_faults++];
}

static void fault_detail(struct cil_fault *f, const char *line, size_t len)
{
	size_t old = f->detail ? strlen(f->detail) : 0;

	f->detail = rav_grow(f->detail, old + len + 2, 1);
	memcpy(f->detail + old, line, len);
	f->detail[old + len] = '\n';
	f->detail[old + len + 1] = '\0';
}

static void messages_split(struct cil_result *r)
{
	const char *line = r->messages, *end;

	for (; line && *line; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		if (end == line || is_echo(line))
			continue;
		if (*line == ' ' && r->nr_faults)
			fault_detail(&r->fault[r->nr_faults - 1], line, (size_t)(end - line));
		else
			fault_place(fault_add(r), line, (size_t)(end - line));
	}
}

/* --- what libsepol leaves out ----------------------------------------------------------------- */

static bool form_at(const struct cil_set *set, const char *file, unsigned int line,
		    struct cil_form *f)
{
	const struct cil_source *s = file ? cil_set_find(set, file) : NULL;
	unsigned int end = 1;
	size_t at = 0;

	while (s && cil_form_next(s, &at, &end, f))
		if (f->line <= line && line <= end)
			return true;
	return false;
}

/* "Failed to resolve permission x" comes without a place, before the statement that has one. */
static void faults_join(struct cil_result *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->nr_faults; i++) {
		struct cil_fault *f = &r->fault[i], *next = i + 1 < r->nr_faults ? f + 1 : NULL;

		if (!f->file && !f->detail && begins(f->text, "Failed to resolve") && next &&
		    next->file) {
			size_t len = strlen(f->text) + 2;
			char *line = rav_alloc(len + 1, 1);

			snprintf(line, len + 1, "  %s", f->text);
			fault_detail(next, line, len);
			free(line);
			free(f->text);
		} else {
			r->fault[kept++] = *f;
		}
	}
	r->nr_faults = kept;
}

/*
 * "Failed to resolve allow statement": which of its names is nowhere declared. Numbers, operators,
 * keywords of expressions are none.
 */
static void fault_explain_names(const struct cil_set *set, struct cil_fault *fault)
{
	static const char known[] =
		" all and or not xor eq neq dom domby incomp range self source target low high low-high h1 l1 h2 l2 t1 t2 r1 r2 u1 u2 ";
	char text[160], key[80];
	struct cil_form f;
	const char *word;
	size_t at = 0, len;

	if (!begins(fault->text, "Failed to resolve") ||
	    !form_at(set, fault->file, fault->line, &f))
		return;
	cil_word_next(&f, &at, &word);
	while ((len = cil_word_next(&f, &at, &word)) > 0) {
		snprintf(key, sizeof(key), " %.*s ", (int)(len < 70 ? len : 70), word);
		if (strstr(known, key) || cil_set_declares(set, word, len))
			continue;
		len = (size_t)snprintf(text, sizeof(text), "  %.*s: declared nowhere",
				       (int)(len < 100 ? len : 100), word);
		fault_detail(fault, text, len);
	}
}

static void fault_find_keyword(const struct cil_set *set, struct cil_fault *fault)
{
	const char *keyword = begins(fault->text, "Unknown keyword ") ? fault->text + 16 : NULL;

	for (size_t i = 0; keyword && i < set->nr; i++) {
		struct cil_form f;
		unsigned int line = 1;
		size_t at = 0;

		while (cil_form_next(&set->source[i], &at, &line, &f)) {
			if (!cil_form_is(&f, keyword))
				continue;
			fault->file = rav_copy(set->source[i].path);
			fault->line = f.line;
			return;
		}
	}
}

/* --- compiling -------------------------------------------------------------------------------- */

static int db_fill(cil_db_t *db, const struct cil_set *set)
{
	for (size_t i = 0; i < set->nr; i++)
		if (cil_add_file(db, set->source[i].path, set->source[i].text,
				 set->source[i].len) != 0)
			return -1;
	return 0;
}

static int db_to_bytes(cil_db_t *db, struct cil_result *r)
{
	sepol_policydb_t *policy = NULL;
	sepol_handle_t *h = sepol_handle_create();
	void *bytes = NULL;
	int rc = cil_build_policydb(db, &policy);

	if (h)
		sepol_msg_set_callback(h, NULL, NULL);
	if (rc == 0 && h)
		rc = sepol_policydb_to_image(h, policy, &bytes, &r->len);
	if (rc == 0)
		r->bytes = bytes;
	sepol_policydb_free(policy);
	if (h)
		sepol_handle_destroy(h);
	return rc;
}

void cil_compile_set(const struct cil_set *set, unsigned int flags, struct cil_result *r)
{
	size_t len = 0;
	cil_db_t *db;

	*r = (struct cil_result){ 0 };
	messages = rav_text_open(&r->messages, &len);
	cil_set_log_handler(take_message);
	cil_set_log_level(flags & CIL_ALL_MATCHES ? CIL_INFO : CIL_ERR);
	cil_db_init(&db);
	cil_set_target_platform(db, SEPOL_TARGET_XEN);
	cil_set_mls(db, 1);
	cil_set_policy_version(db, (int)set->version);
	cil_set_multiple_decls(db, (flags & CIL_TWICE) != 0);
	cil_set_disable_neverallow(db, (flags & CIL_UNCHECKED) != 0);
	progress_wait("compiling");
	if (db_fill(db, set) == 0 && cil_compile(db) == 0)
		(void)db_to_bytes(db, r);
	cil_db_destroy(&db);
	progress_waited();
	rav_text_close(messages);
	messages = NULL;
	if (r->bytes)
		return;
	messages_split(r);
	faults_join(r);
	for (size_t i = 0; i < r->nr_faults; i++) {
		fault_find_keyword(set, &r->fault[i]);
		fault_explain_names(set, &r->fault[i]);
	}
	if (!r->nr_faults)
		fault_add(r)->text = rav_copy("libsepol refuses it without saying why");
}

void cil_result_free(struct cil_result *r)
{
	for (size_t i = 0; i < r->nr_faults; i++) {
		free(r->fault[i].file);
		free(r->fault[i].text);
		free(r->fault[i].detail);
	}
	free(r->fault);
	free(r->messages);
	free(r->bytes);
	*r = (struct cil_result){ 0 };
}

void cil_faults_print(const struct cil_result *r)
{
	for (size_t i = 0; i < r->nr_faults && i < FAULTS_PRINTED; i++) {
		const struct cil_fault *f = &r->fault[i];

		if (f->file)
			fprintf(stderr, "%s:%u: ", f->file, f->line);
		fprintf(stderr, "%s\n%s", f->text, f->detail ? f->detail : "");
	}
}

int cil_compile_or_say(const struct cil_set *set, uint8_t **bytes, size_t *len)
{
	struct cil_result r;

	cil_compile_set(set, 0, &r);
	if (!r.bytes) {
		cil_faults_print(&r);
		cil_result_free(&r);
		return rav_fail("mend the lines above", "the sources do not compile");
	}
	*bytes = r.bytes;
	*len = r.len;
	r.bytes = NULL;
	cil_result_free(&r);
	return RAV_OK;
}
