/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records a user wants to see, and how they are printed.
 * Locking: single-threaded. Trust: options are the caller's, records are hostile.
 */
#ifndef RAV_AUDIT_FILTER_H
#define RAV_AUDIT_FILTER_H

#include "audit.h"

enum audit_style { AUDIT_PLAIN, AUDIT_RAW, AUDIT_JSON };

struct audit_filter {
	const char *log, *label, *class, *permission, *operation, *type;
	uint64_t domain, since_ms, until_ms;	/* domain: UINT64_MAX is any */
	bool denied;
	enum audit_style style;
};

/* 0, or the exit status of a wrong command line. */
int audit_filter_parse(struct audit_filter *f, int argc, char **argv);
bool audit_filter_match(const struct audit_filter *f, const struct audit_record *r);
void audit_record_print(const struct audit_record *r, enum audit_style style);
/* Since 1970, of "2026-11-21 12:30", "1763728200" or "10m". */
bool audit_time_parse(const char *text, uint64_t now_ms, uint64_t *ms);

#endif
