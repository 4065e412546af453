/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF64 headers, segments and the PVH entry note.
 * Locking: none. Trust: every byte of the file is hostile; headers are copied once, every sum is checked before it is made.
 */
#include "elf_image.h"

#include <hv/string.h>

#define EHDR_BYTES	64u
#define MACHINE_X86_64	62u
#define CLASS_64	2u
#define DATA_LITTLE	1u
#define SEGMENT_LOAD	1u
#define SEGMENT_NOTE	4u
#define NOTE_PHYS32_ENTRY 18u		/* xen/elfnote.h */
#define NOTES_MAX_BYTES	(64u << 10)
#define PHYS_LIMIT	(1ull << 32)

struct elf_header {
	uint8_t magic[4], class, data, ident_rest[10];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_note {
	uint32_t namesz, descsz, type;
};

_Static_assert(sizeof(struct elf_header) == EHDR_BYTES && sizeof(struct elf_phdr) == 56 && sizeof(struct elf_note) == 12, "fixed by ELF");

struct parse {
	const struct elf_source *source;
	struct elf_image *image;
	const char *why;
	bool entry_found;
};

static int refuse(struct parse *p, const char *why)
{
	p->why = why;
	return -XEN_EINVAL;
}

static bool in_file(const struct elf_source *s, uint64_t offset, uint64_t len)
{
	return offset <= s->size && len <= s->size - offset;
}

static bool file_read(const struct elf_source *s, uint64_t offset, void *dst, size_t len)
{
	if (!in_file(s, offset, len))
		return false;
	s->read(s->ctx, offset, dst, len);
	return true;
}

/* The first bytes of what people pass by mistake. Nothing is unpacked here: docs/adr/0002-kernel-unpacking.md. */
static const char *name_of_mistake(const struct elf_source *s)
{
	static const uint8_t boot_magic[4] = { 'H', 'd', 'r', 'S' };
	static const uint8_t packed[][4] = { { 0x1f, 0x8b, 8 }, { 0xfd, '7', 'z', 'X' }, { 0x28, 0xb5, 0x2f, 0xfd }, { 2, 0x21, 0x4c, 0x18 } };
	uint8_t b[4];

	if (file_read(s, 0x202, b, 4) && !memcmp(b, boot_magic, 4))
		return "is a compressed vmlinuz: give the ELF file that tools/ravelin-unpack-kernel takes out of it";
	for (unsigned int i = 0; file_read(s, 0, b, 4) && i < ARRAY_SIZE(packed); i++)
		if (!memcmp(b, packed[i], 3))
			return "is compressed: unpack it first";
	return "is not an ELF file";
}

static int check_header(struct parse *p, struct elf_header *h)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	uint8_t start[4];

	if (!file_read(p->source, 0, start, sizeof(start)) || memcmp(start, magic, 4))
		return refuse(p, name_of_mistake(p->source));
	if (!file_read(p->source, 0, h, sizeof(*h)))
		return refuse(p, "is truncated: its ELF header is incomplete");
	if (h->class != CLASS_64 || h->data != DATA_LITTLE || h->machine != MACHINE_X86_64)
		return refuse(p, "is not a 64-bit x86 ELF file");
	if (h->phnum == 0)
		return refuse(p, "has no program headers");
	if (h->phentsize != sizeof(struct elf_phdr) || h->phnum > ELF_MAX_SEGMENTS)
		return refuse(p, "has program headers of an unknown size or number");
	if (!in_file(p->source, h->phoff, (uint64_t)h->phnum * sizeof(struct elf_phdr)))
		return refuse(p, "is truncated: its program headers are outside of the file");
	return 0;
}

static bool segments_overlap(const struct elf_segment *a, const struct elf_segment *b)
{
	return a->paddr < b->paddr + b->memsz && b->paddr < a->paddr + a->memsz;
}

static int check_segment(struct parse *p, const struct elf_phdr *ph)
{
	if (ph->filesz > ph->memsz)
		return refuse(p, "has a segment that is larger in the file than in memory");
	if (!in_file(p->source, ph->offset, ph->filesz))
		return refuse(p, "is truncated: a segment is outside of the file");
	if (ph->paddr >= PHYS_LIMIT || ph->memsz > PHYS_LIMIT - ph->paddr)
		return refuse(p, "has a segment that does not end below 4 GiB");
	if (ph->align & (ph->align - 1))
		return refuse(p, "has a segment whose alignment is no power of two");
	return 0;
}

