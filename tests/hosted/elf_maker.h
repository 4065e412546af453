/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small valid PVH kernel in memory, for tests that break it.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_ELF_MAKER_H
#define TESTS_ELF_MAKER_H

#include <elf.h>
#include <stdint.h>
#include <string.h>

#define ELF_MAKER_NOTE_AT	0x200
#define ELF_MAKER_TEXT_AT	0x1000
#define ELF_MAKER_LOAD		0x100000
#define ELF_MAKER_ENTRY		0x100010

struct elf_maker {
	union {
		Elf64_Ehdr h;
		uint8_t bytes[0x4000];
	};
	size_t len;
};

static inline Elf64_Phdr *elf_maker_phdr(struct elf_maker *m, unsigned int i)
{
	return (Elf64_Phdr *)(m->bytes + sizeof(Elf64_Ehdr)) + i;
}

static inline void elf_maker_note(struct elf_maker *m, uint64_t entry, uint32_t descsz)
{
	uint32_t *n = (uint32_t *)(m->bytes + ELF_MAKER_NOTE_AT);

	n[0] = 4;
	n[1] = descsz;
	n[2] = 18;
	memcpy(n + 3, "Xen", 4);
	memcpy(n + 4, &entry, 8);
	elf_maker_phdr(m, 2)->p_filesz = elf_maker_phdr(m, 2)->p_memsz = 16 + descsz;
}

/* Two segments (text of 4 KiB, data of 4 KiB with 8 KiB of BSS) and a note. */
static inline void elf_maker_init(struct elf_maker *m)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->h.e_ident, ELFMAG, SELFMAG);
	m->h.e_ident[EI_CLASS] = ELFCLASS64;
	m->h.e_ident[EI_DATA] = ELFDATA2LSB;
	m->h.e_machine = EM_X86_64;
	m->h.e_phoff = sizeof(Elf64_Ehdr);
	m->h.e_phentsize = sizeof(Elf64_Phdr);
	m->h.e_phnum = 3;
	*elf_maker_phdr(m, 0) = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = ELF_MAKER_TEXT_AT, .p_paddr = ELF_MAKER_LOAD, .p_filesz = 0x1000,
					      .p_memsz = 0x1000, .p_align = 0x1000 };
	*elf_maker_phdr(m, 1) = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x2000, .p_paddr = ELF_MAKER_LOAD + 0x1000, .p_filesz = 0x1000,
					      .p_memsz = 0x3000, .p_align = 0x1000 };
	*elf_maker_phdr(m, 2) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = ELF_MAKER_NOTE_AT, .p_align = 4 };
	elf_maker_note(m, ELF_MAKER_ENTRY, 8);
	for (unsigned int i = ELF_MAKER_TEXT_AT; i < 0x3000; i++)
		m->bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	m->len = 0x3000;
}

#endif
