/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters and printing of records.
 * Locking: single-threaded. Trust: see audit_filter.h; what is printed was found printable.
 */
#include "audit_filter.h"

#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool ago_parse(const char *text, uint64_t now_ms, uint64_t *ms)
{
	static const struct { char unit; uint64_t seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t len = strlen(text);
	char digits[16];
	uint64_t n;

	if (len < 2 || len > sizeof(digits))
		return false;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	if (!rav_parse_u64(digits, 100000000, &n))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text[len - 1] == units[i].unit) {
			n *= units[i].seconds * 1000;
			*ms = n < now_ms ? now_ms - n : 0;
			return true;
		}
	return false;
}

bool audit_time_parse(const char *text, uint64_t now_ms, uint64_t *ms)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d" };

	if (rav_parse_u64(text, UINT64_MAX / 1000, ms)) {
		*ms *= 1000;
		return true;
	}
	if (ago_parse(text, now_ms, ms))
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t t = end && *end == '\0' ? mktime(&tm) : -1;

		if (t >= 0) {
			*ms = (uint64_t)t * 1000;
			return true;
		}
	}
	return false;
}

enum { OPT_LOG = 256, OPT_DOMAIN, OPT_LABEL, OPT_CLASS, OPT_PERMISSION, OPT_OPERATION, OPT_TYPE, OPT_DENIED, OPT_SINCE, OPT_UNTIL, OPT_RAW, OPT_JSON };

static const struct option options[] = {
	{ "log", required_argument, NULL, OPT_LOG }, { "domain", required_argument, NULL, OPT_DOMAIN },
	{ "label", required_argument, NULL, OPT_LABEL }, { "class", required_argument, NULL, OPT_CLASS },
	{ "permission", required_argument, NULL, OPT_PERMISSION }, { "operation", required_argument, NULL, OPT_OPERATION },
	{ "type", required_argument, NULL, OPT_TYPE }, { "denied", no_argument, NULL, OPT_DENIED },
	{ "since", required_argument, NULL, OPT_SINCE }, { "until", required_argument, NULL, OPT_UNTIL },
	{ "raw", no_argument, NULL, OPT_RAW }, { "json", no_argument, NULL, OPT_JSON }, { 0 },
};

static int time_option(const char *name, const char *text, uint64_t *ms)
{
	return audit_time_parse(text, (uint64_t)time(NULL) * 1000, ms) ? 0 : rav_misuse("--%s: '%s' is no time", name, text);
}

static int option_apply(struct audit_filter *f, int c)
{
	switch (c) {
	case OPT_LOG:
		f->log = optarg;
		return 0;
	case OPT_DOMAIN:
		return rav_parse_u64(optarg, UINT16_MAX, &f->domain) ? 0 : rav_misuse("--domain: '%s' is no domain's number", optarg);
	case OPT_LABEL:
		f->label = optarg;
		return 0;
	case OPT_CLASS:
		f->class = optarg;
		return 0;
	case OPT_PERMISSION:
		f->permission = optarg;
		return 0;
	case OPT_OPERATION:
		f->operation = optarg;
		return 0;
	case OPT_TYPE:
		f->type = optarg;
		return 0;
	case OPT_DENIED:
		f->denied = true;
		return 0;
	case OPT_SINCE:
		return time_option("since", optarg, &f->since_ms);
	case OPT_UNTIL:
		return time_option("until", optarg, &f->until_ms);
	case OPT_RAW:
		f->style = AUDIT_RAW;
		return 0;
	case OPT_JSON:
		f->style = AUDIT_JSON;
		return 0;
	default:
		return rav_misuse("unknown option");
	}
}

int audit_filter_parse(struct audit_filter *f, int argc, char **argv)
{
	int c, rc = 0;

	*f = (struct audit_filter){ .log = AUDIT_LOG_DIR, .domain = UINT64_MAX, .until_ms = UINT64_MAX };
	optind = 1;
	opterr = 0;
	while (rc == 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1)
		rc = option_apply(f, c);
	if (rc == 0 && optind < argc)
		rc = rav_misuse("unexpected '%s'", argv[optind]);
	return rc;
}

static bool text_contains(struct audit_text t, const char *part)
{
	return memmem(t.at, t.len, part, strlen(part)) != NULL;
}

