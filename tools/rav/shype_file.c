/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An sHype policy in memory, for the verbs that look into one.
 * Locking: single-threaded. Trust: what is shown was accepted by the hypervisor's own reader.
 */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "files.h"
#include "shype.h"
#include "../../xsm/shype/shype.h"

bool shype_bit(const uint64_t word[SHYPE_WORDS], uint32_t n)
{
	return word[n / 64] >> (n % 64) & 1;
}

bool shype_meet(const uint64_t a[SHYPE_WORDS], const uint64_t b[SHYPE_WORDS])
{
	for (unsigned int i = 0; i < SHYPE_WORDS; i++)
		if (a[i] & b[i])
			return true;
	return false;
}

static void views_set(struct shype_file *f)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	f->header = (const void *)f->bytes;
	f->ste = (const void *)(f->header + 1);
	f->wall = f->ste + f->header->ste_types;
	f->set = (const void *)(f->wall + f->header->wall_types);
	f->label = (const void *)(f->set + f->header->sets);
	f->pattern = (const void *)(f->label + f->header->labels);
	SHA256(f->bytes, f->len, digest);
	rav_hex(digest, sizeof(digest), f->sha256);
}

int shype_take(const char *path, uint8_t *bytes, size_t len, struct shype_file *f)
{
	struct flask_error err = { 0 };
	struct shype_policy *p;

	*f = (struct shype_file){ .bytes = bytes, .len = len };
	if (shype_read(bytes, len, &p, &err) != 0) {
		shype_close(f);
		rav_fail("compile it from XML: rav shype build -o FILE SOURCE.xml", "%s: refused at byte %zu, section %s: %s", path, err.offset, err.section, err.reason);
		return RAV_NO;
	}
	shype_free(p);
	views_set(f);
	return RAV_OK;
}

static bool is_binary(const uint8_t *bytes, size_t len)
{
	const uint32_t magic = SHYPE_MAGIC;

	return len >= sizeof(magic) && memcmp(bytes, &magic, sizeof(magic)) == 0;
}

int shype_open(const char *path, struct shype_file *f)
{
	uint8_t *bytes, *compiled;
	size_t len, size;
	int rc;

	*f = (struct shype_file){ 0 };
	rc = file_read(path, &bytes, &len);
	if (rc != RAV_OK)
		return rc;
	if (is_binary(bytes, len))
		return shype_take(path, bytes, len, f);
	rc = shype_compile(path, bytes, len, &compiled, &size);
	free(bytes);
	return rc == RAV_OK ? shype_take(path, compiled, size, f) : rc;
}

void shype_close(struct shype_file *f)
{
	free(f->bytes);
	*f = (struct shype_file){ 0 };
}

int shype_conflict(const struct shype_file *f, uint32_t a, uint32_t b)
{
	for (int s = 0; s < f->header->sets; s++)
		for (uint32_t t = 0; t < f->header->wall_types; t++)
			for (uint32_t u = 0; u < f->header->wall_types; u++)
				if (t != u && shype_bit(f->set[s].types, t) && shype_bit(f->set[s].types, u) && shype_bit(f->label[a].wall, t) &&
				    shype_bit(f->label[b].wall, u))
					return s;
	return -1;
}

/* A context has colons; no name has. The hypervisor's own rule says which label it has. */
int shype_label_find(const struct shype_file *f, const char *text)
{
	struct flask_error err;
	struct shype_policy *p;
	uint16_t label;

	if (shype_read(f->bytes, f->len, &p, &err) != 0)
		return -1;
	label = strchr(text, ':') ? shype_label_of_context(p, text) : shype_label_by_name(p, text);
	shype_free(p);
	return label == SHYPE_NONE ? -1 : label;
}
