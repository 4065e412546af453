/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few string functions the hypervisor uses; the hosted build takes libc's.
 * Locking: none. Trust: callers bound every length.
 */
#ifndef HV_STRING_H
#define HV_STRING_H

#include <stdarg.h>
#include <hv/types.h>

/*@ requires \valid((char *)dst + (0 .. n - 1)) && \valid_read((char *)src + (0 .. n - 1)); assigns ((char *)dst)[0 .. n - 1]; */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
/* n bytes as 2n lower-case digits, no NUL. */
void hex_write(char *text, const uint8_t *bytes, size_t n);

/* Always terminates; returns the length that was wanted, as C99 says. Knows %d %u %x %c %s %p %% with l, ll, z, width, 0, #, and for %s a precision, which may be '*'. */
int hv_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int hv_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);

#endif
