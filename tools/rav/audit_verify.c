/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the log what the hypervisor wrote? The chain is computed again over every line and must end at the hypervisor's head; a boot that is over must end
 * where a later boot's chain says it ended.
 * Locking: none; a log that grows meanwhile is read again. Trust: files are hostile, the hypervisor and a head kept elsewhere are not.
 */
#include "audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 5

struct verify {
	struct audit_verdict *v;
	const struct audit_point *expected;	/* a head kept elsewhere, or NULL */
	struct audit_point at;
	bool anchored;			/* a boot is under way */
	bool met;			/* expected's record was there, with its head */
};

static bool __attribute__((format(printf, 3, 4))) refuse(struct verify *w, const struct audit_place *where, const char *fmt, ...)
{
	struct audit_verdict *v = w->v;
	va_list ap;
	int n = where ? snprintf(v->reason, sizeof(v->reason), "%s:%" PRIu64 ": ", where->path, where->line) : 0;

	if (n < 0 || (size_t)n >= sizeof(v->reason))
		n = 0;
	va_start(ap, fmt);
	vsnprintf(v->reason + n, sizeof(v->reason) - (size_t)n, fmt, ap);
	va_end(ap);
	v->ok = false;
	return false;
}

static struct audit_boot *boot_last(struct verify *w)
{
	return w->v->boots_nr ? &w->v->boots[w->v->boots_nr - 1] : NULL;
}

static bool boot_open(struct verify *w, const struct audit_place *where, const struct audit_point *p)
{
	struct audit_boot *b;

	if (w->v->boots_nr == AUDIT_BOOTS_MAX)
		return refuse(w, where, "more boots than %u", AUDIT_BOOTS_MAX);
	for (size_t i = 0; i < w->v->boots_nr; i++)
		if (memcmp(w->v->boots[i].boot, p->boot, AUDIT_BOOT) == 0)
			return refuse(w, where, "a boot begins a second time");
	b = &w->v->boots[w->v->boots_nr++];
	*b = (struct audit_boot){ .first = p->seq + 1, .last = p->seq };
	memcpy(b->boot, p->boot, AUDIT_BOOT);
	memcpy(b->head, p->head, AUDIT_HEAD);
	w->at = *p;
	w->anchored = true;
	return true;
}

/* Where a file begins the chain must be where the one before it ended it. */
static bool anchor_check(struct verify *w, const struct audit_place *where, const struct audit_point *p)
{
	static const uint8_t none[AUDIT_HEAD];
	bool first = w->v->boots_nr == 0;

	if (p->seq == 0 && memcmp(p->head, none, AUDIT_HEAD) != 0)
		return refuse(w, where, "a boot begins with a head that is not empty");
	if (!w->anchored || !audit_point_same_boot(&w->at, p->boot)) {
		if (p->seq != 0 && !first)
			return refuse(w, where, "records 1 to %" PRIu64 " of this boot are missing", p->seq);
		return boot_open(w, where, p);
	}
	if (p->seq != w->at.seq)
		return refuse(w, where, "record %" PRIu64 " came last, this file goes on behind %" PRIu64, w->at.seq, p->seq);
	if (memcmp(p->head, w->at.head, AUDIT_HEAD) != 0)
		return refuse(w, where, "the chain does not lead here: a record up to %" PRIu64 " was altered", p->seq);
	return true;
}

static bool mark_check(struct verify *w, const struct audit_place *where, enum audit_mark mark, const struct audit_point *p)
{
	struct audit_boot *b = boot_last(w);

	if (mark == AUDIT_MARK_ANCHOR)
		return anchor_check(w, where, p);
	if (mark == AUDIT_MARK_BROKEN)
		return refuse(w, where, "here the daemon found that the file before does not lead to what the hypervisor has");
	if (!b || !audit_point_same_boot(p, b->boot) || p->seq != b->last || memcmp(p->head, b->head, AUDIT_HEAD) != 0)
		return refuse(w, where, "the mark does not fit what stands before it");
	b->clean_end = mark == AUDIT_MARK_END;
	b->cut |= mark == AUDIT_MARK_CUT;
	return true;
}

/* "ravelin: prior boot=… last=… head=…": a boot's end, confirmed by the chain of a later one. */
static bool prior_check(struct verify *w, const struct audit_place *where, const struct audit_record *r)
{
	char want[2 * AUDIT_BOOT + 1], head[2 * AUDIT_HEAD + 1];
	struct audit_text boot, end;
	uint64_t last;

	if (r->text.len < 15 || memcmp(r->text.at, "ravelin: prior ", 15) != 0)
		return true;
	if (!audit_record_field(r, "boot", &boot) || !audit_record_field(r, "head", &end) || !audit_record_number(r, "last", &last))
		return refuse(w, where, "a link to an earlier boot that says nothing");
	for (size_t i = 0; i + 1 < w->v->boots_nr; i++) {
		struct audit_boot *b = &w->v->boots[i];

		rav_hex(b->boot, AUDIT_BOOT, want);
		rav_hex(b->head, AUDIT_HEAD, head);
		if (!audit_text_is(boot, want))
			continue;
		if (b->last != last || !audit_text_is(end, head))
			return refuse(w, where, "boot %.8s ended with record %" PRIu64 " and another head: its part was altered since", want, last);
		b->proof = BOOT_LINKED;
	}
	return true;
}

