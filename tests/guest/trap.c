/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: IDT, faults that a test expects, interrupt handlers.
 * Locking: the table is filled by the first vCPU. Trust: a guest.
 */
#include "guest.h"

#include <xen/sched.h>

#define GATE_INTERRUPT	0x8e00u
#define CODE64		0x08u

struct gate {
	uint16_t offset0, selector;
	uint16_t attr, offset1;
	uint32_t offset2, reserved;
};

struct fixup {
	uint64_t insn, go_on;
};

extern const char trap_stubs[];
extern const struct fixup fixups[], fixups_end[];

static struct gate idt[256];
void (*irq_handler[256])(struct trap_frame *f);
volatile uint64_t irq_count[256];

void trap_load(void)
{
	struct { uint16_t limit; uint64_t base; } __attribute__((packed)) idtr = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lidt %0" : : "m"(idtr));
}

void trap_init(void)
{
	for (unsigned int i = 0; i < 256; i++) {
		uint64_t at = (uint64_t)trap_stubs + i * 16;

		idt[i] = (struct gate){ .offset0 = (uint16_t)at, .selector = CODE64, .attr = GATE_INTERRUPT,
					.offset1 = (uint16_t)(at >> 16), .offset2 = (uint32_t)(at >> 32) };
	}
	trap_load();
}

static bool fix_up(struct trap_frame *f)
{
	for (const struct fixup *x = fixups; x < fixups_end; x++)
		if (x->insn == f->rip || (f->vector < 5 && x->go_on == f->rip)) {	/* faults at it, traps behind it */
			f->rip = x->go_on;
			return true;
		}
	return false;
}

void trap_handle(struct trap_frame *f)
{
	uint64_t cr2;

	irq_count[f->vector]++;
	if (irq_handler[f->vector]) {
		irq_handler[f->vector](f);
		return;
	}
	if (f->vector < 32 && fix_up(f))
		return;
	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	say("guest: trap %lu error %lx rip %lx cr2 %lx", (unsigned long)f->vector, (unsigned long)f->error, (unsigned long)f->rip, (unsigned long)cr2);
	guest_shutdown(SHUTDOWN_crash);
}

#define FIXUP(insn, go_on) ".pushsection .fixups, \"a\"; .quad " insn ", " go_on "; .popsection\n"

bool wrmsr_safe(uint32_t msr, uint64_t value)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: wrmsr; movl $0, %0; 2:\n" FIXUP("1b", "2b")
			 : "+r"(faulted) : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
	return faulted;
}

bool rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t faulted = 1, lo = 0, hi = 0;

	__asm__ volatile("1: rdmsr; movl $0, %0; 2:\n" FIXUP("1b", "2b") : "+r"(faulted), "+a"(lo), "+d"(hi) : "c"(msr));
	*value = (uint64_t)hi << 32 | lo;
	return faulted;
}

void debug_set(uint64_t first)
{
	__asm__ volatile("movq %0, %%db0; movq %1, %%db1; movq %2, %%db2; movq %3, %%db3"
			 : : "r"(first), "r"(first + 1), "r"(first + 2), "r"(first + 3));
}

bool debug_holds(uint64_t first)
{
	uint64_t d[4];

	__asm__ volatile("movq %%db0, %0; movq %%db1, %1; movq %%db2, %2; movq %%db3, %3"
			 : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]));
	return d[0] == first && d[1] == first + 1 && d[2] == first + 2 && d[3] == first + 3;
}
