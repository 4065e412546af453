/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_op: giving the processor back, ending a domain, watchdogs.
 * Locking: domain.lock for shutdown codes and watchdogs. Trust: `arg` is the hypervisor's copy; its fields are the guest's.
 */
#include "handlers.h"

#include <hv/console.h>
#include <hv/evtchn.h>
#include <hv/guestmem.h>
#include <hv/timer.h>
#include <xen/sched.h>

#define POLL_PORTS_MAX 128u
#define NO_SHUTDOWN_CODE (~(uint32_t)0)

int64_t op_sched_yield(struct authz *az, void *arg, struct hypercall *hc)
{
	vcpu_yield(authz_vcpu(az));
	return 0;
}

int64_t op_sched_block(struct authz *az, void *arg, struct hypercall *hc)
{
	vcpu_block(authz_vcpu(az));
	return 0;
}

/* Reasons beyond the ABI's are cut to what getdomaininfo can report. */
int64_t op_sched_shutdown(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct sched_shutdown *op = arg;

	domain_shutdown(authz_self(az), (uint8_t)op->reason);
	return 0;
}

/* The first code counts: a crash is not covered up by the power-off that follows it. */
int64_t op_sched_shutdown_code(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct sched_shutdown *op = arg;
	struct domain *d = authz_self(az);

	spin_lock(&d->lock);
	if (d->shutdown_code == NO_SHUTDOWN_CODE)
		d->shutdown_code = (uint8_t)op->reason;
	spin_unlock(&d->lock);
	return 0;
}

int64_t op_sched_remote_shutdown(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct sched_remote_shutdown *op = arg;

	domain_shutdown(authz_target(az), (uint8_t)op->reason);
	return 0;
}

int64_t op_sched_poll(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct sched_poll *op = arg;
	struct vcpu *v = authz_vcpu(az);
	evtchn_port_t ports[POLL_PORTS_MAX];
	int rc;

	if (op->nr_ports > POLL_PORTS_MAX)
		return -XEN_EINVAL;
	rc = guest_copy_in(v, ports, HANDLE_VA(op->ports), op->nr_ports * sizeof(ports[0]));
	return rc ? rc : evtchn_poll(v, ports, op->nr_ports, op->timeout);
}

static void watchdog_expired(void *data)
{
	struct domain *d = data;

	log_info("d%u: watchdog expired", d->id);
	domain_shutdown(d, SHUTDOWN_watchdog);
}

/* Id 0 takes a free one and returns it (from 1 on); another id sets its time anew, or with timeout 0 gives it up. */
static int64_t watchdog_choose(struct domain *d, const struct sched_watchdog *op)
{
	if (op->id > ARRAY_SIZE(d->watchdog) || (op->id == 0 && op->timeout == 0))
		return -XEN_EINVAL;
	if (op->id)
		return d->watchdog_inuse >> (op->id - 1) & 1 ? (int64_t)op->id : -XEN_EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
		if (!(d->watchdog_inuse >> i & 1))
			return i + 1;
	return -XEN_ENOSPC;
}

int64_t op_sched_watchdog(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct sched_watchdog *op = arg;
	struct domain *d = authz_self(az);
	struct timer *t;
	int64_t id;

	spin_lock(&d->lock);
	id = watchdog_choose(d, op);
	if (id > 0) {
		uint32_t bit = 1u << (id - 1);

		t = &d->watchdog[id - 1];
		if (!(d->watchdog_inuse & bit))
			timer_init(t, watchdog_expired, d);
		d->watchdog_inuse = op->timeout ? d->watchdog_inuse | bit : d->watchdog_inuse & ~bit;
		if (op->timeout)
			timer_set(t, edge_now_ns() + (uint64_t)op->timeout * 1000000000u);
		else
			timer_stop(t);
	}
	spin_unlock(&d->lock);
	return id > 0 && op->id ? 0 : id;
}
