/* SPDX-License-Identifier: Apache-2.0
 * Purpose: what the machine printed: cleaned, searched, and watched for what must never appear.
 * Locking: single-threaded.
 * Trust boundary: the bytes come from the machine under test and are only compared.
 */
#include "drive.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FORBIDDEN 32

enum strip { STRIP_NONE, STRIP_ESCAPE, STRIP_SEQUENCE };

static struct text all;
static size_t matched; /* expect looks behind this */
static size_t checked; /* lines before this were compared with the forbidden patterns */
static size_t shown; /* printed by console_tail */
static enum strip strip;
static regex_t forbidden[MAX_FORBIDDEN];
static char *forbidden_text[MAX_FORBIDDEN];
static size_t forbidden_count;
static char seen_forbidden[256];

static void console_byte(char c)
{
	if (strip == STRIP_ESCAPE) {
		strip = c == '[' ? STRIP_SEQUENCE : STRIP_NONE;
	} else if (strip == STRIP_SEQUENCE) {
		if (c >= '@' && c <= '~')
			strip = STRIP_NONE;
	} else if (c == 27) {
		strip = STRIP_ESCAPE;
	} else if (c != '\r' && c != '\0') {
		text_add(&all, &c, 1);
	}
}

static void console_check_line(const char *line, size_t length)
{
	for (size_t i = 0; i < forbidden_count; i++) {
		regmatch_t m = { .rm_so = 0, .rm_eo = (regoff_t)length };

		if (!seen_forbidden[0] && regexec(&forbidden[i], line, 1, &m, REG_STARTEND) == 0)
			snprintf(seen_forbidden, sizeof(seen_forbidden), "forbidden /%s/ in: %.*s", forbidden_text[i],
				 (int)(length < 120 ? length : 120), line);
	}
}

/*
 * The hypervisor's line came in the middle of one of the terminal's: it goes before it. Not so in a command's output ("@12|…"), which may well have such
 * lines in it. The line that has just ended begins at `checked`.
 */
static void console_weave(void)
{
	char *line = all.data + checked, *own = strstr(line, "(RAV) ");
	size_t before = own ? (size_t)(own - line) : 0, behind = all.length - checked - before;
	char held[4096];

	if (!before || before > sizeof(held) || (line[0] == '@' && line[1 + strspn(line + 1, "0123456789")] == '|'))
		return;
	memcpy(held, line, before);
	memmove(line, own, behind);
	memcpy(line + behind, held, before);
}

void console_take(const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char *end;

		console_byte(data[i]);
		if (data[i] != '\n' || all.length == checked || all.data[all.length - 1] != '\n')
			continue;
		console_weave();
		end = memchr(all.data + checked, '\n', all.length - checked);
		console_check_line(all.data + checked, (size_t)(end - (all.data + checked)));
		checked = (size_t)(end - all.data) + 1;
	}
}

void console_restart(void)
{
	matched = checked = all.length;
	strip = STRIP_NONE;
}

static void console_compile(regex_t *re, const char *pattern)
{
	if (regcomp(re, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
		drive_die("bad pattern /%s/", pattern);
}

void console_forbid(const char *pattern)
{
	if (forbidden_count == MAX_FORBIDDEN)
		drive_die("too many forbidden patterns");
	console_compile(&forbidden[forbidden_count], pattern);
	forbidden_text[forbidden_count++] = strdup(pattern);
}

/* Patterns match within a line: a search that failed need not look at whole lines again; *start moves behind them. */
static bool console_search(const regex_t *re, size_t *start, struct text *found, struct text *passed)
{
	regmatch_t m[2] = { { .rm_so = 0, .rm_eo = (regoff_t)(all.length - *start) } };
	const char *from = all.data + *start;

	if (!all.data)
		return false;
	if (regexec(re, from, 2, m, REG_STARTEND) != 0) {
		const char *last = memrchr(from, '\n', all.length - *start);

		if (last)
			*start = (size_t)(last - all.data) + 1;
		return false;
	}
	if (found) {
		const regmatch_t *part = m[1].rm_so >= 0 ? &m[1] : &m[0];

		text_set(found, from + part->rm_so, (size_t)(part->rm_eo - part->rm_so));
	}
	if (passed)
		text_set(passed, all.data + matched, *start + (size_t)m[0].rm_eo - matched);
	matched = *start + (size_t)m[0].rm_eo;
	return true;
}

bool console_expect(const char *pattern, double seconds, struct text *found, struct text *passed)
{
	double deadline = clock_now() + seconds;
	bool ok, more = true;
	size_t start = matched;
	regex_t re;

	console_compile(&re, pattern);
	while (!(ok = console_search(&re, &start, found, passed)) && !seen_forbidden[0] && more && clock_now() < deadline)
		more = machine_poll(deadline - clock_now()) || machine_running();
	regfree(&re);
	if (seen_forbidden[0]) {
		ok = drive_fail("%s", seen_forbidden);
		seen_forbidden[0] = '\0';
		return ok;
	}
	if (!ok)
		drive_fail("%s /%.200s/", more ? "time is up; never seen:" : "the machine ended before", pattern);
	return ok;
}

void console_tail(int lines)
{
	const char *p = all.data ? all.data + all.length : "";

	if (shown == all.length)
		return;
	shown = all.length;
	while (p > all.data && (p[-1] != '\n' || lines-- > 0))
		p--;
	for (; *p; p++) {
		bool start = p == all.data || p[-1] == '\n';

		printf("%s%c", start ? "        | " : "", *p);
	}
	printf("\n");
}
