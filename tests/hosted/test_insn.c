/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instruction lengths and the moves of emulated MMIO, byte by byte.
 * Locking: none. Trust: tests only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "hosted.h"

#include <hv/domain.h>
#include <hv/guest.h>

#define PRESENT		3u		/* and writable */
#define LINEAR		0x7000u		/* this page and the next lie in frames 0xa and 0x9 */
#define FRAME_FIRST	0xa000u
#define FRAME_SECOND	0x9000u

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void test_lengths(void **state)
{
	(void)state;
	assert_int_equal(insn_length(BYTES(0x0f, 0xa2), INSN_CPUID, true), 2);
	assert_int_equal(insn_length(BYTES(0xf4), INSN_HLT, true), 1);
	assert_int_equal(insn_length(BYTES(0x0f, 0x01, 0xd9, 0x90), INSN_VMMCALL, true), 3);
	assert_int_equal(insn_length(BYTES(0x0f, 0x30), INSN_RDMSR_WRMSR, false), 2);
	assert_int_equal(insn_length(BYTES(0x0f, 0x32), INSN_RDMSR_WRMSR, true), 2);
	assert_int_equal(insn_length(BYTES(0x0f, 0x01, 0xd1), INSN_XSETBV, true), 3);
	assert_int_equal(insn_length(BYTES(0x0f, 0x08), INSN_INVD_WBINVD, true), 2);
	assert_int_equal(insn_length(BYTES(0x0f, 0x33), INSN_RDPMC, true), 2);
}

static void test_prefixes(void **state)
{
	(void)state;
	assert_int_equal(insn_length(BYTES(0x66, 0xf3, 0x0f, 0xa2), INSN_CPUID, true), 4);
	assert_int_equal(insn_length(BYTES(0x48, 0x0f, 0xa2), INSN_CPUID, true), 3);
	assert_int_equal(insn_length(BYTES(0x2e, 0x4f, 0xf4), INSN_HLT, true), 3);
	/* 0x48 is DEC in 32-bit code */
	assert_int_equal(insn_length(BYTES(0x48, 0x0f, 0xa2), INSN_CPUID, false), 0);
	/* 14 prefixes and HLT fit, 14 and CPUID do not */
	assert_int_equal(insn_length(BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
					   0x66, 0x66, 0x66, 0x66, 0x66, 0xf4),
				     INSN_HLT, true),
			 15);
	assert_int_equal(insn_length(BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
					   0x66, 0x66, 0x66, 0x66, 0x66, 0x0f, 0xa2),
				     INSN_CPUID, true),
			 0);
}

static void test_other_bytes(void **state)
{
	(void)state;
	assert_int_equal(insn_length(BYTES(0x0f), INSN_CPUID, true), 0);
	assert_int_equal(insn_length(BYTES(0x66), INSN_HLT, true), 0);
	assert_int_equal(insn_length(BYTES(0x90), INSN_HLT, true), 0);
	assert_int_equal(insn_length(BYTES(0x0f, 0x01, 0xc1), INSN_VMMCALL, true), 0);	/* VMCALL */
	assert_int_equal(insn_length(NULL, 0, INSN_HLT, true), 0);
}

static struct insn_mov decoded(const uint8_t *b, unsigned int n, bool long_mode)
{
	struct insn_mov m;

	assert_int_equal(insn_decode_mov(b, n, long_mode, true, &m), 0);
	return m;
}

static void test_mov_forms(void **state)
{
	struct insn_mov m;

	(void)state;
	m = decoded(BYTES(0x89, 0x83, 0xb0, 0, 0, 0), true);		/* mov %eax, 0xb0(%rbx) */
	assert_true(m.write && m.len == 6 && m.size == 4 && m.reg == 0 && !m.has_imm);
	/* mov 0xfee00020, %r9d */
	m = decoded(BYTES(0x44, 0x8b, 0x0c, 0x25, 0x20, 0, 0xe0, 0xfe), true);
	assert_true(!m.write && m.len == 8 && m.size == 4 && m.reg == 9);
	m = decoded(BYTES(0xc7, 0x04, 0x25, 0xf0, 0, 0xe0, 0xfe, 0xff, 1, 0, 0), true);
	assert_true(m.write && m.has_imm && m.len == 11 && m.imm == 0x1ff);
	/* movq $-1, (%rax) */
	m = decoded(BYTES(0x48, 0xc7, 0x00, 0xff, 0xff, 0xff, 0xff), true);
	assert_true(m.size == 8 && m.imm == ~0ull && m.len == 7);
	m = decoded(BYTES(0x88, 0x20), true);				/* mov %ah, (%rax) */
	assert_true(m.write && m.size == 1 && m.high_byte && m.reg == 4);
	m = decoded(BYTES(0x40, 0x88, 0x20), true);			/* mov %spl, (%rax) */
	assert_true(m.size == 1 && !m.high_byte && m.reg == 4);
	/* movzbl 0x10(%rdi), %ecx */
	m = decoded(BYTES(0x0f, 0xb6, 0x4f, 0x10), true);
	assert_true(!m.write && m.zero_extend && m.size == 1 && m.dest_size == 4 && m.reg == 1 &&
		    m.len == 4);
	m = decoded(BYTES(0x48, 0x0f, 0xbf, 0x07), true);		/* movswq (%rdi), %rax */
	assert_true(m.sign_extend && m.size == 2 && m.dest_size == 8);
	/* mov 0xfee00020, %eax, ModRM form */
	m = decoded(BYTES(0x8b, 0x05, 0x20, 0, 0xe0, 0xfe), false);
	assert_true(!m.write && m.len == 6);
	m = decoded(BYTES(0x66, 0x89, 0x07), true);
	assert_true(m.size == 2 && m.len == 3);
	/* 16-bit addressing: mov %eax, 0x320 */
	m = decoded(BYTES(0x67, 0x89, 0x06, 0x20, 0x03), false);
	assert_true(m.write && m.len == 5);
}

