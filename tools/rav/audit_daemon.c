/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit daemon: opens the hypervisor and the log's directory, then gives up whatever else it could do, and moves records from the one to the other.
 * Locking: single-threaded; signals are taken between two rounds. Trust: after daemon_confine() it can read, write and rename in that one directory's
 * file system, and call the hypervisor as the policy lets it.
 */
#include "audit.h"

#include <cap-ng.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <poll.h>
#include <unistd.h>

#define POLL_MS		250
#define BUSY_MS		20		/* after a round that found something: a flood is fetched before it has no room */
#define RETRY_MS	2000
#define SIZE_KIB	8192u
#define KEEP		8u

struct daemon {
	struct audit_store store;
	const char *log, *user;
	uint64_t size_kib, keep;
	bool once;
};

static int options_parse(struct daemon *d, int argc, char **argv)
{
	static const struct option known[] = {
		{ "log", required_argument, NULL, 'l' }, { "size", required_argument, NULL, 's' }, { "keep", required_argument, NULL, 'k' },
		{ "user", required_argument, NULL, 'u' }, { "once", no_argument, NULL, 'o' }, { 0 },
	};
	int c;

	*d = (struct daemon){ .log = AUDIT_LOG_DIR, .size_kib = SIZE_KIB, .keep = KEEP };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'l')
			d->log = optarg;
		else if (c == 'u')
			d->user = optarg;
		else if (c == 'o')
			d->once = true;
		else if (c == 's' && (!rav_parse_u64(optarg, 1u << 30, &d->size_kib) || d->size_kib < 16))
			return rav_misuse("--size: a number of KiB, at least 16");
		else if (c == 'k' && !rav_parse_u64(optarg, AUDIT_FILES_MAX, &d->keep))
			return rav_misuse("--keep: at most %u files", AUDIT_FILES_MAX);
		else if (c != 's' && c != 'k')
			return rav_misuse("unknown option");
	}
	return optind < argc ? rav_misuse("unexpected '%s'", argv[optind]) : 0;
}

/* The directory and its newest file become the user's, then the process. */
static int user_become(struct daemon *d)
{
	const struct passwd *p = getpwnam(d->user);

	if (!p)
		return rav_fail("name a user of /etc/passwd", "--user: there is no '%s'", d->user);
	if (fchown(d->store.dir, p->pw_uid, p->pw_gid) != 0 || fchown(d->store.fd, p->pw_uid, p->pw_gid) != 0)
		return rav_fail(NULL, "%s: %s", d->log, strerror(errno));
	if (capng_change_id((int)p->pw_uid, (int)p->pw_gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) != 0)
		return rav_fail("start it as root", "could not become '%s'", d->user);
	return 0;
}

static int capabilities_drop(struct daemon *d)
{
	capng_clear(CAPNG_SELECT_ALL);
	if (d->user)
		return user_become(d);
	return capng_apply(CAPNG_SELECT_ALL) == 0 ? 0 : rav_fail("start it as root", "capabilities could not be dropped: %s", strerror(errno));
}

/* What moving records takes, and no more: no process, no socket, no signal to others. */
static int calls_restrict(void)
{
	static const int allowed[] = {
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(close), SCMP_SYS(openat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
		SCMP_SYS(lseek), SCMP_SYS(ftruncate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(renameat), SCMP_SYS(ioctl),
		SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(exit_group), SCMP_SYS(madvise), SCMP_SYS(getpid),
	};
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = c ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = seccomp_load(c);
	seccomp_release(c);
	return rc == 0 ? 0 : rav_fail("the kernel needs CONFIG_SECCOMP_FILTER", "system calls could not be restricted: %s", strerror(-rc));
}

static int daemon_confine(struct daemon *d)
{
	struct audit_point warm = { .seq = 0 };
	int rc = capabilities_drop(d);

	audit_point_advance(&warm, "", 0);	/* the library opens its files now */

	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = rav_fail(NULL, "no_new_privs: %s", strerror(errno));
	return rc ? rc : calls_restrict();
}

static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True: a signal asks for the end. */
static bool asked_to_end(int signals, int ms)
{
	struct pollfd p = { .fd = signals, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* Everything there is. An error is told once until it is over; nothing is released meanwhile, and the hypervisor keeps what it can. */
static int daemon_round(struct daemon *d, struct audit_source *s, int *told, int *pause_ms)
{
	uint64_t got;
	int rc;

	*pause_ms = POLL_MS;
	while ((rc = audit_store_fetch(&d->store, s, &got)) == 0 && got)
		*pause_ms = BUSY_MS;
	if (rc)
		*pause_ms = RETRY_MS;
	if (rc && rc != *told)
		fprintf(stderr, "%s: %s: %s; trying again\n", rav_command, d->log, strerror(-rc));
	if (rc == 0 && *told)
		fprintf(stderr, "%s: %s: storing again\n", rav_command, d->log);
	*told = rc;
	return rc;
}

static int daemon_serve(struct daemon *d, struct audit_source *s, int signals)
{
	int told = 0, pause_ms, rc;

	do
		rc = daemon_round(d, s, &told, &pause_ms);
	while (!d->once && !asked_to_end(signals, pause_ms));
	if (rc == 0)
		rc = daemon_round(d, s, &told, &pause_ms);
	if (rc == 0)
		rc = audit_store_end(&d->store);
	return rc ? rav_fail("what is not stored stays in the hypervisor until it is read", "%s: %s", d->log, strerror(-rc)) : RAV_OK;
}

int audit_daemon_run(int argc, char **argv)
{
	struct audit_source *source;
	struct daemon d;
	int rc = options_parse(&d, argc, argv), signals;

	if (rc)
		return rc;
	source = audit_source_open();
	signals = signals_open();
	if (!source || signals < 0)
		return source ? rav_fail(NULL, "signalfd: %s", strerror(errno)) : RAV_FAILED;
	rc = audit_store_open(&d.store, d.log, d.size_kib * 1024, (unsigned int)d.keep);
	if (rc)
		return rc;
	rc = audit_store_begin(&d.store, source);
	if (rc)
		return rav_fail("the policy must grant audit { read release link } to this domain", "%s: %s", d.log, strerror(-rc));
	rc = daemon_confine(&d);
	return rc ? rc : daemon_serve(&d, source, signals);
}
