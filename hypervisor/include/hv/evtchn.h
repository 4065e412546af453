/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels, 2-level and FIFO. Operations on a domain's ports; the decoders are hypercall/event_channel.c.
 * Locking: domain.lock of each end, lower id first. Trust: ports, and the FIFO pages' contents, are hostile.
 */
#ifndef HV_EVTCHN_H
#define HV_EVTCHN_H

#include <hv/types.h>
#include <xen/event_channel.h>
#include <hv/domain.h>

int __must_check evtchn_domain_init(struct domain *d);
/* Closes all ports; -XEN_ERESTART until done. The other ends become unbound. */
int __must_check evtchn_domain_teardown(struct domain *d);
void evtchn_domain_free(struct domain *d);

/* Called with the authz of the pass; foreign ends are opened with the permission of the operation. Return 0 or -errno. */
int __must_check evtchn_alloc_unbound(struct authz *az, struct domain *d, struct domain *remote, domid_t remote_id, evtchn_port_t *port);
int __must_check evtchn_bind_interdomain(struct authz *az, struct domain *d, struct domain *remote, evtchn_port_t rport, evtchn_port_t *lport);
int __must_check evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, evtchn_port_t *port);
int __must_check evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port);
int __must_check evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu);
int __must_check evtchn_close(struct domain *d, evtchn_port_t port);
int __must_check evtchn_send(struct authz *az, struct domain *d, evtchn_port_t port);
int __must_check evtchn_unmask(struct domain *d, evtchn_port_t port);
int __must_check evtchn_status(struct domain *d, struct evtchn_status *s);
int __must_check evtchn_reset(struct domain *d);			/* -XEN_ERESTART until done */
int __must_check evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op);
int __must_check evtchn_fifo_expand_array(struct domain *d, gfn_t gfn);
int __must_check evtchn_fifo_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority);

/* Work without a caller. */
void evtchn_send_vcpu_virq(struct vcpu *v, uint32_t virq);		/* to the vCPU's bound port, if any */
void evtchn_send_global_virq(uint32_t virq);				/* to the domain that bound it: VIRQ_DOM_EXC, VIRQ_CONSOLE, VIRQ_CON_RING, … */
bool evtchn_pending(const struct vcpu *v);				/* upcall pending and not masked */
bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port);	/* for SCHEDOP_poll */
void evtchn_vcpu_info_moved(struct vcpu *v);				/* after register_vcpu_info: raise the upcall (and selectors) */
/* The sweep's view: calls fn for every interdomain channel of d, under d's lock. */

#endif
