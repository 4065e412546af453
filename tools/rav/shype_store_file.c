/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of resources' labels on disk: read by whoever asks, replaced whole by who changes it.
 * Locking: FILE.lock, flock()ed by who changes. Trust: only a file that nobody else could have written is believed.
 */
#include "shype_store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 100		/* of 50 ms */

static int fail(char why[WHY], int error, const char *path, const char *what)
{
	snprintf(why, WHY, "%.300s: %.200s", path, what ? what : strerror(error));
	return -error;
}

/* Its directory, which must be ours alone to change, too: else the file could be another one any time. */
static int directory_open(const char *path, char why[WHY])
{
	char *copy = strdup(path), *dir = copy ? dirname(copy) : NULL;
	struct stat st;
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, error = errno;

	free(copy);
	if (fd < 0)
		return fail(why, error ? error : ENOMEM, path, NULL);
	if (fstat(fd, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0) && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	return fail(why, EPERM, path, "others may write in its directory");
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int file_check(int fd, const char *path, size_t *size, char why[WHY])
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(why, errno, path, NULL);
	if (!S_ISREG(st.st_mode))
		return fail(why, EPERM, path, "not a plain file");
	if (st.st_uid != geteuid() || st.st_mode & (S_IRWXG | S_IRWXO) || st.st_nlink > 1)	/* none: it was replaced just now */
		return fail(why, EPERM, path, "it must be its owner's alone: mode 0600, owner root, one name");
	if (st.st_size > (off_t)STORE_BYTES_MAX)
		return fail(why, EFBIG, path, "larger than any store");
	*size = (size_t)st.st_size;
	return 0;
}

static int text_load(int fd, const char *path, size_t size, struct store *s, char why[WHY])
{
	char *text = malloc(size + 1), reason[WHY];
	size_t got = 0;
	ssize_t n = 1;
	int rc;

	while (text && n > 0 && got < size) {
		n = read(fd, text + got, size - got);
		got += n > 0 ? (size_t)n : 0;
	}
	if (!text || n < 0)
		rc = fail(why, errno, path, NULL);
	else if (store_parse(text, got, s, reason) != 0)
		rc = fail(why, EINVAL, path, reason);
	else
		rc = 0;
	free(text);
	return rc;
}

int store_load(const char *path, struct store *s, char why[WHY])
{
	size_t size = 0;
	int fd, rc, dir = directory_open(path, why);

	*s = (struct store){ 0 };
	if (dir < 0)
		return dir;
	fd = openat(dir, base_name(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	rc = fd < 0 ? fail(why, errno, path, errno == ENOENT ? "there is no store of labels" : NULL) : file_check(fd, path, &size, why);
	if (rc == 0)
		rc = text_load(fd, path, size, s, why);
	if (fd >= 0)
		close(fd);
	close(dir);
	return rc;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -1;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd);
}

/* The lock is held: the file beside it is nobody else's. What a crash left there is written over. */
static int text_save(int dir, const char *name, const char *text, size_t len)
{
	char beside[NAME_MAX + 1];
	int fd, rc;

	if (snprintf(beside, sizeof(beside), "%s.new", name) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = openat(dir, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	rc = fchmod(fd, 0600) == 0 ? write_all(fd, text, len) : -1;
	if (close(fd) != 0)
		rc = -1;
	if (rc == 0)
		rc = renameat(dir, beside, dir, name);
	if (rc == 0)
		return fsync(dir);
	rc = errno;
	unlinkat(dir, beside, 0);
	errno = rc;
	return -1;
}

int store_save(const char *path, const struct store *s, char why[WHY])
{
	size_t len;
	char *text = store_print(s, &len);
	int rc = 0, dir = directory_open(path, why);

	if (dir < 0)
		rc = dir;
	else if (!text)
		rc = fail(why, ENOMEM, path, NULL);
	else if (len > STORE_BYTES_MAX)
		rc = fail(why, EFBIG, path, "no room: remove labels that are not needed");
	else if (text_save(dir, base_name(path), text, len) != 0)
		rc = fail(why, errno, path, NULL);
	if (dir >= 0)
		close(dir);
	free(text);
	return rc;
}

/* A directory that is not there yet is made; its parents are not. */
int store_lock(const char *path, char why[WHY])
{
	char lock[NAME_MAX + 1], *copy = strdup(path);
	int dir, fd;

	if (!copy || snprintf(lock, sizeof(lock), "%s.lock", base_name(path)) >= (int)sizeof(lock)) {
		free(copy);
		return fail(why, ENAMETOOLONG, path, NULL);
	}
	(void)mkdir(dirname(copy), 0700);
	free(copy);
	dir = directory_open(path, why);
	if (dir < 0)
		return dir;
	fd = openat(dir, lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	close(dir);
	if (fd < 0)
		return fail(why, errno, path, NULL);
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	close(fd);
	return fail(why, EBUSY, path, "somebody else is changing it");
}
