/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: a domain's lock taken with its p2m's held. */
void p2m_then_domain(struct domain *d)
{
	write_lock(&d->p2m.lock);
	d->p2m.nr++;
	spin_lock(&d->lock);
	spin_unlock(&d->lock);
	write_unlock(&d->p2m.lock);
}
