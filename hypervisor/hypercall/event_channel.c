/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_channel_op: what the sub-operations carry, handed to core/evtchn*.c.
 * Locking: none here. Trust: `arg` is the hypervisor's copy; its fields are the guest's.
 */
#include "handlers.h"

#include <hv/evtchn.h>

int64_t op_event_channel_alloc_unbound(struct authz *az, void *arg, struct hypercall *hc)
{
	struct evtchn_alloc_unbound *op = arg;

	return evtchn_alloc_unbound(az, op->dom, op->remote_dom, &op->port);
}

int64_t op_event_channel_bind_interdomain(struct authz *az, void *arg, struct hypercall *hc)
{
	struct evtchn_bind_interdomain *op = arg;

	return evtchn_bind_interdomain(az, op->remote_dom, op->remote_port, &op->local_port);
}

int64_t op_event_channel_bind_virq(struct authz *az, void *arg, struct hypercall *hc)
{
	struct evtchn_bind_virq *op = arg;
	int rc = 0;

	if (op->virq >= NR_VIRQS)
		return -XEN_EINVAL;
	authz_note(az, "virq", op->virq);
	if (evtchn_virq_is_global(op->virq))
		rc = gate_check_self(az, PERM_event2__bind_global_virq);
	return rc ? rc : evtchn_bind_virq(authz_self(az), op->virq, op->vcpu, &op->port);
}

int64_t op_event_channel_bind_ipi(struct authz *az, void *arg, struct hypercall *hc)
{
	struct evtchn_bind_ipi *op = arg;

	return evtchn_bind_ipi(authz_self(az), op->vcpu, &op->port);
}

int64_t op_event_channel_bind_vcpu(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_bind_vcpu *op = arg;

	return evtchn_bind_vcpu(authz_self(az), op->port, op->vcpu);
}

int64_t op_event_channel_close(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_close *op = arg;

	return evtchn_close(authz_self(az), op->port);
}

int64_t op_event_channel_send(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_send *op = arg;

	return evtchn_send(az, authz_self(az), op->port);
}

int64_t op_event_channel_unmask(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_unmask *op = arg;

	return evtchn_unmask(authz_self(az), op->port);
}

/* A channel of one's own is asked about by its label alone, as Xen has it; for another domain's Xen asks nothing of the caller, and we do. */
int64_t op_event_channel_status(struct authz *az, void *arg, struct hypercall *hc)
{
	struct evtchn_status *op = arg;
	struct domain *self = authz_self(az), *d;
	int rc;

	if (op->dom == DOMID_SELF || op->dom == self->id)
		return evtchn_status(az, self, op);
	authz_note(az, "port", op->port);
	rc = gate_open_domain(az, op->dom, PERM_event__status, &d);
	if (rc)
		return rc;
	rc = evtchn_status(az, d, op);
	gate_release(az, d);
	return rc;
}

int64_t op_event_channel_reset(struct authz *az, void *arg, struct hypercall *hc)
{
	return evtchn_reset(authz_target(az));
}

int64_t op_event_channel_init_control(struct authz *az, void *arg, struct hypercall *hc)
{
	return evtchn_fifo_init_control(authz_self(az), arg);
}

int64_t op_event_channel_expand_array(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_expand_array *op = arg;

	return evtchn_fifo_expand_array(authz_self(az), op->array_gfn);
}

int64_t op_event_channel_set_priority(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct evtchn_set_priority *op = arg;

	return evtchn_fifo_set_priority(authz_self(az), op->port, op->priority);
}
