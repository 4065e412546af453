/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), for measurements.
 * Locking: none. Trust: any bytes.
 */
#ifndef HV_SHA256_H
#define HV_SHA256_H

#include <hv/types.h>

/*@ requires \valid_read((uint8_t *)data + (0 .. len - 1)) && \valid(digest + (0 .. 31)); assigns digest[0 .. 31]; */
void sha256(const void *data, size_t len, uint8_t digest[32]);

#endif
