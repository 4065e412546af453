/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy: labels of initial SIDs and of hardware.
 * Locking: none. Trust: every byte is hostile.
 */
#include "policydb.h"

#define VERSION_XEN_DEVICETREE 30u
#define CONTEXT_MIN_BYTES 32u

enum { OCON_ISID, OCON_PIRQ = FLASK_PIRQ, OCON_IOPORT = FLASK_IOPORT, OCON_IOMEM = FLASK_IOMEM, OCON_PCIDEVICE = FLASK_DEVICE, OCON_DEVICETREE };

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

static void read_hardware(struct reader *r, struct policy *p, unsigned int kind, struct object_label *o)
{
	bool wide = kind == OCON_IOMEM && p->version >= VERSION_XEN_DEVICETREE;

	o->low = wide ? read_u64(r) : read_u32(r);
	o->high = o->low;
	if (kind == OCON_IOPORT || kind == OCON_IOMEM)
		o->high = wide ? read_u64(r) : read_u32(r);
	reader_require(r, o->low <= o->high, "hardware's numbers run backwards");
	read_context(r, p, &o->context);
}

/* No machine of ours has one. */
static void read_devicetree(struct reader *r, const struct policy *p)
{
	struct context c = { 0 };

	(void)read_name(r, read_u32(r));
	read_context(r, p, &c);
}

static void read_hardware_list(struct reader *r, struct policy *p, unsigned int kind, uint32_t nr)
{
	struct object_label *more = reader_array(r, nr, sizeof(*more));

	p->object[kind - 1] = (struct object_list){ .nr = nr, .label = more };
	for (uint32_t i = 0; i < nr && !r->failed; i++)
		read_hardware(r, p, kind, &more[i]);
}

void policy_read_object_contexts(struct reader *r, struct policy *p)
{
	unsigned int kinds = p->version >= VERSION_XEN_DEVICETREE ? OCON_DEVICETREE + 1 : OCON_PCIDEVICE + 1;

	r->section = "object labels";
	for (unsigned int kind = 0; kind < kinds && !r->failed; kind++) {
		uint32_t nr = read_count(r, CONTEXT_MIN_BYTES);

		if (kind != OCON_ISID && kind != OCON_DEVICETREE) {
			read_hardware_list(r, p, kind, nr);
			continue;
		}
		for (uint32_t i = 0; i < nr && !r->failed; i++) {
			if (kind == OCON_ISID)
				read_initial_sid(r, p);
			else
				read_devicetree(r, p);
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