static bool record_check(struct verify *w, const struct audit_place *where, const struct audit_record *r)
{
	struct audit_boot *b = boot_last(w);

	if (!w->anchored)
		return refuse(w, where, "a record before any anchor");
	if (r->seq != w->at.seq + 1)
		return refuse(w, where, "record %" PRIu64 " where %" PRIu64 " belongs: removed, added or out of order", r->seq, w->at.seq + 1);
	audit_point_advance(&w->at, r->line.at, r->line.len);
	memcpy(b->head, w->at.head, AUDIT_HEAD);
	b->last = w->at.seq;
	b->clean_end = false;
	w->v->records++;
	if (w->expected && audit_point_same_boot(w->expected, w->at.boot) && w->expected->seq == w->at.seq) {
		if (memcmp(w->expected->head, w->at.head, AUDIT_HEAD) != 0)
			return refuse(w, where, "the head differs from the one that was kept: a record up to here was altered");
		w->met = true;
	}
	return prior_check(w, where, r);
}

static bool line_check(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	struct verify *w = arg;
	struct audit_record r;
	enum audit_mark mark;
	struct audit_point p;

	if (!audit_record_parse(line, len, &r))
		return refuse(w, where, "not a record");
	if (audit_mark_parse(&r, &mark, &p))
		return mark_check(w, where, mark, &p);
	return record_check(w, where, &r);
}

/* Records that are still in the ring carry the chain on from the file's end. 1: another record was lost from the file. */
static int ring_go_on(struct verify *w, struct audit_source *s, uint64_t until)
{
	static char buffer[RAVELIN_AUDIT_LINE_MAX];

	while (w->at.seq < until) {
		uint64_t from = w->at.seq + 1;
		uint32_t size = sizeof(buffer);
		int rc = s->read(s, &from, buffer, &size);

		if (rc)
			return rc;
		for (char *line = buffer, *end; w->at.seq < until && (end = memchr(line, '\n', (size_t)(buffer + size - line))); line = end + 1) {
			audit_point_advance(&w->at, line, (size_t)(end - line));
			w->v->unstored++;
		}
		if (size == 0)
			return -EPROTO;
	}
	return 0;
}

static bool head_check(struct verify *w, struct audit_source *s, const struct ravelin_audit_state *state)
{
	int rc;

	if (!w->anchored || !audit_point_same_boot(&w->at, state->boot))
		return refuse(w, NULL, "the log has nothing of the boot the machine is in: replaced by an older one, or the daemon has not run yet");
	if (w->at.seq > state->chained)
		return refuse(w, NULL, "the log has records up to %" PRIu64 ", the hypervisor gave out %" PRIu64, w->at.seq, state->chained);
	if (w->at.seq + 1 < state->first)
		return refuse(w, NULL, "records %" PRIu64 " to %" PRIu64 " were confirmed as stored and are missing at the end", w->at.seq + 1,
			      state->first - 1);
	rc = ring_go_on(w, s, state->chained);
	if (rc)
		return refuse(w, NULL, "the ring could not be read from record %" PRIu64 " on: %s", w->at.seq + 1, strerror(-rc));
	if (memcmp(w->at.head, state->head, AUDIT_HEAD) != 0)
		return refuse(w, NULL, "the chain ends with another head than the hypervisor's: a record of this boot was altered");
	return true;
}

static int verify_once(const char *path, struct audit_source *s, const struct audit_point *expected, struct audit_verdict *v)
{
	struct ravelin_audit_state state = { 0 };
	struct verify w = { .v = v, .expected = expected };
	int rc;

	v->boots_nr = 0;
	v->records = v->unstored = 0;
	v->ok = true;
	v->reason[0] = '\0';
	rc = audit_files_each(path, line_check, &w);
	if (rc == 0 && s)
		rc = s->state(s, &state);
	if (rc || !v->ok)
		return rc;
	if (s && head_check(&w, s, &state))
		boot_last(&w)->proof = BOOT_PROVEN;
	if (expected && !w.met)
		refuse(&w, NULL, "record %" PRIu64 " of that boot is not there", expected->seq);
	else if (expected)
		boot_last(&w)->proof = BOOT_PROVEN;
	return 0;
}

int audit_verify(const char *path, struct audit_source *s, const struct audit_point *expected, struct audit_verdict *verdict)
{
	int rc = 0;

	verdict->boots = calloc(AUDIT_BOOTS_MAX, sizeof(*verdict->boots));
	if (!verdict->boots)
		return -ENOMEM;
	for (unsigned int i = 0; i < TRIES; i++) {
		uint64_t before = audit_files_stamp(path);

		rc = verify_once(path, s, expected, verdict);
		if (rc || verdict->ok || audit_files_stamp(path) == before)
			break;
	}
	return rc;
}
