/* SPDX-License-Identifier: Apache-2.0
 * Purpose: commands in dom0's shell over the serial console.
 * Locking: single-threaded.
 * Trust boundary: the commands are the script's; output lines carry a number, so the hypervisor's own lines
 *	between them are told apart.
 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int sequence;

bool shell_enter(double seconds)
{
	return machine_send("command-shell\n", 14) && console_expect("^@@$", seconds, NULL, NULL);
}

bool shell_leave(void)
{
	return machine_send("@@\n", 3);
}

static void shell_quote(struct text *t, const char *s)
{
	text_add(t, "'", 1);
	for (; *s; s++)
		text_add(t, *s == '\'' ? "'\\''" : s, *s == '\'' ? 4 : 1);
	text_add(t, "'", 1);
}

/* The lines that carry this command's number, without it. */
static void shell_filter(const char *raw, const char *mark, struct text *output)
{
	size_t length = strlen(mark);
	const char *end;

	text_set(output, "", 0);
	for (; *raw; raw = *end ? end + 1 : end) {
		end = raw + strcspn(raw, "\n");
		if (strncmp(raw, mark, length) == 0) {
			text_add(output, raw + length, (size_t)(end - raw) - length);
			text_add(output, "\n", 1);
		}
	}
}

bool shell_run(const char *command, double seconds, struct text *output, int *status)
{
	char mark[32], pattern[64];
	struct text line = { 0 }, code = { 0 }, raw = { 0 };
	bool ok;

	snprintf(mark, sizeof(mark), "r %d ", ++sequence);
	text_set(&line, mark, strlen(mark));
	shell_quote(&line, command);
	text_add(&line, "\n", 1);
	if (line.length > 4000)
		drive_die("command too long for a terminal line: %.60s...", command);
	snprintf(pattern, sizeof(pattern), "^@%d=([0-9]+)$", sequence);
	ok = machine_send(line.data, line.length) && console_expect(pattern, seconds, &code, &raw);
	if (ok) {
		*status = atoi(code.data);
		snprintf(mark, sizeof(mark), "@%d|", sequence);
		shell_filter(raw.data, mark, output);
	}
	text_free(&line);
	text_free(&code);
	text_free(&raw);
	return ok;
}

bool shell_until(const char *command, int seconds, struct text *output)
{
	struct text loop = { 0 };
	char head[96];
	int status = 1;
	bool ok;

	snprintf(head, sizeof(head), "t=$(($(date +%%s) + %d)); until { ", seconds);
	text_set(&loop, head, strlen(head));
	text_add(&loop, command, strlen(command));
	text_add(&loop, "; }; do [ $(date +%s) -gt $t ] && break; sleep 0.1; done; ", 58);
	text_add(&loop, command, strlen(command));
	ok = shell_run(loop.data, seconds + 30, output, &status);
	text_free(&loop);
	if (ok && status != 0)
		return drive_fail("not within %d s: %.200s", seconds, command);
	return ok;
}

bool shell_upload(const char *file, const char *path, double seconds)
{
	struct text code = { 0 };
	char line[256], pattern[64];
	bool ok;
	FILE *f;

	snprintf(line, sizeof(line), "gzip -9n < '%s' | base64 -w 76", file);
	f = popen(line, "r");
	if (!f)
		drive_die("%s: cannot be read", file);
	snprintf(line, sizeof(line), "u %d %s\n", ++sequence, path);
	ok = machine_send(line, strlen(line));
	while (ok && fgets(line, sizeof(line), f))
		ok = machine_send(line, strlen(line));
	if (pclose(f) != 0)
		drive_die("%s: cannot be packed", file);
	snprintf(pattern, sizeof(pattern), "^@%d=([0-9]+)$", sequence);
	ok = ok && machine_send(".\n", 2) && console_expect(pattern, seconds, &code, NULL);
	if (ok && strcmp(code.data, "0") != 0)
		ok = drive_fail("%s: damaged on the way", file);
	text_free(&code);
	return ok;
}
