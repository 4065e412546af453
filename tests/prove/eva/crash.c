/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/crash.c. */
#include "emulate.c"

void eva_main(void)
{
	any_machine();
	guest_crash(self, "", any_u64);
}
