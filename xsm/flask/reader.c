/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the bytes of a policy file.
 * Locking: none, one thread parses. Trust: every byte is hostile.
 */
#include "reader.h"

#define NAME_MAX_LEN 255

void reader_init(struct reader *r, const void *bytes, size_t len, struct arena *arena)
{
	*r = (struct reader){ .bytes = bytes, .len = len, .arena = arena, .section = "header" };
}

void reader_fail(struct reader *r, const char *reason)
{
	if (r->failed)
		return;
	r->failed = true;
	r->error.offset = r->at;
	r->error.section = r->section;
	r->error.reason = reason;
}

bool reader_require(struct reader *r, bool ok, const char *reason)
{
	if (!ok)
		reader_fail(r, reason);
	return !r->failed;
}

/*@
  requires reader_ok(r) && n > 0;
  assigns READS(r);
  ensures reader_read{Pre,Here}(r) && (\old(r->failed) ==> \result == \null);
  ensures \result == \null ? r->failed && r->at == \old(r->at) :
    !r->failed && r->at == \old(r->at) + n && \result == r->bytes + \old(r->at) && \valid_read(\result + (0 .. n - 1));
*/
static const uint8_t *take(struct reader *r, size_t n)
{
	const uint8_t *p = r->bytes + r->at;

	if (!reader_require(r, n <= r->len - r->at, "the file ends too early"))
		return NULL;
	r->at += n;
	return p;
}

uint16_t read_u16(struct reader *r)
{
	const uint8_t *p = take(r, 2);

	return (uint16_t)(p ? p[0] | (uint32_t)p[1] << 8 : 0);
}

uint32_t read_u32(struct reader *r)
{
	const uint8_t *p = take(r, 4);

	return p ? p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

uint64_t read_u64(struct reader *r)
{
	uint64_t low = read_u32(r);

	return low | (uint64_t)read_u32(r) << 32;
}

bool reader_has(struct reader *r, uint64_t n, size_t min_bytes)
{
	return reader_require(r, n <= (r->len - r->at) / min_bytes, "a count exceeds what the file can hold");
}

uint32_t read_count(struct reader *r, size_t min_bytes)
{
	uint32_t n = read_u32(r);

	return reader_has(r, n, min_bytes) ? n : 0;
}

const char *read_name(struct reader *r, uint32_t len)
{
	static const char no_name[] = "";
	const uint8_t *p;
	char *name;

	/*@ assert ends(&no_name[0], 0); */
	if (!reader_require(r, len > 0 && len <= NAME_MAX_LEN, "a name is empty or too long"))
		return no_name;
	p = take(r, len);
	name = p ? reader_array(r, len + 1u, 1) : NULL;
	if (!name)
		return no_name;
	/*@ loop invariant reader_step{Pre,Here}(r) && i <= len && !r->failed; loop assigns i, FAILS(r); loop variant len - i; */
	for (uint32_t i = 0; i < len; i++)
		if (!reader_require(r, p[i] > ' ' && p[i] < 0x7f && p[i] != ':', "a name contains a character that no name has"))
			return no_name;
	memcpy(name, p, len);
	/*@ assert ends(name, len); */
	return name;
}

void *reader_array(struct reader *r, size_t n, size_t size)
{
	void *p = r->failed ? NULL : arena_array(r->arena, n, size);

	if (!p && !r->failed) {
		r->no_memory = true;
		reader_fail(r, "not enough memory");
	}
	return p;
}
