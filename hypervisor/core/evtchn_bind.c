/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making channels and asking about them.
 * Locking: domain.lock; both ends for bind_interdomain. Trust: ids, ports and vCPU numbers are the guest's; both ends come from the gate.
 */
#include "evtchn_private.h"

#include <hv/gate.h>

int evtchn_alloc_unbound(struct authz *az, domid_t local_id, domid_t remote_id, evtchn_port_t *port)
{
	struct domain *d, *remote;
	struct channel *ch;
	sid_t label;
	int rc = gate_open_channel(az, local_id, remote_id, &d, &remote, &label);

	if (rc)
		return rc;
	spin_lock(&d->lock);
	rc = channel_alloc(d, port, &ch);
	if (!rc) {
		ch->state = CHANNEL_UNBOUND;
		ch->remote_id = remote->id;
		ch->label = label;
	}
	spin_unlock(&d->lock);
	gate_release(az, remote);
	gate_release(az, d);
	return rc;
}

/* remote is locked. NULL: nobody waits there for d. */
static struct channel *waiting_end(const struct domain *d, struct domain *remote, evtchn_port_t rport)
{
	struct channel *ch = channel_lookup(remote->evtchn, rport);

	return ch && ch->state == CHANNEL_UNBOUND && ch->remote_id == d->id && !domain_is_dying(remote) ? ch : NULL;
}

/*
 * The waiting end was labelled when it was made; whoever comes now must still be one that its label may face. Asked with nothing locked: a
 * denial may take its time to be written down.
 */
static int waiting_end_check(struct authz *az, const struct domain *d, struct domain *remote, evtchn_port_t rport, sid_t *label)
{
	const struct channel *ch;

	authz_note(az, "port", rport);
	spin_lock(&remote->lock);
	ch = waiting_end(d, remote, rport);
	*label = ch ? ch->label : 0;
	spin_unlock(&remote->lock);
	if (!ch)
		return -XEN_EINVAL;
	return gate_check_sids(az, *label, d == remote ? d->label.self_sid : atomic_load(&((struct domain *)(uintptr_t)d)->label.sid),
			       PERM_event__bind);
}

static void channels_join(struct domain *d, struct channel *ch, evtchn_port_t port,
			  struct domain *remote, struct channel *rch, evtchn_port_t rport)
{
	ch->state = rch->state = CHANNEL_INTERDOMAIN;
	ch->remote = domain_link_make(remote);
	ch->remote_port = rport;
	rch->remote = domain_link_make(d);
	rch->remote_port = port;
	/* The other side may have sent while this end was missing. */
	channel_raise(d, ch, port);
}

/* Both are locked. -XEN_ERESTART: another end waits at that port than was asked about. */
static int bind_locked(struct domain *d, sid_t label, struct domain *remote, evtchn_port_t rport, sid_t rlabel, evtchn_port_t *lport)
{
	struct channel *ch, *rch = waiting_end(d, remote, rport);
	int rc;

	if (!rch)
		return -XEN_EINVAL;
	if (rch->label != rlabel)
		return -XEN_ERESTART;
	rc = channel_alloc(d, lport, &ch);
	if (rc)
		return rc;
	ch->label = label;
	channels_join(d, ch, *lport, remote, rch, rport);
	return 0;
}

int evtchn_bind_interdomain(struct authz *az, domid_t remote_id, evtchn_port_t rport, evtchn_port_t *lport)
{
	struct domain *d, *remote;
	sid_t label, rlabel;
	int rc = gate_open_channel(az, DOMID_SELF, remote_id, &d, &remote, &label);

	if (rc)
		return rc;
	rc = waiting_end_check(az, d, remote, rport, &rlabel);
	if (rc == 0) {
		domain_lock_pair(d, remote);
		rc = bind_locked(d, label, remote, rport, rlabel, lport);
		domain_unlock_pair(d, remote);
	}
	gate_release(az, remote);
	gate_release(az, d);
	return rc;
}

int evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port)
{
	struct channel *ch;
	int rc;

	spin_lock(&d->lock);
	rc = evtchn_vcpu(d, vcpu) ? channel_alloc(d, port, &ch) : -XEN_ENOENT;
	if (!rc) {
		ch->state = CHANNEL_IPI;
		ch->vcpu = (uint16_t)vcpu;
	}
	spin_unlock(&d->lock);
	return rc;
}

static bool channel_may_move(const struct channel *ch)
{
	switch (ch->state) {
	case CHANNEL_UNBOUND:
	case CHANNEL_INTERDOMAIN:
		return true;
	case CHANNEL_VIRQ:
		return evtchn_virq_is_global(ch->virq);
	case CHANNEL_FREE:
	case CHANNEL_RESERVED:
	case CHANNEL_IPI:
		break;
	}
	return false;
}

int evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu)
{
	struct channel *ch;
	int rc = 0;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, port);
	if (!evtchn_vcpu(d, vcpu))
		rc = -XEN_ENOENT;
	else if (!ch || !channel_may_move(ch))
		rc = -XEN_EINVAL;
	else
		ch->vcpu = (uint16_t)vcpu;
	spin_unlock(&d->lock);
	return rc;
}

static void status_fill(const struct channel *ch, struct evtchn_status *s)
{
	switch (ch->state) {
	case CHANNEL_FREE:
	case CHANNEL_RESERVED:
		s->status = EVTCHNSTAT_closed;
		break;
	case CHANNEL_UNBOUND:
		s->status = EVTCHNSTAT_unbound;
		s->u.unbound.dom = ch->remote_id;
		break;
	case CHANNEL_INTERDOMAIN:
		s->status = EVTCHNSTAT_interdomain;
		s->u.interdomain.dom = domain_link_id(&ch->remote);
		s->u.interdomain.port = ch->remote_port;
		break;
	case CHANNEL_VIRQ:
		s->status = EVTCHNSTAT_virq;
		s->u.virq = ch->virq;
		break;
	case CHANNEL_IPI:
		s->status = EVTCHNSTAT_ipi;
		break;
	}
	s->vcpu = ch->vcpu;
}

int evtchn_status(struct authz *az, struct domain *d, struct evtchn_status *s)
{
	const struct channel *ch;
	sid_t label = 0;

	spin_lock(&d->lock);
	ch = channel_lookup(d->evtchn, s->port);
	if (ch) {
		label = ch->label;
		status_fill(ch, s);
	}
	spin_unlock(&d->lock);
	if (!ch)
		return -XEN_EINVAL;
	authz_note(az, "port", s->port);
	return label ? gate_check_sids(az, atomic_load(&d->label.sid), label, PERM_event__status) : 0;
}
