/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dom0 builder on the hosted machine: what the new domain finds, where things go, and that failures leave nothing behind.
 * Locking: none. Trust: tests only.
 */
#include "hosted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/domain.h>
#include <hv/gate.h>
#include <hv/guestmem.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/p2m.h>

#include "../../hypervisor/boot/pvh_private.h"
#include "elf_maker.h"

#define RAM		(16u << 20)
#define INITRD_BYTES	10000u
#define CMDLINE		"console=hvc0 a=b"
#define MODULE_SKEW	0x123u		/* loaders need not align modules */
#define MIB		(1ull << 20)

static struct domain *keeper;		/* owns the frames that play the boot modules */
static struct pvh_inputs in;
static struct elf_maker kernel;

static uint8_t initrd_byte(unsigned int i)
{
	return (uint8_t)(i * 13 + (i >> 8));
}

static void modules_place(void)
{
	mfn_t first;
	uint8_t *at;

	assert_int_equal(guest_frames_alloc(keeper, 9, &first), 0);
	at = hosted_mfn_va(first);
	memcpy(at + MODULE_SKEW, kernel.bytes, kernel.len);
	in.kernel = (struct boot_module){ (first << PAGE_SHIFT) + MODULE_SKEW, kernel.len };
	at += 0x10000;
	for (unsigned int i = 0; i < INITRD_BYTES; i++)
		at[MODULE_SKEW + i] = initrd_byte(i);
	in.initrd = (struct boot_module){ (first << PAGE_SHIFT) + 0x10000 + MODULE_SKEW, INITRD_BYTES };
}

static int setup(void **state)
{
	struct domain_config c = { .id = 9, .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 1, .max_maptrack_frames = 1 };

	(void)state;
	hosted_machine_init();
	hosted_machine_unchecked();
	c.build_sid = c.run_sid = xsm_initial_sid_dom0();
	assert_int_equal(domain_create(&c, &keeper), 0);
	keeper->max_pages = 1024;
	elf_maker_init(&kernel);
	in = (struct pvh_inputs){ .cmdline = CMDLINE, .mem_bytes = RAM, .vcpus = 2 };
	modules_place();
	return 0;
}

static void dom0_kill(struct domain *d)
{
	d->is_control = false;		/* whose destruction is refused */
	hosted_domain_kill(d);
}

static void check_loaded(struct domain *d)
{
	uint8_t b[0x3000];

	hosted_read(d, ELF_MAKER_LOAD, b, 0x2000);
	assert_memory_equal(b, kernel.bytes + ELF_MAKER_TEXT_AT, 0x2000);
	hosted_read(d, ELF_MAKER_LOAD + 0x2000, b, 0x2000);
	for (unsigned int i = 0; i < 0x2000; i++)
		assert_int_equal(b[i], 0);
}

static void check_initrd(struct domain *d, const struct pvh_start_info *s)
{
	struct pvh_module m;
	uint8_t b[INITRD_BYTES];

	assert_int_equal(s->nr_modules, 1);
	hosted_read(d, s->modules, &m, sizeof(m));
	assert_int_equal(m.size, INITRD_BYTES);
	assert_int_equal(m.start % PAGE_SIZE, 0);
	assert_true(m.start >= ELF_MAKER_LOAD + 0x4000);
	hosted_read(d, m.start, b, sizeof(b));
	for (unsigned int i = 0; i < INITRD_BYTES; i++)
		assert_int_equal(b[i], initrd_byte(i));
}

static void check_memmap(struct domain *d, const struct pvh_start_info *s)
{
	struct pvh_memory m[8];

	assert_int_equal(s->memmap_entries, 4);
	hosted_read(d, s->memmap, m, sizeof(m[0]) * s->memmap_entries);
	assert_true(m[0].start == 0 && m[0].size == 0xa0000 && m[0].type == PVH_MEMORY_RAM);
	assert_true(m[1].start == 0xa0000 && m[1].size == 0x60000 && m[1].type == PVH_MEMORY_RESERVED);
	assert_true(m[2].start == MIB && m[2].size == RAM - MIB && m[2].type == PVH_MEMORY_RAM);
	assert_true(m[3].start == PVH_ACPI_GPA && m[3].size == PAGE_SIZE && m[3].type == PVH_MEMORY_ACPI);
}

