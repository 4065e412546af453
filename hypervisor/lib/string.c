/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String functions. The hosted build uses libc's and compiles these under other names, for their tests. Memory functions: cpu/memory.S.
 * Locking: none.
 * Trust: callers bound every length.
 */
#include <hv/string.h>

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	/*@ loop invariant i <= n; loop assigns i; loop variant n - i; */
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	/*@ loop invariant n <= max && \valid_read(s + (0 .. n - 1)) && (\forall integer i; 0 <= i < n ==> s[i] != 0); loop assigns n; loop variant max - n; */
	while (n < max && s[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	/*@ loop invariant i <= n && (\forall integer j; 0 <= j < i ==> a[j] != 0 && b[j] != 0); loop assigns i; loop variant n - i; */
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
		if (!a[i])
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	size_t n = 0;

	/*@ loop invariant \valid_read(s + (0 .. n - 1)) && (\forall integer i; 0 <= i < n ==> s[i] != 0); loop assigns n; */
	while (s[n] && s[n] != (char)c)
		n++;
	/*@ assert \forall integer i; ends(s, i) ==> n <= i; */
	/*@ assert \forall integer i; ends(s, i) ==> ends(s + n, i - n); */
	return s[n] == (char)c ? (char *)(uintptr_t)&s[n] : NULL;
}

void hex_write(char *text, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	/*@ loop invariant i <= n; loop assigns i, text[0 .. 2 * n - 1]; loop variant n - i; */
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] / 16];
		text[2 * i + 1] = digits[bytes[i] % 16];
	}
}
