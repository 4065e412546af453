/* SPDX-License-Identifier: Apache-2.0
 * Purpose: strings, variables and the reasons of failure for build/drive.
 * Locking: single-threaded.
 * Trust boundary: a test tool of the build host.
 */
#include "drive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char failure[512];

void text_add(struct text *t, const char *data, size_t length)
{
	if (t->room < t->length + length + 1) {
		t->room = (t->length + length + 1) * 2;
		t->data = realloc(t->data, t->room);
		if (!t->data)
			drive_die("out of memory");
	}
	if (length)
		memcpy(t->data + t->length, data, length);
	t->length += length;
	t->data[t->length] = '\0';
}

void text_set(struct text *t, const char *data, size_t length)
{
	t->length = 0;
	text_add(t, data, length);
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

_Noreturn void drive_die(const char *format, ...)
{
	va_list args;

	machine_stop();
	va_start(args, format);
	fputs("drive: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

bool drive_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure, sizeof(failure), format, args);
	va_end(args);
	return false;
}

const char *drive_failure(void)
{
	return failure;
}

void vars_set(const char *name, const char *value)
{
	if (setenv(name, value, 1) != 0)
		drive_die("%s: not a name for a variable", name);
}

const char *vars_get(const char *name)
{
	return getenv(name);
}

char *vars_expand(const char *s)
{
	struct text out = { 0 };
	const char *end;

	text_add(&out, "", 0);
	while (*s) {
		char name[64];

		if (s[0] != '$' || s[1] != '{' || !(end = strchr(s, '}')) || (size_t)(end - s - 2) >= sizeof(name)) {
			text_add(&out, s++, 1);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(end - s - 2), s + 2);
		if (!vars_get(name))
			drive_die("${%s} is not set", name);
		text_add(&out, vars_get(name), strlen(vars_get(name)));
		s = end + 1;
	}
	return out.data;
}
