/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the bytes of a policy file. The first failure sticks: everything read after it is zero, so that callers check once.
 * Locking: none, one thread parses. Trust: every byte is hostile; no count is believed beyond the bytes that are left.
 */
#ifndef XSM_FLASK_READER_H
#define XSM_FLASK_READER_H

#include <hv/flask.h>

#include "arena.h"

struct reader {
	const uint8_t *bytes;
	size_t len, at;
	struct arena *arena;
	const char *section;
	struct flask_error *err;
	bool failed, no_memory;
};

void reader_init(struct reader *r, const void *bytes, size_t len, struct arena *arena, struct flask_error *err);
void reader_fail(struct reader *r, const char *reason);
/* Fails unless `ok`; returns whether the reader is still good. */
bool reader_require(struct reader *r, bool ok, const char *reason);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
/* A count of things of at least `min_bytes` each: 0 and failure if they cannot all follow. */
uint32_t read_count(struct reader *r, size_t min_bytes);
bool reader_has(struct reader *r, uint64_t n, size_t min_bytes);
/* A name of `len` printable characters, copied and terminated. Never NULL: "" after failure. */
const char *read_name(struct reader *r, uint32_t len);
/* Zeroed array from the arena; NULL (and failure) if there is no memory. */
void *reader_array(struct reader *r, size_t n, size_t size);

#endif
