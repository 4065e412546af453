/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an sHype policy: refused with a reason, or one that answers. Then as many bytes as are left are a context. Seeds: fuzz.mk.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../xsm/shype/shype.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void use(struct shype_policy *p)
{
	static const char *const contexts[] = { "u:r:guest_t:s0", "u:r:guest_t:s0:c1,c3.c5", "u:r:dom0_t:s0-s0:c0.c1023", "u:r:guest_t:s0:c9999" };

	for (unsigned int i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		uint16_t a = shype_label_of_context(p, contexts[i]);

		if (a != SHYPE_NONE && a >= p->nr_labels)
			abort();
		if (!shype_wall_open(p, a))
			continue;
		shype_wall_enter(p, a);
		for (uint16_t b = 0; b < p->nr_labels; b++) {
			if (shype_share(p, a, b) != shype_share(p, b, a) || shype_label_by_name(p, shype_label_name(p, b)) != b)
				abort();
			/* conflicts are mutual */
			if (shype_sets_meet(&p->label[a].against, &p->label[b].wall) != shype_sets_meet(&p->label[b].against, &p->label[a].wall))
				abort();
		}
		if (!shype_wall_open(p, a))	/* nobody conflicts with himself */
			abort();
		shype_wall_leave(p, a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct flask_error err = { 0 };
	struct shype_policy *p;

	if (shype_read(bytes, len, &p, &err) == 0) {
		use(p);
		shype_free(p);
	} else if (!err.reason || !err.section || err.offset > len) {
		abort();
	}
	return 0;
}
