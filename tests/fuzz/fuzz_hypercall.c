/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four domains that do whatever the input says: the control domain, two guests of one tenant, one of another. Hypercalls made from the table of operations
 * (hypercall_grammar.c) or of any numbers, writes to their own and to shared memory, MSRs, ports, the local APIC, time. The first byte chooses what a second fetch
 * of guest memory means (fetch.h). Nothing of it may panic, loop, reach memory it should not, break an invariant (invariants.h), or be missing when all
 * domains are gone. The policy allows nearly everything (fuzz.mk), so that what lies behind it is met.
 * Locking: none, one CPU acts. Trust: tests only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/hypercall.h>
#include <hv/flask.h>
#include <hv/internal.h>
#include <hv/mm.h>
#include <hv/timer.h>
#include <xen/memory.h>

#include "fetch.h"
#include "hypercall_world.h"
#include "invariants.h"

#define MAX_STEPS 64u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const labels[DOMAINS] = { "system_u:system_r:dom0_t:s0-s0:c0.c1023", "system_u:system_r:guest_t:s0:c1",
	"system_u:system_r:guest_t:s0:c1", "system_u:system_r:guest_t:s0:c2" };
static uint64_t guest_free;

static void step_write(struct domain *d)
{
	uint8_t bytes[256];
	gpa_t at = (take(1) % (PAGES + 4)) * PAGE_SIZE + take(2) % PAGE_SIZE;
	size_t n = take(1);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)take(1);
	write_block(d, at, bytes, n);
}

static void step_raw(struct domain *d)
{
	uint64_t nr = take(1) % 72, arg[5];

	for (unsigned int i = 0; i < 5; i++)
		arg[i] = take_argument();
	call(d, nr, arg);
}

static void step_multicall(struct domain *d)
{
	struct multicall_entry entry = { 0 };
	uint64_t arg[5] = { BLOCK + 0x800, take(1) % 8 };

	for (uint64_t i = 0; i < arg[1]; i++) {
		entry.op = take(1) % 64;
		for (unsigned int j = 0; j < 6; j++)
			entry.args[j] = take_argument();
		write_block(d, BLOCK + 0x800 + i * sizeof(entry), &entry, sizeof(entry));
	}
	call(d, __HYPERVISOR_multicall, arg);
}

static uint32_t take_msr(void)
{
	static const uint32_t known[] = { 0x10, 0x1b, 0x3b, 0x48, 0x79, 0x8b, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x1a0, 0x200, 0x20f, 0x250,
		0x258, 0x26f, 0x277, 0x2ff, 0x400, 0x401, 0x6e0, 0x802, 0x808, 0x80b, 0x80f, 0x830, 0x832, 0x838, 0x83e, 0x83f, 0x40000000,
		0xc0000080, 0xc0000081, 0xc0000100, 0xc0000102, 0xc0000103, 0xc0010010, 0xc0010015, 0xc001001f, 0xc0010058, 0xc0011029 };
	uint8_t i = (uint8_t)take(1);

	return i < 200 ? known[i % (sizeof(known) / sizeof(known[0]))] : (uint32_t)take(4);
}

/* The guest's own page tables, whatever lies in them, for one copy each way. */
static void step_paging(struct domain *d)
{
	struct hosted_vcpu *h = hosted_vcpu(d->vcpu[0]);
	struct guest_paging former = h->paging;
	uint8_t bytes[64], insn[15];
	uint64_t va;

	h->paging = (struct guest_paging){ .cr0 = 0x80000011 | (take(1) & 1) << 16, .cr3 = take_argument(), .cr4 = take(1) & 0x30,
					   .efer = take(1) & 1 ? 0xd00 : 0, .cpl = 0, .long_mode = take(1) & 1 };
	va = take_argument();
	if (guest_copy_in(d->vcpu[0], bytes, va, sizeof(bytes)) == 0 && guest_copy_out(d->vcpu[0], va, bytes, sizeof(bytes)) != 0)
		va = 0;
	d->vcpu[0]->regs.rip = va;
	guest_fetch_insn(d->vcpu[0], insn);
	h->paging = former;
}

