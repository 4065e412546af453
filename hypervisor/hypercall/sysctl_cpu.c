/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysctl: what processor guests can be given at most; and platform_op.
 * Locking: the policy is constant after boot.
 * Trust: indexes, counts and addresses are the caller's.
 */
#include "control_op.h"

#include <hv/guest.h>
#include <hv/guestmem.h>

#define FEATURE_WORDS 19u	/* as many as the tools of 4.17 know */
#define NSEC_PER_SEC 1000000000u

/* Word n of a feature set: xen/arch-x86/cpufeatureset.h. */
static const struct feature_word {
	uint32_t leaf, subleaf;
	enum { REG_A, REG_B, REG_C, REG_D } reg;
} feature_words[FEATURE_WORDS] = {
	{ 1, 0, REG_D },
	{ 1, 0, REG_C },
	{ 0x80000001, 0, REG_D },
	{ 0x80000001, 0, REG_C },
	{ 0xd, 1, REG_A },
	{ 7, 0, REG_B },
	{ 7, 0, REG_C },
	{ 0x80000007, 0, REG_D },
	{ 0x80000008, 0, REG_B },
	{ 7, 0, REG_D },
	{ 7, 1, REG_A },
	{ 0x80000021, 0, REG_A },
	{ 7, 1, REG_B },
	{ 7, 2, REG_D },
	{ 7, 1, REG_C },
	{ 7, 1, REG_D },
};

static uint32_t feature_word(const struct cpuid_leaf_set *set, const struct feature_word *w)
{
	for (uint32_t i = 0; i < set->nr && w->leaf; i++) {
		const struct cpuid_leaf *l = &set->l[i];

		if (l->leaf != w->leaf ||
		    (l->subleaf != w->subleaf && l->subleaf != XEN_CPUID_NO_SUBLEAF))
			continue;
		switch (w->reg) {
		case REG_A:
			return l->r.a;
		case REG_B:
			return l->r.b;
		case REG_C:
			return l->r.c;
		case REG_D:
			return l->r.d;
		}
	}
	return 0;
}

void control_host_features(uint32_t *words, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		words[i] = i < FEATURE_WORDS ? feature_word(cpuid_policy_max(), &feature_words[i]) : 0;
}

/* CPUID is intercepted for every guest; no masking register of the processor's is used. */
int64_t op_sysctl_get_cpu_levelling_caps(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;

	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

int64_t op_sysctl_get_cpu_featureset(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	uint32_t room = f->nr_features, words[FEATURE_WORDS];

	if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max)
		return -XEN_EINVAL;
	f->nr_features = FEATURE_WORDS;
	if (HANDLE_VA(f->features) == 0)
		return 0;
	if (room < FEATURE_WORDS)
		return -XEN_ENOBUFS;
	control_host_features(words, FEATURE_WORDS);
	return guest_copy_out(authz_vcpu(az), HANDLE_VA(f->features), words, sizeof(words));
}

/* There is one policy: what the host has, less what guests do not get. */
int64_t op_sysctl_get_cpu_policy(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_sysctl *op = arg;
	struct xen_sysctl_cpu_policy *p = &op->u.cpu_policy;

	if (p->_rsvd || p->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -XEN_EINVAL;
	return control_policy_write(authz_vcpu(az), cpuid_policy_max(), HANDLE_VA(p->leaves),
				    &p->nr_leaves, HANDLE_VA(p->msrs), &p->nr_msrs);
}

static int platform_settime(uint64_t secs, uint32_t nsecs, uint64_t system_time)
{
	if (nsecs >= NSEC_PER_SEC)
		return -XEN_EINVAL;
	pvclock_set_wallclock(secs, nsecs, system_time);
	return 0;
}

int64_t op_platform_settime32(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_platform_op *op = arg;

	return platform_settime(op->u.settime32.secs, op->u.settime32.nsecs,
				op->u.settime32.system_time);
}

int64_t op_platform_settime64(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct xen_platform_op *op = arg;

	if (op->u.settime64.mbz)
		return -XEN_EINVAL;
	return platform_settime(op->u.settime64.secs, op->u.settime64.nsecs,
				op->u.settime64.system_time);
}

int64_t op_platform_get_cpuinfo(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_platform_op *op = arg;
	struct xenpf_pcpuinfo *info = &op->u.pcpu_info;

	info->max_present = cpu_count - 1;
	info->flags = info->xen_cpuid < cpu_count ? XEN_PCPU_FLAGS_ONLINE : XEN_PCPU_FLAGS_INVALID;
	info->apic_id = info->acpi_id = info->xen_cpuid < cpu_count ? info->xen_cpuid : 0;
	return 0;
}
