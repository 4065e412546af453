/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This machine's processor, for boot/, cpu/ and svm/ only: registers, tables, per-CPU hardware state.
 * Locking: per-CPU fields are their CPU's own.
 * Trust: no guest data.
 */
#ifndef CPU_ARCH_H
#define CPU_ARCH_H

#include <hv/types.h>

/* --- selectors: the order SYSCALL and SYSRET do not matter for, nothing runs below ring 0 --------------------------- */
#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TSS  0x18

/* --- vectors --------------------------------------------------------------------------------------------------------- */
#define VECTOR_SERIAL	0x40
#define VECTOR_TIMER	0xf0
#define VECTOR_KICK	0xf1
#define VECTOR_SPURIOUS	0xff

/* --- MSRs and control register bits (APM vol. 2) ---------------------------------------------------------------------- */
#define MSR_DE_CFG		0xc0011029
#define MSR_APIC_BASE		0x1b
#define MSR_PRED_CMD		0x49
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_PAT			0x277
#define MSR_X2APIC		0x800
#define MSR_EFER		0xc0000080
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101

#define EFER_SCE	(1ull << 0)
#define EFER_LME	(1ull << 8)
#define EFER_LMA	(1ull << 10)
#define EFER_NXE	(1ull << 11)
#define EFER_SVME	(1ull << 12)
#define EFER_AIBRSE	(1ull << 21)

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)

#define CR4_PAE		(1u << 5)
#define CR4_MCE		(1u << 6)
#define CR4_PGE		(1u << 7)
#define CR4_OSFXSR	(1u << 9)
#define CR4_OSXMMEXCPT	(1u << 10)
#define CR4_UMIP	(1u << 11)
#define CR4_OSXSAVE	(1u << 18)
#define CR4_SMEP	(1u << 20)
#define CR4_SMAP	(1u << 21)

/* Per-CPU hardware state. GS base points at it: %gs:0 is the CPU's index. svm/ reloads GS before it runs C after an exit. */
struct cpu_arch {
	uint32_t id;			/* %gs:0 */
	uint32_t apic_id;
	struct cpu_arch *self;
	uint64_t stack_top;
	uint64_t *window_ptes;		/* this CPU's window slots, in depth order; one more for NMI */
	char *windows;			/* address of the first */
	uint32_t window_depth;
	uint64_t timer_deadline;	/* ns, UINT64_MAX: none */
	uint64_t timer_due;		/* ns, when the hardware interrupts: at the deadline, or a piece of the way there */
	uint64_t tlb_ack;		/* pin generation whose stale translations this CPU has dropped */
	uint64_t icr_used_at;		/* TSC of the last IPI sent */
	uint64_t kicks;			/* CPUs to kick at the next cpu_send_kicks() */
	_Atomic bool kicked;		/* a kick is on its way here */
	_Atomic bool parked;
	_Atomic uint32_t nmis;
} __attribute__((aligned(64)));		/* on cache lines of its own */
extern struct cpu_arch cpu_arch[MAX_CPUS];

/* This CPU's: no index that could be another's. */
static inline struct cpu_arch *cpu_arch_mine(void)
{
	struct cpu_arch *c;

	__asm__("mov %%gs:%c1, %0" : "=r"(c) : "i"(offsetof(struct cpu_arch, self)));
	return c;
}

struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* --- instructions ------------------------------------------------------------------------------------------------------ */
#define PORT_ACCESS(bits, suffix)							\
static inline uint##bits##_t in##bits(uint16_t port)					\
{											\
	uint##bits##_t v;								\
											\
	__asm__ volatile("in" suffix " %1, %0" : "=a"(v) : "Nd"(port));			\
	return v;									\
}											\
											\
static inline void out##bits(uint16_t port, uint##bits##_t v)				\
{											\
	__asm__ volatile("out" suffix " %0, %1" : : "a"(v), "Nd"(port));		\
}
PORT_ACCESS(8, "b")
PORT_ACCESS(16, "w")
PORT_ACCESS(32, "l")

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return lo | (uint64_t)hi << 32;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

/* False if the MSR does not exist (#GP). */
bool __must_check rdmsr_safe(uint32_t msr, uint64_t *v);

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return lo | (uint64_t)hi << 32;
}

#define CONTROL_REGISTER(n)								\
static inline uint64_t read_cr##n(void)							\
{											\
	uint64_t v;									\
											\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v));				\
	return v;									\
}											\
											\
static inline void write_cr##n(uint64_t v)						\
{											\
	__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");			\
}
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)

static inline void invlpg(const void *va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void cpu_pause(void)
{
	__asm__ volatile("pause");
}

struct cpuid { uint32_t a, b, c, d; };

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(subleaf));
	return r;
}

/* Width of a physical address. */
static inline unsigned int cpu_phys_bits(void)
{
	return cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;
}

/* --- our own page tables: cpu/paging.c ---------------------------------------------------------------------------------- */
#define PTE_P	1ull
#define PTE_W	2ull
#define PTE_U	4ull
#define PTE_PWT	8ull
#define PTE_PCD	0x10ull
#define PTE_PS	0x80ull
#define PTE_G	0x100ull
#define PTE_NX	(1ull << 63)
#define PTE_ADDR 0x000ffffffffff000ull

