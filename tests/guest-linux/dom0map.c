/* SPDX-License-Identifier: Apache-2.0
 * Purpose: dom0's root maps one page of another domain, as a debugger or a thief would.
 * Locking: none.
 * Trust boundary: runs as root in dom0; whether it may is the policy's decision.
 * Usage: dom0map DOMID GFN; status 0 if the page was mapped
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenforeignmemory.h>

int main(int argc, char **argv)
{
	xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
	const uint8_t *page;
	xen_pfn_t gfn;
	int error = 0;

	if (argc != 3 || !memory) {
		fprintf(stderr, "dom0map: cannot start: %s\n", strerror(errno));
		return 2;
	}
	gfn = strtoul(argv[2], NULL, 0);
	page = xenforeignmemory_map(memory, (uint32_t)atoi(argv[1]), PROT_READ, 1, &gfn, &error);
	if (!page || error) {
		error = error ? -error : errno;
		printf("dom0map: refused: %s (%d)\n", strerror(error), error);
		return 1;
	}
	printf("dom0map: mapped, begins with %02x%02x%02x%02x\n", page[0], page[1], page[2], page[3]);
	return 0;
}
