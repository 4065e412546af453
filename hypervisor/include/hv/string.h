/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few string functions the hypervisor uses; the hosted build takes libc's.
 * Locking: none. Trust: callers bound every length. (Proofs: text(), readable() are tests/prove/include/builtins.h's.)
 */
#ifndef HV_STRING_H
#define HV_STRING_H

#include <stdarg.h>
#include <hv/types.h>

/*@ requires \valid((char *)dst + (0 .. n - 1)) && \valid_read((char *)src + (0 .. n - 1)); assigns ((char *)dst)[0 .. n - 1]; */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
/*@ requires \valid((char *)dst + (0 .. n - 1)); assigns ((char *)dst)[0 .. n - 1]; */
void *memset(void *dst, int c, size_t n);
/*@ requires \valid_read((uint8_t *)a + (0 .. n - 1)) && \valid_read((uint8_t *)b + (0 .. n - 1)); assigns \nothing; */
int memcmp(const void *a, const void *b, size_t n);
/*@
  requires text_wp: text(s);
  assigns \nothing;
  ensures \valid_read(s + (0 .. \result)) && s[\result] == 0 && \result < SIZE_MAX && (\forall integer i; 0 <= i < \result ==> s[i] != 0);
*/
size_t strlen(const char *s);
/*@
  requires readable(s, max);
  assigns \nothing;
  ensures \result <= max && \valid_read(s + (0 .. \result - 1)) && (\forall integer i; 0 <= i < \result ==> s[i] != 0);
  ensures \result < max ==> \valid_read(s + \result) && s[\result] == 0;
*/
size_t strnlen(const char *s, size_t max);
/*@ requires text(a) && text(b); assigns \nothing; */
int strcmp(const char *a, const char *b);
/*@
  requires readable(a, n) && readable(b, n);
  assigns \nothing;
  ensures \result == 0 && (\forall integer i; 0 <= i < n ==> b[i] != 0) ==> (\forall integer i; 0 <= i < n ==> a[i] != 0);
*/
int strncmp(const char *a, const char *b, size_t n);
/*@
  requires text(s) && c != 0;
  assigns \nothing;
  ensures \result != \null ==> \exists integer n; 0 <= n < SIZE_MAX && \result == s + n && *\result == (char)c && \valid_read(s + (0 .. n)) &&
    (\forall integer i; 0 <= i < n ==> s[i] != 0);
  ensures \result != \null ==> text(\result);
*/
char *strchr(const char *s, int c);
/*@ requires \valid(text + (0 .. 2 * n - 1)) && \valid_read(bytes + (0 .. n - 1)) && n <= SIZE_MAX / 2; assigns text[0 .. 2 * n - 1]; */
/* n bytes as 2n lower-case digits, no NUL. */
void hex_write(char *text, const uint8_t *bytes, size_t n);

/* Always terminates; returns the length that was wanted, as C99 says. Knows %d %u %x %c %s %p %% with l, ll, z, width, 0, #, and for %s a precision, which may be '*'. */
int hv_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int hv_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);

#endif
