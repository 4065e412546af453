/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/entry.c: any registers, either mode, and a dispatcher that does anything to them. */
#include "guest.c"

void edge_vcpu_get_paging(const struct vcpu *v, struct guest_paging *p) { guest_fill(p, sizeof(*p)); }

void hypercall_dispatch(struct vcpu *v, struct hypercall *hc)
{
	volatile uint64_t used = hc->nr + hc->compat + hc->privileged + hc->nested;

	guest_look(hc->arg, sizeof(hc->arg));
	guest_fill(hc->arg, sizeof(hc->arg));
	hc->result = (int64_t)any_u64;
	hc->restart = any_bool;
}

void eva_main(void)
{
	struct vcpu *v = &guest_vcpus[0];

	guest_fill(&v->regs, sizeof(v->regs));
	hypercall_from_guest(v, any_u32);
	guest_look(&v->regs, sizeof(v->regs));
}
