/* SPDX-License-Identifier: Apache-2.0
 * Purpose: contracts between the parts of build/drive, which plays a script against a machine in QEMU.
 * Locking: single-threaded.
 * Trust boundary: a test tool of the build host; what the machine prints is data, never a command.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A growing byte string, always terminated. */
struct text {
	char *data;
	size_t length;
	size_t room;
};

void text_add(struct text *t, const char *data, size_t length);
void text_set(struct text *t, const char *data, size_t length);
void text_free(struct text *t);

/* Seconds on the monotonic clock. */
double clock_now(void);

/* Prints the reason and ends with status 2: for mistakes in a script or on the host, not for a failed step. */
_Noreturn void drive_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Why the current step failed; always returns false. */
bool drive_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *drive_failure(void);

/* ---- variables: ${NAME}, set by the script, the command line or the environment ---- */
void vars_set(const char *name, const char *value);
const char *vars_get(const char *name);
/* The caller frees the result. */
char *vars_expand(const char *s);

/* ---- the machine: QEMU with its first serial line on a socket ---- */
void machine_option(const char *words);
bool machine_start(const char *log);
bool machine_send(const char *data, size_t length);
/* Waits at most that long for output; false when there is none. */
bool machine_poll(double seconds);
bool machine_running(void);
/* True when QEMU ended by itself within the time. */
bool machine_ended(double seconds);
void machine_stop(void);
/* Gives the terminal to the machine until Ctrl-A X. */
void machine_interact(void);

/* ---- what the machine printed, without carriage returns and escape sequences ---- */
void console_take(const char *data, size_t length);
/* What a machine before this one printed is no longer looked at. */
void console_restart(void);
void console_forbid(const char *pattern);
/* Waits for the pattern behind what was matched before, and moves behind it. The match (or its first group) goes
 * to *found, all that was passed over, the match included, to *passed; both may be NULL. */
bool console_expect(const char *pattern, double seconds, struct text *found, struct text *passed);
/* The last lines, for a failure report. */
void console_tail(int lines);

/* ---- commands in dom0's shell ---- */
bool shell_enter(double seconds);
bool shell_leave(void);
/* Output without the console's own messages; status of the command. */
bool shell_run(const char *command, double seconds, struct text *output, int *status);
/* Repeats the command until it succeeds. */
bool shell_until(const char *command, int seconds, struct text *output);
bool shell_upload(const char *file, const char *path, double seconds);

/* ---- commands in a Linux guest: its name, then what its shell runs; the output is from its own console ---- */
bool guest_start(const char *guest, const char *command, double seconds);
/* Waits for the command that was started last. */
bool guest_wait(const char *guest, double seconds, struct text *output);

/* ---- denials ---- */
/* Takes a whole `xl dmesg`; records that were not in the one before can be claimed once each. */
void avc_take(const struct text *dmesg);
/* Claims one new record that has all the fields ("tclass=grant perm=map_read"); its line goes to *line. */
bool avc_claim(const char *fields, struct text *line);

bool script_run(const char *path);
/* Ends the last step and prints the sum; true if every step was seen. */
bool script_finish(double started);

#endif
