/* SPDX-License-Identifier: Apache-2.0 */
/* For Eva: hypervisor/cpu/memory.S in C. */
#include <hv/string.h>

void *memset(void *dst, int c, size_t n)
{
	uint8_t *d = dst;

	/*@ loop unroll 4096; */
	for (size_t i = 0; i < n; i++)
		d[i] = (uint8_t)c;
	return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	/*@ loop unroll 4096; */
	for (size_t i = 0; i < n; i++)
		d[i] = s[i];
	return dst;
}
