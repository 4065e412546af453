/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a domain, and freeing what is left of one after its last reference.
 * Locking: none is needed before it is published nor after it is gone.
 * Trust: the numbers come from createdomain; each part bounds its own.
 */
#include "domain_private.h"
#include "sched_private.h"

#include <hv/audit.h>
#include <hv/console.h>
#include <hv/evtchn.h>
#include <hv/flask.h>
#include <hv/grant.h>
#include <hv/guest.h>
#include <hv/mm.h>
#include <hv/string.h>

static _Atomic uint64_t serial;		/* of the domain made last */

/*
 * Whose label says what a domain may do to itself: the policy's transition of class domain, as
 * Xen's policies use it.
 */
static int labels_set(struct domain *d, const struct domain_config *c)
{
	sid_t self;
	int rc = flask_transition(c->build_sid, c->build_sid, "domain", &self);

	if (rc)
		return rc;
	atomic_init(&d->label.sid, c->build_sid);
	d->label.self_sid = self;
	d->label.run_sid = c->run_sid;
	return 0;
}

static void fields_set(struct domain *d, const struct domain_config *c)
{
	spin_lock_init(&d->lock);
	spin_lock_init(&d->teardown_lock);
	list_init(&d->link);
	refcount_init(&d->refs, 2);	/* one until it is destroyed, one for who makes it */
	d->serial = atomic_fetch_add(&serial, 1) + 1;
	memcpy(d->handle, c->handle, sizeof(d->handle));
	d->is_control = c->is_control;
	d->max_vcpus = c->max_vcpus;
	d->max_evtchn_port = c->max_evtchn_port;
	d->max_grant_frames = c->max_grant_frames;
	d->max_maptrack_frames = c->max_maptrack_frames;
	d->create_flags = c->flags;
	d->emulation_flags = c->emulation_flags;
	d->shutdown_code = ~(uint32_t)0;
	d->controller_pauses = 1;
	atomic_init(&d->pause_count, 1);
	d->sched_weight = DEFAULT_WEIGHT;
	d->tsc_khz = edge_tsc_khz();
}

static int parts_init(struct domain *d)
{
	int rc = p2m_init(d);

	if (rc)
		return rc;
	d->shared_info = shared_page_alloc(d);
	if (!d->shared_info)
		return -XEN_ENOMEM;
	rc = evtchn_domain_init(d);
	if (!rc)
		rc = grant_domain_init(d, d->max_grant_frames, d->max_maptrack_frames);
	if (!rc)
		rc = cpuid_domain_init(d);
	if (!rc)
		pvclock_update_wallclock(d);
	return rc;
}

/* Takes back what parts_init() made, in a domain that nobody has seen. */
static void parts_undo(struct domain *d)
{
	if (d->grant && grant_domain_teardown(d))
		log_err("d%u: a domain that never was has mappings", d->id);
	if (d->shared_info)
		frame_put(heap_va_to_mfn(d->shared_info));
	d->shared_info = NULL;
	if (p2m_teardown(d))
		log_err("d%u: a domain that never was has memory", d->id);
}

int domain_create(const struct domain_config *c, struct domain **out)
{
	struct domain *d;
	int rc;

	domain_reap();
	if (c->max_vcpus == 0 || c->max_vcpus > MAX_VCPUS)
		return -XEN_EINVAL;
	d = heap_alloc(NULL, sizeof(*d));
	if (!d)
		return -XEN_ENOMEM;
	fields_set(d, c);
	rc = labels_set(d, c);
	if (!rc)
		rc = domid_take(c->id, &d->id);
	if (rc) {
		heap_free(NULL, d);
		return rc;
	}
	rc = parts_init(d);
	if (rc) {
		parts_undo(d);
		domain_table_remove(d);
		domain_free(d);
		return rc;
	}
	audit_event(&(struct audit_event){ .type = AUDIT_DOMAIN, .caller = DOMID_INVALID, .tsid = c->build_sid },
		    "ravelin: op=create domid=%u", d->id);
	domain_table_publish(d);
	*out = d;
	return 0;
}

void domain_free(struct domain *d)
{
	for (unsigned int i = 0; i < MAX_VCPUS; i++)
		if (d->vcpu[i])
			vcpu_destroy(d->vcpu[i]);
	if (d->cpuid)
		cpuid_domain_free(d);
	grant_domain_free(d);
	evtchn_domain_free(d);
	heap_free(d, d->e820);
	if (atomic_load(&d->heap_used) || atomic_load(&d->tot_pages))
		log_err("d%u: gone, but %lu bytes of heap and %lu pages are still charged", d->id,
			atomic_load(&d->heap_used), atomic_load(&d->tot_pages));
	heap_free(NULL, d);
}
