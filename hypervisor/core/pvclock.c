/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paravirtual clock: how a guest turns its TSC into system time, and what the time of day was
 * at system time 0.
 * Locking: the record is written by the CPU that has the vCPU, or before it runs; the wall clock
 * under domain.lock.
 * Trust: pages are the guest's: what it writes there misleads only itself.
 */
#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/internal.h>
#include <hv/mm.h>

#define NS_PER_S 1000000000u

/* Time of day at system time 0, as the control domain corrected it. */
static struct {
	struct spinlock lock;
	bool set;
	uint64_t secs;
	uint32_t nsecs;
} wall;

/*
 * Scale and base never change and are the same on every CPU, so readings are monotonic across
 * vCPUs. The version is odd while the record is being written (xen/xen.h, vcpu_time_info).
 */
static void record_write(struct vcpu *v, struct vcpu_time_info *t)
{
	uint64_t stamp = edge_tsc_base() + v->tsc_offset;

	if (__atomic_load_n(&t->tsc_timestamp, __ATOMIC_RELAXED) == stamp && t->system_time == 0 &&
	    t->tsc_to_system_mul == edge_tsc_mul() && t->tsc_shift == edge_tsc_shift() &&
	    t->version % 2 == 0 && t->version)
		return;
	v->xen_time_version += 2;
	__atomic_store_n(&t->version, (uint32_t)v->xen_time_version - 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&t->tsc_timestamp, stamp, __ATOMIC_RELAXED);
	t->system_time = 0;
	t->tsc_to_system_mul = edge_tsc_mul();
	t->tsc_shift = edge_tsc_shift();
	t->flags = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&t->version, (uint32_t)v->xen_time_version, __ATOMIC_RELAXED);
}

void pvclock_update(struct vcpu *v)
{
	if (v->info)
		record_write(v, &v->info->time);
	if (v->time_mfn != MFN_INVALID) {
		char *page = edge_window_map(v->time_mfn);

		record_write(v, (struct vcpu_time_info *)(void *)(page + v->time_off));
		edge_window_unmap(page);
	}
}

static void wall_read(uint64_t *secs, uint32_t *nsecs)
{
	spin_lock(&wall.lock);
	*secs = wall.set ? wall.secs : edge_boot_wallclock_s();
	*nsecs = wall.set ? wall.nsecs : 0;
	spin_unlock(&wall.lock);
}

void pvclock_update_wallclock(struct domain *d)
{
	uint64_t secs;
	uint32_t nsecs;

	wall_read(&secs, &nsecs);
	secs += (uint64_t)d->time_offset_s;
	spin_lock(&d->lock);
	if (d->shared_info) {
		struct shared_info *s = d->shared_info;

		d->wc_version += 2;
		__atomic_store_n(&s->wc_version, d->wc_version - 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		s->wc_sec = (uint32_t)secs;
		s->wc_sec_hi = (uint32_t)(secs >> 32);
		s->wc_nsec = nsecs;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		__atomic_store_n(&s->wc_version, d->wc_version, __ATOMIC_RELAXED);
	}
	spin_unlock(&d->lock);
}

/* Work on every domain for the one that may set the clock: a short critical section each. */
static void wall_publish(void)
{
	struct domain *d = domain_lookup_next_raw(0);

	while (d) {
		domid_t next = (domid_t)(d->id + 1);

		pvclock_update_wallclock(d);
		domain_put(d);
		d = domain_lookup_next_raw(next);
	}
}

void pvclock_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_time)
{
	uint64_t back_s = system_time / NS_PER_S, back_ns = system_time % NS_PER_S;

	if (nsecs < back_ns) {
		back_s++;
		nsecs += NS_PER_S;
	}
	spin_lock(&wall.lock);
	wall.secs = secs > back_s ? secs - back_s : 0;
	wall.nsecs = nsecs - (uint32_t)back_ns;
	wall.set = true;
	spin_unlock(&wall.lock);
	wall_publish();
}
