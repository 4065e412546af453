/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: one way out leaves the lock taken. */
int lock_left(struct domain *d)
{
	spin_lock(&d->lock);
	if (d->is_shut_down)
		return -1;
	spin_unlock(&d->lock);
	return 0;
}
