/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/sysctl.c. */
#include "control.c"

void control_host_features(uint32_t *words, unsigned int n) { guest_fill(words, n * sizeof(*words)); }

size_t console_read_ring(uint32_t *index, char *buf, size_t len) { *index += any_u32; return any_text(buf, len, 256); }

static void keys(void *head)
{
	struct xen_sysctl *op = head;

	op->u.debug_keys.nr_keys = in_turn(op->u.debug_keys.nr_keys, 32);
}

void eva_main(void)
{
	call_sysctl_readconsole();
	call_sysctl_physinfo();
	call_sysctl_sched_id();
	call_sysctl_getdomaininfolist();
	call_in_turn(call_sysctl_debug_keys, keys, 32);
	call_sysctl_getcpuinfo();
	call_sysctl_availheap();
	call_sysctl_cputopoinfo();
	call_sysctl_numainfo();
	call_sysctl_cpupool_op_info();
	call_sysctl_cpupool_op_freeinfo();
	call_sysctl_scheduler_op_getinfo();
	call_sysctl_psr_cmt_op_enabled();
}
