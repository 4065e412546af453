/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditional rules. Apart from the rest because libsepol's header names a field `bool`.
 * Locking: single-threaded. Trust: a policy that libsepol has read.
 */
#ifndef RAV_CONDITIONS_H
#define RAV_CONDITIONS_H

#include <sepol/policydb/policydb.h>

/* As the hypervisor on a load: rules follow the booleans, whatever the file says of their state. */
void conditions_evaluate(policydb_t *db);

#endif
