/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what the policy forbids is refused with -EACCES and leaves a record; `denied` as control domain, `attack` as a guest.
 * Locking: one vCPU. Trust: a guest.
 */
#include "tests.h"
#include "child.h"

#include <xen/sched.h>
#include <xen/xsm/flask_op.h>

#define SERVICE_LABEL "system_u:system_r:xenstore_t:s0"

static int create_is_denied(void)
{
	struct child c;

	CHECK_EQ(child_create(&c, SERVICE_LABEL, 16, 1), -XEN_EACCES);
	CHECK(console_says("avc:  denied  { create }", "xenstore_t"));
	return 0;
}

static int permissive_is_denied(void)
{
	struct xen_flask_op op = { .cmd = FLASK_SETENFORCE, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.enforce.enforcing = 0;
	CHECK_EQ(hypercall1(__HYPERVISOR_xsm_op, &op), -XEN_EACCES);
	op.cmd = FLASK_GETENFORCE;
	CHECK_EQ(hypercall1(__HYPERVISOR_xsm_op, &op), 1);
	return 0;
}

/* Before its first instruction the control domain may map a guest's memory; afterwards neither the old mapping nor a new one holds. */
static int memory_is_denied(void)
{
	volatile uint32_t *at = (volatile uint32_t *)scratch_gpa(1);
	struct child c;

	CHECK_OK(child_create(&c, CHILD_LABEL, 1024, 1));
	CHECK_OK(child_load(&c, "idle"));
	CHECK_OK(child_map(&c, 0x100, (uint64_t)at));
	CHECK(*at != 0);
	CHECK_OK(child_start(&c));
	CHECK(*at == 0);			/* revoked: a zeroed page of our own */
	child_unmap((uint64_t)at);
	CHECK_EQ(child_map(&c, 0x100, (uint64_t)at), -XEN_EACCES);
	CHECK(console_says("avc:  denied  { map_", "guest_t"));
	CHECK_OK(child_destroy(&c));
	return 0;
}

int test_denied(void)
{
	int line = console_says("", "") ? 0 : 0;	/* skips what is old */

	line = line ? line : create_is_denied();
	line = line ? line : permissive_is_denied();
	return line ? line : memory_is_denied();
}

static int attack_control(void)
{
	static struct xen_domctl d;
	static struct xen_sysctl s;
	struct child dom0 = { .id = 0 }, made;
	struct sched_remote_shutdown r = { .domain_id = 0, .reason = SHUTDOWN_crash };

	memset(&d, 0, sizeof(d));
	CHECK_EQ(domctl(&dom0, &d, XEN_DOMCTL_pausedomain), -XEN_EACCES);
	CHECK_EQ(domctl(&dom0, &d, XEN_DOMCTL_destroydomain), -XEN_EACCES);
	CHECK_EQ(domctl(&dom0, &d, XEN_DOMCTL_getdomaininfo), -XEN_EACCES);
	CHECK(child_create(&made, CHILD_LABEL, 16, 1) != 0);
	memset(&s, 0, sizeof(s));
	CHECK_EQ(sysctl(&s, XEN_SYSCTL_physinfo), -XEN_EACCES);
	CHECK_EQ(hypercall2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &r), -XEN_EACCES);
	return 0;
}

static int attack_memory(void)
{
	struct child dom0 = { .id = 0 };
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = 0 };
	struct xen_remove_from_physmap rm = { .domid = 0, .gpfn = 0x100 };
	xen_pfn_t gfn = 0x100;

	CHECK_EQ(child_map(&dom0, 0x100, scratch_gpa(1)), -XEN_EACCES);
	set_xen_guest_handle(res.extent_start, &gfn);
	CHECK_EQ(hypercall2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &res), -XEN_EACCES);
	CHECK_EQ(hypercall2(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &rm), -XEN_EACCES);
	return 0;
}

static int attack_policy(void)
{
	static char policy[64];
	struct xen_flask_op op = { .cmd = FLASK_LOAD, .interface_version = XEN_FLASK_INTERFACE_VERSION };

	op.u.load.size = sizeof(policy);
	set_xen_guest_handle(op.u.load.buffer, policy);
	CHECK_EQ(hypercall1(__HYPERVISOR_xsm_op, &op), -XEN_EACCES);
	return 0;
}

int test_attack(void)
{
	int line = attack_control();

	line = line ? line : attack_memory();
	return line ? line : attack_policy();
}
