/* SPDX-License-Identifier: Apache-2.0
 * Purpose: build/drive plays a script against a machine in QEMU; status 0 only if every step was seen.
 * Locking: single-threaded.
 * Trust boundary: a test tool of the build host.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive.h"

static void on_signal(int number)
{
	/* QEMU dies with its parent (PR_SET_PDEATHSIG). */
	_exit(128 + number);
}

int main(int argc, char **argv)
{
	double started = clock_now();
	int option;
	bool ok;

	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt(argc, argv, "D:")) == 'D') {
		char *value = strchr(optarg, '=');

		if (value)
			*value++ = '\0';
		vars_set(optarg, value ? value : "1");
	}
	if (option != -1 || optind + 1 != argc) {
		fprintf(stderr, "usage: drive [-D NAME[=VALUE]]... SCRIPT\n");
		return 2;
	}
	script_run(argv[optind]);
	ok = script_finish(started);
	machine_stop();
	return ok ? 0 : 1;
}
