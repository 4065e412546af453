/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions (ours: a bug, so panic) and interrupts (turned into work for cpu_loop).
 * Locking: none is taken here; interrupts arrive in guest mode or in edge_idle only.
 * Trust: no guest data.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include "arch.h"
#include "serial.h"
#include "stop.h"

struct fixup {
	int32_t fault, resume;		/* relative to the fields themselves */
};
extern const struct fixup extable_start[], extable_end[];

void trap_dispatch(struct trap_frame *f);

static const char *trap_name(uint64_t vector)
{
	static const char names[][8] = {
		"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP", "#PF", "15",
		"#MF", "#AC", "#MC", "#XF", "#VE", "#CP", "22", "23", "24", "25", "26", "27", "#HV", "#VC", "#SX", "31",
	};

	return names[vector];
}

static bool fix_up(struct trap_frame *f)
{
	for (const struct fixup *x = extable_start; x < extable_end; x++) {
		if ((uint64_t)(uintptr_t)&x->fault + (uint64_t)(int64_t)x->fault == f->rip) {
			f->rip = (uint64_t)(uintptr_t)&x->resume + (uint64_t)(int64_t)x->resume;
			return true;
		}
	}
	return false;
}

static const char *trap_hint(const struct trap_frame *f)
{
	uint64_t cr2 = read_cr2();

	if (f->vector == 6)
		return " (a check the compiler put in, or a bad opcode)";
	if ((f->vector == 8 || f->vector == 14) && cr2 >= VA_CPU && cr2 - VA_CPU < MAX_CPUS * VA_CPU_SIZE)
		return " (a stack's guard page: overflow)";
	return "";
}

static _Noreturn void trap_panic(const struct trap_frame *f)
{
	if (!panic_begin())
		edge_die();
	log_err("****************************************");
	log_err("CPU%u: %s in the hypervisor, error %#lx, cr2 %016lx%s", edge_cpu_id(), trap_name(f->vector), f->error,
		read_cr2(), trap_hint(f));
	log_err("rip %016lx rsp %016lx rflags %08lx cr3 %016lx", f->rip, f->rsp, f->rflags, read_cr3());
	log_err("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	log_err("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
	log_err("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", f->r9, f->r10, f->r11, f->r12);
	log_err("r13 %016lx r14 %016lx r15 %016lx", f->r13, f->r14, f->r15);
	die_with_trace(f->rip, f->rbp);
}

static void handle_interrupt(uint64_t vector)
{
	if (vector == VECTOR_SPURIOUS)
		return;
	if (vector == VECTOR_TIMER)
		timer_interrupt();
	else if (vector == VECTOR_SERIAL)
		serial_interrupt();
	else if (vector == VECTOR_KICK)
		kick_interrupt();
	lapic_eoi();
}

void trap_dispatch(struct trap_frame *f)
{
	if (f->vector >= 32) {
		handle_interrupt(f->vector);
	} else if (f->vector == 2) {
		stop_if_asked();
		atomic_fetch_add(&cpu_arch_mine()->nmis, 1);	/* somebody's watchdog: counted, no more */
	} else if (f->vector != 13 || !fix_up(f)) {
		trap_panic(f);
	}
}

bool rdmsr_safe(uint32_t msr, uint64_t *v)
{
	uint32_t lo = 0, hi = 0;
	bool ok = false;

	__asm__ volatile("1: rdmsr\n\tmovb $1, %b2\n2:\n\t"
			 ".pushsection .extable, \"a\"\n\t.balign 4\n\t.long 1b - .\n\t.long 2b - .\n\t.popsection"
			 : "+a"(lo), "+d"(hi), "+q"(ok) : "c"(msr));
	*v = lo | (uint64_t)hi << 32;
	return ok;
}
