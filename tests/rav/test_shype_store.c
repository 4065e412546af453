/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of resources' labels: its text, its file, and how a resource is known again. Extended attributes are played (by the linker's --wrap), so that the
 * test needs no root; devices are files in the form of sysfs.
 * Locking: one thread; a writer in a process of its own. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../tools/rav/shype_store.h"

#define FIRST	"ravelin-shype-labels 1\n"
#define UUID	"0123456f-89ab-4cde-8f01-23456789abcd"

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[2][256];
	static unsigned int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir(name), 0600), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_shype_store.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* --- extended attributes, of one kind of file system --------------------------------------------------------------------------------- */

static struct {
	bool none;			/* the file system has none */
	struct { ino_t inode; char value[64]; size_t len; } file[8];
	unsigned int nr;
} xattrs;

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
int __wrap_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
int __wrap_nanosleep(const struct timespec *t, struct timespec *left);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at);
ssize_t __real_pread(int fd, void *to, size_t size, off_t at);

static int xattr_find(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	for (unsigned int i = 0; i < xattrs.nr; i++)
		if (xattrs.file[i].inode == st.st_ino)
			return (int)i;
	xattrs.file[xattrs.nr].inode = st.st_ino;
	xattrs.file[xattrs.nr].len = 0;
	return (int)xattrs.nr++;
}

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	int i = xattrs.none ? -1 : xattr_find(fd);

	assert_string_equal(name, "trusted.ravelin.id");
	if (i < 0 || !xattrs.file[i].len) {
		errno = i < 0 ? EOPNOTSUPP : ENODATA;
		return -1;
	}
	if (xattrs.file[i].len > size) {
		errno = ERANGE;
		return -1;
	}
	memcpy(value, xattrs.file[i].value, xattrs.file[i].len);
	return (ssize_t)xattrs.file[i].len;
}

int __wrap_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	int i = xattr_find(fd);

	(void)name;
	(void)flags;
	assert_int_equal(xattrs.file[i].len, 0);	/* what has one keeps it */
	memcpy(xattrs.file[i].value, value, size);
	xattrs.file[i].len = size;
	return 0;
}

/* Who waits for a lock does not make the tests wait. */
int __wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)t;
	(void)left;
	return 0;
}

static void (*while_reading)(void);

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at)
{
	if (while_reading)
		while_reading();
	return __real_pread(fd, to, size, at);
}

/* --- text --------------------------------------------------------------------------------------------------------------------------------- */

