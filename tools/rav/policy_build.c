/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy build, check, hash: from sources to a binary the hypervisor takes.
 * Locking: single-threaded. Trust: a binary is checked by libsepol and by the hypervisor's own
 * reader.
 */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binary.h"
#include "cil.h"
#include "common.h"
#include "engine.h"
#include "files.h"
#include "options.h"
#include "policy.h"
#include "shype.h"

#define HASH_TEXT (2 * SHA256_DIGEST_LENGTH + 1)
#define MANY 4096

static void hash_text(const uint8_t *bytes, size_t len, char text[HASH_TEXT])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(bytes, len, digest);
	rav_hex(digest, sizeof(digest), text);
}

static struct json_object *faults_json(const struct cil_result *r)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < r->nr_faults; i++) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "file", r->fault[i].file);
		if (r->fault[i].file)
			rav_json_add_u64(o, "line", r->fault[i].line);
		rav_json_add_text(o, "text", r->fault[i].text);
		rav_json_add_text(o, "detail", r->fault[i].detail);
		json_object_array_add(list, o);
	}
	return list;
}

/* RAV_OK: *bytes; RAV_NO: the sources are wrong, said. */
static int compile(struct texts *sources, unsigned int version, bool json, uint8_t **bytes,
		   size_t *len)
{
	struct cil_result r;
	struct cil_set *set;
	int rc = cil_set_open(&set, sources->item, sources->nr);

	if (rc != RAV_OK)
		return rc;
	set->version = version;
	cil_compile_set(set, 0, &r);
	cil_set_close(set);
	*bytes = r.bytes;
	*len = r.len;
	if (!r.bytes && json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "ok", json_object_new_boolean(0));
		json_object_object_add(o, "errors", faults_json(&r));
		rav_json_print(o);
	} else if (!r.bytes) {
		cil_faults_print(&r);
		fprintf(stderr, "%s: %zu error%s\n  try: mend the lines above\n", rav_command,
			r.nr_faults, r.nr_faults == 1 ? "" : "s");
	}
	r.bytes = NULL;
	cil_result_free(&r);
	return *bytes ? RAV_OK : RAV_NO;
}

static void say_built(const char *path, const uint8_t *bytes, size_t len, bool json)
{
	char hash[HASH_TEXT];

	hash_text(bytes, len, hash);
	if (json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "ok", json_object_new_boolean(1));
		rav_json_add_text(o, "file", path);
		rav_json_add_u64(o, "bytes", len);
		rav_json_add_text(o, "sha256", hash);
		rav_json_add_u64(o, "answered_by_ancestors", engine_fallbacks());
		rav_json_print(o);
	} else {
		printf("%s: %zu bytes, sha256 %s", path ? path : "ok", len, hash);
		printf(engine_fallbacks() ? ", %u permissions answered by ancestors\n" : "\n",
		       engine_fallbacks());
	}
}

int policy_build(int argc, char **argv)
{
	const char *out = NULL, *version_text = "30";
	bool json = false;
	uint64_t version;
	struct texts sources;
	struct binary *b;
	uint8_t *bytes;
	size_t len;
	const struct option_spec specs[] = {
		{ "output", 'o', OPTION_TEXT, &out },
		{ "version", 'c', OPTION_TEXT, &version_text },
		{ "json", 0, OPTION_FLAG, &json },
		{ NULL },
	};
	int rc = options_read(&argc, &argv, specs, 1, MANY);

	if (rc != RAV_OK)
		return rc;
	if (!out)
		return rav_misuse("where to? -o FILE");
	if (argc == 1 && strlen(argv[0]) > 4 && strcmp(argv[0] + strlen(argv[0]) - 4, ".xml") == 0)
		return shype_build_file(argv[0], out, json);
	if (!rav_parse_u64(version_text, 33, &version) || version < 24)
		return rav_misuse(
			"no policy version '%s': 24 to 33; Xen 4.17 and Ravelin read 24 and 30",
			version_text);
	sources = (struct texts){ (const char **)argv, (size_t)argc };
	rc = compile(&sources, (unsigned int)version, json, &bytes, &len);
	if (rc == RAV_OK)
		rc = binary_from_bytes(&b, out, bytes, len);
	if (rc == RAV_OK)
		rc = file_write(out, bytes, len);
	if (rc == RAV_OK)
		say_built(out, bytes, len, json);
	return rc;
}

/* As build, and nothing is written; or a binary, as the hypervisor would read it. */
int policy_check(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	struct engine_refusal why;
	struct texts sources;
	struct binary *b;
	uint8_t *bytes;
	size_t len;
	int rc = options_read(&argc, &argv, specs, 1, MANY);

	if (rc != RAV_OK)
		return rc;
	sources = (struct texts){ (const char **)argv, (size_t)argc };
	if (argc > 1 || access(argv[0], R_OK) != 0 || file_is_directory(argv[0]))
		rc = compile(&sources, 30, json, &bytes, &len);
	else if ((rc = file_read(argv[0], &bytes, &len)) == RAV_OK &&
		 !binary_is_policy(bytes, len) && cil_is_source(bytes, len)) {
		free(bytes);
		rc = compile(&sources, 30, json, &bytes, &len);
	}
	if (rc != RAV_OK)
		return rc;
	if (json && !engine_load(bytes, len, &why)) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "ok", json_object_new_boolean(0));
		rav_json_add_text(o, "file", argv[0]);
		rav_json_add_u64(o, "byte", why.offset);
		rav_json_add_text(o, "section", why.section);
		rav_json_add_text(o, "text", why.reason);
		rav_json_print(o);
		return RAV_NO;
	}
	if (binary_from_bytes(&b, argv[0], bytes, len) != RAV_OK)
		return RAV_NO;
	say_built(argc == 1 ? argv[0] : NULL, bytes, len, json);
	return RAV_OK;
}

/*
 * Of the bytes, as the hypervisor's banner and audit log print it; whether they are a good policy
 * is check's to say.
 */
int policy_hash(int argc, char **argv)
{
	bool json = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json }, { NULL } };
	int rc = options_read(&argc, &argv, specs, 1, MANY);

	for (int i = 0; i < argc && rc == RAV_OK; i++) {
		char hash[HASH_TEXT];
		uint8_t *bytes;
		size_t len;

		rc = file_read(argv[i], &bytes, &len);
		if (rc != RAV_OK)
			break;
		if (!binary_is_policy(bytes, len))
			return rav_fail("compile it first: rav policy build -o FILE",
					"%s: not a compiled policy", argv[i]);
		hash_text(bytes, len, hash);
		free(bytes);
		if (json) {
			struct json_object *o = json_object_new_object();

			rav_json_add_text(o, "file", argv[i]);
			rav_json_add_text(o, "sha256", hash);
			rav_json_print(o);
		} else {
			printf("%s  %s\n", hash, argv[i]);
		}
	}
	return rc;
}
