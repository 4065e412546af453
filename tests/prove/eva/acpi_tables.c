/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/boot/acpi_tables.c: each number of vCPUs that there can be, and some more, at any address; as much as may be of a room that is too small for 130. */
#include <acpi_tables.h>

volatile uint64_t any_size;
volatile uint64_t any_address;
static uint8_t room[1024];
void eva_main(void);

void eva_main(void)
{
	/*@ loop unroll 140; */
	for (unsigned int n = 0; n <= 130; n++) {
		struct acpi_region r = { .buf = room, .size = any_size % (sizeof(room) + 1), .gpa = any_address, .vcpus = n };

		if (acpi_build(&r) == 0) {
			/*@ assert r.used <= sizeof(room); */
		}
	}
}
