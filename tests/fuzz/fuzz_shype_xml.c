/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an sHype policy in XML: errors with a line, or a binary that the hypervisor's reader takes. Seeds: the examples in policy/shype.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>

#include "../../tools/rav/shype.h"
#include "../../xsm/shype/shype.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct flask_error err = { 0 };
	struct shype_policy *p;
	uint8_t *made;
	size_t size;

	if (shype_compile("fuzz.xml", bytes, len, &made, &size) != 0)
		return 0;
	if (shype_read(made, size, &p, &err) != 0)
		abort();
	shype_free(p);
	free(made);
	return 0;
}
