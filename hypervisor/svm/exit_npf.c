/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page faults (APM volume 2, 15.25.6).
 * Locking: p2m_lookup takes p2m.lock. Trust: the address is the guest's. Nothing is mapped here: a
 * fault is either out of date, or emulated (local APIC, holes), or the guest's own error.
 *
 * A hole behaves as a bus without a device: loads give ones, stores vanish. That is for the plain
 * moves guest/insn.c knows; anything else, and more of them than a driver's probing needs, crashes
 * the guest. Writing to or executing from memory that was lent without that right is #GP.
 */
#include <hv/domain.h>
#include <hv/guest.h>
#include "vcpu.h"

#define NPF_WRITE	(1ull << 1)
#define NPF_FETCH	(1ull << 4)
#define NPF_FINAL	(1ull << 32)	/* else: while the guest's own tables were walked */
#define HOLE_LIMIT	100000u
#define REPEAT_LIMIT	1000u

static bool entry_allows(struct p2m_entry e, uint64_t error)
{
	switch (e.type) {
	case P2M_RAM:
		return true;
	case P2M_FOREIGN:
	case P2M_GRANT:
	case P2M_SHARED:
	case P2M_MMIO:
		return !(error & NPF_FETCH);
	case P2M_GRANT_RO:
		return !(error & (NPF_FETCH | NPF_WRITE));
	case P2M_INVALID:
		break;
	}
	return false;
}

/*
 * The p2m allows what the processor refused: another CPU has just changed it. Bounded, should the
 * two ever disagree for good.
 */
static void fault_retry(struct vcpu *v, struct svm_vcpu *s, gpa_t gpa)
{
	s->npf_repeats = s->npf_gpa == gpa ? s->npf_repeats + 1 : 0;
	s->npf_gpa = gpa;
	s->asid_cpu = MAX_CPUS;
	if (s->npf_repeats > REPEAT_LIMIT)
		guest_crash(v, "nested page fault that does not go away", gpa);
}

static void fault_hole(struct vcpu *v, struct svm_vcpu *s, gpa_t gpa, uint64_t error)
{
	if (!(error & NPF_FINAL) || (error & NPF_FETCH)) {
		guest_crash(v, "code or page table where there is no memory", gpa);
		return;
	}
	if (guest_mmio_fault(v, gpa, error & NPF_WRITE)) {
		guest_crash(v, "access where there is no memory", gpa);
		return;
	}
	svm_exit_done(v);
	if (gpa >> PAGE_SHIFT != LAPIC_GFN && ++s->hole_accesses > HOLE_LIMIT)
		guest_crash(v, "too many accesses where there is no memory", gpa);
}

void svm_exit_npf(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);
	uint64_t error = s->vmcb->exit_info1;
	gpa_t gpa = s->vmcb->exit_info2;
	struct p2m_entry e = p2m_lookup(v->domain, gpa >> PAGE_SHIFT);

	if (e.type == P2M_INVALID)
		fault_hole(v, s, gpa, error);
	else if (entry_allows(e, error))
		fault_retry(v, s, gpa);
	else if (error & NPF_FINAL)
		svm_event_fault(v, VECTOR_GP);
	else
		guest_crash(v, "page table in memory it may not write", gpa);
}
