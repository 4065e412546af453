/* SPDX-License-Identifier: Apache-2.0
 * Purpose: between a script's lines and its commands.
 * Locking: single-threaded.
 * Trust boundary: a test tool of the build host.
 */
#ifndef DRIVE_SCRIPT_H
#define DRIVE_SCRIPT_H

#include <stdbool.h>

/* Ends the step before and starts the next; without an essential one the rest of the script is pointless. */
bool script_step(const char *title, bool essential);

/* Prints how the open step ended, if there is one. */
void script_step_end(void);

/* False if the step failed; drive_failure() says why. */
bool command_run(const char *name, char *arg);

#endif
