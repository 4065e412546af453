/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU's hardware half: making and unmaking it, loading it on a CPU and saving it, entering the
 * guest once.
 * Locking: the scheduler's; a loaded vCPU is touched by its CPU alone. Trust: what comes back in
 * registers is the guest's.
 */
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/options.h>
#include "host.h"
#include "vcpu.h"

#define INTERCEPT_MISC1 \
	(VMCB_I1_INTR | VMCB_I1_NMI | VMCB_I1_SMI | VMCB_I1_INIT | VMCB_I1_RDPMC | VMCB_I1_CPUID | \
	 VMCB_I1_RSM | VMCB_I1_INVD | VMCB_I1_HLT | VMCB_I1_INVLPGA | VMCB_I1_IOIO | VMCB_I1_MSR | \
	 VMCB_I1_SHUTDOWN)
#define INTERCEPT_MISC2 \
	(VMCB_I2_VMRUN | VMCB_I2_VMMCALL | VMCB_I2_VMLOAD | VMCB_I2_VMSAVE | VMCB_I2_STGI | \
	 VMCB_I2_CLGI | VMCB_I2_SKINIT | VMCB_I2_WBINVD | VMCB_I2_MONITOR | VMCB_I2_MWAIT | \
	 VMCB_I2_XSETBV)
/*
 * #MC is the host's. #DB and #AC would otherwise let a guest whose handler faults in the same way
 * again keep the CPU for ever (CVE-2015-5307, CVE-2015-8104).
 */
#define INTERCEPT_EXCEPTIONS	((1u << 1) | (1u << 17) | (1u << 18))

static void vmcb_control_init(struct vcpu *v, struct vmcb *c)
{
	c->intercept_exceptions = INTERCEPT_EXCEPTIONS;
	c->intercept_misc1 = INTERCEPT_MISC1;
	c->intercept_misc2 = INTERCEPT_MISC2 | (svm_features.rdpru ? VMCB_I2_RDPRU : 0);
	c->iopm_pa = svm_features.iopm_pa;
	c->msrpm_pa = svm_features.msrpm_pa;
	c->vintr = VMCB_V_INTR_MASKING;
	c->np_control = VMCB_NP_ENABLE;
	c->n_cr3 = heap_va_to_mfn(v->domain->p2m.root) << PAGE_SHIFT;
}

int edge_vcpu_create(struct vcpu *v)
{
	struct svm_vcpu *s = heap_alloc(v->domain, sizeof(*s));
	struct cpu_context reset;

	if (!s)
		return -XEN_ENOMEM;
	v->arch = s;
	s->vmcb = heap_alloc_pages(v->domain, 0);
	if (!s->vmcb || svm_fpu_create(v)) {
		edge_vcpu_destroy(v);
		return -XEN_ENOMEM;
	}
	s->vmcb_pa = heap_va_to_mfn(s->vmcb) << PAGE_SHIFT;
	s->asid_cpu = MAX_CPUS;
	vmcb_control_init(v, s->vmcb);
	guest_reset_context(&reset, 0);
	return edge_vcpu_set_context(v, &reset);
}

/* How often each kind of exit happened: says where a slow guest loses its time. Only where it was asked for: domains come and go. */
static void exits_log(const struct vcpu *v, const struct svm_vcpu *s)
{
	for (unsigned int i = 0; i < SVM_EXIT_COUNTERS; i++)
		if (s->exits[i] && options.log_level >= (int)LOG_DEBUG)
			log_debug("d%uv%u: exit 0x%x: %lu", v->domain->id, v->id,
				  i == SVM_EXIT_COUNTERS - 2 ? VMEXIT_NPF : i, s->exits[i]);
}

void edge_vcpu_destroy(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);

	if (!s)
		return;
	exits_log(v, s);
	svm_fpu_destroy(v);
	if (s->vmcb)
		heap_free_pages(v->domain, s->vmcb, 0);
	heap_free(v->domain, s);
	v->arch = NULL;
}

void edge_vcpu_load(struct vcpu *v)
{
	const uint64_t *dr = svm_vcpu(v)->dr;

	svm_fpu_load(v);
	__asm__ volatile("mov %0, %%db0; mov %1, %%db1; mov %2, %%db2; mov %3, %%db3"
			 :: "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]));
}

void edge_vcpu_save(struct vcpu *v)
{
	uint64_t *dr = svm_vcpu(v)->dr;

	svm_fpu_save(v);
	__asm__ volatile("mov %%db0, %0; mov %%db1, %1; mov %%db2, %2; mov %%db3, %3"
			 : "=r"(dr[0]), "=r"(dr[1]), "=r"(dr[2]), "=r"(dr[3]));
}

/* An INIT or SIPI has come: the reset that it asked for; false if the vCPU has nothing to run. */
static __slow bool startup(struct vcpu *v)
{
	struct cpu_context reset;

	switch (guest_startup_pending(v, &reset)) {
	case GUEST_STARTUP_NONE:
		return true;
	case GUEST_STARTUP_WAIT:
		return false;
	case GUEST_STARTUP_RESET:
		break;
	}
	BUG_ON(edge_vcpu_set_context(v, &reset));
	edge_vcpu_load(v);
	return true;
}

static void regs_to_vmcb(const struct vcpu *v, struct vmcb *c)
{
	c->rax = v->regs.rax;
	c->rip = v->regs.rip;
	c->rsp = v->regs.rsp;
	c->rflags = v->regs.rflags | 2;
}

static void regs_from_vmcb(struct vcpu *v, const struct vmcb *c)
{
	v->regs.rax = c->rax;
	v->regs.rip = c->rip;
	v->regs.rsp = c->rsp;
	v->regs.rflags = c->rflags;
}

void edge_vcpu_run(struct vcpu *v)
{
	struct svm_vcpu *s = svm_vcpu(v);
	unsigned int cpu = edge_cpu_id();

	cpu_send_kicks(cpu);
	if (unlikely(atomic_load_explicit(&v->lapic.pending_init_sipi, memory_order_relaxed)) && !startup(v))
		return;
	svm_event_prepare(v);
	s->vmcb->tsc_offset = v->tsc_offset;
	regs_to_vmcb(v, s->vmcb);
	atomic_store(&cpus[cpu].in_guest, v->domain->id);
	svm_asid_prepare(v, cpu);
	svm_enter(&v->regs, s->vmcb_pa, svm_cpus[cpu].host_pa);
	atomic_fetch_add(&svm_cpus[cpu].exits, 1);
	atomic_store(&cpus[cpu].in_guest, -1);
	regs_from_vmcb(v, s->vmcb);
	svm_event_collect(v);
	svm_exit_handle(v);
}
