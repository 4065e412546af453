/* SPDX-License-Identifier: Apache-2.0
 * Purpose: start, feed, read and end QEMU.
 * Locking: single-threaded; the child is the only other process.
 * Trust boundary: a test tool of the build host; the machine's output is data.
 */
#include "drive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 256
#define BURST 64
#define ECHO_SECONDS 2.0

static char *words[MAX_WORDS + 1];
static size_t word_count;
static pid_t qemu;
static int serial = -1;
static int log_fd = -1;
static size_t received; /* bytes from the machine */

static void word_add(const char *data, size_t length)
{
	if (word_count == MAX_WORDS)
		drive_die("too many QEMU options");
	words[word_count++] = strndup(data, length);
}

/* Words are separated by blanks; '...' keeps blanks together. */
void machine_option(const char *s)
{
	/* A step that failed leaves its machine behind; the next step begins afresh. */
	if (log_fd >= 0)
		machine_stop();
	while (*(s += strspn(s, " \t"))) {
		size_t length;

		if (*s == '\'') {
			length = strcspn(++s, "'");
			word_add(s, length);
			s += length + (s[length] == '\'');
		} else {
			length = strcspn(s, " \t");
			word_add(s, length);
			s += length;
		}
	}
}

static _Noreturn void machine_child(int fd)
{
	/* QEMU must not outlive a driver that was killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	dup2(fd, 0);
	dup2(fd, 1);
	if (log_fd >= 0)
		dup2(log_fd, 2);
	execvp(words[0], words);
	_exit(127);
}

bool machine_start(const char *log)
{
	int pair[2];

	if (word_count == 0)
		drive_die("no QEMU command line before 'start'");
	log_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
	if (log_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		drive_die("%s: %s", log, strerror(errno));
	word_add("-display", 8);
	word_add("none", 4);
	word_add("-no-reboot", 10);
	word_add("-chardev", 8);
	word_add("stdio,id=drive,signal=off", 25);
	word_add("-serial", 7);
	word_add("chardev:drive", 13);
	console_restart();
	qemu = fork();
	if (qemu < 0)
		drive_die("fork: %s", strerror(errno));
	if (qemu == 0)
		machine_child(pair[1]);
	close(pair[1]);
	serial = pair[0];
	return true;
}

/* Says how QEMU ended: a reset of the machine is exit 0 (-no-reboot), a signal is somebody else's doing. */
static void machine_reap(void)
{
	int status;

	if (qemu <= 0 || waitpid(qemu, &status, 0) != qemu)
		return;
	qemu = 0;
	if (WIFSIGNALED(status))
		printf("        QEMU was ended by signal %d\n", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		printf("        QEMU ended with status %d\n", WEXITSTATUS(status));
}

static void machine_output(bool copy)
{
	char buffer[65536];
	ssize_t n = read(serial, buffer, sizeof(buffer));

	if (n <= 0) {
		close(serial);
		serial = -1;
		machine_reap();
		return;
	}
	if (write(log_fd, buffer, (size_t)n) != n || (copy && write(1, buffer, (size_t)n) != n))
		drive_die("log: %s", strerror(errno));
	received += (size_t)n;
	console_take(buffer, (size_t)n);
}

bool machine_poll(double seconds)
{
	struct pollfd fd = { .fd = serial, .events = POLLIN };

	if (serial < 0 || poll(&fd, 1, seconds > 0 ? (int)(seconds * 1000) + 1 : 0) <= 0)
		return false;
	machine_output(false);
	return serial >= 0;
}

/*
 * A serial line has no flow control, and a hypervisor may hold no more than 128 bytes: so in small bursts, and each is seen
 * echoed before the next.
 */
bool machine_send(const char *data, size_t length)
{
	bool echoes = length > 1; /* a single key may be an escape that is swallowed */

	while (length > 0) {
		size_t burst = length < BURST ? length : BURST;
		size_t goal = received + burst;
		double deadline = clock_now() + ECHO_SECONDS;

		if (send(serial, data, burst, MSG_NOSIGNAL) != (ssize_t)burst)
			return drive_fail("the machine has ended");
		data += burst;
		length -= burst;
		while (echoes && received < goal && clock_now() < deadline)
			machine_poll(deadline - clock_now());
	}
	return true;
}

bool machine_running(void)
{
	return serial >= 0;
}

bool machine_ended(double seconds)
{
	double deadline = clock_now() + seconds;

	while (serial >= 0 && clock_now() < deadline)
		machine_poll(deadline - clock_now());
	return serial < 0 || drive_fail("the machine still runs");
}

void machine_stop(void)
{
	if (qemu > 0) {
		kill(qemu, SIGKILL);
		waitpid(qemu, NULL, 0);
		qemu = 0;
	}
	for (size_t i = 0; i < word_count; i++)
		free(words[i]);
	word_count = 0;
	memset(words, 0, sizeof(words));
	if (serial >= 0)
		close(serial);
	if (log_fd >= 0)
		close(log_fd);
	serial = log_fd = -1;
}

/* Passes keys on; true at Ctrl-A X. Ctrl-A twice sends one. */
static bool machine_keys(bool *escape)
{
	char key;

	if (read(0, &key, 1) != 1)
		return true;
	if (*escape) {
		*escape = false;
		if (key == 'x' || key == 'X')
			return true;
	} else if (key == 1) {
		*escape = true;
		return false;
	}
	return !machine_send(&key, 1);
}

void machine_interact(void)
{
	bool escape = false;
	struct pollfd fds[2] = { { .fd = 0, .events = POLLIN }, { .events = POLLIN } };

	/* stty restores the terminal also when this process is gone */
	if (!isatty(0) || system("stty raw -echo") != 0)
		return;
	while (serial >= 0) {
		fds[1].fd = serial;
		if (poll(fds, 2, -1) < 0)
			break;
		if (fds[1].revents)
			machine_output(true);
		if (fds[0].revents && machine_keys(&escape))
			break;
	}
	if (system("stty sane") != 0)
		perror("stty");
}
