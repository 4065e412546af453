/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant_table_op: arrays of elements, each with its own granter, permission and status; and the single calls about one table.
 * Locking: none here. Trust: elements are fetched once and stored back whole; the registers carry what is left when a long call gives way.
 */
#include "handlers.h"

#include <hv/cpu.h>
#include <hv/grant.h>
#include <hv/guestmem.h>

#define GRANT_VERSION 1u
#define GRANT_COPY_BATCH 16u	/* 64 KiB between two looks whether to give way */

/* What the registers say: an array of arg[2] elements at arg[1]. */
static int grants_open(struct authz *az, const struct hypercall *hc, size_t size, struct guest_array *a)
{
	uint32_t count = (uint32_t)hc->arg[2];	/* an unsigned int in the ABI */

	if (count > INT32_MAX)
		return -XEN_EINVAL;
	return guest_array_init(a, authz_vcpu(az), hc->arg[1], count, size);
}

/* Time to give way? Then the registers name the rest. */
static bool grants_give_way(struct hypercall *hc, const struct guest_array *a)
{
	if (a->pos == 0 || a->pos >= a->count || !cpu_should_yield())
		return false;
	hc->arg[1] += a->pos * a->size;
	hc->arg[2] = a->count - a->pos;
	return true;
}

static int16_t grants_status(int rc)
{
	switch (-rc) {
	case 0:
		return GNTST_okay;
	case XEN_ESRCH:
		return GNTST_bad_domain;
	default:
		return GNTST_permission_denied;
	}
}

/*
 * Writing needs both permissions, as on Xen; what is missing stands in one record. *granter is the former element's, still open, or NULL: it serves this
 * one, which is asked about by itself, if it is the same.
 */
static int granter_open(struct authz *az, const struct gnttab_map_grant_ref *op, struct domain **granter)
{
	enum perm write = op->flags & GNTMAP_readonly ? PERM_INVALID : PERM_grant__map_write;

	authz_note(az, "gref", op->ref);
	if (*granter && (*granter)->id == op->dom)
		return gate_check_target_both(az, *granter, PERM_grant__map_read, write);
	gate_release(az, *granter);
	*granter = NULL;
	return gate_open_domain_both(az, op->dom, PERM_grant__map_read, write, granter);
}

static void map_one(struct authz *az, struct gnttab_map_grant_ref *op, struct domain **granter)
{
	int rc = granter_open(az, op, granter);

	op->status = grants_status(rc);
	if (rc == 0)
		grant_map(authz_self(az), *granter, op);
}

/* After a denial, whose record may leave no room for the next one's. */
static bool grants_stop(int16_t status)
{
	return status == GNTST_permission_denied && cpu_should_yield();
}

/* The first `done` of those fetched go back; the others are fetched again. */
static int grants_store(struct guest_array *a, uint64_t first, const void *ops, unsigned int done)
{
	a->pos = first + done;
	return guest_array_store_some(a, first, ops, done);
}

int64_t op_grant_table_map_grant_ref(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_map_grant_ref ops[GRANT_BATCH];
	struct domain *granter = NULL;
	struct guest_array a;
	int rc = grants_open(az, hc, sizeof(ops[0]), &a);

	(void)arg;
	while (rc == 0 && a.pos < a.count) {
		unsigned int n = GRANT_BATCH, done = 0;
		uint64_t first = a.pos;

		if (grants_give_way(hc, &a))
			return -XEN_ERESTART;
		rc = guest_array_fetch_some(&a, ops, &n);
		while (done < n) {
			map_one(az, &ops[done], &granter);
			if (grants_stop(ops[done++].status))
				break;
		}
		if (rc == 0)
			rc = grants_store(&a, first, ops, done);
	}
	return rc;
}

int64_t op_grant_table_unmap_grant_ref(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_unmap_grant_ref ops[GRANT_BATCH];
	struct guest_array a;
	int rc = grants_open(az, hc, sizeof(ops[0]), &a);

	(void)arg;
	while (rc == 0 && a.pos < a.count) {
		unsigned int n = GRANT_BATCH;
		uint64_t first = a.pos;

		if (grants_give_way(hc, &a))
			return -XEN_ERESTART;
		rc = guest_array_fetch_some(&a, ops, &n);
		if (rc == 0)
			rc = grants_store(&a, first, ops, grant_unmap(az, authz_self(az), ops, n));
	}
	return rc;
}

