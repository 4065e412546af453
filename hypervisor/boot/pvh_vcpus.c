/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which a PVH guest's first vCPU starts: 32-bit protected mode, paging off, EBX = start_info.
 * Locking: boot CPU only. Trust: entry and address were checked by the loader.
 */
#include "pvh_private.h"

#include <hv/edge.h>

#define CR0_PE_ET	0x11u
#define RFLAGS_FIXED	0x2u
#define DR6_DEFAULT	0xffff0ff0u
#define DR7_DEFAULT	0x400u
#define PAT_DEFAULT	0x0007040600070406ull
#define XCR0_X87	1u
#define SEG_CODE	0xc9bu		/* 32-bit, 4 GiB, present, accessed; VMCB form */
#define SEG_DATA	0xc93u
#define SEG_TSS		0x08bu		/* busy 32-bit TSS */
#define SEG_LIMIT	0xffffffffu
#define TSS_LIMIT	0x67u
#define MTRR_WB_ENABLED	0xc06u		/* otherwise Linux takes all RAM for uncached */

static const struct guest_segment segment_code = { .attr = SEG_CODE, .limit = SEG_LIMIT };
static const struct guest_segment segment_data = { .attr = SEG_DATA, .limit = SEG_LIMIT };
static const struct guest_segment segment_none = { .attr = 0 };

static void context_start(struct cpu_context *c, uint32_t entry, gpa_t info)
{
	c->regs = (struct guest_regs){ .rbx = info, .rip = entry, .rflags = RFLAGS_FIXED };
	c->cr0 = CR0_PE_ET;
	c->cr2 = c->cr3 = c->cr4 = c->efer = 0;
	c->dr6 = DR6_DEFAULT;
	c->dr7 = DR7_DEFAULT;
	c->xcr0 = XCR0_X87;
	c->pat = PAT_DEFAULT;
	c->cs = segment_code;
	c->ds = c->es = c->ss = segment_data;
	c->fs = c->gs = c->ldtr = c->gdtr = c->idtr = segment_none;
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
	edge_vcpu_get_context(d->vcpu[0], &context);	/* what PVH does not define stays as after reset */
	context_start(&context, entry, info);
	rc = edge_vcpu_set_context(d->vcpu[0], &context);
	if (!rc)
		vcpu_up(d->vcpu[0]);
	return rc;
}
