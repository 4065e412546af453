/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: its local APIC (x2APIC) and starting further vCPUs by INIT and SIPI.
 * Locking: vCPUs are started one at a time. Trust: a guest.
 */
#include "guest.h"

#define MSR_APIC_BASE	0x1bu
#define APIC_X2		(1ull << 10)
#define APIC_ENABLED	(1ull << 11)
#define MSR_X2APIC	0x800u
#define REG_ID		0x02u
#define REG_EOI		0x0bu
#define REG_SPIV	0x0fu
#define REG_ICR		0x30u
#define REG_LVT_TIMER	0x32u
#define REG_TMICT	0x38u
#define REG_TDCR	0x3eu
#define SPIV_ON		0x1ffu
#define TDCR_BY_1	0xbu
#define ICR_INIT	0x4500u
#define ICR_STARTUP	0x4600u
#define SPURIOUS	0xffu

extern const char trampoline[], trampoline_end[];
extern char stacks[];
extern uint32_t ap_stack;

static void (*ap_fn)(void *);
static void *ap_arg;
static volatile uint64_t ap_alive;

static uint64_t rdmsr(uint32_t msr)
{
	uint64_t v;

	(void)rdmsr_safe(msr, &v);
	return v;
}

void lapic_write(uint32_t reg, uint64_t value)
{
	(void)wrmsr_safe(MSR_X2APIC + reg, value);
}

uint64_t lapic_read(uint32_t reg)
{
	return rdmsr(MSR_X2APIC + reg);
}

void lapic_eoi(void)
{
	lapic_write(REG_EOI, 0);
}

static void spurious(struct trap_frame *f)
{
	(void)f;
}

void lapic_enable(void)
{
	irq_handler[SPURIOUS] = spurious;
	(void)wrmsr_safe(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_ENABLED | APIC_X2);
	lapic_write(REG_SPIV, SPIV_ON);
}

void lapic_timer(uint32_t mode, uint8_t vector, uint32_t count)
{
	lapic_write(REG_TDCR, TDCR_BY_1);
	lapic_write(REG_LVT_TIMER, mode | vector);
	lapic_write(REG_TMICT, count);
}

unsigned int cpu_self(void)
{
	return (unsigned int)lapic_read(REG_ID) / 2;
}

void guest_ap_main(void)
{
	trap_load();
	lapic_enable();
	ap_alive++;
	ap_fn(ap_arg);
	for (;;)
		__asm__ volatile("cli; hlt");
}

bool cpu_start(unsigned int cpu, void (*fn)(void *), void *arg)
{
	uint64_t before = ap_alive, destination = (uint64_t)(cpu * 2) << 32, end;

	if (cpu == 0 || cpu >= GUEST_CPUS)
		return false;
	memcpy((void *)(uintptr_t)TRAMPOLINE_GPA, trampoline, (size_t)(trampoline_end - trampoline));
	ap_stack = (uint32_t)(uintptr_t)stacks + (cpu + 1) * STACK_BYTES;
	ap_fn = fn;
	ap_arg = arg;
	lapic_write(REG_ICR, destination | ICR_INIT);
	delay_ms(1);
	lapic_write(REG_ICR, destination | ICR_STARTUP | TRAMPOLINE_GPA >> PAGE_SHIFT);
	end = now_ns() + 2000000000ull;
	while (ap_alive == before && now_ns() < end)
		relax();
	return ap_alive != before;
}
