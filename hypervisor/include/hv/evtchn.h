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

void evtchn_init(void);		/* from core_init */
int __must_check evtchn_domain_init(struct domain *d);
/* Closes all ports; -XEN_ERESTART until done. The other ends become unbound. */
int __must_check evtchn_domain_teardown(struct domain *d);
void evtchn_domain_free(struct domain *d);

/*
 * Operations. Return 0 or -errno. Where an authz is passed the gate has to be asked about the far end; the others concern one domain only.
 * -XEN_ERESTART: lost a race against the channel's other end; the call is made again from the start.
 */
int __must_check evtchn_alloc_unbound(struct authz *az, domid_t local_id, domid_t remote_id, evtchn_port_t *port);
int __must_check evtchn_bind_interdomain(struct authz *az, domid_t remote_id, evtchn_port_t rport, evtchn_port_t *lport);
bool evtchn_virq_is_global(uint32_t virq);	/* one per machine: needs event2 bind_global_virq */
int __must_check evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, evtchn_port_t *port);
int __must_check evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port);
int __must_check evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu);
int __must_check evtchn_close(struct domain *d, evtchn_port_t port);
int __must_check evtchn_send(struct authz *az, struct domain *d, evtchn_port_t port);
int __must_check evtchn_unmask(struct domain *d, evtchn_port_t port);
int __must_check evtchn_status(struct authz *az, struct domain *d, struct evtchn_status *s);
int __must_check evtchn_reset(struct domain *d);			/* -XEN_ERESTART until done */
int __must_check evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op);
int __must_check evtchn_fifo_expand_array(struct domain *d, gfn_t gfn);
int __must_check evtchn_fifo_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority);

/* SCHEDOP_poll by the current vCPU: sleeps until a port is pending or system time timeout_ns (0: none) has come. */
int __must_check evtchn_poll(struct vcpu *v, const evtchn_port_t *ports, unsigned int nr, uint64_t timeout_ns);
void evtchn_vcpu_init(struct vcpu *v);		/* from vcpu_create: the singleshot and poll timers */

/* Work without a caller. No domain.lock may be held, except where it says so. */
void evtchn_send_vcpu_virq(struct vcpu *v, uint32_t virq);		/* to the vCPU's bound port, if any */
void evtchn_send_global_virq(uint32_t virq);				/* to the domain that bound it: VIRQ_DOM_EXC, VIRQ_CONSOLE, VIRQ_CON_RING, … */
void evtchn_send_port(struct domain *d, evtchn_port_t port);		/* raises a port of d that it has connected (suspend event); ignored otherwise */
bool evtchn_pending(const struct vcpu *v);				/* an upcall is pending (HVM guests have no upcall mask) */
bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port);	/* for SCHEDOP_poll; caller holds domain.lock */
void evtchn_vcpu_info_moved(struct vcpu *v);				/* after register_vcpu_info: raise everything; caller holds domain.lock */

#endif
