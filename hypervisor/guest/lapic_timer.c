/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's timer: one-shot, periodic, TSC deadline (APM volume 2, 16.4.1).
 * Locking: lapic.lock; the host timer's queue lock nests inside. Trust: counts are the guest's: the
 * shortest period is bounded, so that a guest cannot keep the host busy with its timer.
 */
#include <hv/domain.h>
#include <hv/edge.h>
#include "lapic_private.h"

#define BUS_NS		10u		/* one tick at divisor 1 */
#define PERIOD_MIN_NS	100000u

static unsigned int divisor(uint32_t tdcr)
{
	unsigned int code = (tdcr & 3) | ((tdcr >> 1) & 4);

	return code == 7 ? 1 : 2u << code;
}

static uint64_t tick_ns(const struct lapic *l)
{
	return (uint64_t)BUS_NS * divisor(l->tdcr);
}

static uint32_t mode(uint32_t lvt)
{
	return lvt & LVT_MODE_MASK;
}

void lapic_timer_fn(void *vcpu)
{
	struct vcpu *v = vcpu;
	struct lapic *l = &v->lapic;
	uint64_t now = edge_now_ns();
	uint32_t lvt;
	bool fresh = false;

	spin_lock(&l->lock);
	lvt = l->lvt[LVT_TIMER];
	if (!(lvt & LVT_MASKED))
		fresh = lapic_request(l, (uint8_t)lvt, false);
	if (mode(lvt) == LVT_MODE_PERIODIC && l->timer_period) {
		/* Missed periods are dropped, not caught up. */
		l->timer_start += l->timer_period;
		if (l->timer_start + l->timer_period <= now)
			l->timer_start = now;
		timer_set(&l->timer, l->timer_start + l->timer_period);
	} else {
		l->timer_period = 0;
		l->tsc_deadline = 0;
	}
	spin_unlock(&l->lock);
	if (fresh)
		vcpu_kick(v);
}

void lapic_timer_start(struct vcpu *v, uint32_t count)
{
	struct lapic *l = &v->lapic;

	if (mode(l->lvt[LVT_TIMER]) == LVT_MODE_DEADLINE)
		return;
	timer_stop(&l->timer);
	l->tmict = count;
	l->timer_start = edge_now_ns();
	l->timer_period = count * tick_ns(l);
	if (!count)
		return;
	if (mode(l->lvt[LVT_TIMER]) == LVT_MODE_PERIODIC && l->timer_period < PERIOD_MIN_NS)
		l->timer_period = PERIOD_MIN_NS;
	timer_set(&l->timer, l->timer_start + l->timer_period);
}

/*
 * Going to or from deadline mode disarms (APM: the timer is set anew by writing the register of the
 * new mode).
 */
void lapic_timer_lvt(struct vcpu *v, uint32_t lvt)
{
	struct lapic *l = &v->lapic;
	bool was = mode(l->lvt[LVT_TIMER]) == LVT_MODE_DEADLINE;
	bool is = mode(lvt) == LVT_MODE_DEADLINE;

	if (was == is) {
		if (mode(lvt) == LVT_MODE_PERIODIC && l->timer_period &&
		    l->timer_period < PERIOD_MIN_NS)
			l->timer_period = PERIOD_MIN_NS;
		return;
	}
	timer_stop(&l->timer);
	l->timer_period = 0;
	l->tmict = 0;
	l->tsc_deadline = 0;
}

uint32_t lapic_timer_count(const struct vcpu *v)
{
	const struct lapic *l = &v->lapic;
	uint64_t passed = edge_now_ns() - l->timer_start;

	if (!l->timer_period || passed >= l->timer_period)
		return 0;
	return (uint32_t)((l->timer_period - passed) / tick_ns(l));
}

/* The count under way goes on at the new pace; those after it are as long as the initial count says. */
void lapic_timer_divide(struct vcpu *v, uint32_t tdcr)
{
	struct lapic *l = &v->lapic;
	uint32_t left = lapic_timer_count(v), initial = l->tmict;

	l->tdcr = tdcr;
	if (!left)
		return;
	lapic_timer_start(v, initial);
	l->timer_start -= l->timer_period - left * tick_ns(l);
	timer_set(&l->timer, l->timer_start + l->timer_period);
}

uint64_t lapic_deadline_read(struct vcpu *v)
{
	uint64_t tsc;

	spin_lock(&v->lapic.lock);
	tsc = v->lapic.tsc_deadline;
	spin_unlock(&v->lapic.lock);
	return tsc;
}

/* Ignored outside deadline mode; zero disarms. */
void lapic_deadline_write(struct vcpu *v, uint64_t tsc)
{
	struct lapic *l = &v->lapic;
	uint64_t guest_now = edge_tsc() + v->tsc_offset;
	uint64_t now = edge_now_ns(), ns = 0;

	spin_lock(&l->lock);
	if (mode(l->lvt[LVT_TIMER]) == LVT_MODE_DEADLINE) {
		timer_stop(&l->timer);
		l->tsc_deadline = tsc;
		/* Beyond a year is never: no overflow on the way to nanoseconds. */
		if (tsc > guest_now)
			ns = (tsc - guest_now) / edge_tsc_khz() > 31536000000ull ? UINT64_MAX :
			     (tsc - guest_now) / edge_tsc_khz() * 1000000u +
			     (tsc - guest_now) % edge_tsc_khz() * 1000000u / edge_tsc_khz();
		if (tsc && ns != UINT64_MAX)
			timer_set(&l->timer, now + ns);
	}
	spin_unlock(&l->lock);
}
