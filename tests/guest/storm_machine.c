/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest, attacker: the machine itself: MSRs, ports, device memory, control registers, interrupts to anybody, page tables that hold anything.
 * Locking: none, on purpose. Trust: a guest.
 */
#include "storm.h"

#define X2APIC_ICR	0x830u
#define APIC_BASE	0x1bu
#define EFER		0xc0000080u
#define CALL_PAGE	0x40000000u
#define DEBUG_PORT	0xe9u
#define ODD_TABLES	8u
#define ODD_FLAGS	0x80000000000001ffull

static uint64_t tables[ODD_TABLES][512] __attribute__((aligned(4096)));

/* One access that may fault. */
#define MAY(insn, ...) __asm__ volatile("1: " insn "\n2:\n.pushsection .fixups, \"a\"; .quad 1b, 2b; .popsection" : : __VA_ARGS__ : "memory", "rax", "rcx", "rdx", "rdi")

/* Names a register that is likely to exist; not those without which it could not go on. */
static uint32_t some_msr(struct storm *s)
{
	static const uint32_t base[] = { 0, 0x10, 0x170, 0x1d0, 0x200, 0x250, 0x270, 0x300, 0x390, 0x480, 0x800, 0x810, 0x820, 0x830, 0x838, 0xd90, 0xda0,
					 0x40000000, 0xc0000080, 0xc0000100, 0xc0010000, 0xc0010110, 0xc0011000, 0xc0011020 };
	uint32_t msr = base[storm_random(s, ARRAY_SIZE(base))] + (uint32_t)storm_random(s, 32);

	return storm_random(s, 16) ? msr : (uint32_t)storm_random(s, 1ull << 32);
}

static void msr(struct storm *s)
{
	uint32_t n = some_msr(s);
	uint64_t v, old;
	bool readable = !rdmsr_safe(n, &old);

	if (n == X2APIC_ICR || n == APIC_BASE || n == EFER || n == CALL_PAGE)
		return;
	v = storm_random(s, 2) ? 1ull << storm_random(s, 64) : s->state;
	(void)wrmsr_safe(n, v);
	if (readable && n != 0x838)		/* FS, GS and others are needed again */
		(void)wrmsr_safe(n, old);
}

static void port(struct storm *s)
{
	uint16_t p = (uint16_t)(storm_random(s, 2) ? storm_random(s, 0x10000) : 0xcf8 + storm_random(s, 8));

	if ((p & 0xfffc) == (DEBUG_PORT & 0xfffc))
		return;
	switch (storm_random(s, 4)) {
	case 0: outb(p, (uint8_t)s->state); break;
	case 1: outl(p, (uint32_t)s->state); break;
	case 2: (void)inb(p); break;
	default: (void)inl(p); break;
	}
}

static void strings(struct storm *s)
{
	uint16_t p = (uint16_t)(0x100 + storm_random(s, 0x1000));
	uint64_t at = (uint64_t)tables[ODD_TABLES - 1];

	MAY("movw %0, %%dx; movq %1, %%rdi; movl $3, %%ecx; cld; 1: rep insb", "r"(p), "r"(at));
}

static uint64_t device_address(struct storm *s)
{
	static const uint64_t page[] = { 0xfee00000, 0xfee00000, 0xfec00000, 0xfed00000, 0xb0000000, 0xa0000, 0xc0000000, 0xfffff000 };

	return page[storm_random(s, ARRAY_SIZE(page))] + (storm_random(s, 4) ? storm_random(s, 64) * 16 : storm_random(s, 4096));
}

static void device_memory(struct storm *s)
{
	uint64_t at = device_address(s), v = s->state;

	if ((at & ~15ull) == 0xfee00300)	/* INIT and SIPI come from interrupts() */
		return;
	switch (storm_random(s, 9)) {
	case 0: MAY("movl (%0), %%eax", "r"(at)); break;
	case 1: MAY("movl %k1, (%0)", "r"(at), "r"(v)); break;
	case 2: MAY("movq %0, %%rdi; 1: movb (%%rdi), %%ah", "r"(at)); break;
	case 3: MAY("movq %0, %%rdi; 1: movb %%ah, (%%rdi)", "r"(at)); break;
	case 4: MAY("movq (%0), %%rax", "r"(at)); break;
	case 5: MAY("movw $0x1234, (%0)", "r"(at)); break;
	case 6: MAY("movzwl (%0), %%eax", "r"(at)); break;
	case 7: MAY("movsbq (%0), %%rax", "r"(at)); break;
	default: MAY("movl (%0), %%ecx", "r"(at)); break;
	}
}

