/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to an end: stopping other CPUs, last words, reset, power-off.
 * Locking: none is taken: whoever holds one may be stopped.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/options.h>
#include "arch.h"
#include "stop.h"

#define PM1_SCI_EN	1u
#define PM1_SLP_EN	(1u << 13)
#define REBOOT_DELAY_S	2

static _Atomic bool stopping;

_Noreturn void stop_forever(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void stop_if_asked(void)
{
	if (!atomic_load(&stopping))
		return;
	atomic_store(&cpu_arch_mine()->parked, true);
	stop_forever();
}

static bool all_parked(void)
{
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		if (i != edge_cpu_id() && atomic_load(&cpus[i].online) && !atomic_load(&cpu_arch[i].parked))
			return false;
	return true;
}

void stop_others(void)
{
	atomic_store(&stopping, true);
	if (all_parked())
		return;
	lapic_send_nmi_others();
	for (unsigned int i = 0; i < 10000000 && !all_parked(); i++)
		cpu_pause();
}

static void delay_s(unsigned int s)
{
	uint64_t end = rdtsc() + s * 1000 * edge_tsc_khz();

	while (rdtsc() < end)
		cpu_pause();
}

static void reset(void)
{
	if (fadt_info.has_reset && fadt_info.reset_space == 1)
		out8((uint16_t)fadt_info.reset_address, fadt_info.reset_value);
	out8(0xcf9, 0x02);
	out8(0xcf9, 0x06);
	for (unsigned int i = 0; i < 100000 && (in8(0x64) & 2); i++)
		cpu_pause();
	out8(0x64, 0xfe);
	delay_s(1);
	/* Last: an interrupt table of size 0 makes the next exception a triple fault. */
	__asm__ volatile("push $0; push $0; lidt (%%rsp); int3" : : : "memory");
}

static void sleep_write(uint16_t port, uint32_t type)
{
	out16(port, (uint16_t)((in16(port) & PM1_SCI_EN) | type << 10 | PM1_SLP_EN));
}

static void power_off(void)
{
	if (!fadt_info.has_s5 || !fadt_info.pm1a_cnt)
		return;
	sleep_write(fadt_info.pm1a_cnt, fadt_info.slp_typ_a);
	if (fadt_info.pm1b_cnt)
		sleep_write(fadt_info.pm1b_cnt, fadt_info.slp_typ_b);
	delay_s(1);
}

_Noreturn void edge_machine_restart(bool reboot)
{
	log_info("%s", reboot ? "restarting the machine" : "switching the machine off");
	stop_others();
	serial_sync();
	if (reboot)
		reset();
	else
		power_off();
	log_err("the machine did not react: halted");
	stop_forever();
}

static _Noreturn void die(void)
{
	static char text[4096];

	crash_save(text, panic_text(text, sizeof(text)));
	if (options.noreboot) {
		log_err("halted (noreboot)");
		stop_forever();
	}
	log_err("reboot in %d seconds", REBOOT_DELAY_S);
	delay_s(REBOOT_DELAY_S);
	reset();
	stop_forever();
}

_Noreturn void die_with_trace(uint64_t rip, uint64_t rbp)
{
	static _Atomic bool traced;

	if (atomic_exchange(&traced, true))
		stop_forever();		/* died again on the way out, or another CPU died too */
	stop_others();
	serial_sync();
	backtrace_print(rip, rbp);
	die();
}

_Noreturn void edge_die(void)
{
	die_with_trace((uint64_t)(uintptr_t)__builtin_return_address(0), *(uint64_t *)__builtin_frame_address(0));
}
