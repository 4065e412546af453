/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own policy engine (xsm/flask), compiled into the tool: what it refuses and what
 * it answers is what the hypervisor will. No type of the hypervisor shows here.
 * Locking: single-threaded. Trust: policy bytes and labels are hostile, as they are to the
 * hypervisor.
 */
#ifndef RAV_ENGINE_H
#define RAV_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_refusal {		/* where and why, as the hypervisor's log says it */
	size_t offset;
	const char *section, *reason;
};

/* The policy asked from now on; false: refused, the one before stays. */
bool engine_load(const void *policy, size_t len, struct engine_refusal *why);
uint32_t engine_fallbacks(void);		/* permissions answered by ancestors */

bool engine_sid(const char *label, uint32_t *sid);
bool engine_label(uint32_t sid, char *text, size_t size);
bool engine_self(uint32_t source, uint32_t *self);	/* the label a domain has as its own target */
/* By our names, ancestors applied. Unknown permission: false. */
bool engine_allows(uint32_t source, uint32_t target, const char *class_name, const char *perm);

#endif
