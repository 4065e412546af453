/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/xsm_query.c. */
#include "policy.c"

void eva_main(void)
{
	call_xsm_context_to_sid();
	call_xsm_sid_to_context();
	call_xsm_access();
	call_xsm_policyvers();
	call_xsm_mls();
	call_xsm_relabel_domain();
	call_xsm_create();
	call_xsm_relabel();
	call_xsm_member();
	call_xsm_getavc_threshold();
	call_xsm_setavc_threshold();
	call_xsm_avc_hashstats();
	call_xsm_avc_cachestats();
}
