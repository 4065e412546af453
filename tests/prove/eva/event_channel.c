/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/event_channel.c. */
#include "handlers.c"

void eva_main(void)
{
	call_event_channel_alloc_unbound();
	call_event_channel_bind_interdomain();
	call_event_channel_bind_virq();
	call_event_channel_bind_ipi();
	call_event_channel_bind_vcpu();
	call_event_channel_close();
	call_event_channel_send();
	call_event_channel_unmask();
	call_event_channel_status();
	call_event_channel_reset();
	call_event_channel_init_control();
	call_event_channel_expand_array();
	call_event_channel_set_priority();
}