static void test_what_is_refused(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "", "line 1: this is no store" },
		{ "ravelin-shype-labels 2\nend 0\n", "line 1: this is no store" },
		{ FIRST, "line 2: cut short" },
		{ FIRST "end 0", "line 2: the count" },
		{ FIRST "end 1\n", "line 2: the count" },
		{ FIRST "end 00\n", "line 2: the count" },
		{ FIRST "end 0\n\n", "line 2: something follows" },
		{ FIRST "tape x p l -\nend 1\n", "line 2: no such kind" },
		{ FIRST "disk a/b p l -\nend 1\n", "line 2: the identifier" },
		{ FIRST "disk a%41 p l -\nend 1\n", "line 2: the identifier" },	/* 'A' needs no escape */
		{ FIRST "disk a%2f p l -\nend 1\n", "line 2: the identifier" },	/* %2F, and that would not be one */
		{ FIRST "disk a%00 p l -\nend 1\n", "line 2: the identifier" },
		{ FIRST "disk a p/q l -\nend 1\n", "line 2: the policy" },
		{ FIRST "disk a p 12345678901234567890123456789012 -\nend 1\n", "line 2: the label" },
		{ FIRST "disk a p l\nend 1\n", "line 2: the label" },
		{ FIRST "disk a p l - -\nend 1\n", "line 2: the place" },
		{ FIRST "disk a p l -\r\nend 1\n", "line 2: the place" },
		{ FIRST "disk  a p l -\nend 1\n", "line 2: the identifier" },
		{ FIRST "disk a p l -\ndisk a p l -\nend 2\n", "line 3: out of order" },
		{ FIRST "disk b p l -\ndisk a p l -\nend 2\n", "line 3: out of order" },
		{ FIRST "disk a p l -\nbridge z p l -\nend 2\n", "line 3: out of order" },
		{ FIRST "disk a p l -\n", "line 3: cut short" },
		{ FIRST "disk a p l -\nend 2\n", "line 3: the count" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[WHY] = "";
		struct store s;

		assert_int_equal(store_parse(cases[i].text, strlen(cases[i].text), &s, why), -EINVAL);
		if (strncmp(why, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("case %zu: %s, not %s", i, why, cases[i].why);
		assert_null(s.list);
	}
}

/* Against a plain array: what is put is found, what is removed is not, and the text is the same after reading it. */
static void test_the_list(void **state)
{
	bool in[64] = { false };
	struct store s = { 0 }, again;
	char why[WHY], *text;
	size_t len;

	(void)state;
	srand(3);
	for (unsigned int step = 0; step < 4000; step++) {
		unsigned int n = (unsigned int)rand() % 64;
		struct resource r = { .kind = (enum resource_kind)(n % RESOURCE_KINDS), .policy = "p", .label = "l", .seen = "-" };

		snprintf(r.id, sizeof(r.id), "%u", n);
		assert_int_equal(store_find(&s, r.kind, r.id) != NULL, in[n]);
		if (rand() % 2) {
			assert_int_equal(store_put(&s, &r), 0);
			in[n] = true;
		} else {
			assert_int_equal(store_remove(&s, r.kind, r.id), in[n]);
			in[n] = false;
		}
		if (step % 16)
			continue;
		text = store_print(&s, &len);
		assert_int_equal(store_parse(text, len, &again, why), 0);
		assert_int_equal(again.nr, s.nr);
		free(text);
		store_free(&again);
	}
	store_free(&s);
}

static void test_a_full_store(void **state)
{
	struct store s = { 0 }, again;
	char why[WHY], *text;
	size_t len;

	(void)state;
	for (unsigned int n = 0; n <= STORE_MOST; n++) {
		struct resource r = { .kind = RESOURCE_DISK, .policy = "p", .label = "l", .seen = "-" };

		snprintf(r.id, sizeof(r.id), "%u", n);
		assert_int_equal(store_put(&s, &r), n < STORE_MOST ? 0 : -ENOSPC);
	}
	text = store_print(&s, &len);
	assert_int_equal(store_parse(text, len, &again, why), 0);
	free(text);
	store_free(&again);
	store_free(&s);
}

/* --- the file ------------------------------------------------------------------------------------------------------------------------------- */

static int load(struct store *s, const char *why_not)
{
	char why[WHY] = "";
	int rc = store_load(in_dir("labels"), s, why);

	if (rc && !strstr(why, why_not))
		fail_msg("'%s', not '%s'", why, why_not);
	store_free(s);
	return rc;
}

static void test_only_its_owners_file_is_believed(void **state)
{
	struct store s;

	(void)state;
	assert_int_equal(load(&s, "there is no store"), -ENOENT);
	put_file("labels", FIRST "end 0\n");
	assert_int_equal(load(&s, ""), 0);
	assert_int_equal(chmod(in_dir("labels"), 0640), 0);
	assert_int_equal(load(&s, "its owner's alone"), -EPERM);
	assert_int_equal(chmod(in_dir("labels"), 0600), 0);
	assert_int_equal(link(in_dir("labels"), in_dir("other")), 0);
	assert_int_equal(load(&s, "its owner's alone"), -EPERM);
	assert_int_equal(rename(in_dir("other"), in_dir("third")), 0);
	assert_int_equal(unlink(in_dir("labels")), 0);
	assert_int_equal(symlink("third", in_dir("labels")), 0);
	assert_int_equal(load(&s, ""), -ELOOP);
	assert_int_equal(rename(in_dir("third"), in_dir("labels")), 0);
	assert_int_equal(load(&s, ""), 0);
	assert_int_equal(chmod(dir, 0770), 0);
	assert_int_equal(load(&s, "others may write in its directory"), -EPERM);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(unlink(in_dir("labels")), 0);
	assert_int_equal(mkfifo(in_dir("labels"), 0600), 0);
	assert_int_equal(load(&s, "not a plain file"), -EPERM);
	assert_int_equal(unlink(in_dir("labels")), 0);
	put_file("labels", FIRST "disk x p l -\nend 7\n");
	assert_int_equal(load(&s, "line 3: the count"), -EINVAL);
	assert_int_equal(truncate(in_dir("labels"), STORE_BYTES_MAX + 1), 0);
	assert_int_equal(load(&s, "larger than any"), -EFBIG);
}

static void test_one_changes_at_a_time(void **state)
{
	char why[WHY];
	int fd = store_lock(in_dir("labels"), why);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(store_lock(in_dir("labels"), why), -EBUSY);
	close(fd);
	fd = store_lock(in_dir("labels"), why);
	assert_true(fd >= 0);
	close(fd);
	fd = store_lock(in_dir("new/labels"), why);	/* the directory is made, and is its owner's alone */
	assert_true(fd >= 0);
	close(fd);
}

/* Whoever reads while another writes finds a whole store: the one before or the one after. */
static void test_readers_find_whole_stores(void **state)
{
	struct store s = { 0 };
	char why[WHY];
	pid_t writer;
	int status;

	(void)state;
	put_file("labels.new", "what a crash left behind");
	assert_int_equal(store_save(in_dir("labels"), &s, why), 0);
	writer = fork();
	if (writer == 0) {
		for (unsigned int n = 0; n < 200; n++) {
			struct resource r = { .kind = RESOURCE_DISK, .policy = "p", .label = "l", .seen = "-" };

			snprintf(r.id, sizeof(r.id), "%u", n);
			if (store_put(&s, &r) != 0 || store_save(in_dir("labels"), &s, why) != 0)
				_exit(1);
		}
		_exit(0);
	}
	for (size_t last = 0; waitpid(writer, &status, WNOHANG) == 0;) {
		struct store now;

		assert_int_equal(store_load(in_dir("labels"), &now, why), 0);
		assert_true(now.nr >= last);
		last = now.nr;
		store_free(&now);
	}
	assert_int_equal(status, 0);
	assert_int_equal(store_load(in_dir("labels"), &s, why), 0);
	assert_int_equal(s.nr, 200);
	store_free(&s);
	assert_int_equal(access(in_dir("labels.new"), F_OK), -1);
}

/* --- what a resource is ----------------------------------------------------------------------------------------------------------------------- */

static void test_bridges(void **state)
{
	static const char *const wrong[] = { "", "a/b", "sixteen_letters_", "a b", "a\nb", "%n" };
	struct resource r;
	char why[WHY];

	(void)state;
	assert_int_equal(identity_of_bridge("xenbr0", &r, why), 0);
	assert_string_equal(r.id, "xenbr0");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(identity_of_bridge(wrong[i], &r, why), -EINVAL);
}

static void sys_put(const char *device, const char *file, const char *text)
{
	char command[256], name[160];

	snprintf(name, sizeof(name), "sys/dev/block/%s/%s", device, file);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s/%s)", dir, name);
	assert_int_equal(system(command), 0);
	put_file(name, text);
}

