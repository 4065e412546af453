/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit: the verbs.
 * Locking: single-threaded. Trust: see each verb.
 */
#include "common.h"

static const struct rav_verb verbs[] = {
	{ NULL },
};

const struct rav_noun rav_audit = { "audit", "the hypervisor's audit log: fetch, show, verify", verbs };
