/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/memory_physmap.c. */
#include "handlers.c"

void eva_main(void)
{
	call_memory_add_to_physmap();
	call_memory_add_to_physmap_batch();
	call_memory_remove_from_physmap();
	call_memory_acquire_resource();
}
