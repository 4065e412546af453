/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated loads and stores against this machine's own processor: each form of move, each register, each prefix, executed here on memory that holds what
 * the guest's device would say, and emulated for a guest. All bits of the register must be the same.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "hosted.h"

#include <hv/domain.h>
#include <hv/guest.h>

#define CODE_GPA	0x3000u
#define HOLE		0x100000u
#define TPR		((gpa_t)LAPIC_GFN << PAGE_SHIFT | 0x80)
#define PATTERN		0x8899aabbccddeeffull

static struct vcpu *v;
static uint8_t *native;		/* one page to execute from */

static int setup(void **state)
{
	(void)state;
	hosted_machine_init();
	v = hosted_domain(1, NULL, 16, 1)->vcpu[0];
	hosted_run_vcpu(v);
	native = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return native == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(native, PAGE_SIZE);
}

static uint64_t *guest_register(unsigned int n)
{
	struct guest_regs *r = &v->regs;
	uint64_t *const slot[] = { &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
				   &r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15 };

	return slot[n];
}

struct form {
	uint8_t bytes[8];
	unsigned int len, size;
	unsigned int full;		/* number of the 64-bit register that changes */
};

/* Prefix, REX, opcode, and (%rdi) as memory operand. False: RSP or RDI itself, which the code here needs. */
static bool form_make(struct form *f, bool operand16, uint8_t rex, uint8_t op0, uint8_t op1, unsigned int reg)
{
	bool byte = op1 == 0 && !(op0 & 1), high = byte && !rex && reg >= 4;

	*f = (struct form){ .full = high ? reg - 4 : reg + (rex & 4 ? 8 : 0) };
	f->size = byte || (op1 && !(op1 & 1)) ? 1 : op1 ? 2 : rex & 8 ? 8 : operand16 ? 2 : 4;
	if (operand16)
		f->bytes[f->len++] = 0x66;
	if (rex)
		f->bytes[f->len++] = rex;
	f->bytes[f->len++] = op0;
	if (op1)
		f->bytes[f->len++] = op1;
	f->bytes[f->len++] = (uint8_t)(reg << 3 | 7);
	return f->full != 4 && f->full != 7;
}

static void emit(uint8_t **at, const void *bytes, size_t len)
{
	memcpy(*at, bytes, len);
	*at += len;
}

/* What the processor makes of the register when memory holds those bytes. */
static uint64_t native_load(const struct form *f, const uint64_t *memory)
{
	const uint64_t pattern = PATTERN;
	uint8_t rex_b = f->full >= 8, n = f->full & 7, *at = native;

	emit(&at, "\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10);				/* push rbx rbp r12-r15 */
	emit(&at, (const uint8_t[]){ (uint8_t)(0x48 | rex_b), (uint8_t)(0xb8 + n) }, 2);	/* movabs */
	emit(&at, &pattern, sizeof(pattern));
	emit(&at, f->bytes, f->len);
	emit(&at, (const uint8_t[]){ (uint8_t)(0x48 | rex_b << 2), 0x89, (uint8_t)(0xc0 | n << 3) }, 3);	/* mov to rax */
	emit(&at, "\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3", 11);
	return ((uint64_t (*)(const uint64_t *))(uintptr_t)native)(memory);
}

static void guest_enter(const struct form *f)
{
	for (unsigned int n = 0; n < 16; n++)
		*guest_register(n) = PATTERN;
	v->regs.rip = CODE_GPA;
	hosted_write(v->domain, CODE_GPA, f->bytes, sizeof(f->bytes));
}

static void load_compare(const struct form *f, gpa_t gpa, uint64_t memory)
{
	uint64_t want;

	if (gpa != HOLE && f->size == 8)
		return;		/* a register of the local APIC has four bytes */
	want = native_load(f, &memory);
	guest_enter(f);
	assert_int_equal(guest_mmio_fault(v, gpa, false), 0);
	assert_int_equal(v->regs.rip, CODE_GPA + f->len);
	for (unsigned int n = 0; n < 16; n++)
		assert_int_equal(*guest_register(n), n == f->full ? want : PATTERN);
}

static void each_form(const uint8_t (*op)[2], unsigned int ops, void (*with)(const struct form *f))
{
	static const uint8_t rex[] = { 0, 0x40, 0x44, 0x48, 0x4c };
	struct form f;

	for (unsigned int i = 0; i < ops; i++)
		for (unsigned int r = 0; r < ARRAY_SIZE(rex) * 2; r++)
			for (unsigned int reg = 0; reg < 8; reg++)
				if (form_make(&f, r & 1, rex[r / 2], op[i][0], op[i][1], reg))
					with(&f);
}

static void load_each(const struct form *f)
{
	load_compare(f, HOLE, ~0ull);		/* a bus with nothing on it */
	load_compare(f, TPR, 0xf5);
}

static void test_loads(void **state)
{
	static const uint8_t op[][2] = { { 0x8a }, { 0x8b }, { 0x0f, 0xb6 }, { 0x0f, 0xb7 }, { 0x0f, 0xbe }, { 0x0f, 0xbf } };

	(void)state;
	lapic_mmio_write(v, 0x80, 0xf5);
	each_form(op, ARRAY_SIZE(op), load_each);
}

/* Only four bytes at a register's beginning are a write to the local APIC; whatever is written, no register changes. */
static void store_each(const struct form *f)
{
	lapic_mmio_write(v, 0x80, 0x11);
	guest_enter(f);
	assert_int_equal(guest_mmio_fault(v, TPR, true), 0);
	assert_int_equal(v->regs.rip, CODE_GPA + f->len);
	assert_int_equal(lapic_mmio_read(v, 0x80), f->size == 4 ? PATTERN & 0xff : 0x11);
	for (unsigned int n = 0; n < 16; n++)
		assert_int_equal(*guest_register(n), PATTERN);
	guest_enter(f);
	assert_int_equal(guest_mmio_fault(v, HOLE, true), 0);
}

static void test_stores(void **state)
{
	static const uint8_t op[][2] = { { 0x88 }, { 0x89 } };

	(void)state;
	each_form(op, ARRAY_SIZE(op), store_each);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stores, setup, teardown),
	};

	return cmocka_run_group_tests_name("mmio", tests, NULL, NULL);
}
