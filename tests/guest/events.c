/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: shared_info and the upcall vector.
 * Locking: set up by the first vCPU. Trust: a guest.
 */
#include "guest.h"

struct shared_info *shared_info;
volatile uint64_t upcalls;

static void upcall(struct trap_frame *f)
{
	(void)f;
	upcalls++;
	if (cpu_self() < 32)
		shared_info->vcpu_info[cpu_self()].evtchn_upcall_pending = 0;
}

static int shared_info_map(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .idx = 0 };
	uint64_t gpa = scratch_gpa(1);

	x.gpfn = gpa >> PAGE_SHIFT;
	CHECK_OK(hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x));
	shared_info = (struct shared_info *)gpa;
	return 0;
}

int events_init(void)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ, .value = 2ull << 56 | UPCALL_VECTOR };
	int rc;

	if (shared_info)
		return 0;
	rc = shared_info_map();
	if (rc)
		return rc;
	irq_handler[UPCALL_VECTOR] = upcall;
	CHECK_OK(hypercall2(__HYPERVISOR_hvm_op, HVMOP_set_param, &p));
	return 0;
}

#define PORT_WORD(port) ((port) / 64)
#define PORT_BIT(port)	(1ul << ((port) % 64))

void event_mask(uint32_t port, bool masked)
{
	if (masked)
		__atomic_fetch_or(&shared_info->evtchn_mask[PORT_WORD(port)], PORT_BIT(port), __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&shared_info->evtchn_mask[PORT_WORD(port)], ~PORT_BIT(port), __ATOMIC_SEQ_CST);
}

bool event_take(uint32_t port)
{
	unsigned long old = __atomic_fetch_and(&shared_info->evtchn_pending[PORT_WORD(port)], ~PORT_BIT(port), __ATOMIC_SEQ_CST);

	for (unsigned int v = 0; v < GUEST_CPUS; v++)
		__atomic_fetch_and(&shared_info->vcpu_info[v].evtchn_pending_sel, ~(1ul << PORT_WORD(port)), __ATOMIC_SEQ_CST);
	return old & PORT_BIT(port);
}