/* One side's domain. A frame of one's own needs no opening; anything by reference does. */
static int side_open(struct authz *az, const struct gnttab_copy_ptr *p, bool by_ref, struct domain **d)
{
	if (!by_ref && p->domid == DOMID_SELF) {
		*d = authz_self(az);
		return 0;
	}
	if (by_ref)
		authz_note(az, "gref", p->u.ref);
	return gate_open_domain(az, p->domid, PERM_grant__copy, d);
}

static void side_close(struct authz *az, const struct gnttab_copy_ptr *p, bool by_ref, struct domain *d)
{
	if (by_ref || p->domid != DOMID_SELF)
		gate_release(az, d);
}

static int16_t copy_one(struct authz *az, const struct gnttab_copy *op)
{
	bool src_ref = op->flags & GNTCOPY_source_gref, dst_ref = op->flags & GNTCOPY_dest_gref;
	struct domain *src, *dst;
	int16_t status;
	int rc = side_open(az, &op->source, src_ref, &src);

	if (rc)
		return grants_status(rc);
	rc = side_open(az, &op->dest, dst_ref, &dst);
	status = grants_status(rc);
	if (rc == 0) {
		status = grant_copy(az, authz_self(az), src, dst, op);
		side_close(az, &op->dest, dst_ref, dst);
	}
	side_close(az, &op->source, src_ref, src);
	return status;
}

int64_t op_grant_table_copy(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_copy ops[GRANT_COPY_BATCH];
	struct guest_array a;
	int rc = grants_open(az, hc, sizeof(ops[0]), &a);

	(void)arg;
	while (rc == 0 && a.pos < a.count) {
		unsigned int n = GRANT_COPY_BATCH, done = 0;
		uint64_t first = a.pos;

		if (grants_give_way(hc, &a))
			return -XEN_ERESTART;
		rc = guest_array_fetch_some(&a, ops, &n);
		while (done < n) {
			ops[done].status = copy_one(az, &ops[done]);
			if (grants_stop(ops[done++].status))
				break;
		}
		if (rc == 0)
			rc = grants_store(&a, first, ops, done);
	}
	return rc;
}

/* Where the frames are in the caller's address space is not recorded: as on Xen for frames that are not mapped there, none is named. */
static int frame_list_fill(struct authz *az, const struct gnttab_setup_table *op)
{
	xen_pfn_t none = ~(xen_pfn_t)0;
	struct guest_array a;
	int rc = guest_array_init(&a, authz_vcpu(az), HANDLE_VA(op->frame_list), op->nr_frames, sizeof(none));

	for (uint32_t i = 0; rc == 0 && i < op->nr_frames; i++)
		rc = guest_array_store(&a, i, &none);
	return rc;
}

int64_t op_grant_table_setup_table(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_setup_table *op = arg;

	if ((uint32_t)hc->arg[2] != 1)
		return -XEN_EINVAL;
	op->status = grant_setup_table(authz_target(az), op->nr_frames) ? GNTST_general_error : GNTST_okay;
	return op->status == GNTST_okay && HANDLE_VA(op->frame_list) ? frame_list_fill(az, op) : 0;
}

int64_t op_grant_table_query_size(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_query_size *op = arg;
	struct domain *d = authz_target(az);

	if ((uint32_t)hc->arg[2] != 1)
		return -XEN_EINVAL;
	op->nr_frames = grant_nr_frames(d);
	op->max_nr_frames = grant_max_frames(d);
	op->status = GNTST_okay;
	return 0;
}

/* Version 2 is refused as a Xen refuses it that was told to offer version 1 alone. */
int64_t op_grant_table_set_version(struct authz *az, void *arg, struct hypercall *hc)
{
	const struct gnttab_set_version *op = arg;

	(void)az;
	(void)hc;
	if (op->version == GRANT_VERSION)
		return 0;
	return op->version == GRANT_VERSION + 1 ? -XEN_ENOSYS : -XEN_EINVAL;
}

int64_t op_grant_table_get_version(struct authz *az, void *arg, struct hypercall *hc)
{
	struct gnttab_get_version *op = arg;

	(void)az;
	(void)hc;
	op->version = GRANT_VERSION;
	return 0;
}