static void check_vcpus(struct domain *d)
{
	const struct cpu_context *c = &hosted_vcpu(d->vcpu[0])->context;

	assert_true(vcpu_is_online(d->vcpu[0]) && !vcpu_is_online(d->vcpu[1]));
	assert_int_equal(c->regs.rip, ELF_MAKER_ENTRY);
	assert_int_equal(c->cr0, 0x11);
	assert_true(c->cr3 == 0 && c->cr4 == 0 && c->efer == 0 && c->regs.rflags == 2);
	assert_true(c->cs.attr == 0xc9b && c->ds.attr == 0xc93 && c->tr.attr == 0x8b && c->cs.limit == 0xffffffff);
	assert_int_equal(d->vcpu[1]->mtrr_def_type, 0xc06);
}

static void check_start_info(struct domain *d)
{
	struct pvh_start_info s;
	char cmdline[sizeof(CMDLINE)], rsdp[8];

	hosted_read(d, hosted_vcpu(d->vcpu[0])->context.regs.rbx, &s, sizeof(s));
	assert_true(s.magic == PVH_START_MAGIC && s.version == 1 && s.flags == 3);
	hosted_read(d, s.cmdline, cmdline, sizeof(cmdline));
	assert_string_equal(cmdline, CMDLINE);
	hosted_read(d, s.rsdp, rsdp, sizeof(rsdp));
	assert_memory_equal(rsdp, "RSD PTR ", 8);
	check_initrd(d, &s);
	check_memmap(d, &s);
}

static void test_build(void **state)
{
	uint64_t free_before, heap_before = heap_pages_free();
	struct domain *d;

	(void)state;
	free_before = guest_pages_free();
	assert_int_equal(pvh_build_dom0(&in, &d), 0);
	assert_int_equal(d->id, 0);
	assert_true(d->is_control);
	assert_int_equal(d->tot_pages, RAM / PAGE_SIZE + 1);
	assert_int_equal(d->max_pages, d->tot_pages);
	assert_int_equal(guest_pages_free(), free_before - d->tot_pages);
	check_loaded(d);
	check_start_info(d);
	check_vcpus(d);
	assert_int_equal(hosted_windows(), 0);
	assert_int_equal(d->life, DOMAIN_BUILDING);
	assert_true(d->pause_count > 0);
	pvh_start_dom0(d);
	assert_int_equal(d->life, DOMAIN_RUNNING);
	assert_int_equal(d->pause_count, 0);
	dom0_kill(d);
	assert_int_equal(guest_pages_free(), free_before);
	assert_true(heap_pages_free() + 4 >= heap_before);	/* what a slab keeps */
}

static void test_default_memory(void **state)
{
	uint64_t free_before = guest_pages_free();
	struct domain *d;

	(void)state;
	in.mem_bytes = 0;
	assert_int_equal(pvh_build_dom0(&in, &d), 0);
	assert_true(guest_pages_free() >= free_before / 16 - 1 && guest_pages_free() <= free_before / 16 + 1);
	dom0_kill(d);
	assert_int_equal(guest_pages_free(), free_before);
}

static void refused(int status, const char *line)
{
	uint64_t free_before = guest_pages_free();
	struct domain *d;

	hosted_console_clear();
	assert_int_equal(pvh_build_dom0(&in, &d), status);
	if (!strstr(hosted_console(), line))
		fail_msg("the console says \"%s\", not \"%s\"", hosted_console(), line);
	assert_int_equal(guest_pages_free(), free_before);
	assert_null(domain_lookup_raw(0));
	assert_int_equal(hosted_windows(), 0);
}

