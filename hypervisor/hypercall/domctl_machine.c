/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl: the machine a guest will see: its CPUID, its clock, the memory for its tables, and what
 * kind each of its pages is.
 * Locking: domain.lock where a field is changed.
 * Trust: leaves are checked against what this host can give; arrays are fetched once.
 */
#include "control_op.h"

#include <hv/guest.h>
#include <hv/guestmem.h>
#include <hv/mm.h>

#define MSR_PLATFORM_INFO	0xceu
#define MSR_ARCH_CAPABILITIES	0x10au
#define POLICY_MSRS		2u
#define POLICY_LEAVES		0x78u /* what the tools make room for, as many as 4.17 has names for */
#define FRAME_INFO_MAX		1024u
#define POOL_BYTES_MAX		((uint64_t)1 << 40)
#define TSC_MODE_DEFAULT	0u
#define TSC_MODE_NEVER_EMULATE	2u

int control_policy_write(struct vcpu *v, const struct cpuid_leaf_set *set, gva_t leaves,
			 uint32_t *nr_leaves, gva_t msrs, uint32_t *nr_msrs)
{
	static const xen_msr_entry_t none[POLICY_MSRS] = { { .idx = MSR_PLATFORM_INFO },
							   { .idx = MSR_ARCH_CAPABILITIES } };
	int rc = 0;

	_Static_assert(sizeof(xen_cpuid_leaf_t) == sizeof(struct cpuid_leaf),
		       "leaves are handed out as they are kept");
	if (leaves && *nr_leaves < set->nr)
		return -XEN_ENOBUFS;
	if (msrs && *nr_msrs < POLICY_MSRS)
		return -XEN_ENOBUFS;
	if (leaves)
		rc = guest_copy_out(v, leaves, set->l, set->nr * sizeof(set->l[0]));
	if (rc == 0 && msrs)
		rc = guest_copy_out(v, msrs, none, sizeof(none));
	*nr_leaves = leaves ? set->nr : POLICY_LEAVES;
	*nr_msrs = POLICY_MSRS;
	return rc;
}

int64_t op_domctl_get_cpu_policy(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

	return control_policy_write(authz_vcpu(az), authz_target(az)->cpuid, HANDLE_VA(p->leaves),
				    &p->nr_leaves, HANDLE_VA(p->msrs), &p->nr_msrs);
}

/* The registers of a policy that we know are fixed at zero: nothing else may be asked for. */
static int policy_check_msrs(struct vcpu *v, struct xen_domctl_cpu_policy *p)
{
	xen_msr_entry_t e[POLICY_MSRS];
	int rc;

	if (p->nr_msrs > POLICY_MSRS)
		return -XEN_E2BIG;
	rc = guest_copy_in(v, e, HANDLE_VA(p->msrs), p->nr_msrs * sizeof(e[0]));
	for (uint32_t i = 0; i < p->nr_msrs && rc == 0; i++) {
		if (e[i].idx != MSR_PLATFORM_INFO && e[i].idx != MSR_ARCH_CAPABILITIES)
			rc = -XEN_ERANGE;
		else if (e[i].flags || e[i].val)
			rc = -XEN_EINVAL;
		if (rc)
			p->err_msr = e[i].idx;
	}
	return rc;
}

int64_t op_domctl_set_cpu_policy(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
	struct domain *d = authz_target(az);
	struct cpuid_leaf *leaves;
	int rc;

	p->err_leaf = p->err_subleaf = p->err_msr = UINT32_MAX;
	if (d->life != DOMAIN_BUILDING)
		return -XEN_EEXIST;
	if (p->nr_leaves > POLICY_LEAVES)
		return -XEN_E2BIG;
	rc = policy_check_msrs(authz_vcpu(az), p);
	if (rc)
		return rc;
	leaves = heap_alloc(d, sizeof(*leaves) * POLICY_LEAVES);
	if (!leaves)
		return -XEN_ENOMEM;
	rc = guest_copy_in(authz_vcpu(az), leaves, HANDLE_VA(p->leaves),
			   p->nr_leaves * sizeof(*leaves));
	if (rc == 0) {
		spin_lock(&d->lock);
		/* Once more, where no unpause comes between: it is constant for those who run. */
		rc = d->life != DOMAIN_BUILDING ? -XEN_EEXIST :
		     cpuid_domain_set(d, leaves, p->nr_leaves, &p->err_leaf, &p->err_subleaf);
		spin_unlock(&d->lock);
	}
	heap_free(d, leaves);
	return rc;
}

