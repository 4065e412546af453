/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/control_op.c, which has no handlers: bitmaps of any length, any domain. */
#include "handlers.c"
#include <control_op.h>

static void helpers(void *arg)
{
	struct xen_domctl *op = arg;
	uint64_t bits;

	if (control_bitmap_read(&guest_vcpus[0], &op->u.nodeaffinity.nodemap, &bits) == 0)
		look(bits);
	look((uint64_t)control_bitmap_write(&guest_vcpus[0], &op->u.nodeaffinity.nodemap, any_u64));
	control_domain_info(&guest_domains[1], &op->u.getdomaininfo);
	guest_look(&op->u.getdomaininfo, sizeof(op->u.getdomaininfo));
	if (control_quiet_begin(&guest_domains[1]) == 0)
		control_quiet_end(&guest_domains[1]);
}

static int64_t run(struct authz *az, void *arg, struct hypercall *hc)
{
	helpers(arg);
	return 0;
}

void eva_main(void)
{
	call(run, sizeof(struct xen_domctl));
}
