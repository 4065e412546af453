/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eva's start for xsm/flask/read_policy.c: files of no bytes, one, 300 and too many; each section, which is a row of its own, leaves some of what it should, or fails.
 */
#define PIECE 65536u
#define read_name read_name_other
#include "reader.c"
#undef read_name

#include <hv/sha256.h>
#include <vectors.h>

#define FILE_BYTES 300u

struct vector_cache { uint8_t byte; };

const char *read_name(struct reader *r, uint32_t len)
{
	return reader_good(r) && any_bool ? "XenFlask" : read_name_other(r, len);
}

void reader_init(struct reader *r, const void *bytes, size_t len, struct arena *a)
{
	reader_any(r);
	r->bytes = bytes;
	r->len = len;
	r->arena = a;
}

void arena_init(struct arena *a, size_t limit)
{
	look(limit);
	*a = arena;
	forget_pieces();
}

/* All that was given out is gone: what is looked at behind this has no value. */
void arena_free(struct arena *a)
{
	look(sizeof(*a));
	forget_pieces();
}

static void section(struct reader *r, struct policy *p)
{
	look(p->version);
	(void)reader_good(r);
}

void policy_read_commons(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_roles(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_types(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_users(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_levels(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_cats(struct reader *r, struct policy *p) { section(r, p); }
void policy_check_symbols(struct reader *r, struct policy *p) { section(r, p); }
void policy_check_classes(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_rules(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_conditionals(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_role_rules(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_filename_transitions(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_genfs(struct reader *r, struct policy *p) { section(r, p); }
void policy_read_range_transitions(struct reader *r, struct policy *p) { section(r, p); }

void policy_read_classes(struct reader *r, struct policy *p)
{
	if (!reader_good(r))
		return;
	p->classes.nprim = 2;
	p->classes.nr = any_bool;
}

void policy_read_bools(struct reader *r, struct policy *p)
{
	if (reader_good(r))
		p->bools.nr = any_u32;
}

void policy_read_object_contexts(struct reader *r, struct policy *p)
{
	static struct context one;

	if (!reader_good(r))
		return;
	for (unsigned int i = 0; i <= FLASK_INITIAL_SIDS; i++)
		p->initial[i] = any_bool ? &one : NULL;
}

/* The last: the whole file may have been read. */
void policy_read_type_attributes(struct reader *r, struct policy *p)
{
	section(r, p);
	if (any_bool)
		r->at = r->len;
}

uint32_t policy_perm_bit(const struct policy *p, uint32_t class, const char *name)
{
	must(class >= 1 && class <= p->classes.nprim);
	look((uint8_t)*name);
	return any_u32;
}

void policy_map_permissions(struct policy *p) { look(p->classes.nr); }

void sha256(const void *data, size_t len, uint8_t digest[32])
{
	if (len)
		look(((const uint8_t *)data)[0] + ((const uint8_t *)data)[len - 1]);
	for (unsigned int i = 0; i < 32; i++)
		digest[i] = any_byte;
}

struct vector_cache *vector_cache_create(void)
{
	static struct vector_cache one;

	return any_bool ? &one : NULL;
}

void vector_cache_destroy(struct vector_cache *c) { look(c->byte); }

static void read_file(size_t len)
{
	static uint8_t file[FILE_BYTES];
	struct flask_error err;
	struct policy *p;
	int rc;

	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = any_byte;
	rc = policy_read_after(NULL, any_u32, file + FILE_BYTES - (len <= FILE_BYTES ? len : FILE_BYTES), len, &p, any_bool ? &err : NULL);
	if (rc == 0) {
		look(p->version + p->hash[0] + p->hash[31] + p->len);
		policy_free(p);
	}
}

void eva_main(void)
{
	read_file(0);
	read_file(1);
	read_file(FILE_BYTES);
	read_file((64u << 20) + 1);
}
