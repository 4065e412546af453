/* SPDX-License-Identifier: Apache-2.0
 * Purpose: a guest's root asks the hypervisor for what it must not have; prints the status of each call.
 * Locking: none; one call after the other.
 * Trust boundary: this is the attacker.
 * Usage: hostile VICTIM-DOMID [ACT...]; each act prints "hostile: ACT: status (errno)"
 *	  hostile VICTIM-DOMID flood COUNT: so many denials one after the other
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xencall.h>
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/xsm/flask_op.h>

#define PAGE 4096
#define PAYLOAD 1024 /* where in the buffer the second-level argument lies */
#define FREE_GFN 0x107000ULL /* above this guest's memory, below its address width */

static xencall_handle *call;
static uint8_t *buffer; /* a locked page for arguments */
static uint16_t victim;

static int pausedomain(void)
{
	struct xen_domctl *op = (void *)buffer;

	op->cmd = XEN_DOMCTL_pausedomain;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = victim;
	return xencall1(call, __HYPERVISOR_domctl, (uintptr_t)op);
}

static int getdomaininfo(void)
{
	struct xen_domctl *op = (void *)buffer;

	op->cmd = XEN_DOMCTL_getdomaininfo;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = victim;
	return xencall1(call, __HYPERVISOR_domctl, (uintptr_t)op);
}

static int destroydomain(void)
{
	struct xen_domctl *op = (void *)buffer;

	op->cmd = XEN_DOMCTL_destroydomain;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = victim;
	return xencall1(call, __HYPERVISOR_domctl, (uintptr_t)op);
}

static int physinfo(void)
{
	struct xen_sysctl *op = (void *)buffer;

	op->cmd = XEN_SYSCTL_physinfo;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return xencall1(call, __HYPERVISOR_sysctl, (uintptr_t)op);
}

static int readconsole(void)
{
	struct xen_sysctl *op = (void *)buffer;

	op->cmd = XEN_SYSCTL_readconsole;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	set_xen_guest_handle_raw(op->u.readconsole.buffer, (char *)buffer + PAYLOAD);
	op->u.readconsole.count = PAGE - PAYLOAD;
	return xencall1(call, __HYPERVISOR_sysctl, (uintptr_t)op);
}

/* The status is per frame; a call that is refused as a whole counts too. */
static int foreign_map(void)
{
	struct xen_add_to_physmap_batch *op = (void *)buffer;
	xen_ulong_t *idx = (void *)(buffer + PAYLOAD);
	xen_pfn_t *gfn = (void *)(buffer + PAYLOAD + 64);
	int *error = (void *)(buffer + PAYLOAD + 128);
	int rc;

	*idx = 0x100;
	*gfn = FREE_GFN;
	op->domid = DOMID_SELF;
	op->space = XENMAPSPACE_gmfn_foreign;
	op->size = 1;
	op->u.foreign_domid = victim;
	set_xen_guest_handle_raw(op->idxs, idx);
	set_xen_guest_handle_raw(op->gpfns, gfn);
	set_xen_guest_handle_raw(op->errs, error);
	rc = xencall2(call, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, (uintptr_t)op);
	if (rc == 0 && *error != 0) {
		errno = -*error;
		return -1;
	}
	return rc;
}

static int loadpolicy(void)
{
	struct xen_flask_op *op = (void *)buffer;

	op->cmd = FLASK_LOAD;
	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	set_xen_guest_handle_raw(op->u.load.buffer, (char *)buffer + PAYLOAD);
	op->u.load.size = 64;
	return xencall1(call, __HYPERVISOR_xsm_op, (uintptr_t)op);
}

static int setenforce(void)
{
	struct xen_flask_op *op = (void *)buffer;

	op->cmd = FLASK_SETENFORCE;
	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	op->u.enforce.enforcing = 0;
	return xencall1(call, __HYPERVISOR_xsm_op, (uintptr_t)op);
}

/* Grant references of other domains are small numbers: 0 and 1 are its console and its xenstore ring. */
static int grant_map(void)
{
	struct gnttab_map_grant_ref *op = (void *)buffer;
	int rc;

	op->host_addr = FREE_GFN * PAGE;
	op->flags = GNTMAP_host_map;
	op->ref = 1;
	op->dom = victim;
	rc = xencall3(call, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (uintptr_t)op, 1);
	if (rc == 0 && op->status != GNTST_okay) {
		printf("hostile: grant_map: grant status %d\n", op->status);
		errno = EACCES;
		return -1;
	}
	return rc;
}

static int bind_interdomain(void)
{
	struct evtchn_bind_interdomain *op = (void *)buffer;

	op->remote_dom = victim;
	op->remote_port = 1;
	return xencall2(call, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, (uintptr_t)op);
}

static const struct {
	const char *name;
	int (*run)(void);
} acts[] = {
	{ "pausedomain", pausedomain },	    { "getdomaininfo", getdomaininfo }, { "destroydomain", destroydomain },
	{ "physinfo", physinfo },	    { "readconsole", readconsole },	{ "foreign_map", foreign_map },
	{ "loadpolicy", loadpolicy },	    { "setenforce", setenforce },	{ "grant_map", grant_map },
	{ "bind_interdomain", bind_interdomain },
};

static void act(size_t i)
{
	int rc, error;

	memset(buffer, 0, PAGE);
	errno = 0;
	rc = acts[i].run();
	error = rc < 0 ? errno : 0;
	printf("hostile: %s: %s (%d)\n", acts[i].name, rc < 0 ? strerror(error) : "done", error);
}

static void flood(long count)
{
	long denied = 0;

	for (long i = 0; i < count; i++)
		denied += getdomaininfo() < 0;
	printf("hostile: flood: %ld of %ld denied\n", denied, count);
}

static int wanted(const char *name, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc < 3;
}

static void acts_run(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (wanted(acts[i].name, argc, argv))
			act(i);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	call = xencall_open(NULL, 0);
	buffer = call ? xencall_alloc_buffer_pages(call, 1) : NULL;
	if (argc < 2 || !buffer) {
		printf("hostile: cannot start: %s\n", strerror(errno));
		return 2;
	}
	victim = (uint16_t)atoi(argv[1]);
	if (argc == 4 && strcmp(argv[2], "flood") == 0)
		flood(atol(argv[3]));
	else
		acts_run(argc, argv);
	printf("hostile: ended\n");
	return 0;
}
