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
	struct flask_error error;	/* the first failure */
	bool failed, no_memory;
};

/*@
  predicate reader_ok{L}(struct reader *r) = \valid(r) && r->at <= r->len && \valid_read(r->bytes + (0 .. r->len - 1)) &&
    \valid(r->arena) && \separated(r, r->arena);
*/

void reader_init(struct reader *r, const void *bytes, size_t len, struct arena *arena);
/*@ requires reader_ok(r); assigns r->failed, r->error; ensures reader_ok(r) && r->failed; */
void reader_fail(struct reader *r, const char *reason);
/* Fails unless `ok`; returns whether the reader is still good. */
/*@
  requires reader_ok(r);
  assigns r->failed, r->error;
  ensures reader_ok(r) && (\result <==> !r->failed) && (r->failed <==> \old(r->failed) || !ok);
*/
bool reader_require(struct reader *r, bool ok, const char *reason);
/*@
  requires reader_ok(r);
  assigns r->failed, r->at, r->error;
  ensures reader_ok(r) && \old(r->at) <= r->at <= \old(r->at) + 2 && (\old(r->failed) ==> r->failed && r->at == \old(r->at));
  ensures r->failed ? \result == 0 : r->at == \old(r->at) + 2;
*/
uint16_t read_u16(struct reader *r);
/*@
  requires reader_ok(r);
  assigns r->failed, r->at, r->error;
  ensures reader_ok(r) && \old(r->at) <= r->at <= \old(r->at) + 4 && (\old(r->failed) ==> r->failed && r->at == \old(r->at));
  ensures r->failed ? \result == 0 : r->at == \old(r->at) + 4;
*/
uint32_t read_u32(struct reader *r);
/*@
  requires reader_ok(r);
  assigns r->failed, r->at, r->error;
  ensures reader_ok(r) && \old(r->at) <= r->at <= \old(r->at) + 8 && (\old(r->failed) ==> r->failed && r->at == \old(r->at));
  ensures !r->failed ==> r->at == \old(r->at) + 8;
*/
uint64_t read_u64(struct reader *r);
/* A count of things of at least `min_bytes` each: 0 and failure if they cannot all follow. */
/*@
  requires reader_ok(r) && min_bytes > 0;
  assigns r->failed, r->at, r->error;
  ensures reader_ok(r) && \old(r->at) <= r->at && \result <= (r->len - r->at) / min_bytes;
  ensures (r->failed ==> \result == 0) && (\old(r->failed) ==> r->failed);
*/
uint32_t read_count(struct reader *r, size_t min_bytes);
/*@
  requires reader_ok(r) && min_bytes > 0;
  assigns r->failed, r->error;
  ensures reader_ok(r) && (\result <==> !r->failed) && (\result ==> n <= (r->len - r->at) / min_bytes) && (\old(r->failed) ==> r->failed);
*/
bool reader_has(struct reader *r, uint64_t n, size_t min_bytes);
/* A name of `len` printable characters, copied and terminated. Never NULL: "" after failure. */
/*@ requires reader_ok(r); ensures reader_ok(r) && \result != \null && (\old(r->failed) ==> r->failed); */
const char *read_name(struct reader *r, uint32_t len);
/* Zeroed array from the arena; NULL (and failure) if there is no memory. */
/*@
  requires reader_ok(r);
  assigns r->failed, r->no_memory, r->error, *r->arena;
  ensures reader_ok(r) && (\result == \null ==> r->failed) && (\old(r->failed) ==> r->failed && \result == \null);
  ensures \result != \null ==> \valid((char *)\result + (0 .. n * size - 1)) && (r->failed <==> \old(r->failed)) &&
    \separated((char *)\result + (0 .. n * size - 1), r, r->arena, r->bytes + (0 .. r->len - 1));
*/
void *reader_array(struct reader *r, size_t n, size_t size);

#endif
