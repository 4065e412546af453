/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's CPUID: the maximum, or what its toolstack took away from it; and the answers to its
 * instructions.
 * Locking: domain.lock while set; constant once a vCPU has run. Trust: the toolstack may only take
 * away.
 */
#include <hv/domain.h>
#include <hv/mm.h>
#include <hv/string.h>
#include "cpuid_policy.h"

int cpuid_domain_init(struct domain *d)
{
	d->cpuid = heap_alloc(d, sizeof(*d->cpuid));
	if (!d->cpuid)
		return -XEN_ENOMEM;
	memcpy(d->cpuid, cpuid_policy_max(), sizeof(*d->cpuid));
	return 0;
}

void cpuid_domain_free(struct domain *d)
{
	heap_free(d, d->cpuid);
	d->cpuid = NULL;
}

/* Leaves that exist in the policies of 4.17, whether or not they say anything here. */
static bool leaf_known(uint32_t leaf)
{
	return leaf <= 0x1c || leaf == CPUID_HV_BASE || leaf == CPUID_HV_BASE + 0x100 ||
	       (leaf >= CPUID_EXT_BASE && leaf <= CPUID_EXT_BASE + 0x21);
}

/*
 * Words that count things are taken if not above the maximum; the toolstack's own topology words
 * are taken as they are; bits are masked.
 */
static void leaf_merge(struct cpuid_leaf *to, const struct cpuid_leaf *max,
		       const struct cpuid_regs *r)
{
	const struct cpuid_regs *m = &max->r;

	switch (to->leaf) {
	case 0:
	case CPUID_EXT_BASE:
		to->r.a = r->a;
		break;
	case 1:
		to->r = (struct cpuid_regs){ r->a, (r->b & 0xff0000u) | (m->b & 0xff00u),
					     r->c & m->c, r->d & (m->d | L1D_HTT) };
		to->r.c |= L1C_HYPERVISOR;
		break;
	case 7:
		to->r = (struct cpuid_regs){ 0, r->b & m->b, r->c & m->c, r->d & m->d };
		break;
	case CPUID_EXT_BASE + 1:
		to->r = (struct cpuid_regs){ r->a, m->b, r->c & (m->c | BIT(1)), r->d & m->d };
		break;
	case CPUID_EXT_BASE + 7:
		to->r.d = r->d & m->d;
		break;
	case CPUID_EXT_BASE + 8:
		to->r.b = r->b & m->b;
		to->r.c = r->c & 0xf0ffu;
		break;
	case CPUID_EXT_BASE + 2:
	case CPUID_EXT_BASE + 3:
	case CPUID_EXT_BASE + 4:
	case CPUID_EXT_BASE + 5:
	case CPUID_EXT_BASE + 6:
		to->r = *r;	/* brand string, cache sizes: text and numbers, no promises */
		break;
	default:		/* says nothing here, whatever was asked for */
		break;
	}
}

static bool leaf_allowed(const struct cpuid_leaf *max, const struct cpuid_regs *r)
{
	if (max->leaf == 0 || max->leaf == CPUID_EXT_BASE)
		return r->a <= max->r.a && r->b == max->r.b && r->c == max->r.c && r->d == max->r.d;
	if (max->leaf == CPUID_EXT_BASE + 8)
		return (r->a & 0xff) <= (max->r.a & 0xff);
	return true;
}

/* Without XSAVE there is no AVX, no state to size. */
static void features_close(struct cpuid_leaf_set *s)
{
	struct cpuid_leaf *l1 = cpuid_find(s, 1, 0), *l7 = cpuid_find(s, 7, 0);
	struct cpuid_leaf *d0 = cpuid_find(s, 0xd, 0);

	if (!l1)
		return;
	if (!(l1->r.c & L1C_XSAVE))
		l1->r.c &= ~(L1C_AVX | L1C_FMA | L1C_F16C);
	if (!(l1->r.c & L1C_AVX) && l7)
		l7->r.b &= ~BIT(5);
	if (d0 && !(l1->r.c & L1C_XSAVE))
		d0->r = (struct cpuid_regs){ 0 };
	else if (d0 && !(l1->r.c & L1C_AVX))
		d0->r = (struct cpuid_regs){ d0->r.a & 3, 576, 576, 0 };
}

int cpuid_domain_set(struct domain *d, const struct cpuid_leaf *leaves, uint32_t nr,
		     uint32_t *err_leaf, uint32_t *err_subleaf)
{
	struct cpuid_leaf_set *max = (struct cpuid_leaf_set *)(uintptr_t)cpuid_policy_max();

	*err_leaf = *err_subleaf = CPUID_ANY;
	for (uint32_t i = 0; i < nr; i++) {
		struct cpuid_leaf *m = cpuid_find(max, leaves[i].leaf, leaves[i].subleaf);

		if (!leaf_known(leaves[i].leaf) || (m && !leaf_allowed(m, &leaves[i].r))) {
			*err_leaf = leaves[i].leaf;
			*err_subleaf = leaves[i].subleaf;
			return m ? -XEN_EINVAL : -XEN_ERANGE;
		}
	}
	for (uint32_t i = 0; i < nr; i++) {
		struct cpuid_leaf *to = cpuid_find(d->cpuid, leaves[i].leaf, leaves[i].subleaf);

		if (to)
			leaf_merge(to, &max->l[to - d->cpuid->l], &leaves[i].r);
	}
	features_close(d->cpuid);
	return 0;
}

/* State components' size for what the guest has enabled in XCR0. */
static uint32_t xstate_size(struct vcpu *v)
{
	const struct cpuid_leaf *avx = cpuid_find(v->domain->cpuid, 0xd, 2);

	return v->xcr0 & 4 && avx ? avx->r.b + avx->r.a : 576;
}

/* Bits that follow the vCPU's own state. */
static void leaf_dynamic(struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	struct guest_paging p;

	if (leaf == 1) {
		edge_vcpu_get_paging(v, &p);
		r->b = (r->b & 0x00ffffffu) | v->lapic.id << 24;
		if (p.cr4 & (1u << 18))
			r->c |= L1C_OSXSAVE;
		if (!(v->lapic.base_msr & (1u << 11)))
			r->d &= ~L1D_APIC;
	} else if (leaf == 0xd && subleaf == 0 && r->a) {
		r->b = xstate_size(v);
	} else if (leaf == 0xd && subleaf == 1 && (r->a & 2)) {
		r->b = xstate_size(v);
	}
}

/*
 * Each vCPU is a package of its own with one core: x2APIC id in EDX, one logical processor at each
 * level.
 */
static void topology(const struct vcpu *v, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ 0, 0, subleaf & 0xff, v->lapic.id };
	if (subleaf < 2) {
		r->a = subleaf == 0 ? 0 : 1;
		r->b = 1;
		r->c |= (subleaf + 1) << 8;
	}
}

void guest_cpuid(struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out)
{
	struct cpuid_leaf_set *s = v->domain->cpuid;
	const struct cpuid_leaf *l;

	*out = (struct cpuid_regs){ 0 };
	if (leaf >= CPUID_HV_BASE && leaf < CPUID_HV_BASE + 0x10000) {
		cpuid_hypervisor(v, leaf, subleaf, out);
		return;
	}
	l = cpuid_find(s, leaf & CPUID_EXT_BASE, 0);
	if (!l || leaf > l->r.a)
		return;
	if (leaf == 0xb) {
		topology(v, subleaf, out);
		return;
	}
	l = cpuid_find(s, leaf, subleaf);
	if (!l)
		return;
	*out = l->r;
	leaf_dynamic(v, leaf, subleaf, out);
}
