/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xen_version: who we say we are. The numbers are Xen 4.17's, whose interface this is; the names
 * are ours.
 * Locking: none.
 * Trust: answers only; addresses are the caller's.
 */
#include "handlers.h"

#include <hv/guestmem.h>
#include <hv/options.h>
#include <hv/string.h>
#include <xen/features.h>

#define INTERFACE_MAJOR 4
#define INTERFACE_MINOR 17

/* The address is in the second register. */
static int64_t version_answer(struct authz *az, const struct hypercall *hc, const void *answer,
			      size_t len)
{
	return guest_copy_out(authz_vcpu(az), hc->arg[1], answer, len);
}

int64_t op_xen_version_version(struct authz *az, void *arg, struct hypercall *hc)
{
	return (INTERFACE_MAJOR << 16) | INTERFACE_MINOR;
}

int64_t op_xen_version_extraversion(struct authz *az, void *arg, struct hypercall *hc)
{
	static const xen_extraversion_t extra = ".0-ravelin";

	return version_answer(az, hc, extra, sizeof(extra));
}

int64_t op_xen_version_compile_info(struct authz *az, void *arg, struct hypercall *hc)
{
	static const struct xen_compile_info info = {
		.compiler = "gcc " __VERSION__,
		.compile_by = "ravelin",
		.compile_domain = "",
		.compile_date = "reproducible build",
	};

	return version_answer(az, hc, &info, sizeof(info));
}

/*
 * Debian's tools look for the first two kinds; the 32-bit one is what they call a PVH kernel, which
 * is entered in that mode.
 */
int64_t op_xen_version_capabilities(struct authz *az, void *arg, struct hypercall *hc)
{
	static const xen_capabilities_info_t capabilities =
		"xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "
		"ravelin-" RAVELIN_VERSION;

	return version_answer(az, hc, capabilities, sizeof(capabilities));
}

int64_t op_xen_version_changeset(struct authz *az, void *arg, struct hypercall *hc)
{
	static const xen_changeset_info_t changeset = "ravelin " RAVELIN_VERSION;

	return version_answer(az, hc, changeset, sizeof(changeset));
}

/* There is no address space that guests share with us. */
int64_t op_xen_version_platform_parameters(struct authz *az, void *arg, struct hypercall *hc)
{
	static const struct xen_platform_parameters parameters = { .virt_start = 0 };

	return version_answer(az, hc, &parameters, sizeof(parameters));
}

#define FEATURE(f) ((uint32_t)1 << (f))

int64_t op_xen_version_get_features(struct authz *az, void *arg, struct hypercall *hc)
{
	struct xen_feature_info info;
	int rc = guest_copy_in(authz_vcpu(az), &info, hc->arg[1], sizeof(info));

	if (rc)
		return rc;
	if (info.submap_idx != 0)
		return -XEN_EINVAL;
	info.submap =
		FEATURE(XENFEAT_writable_page_tables) | FEATURE(XENFEAT_auto_translated_physmap) |
		FEATURE(XENFEAT_hvm_callback_vector) | FEATURE(XENFEAT_hvm_safe_pvclock) |
		FEATURE(XENFEAT_memory_op_vnode_supported) | FEATURE(XENFEAT_not_direct_mapped);
	if (authz_self(az)->is_control)
		info.submap |= FEATURE(XENFEAT_dom0);
	return version_answer(az, hc, &info, sizeof(info));
}

int64_t op_xen_version_pagesize(struct authz *az, void *arg, struct hypercall *hc)
{
	return hc->arg[1] ? -XEN_EINVAL : (int64_t)PAGE_SIZE;
}

int64_t op_xen_version_guest_handle(struct authz *az, void *arg, struct hypercall *hc)
{
	return version_answer(az, hc, authz_self(az)->handle, sizeof(authz_self(az)->handle));
}

int64_t op_xen_version_commandline(struct authz *az, void *arg, struct hypercall *hc)
{
	xen_commandline_t line = { 0 };

	memcpy(line, options.cmdline, strnlen(options.cmdline, sizeof(line) - 1));
	return version_answer(az, hc, line, sizeof(line));
}

/* What identifies the build is the measured image; there is no linker's id in it. */
int64_t op_xen_version_build_id(struct authz *az, void *arg, struct hypercall *hc)
{
	return -XEN_ENODATA;
}
