/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated memory accesses: the local APIC's page, and holes, which read as ones.
 * Locking: the vCPU is current. Trust: instruction, address and value are the guest's.
 */
#include <hv/edge.h>
#include <hv/guest.h>
#include <hv/guestmem.h>

#define APIC_BASE_X2APIC	(1ull << 10)
#define APIC_BASE_ENABLE	(1ull << 11)

unsigned int guest_fetch_insn(struct vcpu *v, uint8_t buf[15])
{
	struct guest_paging p;
	unsigned int first;
	gva_t at;

	edge_vcpu_get_paging(v, &p);
	at = p.cs_base + v->regs.rip;
	if (!p.long_mode)
		at &= 0xffffffffu;
	first = (unsigned int)(PAGE_SIZE - (at & (PAGE_SIZE - 1)));
	if (first > 15)
		first = 15;
	/*@ split first; */
	if (guest_copy_in(v, buf, at, first))
		return 0;
	if (first < 15 && !guest_copy_in(v, buf + first, at + first, 15 - first))
		return 15;
	return first;
}

/* By the number in ModRM; struct guest_regs has its own order. */
static uint64_t *reg_slot(struct vcpu *v, unsigned int n)
{
	struct guest_regs *r = &v->regs;
	uint64_t *const slot[16] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
	};

	return slot[n & 15];
}

static uint64_t size_mask(unsigned int size)
{
	return size >= 8 ? ~0ull : (1ull << (size * 8)) - 1;
}

static uint64_t source_value(struct vcpu *v, const struct insn_mov *m)
{
	if (m->has_imm)
		return m->imm & size_mask(m->size);
	if (m->high_byte)
		return (*reg_slot(v, m->reg - 4) >> 8) & 0xff;
	return *reg_slot(v, m->reg) & size_mask(m->size);
}

static void dest_store(struct vcpu *v, const struct insn_mov *m, uint64_t val)
{
	uint64_t *reg = reg_slot(v, m->high_byte ? m->reg - 4 : m->reg);
	unsigned int shift = m->high_byte ? 8 : 0;
	uint64_t mask = size_mask(m->dest_size) << shift;

	if (m->sign_extend && ((val >> (m->size * 8 - 1)) & 1))
		val |= ~size_mask(m->size);
	val = (val << shift) & mask;
	*reg = m->dest_size == 4 ? val : (*reg & ~mask) | val;
}

static bool lapic_page(const struct vcpu *v, gpa_t gpa)
{
	return gpa >> PAGE_SHIFT == LAPIC_GFN &&
	       (v->lapic.base_msr & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) == APIC_BASE_ENABLE;
}

static uint64_t mmio_read(struct vcpu *v, gpa_t gpa, unsigned int size)
{
	uint32_t offset = (uint32_t)(gpa & (PAGE_SIZE - 1));
	unsigned int in_reg = offset & 15;

	if (!lapic_page(v, gpa))
		return size_mask(size);
	/* A register is 4 bytes at the start of 16; narrower reads get their part of it. */
	if (in_reg >= 4 || in_reg + size > 4)
		return 0;
	return (lapic_mmio_read(v, offset & ~15u) >> (in_reg * 8)) & size_mask(size);
}

static void mmio_write(struct vcpu *v, gpa_t gpa, unsigned int size, uint64_t val)
{
	uint32_t offset = (uint32_t)(gpa & (PAGE_SIZE - 1));

	if (lapic_page(v, gpa) && size == 4 && !(offset & 15))
		lapic_mmio_write(v, offset, (uint32_t)val);
}

int guest_mmio_fault(struct vcpu *v, gpa_t gpa, bool write)
{
	struct guest_paging p;
	struct insn_mov m;
	uint8_t bytes[15];
	unsigned int n = guest_fetch_insn(v, bytes);

	if (!n)
		return 0;	/* its page went away: the guest faults when it is entered again */
	edge_vcpu_get_paging(v, &p);
	if (insn_decode_mov(bytes, n, p.long_mode, p.code32, &m))
		return -XEN_EFAULT;
	if (m.write != write)
		return 0;	/* the instruction was changed under us: run what is there now */
	if (write)
		mmio_write(v, gpa, m.size, source_value(v, &m));
	else
		dest_store(v, &m, mmio_read(v, gpa, m.size));
	v->regs.rip += m.len;
	if (!p.long_mode)
		v->regs.rip &= 0xffffffffu;
	return 0;
}
