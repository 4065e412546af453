/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav policy load: another policy into the hypervisor, while domains run.
 * Locking: single-threaded. Trust: the policy is checked as the hypervisor will, before it is
 * asked.
 */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "binary.h"
#include "common.h"
#include "engine.h"
#include "files.h"
#include "options.h"
#include "policy.h"
#include "xen.h"

static int load(const struct binary *b)
{
	xc_interface *xc;
	int rc = xen_open(&xc);

	if (rc != RAV_OK)
		return rc;
	progress_wait("loading");
	if (xc_flask_load(xc, (char *)b->bytes, (uint32_t)b->len) != 0)
		rc = xen_fail("load", "security:load_policy");
	progress_waited();
	xc_interface_close(xc);
	return rc;
}

static void say_loaded(const struct binary *b, bool json, bool dry)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hash[2 * SHA256_DIGEST_LENGTH + 1];

	SHA256(b->bytes, b->len, digest);
	rav_hex(digest, sizeof(digest), hash);
	if (json) {
		struct json_object *o = json_object_new_object();

		rav_json_add_text(o, "file", b->path);
		rav_json_add_text(o, "sha256", hash);
		json_object_object_add(o, "loaded", json_object_new_boolean(!dry));
		rav_json_add_u64(o, "answered_by_ancestors", engine_fallbacks());
		rav_json_print(o);
	} else {
		printf("%s: %s, sha256 %s, %u permissions answered by ancestors\n", b->path,
		       dry ? "would be taken" : "in force", hash, engine_fallbacks());
	}
}

int policy_load(int argc, char **argv)
{
	bool json = false, dry = false;
	const struct option_spec specs[] = { { "json", 0, OPTION_FLAG, &json },
					     { "dry-run", 'n', OPTION_FLAG, &dry },
					     { NULL } };
	struct binary *b = NULL;
	int rc = options_read(&argc, &argv, specs, 1, 4096);

	if (rc == RAV_OK)
		rc = binary_open(&b, (const char *const *)argv, (size_t)argc);
	if (rc == RAV_OK && !dry)
		rc = load(b);
	if (rc == RAV_OK)
		say_loaded(b, json, dry);
	binary_close(b);
	return rc;
}
