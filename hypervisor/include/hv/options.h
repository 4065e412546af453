/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot options, named as Xen names them.
 * Locking: read-only after boot. Trust: the command line is the operator's.
 */
#ifndef HV_OPTIONS_H
#define HV_OPTIONS_H

#include <hv/types.h>

struct boot_options {
	char cmdline[1024];		/* as given (xen_version commandline) */
	uint64_t dom0_mem_bytes;	/* 0: default */
	uint32_t dom0_max_vcpus;	/* 0: one per CPU */
	uint32_t conring_bytes;
	uint32_t audit_bytes;
	uint32_t audit_full;		/* enum ravelin_audit_full: abi/ravelin.h */
	uint32_t com1_baud;		/* 0: no serial */
	uint32_t max_cpus;
	int log_level, guest_log_level;	/* enum log_level thresholds */
	char selftest[16];		/* boot tests: panic, stack, wx */
	bool noreboot, flask_locked, flask_permissive, sync_console, xsave;
};
extern struct boot_options options;
/* Parses; reports each unknown option by log_warn. -XEN_EINVAL for a refused one (flask=late, flask=disabled, malformed values): boot stops. */
/*@ requires text(cmdline) && \base_addr(cmdline) != \base_addr(&options.cmdline[0]); */
int __must_check options_parse(const char *cmdline);

#endif
