/* SPDX-License-Identifier: Apache-2.0 */
/* Eva's start for hypervisor/hypercall/console_io.c. */
#include "handlers.c"

size_t console_read_input(char *buf, size_t len) { return any_text(buf, len, 128); }

static void bytes(void *head) { call_regs->arg[1] = in_turn(any_u32, 128); }

void eva_main(void)
{
	call_in_turn(call_console_io_write, bytes, 128);
	call_console_io_read();
	call_vm_assist_set();
}
