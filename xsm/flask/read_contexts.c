/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: labels of initial SIDs and of hardware.
 * Locking: none. Trust: every byte is hostile.
 */
#include "policydb.h"

#define VERSION_XEN_DEVICETREE 30u
#define CONTEXT_MIN_BYTES 32u

enum { OCON_ISID, OCON_PIRQ, OCON_IOPORT, OCON_IOMEM, OCON_PCIDEVICE, OCON_DEVICETREE };

static void read_context(struct reader *r, const struct policy *p, struct context *c)
{
	c->user = read_u32(r);
	c->role = read_u32(r);
	c->type = read_u32(r);
	policy_read_range(r, c->level);
	if (!r->failed)
		reader_require(r, policy_context_valid(p, c), "a label is not valid");
}

static void read_initial_sid(struct reader *r, struct policy *p)
{
	uint32_t sid = read_u32(r);
	struct context *c = reader_array(r, 1, sizeof(*c));

	if (!c)
		return;
	read_context(r, p, c);
	/* Policies may name more initial SIDs than we know: nobody asks for them. */
	if (sid == 0 || sid > FLASK_INITIAL_SIDS || r->failed)
		return;
	if (reader_require(r, !p->initial[sid], "an initial SID has two labels"))
		p->initial[sid] = c;
}

/* Hardware has no owner in this profile; its labels are checked, and looked at when devices are assigned. */
static void read_hardware(struct reader *r, struct policy *p, unsigned int kind)
{
	struct context c = { 0 };

	switch (kind) {
	case OCON_IOPORT:
		(void)read_u64(r);
		break;
	case OCON_IOMEM:
		(void)read_u64(r);
		if (p->version >= VERSION_XEN_DEVICETREE)
			(void)read_u64(r);
		break;
	case OCON_DEVICETREE:
		(void)read_name(r, read_u32(r));
		break;
	default:
		(void)read_u32(r);
		break;
	}
	read_context(r, p, &c);
}

void policy_read_object_contexts(struct reader *r, struct policy *p)
{
	unsigned int kinds = p->version >= VERSION_XEN_DEVICETREE ? OCON_DEVICETREE + 1 : OCON_PCIDEVICE + 1;

	r->section = "object labels";
	for (unsigned int kind = 0; kind < kinds && !r->failed; kind++) {
		uint32_t nr = read_count(r, CONTEXT_MIN_BYTES);

		for (uint32_t i = 0; i < nr && !r->failed; i++) {
			if (kind == OCON_ISID)
				read_initial_sid(r, p);
			else
				read_hardware(r, p, kind);
		}
	}
}

/* File systems: no Xen policy has any. */
void policy_read_genfs(struct reader *r, struct policy *p)
{
	(void)p;
	r->section = "file systems";
	reader_require(r, read_u32(r) == 0, "a policy for Xen labels no file systems");
}
