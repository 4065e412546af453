/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest: what a kernel asks in its first milliseconds.
 * Locking: none. Trust: a guest.
 */
#include "tests.h"

#include <xen/features.h>
#include <xen/version.h>

int test_hello(void)
{
	char extra[XEN_EXTRAVERSION_LEN];
	struct xen_feature_info f = { .submap_idx = 0 };
	uint32_t r[4];

	cpuid(0x40000000, 0, r);
	CHECK_EQ(r[1], 0x566e6558);
	CHECK_EQ(hypercall2(__HYPERVISOR_xen_version, XENVER_version, 0), 0x40011);
	CHECK_OK(hypercall2(__HYPERVISOR_xen_version, XENVER_extraversion, extra));
	CHECK_OK(hypercall2(__HYPERVISOR_xen_version, XENVER_get_features, &f));
	say("guest: hello from a PVH kernel on 4.17%s, features %x", extra, f.submap);
	CHECK(f.submap & 1u << XENFEAT_hvm_callback_vector);
	CHECK(f.submap & 1u << XENFEAT_hvm_safe_pvclock);
	CHECK(!(f.submap & 1u << XENFEAT_hvm_pirqs));
	CHECK_EQ(!!(f.submap & 1u << XENFEAT_dom0), is_dom0());
	CHECK_EQ(hypercall(63, 0, 0, 0, 0, 0), -XEN_ENOSYS);
	return 0;
}
