/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a guest that did what no guest may.
 * Locking: none held. Trust: numbers come from the guest and are printed as numbers only.
 */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/guest.h>
#include <xen/sched.h>

void guest_crash(struct vcpu *v, const char *why, uint64_t detail)
{
	struct domain *d = v->domain;
	struct guest_paging p;

	if (!d->is_shut_down) {
		edge_vcpu_get_paging(v, &p);
		log_err("d%uv%u: crashed: %s (0x%lx) at rip 0x%lx rsp 0x%lx cr3 0x%lx", d->id,
			v->id, why, detail, v->regs.rip, v->regs.rsp, p.cr3);
	}
	domain_shutdown(d, SHUTDOWN_crash);
}
