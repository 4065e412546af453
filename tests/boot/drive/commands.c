/* SPDX-License-Identifier: Apache-2.0
 * Purpose: the commands of a script; tests/boot/README.md describes them.
 * Locking: single-threaded.
 * Trust boundary: scripts are part of the source tree and may run any command on the build host.
 */
#include "drive.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script.h"

static struct text output; /* of the last command that has some */
static int status;
static double timeout = 30;

/* Cuts the first word off; returns the rest. */
static char *rest_of(char *arg)
{
	char *rest = arg + strcspn(arg, " \t");

	if (*rest)
		*rest++ = '\0';
	return rest + strspn(rest, " \t");
}

static bool do_step(char *arg)
{
	return script_step(arg, false);
}

static bool do_must(char *arg)
{
	return script_step(arg, true);
}

static bool do_qemu(char *arg)
{
	machine_option(arg);
	return true;
}

static bool do_start(char *arg)
{
	return machine_start(arg);
}

static bool do_stop(char *arg)
{
	(void)arg;
	machine_stop();
	return true;
}

static bool do_ended(char *arg)
{
	(void)arg;
	return machine_ended(timeout);
}

static bool do_interact(char *arg)
{
	script_step_end();
	printf("%s\n", arg);
	fflush(stdout);
	machine_interact();
	return true;
}

static bool do_timeout(char *arg)
{
	timeout = atof(arg);
	return true;
}

static bool do_set(char *arg)
{
	char *value = rest_of(arg);

	vars_set(arg, value);
	return true;
}

static bool do_forbid(char *arg)
{
	console_forbid(arg);
	return true;
}

static bool do_expect(char *arg)
{
	return console_expect(arg, timeout, &output, NULL);
}

static bool do_send(char *arg)
{
	return machine_send(arg, strlen(arg)) && machine_send("\n", 1);
}

static bool do_key(char *arg)
{
	char key = (char)atoi(arg);

	bool ok = machine_send(&key, 1);

	/* An escape key counts only when it is read alone. */
	usleep(500000);
	return ok;
}

static bool do_shell(char *arg)
{
	(void)arg;
	return shell_enter(timeout);
}

static bool do_leave(char *arg)
{
	(void)arg;
	return shell_leave();
}

static bool do_try(char *arg)
{
	return shell_run(arg, timeout, &output, &status);
}

static bool do_run(char *arg)
{
	if (!do_try(arg))
		return false;
	return status == 0 || drive_fail("status %d from: %.120s\n        %.300s", status, arg, output.data);
}

static bool do_fails(char *arg)
{
	if (!do_try(arg))
		return false;
	return status != 0 || drive_fail("succeeded, but must fail: %.200s", arg);
}

static bool do_until(char *arg)
{
	return shell_until(arg, (int)timeout, &output);
}

static bool do_upload(char *arg)
{
	char *path = rest_of(arg);

	return shell_upload(arg, path, timeout);
}

static bool do_guest_start(char *arg)
{
	char *command = rest_of(arg);

	return guest_start(arg, command, timeout);
}

static bool do_guest_wait(char *arg)
{
	return guest_wait(arg, timeout, &output);
}

static bool do_guest(char *arg)
{
	return do_guest_start(arg) && do_guest_wait(arg);
}

static bool output_search(const char *pattern, struct text *found)
{
	regmatch_t m[2];
	regex_t re;
	bool ok;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
		drive_die("bad pattern /%s/", pattern);
	ok = regexec(&re, output.data ? output.data : "", 2, m, 0) == 0;
	regfree(&re);
	if (ok && found) {
		const regmatch_t *part = m[1].rm_so >= 0 ? &m[1] : &m[0];

		text_set(found, output.data + part->rm_so, (size_t)(part->rm_eo - part->rm_so));
	}
	return ok;
}

static bool do_match(char *arg)
{
	return output_search(arg, NULL) || drive_fail("no /%.120s/ in: %.300s", arg, output.data);
}

static bool do_nomatch(char *arg)
{
	return !output_search(arg, NULL) || drive_fail("/%.120s/ in: %.300s", arg, output.data);
}

static bool do_let(char *arg)
{
	char *pattern = rest_of(arg);
	struct text found = { 0 };

	if (!output_search(pattern, &found))
		return drive_fail("no /%.120s/ in: %.300s", pattern, output.data);
	vars_set(arg, found.data);
	text_free(&found);
	return true;
}

/* The last output is the command's input, and its output the next one's. */
static bool do_host(char *arg)
{
	char name[] = "/tmp/drive.XXXXXX", buffer[4096];
	int fd = mkstemp(name);
	struct text line = { 0 };
	size_t n;
	FILE *f;

	if (fd < 0 || write(fd, output.data ? output.data : "", output.length) != (ssize_t)output.length)
		drive_die("%s: cannot be written", name);
	close(fd);
	text_add(&line, "exec <", 6);
	text_add(&line, name, strlen(name));
	text_add(&line, " 2>&1; ", 7);
	text_add(&line, arg, strlen(arg));
	f = popen(line.data, "r");
	if (!f)
		drive_die("sh: cannot be started");
	text_set(&output, "", 0);
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		text_add(&output, buffer, n);
	status = pclose(f);
	unlink(name);
	text_free(&line);
	return status == 0 || drive_fail("on the host: %.120s\n        %.300s", arg, output.data);
}

static bool do_dmesg(char *arg)
{
	(void)arg;
	if (!do_run((char *)"xl dmesg"))
		return false;
	avc_take(&output);
	return true;
}

static bool do_avc(char *arg)
{
	return avc_claim(arg, &output);
}

static bool do_show(char *arg)
{
	size_t length = output.length;

	if (length > 0 && output.data[length - 1] == '\n')
		length--;
	printf("        %s %.*s\n", arg, (int)length, output.data ? output.data : "");
	return true;
}

static const struct {
	const char *name;
	bool (*run)(char *arg);
} commands[] = {
	{ "step", do_step },	   { "must", do_must },	    { "qemu", do_qemu },     { "start", do_start },
	{ "stop", do_stop },	   { "ended", do_ended },   { "interact", do_interact }, { "timeout", do_timeout },
	{ "set", do_set },	   { "forbid", do_forbid }, { "expect", do_expect }, { "send", do_send },
	{ "shell", do_shell },	   { "leave", do_leave },   { "try", do_try },	     { "run", do_run },
	{ "fails", do_fails },	   { "until", do_until },   { "upload", do_upload }, { "match", do_match },
	{ "nomatch", do_nomatch }, { "let", do_let },	    { "host", do_host },     { "dmesg", do_dmesg },
	{ "guest", do_guest },	   { "guest-start", do_guest_start }, { "guest-wait", do_guest_wait },
	{ "avc", do_avc },	   { "key", do_key },	   { "show", do_show },
};

bool command_run(const char *name, char *arg)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(arg);
	drive_die("unknown command '%s'", name);
}
