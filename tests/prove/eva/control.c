/* SPDX-License-Identifier: Apache-2.0 */
/* For Eva: what hypercall/control_op.c and its neighbours give each other. Each is in a row of its own. Locking: none. Trust: proofs only. */
#include "handlers.c"
#include <control_op.h>

int control_bitmap_read(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t *bits) { look(map->nr_bits); *bits = any_u64; return guest_status(); }
int control_bitmap_write(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t bits) { look(map->nr_bits + bits); return guest_status(); }
void control_domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info) { look(d->id); guest_fill(info, sizeof(*info)); }
int control_quiet_begin(struct domain *d) { look(d->id); return guest_status(); }
void control_quiet_end(struct domain *d) { look(d->id); }