int64_t op_domctl_gettscinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;
	struct domain *d = authz_target(az);

	op->u.tsc_info = (struct xen_domctl_tsc_info){
		.tsc_mode = d->tsc_mode,
		.gtsc_khz = (uint32_t)d->tsc_khz,
		.incarnation = d->tsc_incarnation,
		.elapsed_nsec = edge_now_ns(),
	};
	return 0;
}

/* The TSC is the processor's own: another frequency, or trapping every read, is not offered. */
int64_t op_domctl_settscinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	const struct xen_domctl_tsc_info *t = &op->u.tsc_info;
	struct domain *d = authz_target(az);
	bool building;

	if (t->tsc_mode != TSC_MODE_DEFAULT && t->tsc_mode != TSC_MODE_NEVER_EMULATE)
		return -XEN_EOPNOTSUPP;
	if (t->gtsc_khz != 0 && t->gtsc_khz != d->tsc_khz)
		return -XEN_EOPNOTSUPP;
	spin_lock(&d->lock);
	building = d->life == DOMAIN_BUILDING;
	if (building) {
		d->tsc_mode = t->tsc_mode;
		d->tsc_incarnation = t->incarnation;
	}
	spin_unlock(&d->lock);
	return building ? 0 : -XEN_EINVAL;
}

int64_t op_domctl_get_paging_mempool_size(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;

	op->u.paging_mempool.size = authz_target(az)->paging_mempool;
	return 0;
}

/*
 * Tables are charged to the domain's heap account, which follows its memory: the pool is a number
 * that the tools read back.
 */
static int pool_set(struct domain *d, uint64_t bytes)
{
	if (bytes % PAGE_SIZE || bytes > POOL_BYTES_MAX)
		return -XEN_EINVAL;
	spin_lock(&d->lock);
	d->paging_mempool = bytes;
	spin_unlock(&d->lock);
	return 0;
}

int64_t op_domctl_set_paging_mempool_size(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;

	return pool_set(authz_target(az), op->u.paging_mempool.size);
}

int64_t op_domctl_shadow_op_get_allocation(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_domctl *op = arg;

	op->u.shadow_op.mb = (uint32_t)(authz_target(az)->paging_mempool >> 20);
	return 0;
}

int64_t op_domctl_shadow_op_set_allocation(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;

	return pool_set(authz_target(az), (uint64_t)op->u.shadow_op.mb << 20);
}

/* It is always off. */
int64_t op_domctl_shadow_op_off(struct authz *az, void *arg, struct hypercall *hc)
{
	return 0;
}

static xen_pfn_t frame_info(struct domain *d, xen_pfn_t gfn)
{
	return p2m_lookup(d, gfn).type == P2M_RAM ? XEN_DOMCTL_PFINFO_NOTAB
						  : XEN_DOMCTL_PFINFO_XTAB;
}

int64_t op_domctl_getpageframeinfo3(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_domctl *op = arg;
	const struct xen_domctl_getpageframeinfo3 *in = &op->u.getpageframeinfo3;
	struct guest_array a;
	int rc;

	if (in->num > FRAME_INFO_MAX)
		return -XEN_E2BIG;
	rc = guest_array_init(&a, authz_vcpu(az), HANDLE_VA(in->array), in->num, sizeof(xen_pfn_t));
	while (rc == 0 && a.pos < a.count) {
		uint64_t at = a.pos;
		xen_pfn_t gfn;

		rc = guest_array_fetch(&a, &gfn);
		if (rc == 0) {
			gfn = frame_info(authz_target(az), gfn);
			rc = guest_array_store(&a, at, &gfn);
		}
	}
	return rc;
}
