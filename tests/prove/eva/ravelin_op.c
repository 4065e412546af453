/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/ravelin_op.c. */
#include "policy.c"

void eva_main(void)
{
	call_ravelin_audit_state();
	call_ravelin_audit_read();
	call_ravelin_audit_release();
	call_ravelin_audit_link();
}
