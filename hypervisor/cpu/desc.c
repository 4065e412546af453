/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments, task state and the interrupt table; the control registers each CPU runs with.
 * Locking: each CPU sets up its own; the interrupt table is shared and read-only after boot.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/mm.h>
#include "arch.h"
#include "layout.h"

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, reserved;
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iopb;
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

enum { IST_NMI = 1, IST_DF, IST_MC };

struct cpu_arch cpu_arch[MAX_CPUS];
static uint64_t gdt[MAX_CPUS][5];
static struct tss tss[MAX_CPUS];
static struct gate idt[256] __ro_after_init;
extern const char trap_stubs[];

static uint8_t ist_of(unsigned int vector)
{
	switch (vector) {
	case 2:
		return IST_NMI;
	case 8:
		return IST_DF;
	case 18:
		return IST_MC;
	default:
		return 0;
	}
}

static void idt_fill(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(idt); i++) {
		uint64_t at = (uint64_t)(uintptr_t)trap_stubs + i * 16;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)at, .offset_mid = (uint16_t)(at >> 16), .offset_high = (uint32_t)(at >> 32),
			.selector = SEL_CODE, .ist = ist_of(i), .type = 0x8e,
		};
	}
}

static void gdt_fill(unsigned int cpu)
{
	uint64_t base = (uint64_t)(uintptr_t)&tss[cpu];

	tss[cpu].iopb = sizeof(struct tss);
	gdt[cpu][1] = 0x00af9a000000ffffull;
	gdt[cpu][2] = 0x00cf92000000ffffull;
	gdt[cpu][3] = (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[cpu][4] = base >> 32;
}

static void load_tables(unsigned int cpu)
{
	struct table_pointer g = { sizeof(gdt[cpu]) - 1, (uint64_t)(uintptr_t)gdt[cpu] };
	struct table_pointer i = { sizeof(idt) - 1, (uint64_t)(uintptr_t)idt };

	__asm__ volatile("lgdt %0" : : "m"(g));
	__asm__ volatile("push %0\n\tlea 1f(%%rip), %%rax\n\tpush %%rax\n\tlretq\n1:"
			 : : "i"(SEL_CODE) : "rax", "memory");
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss; mov %1, %%fs; mov %1, %%gs"
			 : : "r"(SEL_DATA), "r"(0) : "memory");
	__asm__ volatile("lidt %0" : : "m"(i));
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}

static void set_control_registers(void)
{
	struct cpuid f1 = cpuid(1, 0), f7 = cpuid(0, 0).a >= 7 ? cpuid(7, 0) : (struct cpuid){ 0, 0, 0, 0 };
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (f1.c & (1u << 26))
		cr4 |= CR4_OSXSAVE;
	if (f7.b & (1u << 7))
		cr4 |= CR4_SMEP;
	if (f7.b & (1u << 20))
		cr4 |= CR4_SMAP;
	if (f7.c & (1u << 2))
		cr4 |= CR4_UMIP;
	write_cr0((read_cr0() & ~(uint64_t)(CR0_EM | CR0_TS | 0x60000000)) | CR0_MP | CR0_NE | CR0_WP);
	write_cr4(cr4);
}

/* AMD "Software techniques for managing speculation": LFENCE made serialising, automatic IBRS, each where the CPU has it. */
static void limit_speculation(void)
{
	uint32_t top = cpuid(0x80000000, 0).a;
	uint64_t v;

	if (cpuid(0, 0).c == 0x444d4163 && rdmsr_safe(MSR_DE_CFG, &v))	/* "cAMD" */
		wrmsr(MSR_DE_CFG, v | 2);
	if (top >= 0x80000021 && (cpuid(0x80000021, 0).a & (1u << 8)))
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_AIBRSE);
}

void cpu_early_init(unsigned int cpu, uint32_t apic_id)
{
	cpu_arch[cpu].id = cpu;
	cpu_arch[cpu].self = &cpu_arch[cpu];
	cpu_arch[cpu].apic_id = apic_id;
	cpu_arch[cpu].timer_deadline = UINT64_MAX;
	if (cpu == 0)
		idt_fill();
	gdt_fill(cpu);
	load_tables(cpu);
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_GS_BASE, (uint64_t)(uintptr_t)&cpu_arch[cpu]);
	set_control_registers();
	limit_speculation();
}

static uint64_t map_stack(uint64_t va, unsigned int pages)
{
	for (unsigned int i = 0; i < pages; i++) {
		void *p = heap_alloc_pages(NULL, 0);

		if (!p || paging_map(va + i * PAGE_SIZE, heap_va_to_mfn(p) << PAGE_SHIFT, PAGE_SIZE, MAP_RW))
			return 0;
	}
	return va + pages * PAGE_SIZE;
}

int cpu_alloc(unsigned int cpu)
{
	struct cpu_arch *c = &cpu_arch[cpu];
	uint64_t base = VA_CPU + cpu * VA_CPU_SIZE;

	c->stack_top = map_stack(base + CPU_STACK * PAGE_SIZE, CPU_STACK_PAGES);
	tss[cpu].ist[IST_NMI - 1] = map_stack(base + CPU_STACK_NMI * PAGE_SIZE, CPU_IST_PAGES);
	tss[cpu].ist[IST_DF - 1] = map_stack(base + CPU_STACK_DF * PAGE_SIZE, CPU_IST_PAGES);
	tss[cpu].ist[IST_MC - 1] = map_stack(base + CPU_STACK_MC * PAGE_SIZE, CPU_IST_PAGES);
	c->windows = (char *)(uintptr_t)(base + CPU_WINDOWS * PAGE_SIZE);
	c->window_ptes = paging_pte((uintptr_t)c->windows);
	for (unsigned int i = 0; i < 3; i++)
		if (!tss[cpu].ist[i])
			return -XEN_ENOMEM;
	return c->stack_top && c->window_ptes ? 0 : -XEN_ENOMEM;
}