static void step_machine(struct domain *d)
{
	struct vcpu *v = d->vcpu[take(1) % 2];
	struct cpuid_regs regs;
	struct insn_mov mov;
	uint8_t insn[15];
	uint64_t val;
	int vector;

	if (!v)
		return;
	hosted_run_vcpu(v);
	switch (take(1) % 13) {
	case 10:
		step_paging(d);
		break;
	case 12:
		step_schedule((unsigned int)take(1) % 8);
		break;
	case 11:
		hosted_run_vcpu(NULL);
		vcpu_wake(v);
		break;
	case 0:
		if (guest_rdmsr(v, take_msr(), &val) == 0)
			guest_cpuid(v, (uint32_t)take(4), (uint32_t)take(1), &regs);
		break;
	case 1:
		if (guest_wrmsr(v, take_msr(), take_argument()) != 0)
			break;
		break;
	case 2:
		if (guest_wrmsr(v, 0x800 + (uint32_t)take(1), take_argument()) != 0)
			break;
		break;
	case 3:
		guest_port_write(v, (uint16_t)take(2), 1u << take(1) % 3, (uint32_t)take(4));
		guest_port_read(v, (uint16_t)take(2), 1u << take(1) % 3);
		break;
	case 4:
		lapic_mmio_write(v, (uint32_t)take(2) & 0xffc, (uint32_t)take(4));
		lapic_mmio_read(v, (uint32_t)take(2) & 0xffc);
		break;
	case 5:
		vector = guest_interrupt_pending(v);
		if (vector >= 0)
			guest_interrupt_accept(v, vector);
		break;
	case 6:
		lapic_set_irq(v, (uint8_t)take(1), take(1) & 1);
		break;
	case 7:
		for (unsigned int i = 0; i < sizeof(insn); i++)
			insn[i] = (uint8_t)take(1);
		if (insn_decode_mov(insn, (unsigned int)take(1) % 16, take(1) & 1, take(1) & 1, &mov) == 0 && mov.len > 15)
			abort();
		insn_length(insn, (unsigned int)take(1) % 16, (enum insn_kind)(take(1) % (INSN_OTHER + 1)), take(1) & 1);
		break;
	case 8:
		v->regs.rip = take_argument();
		if (guest_mmio_fault(v, take_argument(), take(1) & 1) != 0)
			break;
		break;
	default:
		hosted_time_advance(take(4));
		timer_run_due();
		vcpu_update_areas(v);
		break;
	}
}

static void step(bool tidy)
{
	struct domain *d = domain[take(1) % DOMAINS];

	if (!able(d))
		return;
	switch (take(1) % 16) {
	case 0:
		step_write(d);
		break;
	case 1:
		tidy ? step_operation(d) : step_raw(d);
		break;
	case 2:
		tidy ? step_operation(d) : step_multicall(d);
		break;
	case 3: case 4: case 5:
		step_guided(d);
		break;
	case 6: case 7:
		step_machine(d);
		break;
	default:
		step_operation(d);
		break;
	}
}

/* --- a machine for each input ------------------------------------------------------------------------------------------------ */

static void show_memory(struct domain *d)
{
	struct xen_add_to_physmap add = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = SHARED_GFN };
	uint64_t arg[5] = { XENMEM_add_to_physmap, BLOCK };

	write_block(d, BLOCK, &add, sizeof(add));
	call(d, __HYPERVISOR_memory_op, arg);
	add.space = XENMAPSPACE_grant_table;
	add.gpfn = GRANT_GFN;
	write_block(d, BLOCK, &add, sizeof(add));
	call(d, __HYPERVISOR_memory_op, arg);
}

static void machine_begin(void)
{
	for (unsigned int i = 0; i < DOMAINS; i++) {
		domain[i] = hosted_domain((domid_t)i, labels[i], PAGES, 2);
		show_memory(domain[i]);
	}
	/* By its label it still controls; but its end is not the machine's, so that one input's is not the next one's. */
	domain[0]->is_control = false;
}

/* Domains that the control domain has made die like the others. */
static void kill_strangers(void)
{
	struct domain *d;

	while ((d = domain_lookup_next_raw(0)) != NULL)
		hosted_domain_kill(d);
}

static void machine_end(void)
{
	hosted_run_vcpu(NULL);
	for (unsigned int i = 0; i < DOMAINS; i++)
		hosted_domain_kill(domain[i]);
	kill_strangers();
	if (guest_pages_free() != guest_free) {
		fprintf(stderr, "guest memory: %llu pages free, were %llu\n", (unsigned long long)guest_pages_free(), (unsigned long long)guest_free);
		abort();
	}
}

static uint32_t policy_number;

static void machine_make(void)
{
	world_dirty = false;
	hosted_machine_init_policy("build/fuzz/policy");
	hosted_time_auto(50);
	guest_free = guest_pages_free();
	policy_number = flask_seqno();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machine_make();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum fetch_mode mode;

	input_begin(bytes, len);
	/* What an input did to the policy is not the next one's. */
	if (flask_seqno() != policy_number || !flask_enforcing() || world_dirty)
		machine_make();
	mode = (enum fetch_mode)(take(1) % 3);
	known_reset();
	hosted_console_clear();
	machine_begin();
	fetch_begin(mode, len);
	for (unsigned int i = 0; i < MAX_STEPS && input_left(); i++)
		step(mode == FETCH_STRICT);
	fetch_begin(FETCH_PLAIN, 0);
	hosted_run_vcpu(NULL);
	invariants_check("after a sequence");
	machine_end();
	return 0;
}
