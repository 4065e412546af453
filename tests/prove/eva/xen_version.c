/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/xen_version.c. */
#include "handlers.c"

void eva_main(void)
{
	call_xen_version_version();
	call_xen_version_extraversion();
	call_xen_version_compile_info();
	call_xen_version_capabilities();
	call_xen_version_changeset();
	call_xen_version_platform_parameters();
	call_xen_version_get_features();
	call_xen_version_pagesize();
	call_xen_version_guest_handle();
	call_xen_version_commandline();
	call_xen_version_build_id();
}
