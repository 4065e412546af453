/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An AVC record as text: the hypervisor's log line, auditd's, or as pasted from either.
 * Locking: none. Trust: the text is hostile: bounded, nothing of it is kept but what was checked to
 * be printable.
 */
#ifndef RAV_AVC_LINE_H
#define RAV_AVC_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define AVC_PERMS 32
#define AVC_NAME 64
#define AVC_LABEL 8192

struct avc_line {
	bool granted, permissive;
	char source[AVC_LABEL], target[AVC_LABEL];
	char class_name[AVC_NAME];
	char perm[AVC_PERMS][AVC_NAME];
	unsigned int nr_perms;
	char operation[AVC_NAME];		/* "" if it does not say */
};

enum avc_verdict {
	AVC_OK,
	AVC_NO_RECORD,		/* no "avc:" in it */
	AVC_MALFORMED,		/* *why says what is missing */
};

enum avc_verdict avc_line_parse(const char *text, size_t len, struct avc_line *a, const char **why);

#endif
