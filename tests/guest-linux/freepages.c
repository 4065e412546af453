/* SPDX-License-Identifier: Apache-2.0
 * Purpose: the number of the hypervisor's free pages, exactly; xl info rounds to MiB.
 * Locking: none.
 * Trust boundary: runs as root in dom0.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xenctrl.h>

int main(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t info = { 0 };

	if (!xc || xc_physinfo(xc, &info) != 0) {
		printf("freepages: %s\n", strerror(errno));
		return 1;
	}
	printf("%llu\n", (unsigned long long)info.free_pages);
	return 0;
}
