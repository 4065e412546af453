/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF reader: a good kernel, each way of being bad, and every truncation and single-byte change of a good one.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../hypervisor/boot/elf_image.h"
#include "elf_maker.h"

static uint8_t *file;		/* exactly as long as it says, so that AddressSanitizer sees a byte too many */
static uint64_t file_len;

static void source_read(void *ctx, uint64_t offset, void *dst, size_t len)
{
	(void)ctx;
	assert_true(offset <= file_len && len <= file_len - offset);
	memcpy(dst, file + offset, len);
}

static int parse_bytes(const void *bytes, size_t len, struct elf_image *img, const char **why)
{
	struct elf_source s = { .size = len, .read = source_read };
	int rc;

	file = malloc(len ? len : 1);
	memcpy(file, bytes, len);
	file_len = len;
	rc = elf_parse(&s, img, why);
	free(file);
	return rc;
}

static void expect(const struct elf_maker *m, const char *phrase)
{
	struct elf_image img;
	const char *why;

	assert_int_equal(parse_bytes(m->bytes, m->len, &img, &why), -XEN_EINVAL);
	if (!strstr(why, phrase))
		fail_msg("\"%s\" does not say \"%s\"", why, phrase);
}

static void check_invariants(const struct elf_image *img)
{
	bool entry = false;

	assert_true(img->nr > 0 && img->nr <= ELF_MAX_SEGMENTS);
	for (unsigned int i = 0; i < img->nr; i++) {
		const struct elf_segment *a = &img->segment[i];

		assert_true(a->memsz && a->filesz <= a->memsz && a->offset + a->filesz <= file_len);
		assert_true(a->paddr >= img->start && a->paddr + a->memsz <= img->end && img->end <= 1ull << 32);
		entry |= img->entry >= a->paddr && img->entry < a->paddr + a->filesz;
		for (unsigned int j = 0; j < i; j++)
			assert_true(a->paddr + a->memsz <= img->segment[j].paddr || img->segment[j].paddr + img->segment[j].memsz <= a->paddr);
	}
	assert_true(entry);
}

static void test_good(void **state)
{
	struct elf_maker m;
	struct elf_image img;
	const char *why;

	(void)state;
	elf_maker_init(&m);
	assert_int_equal(parse_bytes(m.bytes, m.len, &img, &why), 0);
	check_invariants(&img);
	assert_int_equal(img.nr, 2);
	assert_int_equal(img.entry, ELF_MAKER_ENTRY);
	assert_int_equal(img.start, ELF_MAKER_LOAD);
	assert_int_equal(img.end, ELF_MAKER_LOAD + 0x4000);
	elf_maker_note(&m, ELF_MAKER_ENTRY, 4);
	assert_int_equal(parse_bytes(m.bytes, m.len, &img, &why), 0);
	assert_int_equal(img.entry, ELF_MAKER_ENTRY);
}

static void test_not_a_kernel(void **state)
{
	struct elf_maker m;

	(void)state;
	elf_maker_init(&m);
	m.len = 0;
	expect(&m, "not an ELF");
	m.len = 40;
	expect(&m, "truncated");
	elf_maker_init(&m);
	m.bytes[0] = 0;
	expect(&m, "not an ELF");
	memcpy(m.bytes + 0x202, "HdrS", 4);
	expect(&m, "ravelin-unpack-kernel");
	elf_maker_init(&m);
	memcpy(m.bytes, "\xfd" "7zXZ", 5);
	expect(&m, "compressed");
	memcpy(m.bytes, "\x1f\x8b\x08", 3);
	expect(&m, "compressed");
}

static void test_bad_header(void **state)
{
	struct elf_maker m;

	(void)state;
	elf_maker_init(&m);
	m.h.e_ident[EI_CLASS] = ELFCLASS32;
	expect(&m, "64-bit x86");
	elf_maker_init(&m);
	m.h.e_machine = EM_386;
	expect(&m, "64-bit x86");
	elf_maker_init(&m);
	m.h.e_phnum = 0;
	expect(&m, "no program headers");
	m.h.e_phnum = ELF_MAX_SEGMENTS + 1;
	expect(&m, "unknown size or number");
	elf_maker_init(&m);
	m.h.e_phentsize = 32;
	expect(&m, "unknown size or number");
	elf_maker_init(&m);
	m.h.e_phoff = UINT64_MAX - 8;
	expect(&m, "program headers are outside");
}

static void test_bad_segments(void **state)
{
	struct elf_maker m;

	(void)state;
	elf_maker_init(&m);
	elf_maker_phdr(&m, 0)->p_filesz = 0x2000;
	expect(&m, "larger in the file");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 1)->p_offset = UINT64_MAX - 0xfff;
	expect(&m, "outside of the file");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 1)->p_memsz = UINT64_MAX;
	expect(&m, "below 4 GiB");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 1)->p_paddr = 0xfffff000;
	expect(&m, "below 4 GiB");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 1)->p_paddr = ELF_MAKER_LOAD + 0xfff;
	expect(&m, "overlap");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 1)->p_align = 3;
	expect(&m, "power of two");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 0)->p_type = elf_maker_phdr(&m, 1)->p_type = PT_NULL;
	expect(&m, "nothing to load");
}

static void test_bad_notes(void **state)
{
	struct elf_maker m;

	(void)state;
	elf_maker_init(&m);
	elf_maker_phdr(&m, 2)->p_type = PT_NULL;
	expect(&m, "no PVH entry note");
	elf_maker_init(&m);
	m.bytes[ELF_MAKER_NOTE_AT + 12] = 'Y';
	expect(&m, "no PVH entry note");
	elf_maker_init(&m);
	elf_maker_note(&m, ELF_MAKER_ENTRY, 2);
	expect(&m, "malformed");
	elf_maker_note(&m, 0x100100010, 8);
	expect(&m, "malformed");
	elf_maker_note(&m, ELF_MAKER_LOAD + 0x2000, 8);		/* in the BSS */
	expect(&m, "outside of what is loaded");
	elf_maker_init(&m);
	((uint32_t *)(m.bytes + ELF_MAKER_NOTE_AT))[1] = 0xfffffff0;
	expect(&m, "longer than its segment");
	elf_maker_init(&m);
	((uint32_t *)(m.bytes + ELF_MAKER_NOTE_AT))[0] = 0xffffffff;
	expect(&m, "longer than its segment");
	elf_maker_init(&m);
	elf_maker_phdr(&m, 2)->p_filesz = 1u << 20;
	expect(&m, "notes are outside");
}

static void test_truncations(void **state)
{
	struct elf_maker m;
	struct elf_image img;
	const char *why;

	(void)state;
	elf_maker_init(&m);
	for (size_t len = 0; len < m.len; len++)
		assert_int_not_equal(parse_bytes(m.bytes, len, &img, &why), 0);
}

static void test_changed_bytes(void **state)
{
	struct elf_maker m;
	struct elf_image img;
	const char *why;

	(void)state;
	elf_maker_init(&m);
	for (size_t at = 0; at < 0x220; at++)
		for (unsigned int value = 0; value < 256; value++) {
			uint8_t old = m.bytes[at];

			m.bytes[at] = (uint8_t)value;
			if (parse_bytes(m.bytes, m.len, &img, &why) == 0)
				check_invariants(&img);
			m.bytes[at] = old;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_not_a_kernel), cmocka_unit_test(test_bad_header),
		cmocka_unit_test(test_bad_segments), cmocka_unit_test(test_bad_notes), cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_changed_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
