/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files in memory, a file written whole or not at all, progress of what takes long.
 * Locking: single-threaded. Trust: names are the caller's; what is in the files is checked by who
 * asked for them.
 */
#ifndef RAV_FILES_H
#define RAV_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FILE_LARGEST (64u << 20)	/* no policy and no source is larger */

/*
 * RAV_OK, and bytes for the caller to free (a NUL follows the last); else the error has been
 * printed. "-" is the standard input.
 */
int file_read(const char *path, uint8_t **bytes, size_t *len);
/* Written beside it, then renamed: whoever reads finds the old file or the new. */
int file_write(const char *path, const void *bytes, size_t len);

bool file_is_directory(const char *path);

void *rav_alloc(size_t n, size_t size);	/* zeroed; ends the program when there is no memory */
void *rav_grow(void *p, size_t n, size_t size);
char *rav_copy(const char *text);
FILE *rav_text_open(char **text, size_t *len);	/* what is written to it is *text, the caller's to free, when it is closed */
void rav_text_close(FILE *f);

/*
 * On stderr if it is a terminal, or RAV_PROGRESS is set, from two seconds on; done == total ends
 * the line.
 */
void progress(const char *what, size_t done, size_t total);
/*
 * For one call that may take long and tells nothing: "what …" is written after two seconds, and
 * ended.
 */
void progress_wait(const char *what);
void progress_waited(void);

#endif
