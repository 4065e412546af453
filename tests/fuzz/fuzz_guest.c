/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine a guest sees, as two vCPUs of one domain might use it: CPUID, MSRs, ports, the local
 * APIC by page and by MSR, IPIs, timers, emulated moves, and CPU policies from the toolstack. What
 * must hold: vectors are vectors, lengths are lengths, hidden features stay hidden.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/domain.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/options.h>
#include <hv/timer.h>
#include "hosted.h"

#define MAX_STEPS 256u
#define CODE	  0x2000u	/* where RIP is */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const uint8_t *in;
static size_t left;
static struct domain *domain;

static uint64_t take(unsigned int bytes)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes && left; i++, left--)
		v |= (uint64_t)*in++ << (8 * i);
	return v;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A host with every feature there is: what a guest is not told is this side's doing. */
static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ ~0u, ~0u, ~0u, ~0u };
	if (leaf == 0)
		*r = (struct cpuid_regs){ 0x10, 0x68747541, 0x444d4163, 0x69746e65 };
	else if (leaf == 0x80000000u)
		*r = (struct cpuid_regs){ 0x8000001f, 0x68747541, 0x444d4163, 0x69746e65 };
	else if (leaf == 0xd)
		*r = (struct cpuid_regs){ subleaf ? 256 : 7, 576, 832, 0 };
}

static void step_cpuid(struct vcpu *v)
{
	static const uint32_t base[] = { 0, 0x80000000, 0x40000000, 0x40000100 };
	uint32_t known = (uint32_t)take(1), subleaf = (uint32_t)take(1),
		 leaf = known < 0xf0 ? base[known % 4] + known / 4 % 0x20 : (uint32_t)take(4);
	struct cpuid_regs r;

	guest_cpuid(v, leaf, subleaf, &r);
	guest_cpuid(v, 0x80000001u, 0, &r);
	must(!(r.c & (1u << 2)));				/* SVM */
	guest_cpuid(v, 1, 0, &r);
	must(!(r.c & (1u << 3)) && (r.c & (1u << 31)));		/* no MONITOR; a hypervisor */
	guest_cpuid(v, 7, 0, &r);
	must(!(r.d & ~(1u << 4)) && !(r.b & (1u << 16)));	/* no AVX-512 */
}

static void step_policy(void)
{
	struct cpuid_leaf l[3];
	uint32_t err_leaf, err_subleaf;

	for (unsigned int i = 0; i < 3; i++)
		l[i] = (struct cpuid_leaf){ (uint32_t)take(1) | (uint32_t)take(1) << 24,
					    (uint32_t)take(1),
					    { (uint32_t)take(4), (uint32_t)take(4),
					      (uint32_t)take(4), (uint32_t)take(4) } };
	(void)!cpuid_domain_set(domain, l, 3, &err_leaf, &err_subleaf);
}

static uint32_t msr_number(void)
{
	static const uint32_t base[] = { 0,	     0x1b,	 0x10,	    0x200, 0x250,
					 0x2ff,	     0x6e0,	 0x800,	    0x820, 0x830,
					 0x40000000, 0xc0010000, 0xc0011000 };
	uint32_t n = (uint32_t)take(1);

	return n < ARRAY_SIZE(base) ? base[n] + (uint32_t)take(1) % 32 : (uint32_t)take(4);
}

static void step_msr(struct vcpu *v, bool write)
{
	uint32_t msr = msr_number();
	uint64_t val = 0;

	if (write)
		(void)!guest_wrmsr(v, msr, take(8));
	else
		(void)!guest_rdmsr(v, msr, &val);
}

static void step_interrupt(struct vcpu *v)
{
	int vector = guest_interrupt_pending(v);

	must(vector == GUEST_NO_VECTOR || (vector >= 16 && vector < 256));
	if (vector != GUEST_NO_VECTOR)
		guest_interrupt_accept(v, vector);
	vector = lapic_held_vector(v);
	must(vector == GUEST_NO_VECTOR || (vector >= 16 && vector < 256));
}

static void step_startup(struct vcpu *v)
{
	struct cpu_context c;

	if (guest_startup_pending(v, &c) == GUEST_STARTUP_RESET)
		must(c.cs.base == (uint64_t)c.cs.sel << 4 && c.cs.base < 0x100000 &&
		     c.regs.rip == 0);
	(void)guest_nmi_take(v);
}

static void step_insn(struct vcpu *v)
{
	uint8_t bytes[20] = { 0 };
	unsigned int n = (unsigned int)take(1) % sizeof(bytes),
		     kind = (unsigned int)take(1) % (INSN_OTHER + 1);
	bool long_mode = take(1) & 1, def32 = take(1) & 1;
	struct insn_mov m;

	for (unsigned int i = 0; i < n; i++)
		bytes[i] = (uint8_t)take(1);
	must(insn_length(bytes, n, (enum insn_kind)kind, long_mode) <= (n < 15 ? n : 15));
	if (insn_decode_mov(bytes, n, long_mode, def32, &m) == 0) {
		must(m.len > 1 && m.len <= n && m.len <= 15 && m.reg < 16);
		must(m.size == 1 || m.size == 2 || m.size == 4 || m.size == 8);
		must(m.dest_size >= m.size && (!m.high_byte || (m.reg >= 4 && m.reg < 8)));
	}
	hosted_write(domain, CODE, bytes, sizeof(bytes));
	v->regs.rip = CODE;
	(void)!guest_mmio_fault(v, take(1) & 1 ? 0xfee00000u + take(2) % 4096 : take(5),
				take(1) & 1);
	must(v->regs.rip >= CODE && v->regs.rip <= CODE + 15);
}

static void step_time(void)
{
	hosted_time_advance(take(4));
	timer_run_due();
}

static void step(void)
{
	struct vcpu *v = domain->vcpu[take(1) & 1];

	hosted_run_vcpu(v);
	switch (take(1) % 12) {
	case 0:
		step_cpuid(v);
		break;
	case 1:
		step_policy();
		break;
	case 2:
	case 3:
		step_msr(v, true);
		break;
	case 4:
		step_msr(v, false);
		break;
	case 5:
		(void)guest_port_read(v, (uint16_t)take(2), 1u << take(1) % 3);
		break;
	case 6:
		guest_port_write(v, take(1) & 1 ? 0xe9 : (uint16_t)take(2), 1u << take(1) % 3,
				 (uint32_t)take(4));
		break;
	case 7:
		lapic_mmio_write(v, ((uint32_t)take(1) << 4) & 0xff0, (uint32_t)take(4));
		break;
	case 8:
		(void)lapic_mmio_read(v, ((uint32_t)take(1) << 4) & 0xff0);
		break;
	case 9:
		lapic_set_irq(v, (uint8_t)take(1), take(1) & 1);
		step_interrupt(v);
		step_startup(v);
		break;
	case 10:
		step_insn(v);
		break;
	default:
		step_time();
		break;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	hosted_machine_init_policy("build/fuzz/policy");
	options.xsave = true;
	cpuid_host_init(host);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint64_t free_before = guest_pages_free();

	in = bytes;
	left = len;
	hosted_console_clear();
	domain = hosted_domain(1, "system_u:system_r:guest_t:s0:c1", 16, 2);
	for (unsigned int i = 0; i < MAX_STEPS && left; i++)
		step();
	hosted_domain_kill(domain);
	must(guest_pages_free() == free_before);
	return 0;
}
