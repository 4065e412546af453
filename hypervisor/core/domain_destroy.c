/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a domain in stages, each of which may be interrupted and taken up again by the next
 * call.
 * Locking: teardown_lock is only ever tried; domain.lock where the domain's own state changes.
 * Trust: how much there is to undo was the guest's choice.
 */
#include "domain_private.h"

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/evtchn.h>
#include <hv/grant.h>
#include <hv/mm.h>
#include <hv/shype.h>

static int stage_mark(struct domain *d)
{
	spin_lock(&d->lock);
	atomic_store(&d->life, DOMAIN_DYING);
	spin_unlock(&d->lock);
	domain_pause(d);
	return guest_claim_set(d, 0);
}

static int stage_quiet(struct domain *d)
{
	return domain_is_quiet(d) ? 0 : -XEN_ERESTART;
}

/* A callback may arm its timer again: stopped until none runs. */
static int stage_timers(struct domain *d)
{
	bool idle = timer_end(&d->watchdog[0]) & timer_end(&d->watchdog[1]);

	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];

		if (v)
			idle &= timer_end(&v->singleshot) & timer_end(&v->poll_timer) &
				timer_end(&v->lapic.timer);
	}
	return idle ? 0 : -XEN_ERESTART;
}

static int stage_areas(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_release_areas(d->vcpu[i]);
	return 0;
}

static int stage_shared_info(struct domain *d)
{
	void *pages[2];

	spin_lock(&d->lock);
	pages[0] = d->shared_info;
	pages[1] = d->scratch;
	d->shared_info = NULL;
	d->scratch = NULL;
	spin_unlock(&d->lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i])
			frame_put(heap_va_to_mfn(pages[i]));
	return 0;
}

/*
 * From here on the number stays taken only as long as somebody refers to the domain or its pages.
 */
static int stage_dead(struct domain *d)
{
	atomic_store(&d->life, DOMAIN_DEAD);
	shype_domain_gone(d);
	audit_event(&(struct audit_event){ .type = AUDIT_DOMAIN, .caller = DOMID_INVALID, .tsid = d->label.sid },
		    "ravelin: op=destroy domid=%u", d->id);
	evtchn_send_global_virq(VIRQ_DOM_EXC);
	domain_put(d);
	return 0;
}

static int (*const stages[])(struct domain *d) = {
	stage_mark, stage_quiet, stage_timers, evtchn_domain_teardown, grant_domain_teardown,
	stage_areas, p2m_teardown, stage_shared_info, stage_dead,
};

static int stages_run(struct domain *d)
{
	while (d->teardown_stage < ARRAY_SIZE(stages)) {
		int rc = stages[d->teardown_stage](d);

		if (rc)
			return rc;
		d->teardown_stage++;
		if (d->teardown_stage < ARRAY_SIZE(stages) && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}

int domain_destroy(struct domain *d)
{
	const struct vcpu *current = current_vcpu();
	int rc;

	if (d->is_control || (current && current->domain == d))
		return -XEN_EINVAL;
	if (!spin_trylock(&d->teardown_lock))
		return -XEN_ERESTART;
	rc = stages_run(d);
	spin_unlock(&d->teardown_lock);
	return rc;
}
