/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor this runs on, by libxenctrl: opened when a verb needs it, so that the others work
 * anywhere.
 * Locking: single-threaded. Trust: the hypervisor's answers are believed, their lengths are not.
 */
#ifndef RAV_XEN_H
#define RAV_XEN_H

#include <xenctrl.h>

#define XEN_LABEL 8192

/* RAV_OK, or said why not. */
int xen_open(xc_interface **xc);
/*
 * What a hypercall's errno means for whoever typed the command: printed, returns RAV_FAILED.
 * `needs`: the permission it asks, as "security:load_policy".
 */
int xen_fail(const char *what, const char *needs);
/* A domain by id or by name (of the xenstore). */
int xen_domain(xc_interface *xc, const char *text, xc_domaininfo_t *info);
/* The domain's name into text; "" if the xenstore has none. */
void xen_domain_name(uint32_t id, char *text, size_t size);
int xen_label(xc_interface *xc, uint32_t sid, char text[XEN_LABEL]);

#endif
