/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit show, follow.
 * Locking: single-threaded. Trust: the files are hostile; lines that are no records are counted, not printed.
 */
#include "audit_filter.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define POLL_NS 200000000

struct show {
	struct audit_filter filter;
	uint64_t shown, garbage;
};

static bool show_line(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	struct show *s = arg;
	struct audit_record r;

	(void)where;
	if (!audit_record_parse(line, len, &r)) {
		s->garbage++;
	} else if (audit_filter_match(&s->filter, &r)) {
		audit_record_print(&r, s->filter.style);
		s->shown++;
	}
	return true;
}

static int log_missing(const char *path, int rc)
{
	return rav_fail("is `rav audit daemon` running? name another place with --log", "%s: %s", path, strerror(-rc));
}

static void garbage_report(uint64_t garbage)
{
	if (garbage)
		fprintf(stderr, "%s: %llu lines are no records; `rav audit verify` says where\n", rav_command, (unsigned long long)garbage);
}

int audit_show_run(int argc, char **argv)
{
	struct show s = { 0 };
	int rc = audit_filter_parse(&s.filter, argc, argv);

	if (rc)
		return rc;
	rc = audit_files_each(s.filter.log, show_line, &s);
	if (rc)
		return log_missing(s.filter.log, rc);
	garbage_report(s.garbage);
	return s.shown ? RAV_OK : RAV_NO;
}

/* The newest file from where it was left; from its beginning when another has taken its name. */
static FILE *follow_open(const char *path, FILE *f)
{
	struct stat now, was;

	if (f && stat(path, &now) == 0 && fstat(fileno(f), &was) == 0 && now.st_ino == was.st_ino && now.st_size >= ftello(f))
		return f;
	if (f)
		fclose(f);
	return fopen(path, "re");
}

/* Whole lines only; half a line is left for the next time. */
static void follow_read(FILE *f, struct show *s)
{
	static char line[RAVELIN_AUDIT_LINE_MAX + 2];
	off_t start = ftello(f);

	while (fgets(line, sizeof(line), f)) {
		size_t len = strlen(line);

		if (line[len - 1] != '\n' && len < sizeof(line) - 1) {
			fseeko(f, start, SEEK_SET);
			break;
		}
		show_line(s, NULL, line, line[len - 1] == '\n' ? len - 1 : len);
		start = ftello(f);
	}
	clearerr(f);
	fflush(stdout);
}

int audit_follow_run(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	struct show s = { 0 };
	char path[4096];
	struct stat st;
	FILE *f = NULL;
	int rc = audit_filter_parse(&s.filter, argc, argv);

	if (rc)
		return rc;
	if (stat(s.filter.log, &st) != 0)
		return log_missing(s.filter.log, -errno);
	if ((size_t)snprintf(path, sizeof(path), S_ISDIR(st.st_mode) ? "%s/" AUDIT_LOG_FILE : "%s", s.filter.log) >= sizeof(path))
		return rav_misuse("--log: too long");
	while (!ferror(stdout)) {
		bool first = !f;

		f = follow_open(path, f);
		if (f && first)
			fseeko(f, 0, SEEK_END);
		else if (f)
			follow_read(f, &s);
		nanosleep(&pause, NULL);
	}
	return rav_fail(NULL, "standard output: %s", strerror(errno));
}
