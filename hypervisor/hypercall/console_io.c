/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_io: the hypervisor's console as a domain writes and reads it, and vm_assist beside it.
 * Locking: the console's inside.
 * Trust: text is the guest's; see console_emit().
 */
#include "handlers.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/guest.h>
#include <hv/guestmem.h>

#define CHUNK 128u

/*
 * The control domain owns the terminal. Another's text is a log's: whole lines under its name, printable and limited in number, so that no line
 * of a guest's can be taken for ours.
 */
static void console_emit(struct vcpu *v, const char *text, size_t n)
{
	if (v->domain->is_control)
		console_write_terminal(text, n);
	else
		guest_log_write(v, text, n);
}

/* arg[1]: bytes left, arg[2]: where; both advance. */
int64_t op_console_io_write(struct authz *az, void *arg, struct hypercall *hc)
{
	char text[CHUNK];

	if ((int32_t)hc->arg[1] < 0)
		return -XEN_EINVAL;
	while ((uint32_t)hc->arg[1] > 0) {
		uint32_t left = (uint32_t)hc->arg[1], n = left < CHUNK ? left : CHUNK;
		int rc = guest_copy_in(authz_vcpu(az), text, hc->arg[2], n);

		if (rc)
			return rc;
		console_emit(authz_vcpu(az), text, n);
		hc->arg[1] = left - n;
		hc->arg[2] += n;
		if (hc->arg[1] && cpu_should_yield())
			return -XEN_ERESTART;
	}
	return 0;
}

int64_t op_console_io_read(struct authz *az, void *arg, struct hypercall *hc)
{
	uint32_t want = (uint32_t)hc->arg[1];
	char text[CHUNK];
	size_t n;
	int rc;

	if ((int32_t)want < 0)
		return -XEN_EINVAL;
	n = console_read_input(text, want < CHUNK ? want : CHUNK);
	rc = n ? guest_copy_out(authz_vcpu(az), hc->arg[2], text, n) : 0;
	return rc ? rc : (int64_t)n;
}

/* arg[0]: enable or disable, arg[1]: which. Only the kind that concerns HVM guests is known. */
int64_t op_vm_assist_set(struct authz *az, void *arg, struct hypercall *hc)
{
	struct domain *d = authz_self(az);
	uint64_t bit = (uint64_t)1 << VMASST_TYPE_runstate_update_flag;

	if ((uint32_t)hc->arg[1] != VMASST_TYPE_runstate_update_flag)
		return -XEN_EINVAL;
	if ((uint32_t)hc->arg[0] > VMASST_CMD_disable)
		return -XEN_ENOSYS;
	spin_lock(&d->lock);
	d->vm_assist = (uint32_t)hc->arg[0] == VMASST_CMD_enable ? d->vm_assist | bit
								 : d->vm_assist & ~bit;
	spin_unlock(&d->lock);
	return 0;
}
