/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit verify, head: the verdict in words, and the point to compare with.
 * Locking: single-threaded. Trust: the command line is the caller's.
 */
#include "audit.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const proof_name[] = { [BOOT_CONSISTENT] = "consistent", [BOOT_LINKED] = "linked", [BOOT_PROVEN] = "proven" };
static const char *const proof_text[] = {
	[BOOT_CONSISTENT] = "consistent in itself, but no head of it was kept: whoever replaced it whole is not noticed",
	[BOOT_LINKED] = "as a later boot's chain says it ended",
	[BOOT_PROVEN] = "leads to the head",
};

struct options {
	const char *log;
	struct audit_point expected;
	bool has_expected, json;
};

/* BOOT:SEQ:HEAD, as `rav audit head` prints it. */
static bool point_parse(const char *text, struct audit_point *p)
{
	char copy[2 * AUDIT_BOOT + 24 + 2 * AUDIT_HEAD], *seq, *head;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	seq = strchr(copy, ':');
	head = seq ? strchr(seq + 1, ':') : NULL;
	if (!head)
		return false;
	*seq++ = *head++ = '\0';
	return rav_unhex(copy, AUDIT_BOOT, p->boot) && rav_parse_u64(seq, UINT64_MAX, &p->seq) && rav_unhex(head, AUDIT_HEAD, p->head);
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "log", required_argument, NULL, 'l' }, { "head", required_argument, NULL, 'h' }, { "json", no_argument, NULL, 'j' }, { 0 },
	};
	int c;

	*o = (struct options){ .log = AUDIT_LOG_DIR };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'l') {
			o->log = optarg;
		} else if (c == 'j') {
			o->json = true;
		} else if (c == 'h' && point_parse(optarg, &o->expected)) {
			o->has_expected = true;
		} else if (c == 'h') {
			return rav_misuse("--head: not BOOT:SEQ:HEAD as `rav audit head` prints it");
		} else {
			return rav_misuse("unknown option");
		}
	}
	return optind < argc ? rav_misuse("unexpected '%s'", argv[optind]) : 0;
}

static void verdict_print(const struct audit_verdict *v)
{
	char boot[2 * AUDIT_BOOT + 1];

	for (size_t i = 0; i < v->boots_nr; i++) {
		const struct audit_boot *b = &v->boots[i];

		rav_hex(b->boot, AUDIT_BOOT, boot);
		printf("boot %s: records %" PRIu64 " to %" PRIu64 "%s%s%s\n", boot, b->first, b->last, v->ok ? ": " : "", v->ok ? proof_text[b->proof] : "",
		       b->cut ? "; ended without warning: what was not fetched is lost" : "");
		if (b->first > 1)
			printf("  records 1 to %" PRIu64 " of it are not in these files: rotated away, or removed\n", b->first - 1);
	}
	if (v->unstored)
		printf("%" PRIu64 " records more are in the hypervisor, not yet stored\n", v->unstored);
	if (v->ok)
		printf("whole and unchanged: %" PRIu64 " records\n", v->records);
	else
		printf("TAMPERED OR DAMAGED: %s\n", v->reason);
}

static void verdict_json(const struct audit_verdict *v)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	char hex[2 * AUDIT_HEAD + 1];

	for (size_t i = 0; i < v->boots_nr; i++) {
		const struct audit_boot *b = &v->boots[i];
		struct json_object *e = json_object_new_object();

		rav_hex(b->boot, AUDIT_BOOT, hex);
		rav_json_add_text(e, "boot", hex);
		rav_json_add_u64(e, "first", b->first);
		rav_json_add_u64(e, "last", b->last);
		rav_hex(b->head, AUDIT_HEAD, hex);
		rav_json_add_text(e, "head", hex);
		rav_json_add_text(e, "proof", v->ok ? proof_name[b->proof] : "none");
		json_object_object_add(e, "cut", json_object_new_boolean(b->cut));
		json_object_array_add(list, e);
	}
	json_object_object_add(o, "ok", json_object_new_boolean(v->ok));
	rav_json_add_text(o, "reason", v->ok ? NULL : v->reason);
	rav_json_add_u64(o, "records", v->records);
	rav_json_add_u64(o, "unstored", v->unstored);
	json_object_object_add(o, "boots", list);
	rav_json_print(o);
}

int audit_verify_run(int argc, char **argv)
{
	struct audit_source *source = NULL;
	struct audit_verdict v = { 0 };
	struct options o;
	int rc = options_parse(&o, argc, argv);

	if (rc)
		return rc;
	if (!o.has_expected) {
		source = audit_source_open();
		if (!source)
			return RAV_FAILED;
	}
	rc = audit_verify(o.log, source, o.has_expected ? &o.expected : NULL, &v);
	if (rc)
		rc = rav_fail("is `rav audit daemon` running? name another place with --log", "%s: %s", o.log, strerror(-rc));
	else if (o.json)
		verdict_json(&v);
	else
		verdict_print(&v);
	free(v.boots);
	return rc ? rc : v.ok ? RAV_OK : RAV_NO;
}

int audit_head_run(int argc, char **argv)
{
	char boot[2 * AUDIT_BOOT + 1], head[2 * AUDIT_HEAD + 1];
	struct ravelin_audit_state state = { 0 };
	struct audit_source *source;
	struct options o;
	int rc = options_parse(&o, argc, argv);

	if (rc)
		return rc;
	source = audit_source_open();
	if (!source)
		return RAV_FAILED;
	rc = source->state(source, &state);
	if (rc)
		return rav_fail("the policy must grant audit read to this domain", "the hypervisor refuses: %s", strerror(-rc));
	rav_hex(state.boot, AUDIT_BOOT, boot);
	rav_hex(state.head, AUDIT_HEAD, head);
	if (o.json) {
		struct json_object *j = json_object_new_object();

		rav_json_add_text(j, "boot", boot);
		rav_json_add_u64(j, "record", state.chained);
		rav_json_add_text(j, "head", head);
		rav_json_print(j);
	} else {
		printf("%s:%" PRIu64 ":%s\n", boot, state.chained, head);
	}
	return RAV_OK;
}
