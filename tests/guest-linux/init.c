/* SPDX-License-Identifier: Apache-2.0
 * Purpose: pid 1 of the Linux test guests: carries out what dom0 writes to the guest's data/command in xenstore.
 * Locking: single-threaded; signals are blocked and taken synchronously.
 * Trust boundary: a guest; its control domain may tell it what to do.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenstore.h>

#include "../../dom0-lockdown/setup.h"

#define COMMAND_NODE "data/command"

static const struct setup_mount guest_mounts[] = {
	{ "proc", "/proc", NULL, 0 },
	{ "sysfs", "/sys", NULL, 0 },
	{ "devtmpfs", "/dev", "mode=0755", 0 },
};

static const struct setup_mount xenfs_mount = { "xenfs", "/proc/xen", NULL, 0 };

static int signals_take(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Runs one command line in the background; its output goes to the console. */
static void command_start(const char *line)
{
	char *copy = strdup(line);
	char *const argv[] = { (char *)"/usr/bin/sh", (char *)"-c", copy, NULL };

	if (copy)
		setup_spawn(argv, "/dev/console");
	free(copy);
}

static void command_read(struct xs_handle *xs)
{
	unsigned int count, length;
	char **event = xs_read_watch(xs, &count);
	char *line = xs_read(xs, XBT_NULL, COMMAND_NODE, &length);

	if (line && *line) {
		/* Emptied first, so that the same command can be given again. */
		xs_write(xs, XBT_NULL, COMMAND_NODE, "", 0);
		command_start(line);
	}
	free(line);
	free(event);
}

static void signal_read(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTERM)
		setup_end(RB_AUTOBOOT);
	if (info.ssi_signo != SIGCHLD)
		setup_end(RB_POWER_OFF);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int main(void)
{
	struct xs_handle *xs;
	struct pollfd fds[2];
	char *name;

	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	fds[0] = (struct pollfd){ .fd = signals_take(), .events = POLLIN };
	setup_mount_all(guest_mounts, sizeof(guest_mounts) / sizeof(guest_mounts[0]));
	setup_load_modules("/etc/modules.list");
	setup_mount_all(&xenfs_mount, 1);
	xs = xs_open(0);
	name = xs ? xs_read(xs, XBT_NULL, "name", NULL) : NULL;
	printf("guest: userspace of %s after %lld ms\n", name ? name : "(no xenstore)", (long long)setup_uptime_ms());
	fflush(stdout);
	setup_shell("/dev/hvc0");
	if (xs && !xs_watch(xs, COMMAND_NODE, "command"))
		setup_complain(COMMAND_NODE, strerror(errno));
	fds[1] = (struct pollfd){ .fd = xs ? xs_fileno(xs) : -1, .events = POLLIN };
	for (;;) {
		poll(fds, 2, -1);
		if (fds[0].revents)
			signal_read(fds[0].fd);
		if (fds[1].revents)
			command_read(xs);
	}
}
