/* SPDX-License-Identifier: Apache-2.0
 * Purpose: play a script: lines, conditions, steps and their outcome.
 * Locking: single-threaded.
 * Trust boundary: scripts are part of the source tree.
 */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"

#define MAX_DEPTH 8

static char title[200];
static bool step_open, step_ok, step_essential, given_up;
static double step_start;
static int steps_passed, steps_failed, steps_skipped;

void script_step_end(void)
{
	if (!step_open)
		return;
	step_open = false;
	if (given_up) {
		printf("skip           %s\n", title);
		steps_skipped++;
		return;
	}
	printf("%-4s %6.1f s  %s\n", step_ok ? "ok" : "FAIL", clock_now() - step_start, title);
	steps_passed += step_ok;
	steps_failed += !step_ok;
	if (!step_ok) {
		printf("        %s\n", drive_failure());
		console_tail(8);
		given_up = step_essential;
	}
	fflush(stdout);
}

bool script_step(const char *text, bool essential)
{
	script_step_end();
	snprintf(title, sizeof(title), "%s", text);
	step_open = step_ok = true;
	step_essential = essential;
	step_start = clock_now();
	return true;
}

/* when NAME, unless NAME ... end. Returns true if the line was one of them; *skip counts the depth of what is left out. */
static bool script_condition(const char *name, const char *arg, int *depth, int *skip)
{
	bool when = strcmp(name, "when") == 0;

	if (when || strcmp(name, "unless") == 0) {
		const char *value = vars_get(arg);

		++*depth;
		if (!*skip && when != (value && *value))
			*skip = *depth;
		return true;
	}
	if (strcmp(name, "end") != 0)
		return false;
	if (*skip == *depth)
		*skip = 0;
	if (--*depth < 0)
		drive_die("'end' without 'when' or 'unless'");
	return true;
}

static void script_line(char *line, int *depth, int *skip)
{
	char *name = line + strspn(line, " \t"), *arg, *expanded;
	bool is_step;

	name[strcspn(name, "\n")] = '\0';
	arg = name + strcspn(name, " \t");
	if (*arg)
		*arg++ = '\0';
	arg += strspn(arg, " \t");
	if (*name == '\0' || *name == '#' || script_condition(name, arg, depth, skip) || *skip)
		return;
	is_step = strcmp(name, "step") == 0 || strcmp(name, "must") == 0;
	/* A failed step's other lines are left out; so is everything once the script has given up. */
	if (!is_step && step_open && (!step_ok || given_up))
		return;
	expanded = vars_expand(arg);
	if (strcmp(name, "include") == 0)
		step_ok = script_run(expanded) && step_ok;
	else if (!command_run(name, expanded))
		step_ok = false;
	free(expanded);
	if (!step_open && !step_ok && !is_step)
		drive_die("'%s' failed before the first step: %s", name, drive_failure());
}

bool script_run(const char *path)
{
	FILE *f = fopen(path, "re");
	struct text whole = { 0 };
	char *line = NULL;
	size_t room = 0;
	int depth = 0, skip = 0;

	if (!f)
		drive_die("%s: %s", path, strerror(errno));
	while (getline(&line, &room, f) >= 0) {
		size_t length = strcspn(line, "\n");
		bool more = length > 0 && line[length - 1] == '\\';

		text_add(&whole, line, more ? length - 1 : length);
		if (more)
			continue;
		step_ok |= !step_open;
		script_line(whole.data, &depth, &skip);
		text_set(&whole, "", 0);
	}
	if (depth)
		drive_die("%s: 'when' or 'unless' without 'end'", path);
	free(line);
	text_free(&whole);
	fclose(f);
	return true;
}

bool script_finish(double started)
{
	script_step_end();
	printf("took %.1f s, %d steps skipped\n", clock_now() - started, steps_skipped);
	printf("%d passed, %d failed\n", steps_passed, steps_failed + steps_skipped);
	return steps_failed == 0 && steps_skipped == 0 && steps_passed > 0;
}
