/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF reader on a good kernel with bytes changed (four bytes of input each: offset, value, count), or on the input as it is.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>

#include "../../hypervisor/boot/elf_image.h"
#include "../hosted/elf_maker.h"

static const uint8_t *file;
static uint64_t file_len;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void source_read(void *ctx, uint64_t offset, void *dst, size_t len)
{
	(void)ctx;
	if (offset > file_len || len > file_len - offset)
		abort();
	memcpy(dst, file + offset, len);
}

static void check(const struct elf_image *img)
{
	for (unsigned int i = 0; i < img->nr; i++) {
		const struct elf_segment *a = &img->segment[i];

		if (!a->memsz || a->filesz > a->memsz || a->offset > file_len || a->filesz > file_len - a->offset || a->paddr + a->memsz > 1ull << 32)
			abort();
		for (unsigned int j = 0; j < i; j++)
			if (a->paddr < img->segment[j].paddr + img->segment[j].memsz && img->segment[j].paddr < a->paddr + a->memsz)
				abort();
	}
}

static void parse(const void *bytes, size_t len)
{
	struct elf_source s = { .size = len, .read = source_read };
	struct elf_image img;
	const char *why;

	file = bytes;
	file_len = len;
	if (elf_parse(&s, &img, &why) == 0)
		check(&img);
	else if (!*why)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct elf_maker m;

	parse(data, len);
	elf_maker_init(&m);
	for (size_t i = 0; i + 4 <= len; i += 4) {
		unsigned int at = (data[i] | (unsigned int)data[i + 1] << 8) % 0x240;

		for (unsigned int n = 0; n <= data[i + 3] % 8u; n++)
			m.bytes[at + n] = data[i + 2];
	}
	parse(m.bytes, m.len);
	return 0;
}
