/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rav audit stats: the log counted, and the ring it comes from.
 * Locking: single-threaded. Trust: the files are hostile: what is kept of them is bounded.
 */
#include "audit_filter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNTS_MAX	4096u
#define KEY_MAX		256u

/* So many of each key; what comes when the table is full is counted as others. */
struct counts {
	struct count { char key[KEY_MAX]; uint64_t n; } *entry;
	size_t nr;
	uint64_t others;
};

struct stats {
	struct audit_filter filter;
	struct counts types, denials, lost;
	uint64_t records, garbage;
};

static void count_add(struct counts *c, const char *key, uint64_t n)
{
	for (size_t i = 0; i < c->nr; i++)
		if (strcmp(c->entry[i].key, key) == 0) {
			c->entry[i].n += n;
			return;
		}
	if (!c->entry)
		c->entry = calloc(COUNTS_MAX, sizeof(*c->entry));
	if (!c->entry || c->nr == COUNTS_MAX) {
		c->others += n;
		return;
	}
	snprintf(c->entry[c->nr].key, KEY_MAX, "%s", key);
	c->entry[c->nr++].n = n;
}

/* "user:role:type:levels" as "type:levels". */
static struct audit_text label_short(struct audit_text t)
{
	for (unsigned int colons = 0; colons < 2; colons++) {
		const char *colon = memchr(t.at, ':', t.len);

		if (!colon)
			return t;
		t.len -= (size_t)(colon + 1 - t.at);
		t.at = colon + 1;
	}
	return t;
}

static void count_denial(struct stats *s, const struct audit_record *r)
{
	struct audit_text decision, permissions, source = { "?", 1 }, target = { "?", 1 }, class = { "?", 1 };
	char key[KEY_MAX];

	if (!audit_record_avc(r, &decision, &permissions) || !audit_text_is(decision, "denied"))
		return;
	audit_record_field(r, "scontext", &source);
	audit_record_field(r, "tcontext", &target);
	audit_record_field(r, "tclass", &class);
	source = label_short(source);
	target = label_short(target);
	snprintf(key, sizeof(key), "%.*s -> %.*s %.*s { %.*s }", (int)source.len, source.at, (int)target.len, target.at, (int)class.len, class.at,
		 (int)permissions.len, permissions.at);
	count_add(&s->denials, key, 1);
}

static void count_lost(struct stats *s, const struct audit_record *r)
{
	char key[32] = "the hypervisor";
	uint64_t n, domain;

	if (!audit_text_is(r->type, "KERNEL") || !audit_record_number(r, "lost", &n))
		return;
	if (audit_record_number(r, "domid", &domain))
		snprintf(key, sizeof(key), "domain %" PRIu64, domain);
	count_add(&s->lost, key, n);
}

static bool stats_line(void *arg, const struct audit_place *where, const char *line, size_t len)
{
	struct stats *s = arg;
	struct audit_record r;
	char type[KEY_MAX];

	(void)where;
	if (!audit_record_parse(line, len, &r)) {
		s->garbage++;
		return true;
	}
	if (!audit_filter_match(&s->filter, &r))
		return true;
	s->records++;
	snprintf(type, sizeof(type), "%.*s", (int)r.type.len, r.type.at);
	count_add(&s->types, type, 1);
	count_denial(s, &r);
	count_lost(s, &r);
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->n < y->n ? 1 : x->n > y->n ? -1 : strcmp(x->key, y->key);
}

static void counts_sort(struct counts *c)
{
	if (c->nr)
		qsort(c->entry, c->nr, sizeof(*c->entry), compare);
}

static void counts_print(const char *heading, const struct counts *c)
{
	if (c->nr)
		printf("%s\n", heading);
	for (size_t i = 0; i < c->nr; i++)
		printf("%8" PRIu64 "  %s\n", c->entry[i].n, c->entry[i].key);
	if (c->others)
		printf("%8" PRIu64 "  others\n", c->others);
}

static struct json_object *counts_json(const struct counts *c)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < c->nr; i++)
		rav_json_add_u64(o, c->entry[i].key, c->entry[i].n);
	if (c->others)
		rav_json_add_u64(o, "others", c->others);
	return o;
}

static const char *full_name(uint32_t full)
{
	static const char *const names[] = { "drop", "block", "panic" };

	return full < sizeof(names) / sizeof(names[0]) ? names[full] : "?";
}

static void ring_print(const struct ravelin_audit_state *r, uint64_t domain)
{
	printf("ring: %u of %u bytes used, audit_full=%s\n", r->used, r->size, full_name(r->full));
	printf("  records %" PRIu64 " to %" PRIu64 ", read up to %" PRIu64 ", %" PRIu64 " lost since boot\n", r->first, r->next - 1, r->chained, r->lost);
	if (domain != UINT64_MAX)
		printf("  domain %" PRIu64 " holds %u bytes of %u it may\n", domain, r->held, r->limit);
}

static struct json_object *ring_json(const struct ravelin_audit_state *r)
{
	struct json_object *o = json_object_new_object();

	rav_json_add_u64(o, "size", r->size);
	rav_json_add_u64(o, "used", r->used);
	rav_json_add_u64(o, "first", r->first);
	rav_json_add_u64(o, "next", r->next);
	rav_json_add_u64(o, "chained", r->chained);
	rav_json_add_u64(o, "lost", r->lost);
	rav_json_add_u64(o, "held", r->held);
	rav_json_add_u64(o, "limit", r->limit);
	rav_json_add_text(o, "full", full_name(r->full));
	return o;
}

static void stats_print(struct stats *s, const struct ravelin_audit_state *ring)
{
	struct json_object *o;

	counts_sort(&s->types);
	counts_sort(&s->denials);
	counts_sort(&s->lost);
	if (s->filter.style != AUDIT_JSON) {
		printf("%" PRIu64 " records\n", s->records);
		counts_print("by type:", &s->types);
		counts_print("denials:", &s->denials);
		counts_print("lost for want of room:", &s->lost);
		if (ring)
			ring_print(ring, s->filter.domain);
		return;
	}
	o = json_object_new_object();
	rav_json_add_u64(o, "records", s->records);
	rav_json_add_u64(o, "not_records", s->garbage);
	json_object_object_add(o, "types", counts_json(&s->types));
	json_object_object_add(o, "denials", counts_json(&s->denials));
	json_object_object_add(o, "lost", counts_json(&s->lost));
	if (ring)
		json_object_object_add(o, "ring", ring_json(ring));
	rav_json_print(o);
}

int audit_stats_run(int argc, char **argv)
{
	struct ravelin_audit_state ring = { 0 };
	struct audit_source *source;
	struct stats s = { 0 };
	int rc = audit_filter_parse(&s.filter, argc, argv);

	if (rc)
		return rc;
	rc = audit_files_each(s.filter.log, stats_line, &s);
	if (rc)
		return rav_fail("is `rav audit daemon` running? name another place with --log", "%s: %s", s.filter.log, strerror(-rc));
	/* On a workstation the files are all there is. */
	source = access("/dev/xen/privcmd", R_OK | W_OK) == 0 ? audit_source_open() : NULL;
	ring.domain = s.filter.domain == UINT64_MAX ? 0 : (uint16_t)s.filter.domain;
	stats_print(&s, source && source->state(source, &ring) == 0 ? &ring : NULL);
	return RAV_OK;
}
