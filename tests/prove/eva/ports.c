/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/guest/ports.c: any port, each width that there is, any value; text of any length, from wherever a line may be. */
#include "emulate.c"

static char text[128];			/* as much as console_io copies at once */

void eva_main(void)
{
	const unsigned int some_size[] = { 1, 2, 4 };

	any_machine();
	look(guest_port_read(self, (uint16_t)any_u32, some_size[any_below(3)]));
	any_machine();
	guest_port_write(self, (uint16_t)any_u32, some_size[any_below(3)], any_u32);
	/*@ assert line: self->debug.len < sizeof(self->debug.line); */
	any_machine();
	guest_fill(text, sizeof(text));
	guest_log_write(self, text, any_below(sizeof(text) + 1));
	/*@ assert line: self->debug.len < sizeof(self->debug.line); */
}
