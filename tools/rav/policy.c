/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy: the verbs.
 * Locking: single-threaded. Trust: see each verb.
 */
#include "policy.h"

#include "common.h"
#include "options.h"

static const struct rav_verb verbs[] = {
	{ "build", "[--json] [-c VERSION] -o FILE SOURCE…",
	  "compile CIL files, or directories of them, into a policy",
	  "  -o, --output FILE    the policy\n"
	  "  -c, --version N      its format: 30 (Xen 4.17, the default) or 24\n" OPTION_HELP_JSON,
	  policy_build },
	{ "check", "[--json] POLICY | SOURCE…",
	  "would the compiler and the hypervisor take it: errors with file and line, or byte",
	  OPTION_HELP_JSON, policy_check },
	{ "lint", "[--json] [-i FILE]… POLICY | SOURCE…",
	  "what compiles and is likely a mistake; status 1: found some",
	  "  -i, --invariants F   neverallow rules to hold it against, as policy/flask/invariants.cil (repeat it)\n" OPTION_HELP_JSON,
	  policy_lint },
	{ "show", "[--json] [--fallback | --types | --labels] [POLICY]",
	  "what a policy is made of; without one: how the hypervisor stands",
	  "  --fallback           permissions that it lacks, and what answers in their place\n"
	  "  --types              its types, each with its attributes\n"
	  "  --labels             labels of the initial SIDs: the hypervisor, dom0, guests without a label …\n" OPTION_HELP_JSON,
	  policy_show },
	{ "load", "[--json] [-n] POLICY | SOURCE…",
	  "put a policy in force, while domains run; what it denies them is revoked",
	  "  -n, --dry-run        only say whether the hypervisor would take it\n" OPTION_HELP_JSON,
	  policy_load },
	{ "query", "[--json] [-p POLICY] SOURCE TARGET [CLASS [PERMISSION…]]",
	  "what one label may do to another; status 1: not all of it",
	  OPTION_HELP_POLICY OPTION_HELP_JSON
	  "A label is user:role:type:range, or in short type or type:range; TARGET may be 'self'.\n",
	  policy_query },
	{ "explain", "[--json] [-p POLICY] [RECORD | SOURCE TARGET CLASS PERMISSION…]",
	  "why an access is denied, what would allow it, and what that opens; status 1: denied",
	  OPTION_HELP_POLICY OPTION_HELP_JSON
	  "RECORD is one line of the audit log; without arguments, lines come from the standard input.\n"
	  "With CIL sources as the policy, rules and constraints are named by file and line.\n",
	  policy_explain },
	{ "diff", "[--json] OLD NEW",
	  "what becomes possible and what impossible; status 1: they differ",
	  OPTION_HELP_JSON
	  "OLD and NEW are compiled policies, CIL files or directories of them.\n"
	  "Constraints are asked with sample labels: equal, different, more and fewer categories.\n",
	  policy_diff },
	{ "graph", "[-p POLICY] [-f dot|svg|text|json] [-o FILE] [-m MEANS]… [-t TYPE]…",
	  "who can reach whom by which means",
	  OPTION_HELP_POLICY
	  "  -f, --format F       text (the default), dot, svg, json; else by the ending of FILE\n"
	  "  -o, --output FILE    written whole; else to the standard output\n"
	  "  -m, --means M        only these: policy machine memory control device grant event message observe (repeat it)\n"
	  "  -t, --only TYPE      only what reaches it and what it reaches (repeat it)\n" OPTION_HELP_JSON,
	  policy_graph },
	{ "hash", "[--json] POLICY…",
	  "SHA-256, as the hypervisor's banner and the audit log print it", OPTION_HELP_JSON,
	  policy_hash },
	{ NULL },
};

const struct rav_noun rav_policy = { "policy", "build, load and understand policies", verbs };
