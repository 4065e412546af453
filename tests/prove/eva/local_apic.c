/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/lapic_regs.c, with the rest of the local APIC: any register, width and value, from any state of it and of its neighbours. */
#include "emulate.c"
#include <lapic.c>
#include <lapic_ipi.c>
#include <lapic_timer.c>
#include <startup.c>

static void registers(void)
{
	uint64_t val;

	any_machine();
	look(lapic_mmio_read(self, any_u32));
	any_machine();
	lapic_mmio_write(self, any_u32, any_u32);
	any_machine();
	if (lapic_msr_read(self, any_u32, &val) == 0)
		look(val);
	any_machine();
	look((uint64_t)lapic_msr_write(self, any_u32, any_u64));
	any_machine();
	look(lapic_deadline_read(self));
	lapic_deadline_write(self, any_u64);
}

static void interrupts(void)
{
	any_machine();
	lapic_set_irq(self, any_byte, any_bool);
	any_machine();
	look((uint64_t)guest_interrupt_pending(self));
	any_machine();
	guest_interrupt_accept(self, (int)any_u32);
	any_machine();
	guest_interrupt_return(self, (int)any_u32);
	any_machine();
	look((uint64_t)lapic_held_vector(self));
	any_machine();
	lapic_timer_fn(self);
	any_machine();
	guest_nmi_set(self);
	look(guest_nmi_take(self));
}

void eva_main(void)
{
	struct cpu_context reset;

	registers();
	interrupts();
	any_machine();
	lapic_init(self);
	any_machine();
	if (guest_startup_pending(self, &reset) == GUEST_STARTUP_RESET)
		guest_look(&reset, sizeof(reset));
}
