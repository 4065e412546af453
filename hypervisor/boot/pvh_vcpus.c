/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which a PVH guest's first vCPU starts: 32-bit protected mode, paging off, EBX = start_info.
 * Locking: boot CPU only. Trust: entry and address were checked by the loader.
 */
#include "pvh_private.h"

#include <hv/edge.h>
#include <hv/guest.h>

#define CR0_PE_ET	0x11u
#define SEG_CODE	0xc9bu		/* 32-bit, 4 GiB, present, accessed; VMCB form */
#define SEG_DATA	0xc93u
#define SEG_TSS		0x08bu		/* busy 32-bit TSS */
#define SEG_LIMIT	0xffffffffu
#define TSS_LIMIT	0x67u
#define MTRR_WB_ENABLED	0xc06u		/* otherwise Linux takes all RAM for uncached */

/* What PVH does not define is as after reset. */
static void context_start(struct cpu_context *c, uint32_t entry, gpa_t info)
{
	guest_reset_context(c, 0);
	c->regs.rbx = info;
	c->regs.rip = entry;
	c->cr0 = CR0_PE_ET;
	c->cs = (struct guest_segment){ .attr = SEG_CODE, .limit = SEG_LIMIT };
	c->ds = c->es = c->ss = (struct guest_segment){ .attr = SEG_DATA, .limit = SEG_LIMIT };
	c->tr = (struct guest_segment){ .attr = SEG_TSS, .limit = TSS_LIMIT };
}

int pvh_vcpus_create(struct domain *d, unsigned int vcpus, uint32_t entry, gpa_t info)
{
	struct cpu_context context;
	int rc = 0;

	for (unsigned int i = 0; i < vcpus && !rc; i++) {
		rc = vcpu_create(d, i);
		if (!rc)
			d->vcpu[i]->mtrr_def_type = MTRR_WB_ENABLED;
	}
	if (rc)
		return rc;
	context_start(&context, entry, info);
	rc = edge_vcpu_set_context(d->vcpu[0], &context);
	if (!rc)
		vcpu_up(d->vcpu[0]);
	return rc;
}
