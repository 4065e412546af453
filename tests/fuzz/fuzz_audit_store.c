/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit daemon starting on a log that somebody has altered: it goes on behind it, or says why not, and what it adds can be read. The hypervisor is
 * played by one that has nothing to tell.
 * Locking: none. Trust: tests only.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/rav/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static int source_state(struct audit_source *s, struct ravelin_audit_state *state)
{
	(void)s;
	memset(state, 0, sizeof(*state));
	state->first = state->next = 1;
	memset(state->boot, 0x5a, sizeof(state->boot));
	return 0;
}

static int source_read(struct audit_source *s, uint64_t *from, char *buffer, uint32_t *size)
{
	(void)s;
	(void)from;
	(void)buffer;
	(void)size;
	return -11;
}

static int source_release(struct audit_source *s, uint64_t before)
{
	(void)s;
	(void)before;
	return 0;
}

static int source_link(struct audit_source *s, const struct ravelin_audit_link *link)
{
	(void)s;
	(void)link;
	return 0;
}

static struct audit_source source = { source_state, source_read, source_release, source_link };

static void log_write(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static bool any_line(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	(void)arg;
	(void)where;
	(void)line;
	(void)len;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_store t = { 0 };
	char path[96];
	uint64_t got;

	if (!dir[0]) {
		strcpy(dir, "/dev/shm/fuzz-store-XXXXXX");
		assert(mkdtemp(dir));
	}
	snprintf(path, sizeof(path), "%s/" AUDIT_LOG_FILE, dir);
	log_write(path, data, size);
	if (audit_store_open(&t, dir, size > 100 ? 4096 : 1 << 20, 2) == 0) {
		if (audit_store_begin(&t, &source) == 0) {
			(void)audit_store_fetch(&t, &source, &got);
			(void)audit_store_end(&t);
			assert(audit_files_each(dir, any_line, NULL) == 0);
		}
		close(t.fd);
		close(t.dir);
	}
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), i ? "%s/" AUDIT_LOG_FILE ".%u" : "%s/" AUDIT_LOG_FILE, dir, i);
		unlink(path);
	}
	return 0;
}
