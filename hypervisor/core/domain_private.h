/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files about a domain's life share.
 * Locking: said at each. Trust: internal.
 */
#ifndef CORE_DOMAIN_PRIVATE_H
#define CORE_DOMAIN_PRIVATE_H

#include <hv/domain.h>
#include <hv/internal.h>

/*
 * domain_table.c: numbers and who has them. A number is taken before its domain can be found and
 * free again after it is gone.
 */
/* DOMID_INVALID: any free one. -XEN_EEXIST, -XEN_ENOSPC, -XEN_EINVAL. */
int __must_check domid_take(domid_t wanted, domid_t *id);
void domain_table_publish(struct domain *d);
void domain_table_init(void);
void domain_table_remove(struct domain *d);		/* published or not */

/* domain.c: everything but the references on memory is given back; the struct too. */
void domain_free(struct domain *d);

/* domain_link.c */
void domain_link_init(void);

#endif
