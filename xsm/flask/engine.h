/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the engine tell each other: flask.c, booleans.c, objects.c.
 * Locking: see flask.c. Trust: none crosses here.
 */
#ifndef XSM_FLASK_ENGINE_H
#define XSM_FLASK_ENGINE_H

#include "policydb.h"

struct policy *policy_in_force(void);		/* NULL before the first; borrowed until the end of the pass */
/* A load that treats booleans as `commit` (BOOLS_*) says. */
int __must_check flask_replace(uint32_t commit, const void *bytes, size_t len, struct flask_error *err);
void objects_init(void);

#endif
