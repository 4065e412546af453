/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/sched_op.c. */
#include "handlers.c"

static void ports(void *head) { struct sched_poll *op = head; op->nr_ports = in_turn(op->nr_ports, 129); }

void eva_main(void)
{
	call_sched_yield();
	call_sched_block();
	call_sched_shutdown();
	call_sched_shutdown_code();
	call_sched_remote_shutdown();
	call_in_turn(call_sched_poll, ports, 129);
	call_sched_watchdog();
}