/* A bit set and cleared again; those that stop the attacker itself, or leave a state that no processor enters, only now and then. */
static void control(struct storm *s)
{
	static const uint8_t cr0_safe[] = { 1, 2, 3, 5, 16, 18, 30 }, cr4_safe[] = { 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 16, 18, 20 };
	bool wild = storm_random(s, 4096) == 0;
	uint64_t any = 1ull << storm_random(s, 64), cr0 = wild ? any & ~0x80000001ull : 1ull << cr0_safe[storm_random(s, sizeof(cr0_safe))];
	uint64_t cr4 = wild ? any & ~0x20ull : 1ull << cr4_safe[storm_random(s, sizeof(cr4_safe))];

	switch (storm_random(s, 6)) {
	case 0: MAY("movq %%cr4, %%rax; movq %%rax, %%rcx; xorq %0, %%rax; 1: movq %%rax, %%cr4; movq %%rcx, %%cr4", "r"(cr4)); break;
	case 1: MAY("movq %%cr0, %%rax; movq %%rax, %%rcx; xorq %0, %%rax; 1: movq %%rax, %%cr0; movq %%rcx, %%cr0", "r"(cr0)); break;
	case 2: MAY("movq %%cr8, %%rax; movq %0, %%cr8; movq %%rax, %%cr8", "r"(s->state & 15)); break;
	case 3: MAY("movq %%cr3, %%rax; movq %%rax, %%cr3", "r"(any)); break;
	case 4: MAY("movl $0, %%ecx; movl %k0, %%eax; xorl %%edx, %%edx; 1: xsetbv", "r"(any)); break;
	default: MAY("movq %0, %%rax; 1: movq %%rax, %%dr7; movl $0x400, %%eax; movq %%rax, %%dr7", "r"(any & ~0xffull)); break;
	}
}

/* Every delivery mode; INIT and SIPI to the other vCPU seldom, to nobody often. */
static void interrupts(struct storm *s)
{
	uint32_t to = (uint32_t)storm_random(s, 4) * 2;
	uint64_t mode = storm_random(s, 8) << 8, shorthand = storm_random(s, 4) << 18;

	if (mode >= 0x500) {
		to = storm_random(s, 512) ? 9 : 2;
		shorthand = 0;
	}
	if (s->cpu * 2 != to || mode < 0x500)
		lapic_write(X2APIC_ICR - 0x800, (uint64_t)to << 32 | mode | (32 + storm_random(s, 224)) | shorthand);
}

static void instructions(struct storm *s)
{
	uint32_t r[4];

	cpuid((uint32_t)(storm_random(s, 4) << 30 | storm_random(s, 64)), (uint32_t)storm_random(s, 64), r);
	switch (storm_random(s, 6)) {
	case 0: MAY("vmrun", "r"(0)); break;
	case 1: MAY("rdpmc", "r"(0)); break;
	case 2: MAY("wbinvd", "r"(0)); break;
	case 3: MAY("skinit", "r"(0)); break;
	case 4: MAY("rdtscp", "r"(0)); break;
	default: MAY("invlpga", "r"(0)); break;
	}
}

void storm_machine(struct storm *s)
{
	static void (*const kinds[])(struct storm *) = { msr, msr, port, strings, device_memory, device_memory, control, interrupts, instructions };

	kinds[storm_random(s, ARRAY_SIZE(kinds))](s);
}

/* Any flags, any address: memory, the tables themselves, devices, nothing; large pages where none may be; reserved bits. */
void storm_tables(struct storm *s)
{
	uint64_t *e = &tables[storm_random(s, ODD_TABLES)][storm_random(s, 512)], at;

	switch (storm_random(s, 4)) {
	case 0: at = storm_random(s, 1ull << 52) & ~0xfffull; break;
	case 1: at = device_address(s) & ~0xfffull; break;
	case 2: at = storm_random(s, 1024) << PAGE_SHIFT; break;
	default: at = (uint64_t)tables[storm_random(s, ODD_TABLES)]; break;
	}
	*e = at | (s->state & ODD_FLAGS) | (storm_random(s, 4) ? 1 : 0);
}

void storm_machine_init(void)
{
	struct storm s = { .state = 88172645463325252ull };
	uint64_t root;

	for (unsigned int i = 0; i < 3000; i++)
		storm_tables(&s);
	__asm__ volatile("movq %%cr3, %0" : "=r"(root));
	((uint64_t *)root)[STORM_ODD_BASE >> 39] = (uint64_t)tables[0] | 7;
}