static void test_refusals(void **state)
{
	const struct pvh_inputs good = in;
	char longer[PVH_CMDLINE_MAX + 1];

	(void)state;
	in.kernel.len = 0;
	refused(-XEN_ENOENT, "dom0 kernel is missing");
	in.kernel.len = 100;
	refused(-XEN_EINVAL, "dom0 kernel is truncated");
	in = good;
	in.vcpus = 0;
	refused(-XEN_EINVAL, "dom0_max_vcpus");
	in.vcpus = MAX_VCPUS + 1;
	refused(-XEN_EINVAL, "dom0_max_vcpus");
	in = good;
	in.mem_bytes = 1ull << 40;
	refused(-XEN_ENOMEM, "dom0_mem=");
	in.mem_bytes = PAGE_SIZE;
	refused(-XEN_ENOMEM, "does not hold");
	in = good;
	in.initrd.len = RAM;
	refused(-XEN_ENOMEM, "kernel and initrd");
	in = good;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	in.cmdline = longer;
	refused(-XEN_E2BIG, "2047");
}

/* Whatever step runs out of heap, nothing stays behind. */
static void test_out_of_heap(void **state)
{
	void *hog[16384];
	unsigned int n = 0, failures = 0;
	uint64_t free_before = guest_pages_free();
	struct domain *d;
	int rc;

	(void)state;
	while (n < ARRAY_SIZE(hog) && (hog[n] = heap_alloc_pages(NULL, 0)))
		n++;
	do {
		rc = pvh_build_dom0(&in, &d);
		failures += rc != 0;
		assert_true(rc == 0 || rc == -XEN_ENOMEM);
		if (rc == 0)
			dom0_kill(d);
		assert_int_equal(guest_pages_free(), free_before);
		assert_true(n > 0);
		heap_free_pages(NULL, hog[--n], 0);
	} while (rc);
	assert_true(failures > 3);
	while (n)
		heap_free_pages(NULL, hog[--n], 0);
}

static void layout(uint64_t ram, uint64_t load, uint64_t initrd, struct pvh_layout *l, int want)
{
	struct elf_image img = { .nr = 1, .segment = { { .paddr = load, .memsz = 0x1000 } }, .start = load, .end = load + 0x1000 };
	const char *why;

	assert_int_equal(pvh_layout_make(l, &img, initrd, 10, ram, &why), want);
}

static void test_layout(void **state)
{
	struct pvh_layout l;
	uint64_t sum = 0;

	(void)state;
	layout(5ull << 30, MIB, 0, &l, 0);
	assert_int_equal(l.low_end, PVH_LOW_END);
	assert_int_equal(l.high_end, (1ull << 32) + (5ull << 30) - PVH_LOW_END);
	assert_int_equal(l.memory_nr, 5);
	for (unsigned int i = 0; i < l.memory_nr; i++)
		sum += l.memory[i].type == PVH_MEMORY_RAM ? l.memory[i].size : 0;
	assert_int_equal(sum, (5ull << 30) - 0x60000);
	assert_int_equal(l.initrd, 0);
	layout(64 * MIB, 0x1000, 0, &l, 0);			/* a kernel below the hole: info goes above it */
	assert_true(l.info >= MIB);
	layout(64 * MIB, 0x9f800, 0, &l, -XEN_ENOMEM);		/* into the hole */
	layout(64 * MIB, 0xa0000, 0, &l, -XEN_ENOMEM);
	layout(64 * MIB, 64 * MIB - 0x1000, 0, &l, -XEN_ENOMEM);	/* no room for info */
	layout(64 * MIB, 64 * MIB, 0, &l, -XEN_ENOMEM);
	layout(4ull << 30, (1ull << 30) - 0x1000, 0, &l, -XEN_ENOMEM);
	layout(4ull << 30, MIB, UINT64_MAX, &l, -XEN_ENOMEM);
	layout(0, MIB, 0, &l, -XEN_ENOMEM);
	layout(64 * MIB, MIB, 64 * MIB - MIB - 0x2000, &l, 0);	/* fits to the byte */
	layout(64 * MIB, MIB, 64 * MIB - MIB - 0x2000 + 1, &l, -XEN_ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_build, setup), cmocka_unit_test_setup(test_default_memory, setup),
		cmocka_unit_test_setup(test_refusals, setup), cmocka_unit_test_setup(test_out_of_heap, setup),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
