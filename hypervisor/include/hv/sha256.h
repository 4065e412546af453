/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), for measurements.
 * Locking: none. Trust: any bytes.
 */
#ifndef HV_SHA256_H
#define HV_SHA256_H

#include <hv/types.h>

void sha256(const void *data, size_t len, uint8_t digest[32]);

#endif
