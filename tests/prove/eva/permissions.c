/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for xsm/flask/permissions.c: on classes as read_classes.c leaves them, of any names. */
#define BEHIND_READING() policy_map_permissions(&policy)
#define OTHER_MAIN
#include "read_classes.c"
#include <read_classes.c>

void eva_main(void)
{
	for (uint32_t n = 0; n <= MOST; n++)
		if (any_bool)
			turn(n, 0, 1, 1);
}
