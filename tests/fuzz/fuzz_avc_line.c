/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of AVC records: logs are written by whoever could write to them. What it accepts must
 * be bounded, printable and non-empty.
 * Locking: none. Trust: tests only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/avc_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_printable(const char *text, size_t room)
{
	size_t len = strnlen(text, room);

	if (len == 0 || len == room)
		abort();
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct avc_line a;
	const char *why = NULL;
	char *copy = malloc(size ? size : 1);	/* its own red zones */
	enum avc_verdict v;

	memcpy(copy, data, size);
	v = avc_line_parse(copy, size, &a, &why);
	free(copy);
	if (v == AVC_MALFORMED && !why)
		abort();
	if (v != AVC_OK)
		return 0;
	if (a.nr_perms == 0 || a.nr_perms > AVC_PERMS)
		abort();
	for (unsigned int i = 0; i < a.nr_perms; i++)
		expect_printable(a.perm[i], AVC_NAME);
	expect_printable(a.source, AVC_LABEL);
	expect_printable(a.target, AVC_LABEL);
	expect_printable(a.class_name, AVC_NAME);
	return 0;
}
