/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writing side of the log's files: append, sync, only then let the hypervisor forget; rotate; begin and end boots.
 * Locking: one daemon: the file is flock()ed. Trust: what is on disk may be altered; the hypervisor's head decides whether the chain may go on from it.
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH (4u * RAVELIN_AUDIT_LINE_MAX)

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* All of it, or nothing: what was written of it is cut off again. */
static int store_append(struct audit_store *t, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(t->fd, data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int rc = n < 0 ? -errno : -EIO;

			return ftruncate(t->fd, (off_t)t->size) == 0 ? rc : -EIO;
		}
		done += (size_t)n;
	}
	t->size += len;
	return 0;
}

static int store_mark(struct audit_store *t, enum audit_mark mark, const struct audit_point *p)
{
	char line[512];
	int n = audit_mark_print(line, sizeof(line) - 1, mark, p, now_ms());

	line[n] = '\n';
	return store_append(t, line, (size_t)n + 1);
}

/* Follows the newest file to its end: where the chain stands, and whether the boot was closed. */
struct scan {
	struct audit_point at;
	bool anchored, closed;
	bool elsewhere;			/* not in the newest file */
};

static bool scan_line(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	struct scan *s = arg;
	struct audit_record r;
	enum audit_mark mark;
	struct audit_point p;

	(void)where;
	if (!audit_record_parse(line, len, &r))
		return true;		/* verify says so; here the head will not fit */
	if (audit_mark_parse(&r, &mark, &p)) {
		s->closed = mark == AUDIT_MARK_END || mark == AUDIT_MARK_CUT;
		if (mark == AUDIT_MARK_ANCHOR) {
			s->at = p;
			s->anchored = true;
		}
		return true;
	}
	s->closed = false;
	if (s->anchored)
		audit_point_advance(&s->at, line, len);
	return true;
}

/* Half a line at the end was being written when the power went: the hypervisor's part of it is gone or comes again. */
static int store_trim(int fd, uint64_t *size)
{
	char c;

	while (*size > 0) {
		if (pread(fd, &c, 1, (off_t)*size - 1) != 1)
			return -EIO;
		if (c == '\n')
			break;
		(*size)--;
	}
	return ftruncate(fd, (off_t)*size) == 0 ? 0 : -errno;
}

static int store_file(struct audit_store *t)
{
	struct stat st;

	t->fd = openat(t->dir, AUDIT_LOG_FILE, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (flock(t->fd, LOCK_EX | LOCK_NB) != 0)
		return -errno;
	t->size = (uint64_t)st.st_size;
	return store_trim(t->fd, &t->size);
}

int audit_store_open(struct audit_store *t, const char *dir, uint64_t size_max, unsigned int keep)
{
	int rc;

	*t = (struct audit_store){ .size_max = size_max, .keep = keep, .fd = -1 };
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return rav_fail("name a directory with --log", "%s: %s", dir, strerror(errno));
	t->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return rav_fail("name a directory with --log", "%s: %s", dir, strerror(errno));
	rc = store_file(t);
	if (rc == -EWOULDBLOCK)
		return rav_fail("only one may write there; stop the other one", "%s: another daemon has it open", dir);
	return rc ? rav_fail(NULL, "%s/" AUDIT_LOG_FILE ": %s", dir, strerror(-rc)) : 0;
}

static void name_of(char *name, size_t size, unsigned int n)
{
	if (n)
		snprintf(name, size, AUDIT_LOG_FILE ".%u", n);
	else
		snprintf(name, size, AUDIT_LOG_FILE);
}

/* The newest becomes .1, the last one goes. A crash in between leaves a hole that the next rotation closes. */
static int store_rotate(struct audit_store *t)
{
	char from[32], to[32];
	int rc;

	if (fdatasync(t->fd) != 0)
		return -errno;
	for (unsigned int n = t->keep; n > 0; n--) {
		name_of(to, sizeof(to), n);
		name_of(from, sizeof(from), n - 1);
		if (renameat(t->dir, from, t->dir, to) != 0 && errno != ENOENT)
			return -errno;
	}
	close(t->fd);
	rc = store_file(t);
	if (rc == 0 && t->keep == 0 && ftruncate(t->fd, 0) == 0)
		t->size = 0;
	if (rc == 0 && t->anchored)
		rc = store_mark(t, AUDIT_MARK_ANCHOR, &t->at);
	return rc == 0 && fsync(t->dir) != 0 ? -errno : rc;
}

/* The newest file; it is empty if the daemon ended while it rotated, then the others say. */
static int store_scan(struct audit_store *t, struct scan *s)
{
	char path[64];
	int rc;

	memset(s, 0, sizeof(*s));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->fd);
	rc = audit_files_each(path, scan_line, s);
	if (rc || s->anchored)
		return rc;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->dir);
	s->elsewhere = true;
	return audit_files_each(path, scan_line, s);
}

