/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a compiled policy, and its names.
 * Locking: single-threaded. Trust: bytes are hostile: libsepol checks them, then the hypervisor's
 * reader does.
 */
#include "binary.h"

#include <sepol/debug.h>
#include <sepol/handle.h>
#include <sepol/policydb/services.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cil.h"
#include "common.h"
#include "conditions.h"
#include "engine.h"
#include "files.h"

static char complaint[512];	/* libsepol's first */

static void __attribute__((format(printf, 3, 4)))
note(void *arg, sepol_handle_t *h, const char *fmt, ...)
{
	va_list ap;

	(void)arg;
	(void)h;
	if (complaint[0])
		return;
	va_start(ap, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, ap);
	va_end(ap);
}

bool binary_is_policy(const uint8_t *bytes, size_t len)
{
	static const uint8_t magic[4] = { 0x8c, 0xff, 0x7c, 0xf9 };

	return len >= sizeof(magic) && memcmp(bytes, magic, sizeof(magic)) == 0;
}

static int refused(const struct binary *b)
{
	struct engine_refusal why;

	if (!binary_is_policy(b->bytes, b->len))
		return rav_fail("compile CIL with `rav policy build`", "%s: not a compiled policy",
				b->path);
	if (!engine_load(b->bytes, b->len, &why))
		return rav_fail(
			"build it again: secilc -t xen -M true -c 30, or `rav policy build`",
			"%s: refused at byte %zu, section %s: %s", b->path, why.offset, why.section,
			why.reason);
	return rav_fail("build it again with `rav policy build`", "%s: libsepol cannot read it: %s",
			b->path, complaint);
}

static int db_read(struct binary *b)
{
	struct policy_file file;
	sepol_handle_t *h = sepol_handle_create();
	int rc;

	if (!h || policydb_init(&b->db) != 0)
		return -1;
	complaint[0] = '\0';
	sepol_msg_set_callback(h, note, NULL);
	policy_file_init(&file);
	file.type = PF_USE_MEMORY;
	file.data = (char *)b->bytes;
	file.len = b->len;
	file.handle = h;
	rc = policydb_read(&b->db, &file, 0);
	sepol_handle_destroy(h);
	if (rc == 0)
		conditions_evaluate(&b->db);
	if (rc == 0 && policydb_load_isids(&b->db, &b->sids) == 0)
		return 0;
	policydb_destroy(&b->db);
	return -1;
}

int binary_from_bytes(struct binary **out, const char *path, uint8_t *bytes, size_t len)
{
	struct binary *b = rav_alloc(1, sizeof(*b));
	struct engine_refusal why;

	*out = NULL;
	sepol_debug(0);
	b->path = path;
	b->bytes = bytes;
	b->len = len;
	/* The hypervisor's reader first: it stands more (fuzzed) than libsepol's. */
	if (!engine_load(bytes, len, &why) || db_read(b) != 0) {
		int rc = refused(b);

		free(bytes);
		free(b);
		return rc;
	}
	binary_use(b);
	*out = b;
	return RAV_OK;
}

static int open_source(struct binary **out, const char *const *paths, size_t n)
{
	struct cil_set *set;
	uint8_t *bytes;
	size_t len;
	int rc = cil_set_open(&set, paths, n);

	if (rc == RAV_OK)
		rc = cil_compile_or_say(set, &bytes, &len);
	if (rc == RAV_OK)
		rc = binary_from_bytes(out, paths[0], bytes, len);
	if (rc == RAV_OK)
		(*out)->source = set;
	return rc;
}

int binary_open(struct binary **out, const char *const *paths, size_t n)
{
	uint8_t *bytes;
	size_t len;
	int rc;

	*out = NULL;
	if (n != 1 || file_is_directory(paths[0]))
		return open_source(out, paths, n);
	rc = file_read(paths[0], &bytes, &len);
	if (rc != RAV_OK)
		return rc;
	if (binary_is_policy(bytes, len) || !cil_is_source(bytes, len))
		return binary_from_bytes(out, paths[0], bytes, len);
	free(bytes);
	return open_source(out, paths, n);
}

void binary_close(struct binary *b)
{
	if (!b)
		return;
	sepol_sidtab_destroy(&b->sids);
	policydb_destroy(&b->db);
	cil_set_close(b->source);
	free(b->bytes);
	free(b);
}

void binary_use(struct binary *b)
{
	struct engine_refusal why;

	sepol_set_policydb(&b->db);
	sepol_set_sidtab(&b->sids);
	(void)engine_load(b->bytes, b->len, &why);	/* it took them before */
}

uint32_t binary_class(const struct binary *b, const char *name)
{
	const class_datum_t *c = hashtab_search(b->db.p_classes.table, name);

	return c ? c->s.value : 0;
}

uint32_t binary_perm(const struct binary *b, uint32_t class_value, const char *name)
{
	const class_datum_t *c = b->db.class_val_to_struct[class_value - 1];
	const perm_datum_t *p = hashtab_search(c->permissions.table, name);

	if (!p && c->comdatum)
		p = hashtab_search(c->comdatum->permissions.table, name);
	return p ? (uint32_t)1 << (p->s.value - 1) : 0;
}

struct by_value {
	uint32_t value;
	const char *name;
};

static int match_value(hashtab_key_t key, hashtab_datum_t datum, void *arg)
{
	const perm_datum_t *p = datum;
	struct by_value *want = arg;

	if (p->s.value == want->value)
		want->name = key;
	return 0;
}

const char *binary_perm_name(const struct binary *b, uint32_t class_value, unsigned int bit)
{
	const class_datum_t *c = b->db.class_val_to_struct[class_value - 1];
	struct by_value want = { bit + 1, NULL };

	hashtab_map(c->permissions.table, match_value, &want);
	if (!want.name && c->comdatum)
		hashtab_map(c->comdatum->permissions.table, match_value, &want);
	return want.name;
}

bool binary_is_attribute(const struct binary *b, uint32_t v)
{
	return b->db.type_val_to_struct[v - 1]->flavor == TYPE_ATTRIB;
}

uint32_t binary_type(const struct binary *b, const char *name)
{
	const type_datum_t *t = hashtab_search(b->db.p_types.table, name);

	return t && t->flavor != TYPE_ATTRIB ? t->s.value : 0;
}
