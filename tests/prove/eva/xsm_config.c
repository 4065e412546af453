/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/xsm_config.c. */
#include "policy.c"

int xsm_change(struct authz *az, const char *what, int (*change)(void *arg, bool *changed), void *arg)
{
	bool changed = false;

	return any_bool ? -XEN_ERESTART : change(arg, &changed);
}

void eva_main(void)
{
	call_xsm_getbool();
	call_xsm_setbool();
	call_xsm_commitbools();
	call_xsm_add_ocontext();
	call_xsm_del_ocontext();
}