static void device_is(unsigned int minor, const char *id)
{
	struct resource r = { 0 };
	char why[WHY] = "", sys[80], links[80];
	int rc;

	snprintf(sys, sizeof(sys), "%s/sys", dir);
	snprintf(links, sizeof(links), "%s/links", dir);
	rc = identity_of_device(sys, links, 8, minor, &r, why);
	if (rc == 0)
		assert_string_equal(r.id, id);
	else if (strncmp(id, "no: ", 4) != 0 || !strstr(why, id + 4))
		fail_msg("8:%u: '%s', not '%s'", minor, why, id);
}

static void test_devices(void **state)
{
	char text[512];

	(void)state;
	sys_put("8:1", "dm/uuid", "LVM-Kq0Z1bTn\n");
	sys_put("8:2", "dm/uuid", "mpath-360000000000000000e00000000010001\n");
	sys_put("8:3", "dm/uuid", "CRYPT-LUKS2-00-name\n");
	sys_put("8:4", "loop/backing_file", "/srv/a.img\n");
	sys_put("8:5", "wwid", "eui.0025385b71b0c3a1\n");
	sys_put("8:6", "device/wwid", "t10.ATA     QEMU HARDDISK   QM00001\n");
	sys_put("8:7", "partition", "1\n");
	sys_put("8:7", "uevent", "MAJOR=8\nDEVNAME=sda1\nPARTN=1\nPARTUUID=5d0a1c9e-01\n");
	sys_put("8:8", "partition", "2\n");
	sys_put("8:8", "uevent", "MAJOR=8\nDEVNAME=sda2\n");
	sys_put("8:9", "partition", "3\n");
	sys_put("8:9", "uevent", "MAJOR=8\nDEVNAME=sda3\n");
	sys_put("8:10", "size", "8192\n");
	memset(text, 'x', 300);
	strcpy(text + 300, "\n");
	sys_put("8:11", "wwid", text);		/* longer than is read: part of it would be another's */
	strcpy(text + 150, "\n");
	memset(text, ' ', 150);
	sys_put("8:12", "wwid", text);		/* longer than an identifier when it is escaped */
	assert_int_equal(mkdir(in_dir("links"), 0700), 0);
	assert_int_equal(symlink("../../sda22", in_dir("links/aaaa-02")), 0);
	assert_int_equal(symlink("../../sda2", in_dir("links/bbbb-02")), 0);
	device_is(1, "lvm:Kq0Z1bTn");
	device_is(2, "mpath:360000000000000000e00000000010001");
	device_is(3, "no: of mapped devices only");
	device_is(4, "no: the file behind it");
	device_is(5, "wwn:eui.0025385b71b0c3a1");
	device_is(6, "wwn:t10.ATA%20%20%20%20%20QEMU%20HARDDISK%20%20%20QM00001");
	device_is(7, "part:5d0a1c9e-01");
	device_is(8, "part:bbbb-02");
	device_is(9, "no: the partition has no UUID");
	device_is(10, "no: no identifier that stays");
	device_is(11, "no: no identifier that stays");
	device_is(12, "no: longer than any");
	device_is(99, "no: no identifier that stays");
}

