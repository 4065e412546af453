/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model-specific registers: one table; what is not in it is #GP.
 * Locking: the vCPU is current. Trust: numbers and values are the guest's; nothing here reaches a
 * register of the host.
 */
#include <assert.h>
#include <hv/domain.h>
#include <hv/edge.h>
#include <hv/guestmem.h>
#include <hv/p2m.h>
#include <hv/string.h>
#include "cpuid_policy.h"

#define MTRR_CAP	0x508ull	/* 8 variable, fixed, write-combining */
#define MTRR_VARIABLE	8u
#define MTRR_DEF_RESET	0xc06ull	/* on, fixed on, write-back: the ABI's entry state */
#define PADDR_MASK	((1ull << GUEST_PADDR_BITS) - 1)
#define NB_CFG_CF8_EXT	(1ull << 46)
#define HWCR_TSC_FREQ_SEL (1ull << 24)
#define DE_CFG_LFENCE	2ull
#define HYPERCALL_STUBS	128u
#define STUB_SIZE	32u

/* All have one shape, and most need only a part of it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
typedef int msr_read_fn(struct vcpu *v, uint32_t msr, uint64_t *val);
typedef int msr_write_fn(struct vcpu *v, uint32_t msr, uint64_t val);

static int read_zero(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 0;
	return 0;
}

static int write_ignored(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return 0;
}

static int tsc_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = edge_tsc() + v->tsc_offset;
	return 0;
}

static int tsc_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	v->tsc_offset = val - edge_tsc();
	pvclock_update(v);
	return 0;
}

static bool has_deadline(const struct vcpu *v)
{
	const struct cpuid_leaf *l = cpuid_find(v->domain->cpuid, 1, 0);

	return l && (l->r.c & L1C_DEADLINE);
}

static int deadline_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	if (!has_deadline(v))
		return -XEN_EINVAL;
	*val = lapic_deadline_read(v);
	return 0;
}

static int deadline_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	if (!has_deadline(v))
		return -XEN_EINVAL;
	lapic_deadline_write(v, val);
	return 0;
}

static bool memory_type_valid(uint64_t t)
{
	return t < 2 || (t >= 4 && t <= 6);
}

/* PAT knows one type more than the MTRRs: 7, uncached unless the MTRR says write-combining. */
bool guest_pat_valid(uint64_t val)
{
	for (unsigned int i = 0; i < 8; i++, val >>= 8)
		if (!memory_type_valid(val & 0xff) && (val & 0xff) != 7)
			return false;
	return true;
}

static int mtrr_cap_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = MTRR_CAP;
	return 0;
}

static int mtrr_var_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	unsigned int n = (msr - 0x200) / 2;

	*val = msr & 1 ? v->mtrr_mask[n] : v->mtrr_base[n];
	return 0;
}

static int mtrr_var_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	unsigned int n = (msr - 0x200) / 2;

	if (msr & 1) {
		if (val & ~(PADDR_MASK & ~0x7ffull))
			return -XEN_EINVAL;
		v->mtrr_mask[n] = val;
		return 0;
	}
	if ((val & ~(PADDR_MASK & ~0xf00ull)) || !memory_type_valid(val & 0xff))
		return -XEN_EINVAL;
	v->mtrr_base[n] = val;
	return 0;
}

/* 0x250, 0x258, 0x259, 0x268 … 0x26f are 0 … 10; others do not exist. */
static int mtrr_fixed_index(uint32_t msr)
{
	if (msr == 0x250)
		return 0;
	if (msr == 0x258 || msr == 0x259)
		return (int)msr - 0x257;
	return msr >= 0x268 ? (int)msr - 0x265 : -1;
}

static int mtrr_fixed_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	int n = mtrr_fixed_index(msr);

	if (n < 0)
		return -XEN_EINVAL;
	*val = v->mtrr_fixed[n];
	return 0;
}

static int mtrr_fixed_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	int n = mtrr_fixed_index(msr);

	if (n < 0)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < 64; i += 8)
		if (!memory_type_valid((val >> i) & 0xff))
			return -XEN_EINVAL;
	v->mtrr_fixed[n] = val;
	return 0;
}

