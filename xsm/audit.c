/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records: one line each, in the form that audit2allow, audit2why and ausearch read. A domain that is denied over and over gets a bounded
 * number of lines a second; what is left out is counted and said, so that nobody hides behind his own noise, and nobody else's lines are lost.
 * Locking: audit_lock, then the console's. Trust: contexts, classes and operation names are printable; nothing a guest wrote is printed.
 */
#include <hv/audit.h>

#include <hv/console.h>
#include <hv/edge.h>
#include <hv/flask.h>
#include <hv/lock.h>
#include <hv/string.h>

#define LINE_MAX 16384u		/* two contexts with the longest category lists, and the rest */
#define SOURCES 64u
#define LINES_PER_SECOND 100u
#define SECOND 1000000000u

static struct spinlock audit_lock = SPINLOCK_INIT;
static char line[LINE_MAX];
static size_t line_len;

static struct {
	uint64_t since;
	uint32_t lines, dropped;
} source_rate[SOURCES];

static void __printf(1, 2) add(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = hv_vsnprintf(line + line_len, LINE_MAX - line_len, fmt, ap);
	va_end(ap);
	line_len += n > 0 ? (size_t)n : 0;
	if (line_len > LINE_MAX - 2)
		line_len = LINE_MAX - 2;
}

static void add_context(const char *key, sid_t sid)
{
	size_t needed;

	add(" %s=", key);
	if (flask_sid_to_context(sid, line + line_len, LINE_MAX - line_len, &needed) == 0)
		line_len += needed - 1;
	else
		add("?");
}

static void line_begin(void)
{
	line_len = 0;
	add("(RAV) ");
}

static void line_end(void)
{
	line[line_len++] = '\n';
	console_write(line, line_len, true);
}

/* False: this record is one too many within the second. */
static bool rate_allows(domid_t source)
{
	unsigned int i = source % SOURCES;
	uint64_t now = edge_now_ns();

	if (now - source_rate[i].since >= SECOND) {
		if (source_rate[i].dropped) {
			line_begin();
			add("audit: %u records of domain %u left out", source_rate[i].dropped, source);
			line_end();
		}
		source_rate[i].since = now;
		source_rate[i].lines = source_rate[i].dropped = 0;
	}
	if (source_rate[i].lines == LINES_PER_SECOND) {
		source_rate[i].dropped++;
		return false;
	}
	source_rate[i].lines++;
	return true;
}

static void add_record(const struct audit_avc *a)
{
	add("avc:  %s  { %s%s%s } for", a->granted && !a->permissive ? "granted" : "denied", perm_name(a->perm),
	    a->second ? " " : "", a->second ? perm_name(a->second) : "");
	if (a->source != DOMID_INVALID)
		add(" domid=%u", a->source);
	if (a->target != DOMID_INVALID)
		add(" target=%u", a->target);
	if (a->operation)
		add(" op=%s", a->operation);
	if (a->object)
		add(" %s=0x%llx", a->object, (unsigned long long)a->object_value);
	add_context("scontext", a->ssid);
	add_context("tcontext", a->tsid);
	add(" tclass=%s permissive=%d", perm_class_name(a->perm), a->permissive);
}

void audit_avc(const struct audit_avc *a)
{
	spin_lock(&audit_lock);
	if (rate_allows(a->source)) {
		line_begin();
		add_record(a);
		line_end();
	}
	spin_unlock(&audit_lock);
}

void audit_event(const char *fmt, ...)
{
	va_list ap;
	int n;

	spin_lock(&audit_lock);
	line_begin();
	va_start(ap, fmt);
	n = hv_vsnprintf(line + line_len, LINE_MAX - line_len, fmt, ap);
	va_end(ap);
	line_len += n > 0 ? (size_t)n : 0;
	if (line_len > LINE_MAX - 2)
		line_len = LINE_MAX - 2;
	if (line[line_len - 1] == '\n')
		line_len--;
	line_end();
	spin_unlock(&audit_lock);
}
