/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, memory, progress.
 * Locking: single-threaded. Trust: see files.h.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

static _Noreturn void *out_of_memory(void)
{
	fprintf(stderr, "%s: out of memory\n", rav_command);
	exit(RAV_FAILED);
}

void *rav_grow(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n ? n : 1, size);
	return p ? p : out_of_memory();
}

void *rav_alloc(size_t n, size_t size)
{
	void *p = rav_grow(NULL, n, size);

	memset(p, 0, n * size);
	return p;
}

char *rav_copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(rav_alloc(size, 1), text, size);
}

FILE *rav_text_open(char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);

	return f ? f : out_of_memory();
}

void rav_text_close(FILE *f)
{
	if (ferror(f) || fclose(f) != 0)
		out_of_memory();
}

/* At most FILE_LARGEST + 1 bytes: one more says that there are too many. */
static int read_all(FILE *f, uint8_t **bytes, size_t *len)
{
	size_t room = 65536, got;

	*bytes = rav_alloc(room, 1);
	*len = 0;
	while ((got = fread(*bytes + *len, 1, room - *len - 1, f)) > 0) {
		*len += got;
		if (*len > FILE_LARGEST)
			return -EFBIG;
		if (*len + 1 == room)
			*bytes = rav_grow(*bytes, room *= 2, 1);
	}
	(*bytes)[*len] = '\0';
	return ferror(f) ? -EIO : 0;
}

static const char *advice(int error)
{
	switch (error) {
	case ENOENT:
		return "check the name; `make policy` builds build/policy, `rav policy build` any other";
	case EACCES:
		return "run it as a user who may read the file";
	case EISDIR:
		return "name a file";
	default:
		return NULL;
	}
}

int file_read(const char *path, uint8_t **bytes, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	struct stat st;
	int rc;

	if (!f)
		return rav_fail(advice(errno), "%s: %s", path, strerror(errno));
	rc = fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode) ? -EISDIR : read_all(f, bytes, len);
	if (f != stdin)
		fclose(f);
	if (rc == 0)
		return RAV_OK;
	if (rc != -EISDIR)
		free(*bytes);
	*bytes = NULL;
	return rav_fail(advice(-rc), "%s: %s", path, strerror(-rc));
}

bool file_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int write_fd(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd);
}

int file_write(const char *path, const void *bytes, size_t len)
{
	char *beside;
	int fd, rc = -1;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return rav_fail(NULL, "out of memory");
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd >= 0) {
		mode_t mask = umask(0);

		umask(mask);
		if (fchmod(fd, 0666 & ~mask) == 0 && write_fd(fd, bytes, len) == 0)
			rc = rename(beside, path);
	}
	if (rc != 0) {
		int error = errno;

		if (fd >= 0)
			unlink(beside);
		rav_fail("name a file in a directory that exists and may be written", "%s: %s",
			 path, strerror(error));
	}
	if (fd >= 0)
		close(fd);
	free(beside);
	return rc == 0 ? RAV_OK : RAV_FAILED;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *volatile waiting_for;
static volatile sig_atomic_t waiting_said;

static void say_waiting(int signal_number)
{
	(void)signal_number;
	waiting_said = 1;
	(void)!write(2, waiting_for, strlen(waiting_for));
	(void)!write(2, " …", strlen(" …"));
}

void progress_wait(const char *what)
{
	waiting_for = what;
	waiting_said = 0;
	if (!isatty(2) && !getenv("RAV_PROGRESS"))
		return;
	signal(SIGALRM, say_waiting);
	alarm(2);
}

void progress_waited(void)
{
	alarm(0);
	if (waiting_said)
		fputc('\n', stderr);
	waiting_said = 0;
}

void progress(const char *what, size_t done, size_t total)
{
	static double began, said;
	double now = seconds();

	if (done == 0)
		began = said = now;
	if (!isatty(2) && !getenv("RAV_PROGRESS"))
		return;
	if (done < total && now - began >= 2 && now - said >= 0.2) {
		fprintf(stderr, "\r%s: %zu of %zu", what, done, total);
		said = now;
	}
	if (done == total && said > began)
		fprintf(stderr, "\r%s: %zu of %zu\n", what, done, total);
}
