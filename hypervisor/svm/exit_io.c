/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IN, OUT and their string forms (APM volume 2, 15.10.2).
 * Locking: the vCPU is loaded here. Trust: ports, counts and addresses are the guest's; a string
 * instruction gives way after a few elements and goes on at its next exit.
 */
#include <hv/guest.h>
#include <hv/guestmem.h>
#include "vcpu.h"

#define IO_IN		(1u << 0)
#define IO_STRING	(1u << 2)
#define IO_REP		(1u << 3)
#define IO_SIZE(info)	(((info) >> 4) & 7)
#define IO_ADDR64	(1u << 9)
#define IO_ADDR32	(1u << 8)
#define IO_PORT(info)	((uint16_t)((info) >> 16))
#define RFLAGS_DF	(1ull << 10)
#define STRING_BATCH	64

struct string_io {
	uint16_t port;
	unsigned int size;
	bool in;
	uint64_t base;		/* of the segment */
	uint64_t mask;		/* of the address size */
};

static uint64_t merge(uint64_t old, uint64_t val, uint64_t mask)
{
	return mask == 0xffffffffu ? val & mask : (old & ~mask) | (val & mask);
}

static void port_io(struct vcpu *v, uint32_t info)
{
	unsigned int size = IO_SIZE(info);
	uint64_t mask = size == 4 ? 0xffffffffull : (1ull << (size * 8)) - 1;

	if (info & IO_IN)
		v->regs.rax = merge(v->regs.rax, guest_port_read(v, IO_PORT(info), size), mask);
	else
		guest_port_write(v, IO_PORT(info), size, (uint32_t)(v->regs.rax & mask));
}

/*
 * Segment of the memory operand: INS has ES, OUTS what EXITINFO1 bits 12:10 say (older processors:
 * nothing, so DS).
 */
static uint64_t segment_base(const struct vcpu *v, uint32_t info)
{
	const struct vmcb *c = svm_vcpu(v)->vmcb;
	const struct guest_segment *s[8] = { &c->es, &c->cs, &c->ss, &c->ds,
					    &c->fs, &c->gs, &c->ds, &c->ds };
	unsigned int n = info & IO_IN ? 0 : (info >> 10) & 7;
	struct guest_paging p;

	edge_vcpu_get_paging(v, &p);
	return p.long_mode && n != 4 && n != 5 ? 0 : s[n]->base;
}

static bool string_one(struct vcpu *v, const struct string_io *io, uint64_t *index)
{
	gva_t addr = io->base + (*index & io->mask);
	uint32_t val = 0;
	int rc;

	if (io->in) {
		val = guest_port_read(v, io->port, io->size);
		rc = guest_copy_out(v, addr, &val, io->size);
	} else {
		rc = guest_copy_in(v, &val, addr, io->size);
	}
	if (rc) {
		svm_event_page_fault(v, addr, io->in ? 2u : 0);
		return false;
	}
	if (!io->in)
		guest_port_write(v, io->port, io->size, val);
	*index = merge(*index, v->regs.rflags & RFLAGS_DF ? *index - io->size : *index + io->size,
		       io->mask);
	return true;
}

/* True when the whole instruction is done. */
static bool string_run(struct vcpu *v, const struct string_io *io, bool rep)
{
	uint64_t *index = io->in ? &v->regs.rdi : &v->regs.rsi;

	if (!rep)
		return string_one(v, io, index);
	for (unsigned int i = 0; i < STRING_BATCH && (v->regs.rcx & io->mask); i++) {
		if (!string_one(v, io, index))
			return false;
		v->regs.rcx = merge(v->regs.rcx, v->regs.rcx - 1, io->mask);
	}
	return !(v->regs.rcx & io->mask);
}

static bool string_io(struct vcpu *v, uint32_t info)
{
	struct string_io io = {
		.port = IO_PORT(info),
		.size = IO_SIZE(info),
		.in = info & IO_IN,
		.base = segment_base(v, info),
		.mask = 0xffff,
	};

	/* The copy below has the supervisor's rights. No port is there for a program, whatever IOPL says. */
	if (svm_vcpu(v)->vmcb->cpl == 3) {
		svm_event_fault(v, 13);
		return false;
	}
	if (info & IO_ADDR64)
		io.mask = ~0ull;
	else if (info & IO_ADDR32)
		io.mask = 0xffffffffu;
	return string_run(v, &io, info & IO_REP);
}

void svm_exit_io(struct vcpu *v)
{
	const struct vmcb *c = svm_vcpu(v)->vmcb;
	uint32_t info = (uint32_t)c->exit_info1;
	unsigned int size = IO_SIZE(info);
	uint64_t len = c->exit_info2 - c->rip;

	if ((size != 1 && size != 2 && size != 4) || len - 1 >= 15) {
		guest_crash(v, "port access that makes no sense", info);
		return;
	}
	if (!(info & IO_STRING))
		port_io(v, info);
	else if (!string_io(v, info))
		return;
	svm_exit_skip(v, (unsigned int)len);
}