static int file_identity(const char *name, bool give, struct resource *r, char why[WHY])
{
	int fd = open(in_dir(name), O_RDONLY | O_CLOEXEC), rc;

	assert_true(fd >= 0);
	rc = identity_of_disk(fd, give, r, why);
	close(fd);
	return rc;
}

/* A file keeps its identifier when it is moved; what comes into its place has none. */
static void test_files(void **state)
{
	static const char *const wrong[] = { "short", "0123456F-89ab-4cde-8f01-23456789abcd", "0123456f-89ab-4cde-8f01-23456789abcg",
					     "0123456f-89ab-4cde-8f01+23456789abcd", UUID "0" };
	struct resource first, r;
	char why[WHY];
	struct stat st;

	(void)state;
	memset(&xattrs, 0, sizeof(xattrs));
	put_file("a.img", "a");
	put_file("b.img", "b");
	assert_int_equal(file_identity("a.img", false, &r, why), -ENODATA);
	assert_int_equal(file_identity("a.img", true, &first, why), 0);
	assert_int_equal(strncmp(first.id, "file:", 5), 0);
	assert_int_equal(file_identity("a.img", true, &r, why), 0);
	assert_string_equal(r.id, first.id);
	assert_int_equal(file_identity("b.img", true, &r, why), 0);
	assert_string_not_equal(r.id, first.id);
	assert_int_equal(rename(in_dir("a.img"), in_dir("moved.img")), 0);
	put_file("a.img", "a");
	assert_int_equal(file_identity("moved.img", false, &r, why), 0);
	assert_string_equal(r.id, first.id);
	assert_int_equal(file_identity("a.img", false, &r, why), -ENODATA);
	assert_int_equal(stat(in_dir("a.img"), &st), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&xattrs, 0, sizeof(xattrs));
		xattrs.nr = 1;
		xattrs.file[0].inode = st.st_ino;
		xattrs.file[0].len = strlen(wrong[i]);
		memcpy(xattrs.file[0].value, wrong[i], xattrs.file[0].len);
		assert_int_equal(file_identity("a.img", true, &r, why), -EINVAL);
	}
	xattrs.none = true;
	assert_int_equal(file_identity("a.img", true, &r, why), -EOPNOTSUPP);
	xattrs.none = false;
}

