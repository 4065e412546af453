/* SPDX-License-Identifier: Apache-2.0
 * Purpose: what every pid 1 of ours does: mounts, modules, children, the end.
 * Locking: single-threaded.
 * Trust boundary: runs as root in a domain; reads only files of its own image.
 */
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t setup_uptime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void setup_sleep_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

void setup_complain(const char *what, const char *why)
{
	fprintf(stderr, "init: %s: %s\n", what, why);
}

bool setup_mount_all(const struct setup_mount *mounts, size_t count)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		const struct setup_mount *m = &mounts[i];

		mkdir(m->where, 0755);
		if (mount(m->type, m->where, m->type, m->flags, m->options) != 0) {
			setup_complain(m->where, strerror(errno));
			ok = false;
		}
	}
	return ok;
}

static bool setup_load_module(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && (syscall(SYS_finit_module, fd, parameters, 0) == 0 || errno == EEXIST);

	if (!ok)
		setup_complain(path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

bool setup_load_modules(const char *list)
{
	FILE *f = fopen(list, "re");
	char path[256], *parameters;
	bool ok = true;

	if (!f) {
		setup_complain(list, strerror(errno));
		return false;
	}
	while (fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		parameters = path + strcspn(path, " ");
		if (*parameters)
			*parameters++ = '\0';
		ok &= setup_load_module(path, parameters);
	}
	fclose(f);
	return ok;
}

static void setup_child_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t setup_spawn(char *const argv[], const char *log)
{
	pid_t pid = fork();

	if (pid == 0) {
		int in = open("/dev/null", O_RDONLY);
		int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

		setup_child_signals();
		setsid();
		if (in >= 0)
			dup2(in, 0);
		if (out >= 0) {
			dup2(out, 1);
			dup2(out, 2);
		}
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		setup_complain(argv[0], strerror(errno));
	return pid;
}

bool setup_wait_child(pid_t pid, int64_t deadline_ms)
{
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && setup_uptime_ms() < deadline_ms)
		setup_sleep_ms(2);
	return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

pid_t setup_shell(const char *tty)
{
	static char *const argv[] = { (char *)"-sh", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		setup_child_signals();
		setsid();
		int fd = open(tty, O_RDWR);

		if (fd >= 0) {
			ioctl(fd, TIOCSCTTY, 0);
			dup2(fd, 0);
			dup2(fd, 1);
			dup2(fd, 2);
			if (fd > 2)
				close(fd);
		}
		execv("/usr/bin/sh", argv);
		_exit(127);
	}
	if (pid < 0)
		setup_complain("/usr/bin/sh", strerror(errno));
	return pid;
}

_Noreturn void setup_end(int cmd)
{
	sync();
	reboot(cmd);
	setup_complain("reboot", strerror(errno));
	for (;;)
		pause();
}
