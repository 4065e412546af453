/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set_timer_op: the old way to ask for one VIRQ_TIMER; shares the timer of VCPUOP_set_singleshot_timer.
 * Locking: the timer queue's inside. Trust: the deadline is the guest's; one in the past fires at once.
 */
#include "handlers.h"

#include <hv/timer.h>
#include <hv/vcpu.h>

int64_t op_set_timer_op(struct authz *az, void *arg, struct hypercall *hc)
{
	struct vcpu *v = authz_vcpu(az);

	if (hc->arg[0] == 0)
		timer_stop(&v->singleshot);
	else
		timer_set(&v->singleshot, (int64_t)hc->arg[0] < 0 ? 0 : hc->arg[0]);
	return 0;
}
