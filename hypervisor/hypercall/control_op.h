/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the decoders of domctl and sysctl share.
 * Locking: said at each.
 * Trust: numbers and addresses are the caller's.
 */
#ifndef HYPERCALL_CONTROL_OP_H
#define HYPERCALL_CONTROL_OP_H

#include "handlers.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/edge.h>

/* NULL: no such vCPU. */
/*@ requires \valid_read(d); assigns \nothing; */
static inline struct vcpu *control_vcpu(const struct domain *d, uint32_t id)
{
	if (id >= MAX_VCPUS)
		return NULL;
	return d->vcpu[id & edge_array_index_mask(id, MAX_VCPUS)];
}

/* One bit for each CPU there is. */
static inline uint64_t control_cpu_mask(void)
{
	return cpu_count >= 64 ? UINT64_MAX : ((uint64_t)1 << cpu_count) - 1;
}

/*
 * xenctl_bitmap: as many bytes as the caller says; what it has beyond 64 bits is ignored, or
 * written as zeroes.
 */
int __must_check control_bitmap_read(struct vcpu *v, const struct xenctl_bitmap *map,
				     uint64_t *bits);
int __must_check control_bitmap_write(struct vcpu *v, const struct xenctl_bitmap *map,
				      uint64_t bits);

/* What getdomaininfo tells of d. Takes domain.lock. */
void control_domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

struct cpuid_leaf_set;
/*
 * Copies a CPU policy out; counts are what there is room for, and become what was written.
 * -XEN_ENOBUFS: too little room. NULL addresses: counts only.
 */
int __must_check control_policy_write(struct vcpu *v, const struct cpuid_leaf_set *set,
				      gva_t leaves, uint32_t *nr_leaves, gva_t msrs,
				      uint32_t *nr_msrs);

/*
 * Between the two no vCPU of d runs, whoever unpauses it. -XEN_ERESTART: one is still loaded;
 * -XEN_EBUSY: the domain runs, nobody else has paused it.
 */
/*@ assigns \nothing; */
int __must_check control_quiet_begin(struct domain *d);
/*@ assigns \nothing; */
void control_quiet_end(struct domain *d);

/* The first n words of the feature set: what guests can have of this processor. sysctl_cpu.c */
void control_host_features(uint32_t *words, unsigned int n);

#define CONTROL_SCHEDULER XEN_SCHEDULER_CREDIT

#endif
