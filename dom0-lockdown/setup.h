/* SPDX-License-Identifier: Apache-2.0
 * Purpose: what every pid 1 of ours does: mounts, modules, children, the end.
 * Locking: single-threaded.
 * Trust boundary: runs as root in a domain; reads only files of its own image.
 */
#ifndef RAVELIN_SETUP_H
#define RAVELIN_SETUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct setup_mount {
	const char *type;
	const char *where;
	const char *options;
	unsigned long flags;
};

/* Milliseconds since the kernel started. */
int64_t setup_uptime_ms(void);

void setup_sleep_ms(long ms);

/* Report on the console; pid 1 goes on without what failed. */
void setup_complain(const char *what, const char *why);

/* Makes each mount point if need be; false if any mount failed. */
bool setup_mount_all(const struct setup_mount *mounts, size_t count);

/* Loads each file named in the list, with the parameters behind it; false if any was refused. */
bool setup_load_modules(const char *list);

/* Starts a program with its output in the log (NULL: the console). Returns its pid, -1 on failure. */
pid_t setup_spawn(char *const argv[], const char *log);

/* Waits for one child at most that long; true if it ended with status 0. Reaps nobody else. */
bool setup_wait_child(pid_t pid, int64_t deadline_ms);

/* Starts a login shell as leader of a session of its own on the terminal: job control works. */
pid_t setup_shell(const char *tty);

/* Ends the domain: cmd is one of the RB_ values. Does not return. */
_Noreturn void setup_end(int cmd);

#endif
