/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For Eva: what emulates a guest's machine (hypervisor/guest). A domain and its vCPUs in any state whatever: of each byte nothing is known but that pointers
 * are good, that a CPU policy has no more leaves than there is room for (eva/cpuid.c), and that a line under way ends before its buffer (eva/ports.c).
 * What the core and the hardware answer is anything that their headers allow. Other CPUs write what is atomic (include/stdatomic.h).
 * Locking: none. Trust: proofs only.
 */
#include "guest.c"
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/edge.h>
#include <hv/evtchn.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/options.h>
#include <hv/timer.h>

struct boot_options options;
static struct cpuid_leaf_set cpuid_leaves;
static struct vcpu *const self = &guest_vcpus[0];
static struct domain *const home = &guest_domains[0];

static inline uint32_t any_below(uint32_t n) { return any_u32 % n; }
/* A number that is given must have a value. */
static inline void look(uint64_t value) { volatile uint64_t used = value; }

static void any_vcpu(struct vcpu *v)
{
	guest_fill(v, sizeof(*v));
	v->domain = home;
	v->id = any_below(MAX_VCPUS);
	v->debug.len = any_byte % sizeof(v->debug.line);
}

/* What stands before each call. */
static inline void any_machine(void)
{
	struct vcpu *const some_vcpu[] = { self, &guest_vcpus[1], NULL };

	guest_fill(home, sizeof(*home));
	home->max_vcpus = 1 + any_below(MAX_VCPUS);
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		home->vcpu[i] = some_vcpu[any_below(3)];
	home->cpuid = &cpuid_leaves;
	any_vcpu(self);
	any_vcpu(&guest_vcpus[1]);
	guest_fill(&cpuid_leaves, sizeof(cpuid_leaves));
	cpuid_leaves.nr = any_below(CPUID_MAX_LEAVES + 1);
	guest_fill(&options, sizeof(options));
}

/* --- core and hardware ------------------------------------------------------------------------------------------------------ */
void vcpu_kick(struct vcpu *v) { look(v->id); }
void vcpu_up(struct vcpu *v) { look(v->id); }
void vcpu_down(struct vcpu *v) { look(v->id); }
bool evtchn_pending(const struct vcpu *v) { look(v->id); return any_bool; }
void pvclock_update(struct vcpu *v) { look(v->id); }
void domain_shutdown(struct domain *d, uint32_t reason) { look(d->id + reason); }
void timer_init(struct timer *t, void (*fn)(void *), void *data) { *t = (struct timer){ .fn = fn, .data = data }; }
void timer_set(struct timer *t, uint64_t deadline) { t->deadline = deadline; }
void timer_stop(struct timer *t) { t->queued = false; }
uint64_t edge_now_ns(void) { return any_u64; }
uint64_t edge_tsc(void) { return any_u64; }
uint64_t edge_tsc_khz(void) { uint64_t khz = any_u64; return khz ? khz : 1; }
uint32_t edge_tsc_mul(void) { return any_u32; }
int8_t edge_tsc_shift(void) { return (int8_t)any_byte; }
void edge_vcpu_get_paging(const struct vcpu *v, struct guest_paging *p) { look(v->id); guest_fill(p, sizeof(*p)); }
void log_print(enum log_level level, const char *fmt, ...) { }