#define MAP_RW	(PTE_P | PTE_W | PTE_G | PTE_NX)
#define MAP_RO	(PTE_P | PTE_G | PTE_NX)
#define MAP_LARGE (1ull << 9)		/* free to software: 2 MiB pages where they fit */
#define MAP_UC	(PTE_P | PTE_W | PTE_PCD | PTE_PWT | PTE_G | PTE_NX)

/* The address space: everything else is not mapped. */
#define VA_HEAP		0xffff800000000000ull	/* plus a random multiple of 1 GiB */
#define VA_FRAMES	0xffffa00000000000ull	/* the frame table, placed likewise */
#define VA_CPU		0xffffc00000000000ull	/* VA_CPU_SIZE for each CPU: stacks with guards, windows */
#define VA_CPU_SIZE	0x200000ull
#define VA_PIN		0xffffd00000000000ull	/* pinned guest pages, one by one */
#define VA_PIN_SLOTS	16384u
#define VA_FIX		0xffffe00000000000ull	/* device registers, firmware tables, boot modules */
#define VA_FIX_SIZE	0x20000000ull
#define VA_IMAGE	0xffffffff80000000ull	/* plus a random multiple of 2 MiB */

/* Maps or, with flags 0, unmaps [va, va + size). Only before other CPUs run, or on addresses they do not use. */
int __must_check paging_map(uint64_t va, hpa_t pa, uint64_t size, uint64_t flags);
int __init __must_check paging_map_zeros(uint64_t va);		/* 2 MiB to read zeros from; boot only */
void paging_unmap(uint64_t va, uint64_t size);
uint64_t *paging_pte(uint64_t va);	/* 4 KiB entry, its table allocated if missing; NULL: no memory */
/* Physical memory at an address of its own; 0 when there is no room. Boot only. */
/*@ assigns \nothing; ensures \result == \null || \valid_read((uint8_t *)\result + (0 .. size - 1)); */
const void *fix_map_ro(hpa_t pa, uint64_t size);
volatile void *fix_map_mmio(hpa_t pa, uint64_t size);
/*@ assigns \nothing; */
void fix_unmap(const volatile void *va, uint64_t size);
void paging_drop_identity(void);
hpa_t paging_root(void);

/* --- bringing a CPU up ---------------------------------------------------------------------------------------------------- */
void cpu_early_init(unsigned int cpu, uint32_t apic_id);	/* GS base, GDT, IDT, control registers */
int __must_check cpu_alloc(unsigned int cpu);			/* stacks, windows */
void cpu_features_init(void);
void smp_start_aps(void);
void smp_release(void);						/* APs go on to cpu_loop() */
_Noreturn void cpu_switch_stack(uint64_t top, void (*fn)(void));

void lapic_init_cpu(void);
void lapic_eoi(void);
uint32_t lapic_id(void);
bool lapic_reaches(uint32_t id);	/* an xAPIC knows 8 bits of an id, and 0xff is everybody */
void lapic_send_ipi(uint32_t apic_id, uint32_t command);	/* command: low half of ICR */
void lapic_send_nmi_others(void);
void cpu_send_kicks_noted(void);
/* Before a guest, idling, or waiting for a CPU that was kicked. */
static inline void cpu_send_kicks(unsigned int cpu)
{
	if (unlikely(cpu_arch[cpu].kicks))
		cpu_send_kicks_noted();
}
void lapic_timer_calibrate(void);
/*
 * A timer interrupt that is due and has not come is asked for again. QEMU (7.2 at least) may forget an
 * interrupt that comes while VMRUN takes a virtual one: it notes both in one word, there without its
 * lock, and the interrupt stays in the local APIC until another one comes.
 */
void lapic_timer_remind(void);
void time_init(void);
bool ioapic_route_irq4(uint8_t vector, uint32_t apic_id);
void pic_mask_all(void);
void serial_init(void);
void serial_irq_init(void);
void serial_sync(void);		/* from now on text waits for the line: nobody will come back for it */
bool acpi_init(const uint8_t *rsdp);				/* 36 bytes; NULL: search the BIOS areas */
void crash_init(hpa_t page);
void crash_report_previous(void);
void crash_save(const char *text, size_t len);
void backtrace_print(uint64_t rip, uint64_t rbp);
_Noreturn void selftest_run(const char *name);
void cpu_tlb_ack(void);
void pin_init(void);
void cpu_tlb_flush_global(void);	/* this CPU's, global entries too */

struct madt_info {
	uint32_t apic_ids[MAX_CPUS];
	unsigned int cpus;
	hpa_t lapic, ioapic;
	uint32_t ioapic_gsi_base;
	uint32_t irq4_gsi;
	uint16_t irq4_flags;
};
struct fadt_info {
	uint16_t pm1a_cnt, pm1b_cnt, pm_timer;
	uint8_t slp_typ_a, slp_typ_b;
	bool has_s5, has_reset;
	uint8_t reset_space, reset_value;
	uint64_t reset_address;
};
extern struct madt_info madt_info;
extern struct fadt_info fadt_info;

#endif
