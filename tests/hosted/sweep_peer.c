/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes of the operations between two domains: event channels and grants.
 * Locking: none. Trust: tests only.
 */
#include "sweep.h"

#include <hv/mm.h>

#define REF 8u

/* --- event channels ----------------------------------------------------------------------------------------------------------- */

#define EVENT(s, cmd, op) sweep_arg_call(s, __HYPERVISOR_event_channel_op, EVTCHNOP_##cmd, op, sizeof(*(op)))

int64_t scene_event_alloc(struct scene *s)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = s->other->id };

	return EVENT(s, alloc_unbound, &op);
}

/* As a toolstack does for the guest it builds. */
int64_t scene_event_alloc_other(struct scene *s)
{
	struct evtchn_alloc_unbound op = { .dom = s->other->id, .remote_dom = DOMID_SELF };

	return EVENT(s, alloc_unbound, &op);
}

int64_t scene_event_bind(struct scene *s)
{
	int64_t port = guest_alloc_unbound(s->other, s->caller->id);
	struct evtchn_bind_interdomain op = { .remote_dom = s->other->id, .remote_port = (evtchn_port_t)port };

	assert_true(port > 0);
	return EVENT(s, bind_interdomain, &op);
}

int64_t scene_event_virq(struct scene *s)
{
	struct evtchn_bind_virq op = { .virq = VIRQ_TIMER };

	return EVENT(s, bind_virq, &op);
}

int64_t scene_event_global_virq(struct scene *s)
{
	struct evtchn_bind_virq op = { .virq = VIRQ_CON_RING };

	return EVENT(s, bind_virq, &op);
}

int64_t scene_event_close(struct scene *s)
{
	struct evtchn_close op = { .port = (evtchn_port_t)guest_bind_ipi(s->caller, 0) };

	return EVENT(s, close, &op);
}

int64_t scene_event_send(struct scene *s)
{
	evtchn_port_t far;
	struct evtchn_send op = { .port = guests_join(s->caller, s->other, &far) };
	int64_t rc = EVENT(s, send, &op);

	assert_int_equal(pending_bit(s->other, far), rc == 0);
	return rc;
}

int64_t scene_event_status(struct scene *s)
{
	evtchn_port_t far;
	struct evtchn_status op = { .dom = DOMID_SELF, .port = guests_join(s->caller, s->other, &far) };

	return EVENT(s, status, &op);
}

int64_t scene_event_status_other(struct scene *s)
{
	struct evtchn_status op = { .dom = s->other->id, .port = (evtchn_port_t)guest_bind_ipi(s->other, 0) };

	return EVENT(s, status, &op);
}

int64_t scene_event_ipi(struct scene *s)
{
	struct evtchn_bind_ipi op = { .vcpu = 1 };

	return EVENT(s, bind_ipi, &op);
}

int64_t scene_event_bind_vcpu(struct scene *s)
{
	evtchn_port_t far;
	struct evtchn_bind_vcpu op = { .port = guests_join(s->caller, s->other, &far), .vcpu = 1 };

	return EVENT(s, bind_vcpu, &op);
}

int64_t scene_event_unmask(struct scene *s)
{
	struct evtchn_unmask op = { .port = (evtchn_port_t)guest_bind_ipi(s->caller, 0) };

	return EVENT(s, unmask, &op);
}

int64_t scene_event_reset(struct scene *s)
{
	struct evtchn_reset op = { .dom = s->other->id };

	return EVENT(s, reset, &op);
}

static struct evtchn_init_control control_block(uint32_t vcpu)
{
	return (struct evtchn_init_control){ .control_gfn = (BLOB_GPA >> PAGE_SHIFT) + vcpu, .vcpu = vcpu };
}

int64_t scene_event_init_control(struct scene *s)
{
	struct evtchn_init_control op = control_block(0);

	return EVENT(s, init_control, &op);
}

static void fifo_begin(struct scene *s)
{
	struct evtchn_init_control op = control_block(0);

	assert_int_equal(evtchn_call(s->caller, init_control, &op), 0);
}

int64_t scene_event_expand_array(struct scene *s)
{
	struct evtchn_expand_array op = { .array_gfn = (BLOB_GPA >> PAGE_SHIFT) + 4 };

	fifo_begin(s);
	return EVENT(s, expand_array, &op);
}

