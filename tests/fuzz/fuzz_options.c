/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as the boot command line: taken, or refused with a line; what was taken lies within its limits.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/options.h>

#include "hosted.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct boot_options fresh;

/* Less than the least ring, nothing among it, is the least ring. */
#define RING_BYTES_MAX (16u << 20)

static void check(void)
{
	if (options.max_cpus == 0 || options.max_cpus > MAX_CPUS || options.dom0_max_vcpus > MAX_VCPUS ||
	    options.conring_bytes > RING_BYTES_MAX || options.audit_bytes > RING_BYTES_MAX ||
	    !memchr(options.selftest, 0, sizeof(options.selftest)) || !memchr(options.cmdline, 0, sizeof(options.cmdline)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!fresh.conring_bytes) {
		hosted_edge_init(8);
		fresh = options;
	}
	options = fresh;
	hosted_console_clear();
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (options_parse(text) == 0)
		check();
	else if (!*hosted_console())
		abort();
	free(text);
	return 0;
}