static int add_segment(struct parse *p, const struct elf_phdr *ph)
{
	struct elf_image *img = p->image;
	struct elf_segment s = { .paddr = ph->paddr, .memsz = ph->memsz, .offset = ph->offset, .filesz = ph->filesz };
	int rc = check_segment(p, ph);

	if (rc || ph->memsz == 0)
		return rc;
	for (unsigned int i = 0; i < img->nr; i++)
		if (segments_overlap(&img->segment[i], &s))
			return refuse(p, "has segments that overlap");
	if (img->nr == 0 || s.paddr < img->start)
		img->start = s.paddr;
	if (s.paddr + s.memsz > img->end)
		img->end = s.paddr + s.memsz;
	img->segment[img->nr++] = s;
	return 0;
}

static uint64_t padded(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

/* The entry is 8 bytes in Debian's kernels, 4 in others. */
static int take_entry(struct parse *p, uint64_t offset, uint32_t descsz)
{
	uint64_t entry = 0;

	if ((descsz != 4 && descsz != 8) || !file_read(p->source, offset, &entry, descsz) || entry >= PHYS_LIMIT)
		return refuse(p, "has a malformed PVH entry note");
	if (p->entry_found && p->image->entry != entry)
		return refuse(p, "has two PVH entry notes that differ");
	p->image->entry = (uint32_t)entry;
	p->entry_found = true;
	return 0;
}

static int scan_notes(struct parse *p, const struct elf_phdr *ph)
{
	uint64_t align = ph->align == 8 ? 8 : 4, at = ph->offset, end;
	struct elf_note n;
	char name[4] = { 0 };

	if (ph->filesz > NOTES_MAX_BYTES || !in_file(p->source, ph->offset, ph->filesz))
		return refuse(p, "is truncated: its notes are outside of the file or too large");
	end = ph->offset + ph->filesz;
	while (end - at >= sizeof(n) && file_read(p->source, at, &n, sizeof(n))) {
		uint64_t desc, next;
		int rc;

		desc = at + padded(sizeof(n) + n.namesz, align);
		next = desc + padded(n.descsz, align);
		if (desc > end || n.descsz > end - desc)
			return refuse(p, "has a note that is longer than its segment");
		if (n.type == NOTE_PHYS32_ENTRY && n.namesz == 4 && file_read(p->source, at + sizeof(n), name, sizeof(name))) {
			rc = memcmp(name, "Xen", 4) ? 0 : take_entry(p, desc, n.descsz);
			if (rc)
				return rc;
		}
		at = next < end ? next : end;
	}
	return 0;
}

static bool entry_is_loaded(const struct elf_image *img)
{
	for (unsigned int i = 0; i < img->nr; i++)
		if (img->entry >= img->segment[i].paddr && img->entry - img->segment[i].paddr < img->segment[i].filesz)
			return true;
	return false;
}

static int parse_file(struct parse *p)
{
	struct elf_header h;
	int rc = check_header(p, &h);

	for (unsigned int i = 0; !rc && i < h.phnum; i++) {
		struct elf_phdr ph = { 0 };

		if (!file_read(p->source, h.phoff + (uint64_t)i * sizeof(ph), &ph, sizeof(ph)))
			return refuse(p, "is truncated: a program header is outside of the file");
		if (ph.type == SEGMENT_LOAD)
			rc = add_segment(p, &ph);
		else if (ph.type == SEGMENT_NOTE)
			rc = scan_notes(p, &ph);
	}
	if (rc)
		return rc;
	if (p->image->nr == 0)
		return refuse(p, "has nothing to load");
	if (!p->entry_found)
		return refuse(p, "has no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY)");
	if (!entry_is_loaded(p->image))
		return refuse(p, "has a PVH entry outside of what is loaded");
	return 0;
}

int elf_parse(const struct elf_source *source, struct elf_image *image, const char **why)
{
	struct parse p = { .source = source, .image = image, .why = "" };
	int rc;

	memset(image, 0, sizeof(*image));
	rc = parse_file(&p);
	*why = p.why;
	return rc;
}
