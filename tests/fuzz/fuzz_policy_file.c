/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the compiled policy that rav is asked about: refused, or read by libsepol too. The hypervisor's reader goes first and keeps from libsepol
 * what that might stumble over.
 * Locking: none. Trust: tests only.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tools/rav/binary.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct binary *b;
	uint8_t *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	(void)binary_is_policy(copy, len);
	if (binary_from_bytes(&b, "fuzz", copy, len) == 0) {
		(void)binary_type(b, "guest_t");
		(void)binary_class(b, "domain");
		binary_close(b);
	}
	return 0;
}
