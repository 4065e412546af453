/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a vCPU has been in which state, and the record of it that the guest may have registered.
 * Locking: the run queue of v->cpu for the account; the area is written by the CPU that has v
 * loaded.
 * Trust: the area is guest memory: written, never read.
 */
#include "sched_private.h"

#include <hv/mm.h>
#include <hv/string.h>

int runstate_of(const struct vcpu *v)
{
	struct vcpu *w = (struct vcpu *)(uintptr_t)v;
	bool paused = atomic_load(&w->pause_count) || atomic_load(&w->domain->pause_count);
	uint32_t state = atomic_load(&w->state);

	if (state == VCPU_DOWN || paused)
		return RUNSTATE_offline;
	return state == VCPU_RUNNABLE ? RUNSTATE_runnable : RUNSTATE_blocked;
}

void runstate_change(struct vcpu *v, int state, uint64_t now)
{
	struct vcpu_runstate_info *r = &v->runstate;

	if (now > r->state_entry_time)
		r->time[r->state & 3] += now - r->state_entry_time;
	else
		now = r->state_entry_time;
	r->state_entry_time = now;
	r->state = state;
}

void vcpu_get_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
	struct cpu *c = vcpu_rq_lock(v);
	uint64_t now = edge_now_ns();

	*out = v->runstate;
	spin_unlock(&c->rq.lock);
	if (now > out->state_entry_time)
		out->time[out->state & 3] += now - out->state_entry_time;
}

/* The area may lie across two pages, each pinned by itself. */
static void area_write(struct vcpu *v, const void *src, size_t from, size_t len)
{
	size_t at = v->runstate_off + from;

	while (len) {
		mfn_t mfn = v->runstate_mfn[at >= PAGE_SIZE];
		size_t offset = at % PAGE_SIZE;
		size_t n = PAGE_SIZE - offset < len ? PAGE_SIZE - offset : len;
		char *page;

		if (mfn == MFN_INVALID)
			return;
		page = edge_window_map(mfn);
		memcpy(page + offset, src, n);
		edge_window_unmap(page);
		src = (const char *)src + n;
		at += n;
		len -= n;
	}
}

/*
 * With the update flag a reader on another vCPU sees that the record is being written (xen/vcpu.h,
 * XEN_RUNSTATE_UPDATE).
 */
void runstate_publish(struct vcpu *v)
{
	struct vcpu_runstate_info r = v->runstate;
	bool flagged = v->domain->vm_assist & ((uint64_t)1 << VMASST_TYPE_runstate_update_flag);
	size_t at = offsetof(struct vcpu_runstate_info, state_entry_time);
	uint64_t entry = r.state_entry_time;

	if (v->runstate_mfn[0] == MFN_INVALID)
		return;
	if (flagged) {
		r.state_entry_time |= XEN_RUNSTATE_UPDATE;
		area_write(v, &r.state_entry_time, at, sizeof(entry));
		atomic_thread_fence(memory_order_seq_cst);
	}
	area_write(v, &r, 0, sizeof(r));
	if (flagged) {
		atomic_thread_fence(memory_order_seq_cst);
		area_write(v, &entry, at, sizeof(entry));
	}
}

void vcpu_update_areas(struct vcpu *v)
{
	runstate_publish(v);
	pvclock_update(v);
}