static void file_append(void)
{
	FILE *f = fopen(in_dir("image"), "ae");

	fputs("x", f);
	fclose(f);
}

static void file_cut(void)
{
	assert_int_equal(truncate(in_dir("image"), 1), 0);
}

static int image_identity(struct resource *r, char why[WHY])
{
	int fd = open(in_dir("image"), O_RDONLY | O_CLOEXEC), rc;

	assert_true(fd >= 0);
	rc = identity_of_image(fd, "image", r, why);
	close(fd);
	while_reading = NULL;
	return rc;
}

static void test_images(void **state)
{
	struct resource r;
	char why[WHY];
	int fd;

	(void)state;
	put_file("image", "abc");
	assert_int_equal(image_identity(&r, why), 0);
	assert_string_equal(r.id, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	put_file("image", "");
	assert_int_equal(image_identity(&r, why), 0);
	assert_string_equal(r.id, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	put_file("image", "abc");
	fd = open(in_dir("image"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(image_identity(&r, why), -ETXTBSY);
	assert_non_null(strstr(why, "open for writing"));
	close(fd);
	while_reading = file_append;
	assert_int_equal(image_identity(&r, why), -ETXTBSY);
	assert_non_null(strstr(why, "changed while"));
	while_reading = file_cut;
	assert_int_equal(image_identity(&r, why), -EIO);
}

/* Which of a file's two identities counts: its own if that has a label, else, if it is only read, its content. */
static void test_which_label_counts(void **state)
{
	struct resource disk = { .policy = "p", .label = "disk", .seen = "-" }, image = { .policy = "p", .label = "image", .seen = "-" }, r;
	struct store s = { 0 };
	char why[WHY];
	int fd;

	(void)state;
	memset(&xattrs, 0, sizeof(xattrs));
	put_file("image", "abc");
	fd = open(in_dir("image"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(resource_find(&s, NULL, fd, "image", false, &r, why), -ENODATA);
	assert_int_equal(resource_find(&s, NULL, fd, "image", true, &r, why), -ENOENT);
	assert_int_equal(identity_of_image(fd, "image", &image, why), 0);
	assert_int_equal(store_put(&s, &image), 0);
	assert_int_equal(resource_find(&s, NULL, fd, "image", false, &r, why), -ENODATA);	/* known by its content, it is not written to */
	assert_int_equal(resource_find(&s, NULL, fd, "image", true, &r, why), 0);
	assert_string_equal(r.label, "image");
	assert_int_equal(identity_of_disk(fd, true, &disk, why), 0);
	assert_int_equal(resource_find(&s, NULL, fd, "image", true, &r, why), 0);
	assert_int_equal(store_put(&s, &disk), 0);
	assert_int_equal(resource_find(&s, NULL, fd, "image", true, &r, why), 0);
	assert_string_equal(r.label, "disk");
	assert_int_equal(resource_find(&s, NULL, fd, "image", false, &r, why), 0);
	assert_int_equal(resource_find(&s, "br0", -1, NULL, false, &r, why), -ENOENT);
	close(fd);
	store_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_the_list),
		cmocka_unit_test(test_a_full_store),
		cmocka_unit_test_setup_teardown(test_only_its_owners_file_is_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_changes_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_find_whole_stores, setup, teardown),
		cmocka_unit_test(test_bridges),
		cmocka_unit_test_setup_teardown(test_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_images, setup, teardown),
		cmocka_unit_test_setup_teardown(test_which_label_counts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
