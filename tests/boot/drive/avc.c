/* SPDX-License-Identifier: Apache-2.0
 * Purpose: denials, read from the hypervisor's console ring by their fields.
 * Locking: single-threaded.
 * Trust boundary: a record is data; its fields are compared, never interpreted.
 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct text before; /* the whole ring as it was last read */
static struct text fresh;  /* lines since then that nobody claimed */

void avc_take(const struct text *dmesg)
{
	size_t old = before.length;

	/* A ring that wrapped no longer begins with what it was: then all of it counts as new. */
	if (old > dmesg->length || memcmp(before.data ? before.data : "", dmesg->data, old) != 0) {
		old = 0;
		text_set(&fresh, "", 0);
	}
	text_add(&fresh, dmesg->data + old, dmesg->length - old);
	text_set(&before, dmesg->data, dmesg->length);
}

/* The value of " key=" up to the next blank equals the wanted one. */
static bool avc_has_field(const char *record, const char *key, const char *value)
{
	char wanted[192];
	const char *at;
	int n = snprintf(wanted, sizeof(wanted), " %s=%s", key, value);

	if (n < 0 || (size_t)n >= sizeof(wanted))
		drive_die("field too long: %s", key);
	at = strstr(record, wanted);
	return at && (at[n] == ' ' || at[n] == '\0');
}

/* The permission is one of the words between the braces. */
static bool avc_has_permission(const char *record, const char *perm)
{
	const char *open = strchr(record, '{'), *close = open ? strchr(open, '}') : NULL;
	size_t length = strlen(perm);

	if (!close)
		return false;
	for (const char *p = open + 1; p < close; p += strcspn(p, " }")) {
		p += strspn(p, " ");
		if (strncmp(p, perm, length) == 0 && (p[length] == ' ' || p[length] == '}'))
			return true;
		if (*p == '}')
			break;
	}
	return false;
}

static bool avc_matches(const char *record, const char *fields)
{
	char copy[512], *save = NULL;

	if (!strstr(record, "avc:") || !strstr(record, "denied"))
		return false;
	snprintf(copy, sizeof(copy), "%s", fields);
	for (char *f = strtok_r(copy, " ", &save); f; f = strtok_r(NULL, " ", &save)) {
		char *value = strchr(f, '=');

		if (!value)
			drive_die("not a field: %s", f);
		*value++ = '\0';
		if (strcmp(f, "perm") == 0 ? !avc_has_permission(record, value) : !avc_has_field(record, f, value))
			return false;
	}
	return true;
}

bool avc_claim(const char *fields, struct text *line)
{
	char *p = fresh.data;

	while (p && *p) {
		size_t length = strcspn(p, "\n");
		char *record = strndup(p, length);
		bool found = record && avc_matches(record, fields);

		if (found) {
			text_set(line, record, length);
			memset(p, ' ', length); /* claimed */
		}
		free(record);
		if (found)
			return true;
		p += length + (p[length] == '\n');
	}
	return drive_fail("no new denial with %s", fields);
}
