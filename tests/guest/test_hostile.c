/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: guests that misbehave with instructions: triple fault, impossible state, loops, every MSR, every port, odd instructions.
 * Locking: one vCPU but where said. Trust: a guest.
 */
#include "tests.h"

#include <xen/sched.h>

#define DEBUG_PORT	0xe9u
#define CALL_PAGE_MSR	0x40000000u
#define X2APIC_ICR	0x830u
#define EFER		0xc0000080u

int test_triple(void)
{
	struct { uint16_t limit; uint64_t base; } __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
	return __LINE__;
}

/* Page tables where nothing is: the walk itself faults. */
int test_badstate(void)
{
	__asm__ volatile("movq $0xfffff000, %%rax; movq %%rax, %%cr3; movq (0x100000), %%rax" : : : "rax", "memory");
	return __LINE__;
}

static void spin_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("cli; 1: jmp 1b");
}

int test_spin(void)
{
	for (unsigned int cpu = 1; cpu < 4; cpu++)
		(void)cpu_start(cpu, spin_for_ever, NULL);
	spin_for_ever(NULL);
	return __LINE__;
}

int test_dead(void)
{
	__asm__ volatile("cli; 1: hlt; jmp 1b");
	return __LINE__;
}

/* Waits for interrupts that do not come. */
int test_idle(void)
{
	for (;;)
		halt_once();
}

#define SVME		(1ull << 12)

/* What a guest may read; any other number is nothing's. */
static bool msr_is_there(uint32_t msr)
{
	static const struct { uint32_t from, to; } there[] = {
		{ 0x10, 0x10 }, { 0x1b, 0x1b }, { 0x8b, 0x8b }, { 0xfe, 0xfe }, { 0x174, 0x176 }, { 0x1d9, 0x1d9 }, { 0x200, 0x20f }, { 0x250, 0x250 },
		{ 0x258, 0x259 }, { 0x268, 0x26f }, { 0x277, 0x277 }, { 0x2ff, 0x2ff }, { 0x6e0, 0x6e0 }, { 0x800, 0x83f }, { 0x40000000, 0x40000000 },
		{ 0xc0000080, 0xc0000084 }, { 0xc0000100, 0xc0000102 }, { 0xc0010010, 0xc0010010 }, { 0xc0010015, 0xc0010015 },
		{ 0xc001001f, 0xc001001f }, { 0xc0010055, 0xc0010055 }, { 0xc0011029, 0xc0011029 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++)
		if (msr >= there[i].from && msr <= there[i].to)
			return true;
	return false;
}

/* False: it can be read, and is none of ours. */
static bool msr_poke(uint32_t msr)
{
	static const uint64_t value[] = { 0, ~0ull, 0x8000000000000000ull };
	uint64_t old, now;
	bool readable = !rdmsr_safe(msr, &old);

	if (msr == X2APIC_ICR)		/* would reset this vCPU */
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(value); i++)
		(void)wrmsr_safe(msr, value[i]);
	(void)wrmsr_safe(msr, random64());
	if (readable)
		(void)wrmsr_safe(msr, old);
	(void)rdmsr_safe(msr, &now);
	return !readable || msr_is_there(msr);
}

int test_msrs(void)
{
	static const struct { uint32_t from, to; } range[] = {
		{ 0, 0x300 }, { 0x400, 0x480 }, { 0x480, 0x4a0 }, { 0x600, 0x700 }, { 0x800, 0xa00 }, { 0xc00, 0xc90 }, { 0xd90, 0xe10 },
		{ 0x40000000, 0x40000200 }, { 0xc0000080, 0xc0000108 }, { 0xc0000400, 0xc0000420 }, { 0xc0010000, 0xc0010300 },
		{ 0xc0011000, 0xc0011100 }, { 0xc0012000, 0xc0012010 }, { 0xfffffff0, 0xfffffffe },
	};

	uint64_t efer;

	/* That the processor runs it under SVM is not its business, nor may it have SVM itself. */
	CHECK(!rdmsr_safe(EFER, &efer) && !(efer & SVME));
	CHECK(wrmsr_safe(EFER, efer | SVME));
	for (unsigned int i = 0; i < ARRAY_SIZE(range); i++)
		for (uint32_t msr = range[i].from; msr < range[i].to; msr++)
			CHECK(msr_poke(msr));
	for (unsigned int i = 0; i < 2000; i++)
		CHECK(msr_poke((uint32_t)random64()));
	return 0;
}

