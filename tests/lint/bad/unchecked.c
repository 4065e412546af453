/* SPDX-License-Identifier: Apache-2.0 */
/* Planted: a status nobody looks at. */
#include <hv/gate.h>

void unchecked(struct authz *az);
void unchecked(struct authz *az)
{
	gate_check_xen(az, PERM_INVALID);
}
