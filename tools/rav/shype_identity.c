/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a resource is known again, wherever it is moved: an image by its SHA-256; a disk by what its volume manager, its maker or the partition table around it
 * calls it; a plain file by a number of its own that only the control domain's root can see. Never by a path, and never by what its guest could write into it,
 * as the UUID of a file system.
 * Locking: none; what is asked about is an open descriptor. Trust: sysfs and /dev are the control domain's; names from hardware are escaped.
 */
#include "shype_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common.h"
#include "files.h"

#define FILE_ID		"trusted.ravelin.id"	/* of root's own name space: neither the file's owner nor a guest can write it */
#define UUID_TEXT	36
#define READ_SIZE	(1u << 20)

static int fail(char why[WHY], int error, const char *what)
{
	snprintf(why, WHY, "%s", what ? what : strerror(error));
	return -error;
}

/* kind:TEXT, escaped. */
static int identity_set(struct resource *r, const char *kind, const char *text, char why[WHY])
{
	char escaped[RESOURCE_ID];
	int n = -1;

	if (resource_escape(text, escaped, sizeof(escaped)) && !strchr(escaped, '/'))
		n = snprintf(r->id, sizeof(r->id), "%s%s", kind, escaped);
	return n < 0 || n >= (int)sizeof(r->id) ? fail(why, ENAMETOOLONG, "its identifier is longer than any") : 0;
}

int identity_of_bridge(const char *name, struct resource *r, char why[WHY])
{
	r->kind = RESOURCE_BRIDGE;
	if (!*name || strlen(name) > 15 || strpbrk(name, "/ \t\n%"))
		return fail(why, EINVAL, "this is no name of a bridge");
	return identity_set(r, "", name, why);
}

/* --- plain files --------------------------------------------------------------------------------------------------------------- */

static void uuid_make(char text[UUID_TEXT + 1])
{
	uint8_t b[16];
	char hex[33];

	while (getrandom(b, sizeof(b), 0) != sizeof(b))
		;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	rav_hex(b, sizeof(b), hex);
	snprintf(text, UUID_TEXT + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static bool uuid_valid(const char *text)
{
	for (unsigned int i = 0; i < UUID_TEXT; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	return text[UUID_TEXT] == '\0';
}

static int file_id_read(int fd, char text[UUID_TEXT + 1], char why[WHY])
{
	ssize_t n = fgetxattr(fd, FILE_ID, text, UUID_TEXT);

	if (n < 0 && errno == ENODATA)
		return fail(why, ENODATA, "this file has no identifier of its own, and so no label");
	if (n < 0 && (errno == EOPNOTSUPP || errno == ENOTSUP))
		return fail(why, EOPNOTSUPP, "its file system has no extended attributes of the kind trusted");
	if (n < 0 && errno != ERANGE)
		return fail(why, errno, NULL);
	text[UUID_TEXT] = '\0';
	return n == UUID_TEXT && uuid_valid(text) ? 0 : fail(why, EINVAL, "the file's " FILE_ID " is none of ours");
}

static int file_id_give(int fd, char text[UUID_TEXT + 1], char why[WHY])
{
	uuid_make(text);
	if (fsetxattr(fd, FILE_ID, text, UUID_TEXT, XATTR_CREATE) == 0 && fsync(fd) == 0)
		return 0;
	return fail(why, errno, errno == EOPNOTSUPP ? "its file system has no extended attributes of the kind trusted" : NULL);
}

static int identity_of_file(int fd, bool give, struct resource *r, char why[WHY])
{
	char text[UUID_TEXT + 1] = "";
	int rc = file_id_read(fd, text, why);

	if (rc == -ENODATA && give)
		rc = file_id_give(fd, text, why);
	return rc ? rc : identity_set(r, "file:", text, why);
}

/* --- block devices --------------------------------------------------------------------------------------------------------------- */

/* One line of sysfs; "" if there is none. */
static void line_read(const char *dir, const char *name, char *text, size_t size)
{
	char path[512];
	FILE *f;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return;
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(text, (int)size, f))
		text[0] = '\0';
	else if (strchr(text, '\n'))
		text[strcspn(text, "\n")] = '\0';
	else
		text[0] = '\0';		/* cut off: another one's, perhaps */
	fclose(f);
}

/* KEY=value of the device's uevent. */
static void uevent_read(const char *dir, const char *key, char *text, size_t size)
{
	char path[512], line[256];
	size_t len = strlen(key);
	FILE *f = NULL;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/uevent", dir) < (int)sizeof(path))
		f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, len) == 0 && line[len] == '=') {
			line[strcspn(line, "\n")] = '\0';
			if (snprintf(text, size, "%s", line + len + 1) >= (int)size)
				text[0] = '\0';
		}
	if (f)
		fclose(f);
}

/* The kernel's word, where it has one; else udev's link to the device of this name. */
static void partition_uuid(const char *dir, const char *partitions, char *text, size_t size)
{
	char name[64], to[256];
	struct dirent *e;
	DIR *d;

	uevent_read(dir, "PARTUUID", text, size);
	uevent_read(dir, "DEVNAME", name, sizeof(name));
	if (text[0] || !name[0])
		return;
	d = opendir(partitions);
	while (d && !text[0] && (e = readdir(d)) != NULL) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, to, sizeof(to) - 1);
		const char *slash;

		to[n > 0 ? n : 0] = '\0';
		slash = strrchr(to, '/');
		if (strcmp(slash ? slash + 1 : to, name) == 0 && strlen(e->d_name) < size)
			strcpy(text, e->d_name);
	}
	if (d)
		closedir(d);
}