static int boot_link(struct audit_source *s, const struct audit_point *p)
{
	struct ravelin_audit_link l = { .last = p->seq };
	int rc;

	memcpy(l.boot, p->boot, AUDIT_BOOT);
	memcpy(l.head, p->head, AUDIT_HEAD);
	rc = s->link(s, &l);
	return rc == -EEXIST ? 0 : rc;
}

/* The file before is of another boot, or there is none. */
static int boot_begin(struct audit_store *t, struct audit_source *s, const struct scan *before, const struct ravelin_audit_state *state)
{
	int rc = 0;

	if (before->anchored && !before->closed)
		rc = store_mark(t, AUDIT_MARK_CUT, &before->at);
	if (rc == 0 && before->anchored)
		rc = boot_link(s, &before->at);
	audit_point_begin(&t->at, state->boot);
	if (rc == 0 && state->first != 1) {	/* somebody else has taken the first ones */
		t->at.seq = state->chained;
		memcpy(t->at.head, state->head, AUDIT_HEAD);
		rc = store_mark(t, AUDIT_MARK_BROKEN, &t->at);
	}
	return rc ? rc : store_mark(t, AUDIT_MARK_ANCHOR, &t->at);
}

/* Does the file's end lead to the hypervisor's head? What was fetched but not stored is read again. 0, -EBADMSG: no. */
static int store_compare(const struct audit_point *end, struct audit_source *s, const struct ravelin_audit_state *state)
{
	static char buffer[RAVELIN_AUDIT_LINE_MAX];
	struct audit_point p = *end;

	if (p.seq > state->chained || p.seq + 1 < state->first)
		return -EBADMSG;
	while (p.seq < state->chained) {
		uint64_t from = p.seq + 1;
		uint32_t size = sizeof(buffer);
		int rc = s->read(s, &from, buffer, &size);

		if (rc || size == 0)
			return rc ? rc : -EPROTO;
		for (char *line = buffer, *nl; p.seq < state->chained && (nl = memchr(line, '\n', (size_t)(buffer + size - line))); line = nl + 1)
			audit_point_advance(&p, line, (size_t)(nl - line));
	}
	return memcmp(p.head, state->head, AUDIT_HEAD) == 0 ? 0 : -EBADMSG;
}

/* The evidence is kept in a file of its own; a new one begins where the hypervisor stands. */
static int store_broken(struct audit_store *t, const struct ravelin_audit_state *state)
{
	int rc;

	fprintf(stderr, "%s: the log does not lead to the hypervisor's head: it was altered; the next file begins anew\n", rav_command);
	t->anchored = false;
	rc = store_rotate(t);
	audit_point_begin(&t->at, state->boot);
	t->at.seq = state->chained;
	memcpy(t->at.head, state->head, AUDIT_HEAD);
	if (rc == 0)
		rc = store_mark(t, AUDIT_MARK_BROKEN, &t->at);
	return rc ? rc : store_mark(t, AUDIT_MARK_ANCHOR, &t->at);
}

int audit_store_begin(struct audit_store *t, struct audit_source *s)
{
	struct ravelin_audit_state state = { 0 };
	struct scan before;
	int rc = s->state(s, &state);

	if (rc == 0)
		rc = store_scan(t, &before);
	if (rc)
		return rc;
	if (!before.anchored || !audit_point_same_boot(&before.at, state.boot)) {
		rc = boot_begin(t, s, &before, &state);
	} else {
		rc = store_compare(&before.at, s, &state);
		t->at = before.at;
		if (rc == 0 && before.elsewhere)
			rc = store_mark(t, AUDIT_MARK_ANCHOR, &t->at);
		if (rc == -EBADMSG)
			rc = store_broken(t, &state);
	}
	t->anchored = rc == 0;
	return rc ? rc : (fdatasync(t->fd) == 0 && fsync(t->dir) == 0 ? 0 : -errno);
}

int audit_store_fetch(struct audit_store *t, struct audit_source *s, uint64_t *got)
{
	static char batch[BATCH];
	struct audit_point p = t->at;
	uint64_t from = p.seq + 1;
	uint32_t size = sizeof(batch);
	int rc;

	*got = 0;
	rc = s->read(s, &from, batch, &size);
	if (rc || size == 0)
		return rc;
	for (char *line = batch, *nl; (nl = memchr(line, '\n', (size_t)(batch + size - line))); line = nl + 1)
		audit_point_advance(&p, line, (size_t)(nl - line));
	if (p.seq + 1 != from)
		return -EPROTO;
	rc = store_append(t, batch, size);
	if (rc)
		return rc;
	*got = p.seq - t->at.seq;
	t->at = p;
	if (fdatasync(t->fd) != 0)
		return -errno;
	rc = s->release(s, from);
	return rc == 0 && t->size >= t->size_max ? store_rotate(t) : rc;
}

int audit_store_end(struct audit_store *t)
{
	int rc = store_mark(t, AUDIT_MARK_END, &t->at);

	return rc ? rc : (fdatasync(t->fd) == 0 ? 0 : -errno);
}
