/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy: the verbs.
 * Locking: single-threaded. Trust: see each verb.
 */
#include "policy.h"

#include "common.h"
#include "options.h"

static const struct rav_verb verbs[] = {
	{ "build", "[--json] [-c VERSION] -o FILE SOURCE…", "compile CIL files, or directories of them, into a policy",
	  "  -o, --output FILE    the policy\n"
	  "  -c, --version N      its format: 30 (Xen 4.17, the default) or 24\n" OPTION_HELP_JSON, policy_build },
	{ "check", "[--json] POLICY | SOURCE…", "would the compiler and the hypervisor take it: errors with file and line, or byte", OPTION_HELP_JSON,
	  policy_check },
	{ "query", "[--json] [-p POLICY] SOURCE TARGET [CLASS [PERMISSION…]]", "what one label may do to another; status 1: not all of it",
	  OPTION_HELP_POLICY OPTION_HELP_JSON
	  "A label is user:role:type:range, or in short type or type:range; TARGET may be 'self'.\n", policy_query },
	{ "hash", "[--json] POLICY…", "SHA-256, as the hypervisor's banner and the audit log print it", OPTION_HELP_JSON, policy_hash },
	{ NULL },
};

const struct rav_noun rav_policy = { "policy", "build, load and understand policies", verbs };
