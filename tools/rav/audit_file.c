/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the log, in order, line by line.
 * Locking: none: a file may be rotated meanwhile; who cares compares audit_files_stamp() before and after. Trust: any bytes; a line too long is given in
 * its first RAVELIN_AUDIT_LINE_MAX bytes, which no reader takes for a record.
 */
#include "audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	bool (*each)(void *arg, const struct audit_place *where, const char *line, size_t len);
	void *arg;
};

/* One line, without its newline; what is beyond `size` is skipped. False: the end. */
static bool line_get(FILE *f, char *line, size_t size, size_t *len)
{
	int c = getc(f);

	if (c == EOF)
		return false;
	for (*len = 0; c != EOF && c != '\n'; c = getc(f))
		if (*len < size)
			line[(*len)++] = (char)c;
	return true;
}

static int file_each(const char *path, const struct walk *w, bool *more)
{
	static char line[RAVELIN_AUDIT_LINE_MAX + 1];
	struct audit_place where = { path, 0 };
	FILE *f = fopen(path, "re");
	size_t len;
	int rc;

	if (!f)
		return -errno;
	while (*more && line_get(f, line, RAVELIN_AUDIT_LINE_MAX, &len)) {
		where.line++;
		line[len] = '\0';
		*more = w->each(w->arg, &where, line, len);
	}
	rc = ferror(f) ? -EIO : 0;
	fclose(f);
	return rc;
}

static bool file_name(char *name, size_t size, const char *dir, unsigned int n)
{
	int len = n ? snprintf(name, size, "%s/" AUDIT_LOG_FILE ".%u", dir, n) : snprintf(name, size, "%s/" AUDIT_LOG_FILE, dir);

	return len > 0 && (size_t)len < size;
}

/* The oldest one's number. Numbers may be missing: a rotation was cut short, or somebody took a file away, which its neighbours tell. */
static unsigned int files_oldest(const char *dir)
{
	char name[4096];
	unsigned int oldest = 0;
	struct stat st;

	for (unsigned int n = 1; n <= AUDIT_FILES_MAX; n++)
		if (file_name(name, sizeof(name), dir, n) && stat(name, &st) == 0)
			oldest = n;
	return oldest;
}

int audit_files_each(const char *path, bool (*each)(void *arg, const struct audit_place *where, const char *line, size_t len), void *arg)
{
	const struct walk w = { each, arg };
	char name[4096];
	struct stat st;
	bool more = true;
	int rc = 0;

	if (stat(path, &st) != 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return file_each(path, &w, &more);
	for (unsigned int n = files_oldest(path) + 1; n-- > 0 && (rc == 0 || rc == -ENOENT) && more;)
		rc = file_name(name, sizeof(name), path, n) ? file_each(name, &w, &more) : -ENAMETOOLONG;
	return rc;
}

uint64_t audit_files_stamp(const char *path)
{
	char name[4096];
	struct stat st;
	uint64_t stamp = 0;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		stamp = files_oldest(path);
		if (!file_name(name, sizeof(name), path, 0) || stat(name, &st) != 0)
			return stamp;
	}
	return (stamp * 1000003u + st.st_ino) * 1000003u + (uint64_t)st.st_size;
}