int64_t scene_event_set_priority(struct scene *s)
{
	struct evtchn_set_priority op = { .priority = EVTCHN_FIFO_PRIORITY_MIN };

	fifo_begin(s);
	op.port = (evtchn_port_t)guest_bind_ipi(s->caller, 0);
	return EVENT(s, set_priority, &op);
}

/* --- grants --------------------------------------------------------------------------------------------------------------------- */

#define GRANT(s, cmd, op) sweep_arg_call(s, __HYPERVISOR_grant_table_op, GNTTABOP_##cmd, op, sizeof(*(op)))

/* from offers its page OWN_GFN. */
static void grant(struct domain *from, domid_t to)
{
	mfn_t mfn = grant_frame_get(from, 0, true);
	struct grant_entry_v1 *table = hosted_mfn_va(mfn);

	table[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = to, .frame = OWN_GFN };
	frame_put(mfn);
}

static int64_t grant_map_flags(struct scene *s, uint32_t flags)
{
	struct gnttab_map_grant_ref op = { .host_addr = (uint64_t)FREE_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map | flags, .ref = REF,
					   .dom = s->other->id, .status = 77 };
	int64_t rc;

	grant(s->other, s->caller->id);
	rc = GRANT(s, map_grant_ref, &op);
	return rc ? rc : op.status;
}

int64_t scene_grant_map(struct scene *s)
{
	return grant_map_flags(s, 0);
}

int64_t scene_grant_map_ro(struct scene *s)
{
	return grant_map_flags(s, GNTMAP_readonly);
}

int64_t scene_grant_unmap(struct scene *s)
{
	struct gnttab_map_grant_ref map = { .host_addr = (uint64_t)FREE_GFN << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = REF, .dom = s->other->id };
	struct gnttab_unmap_grant_ref op = { .host_addr = (uint64_t)FREE_GFN << PAGE_SHIFT, .status = 77 };
	int64_t rc;

	grant(s->other, s->caller->id);
	assert_int_equal(guest_call(s->caller, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &map, sizeof(map)), 0);
	assert_int_equal(map.status, GNTST_okay);
	op.handle = map.handle;
	rc = GRANT(s, unmap_grant_ref, &op);
	return rc ? rc : op.status;
}

int64_t scene_grant_setup(struct scene *s)
{
	struct gnttab_setup_table op = { .dom = s->other->id, .nr_frames = 1 };
	int64_t rc = GRANT(s, setup_table, &op);

	return rc ? rc : op.status;
}

/* Out of the other domain's page into one of the caller's. */
int64_t scene_grant_copy(struct scene *s)
{
	struct gnttab_copy op = { .source = { .u.ref = REF, .domid = s->other->id }, .dest = { .u.gmfn = OWN_GFN, .domid = DOMID_SELF },
				  .len = 16, .flags = GNTCOPY_source_gref, .status = 77 };
	int64_t rc;

	grant(s->other, s->caller->id);
	rc = GRANT(s, copy, &op);
	return rc ? rc : op.status;
}

/* Between two others, as a backend does that forwards: the two are asked about, too. */
int64_t scene_grant_copy_pair(struct scene *s)
{
	struct gnttab_copy op = { .source = { .u.ref = REF }, .dest = { .u.ref = REF, .domid = s->other->id },
				  .len = 16, .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref, .status = 77 };
	int64_t rc;

	scene_third(s);
	op.source.domid = s->third->id;
	grant(s->third, s->caller->id);
	grant(s->other, s->caller->id);
	rc = GRANT(s, copy, &op);
	return rc ? rc : op.status;
}

int64_t scene_grant_query(struct scene *s)
{
	struct gnttab_query_size op = { .dom = s->other->id };
	int64_t rc = GRANT(s, query_size, &op);

	return rc ? rc : op.status;
}

int64_t scene_grant_set_version(struct scene *s)
{
	struct gnttab_set_version op = { .version = 1 };

	return GRANT(s, set_version, &op);
}

int64_t scene_grant_get_version(struct scene *s)
{
	struct gnttab_get_version op = { .dom = s->other->id };

	return GRANT(s, get_version, &op);
}