static bool file_exists(const char *dir, const char *name)
{
	char path[512];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) && access(path, F_OK) == 0;
}

int identity_of_device(const char *sys, const char *partitions, unsigned int major, unsigned int minor, struct resource *r, char why[WHY])
{
	char dir[256], text[160];

	snprintf(dir, sizeof(dir), "%s/dev/block/%u:%u", sys, major, minor);
	line_read(dir, "dm/uuid", text, sizeof(text));
	if (strncmp(text, "LVM-", 4) == 0)
		return identity_set(r, "lvm:", text + 4, why);
	if (strncmp(text, "mpath-", 6) == 0)
		return identity_set(r, "mpath:", text + 6, why);
	if (text[0])
		return fail(why, EOPNOTSUPP, "of mapped devices only LVM's and multipath's have an identifier that stays");
	if (file_exists(dir, "loop"))
		return fail(why, EOPNOTSUPP, "a loop device: what has a label is the file behind it");
	if (file_exists(dir, "partition")) {
		partition_uuid(dir, partitions, text, sizeof(text));
		return text[0] ? identity_set(r, "part:", text, why) : fail(why, EOPNOTSUPP, "the partition has no UUID");
	}
	line_read(dir, "wwid", text, sizeof(text));
	if (!text[0])
		line_read(dir, "device/wwid", text, sizeof(text));
	return text[0] ? identity_set(r, "wwn:", text, why) : fail(why, EOPNOTSUPP, "the device has no identifier that stays");
}

int identity_of_disk(int fd, bool give, struct resource *r, char why[WHY])
{
	struct stat st;

	r->kind = RESOURCE_DISK;
	if (fstat(fd, &st) != 0)
		return fail(why, errno, NULL);
	if (S_ISREG(st.st_mode))
		return identity_of_file(fd, give, r, why);
	if (S_ISBLK(st.st_mode))
		return identity_of_device("/sys", "/dev/disk/by-partuuid", major(st.st_rdev), minor(st.st_rdev), r, why);
	return fail(why, EINVAL, "neither a block device nor a plain file");
}

/* --- images ------------------------------------------------------------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int digest_read(int fd, const char *what, uint64_t size, EVP_MD_CTX *c, char why[WHY])
{
	uint8_t *block = rav_alloc(READ_SIZE, 1);
	uint64_t done = 0;
	ssize_t n = 1;

	progress(what, 0, size);
	while (n > 0 && done < size) {
		n = pread(fd, block, size - done < READ_SIZE ? (size_t)(size - done) : READ_SIZE, (off_t)done);
		if (n > 0 && EVP_DigestUpdate(c, block, (size_t)n) != 1)
			n = -1;
		done += n > 0 ? (uint64_t)n : 0;
		progress(what, done, size);
	}
	free(block);
	if (n < 0)
		return fail(why, errno ? errno : EIO, NULL);
	return done == size ? 0 : fail(why, EIO, "it became shorter while it was read");
}

static int digest_of(int fd, const char *what, uint64_t size, uint8_t digest[32], char why[WHY])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int rc;

	if (!c || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(c);
		return fail(why, ENOMEM, "no SHA-256");
	}
	rc = digest_read(fd, what, size, c, why);
	if (rc == 0 && EVP_DigestFinal_ex(c, digest, NULL) != 1)
		rc = fail(why, EIO, "no SHA-256");
	EVP_MD_CTX_free(c);
	return rc;
}

/* A lease for reading is not given while anybody has the file open for writing. Where there are no leases nothing is learnt. */
static bool being_written(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return false;
	}
	return errno == EAGAIN;
}

int identity_of_image(int fd, const char *path, struct resource *r, char why[WHY])
{
	char what[WHY], hex[65];
	struct stat before, after;
	uint8_t digest[32];
	off_t size;
	int rc;

	r->kind = RESOURCE_IMAGE;
	if (fstat(fd, &before) != 0)
		return fail(why, errno, NULL);
	if (!S_ISREG(before.st_mode) && !S_ISBLK(before.st_mode))
		return fail(why, EINVAL, "neither a block device nor a plain file");
	if (S_ISREG(before.st_mode) && being_written(fd))
		return fail(why, ETXTBSY, "somebody has it open for writing");
	/* A backend writes past our cache: what we would read could be what was there before. */
	if (S_ISBLK(before.st_mode) && ioctl(fd, BLKFLSBUF, 0) != 0)
		return fail(why, errno, NULL);
	size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return fail(why, errno, NULL);
	snprintf(what, sizeof(what), "sha256 of %.400s, bytes", path);
	rc = digest_of(fd, what, (uint64_t)size, digest, why);
	if (rc)
		return rc;
	if (fstat(fd, &after) != 0 || !same_file(&before, &after))
		return fail(why, ETXTBSY, "it changed while it was read");
	rav_hex(digest, sizeof(digest), hex);
	return identity_set(r, "sha256:", hex, why);
}
