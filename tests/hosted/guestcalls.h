/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls of hosted test domains with their argument in page 1 of the caller, and the shared structures a guest would look at.
 * Locking: none. Trust: tests only.
 */
#ifndef TESTS_GUESTCALLS_H
#define TESTS_GUESTCALLS_H

#include <stdarg.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "hosted.h"

#include <hv/cpu.h>
#include <hv/domain.h>
#include <hv/evtchn.h>
#include <hv/flask.h>
#include <hv/grant.h>
#include <hv/p2m.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/xsm/flask_op.h>

#define ARG_GPA 0x1000u
#define TENANT_1 "system_u:system_r:guest_t:s0:c1"
#define TENANT_2 "system_u:system_r:guest_t:s0:c2"
#define CONTROL "system_u:system_r:dom0_t:s0-s0:c0.c1023"
#define OTHER_TENANT 9	/* domid used for a domain of TENANT_2 */

static inline sid_t sid_of(const char *context)
{
	sid_t sid;

	assert_int_equal(flask_context_to_sid(context, strlen(context), &sid), 0);
	return sid;
}

static inline int64_t guest_call(struct domain *d, uint64_t nr, uint64_t cmd, void *arg, size_t len)
{
	int64_t rc;

	hosted_write(d, ARG_GPA, arg, len);
	rc = hosted_hypercall(d, nr, cmd, ARG_GPA, 1, 0, 0);
	hosted_read(d, ARG_GPA, arg, len);
	return rc;
}

static inline int64_t guest_xsm_op(struct domain *d, uint32_t cmd, struct xen_flask_op *op)
{
	int64_t rc;

	op->cmd = cmd;
	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	hosted_write(d, ARG_GPA, op, sizeof(*op));
	rc = hosted_hypercall(d, __HYPERVISOR_xsm_op, ARG_GPA, 0, 0, 0, 0);
	hosted_read(d, ARG_GPA, op, sizeof(*op));
	return rc;
}

/* A new PVH domain of one vCPU. *id: the number it shall have, 0: any; then the number it has. */
static inline int64_t guest_createdomain(struct domain *d, sid_t label, domid_t *id)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = *id };
	int64_t rc;

	op.u.createdomain = (struct xen_domctl_createdomain){
		.ssidref = label, .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, .max_vcpus = 1, .max_evtchn_port = 1023,
		.max_grant_frames = -1, .max_maptrack_frames = -1, .grant_opts = 1, .arch.emulation_flags = XEN_X86_EMU_LAPIC,
	};
	hosted_write(d, ARG_GPA, &op, sizeof(op));
	rc = hosted_hypercall(d, __HYPERVISOR_domctl, ARG_GPA, 0, 0, 0, 0);
	hosted_read(d, ARG_GPA, &op, sizeof(op));
	*id = op.domain;
	return rc;
}

#define evtchn_call(d, cmd, op) guest_call(d, __HYPERVISOR_event_channel_op, EVTCHNOP_##cmd, op, sizeof(*(op)))

static inline int64_t port_call(struct domain *d, unsigned int cmd, evtchn_port_t port)
{
	struct evtchn_send op = { .port = port };

	return guest_call(d, __HYPERVISOR_event_channel_op, cmd, &op, sizeof(op));
}

/* The new port, or -errno. */
static inline int64_t guest_alloc_unbound(struct domain *d, domid_t remote)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = remote };
	int64_t rc = evtchn_call(d, alloc_unbound, &op);

	return rc ? rc : op.port;
}

static inline int64_t guest_bind(struct domain *d, domid_t remote, evtchn_port_t rport)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = rport };
	int64_t rc = evtchn_call(d, bind_interdomain, &op);

	return rc ? rc : op.local_port;
}

static inline int64_t guest_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	int64_t rc = evtchn_call(d, bind_virq, &op);

	return rc ? rc : op.port;
}

static inline int64_t guest_bind_ipi(struct domain *d, uint32_t vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	int64_t rc = evtchn_call(d, bind_ipi, &op);

	return rc ? rc : op.port;
}

static inline int64_t guest_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

	return evtchn_call(d, bind_vcpu, &op);
}

static inline struct evtchn_status guest_status(struct domain *d, evtchn_port_t port)
{
	struct evtchn_status op = { .dom = DOMID_SELF, .port = port };

	assert_int_equal(evtchn_call(d, status, &op), 0);
	return op;
}

/* What the guest sees in shared_info, and its acknowledgement of everything. */
static inline bool pending_bit(const struct domain *d, evtchn_port_t port)
{
	return d->shared_info->evtchn_pending[port / 64] >> (port % 64) & 1;
}

static inline void mask_bit_set(struct domain *d, evtchn_port_t port)
{
	d->shared_info->evtchn_mask[port / 64] |= 1ul << (port % 64);
}

static inline void guest_ack_all(struct domain *d)
{
	memset(d->shared_info->evtchn_pending, 0, sizeof(d->shared_info->evtchn_pending));
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		d->vcpu[i]->info->evtchn_upcall_pending = 0;
		d->vcpu[i]->info->evtchn_pending_sel = 0;
	}
}

/* a's port, joined to b's *bport, with everything acknowledged. */
static inline evtchn_port_t guests_join(struct domain *a, struct domain *b, evtchn_port_t *bport)
{
	int64_t port = guest_alloc_unbound(a, b->id), peer;

	assert_true(port > 0);
	peer = guest_bind(b, a->id, (evtchn_port_t)port);
	assert_true(peer > 0);
	*bport = (evtchn_port_t)peer;
	guest_ack_all(a);
	guest_ack_all(b);
	return (evtchn_port_t)port;
}

#endif
