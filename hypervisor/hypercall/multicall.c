/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multicall: each entry goes through the dispatcher as if called alone.
 * Locking: none.
 * Trust: the list stays in the caller's memory and changes as it likes; each entry is fetched once
 * a pass.
 */
#include "handlers.h"

#include <hv/cpu.h>
#include <hv/guestmem.h>
#include <hv/string.h>

static int multicall_entry(struct vcpu *v, gva_t at, bool privileged)
{
	struct hypercall one = { .privileged = privileged, .nested = true };
	struct multicall_entry e;
	int rc = guest_copy_in(v, &e, at, sizeof(e));

	if (rc)
		return rc;
	one.nr = e.op;
	for (unsigned int i = 0; i < ARRAY_SIZE(e.args) && i < ARRAY_SIZE(one.arg); i++)
		one.arg[i] = e.args[i];
	if (e.op == __HYPERVISOR_multicall)
		one.result = -XEN_EINVAL;
	else
		hypercall_dispatch(v, &one);
	if (!one.restart) {
		uint64_t result = (uint64_t)one.result;

		return guest_copy_out(v, at + offsetof(struct multicall_entry, result), &result,
				      sizeof(result));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(e.args) && i < ARRAY_SIZE(one.arg); i++)
		e.args[i] = one.arg[i];
	rc = guest_copy_out(v, at, &e, sizeof(e));
	return rc ? rc : -XEN_ERESTART;
}

/* arg[0]: list, arg[1]: how many. Both advance when the call is continued. */
int64_t op_multicall_run(struct authz *az, void *arg, struct hypercall *hc)
{
	uint32_t left = (uint32_t)hc->arg[1];

	while (left > 0) {
		int rc = multicall_entry(authz_vcpu(az), hc->arg[0], hc->privileged);

		if (rc)
			return rc;
		hc->arg[0] += sizeof(struct multicall_entry);
		hc->arg[1] = --left;
		if (left && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}
