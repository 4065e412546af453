/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's files as rav audit reads them: each line's parser, filters and printing, and the verifier over the whole. What a line says lies within it.
 * Locking: none. Trust: the bytes are the fuzzer's.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/rav/audit.h"
#include "../../tools/rav/audit_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const struct audit_record *r, struct audit_text t)
{
	assert(t.at >= r->line.at && t.at + t.len <= r->line.at + r->line.len);
}

static bool each_line(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	char *alone = malloc(len ? len : 1);		/* AddressSanitizer sees one byte too far */
	struct audit_text key, value, permissions;
	struct audit_record r;
	enum audit_mark mark;
	struct audit_point p;
	size_t at = 0;

	(void)arg;
	(void)where;
	assert(alone);
	memcpy(alone, line, len);
	if (audit_record_parse(alone, len, &r)) {
		while (audit_record_next(&r, &at, &key, &value)) {
			within(&r, key);
			within(&r, value);
		}
		if (audit_record_avc(&r, &value, &permissions)) {
			within(&r, value);
			within(&r, permissions);
		}
		audit_mark_parse(&r, &mark, &p);
		audit_filter_match(&(struct audit_filter){ .domain = 1, .label = "guest_t", .class = "grant", .permission = "map_read",
							   .operation = "grant*.map", .until_ms = UINT64_MAX }, &r);
		audit_record_print(&r, AUDIT_JSON);
		audit_record_print(&r, AUDIT_PLAIN);
	}
	free(alone);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct audit_point kept = { .seq = 2 };
	struct audit_verdict v = { 0 };
	char path[64];
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert(audit_files_each(path, each_line, NULL) == 0);
	assert(audit_verify(path, NULL, &kept, &v) == 0);
	assert(!v.ok);		/* nobody finds a chain that leads to zeroes */
	free(v.boots);
	close(fd);
	return 0;
}
