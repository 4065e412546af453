/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: memory is asked for under a lock of the hardware's half, where a lock behind it might be taken. */
void *hardware_lock(struct vcpu *v)
{
	void *p;

	spin_lock(&pin_lock);
	p = heap_alloc(v->domain, 64);
	spin_unlock(&pin_lock);
	return p;
}
