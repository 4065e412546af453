/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditional rules. Apart from the rest because libsepol's header names a field `bool`.
 * Locking: single-threaded. Trust: a policy that libsepol has read.
 */
#ifndef RAV_CONDITIONS_H
#define RAV_CONDITIONS_H

#include <stddef.h>
#include <sepol/policydb/policydb.h>

/* As the hypervisor on a load: rules follow the booleans, whatever the file says of their state. */
void conditions_evaluate(policydb_t *db);
/*
 * The booleans, and their values, that an allow rule waits for: "domU_netboot=0". Returns 0 if no
 * conditional rule has this key.
 */
int conditions_of(const policydb_t *db, uint32_t source, uint32_t target, uint32_t class_value,
		  char *text, size_t size);

#endif