int test_ports(void)
{
	for (uint32_t port = 0; port < 0x10000; port++) {
		if (port == DEBUG_PORT)
			continue;
		outb((uint16_t)port, (uint8_t)random64());
		/* A bus with nothing on it; the timer's counters stand at 0. */
		CHECK_EQ(inl((uint16_t)port), port == 0x40 || port == 0x42 ? 0 : ~0u);
	}
	for (unsigned int i = 0; i < 2000; i++)
		outl((uint16_t)(random64() | 0x100), (uint32_t)random64());
	return 0;
}

/* One instruction that may fault: the bytes are given, the registers are random. */
#define ODD(insn) do { uint64_t a_ = random64(), c_ = random64(), d_ = random64(); \
	__asm__ volatile("1: " insn "\n2:\n.pushsection .fixups, \"a\"; .quad 1b, 2b; .popsection" \
			 : "+a"(a_), "+c"(c_), "+d"(d_) : : "memory", "rbx"); } while (0)

/* The same; false if it did not. */
#define FAULTS(insn) ({ uint64_t a_ = random64() & 0xfffff000, c_ = random64(), d_ = random64(); uint32_t faulted_ = 1; \
	__asm__ volatile("1: " insn "; movl $0, %0\n2:\n.pushsection .fixups, \"a\"; .quad 1b, 2b; .popsection" \
			 : "+r"(faulted_), "+a"(a_), "+c"(c_), "+d"(d_) : : "memory", "rbx"); faulted_; })

/* Nobody has these here, whatever the processor has. */
static bool others_fault(void)
{
	return FAULTS("vmrun") && FAULTS("vmload") && FAULTS("vmsave") && FAULTS("stgi") && FAULTS("clgi") && FAULTS("skinit") && FAULTS("invlpga") &&
	       FAULTS(".byte 0x0f, 0x01, 0xc1") /* vmcall, Intel's */ && FAULTS("vmxoff") && FAULTS("rdpmc") && FAULTS("monitor") && FAULTS("rsm");
}

static void odd_control(void)
{
	ODD("xsetbv");
	ODD("xgetbv");
	ODD("rdpmc");
	ODD("invd");
	ODD("wbinvd");
	ODD("monitor");
	ODD("rdtscp");
	ODD("rsm");
	ODD("movq %%dr7, %%rax");
	ODD("clts");
	ODD("lmsw %%ax");
	ODD("int1");
	ODD("int3");
	ODD("ud2");
}

/* Control and debug registers at random: such a guest may end in a state that no processor enters. */
int test_controls(void)
{
	for (unsigned int i = 0; i < 64; i++) {
		ODD("movq %%rax, %%cr8");
		ODD("movq %%rax, %%dr6");
		ODD("movq %%rax, %%dr7");
		ODD("movl %%eax, %%eax; 1: movq %%rax, %%dr7");
		ODD("movq %%rax, %%cr4");
		ODD("movl %%eax, %%eax; 1: movq %%rax, %%cr4");
		ODD("movq %%cr0, %%rax; xorl %%ecx, %%eax; orl $0x80000001, %%eax; 1: movq %%rax, %%cr0");
	}
	return 0;
}

/* Memory that is not there, read and written in ways no driver uses. */
int test_mmio(void)
{
	ODD("movl $0xfee00020, %%eax; 1: movl (%%rax), %%ecx");
	ODD("movl $0xfee000b0, %%eax; 1: lock incl (%%rax)");
	ODD("movl $0xfee00080, %%eax; 1: movb %%cl, 1(%%rax)");
	ODD("movl $0xfee00ffd, %%eax; 1: movq %%rcx, (%%rax)");
	ODD("movl $0xfed00000, %%eax; 1: movl (%%rax), %%ecx");
	ODD("movl $0xfec00000, %%eax; 1: movl %%ecx, (%%rax)");
	return 0;
}

int test_insns(void)
{
	debug_set(0x1000);
	for (unsigned int i = 0; i < 32; i++) {
		CHECK(others_fault());
		odd_control();
		(void)hypercall2(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL);
		CHECK(debug_holds(0x1000));
	}
	return 0;
}
