/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's local APIC: x2APIC where the CPU has it, the memory page otherwise. IPIs, one-shot timer.
 * Locking: each CPU its own APIC.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include "arch.h"
#include "stop.h"

enum {
	APIC_ID = 0x20, APIC_TPR = 0x80, APIC_EOI = 0xb0, APIC_LDR = 0xd0, APIC_DFR = 0xe0, APIC_SVR = 0xf0, APIC_ESR = 0x280,
	APIC_ICR = 0x300, APIC_ICR_HIGH = 0x310, APIC_LVT_TIMER = 0x320, APIC_LVT_LINT0 = 0x350, APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370, APIC_TIMER_INIT = 0x380, APIC_TIMER_NOW = 0x390, APIC_TIMER_DIV = 0x3e0,
};
#define LVT_MASKED (1u << 16)
#define LVT_TSC_DEADLINE (2u << 17)
#define ICR_PENDING (1u << 12)
#define CALIBRATE_NS 10000000ull
#define PIECE_NS 1000000000ull

static bool x2apic __ro_after_init, tsc_deadline __ro_after_init;
static volatile uint32_t *mmio __ro_after_init;
static uint64_t ticks_per_ms __ro_after_init;

static uint32_t apic_read(unsigned int reg)
{
	return x2apic ? (uint32_t)rdmsr(MSR_X2APIC + (reg >> 4)) : mmio[reg / 4];
}

static void apic_write(unsigned int reg, uint32_t v)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + (reg >> 4), v);
	else
		mmio[reg / 4] = v;
}

void lapic_init_cpu(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (edge_cpu_id() == 0) {
		x2apic = cpuid(1, 0).c & (1u << 21);
		tsc_deadline = cpuid(1, 0).c & (1u << 24);
		if (!x2apic) {
			mmio = fix_map_mmio(base & PTE_ADDR & ~0xfffull, PAGE_SIZE);
			BUG_ON(!mmio);
		}
	}
	wrmsr(MSR_APIC_BASE, base | 1u << 11 | (x2apic ? 1u << 10 : 0));
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, 0x400);		/* NMI */
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_SVR, 0x100 | VECTOR_SPURIOUS);
	apic_write(APIC_TIMER_DIV, 0xb);		/* by one */
	if (ticks_per_ms || tsc_deadline)
		apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (tsc_deadline ? LVT_TSC_DEADLINE : 0));
	cpu_arch_mine()->apic_id = lapic_id();
}

uint32_t lapic_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic ? id : id >> 24;
}

bool lapic_reaches(uint32_t id)
{
	return x2apic || id < 0xff;
}

void lapic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* The xAPIC takes a command when it has sent the last one; after this long it certainly has, and asking it is slow. */
#define ICR_SURELY_IDLE 1000000u	/* TSC ticks */

static void icr_wait(struct cpu_arch *c)
{
	uint64_t now = rdtsc(), last = c->icr_used_at;

	c->icr_used_at = now;
	if (now - last > ICR_SURELY_IDLE)
		return;
	for (unsigned int i = 0; i < 100000 && (apic_read(APIC_ICR) & ICR_PENDING); i++)
		cpu_pause();
}

void lapic_send_ipi(uint32_t apic_id, uint32_t command)
{
	if (x2apic) {
		wrmsr(MSR_X2APIC + (APIC_ICR >> 4), (uint64_t)apic_id << 32 | command);
		return;
	}
	icr_wait(cpu_arch_mine());
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR, command);
}

void lapic_send_nmi_others(void)
{
	lapic_send_ipi(0, 0xc4400);	/* NMI, all but self */
}

/*
 * Noted now, sent before this CPU enters a guest or idles: most kicks are asked for under a lock that
 * the CPU they wake would run into, and several become one.
 */
void edge_cpu_kick(unsigned int cpu)
{
	struct cpu_arch *c = cpu_arch_mine();

	if (cpu != c->id)
		c->kicks |= 1ull << cpu;
}

/* A kick that is on its way does for all: what it is sent for is visible before it is taken. */
void cpu_send_kicks_noted(void)
{
	struct cpu_arch *c = cpu_arch_mine();

	while (c->kicks) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(c->kicks);

		c->kicks &= c->kicks - 1;
		if (!atomic_exchange(&cpu_arch[cpu].kicked, true))
			lapic_send_ipi(cpu_arch[cpu].apic_id, 0x4000 | VECTOR_KICK);
	}
}

void kick_interrupt(void)
{
	atomic_store(&cpu_arch_mine()->kicked, false);
	cpu_tlb_ack();
}

void lapic_timer_calibrate(void)
{
	uint64_t start, elapsed;
	uint32_t left;

	if (!tsc_deadline) {
		apic_write(APIC_TIMER_INIT, UINT32_MAX);
		start = edge_now_ns();
		while ((elapsed = edge_now_ns() - start) < CALIBRATE_NS)
			cpu_pause();
		left = apic_read(APIC_TIMER_NOW);
		apic_write(APIC_TIMER_INIT, 0);
		ticks_per_ms = (uint64_t)(UINT32_MAX - left) * 1000000 / elapsed;
		if (!ticks_per_ms)
			panic("the local APIC's timer does not count");
	}
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (tsc_deadline ? LVT_TSC_DEADLINE : 0));
	log_info("cpu: %s, timer %s %lu kHz", x2apic ? "x2APIC" : "xAPIC", tsc_deadline ? "by TSC deadline" : "one-shot,",
		 tsc_deadline ? edge_tsc_khz() : ticks_per_ms);
}

/* 0 stops it. */
static void lapic_timer_set(uint64_t ns)
{
	uint64_t ticks;

	if (tsc_deadline) {
		wrmsr(MSR_TSC_DEADLINE, ns ? rdtsc() + ns * edge_tsc_khz() / 1000000 : 0);
		return;
	}
	ticks = ns * ticks_per_ms / 1000000 + (ns != 0);
	apic_write(APIC_TIMER_INIT, ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks);
}

/* Far deadlines come in pieces: timer_interrupt() goes on. */
static void lapic_timer_next(struct cpu_arch *c, uint64_t now)
{
	uint64_t ns = c->timer_deadline > now ? c->timer_deadline - now : 1;

	if (ns > PIECE_NS)
		ns = PIECE_NS;
	c->timer_due = now + ns;
	lapic_timer_set(ns);
}

void edge_timer_arm(uint64_t deadline)
{
	struct cpu_arch *c = cpu_arch_mine();

	if (c->timer_deadline == deadline)
		return;
	c->timer_deadline = deadline;
	if (deadline == UINT64_MAX) {
		lapic_timer_set(0);
		return;
	}
	lapic_timer_next(c, edge_now_ns());
}

void lapic_timer_remind(void)
{
	struct cpu_arch *c = cpu_arch_mine();
	uint64_t now = edge_now_ns();

	if (c->timer_deadline != UINT64_MAX && c->timer_due <= now)
		lapic_timer_next(c, now);
}

void timer_interrupt(void)
{
	struct cpu_arch *c = cpu_arch_mine();
	uint64_t now = edge_now_ns();

	cpu_tlb_ack();
	if (c->timer_deadline == UINT64_MAX)
		return;
	if (c->timer_deadline > now) {
		lapic_timer_next(c, now);
		return;
	}
	c->timer_deadline = UINT64_MAX;
	atomic_fetch_or(&this_cpu()->work, CPU_WORK_TIMER);
}
