/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a policy: refused with a reason, or usable. Seeds: the default policy and random small ones (fuzz.mk).
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>

#include "../../xsm/flask/policydb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Whatever was accepted must answer questions about each pair of its initial labels. */
static void use(const struct policy *p)
{
	static struct context_draft draft;
	struct flask_vector v;
	struct access a;
	char text[256];

	for (unsigned int i = 1; i <= FLASK_INITIAL_SIDS; i++) {
		const struct context *s = p->initial[i];

		if (!s)
			continue;
		policy_context_print(p, s, text, sizeof(text));
		for (unsigned int j = 1; j <= FLASK_INITIAL_SIDS; j++) {
			const struct context *t = p->initial[j];

			if (!t)
				continue;
			policy_compute_vector(p, s, t, i == j, &v);
			for (uint32_t class = 1; class <= p->classes.nprim && class < 40; class++)
				if (symtab_name(&p->classes, class)) {
					policy_compute_class(p, s, t, class, &a);
					if (policy_derive(p, s, t, class, RULE_TRANSITION, &draft) == 0 && !policy_context_valid(p, &draft.c))
						abort();
				}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct flask_error err = { 0 };
	struct policy *p;

	if (policy_read_after(NULL, BOOLS_LOAD, bytes, len, &p, &err) == 0) {
		use(p);
		policy_free(p);
	} else if (!err.reason || !err.section || err.offset > len) {
		abort();
	}
	return 0;
}