static int mtrr_def_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = v->mtrr_def_type;
	return 0;
}

static int mtrr_def_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	if ((val & ~0xcffull) || !memory_type_valid(val & 0xff))
		return -XEN_EINVAL;
	v->mtrr_def_type = val;
	return 0;
}

/* Extended configuration access is on already: Linux has nothing to change here. */
static int nb_cfg_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = NB_CFG_CF8_EXT;
	return 0;
}

static int hwcr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = HWCR_TSC_FREQ_SEL;
	return 0;
}

static int de_cfg_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = DE_CFG_LFENCE;
	return 0;
}

/* Only branch trace and last-branch bits may be asked for, and they are not kept. */
static int debugctl_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return val & ~3ull ? -XEN_EINVAL : 0;
}

/* Stub n: mov $n, %eax; vmmcall; ret. IRET (23) has no meaning for this kind of guest: ud2. */
static int hypercall_page_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	gpa_t page = val & ~(uint64_t)(PAGE_SIZE - 1);

	if (val & (PAGE_SIZE - 1))
		return -XEN_EINVAL;
	for (unsigned int n = 0; n < HYPERCALL_STUBS; n++) {
		uint8_t stub[STUB_SIZE] = { 0xb8, (uint8_t)n, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };

		if (n == __HYPERVISOR_iret) {
			stub[0] = 0x0f;
			stub[1] = 0x0b;
		}
		if (guest_phys_write(v->domain, page + n * STUB_SIZE, stub, sizeof(stub)))
			return -XEN_EINVAL;
	}
	return 0;
}

static const struct msr_rule {
	uint32_t first, last;
	msr_read_fn *read;	/* NULL: #GP */
	msr_write_fn *write;
} rules[] = {
	{ 0x00000010, 0x00000010, tsc_read, tsc_write },
	{ 0x0000001b, 0x0000001b, lapic_msr_read, lapic_msr_write },
	{ 0x0000008b, 0x0000008b, read_zero, NULL },			/* microcode level */
	{ 0x000000fe, 0x000000fe, mtrr_cap_read, NULL },
	{ 0x000001d9, 0x000001d9, read_zero, debugctl_write },
	{ 0x00000200, 0x0000020f, mtrr_var_read, mtrr_var_write },
	{ 0x00000250, 0x0000026f, mtrr_fixed_read, mtrr_fixed_write },
	{ 0x000002ff, 0x000002ff, mtrr_def_read, mtrr_def_write },
	{ 0x000006e0, 0x000006e0, deadline_read, deadline_write },
	{ 0x00000800, 0x0000083f, lapic_msr_read, lapic_msr_write },
	{ 0x40000000, 0x40000000, read_zero, hypercall_page_write },
	{ 0xc0010010, 0xc0010010, read_zero, write_ignored },		/* SYSCFG */
	{ 0xc0010015, 0xc0010015, hwcr_read, write_ignored },
	{ 0xc0010055, 0xc0010055, read_zero, write_ignored },		/* C1E messages: off */
	{ 0xc001001f, 0xc001001f, nb_cfg_read, write_ignored },
	{ 0xc0011029, 0xc0011029, de_cfg_read, write_ignored },
};
static_assert(MTRR_VARIABLE == ARRAY_SIZE(((struct vcpu *)0)->mtrr_base), "as MTRR_CAP says");

static const struct msr_rule *rule_find(uint32_t msr)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (msr >= rules[i].first && msr <= rules[i].last)
			return &rules[i];
	return NULL;
}

int guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	const struct msr_rule *r = rule_find(msr);

	return r && r->read ? r->read(v, msr, val) : -XEN_EINVAL;
}

int guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val)
{
	const struct msr_rule *r = rule_find(msr);

	return r && r->write ? r->write(v, msr, val) : -XEN_EINVAL;
}

void guest_vcpu_init(struct vcpu *v)
{
	lapic_init(v);
	v->mtrr_def_type = MTRR_DEF_RESET;
	v->xcr0 = 1;
}