static bool word_among(struct audit_text words, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= words.len; i++)
		if (memcmp(words.at + i, word, n) == 0 && (i == 0 || words.at[i - 1] == ' ') && (i + n == words.len || words.at[i + n] == ' '))
			return true;
	return false;
}

static bool match_domain(const struct audit_record *r, uint64_t domain)
{
	static const char *const keys[] = { "domid", "target", "by" };
	uint64_t n;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (audit_record_number(r, keys[i], &n) && n == domain)
			return true;
	return false;
}

static bool match_label(const struct audit_record *r, const char *label)
{
	static const char *const keys[] = { "scontext", "tcontext", "old-ctx", "vm-ctx" };
	struct audit_text t;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (audit_record_field(r, keys[i], &t) && text_contains(t, label))
			return true;
	return false;
}

static bool match_operation(const struct audit_record *r, const char *pattern)
{
	struct audit_text t;
	char name[128];

	if (!audit_record_field(r, "op", &t) || t.len >= sizeof(name))
		return false;
	memcpy(name, t.at, t.len);
	name[t.len] = '\0';
	return fnmatch(pattern, name, 0) == 0;
}

static bool match_avc(const struct audit_filter *f, const struct audit_record *r)
{
	struct audit_text decision, permissions, class;

	if (!f->class && !f->permission && !f->denied)
		return true;
	if (!audit_record_avc(r, &decision, &permissions))
		return false;
	if (f->denied && !audit_text_is(decision, "denied"))
		return false;
	if (f->permission && !word_among(permissions, f->permission))
		return false;
	return !f->class || (audit_record_field(r, "tclass", &class) && audit_text_is(class, f->class));
}

bool audit_filter_match(const struct audit_filter *f, const struct audit_record *r)
{
	if (r->ms < f->since_ms || r->ms > f->until_ms || (f->type && !audit_text_is(r->type, f->type)))
		return false;
	if (f->domain != UINT64_MAX && !match_domain(r, f->domain))
		return false;
	if (f->label && !match_label(r, f->label))
		return false;
	return (!f->operation || match_operation(r, f->operation)) && match_avc(f, r);
}

static void add_text(struct json_object *o, const char *key, struct audit_text t)
{
	json_object_object_add(o, key, json_object_new_string_len(t.at, (int)t.len));
}

static void json_permissions(struct json_object *o, struct audit_text words)
{
	struct json_object *list = json_object_new_array();
	size_t i = 0;

	while (i < words.len) {
		const char *end = memchr(words.at + i, ' ', words.len - i);
		size_t n = end ? (size_t)(end - words.at) - i : words.len - i;

		if (n)
			json_object_array_add(list, json_object_new_string_len(words.at + i, (int)n));
		i += n + 1;
	}
	json_object_object_add(o, "permissions", list);
}

/* Fields keep their names; numbers stay text, as they stand in the record. Ours come last, so that no field takes their place. */
static void json_print(const struct audit_record *r)
{
	struct json_object *o = json_object_new_object();
	struct audit_text key, value, permissions;
	char name[64];
	size_t at = 0;

	while (audit_record_next(r, &at, &key, &value)) {
		if (key.len >= sizeof(name))
			continue;
		memcpy(name, key.at, key.len);
		name[key.len] = '\0';
		add_text(o, name, value);
	}
	if (audit_record_avc(r, &value, &permissions)) {
		add_text(o, "decision", value);
		json_permissions(o, permissions);
	} else {
		add_text(o, "text", r->text);
	}
	add_text(o, "type", r->type);
	rav_json_add_u64(o, "time_ms", r->ms);
	rav_json_add_u64(o, "record", r->seq);
	rav_json_print(o);
}

void audit_record_print(const struct audit_record *r, enum audit_style style)
{
	time_t t = (time_t)(r->ms / 1000);
	char when[32];
	struct tm tm;

	if (style == AUDIT_JSON) {
		json_print(r);
		return;
	}
	if (style == AUDIT_RAW) {
		printf("%.*s\n", (int)r->line.len, r->line.at);
		return;
	}
	if (!localtime_r(&t, &tm) || strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(when, sizeof(when), "%" PRIu64, r->ms / 1000);
	printf("%s.%03u %6" PRIu64 " %-15.*s %.*s\n", when, (unsigned int)(r->ms % 1000), r->seq, (int)r->type.len, r->type.at, (int)r->text.len,
	       r->text.at);
}
