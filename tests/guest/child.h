/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test guest as control domain: making, watching and destroying small domains by hypercall.
 * Locking: one vCPU. Trust: a guest.
 */
#ifndef TESTS_GUEST_CHILD_H
#define TESTS_GUEST_CHILD_H

#include "guest.h"

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define CHILD_LABEL "system_u:system_r:guest_t:s0"

#define SECINITSID_DOMU	12u		/* what a toolstack passes where nothing is known of labels */

struct child {
	domid_t id;
	unsigned int vcpus;
	uint64_t pages;
};

/* All: 0 or the hypercall's negative status. */
long domctl(struct child *c, struct xen_domctl *d, uint32_t cmd);
long sysctl(struct xen_sysctl *s, uint32_t cmd);
long label_to_sid(const char *label, uint32_t *sid);	/* -XEN_ENOSYS: this hypervisor knows no labels */
long child_create(struct child *c, const char *label, uint64_t pages, unsigned int vcpus);
/* The kernel is the first boot module (our own image); it gets a command line of its own. */
long child_load(struct child *c, const char *cmdline);
long child_start(struct child *c);
long child_map(struct child *c, uint64_t gfn, uint64_t at);	/* one page at that address of ours */
void child_unmap(uint64_t at);
long child_write(struct child *c, uint64_t gpa, const void *src, uint64_t len);
long child_info(struct child *c, struct xen_domctl_getdomaininfo *info);	/* -XEN_ESRCH: gone */
long child_kill(struct child *c);			/* it is torn down, but for what other domains have mapped */
long child_wait_gone(struct child *c);			/* until it has left the list */
long child_destroy(struct child *c);			/* both */
uint64_t host_free_pages(void);
/* Reads what is new in the hypervisor's console ring; is there a line with both texts? */
bool console_says(const char *a, const char *b);

#endif
