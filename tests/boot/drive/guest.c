/* SPDX-License-Identifier: Apache-2.0
 * Purpose: commands in a Linux guest: told through its xenstore node, seen on its own console as dom0 logged it.
 * Locking: single-threaded.
 * Trust boundary: what a guest printed is compared, never run.
 */
#include "drive.h"

#include <stdio.h>
#include <string.h>

static int sequence; /* marks the lines of one command on the guest's console */

static bool guest_name_ok(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

bool guest_start(const char *guest, const char *command, double seconds)
{
	char line[2048];
	struct text output = { 0 };
	int status = 1;
	bool ok;

	if (!guest_name_ok(guest) || strpbrk(command, "'\\"))
		drive_die("guest: bad name or command: %s %s", guest, command);
	snprintf(line, sizeof(line),
		 "xenstore-write /local/domain/$(xl domid %s)/data/command 'echo begin-%d.; %s; echo end-%d=$?.'", guest,
		 sequence + 1, command, sequence + 1);
	sequence++;
	ok = shell_run(line, seconds, &output, &status);
	if (ok && status != 0)
		ok = drive_fail("%s could not be told: %.200s", guest, output.data);
	text_free(&output);
	return ok;
}

bool guest_wait(const char *guest, double seconds, struct text *output)
{
	char line[256];
	int status = 1;

	snprintf(line, sizeof(line), "grep -q 'end-%d=[0-9]*\\.' /var/log/xen/console/guest-%s.log", sequence, guest);
	if (!shell_until(line, (int)seconds, output))
		return false;
	snprintf(line, sizeof(line), "sed -n '/begin-%d\\./,/end-%d=/p' /var/log/xen/console/guest-%s.log", sequence,
		 sequence, guest);
	return shell_run(line, seconds, output, &status);
}
