/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: a guest's pointer followed, instead of copied in. */
#include <hv/types.h>
#include <xen/memory.h>

uint64_t guest_pointer(const struct xen_memory_reservation *r);
uint64_t guest_pointer(const struct xen_memory_reservation *r)
{
	return *r->extent_start.p;
}
