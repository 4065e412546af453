/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: filling a child with the image in the first boot module, and its first vCPU.
 * Locking: none shared. Trust: a guest; the image is our own.
 */
#include "child.h"

#include <xen/hvm/save.h>

#define INFO_GPA	0x10000u
#define CMDLINE_GPA	0x10200u
#define MIB		(1ull << 20)
#define SEGMENT_LOAD	1u
#define SEGMENT_NOTE	4u
#define NOTE_DESC	16u		/* our image's only note: namesz 4, one word */

struct file_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct info_page {
	struct pvh_start_info info;
	struct pvh_memory memory[2];
};

struct context {
	struct hvm_save_descriptor header_desc;
	struct hvm_save_header header;
	struct hvm_save_descriptor cpu_desc;
	struct hvm_hw_cpu cpu;
	struct hvm_save_descriptor end_desc;
} __attribute__((packed));

/* New memory need not be clean: Xen's is not with bootscrub=0. */
static long zeroes_write(struct child *c, uint64_t gpa, uint64_t len)
{
	static const uint8_t zeroes[PAGE_SIZE];
	long rc = 0;

	for (uint64_t n; len && !rc; gpa += n, len -= n) {
		n = len < sizeof(zeroes) ? len : sizeof(zeroes);
		rc = child_write(c, gpa, zeroes, n);
	}
	return rc;
}

static long load_segments(struct child *c, const uint8_t *file, uint32_t *entry)
{
	const struct file_header *h = (const struct file_header *)file;
	const struct program_header *p = (const struct program_header *)(file + h->phoff);
	long rc = 0;

	for (unsigned int i = 0; i < h->phnum && !rc; i++) {
		if (p[i].type == SEGMENT_LOAD) {
			rc = child_write(c, p[i].paddr, file + p[i].offset, p[i].filesz);
			rc = rc ? rc : zeroes_write(c, p[i].paddr + p[i].filesz, p[i].memsz - p[i].filesz);
		} else if (p[i].type == SEGMENT_NOTE)
			memcpy(entry, file + p[i].offset + NOTE_DESC, sizeof(*entry));
	}
	return rc;
}

static long load_info(struct child *c, const char *cmdline)
{
	struct info_page page = {
		.info = { .magic = PVH_START_MAGIC, .version = PVH_START_VERSION, .cmdline = CMDLINE_GPA,
			  .memmap = INFO_GPA + offsetof(struct info_page, memory), .memmap_entries = 2 },
		.memory = { { .start = 0, .size = 0xa0000, .type = PVH_MEMORY_RAM },
			    { .start = MIB, .size = (c->pages << PAGE_SHIFT) - MIB, .type = PVH_MEMORY_RAM } },
	};
	long rc = child_write(c, INFO_GPA, &page, sizeof(page));

	return rc ? rc : child_write(c, CMDLINE_GPA, cmdline, strlen(cmdline) + 1);
}

static long load_vcpu(struct child *c, uint32_t entry)
{
	struct context x;
	struct xen_domctl d;
	struct hvm_hw_cpu *cpu = &x.cpu;

	memset(&x, 0, sizeof(x));
	x.header_desc = (struct hvm_save_descriptor){ .typecode = HVM_SAVE_CODE(HEADER), .length = sizeof(x.header) };
	x.header = (struct hvm_save_header){ .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION };
	x.cpu_desc = (struct hvm_save_descriptor){ .typecode = HVM_SAVE_CODE(CPU), .length = sizeof(x.cpu) };
	cpu->rip = entry;
	cpu->rbx = INFO_GPA;
	cpu->rflags = 2;
	cpu->cr0 = 0x11;
	cpu->dr6 = 0xffff0ff0;
	cpu->dr7 = 0x400;
	cpu->cs_limit = cpu->ds_limit = cpu->es_limit = cpu->ss_limit = 0xffffffff;
	cpu->cs_arbytes = 0xc9b;
	cpu->ds_arbytes = cpu->es_arbytes = cpu->ss_arbytes = 0xc93;
	cpu->tr_limit = 0x67;
	cpu->tr_arbytes = 0x8b;
	memset(&d, 0, sizeof(d));
	d.u.hvmcontext.size = sizeof(x);
	set_xen_guest_handle(d.u.hvmcontext.buffer, (uint8_t *)&x);
	return domctl(c, &d, XEN_DOMCTL_sethvmcontext);
}

long child_load(struct child *c, const char *cmdline)
{
	const struct pvh_module *module = (const struct pvh_module *)start_info->modules;
	uint32_t entry = 0;
	long rc;

	if (start_info->nr_modules == 0)
		return -XEN_ENOENT;
	rc = load_segments(c, (const uint8_t *)module->start, &entry);
	rc = rc ? rc : load_info(c, cmdline);
	return rc ? rc : load_vcpu(c, entry);
}
