/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the bytes of a policy file. The first failure sticks: everything read after it is zero, so that callers check once.
 * Locking: none, one thread parses. Trust: every byte is hostile; no count is believed beyond the bytes that are left.
 */
#ifndef XSM_FLASK_READER_H
#define XSM_FLASK_READER_H

#include <hv/flask.h>
#include <hv/string.h>

#include "arena.h"

struct reader {
	const uint8_t *bytes;
	size_t len, at;
	struct arena *arena;
	const char *section;
	struct flask_error error;	/* the first failure */
	bool failed, no_memory;
};

/*@
  predicate reader_ok{L}(struct reader *r) = \valid(r) && r->at <= r->len && \valid_read(r->bytes + (0 .. r->len - 1)) &&
    arena_ok(r->arena) && \separated(r, r->arena) && outside(r) && outside(r->bytes);
  // What may happen to a reader: it goes on, fails, or takes memory; reader_read: it takes none.
  predicate reader_step{L1,L2}(struct reader *r) = reader_ok{L2}(r) && \at(r->bytes, L1) == \at(r->bytes, L2) && \at(r->len, L1) == \at(r->len, L2) &&
    \at(r->arena, L1) == \at(r->arena, L2) && \at(r->at, L1) <= \at(r->at, L2) &&
    (\at(r->failed, L1) ==> \at(r->failed, L2)) && \at(given(r->arena), L1) <= \at(given(r->arena), L2);
  predicate reader_read{L1,L2}(struct reader *r) = reader_step{L1,L2}(r) && \at(given(r->arena), L1) == \at(given(r->arena), L2);
*/

/*@
  requires \valid(r) && \valid_read((uint8_t *)bytes + (0 .. len - 1)) && arena_ok(arena);
  requires \separated(r, arena) && outside(r) && outside(bytes);
  assigns *r;
  ensures reader_ok(r) && !r->failed && r->at == 0 && r->len == len && r->bytes == (uint8_t *)bytes && r->arena == arena;
*/
void reader_init(struct reader *r, const void *bytes, size_t len, struct arena *arena);
/*@ requires reader_ok(r); assigns FAILS(r); ensures reader_read{Pre,Here}(r) && r->failed && r->at == \old(r->at); */
void reader_fail(struct reader *r, const char *reason);
/* Fails unless `ok`; returns whether the reader is still good. */
/*@
  requires reader_ok(r);
  assigns FAILS(r);
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at) && (\result <==> !r->failed) && (r->failed <==> \old(r->failed) || !ok);
*/
bool reader_require(struct reader *r, bool ok, const char *reason);
/*@
  requires reader_ok(r);
  assigns READS(r);
  ensures reader_read{Pre,Here}(r) && r->at <= \old(r->at) + 2 && (\old(r->failed) ==> r->at == \old(r->at));
  ensures r->failed ? \result == 0 : r->at == \old(r->at) + 2;
*/
uint16_t read_u16(struct reader *r);
/*@
  requires reader_ok(r);
  assigns READS(r);
  ensures reader_read{Pre,Here}(r) && r->at <= \old(r->at) + 4 && (\old(r->failed) ==> r->at == \old(r->at));
  ensures r->failed ? \result == 0 : r->at == \old(r->at) + 4;
*/
uint32_t read_u32(struct reader *r);
/*@
  requires reader_ok(r);
  assigns READS(r);
  ensures reader_read{Pre,Here}(r) && r->at <= \old(r->at) + 8 && (\old(r->failed) ==> r->at == \old(r->at));
  ensures !r->failed ==> r->at == \old(r->at) + 8;
*/
uint64_t read_u64(struct reader *r);
/* A count of things of at least `min_bytes` each: 0 and failure if they cannot all follow. */
/*@
  requires reader_ok(r) && min_bytes > 0;
  assigns READS(r);
  ensures reader_read{Pre,Here}(r) && \result <= (r->len - r->at) / min_bytes && (r->failed ==> \result == 0);
*/
uint32_t read_count(struct reader *r, size_t min_bytes);
/*@
  requires reader_ok(r) && min_bytes > 0;
  assigns FAILS(r);
  ensures reader_read{Pre,Here}(r) && r->at == \old(r->at) && (\result <==> !r->failed) && (\result ==> n <= (r->len - r->at) / min_bytes);
*/
bool reader_has(struct reader *r, uint64_t n, size_t min_bytes);
/* A name of `len` printable characters, copied and terminated. Never NULL: "" after failure. */
/*@
  requires reader_ok(r);
  assigns TAKES(r), FRESH(char, r->arena);
  ensures reader_step{Pre,Here}(r);
  ensures text(\result);
  ensures !r->failed ==> older(\result, r->arena);
*/
const char *read_name(struct reader *r, uint32_t len);
/* Zeroed array from the arena; NULL (and failure) if there is no memory. */
/*@
  requires reader_ok(r) && size > 0;
  assigns TAKES(r);
  ensures reader_step{Pre,Here}(r) && r->at == \old(r->at) && (\result == \null ==> r->failed) && (\old(r->failed) ==> \result == \null);
  ensures piece{Pre,Here}(\result, n, size, r->arena) && (\result != \null ==> (r->failed <==> \old(r->failed)));
*/
void *reader_array(struct reader *r, size_t n, size_t size);

#endif
