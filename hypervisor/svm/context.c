/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Architectural state in and out of the VMCB: reset, contexts of the toolstack and the domain
 * builder.
 * Locking: the vCPU is not running, or is current. Trust: contexts may come from a hostile
 * toolstack: what the processor would refuse (APM volume 2, 15.5.1) or would fault on in VMLOAD,
 * XRSTOR is refused here.
 */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/guest.h>
#include <hv/string.h>
#include "host.h"
#include "vcpu.h"

#define CR0_CD		(1ull << 30)
#define CR0_NW		(1ull << 29)
#define CR0_GUEST	0xe005003full
#define CR4_PCIDE	(1ull << 17)
#define CR4_BASE	0x7ffull		/* VME … OSXMMEXCPT */
#define EFER_GUEST	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
#define ATTR_DB		(1u << 10)
#define RFLAGS_VM	(1ull << 17)
#define RFLAGS_GUEST	0x3f7fd7ull
#define DR6_RESET	0xffff0ff0ull
#define DR7_RESET	0x400ull

#define FXSAVE_SIZE	512
#define FXSAVE_MXCSR	24
#define FXSAVE_USED	464	/* behind it the processor ignores what is there */

static bool canonical(uint64_t a)
{
	return (uint64_t)((int64_t)(a << 16) >> 16) == a;
}

static uint64_t cr4_allowed(void)
{
	struct cpuid l1 = cpuid(1, 0), l7 = cpuid(7, 0);
	uint64_t m = CR4_BASE;

	m |= l1.c & (1u << 17) ? CR4_PCIDE : 0;
	m |= svm_features.xsave ? CR4_OSXSAVE : 0;
	m |= l7.b & (1u << 0) ? 1ull << 16 : 0;		/* FSGSBASE */
	m |= l7.b & (1u << 7) ? CR4_SMEP : 0;
	m |= l7.b & (1u << 20) ? CR4_SMAP : 0;
	m |= l7.c & (1u << 2) ? CR4_UMIP : 0;
	return m;
}

static bool control_valid(const struct cpu_context *c)
{
	bool pg = c->cr0 & CR0_PG, lme = c->efer & EFER_LME;

	if ((c->cr0 & ~CR0_GUEST) || ((c->cr0 & CR0_NW) && !(c->cr0 & CR0_CD)) ||
	    (c->cr4 & ~cr4_allowed()))
		return false;
	if ((c->efer & ~(EFER_GUEST | EFER_SVME)) || (c->cr3 >> cpu_phys_bits()) || (c->dr6 >> 32) ||
	    (c->dr7 >> 32))
		return false;
	if (pg && !(c->cr0 & CR0_PE))
		return false;
	if (pg && lme && (!(c->cr4 & CR4_PAE) || ((c->cs.attr & ATTR_L) && (c->cs.attr & ATTR_DB))))
		return false;
	return !(c->cr4 & CR4_PCIDE) || (pg && lme);
}

static bool addresses_valid(const struct cpu_context *c)
{
	return canonical(c->lstar) && canonical(c->cstar) && canonical(c->kernel_gs_base) &&
	       canonical(c->sysenter_esp) && canonical(c->sysenter_eip) && canonical(c->fs.base) &&
	       canonical(c->gs.base) && canonical(c->tr.base) && canonical(c->ldtr.base) &&
	       canonical(c->gdtr.base) && canonical(c->idtr.base);
}

static bool xcr0_valid(uint64_t xcr0)
{
	if (!svm_features.xsave)
		return xcr0 <= 1;
	return !(xcr0 & ~svm_features.xcr0) && (xcr0 == 0 || (xcr0 & 1)) &&
	       (!(xcr0 & 4) || (xcr0 & 2));
}

/*
 * HVM's form of a pending event is EVENTINJ's; software interrupts are raised by their instruction.
 */
static bool event_valid(uint32_t e)
{
	unsigned int type = (e >> 8) & 7;

	if (!(e & VMCB_EVENT_VALID))
		return true;
	return !(e & 0x7ffff000u) &&
	       (type == 0 || type == 2 || (type == 3 && (e & 0xff) < 32 && (e & 0xff) != 2));
}

static struct guest_segment segment(struct guest_segment s)
{
	s.attr &= 0xfff;
	return s;
}

static void segments_set(struct vmcb *s, const struct cpu_context *c)
{
	s->cs = segment(c->cs);
	s->ds = segment(c->ds);
	s->es = segment(c->es);
	s->fs = segment(c->fs);
	s->gs = segment(c->gs);
	s->ss = segment(c->ss);
	s->tr = segment(c->tr);
	s->ldtr = segment(c->ldtr);
	s->gdtr = segment(c->gdtr);
	s->idtr = segment(c->idtr);
}

static void segments_get(struct cpu_context *c, const struct vmcb *s)
{
	c->cs = s->cs;
	c->ds = s->ds;
	c->es = s->es;
	c->fs = s->fs;
	c->gs = s->gs;
	c->ss = s->ss;
	c->tr = s->tr;
	c->ldtr = s->ldtr;
	c->gdtr = s->gdtr;
	c->idtr = s->idtr;
}

static uint8_t cpl_from(const struct cpu_context *c)
{
	if (!(c->cr0 & CR0_PE))
		return 0;
	return c->regs.rflags & RFLAGS_VM ? 3 : (c->ss.attr >> 5) & 3;
}

