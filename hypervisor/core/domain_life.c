/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain stops and goes on: pausing, shutdown, resuming.
 * Locking: domain.lock for the shutdown state; pause counts are atomic and read by the scheduler.
 * Trust: the shutdown reason is the guest's number.
 */
#include "domain_private.h"
#include "sched_private.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/evtchn.h>
#include <xen/sched.h>

static void vcpus_reconsider(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_reconsider(d->vcpu[i]);
}

void domain_pause(struct domain *d)
{
	atomic_fetch_add(&d->pause_count, 1);
	vcpus_reconsider(d);
}

void domain_unpause(struct domain *d)
{
	uint32_t before = atomic_fetch_sub(&d->pause_count, 1);

	BUG_ON(before == 0);
	if (before == 1)
		vcpus_reconsider(d);
}

bool domain_is_quiet(const struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && vcpu_is_running(d->vcpu[i]))
			return false;
	return true;
}

/* Without the control domain nobody is left to give the machine a purpose. */
static _Noreturn void machine_end(uint32_t reason)
{
	log_warn("the control domain shut down, reason %u: the machine %s", reason,
		 reason == SHUTDOWN_poweroff ? "powers off" : "restarts");
	edge_machine_restart(reason != SHUTDOWN_poweroff);
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
	evtchn_port_t port = 0;
	bool first;

	if (d->is_control)
		machine_end(reason);
	spin_lock(&d->lock);
	first = !d->is_shut_down;
	if (first) {
		d->is_shut_down = true;
		/* SCHEDOP_shutdown_code may have named the true reason already. */
		if (d->shutdown_code == ~(uint32_t)0)
			d->shutdown_code = reason;
		port = d->shutdown_code == SHUTDOWN_suspend ? d->suspend_port : 0;
		domain_pause(d);
	}
	spin_unlock(&d->lock);
	if (!first)
		return;
	if (port)
		evtchn_send_port(d, port);
	else
		evtchn_send_global_virq(VIRQ_DOM_EXC);
}

static bool others_online(const struct domain *d, const struct vcpu *v)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && d->vcpu[i] != v && vcpu_is_online(d->vcpu[i]))
			return true;
	return false;
}

void domain_vcpu_down(struct domain *d, struct vcpu *v)
{
	bool last;

	spin_lock(&d->lock);
	last = !others_online(d, v);
	if (!last)
		vcpu_down(v);
	spin_unlock(&d->lock);
	/* A SIPI that found the vCPU still up must not be lost, as in guest_startup_pending(). */
	if (!last && atomic_load(&v->lapic.pending_init_sipi))
		vcpu_up(v);
	if (last)
		domain_shutdown(d, SHUTDOWN_poweroff);
}

void domain_resume(struct domain *d)
{
	bool was;

	spin_lock(&d->lock);
	was = d->is_shut_down;
	d->is_shut_down = false;
	d->shutdown_code = ~(uint32_t)0;
	spin_unlock(&d->lock);
	if (was)
		domain_unpause(d);
}

uint64_t domain_cpu_time(const struct domain *d)
{
	uint64_t ns = 0;

	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		struct vcpu_runstate_info r;

		if (!d->vcpu[i])
			continue;
		vcpu_get_runstate(d->vcpu[i], &r);
		ns += r.time[RUNSTATE_running];
	}
	return ns;
}
