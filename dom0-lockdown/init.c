/* SPDX-License-Identifier: Apache-2.0
 * Purpose: pid 1 of the control domain: starts the audit daemon, brings up Debian's xenstored and xenconsoled, then keeps a shell on hvc0.
 * Locking: single-threaded; signals are blocked and taken synchronously.
 * Trust boundary: all-powerful in dom0, powerless beyond what the policy gives dom0's label.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenstore.h>

#include "setup.h"

#define XEN_BIN "/usr/lib/xen-4.17/bin/"
#define CONSOLED_PID "/run/xenconsoled.pid"
#define DAEMON_TIMEOUT_MS 30000
#define AUDIT_END_MS 3000

/* Guests choose what xenconsoled logs, and how much is denied: the logs get file systems of their own, with a limit. */
static const struct setup_mount dom0_mounts[] = {
	{ "proc", "/proc", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
	{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID | MS_NOEXEC },
	{ "devpts", "/dev/pts", "mode=0600,ptmxmode=0600", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "/run", "mode=0755,size=16m", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/var/log/xen", "mode=0700,size=16m", MS_NOSUID | MS_NOEXEC | MS_NODEV },
	{ "tmpfs", "/var/log/ravelin", "mode=0700,size=16m", MS_NOSUID | MS_NOEXEC | MS_NODEV },
};

static const struct setup_mount xenfs_mount = { "xenfs", "/proc/xen", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV };

static const char *const dom0_dirs[] = { "/run/lock", "/run/xen", "/run/xenstored", "/var/log/xen/console" };

static bool store_answers(void)
{
	struct xs_handle *xs = xs_open(0);
	char *value;

	if (!xs)
		return false;
	value = xs_read(xs, XBT_NULL, "/tool/xenstored", NULL);
	free(value);
	xs_close(xs);
	return value != NULL;
}

static bool consoled_answers(void)
{
	return access(CONSOLED_PID, R_OK) == 0;
}

/* Polls for the daemon's sign of life; a daemon that died first is not waited for. */
static bool daemon_wait(const char *name, pid_t pid, bool (*answers)(void))
{
	int64_t deadline = setup_uptime_ms() + DAEMON_TIMEOUT_MS;

	while (!answers()) {
		if (pid > 0 && waitpid(pid, NULL, WNOHANG) == pid) {
			setup_complain(name, "ended early; its log is in /var/log/xen");
			return false;
		}
		if (setup_uptime_ms() > deadline) {
			setup_complain(name, "does not answer");
			return false;
		}
		setup_sleep_ms(2);
	}
	return true;
}

/* First of all: what happens from now on is stored. Its own limits keep its files below the size of their file system. */
static pid_t audit_start(void)
{
	static char *const audit[] = { (char *)"/usr/bin/rav", (char *)"audit", (char *)"daemon", (char *)"--user", (char *)"audit",
				       (char *)"--size", (char *)"256", (char *)"--keep", (char *)"50", NULL };

	return setup_spawn(audit, "/var/log/xen/rav-audit.log");
}

static bool toolstack_start(void)
{
	static char *const store[] = { (char *)XEN_BIN "xenstored", (char *)"--no-fork", (char *)"--pid-file",
				       (char *)"/run/xenstored.pid", NULL };
	static char *const console[] = { (char *)XEN_BIN "xenconsoled", (char *)"--pid-file", (char *)CONSOLED_PID,
					 (char *)"--log", (char *)"guest", (char *)"--log-dir",
					 (char *)"/var/log/xen/console", NULL };
	static char *const dom0[] = { (char *)XEN_BIN "xen-init-dom0", NULL };
	pid_t pid = setup_spawn(store, "/var/log/xen/xenstored.log");
	bool ok = daemon_wait("xenstored", pid, store_answers);
	pid_t init_dom0;

	if (!ok)
		return false;
	setup_spawn(console, "/var/log/xen/xenconsoled.log");
	init_dom0 = setup_spawn(dom0, "/var/log/xen/xen-init-dom0.log");
	if (!setup_wait_child(init_dom0, setup_uptime_ms() + DAEMON_TIMEOUT_MS)) {
		setup_complain("xen-init-dom0", "failed; its log is in /var/log/xen");
		ok = false;
	}
	return daemon_wait("xenconsoled", 0, consoled_answers) && ok;
}

static bool dom0_prepare(void)
{
	bool ok = setup_mount_all(dom0_mounts, sizeof(dom0_mounts) / sizeof(dom0_mounts[0]));

	for (size_t i = 0; i < sizeof(dom0_dirs) / sizeof(dom0_dirs[0]); i++)
		mkdir(dom0_dirs[i], 0700);
	ok &= sethostname("dom0", 4) == 0;
	ok &= setup_load_modules("/etc/modules.list");
	return setup_mount_all(&xenfs_mount, 1) && ok;
}

/* busybox poweroff, halt and reboot ask pid 1 with these signals. */
static void signals_block(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
	sigaddset(set, SIGTERM);
	sigprocmask(SIG_BLOCK, set, NULL);
	reboot(RB_DISABLE_CAD);
}

/* What is started again when it ends. */
struct kept {
	pid_t shell, audit;
};

/* Reaps everybody. What cannot live must not become a loop that eats the processor. */
static void reap(struct kept *k)
{
	bool shell_ended = false, audit_ended = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		shell_ended |= pid == k->shell;
		audit_ended |= pid == k->audit;
	}
	if (shell_ended || audit_ended)
		setup_sleep_ms(200);
	if (shell_ended)
		k->shell = setup_shell("/dev/hvc0");
	if (audit_ended)
		k->audit = audit_start();
}

/* The audit daemon stores what there is and closes its file. */
static _Noreturn void dom0_end(pid_t audit, int cmd)
{
	if (audit > 0 && kill(audit, SIGTERM) == 0)
		setup_wait_child(audit, setup_uptime_ms() + AUDIT_END_MS);
	setup_end(cmd);
}

static _Noreturn void dom0_serve(const sigset_t *set, pid_t audit)
{
	struct kept k = { .shell = setup_shell("/dev/hvc0"), .audit = audit };

	for (;;) {
		switch (sigwaitinfo(set, NULL)) {
		case SIGCHLD:
			reap(&k);
			break;
		case SIGUSR1:
		case SIGUSR2:
			dom0_end(k.audit, RB_POWER_OFF);
		case SIGTERM:
			dom0_end(k.audit, RB_AUTOBOOT);
		default:
			break;
		}
	}
}

int main(void)
{
	pid_t audit;
	sigset_t set;
	int64_t ms;
	bool ok;

	signals_block(&set);
	ok = dom0_prepare();
	audit = audit_start();
	ok = ok && toolstack_start();
	ms = setup_uptime_ms();
	printf("ravelin-dom0: %s %lld.%03lld s after its kernel started\n", ok ? "ready" : "INCOMPLETE",
	       (long long)(ms / 1000), (long long)(ms % 1000));
	fflush(stdout);
	dom0_serve(&set, audit);
}