static void control_set(struct vmcb *s, const struct cpu_context *c)
{
	s->cr0 = c->cr0 | (1u << 4);
	s->cr2 = c->cr2;
	s->cr3 = c->cr3;
	s->cr4 = c->cr4;
	s->efer = (c->efer & (EFER_SCE | EFER_LME | EFER_NXE)) | EFER_SVME;
	if ((c->efer & EFER_LME) && (c->cr0 & CR0_PG))
		s->efer |= EFER_LMA;
	s->dr6 = c->dr6 ? c->dr6 : DR6_RESET;
	s->dr7 = c->dr7 | DR7_RESET;
	s->cpl = cpl_from(c);
}

static void msrs_set(struct vmcb *s, const struct cpu_context *c)
{
	s->star = c->star;
	s->lstar = c->lstar;
	s->cstar = c->cstar;
	s->sfmask = c->sfmask;
	s->kernel_gs_base = c->kernel_gs_base;
	s->sysenter_cs = c->sysenter_cs;
	s->sysenter_esp = c->sysenter_esp;
	s->sysenter_eip = c->sysenter_eip;
}

static void msrs_get(struct cpu_context *c, const struct vmcb *s)
{
	c->star = s->star;
	c->lstar = s->lstar;
	c->cstar = s->cstar;
	c->sfmask = s->sfmask;
	c->kernel_gs_base = s->kernel_gs_base;
	c->sysenter_cs = s->sysenter_cs;
	c->sysenter_esp = s->sysenter_esp;
	c->sysenter_eip = s->sysenter_eip;
}

static void fpu_set(struct vcpu *v, const struct cpu_context *c)
{
	uint8_t *image = svm_vcpu(v)->fpu;
	uint16_t high = 0;

	svm_fpu_reset(v);
	if (c->fpu_valid) {
		memcpy(image, c->fpu, FXSAVE_USED);
		/*
		 * The upper half of MXCSR is reserved: restoring it would fault in the hypervisor.
		 */
		memcpy(image + FXSAVE_MXCSR + 2, &high, sizeof(high));
	}
	v->xcr0 = c->xcr0 ? c->xcr0 : 1;
}

int edge_vcpu_set_context(struct vcpu *v, const struct cpu_context *c)
{
	struct svm_vcpu *a = svm_vcpu(v);
	struct vmcb *s = a->vmcb;

	if (!control_valid(c) || !addresses_valid(c) || !xcr0_valid(c->xcr0) ||
	    !event_valid(c->pending_event) || (c->pat && !guest_pat_valid(c->pat)))
		return -XEN_EINVAL;
	v->regs = c->regs;
	v->regs.rflags = (c->regs.rflags & RFLAGS_GUEST) | 2;
	control_set(s, c);
	segments_set(s, c);
	msrs_set(s, c);
	s->g_pat = c->pat ? c->pat : GUEST_PAT_RESET;
	s->int_state = 0;
	memcpy(a->dr, c->dr, sizeof(a->dr));
	memset(a->insn, 0, sizeof(a->insn));
	a->asid_cpu = MAX_CPUS;		/* no translation of the former state is used */
	a->event = c->pending_event & VMCB_EVENT_VALID ?
			   c->pending_event | ((uint64_t)c->error_code << 32) :
			   0;
	a->nmi_blocked = false;
	s->intercept_misc1 &= ~VMCB_I1_IRET;
	fpu_set(v, c);
	v->lapic.wait_sipi = false;
	return 0;
}

/* The TSC is the time subsystem's: it follows from the host's and v->tsc_offset. */
void edge_vcpu_get_context(struct vcpu *v, struct cpu_context *c)
{
	const struct svm_vcpu *a = svm_vcpu(v);
	const struct vmcb *s = a->vmcb;

	memset(c, 0, sizeof(*c));
	c->regs = v->regs;
	c->cr0 = s->cr0;
	c->cr2 = s->cr2;
	c->cr3 = s->cr3;
	c->cr4 = s->cr4;
	c->efer = s->efer & ~EFER_SVME;
	c->dr6 = s->dr6;
	c->dr7 = s->dr7;
	c->pat = s->g_pat;
	c->xcr0 = v->xcr0;
	c->tsc = edge_tsc() + v->tsc_offset;
	memcpy(c->dr, a->dr, sizeof(c->dr));
	segments_get(c, s);
	msrs_get(c, s);
	c->pending_event = (uint32_t)a->event;
	c->error_code = (uint32_t)(a->event >> 32);
	c->fpu_valid = true;
	memcpy(c->fpu, a->fpu, FXSAVE_SIZE);
}

/* Inlined everywhere: nobody wants all of it. */
inline __attribute__((always_inline)) void edge_vcpu_get_paging(const struct vcpu *v, struct guest_paging *p)
{
	const struct vmcb *s = svm_vcpu(v)->vmcb;

	p->cr0 = s->cr0;
	p->cr3 = s->cr3;
	p->cr4 = s->cr4;
	p->efer = s->efer & ~EFER_SVME;
	p->cpl = s->cpl;
	p->long_mode = svm_long_mode(s);
	p->code32 = !p->long_mode && (s->cs.attr & ATTR_DB);
	p->cs_base = p->long_mode ? 0 : s->cs.base;
}