static void test_mov_refused(void **state)
{
	struct insn_mov m;

	(void)state;
	/* register form */
	assert_int_not_equal(insn_decode_mov(BYTES(0x89, 0xc0), true, true, &m), 0);
	/* cut off */
	assert_int_not_equal(insn_decode_mov(BYTES(0x89, 0x83, 0xb0, 0), true, true, &m), 0);
	/* add */
	assert_int_not_equal(insn_decode_mov(BYTES(0x01, 0x03), true, true, &m), 0);
	/* lock */
	assert_int_not_equal(insn_decode_mov(BYTES(0xf0, 0x89, 0x03), true, true, &m), 0);
	/* c7 /1 */
	assert_int_not_equal(insn_decode_mov(BYTES(0xc7, 0x08, 0, 0, 0, 0), true, true, &m), 0);
	assert_int_not_equal(insn_decode_mov(BYTES(0x0f, 0xb0, 0x03), true, true, &m), 0);
	/* no SIB */
	assert_int_not_equal(insn_decode_mov(BYTES(0x89, 0x04), true, true, &m), 0);
	assert_int_not_equal(insn_decode_mov(NULL, 0, true, true, &m), 0);
}

static void put64(struct domain *d, gpa_t at, uint64_t x)
{
	hosted_write(d, at, &x, sizeof(x));
}

static struct vcpu *paged_guest(struct domain *d)
{
	put64(d, 0x1000, 0x2000 | PRESENT);
	put64(d, 0x2000, 0x3000 | PRESENT);
	put64(d, 0x3000, 0x4000 | PRESENT);
	put64(d, 0x4000 + 8 * 7, FRAME_FIRST | PRESENT);
	put64(d, 0x4000 + 8 * 8, FRAME_SECOND | PRESENT);
	hosted_vcpu(d->vcpu[0])->paging = (struct guest_paging){ .cr0 = 0x80000001, .cr3 = 0x1000, .cr4 = 0x20, .efer = 0x500, .long_mode = true };
	return d->vcpu[0];
}

/* A write to the local APIC's task priority whose first `before` bytes are in the one page, the others in the next: taken whole, or not at all. */
static void cross(struct domain *d, const uint8_t *insn, unsigned int len, unsigned int before)
{
	struct vcpu *v = paged_guest(d);
	uint8_t got[15];
	uint64_t rip = LINEAR + PAGE_SIZE - before;

	hosted_write(d, FRAME_FIRST + PAGE_SIZE - before, insn, before);
	hosted_write(d, FRAME_SECOND, insn + before, len - before);
	v->regs.rip = rip;
	v->regs.rax = before;
	assert_int_equal(guest_fetch_insn(v, got), 15);
	assert_memory_equal(got, insn, len);
	assert_int_equal(guest_mmio_fault(v, 0xfee00080, true), 0);
	assert_int_equal(v->regs.rip, rip + len);
	assert_int_equal(lapic_mmio_read(v, 0x80), insn[0] == 0xc7 ? 0x11 : before);
	put64(d, 0x4000 + 8 * 8, 0);
	v->regs.rip = rip;
	assert_int_equal(guest_fetch_insn(v, got), before);
	assert_memory_equal(got, insn, before);
	assert_int_not_equal(guest_mmio_fault(v, 0xfee00080, true), 0);
	assert_int_equal(v->regs.rip, rip);
}

static void test_page_crossing(void **state)
{
	static const uint8_t store[] = { 0x2e, 0x67, 0x89, 0x04, 0x25, 0x80, 0, 0xe0, 0xfe };
	static const uint8_t imm[] = { 0xc7, 0x04, 0x25, 0x80, 0, 0xe0, 0xfe, 0x11, 0, 0, 0 };
	struct domain *d;

	(void)state;
	hosted_machine_init();
	d = hosted_domain(1, NULL, 64, 1);
	d->vcpu[0]->lapic.base_msr = 0xfee00800;
	for (unsigned int before = 1; before < sizeof(store); before++)
		cross(d, store, sizeof(store), before);
	for (unsigned int before = 1; before < sizeof(imm); before++)
		cross(d, imm, sizeof(imm), before);
	hosted_domain_kill(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_other_bytes),
		cmocka_unit_test(test_mov_forms),
		cmocka_unit_test(test_mov_refused),
		cmocka_unit_test(test_page_crossing),
	};

	return cmocka_run_group_tests_name("insn", tests, NULL, NULL);
}
