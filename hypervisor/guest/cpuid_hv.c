/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own CPUID leaves (xen/arch-x86/cpuid.h).
 * Locking: none. Trust: nothing secret is told: identity, version, time, the caller's own ids.
 */
#include <hv/domain.h>
#include <hv/edge.h>
#include <xen/arch-x86/cpuid.h>
#include <xen/version.h>
#include "cpuid_policy.h"

#define VERSION_4_17	0x00040011u
#define LAST_LEAF	(CPUID_HV_BASE + 5)
#define HYPERCALL_MSR	0x40000000u

static void leaf_time(const struct vcpu *v, uint32_t subleaf, struct cpuid_regs *out)
{
	const struct domain *d = v->domain;

	switch (subleaf) {
	case 0:
		*out = (struct cpuid_regs){ BIT(1), d->tsc_mode, (uint32_t)edge_tsc_khz(),
					    d->tsc_incarnation };
		break;
	case 1:
		*out = (struct cpuid_regs){ (uint32_t)v->tsc_offset,
					    (uint32_t)(v->tsc_offset >> 32), edge_tsc_mul(),
					    (uint32_t)edge_tsc_shift() };
		break;
	case 2:
		out->a = (uint32_t)edge_tsc_khz();
		break;
	default:
		break;
	}
}

/*
 * No bit for the upcall vector: a guest that sees it takes each event through the local APIC and
 * pays an exit for the EOI; without it, it sets a callback vector, which goes past the APIC.
 * HVMOP_set_evtchn_upcall_vector works all the same.
 */
void cpuid_hypervisor(struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out)
{
	switch (leaf) {
	case CPUID_HV_BASE:
		*out = (struct cpuid_regs){ LAST_LEAF, XEN_CPUID_SIGNATURE_EBX,
					    XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX };
		break;
	case CPUID_HV_BASE + 1:
		out->a = VERSION_4_17;
		break;
	case CPUID_HV_BASE + 2:
		*out = (struct cpuid_regs){ 1, HYPERCALL_MSR, 0, 0 };
		break;
	case CPUID_HV_BASE + 3:
		leaf_time(v, subleaf, out);
		break;
	case CPUID_HV_BASE + 4:
		if (subleaf == 0)
			*out = (struct cpuid_regs){ XEN_HVM_CPUID_X2APIC_VIRT |
							    XEN_HVM_CPUID_VCPU_ID_PRESENT |
							    XEN_HVM_CPUID_DOMID_PRESENT,
						    v->id, v->domain->id, 0 };
		break;
	default:
		break;
	}
}
