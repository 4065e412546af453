/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legacy interrupt controllers: the 8259s are silenced, one line of the IO-APIC (the serial port's) is routed.
 * Locking: boot.
 * Trust: the MADT's words about the line are followed.
 */
#include <hv/console.h>
#include "arch.h"

#define IOAPIC_REDIR 0x10u

static void ioapic_write(volatile uint32_t *io, uint32_t reg, uint32_t v)
{
	io[0] = reg;
	io[4] = v;
}

static uint32_t ioapic_read(volatile uint32_t *io, uint32_t reg)
{
	io[0] = reg;
	return io[4];
}

void pic_mask_all(void)
{
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
}

bool ioapic_route_irq4(uint8_t vector, uint32_t apic_id)
{
	uint32_t pins, pin = madt_info.irq4_gsi - madt_info.ioapic_gsi_base, low = vector;
	volatile uint32_t *io;

	if (!madt_info.ioapic || !(io = fix_map_mmio(madt_info.ioapic, PAGE_SIZE)))
		return false;
	pins = (ioapic_read(io, 1) >> 16 & 0xff) + 1;
	for (uint32_t i = 0; i < pins; i++)
		ioapic_write(io, IOAPIC_REDIR + 2 * i, 1u << 16);
	if (pin >= pins) {
		log_warn("serial: interrupt line %u is not on the first IO-APIC; input is polled for", madt_info.irq4_gsi);
		return false;
	}
	/* MPS INTI flags: polarity in bits 1:0 (3: active low), trigger in bits 3:2 (3: level). */
	if ((madt_info.irq4_flags & 3) == 3)
		low |= 1u << 13;
	if ((madt_info.irq4_flags >> 2 & 3) == 3)
		low |= 1u << 15;
	ioapic_write(io, IOAPIC_REDIR + 2 * pin + 1, apic_id << 24);
	ioapic_write(io, IOAPIC_REDIR + 2 * pin, low);
	return true;
}
