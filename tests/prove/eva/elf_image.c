/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/boot/elf_image.c: a file of any size, each byte of which is any at every look. */
#include <elf_image.h>

volatile uint8_t any_byte;
volatile uint64_t any_size;
void eva_main(void);

static void read_any(void *ctx, uint64_t offset, void *dst, size_t len)
{
	uint8_t *b = dst;

	(void)ctx;
	(void)offset;
	/*@ loop unroll 64; */
	for (size_t i = 0; i < len; i++)
		b[i] = any_byte;
}

void eva_main(void)
{
	struct elf_source s = { .size = any_size, .read = read_any };
	struct elf_image image;
	const char *why;

	if (elf_parse(&s, &image, &why) == 0) {
		/*@ assert image.nr <= ELF_MAX_SEGMENTS; */
	}
}
