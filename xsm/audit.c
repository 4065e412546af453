/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records: one line each, in the form that audit2allow, audit2why and ausearch read, written in a buffer of this CPU's and then copied into the
 * audit ring and onto the console. The console gets a bounded number of lines a second from each domain; what is left out there is counted and said.
 * Locking: none of its own; the ring's and the console's leaf locks, one after the other.
 * Trust: contexts, classes and operation names are printable; nothing a guest wrote is printed.
 */
#include "audit_ring.h"

#include <hv/console.h>
#include <hv/cpu.h>
#include <hv/edge.h>
#include <hv/flask.h>
#include <hv/mm.h>
#include <hv/string.h>

#define PREFIX		"(RAV) "	/* on the console */
#define PREFIX_LEN	(sizeof(PREFIX) - 1)
#define LINE_ROOM	(PREFIX_LEN + AUDIT_TEXT_MAX)

struct line {
	char *text;
	size_t room, len;
};

static char boot_text[512];		/* of the boot's CPU, until there are others */
static char *cpu_text[MAX_CPUS];	/* LINE_ROOM + 1 bytes: a line and its newline */

/* One record at a time on each CPU: nothing that is printed writes another. */
static struct line line_begin(void)
{
	char *text = cpu_text[edge_cpu_id()];
	struct line l = { text ? text : boot_text, text ? LINE_ROOM : sizeof(boot_text) - 1, PREFIX_LEN };

	memcpy(l.text, PREFIX, PREFIX_LEN);
	return l;
}

static void __printf(2, 0) add_list(struct line *l, const char *fmt, va_list ap)
{
	int n = hv_vsnprintf(l->text + l->len, l->room - l->len, fmt, ap);

	l->len += n > 0 ? (size_t)n : 0;
	if (l->len > l->room - 1)
		l->len = l->room - 1;
}

static void __printf(2, 3) add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_list(l, fmt, ap);
	va_end(ap);
}

static void add_context(struct line *l, const char *key, sid_t sid)
{
	size_t needed;

	add(l, " %s=", key);
	if (flask_sid_to_context(sid, l->text + l->len, l->room - l->len, &needed) == 0)
		l->len += needed - 1;
	else
		add(l, "?");
}

static void line_print(struct line *l)
{
	l->text[l->len] = '\n';
	console_write(l->text, l->len + 1, true);
}

static void left_out_print(domid_t id, uint32_t left_out)
{
	struct line l;

	if (!left_out)
		return;
	l = line_begin();
	add(&l, "audit: %u records of domain %u left out", left_out, id);
	line_print(&l);
}

static void add_record(struct line *l, const struct audit_avc *a)
{
	add(l, "avc:  %s  { %s%s%s } for", a->granted && !a->permissive ? "granted" : "denied", perm_name(a->perm),
	    a->second ? " " : "", a->second ? perm_name(a->second) : "");
	if (a->source != DOMID_INVALID)
		add(l, " domid=%u", a->source);
	if (a->target != DOMID_INVALID)
		add(l, " target=%u", a->target);
	if (a->source != DOMID_INVALID)
		add(l, " comm=\"d%u\"", a->source);		/* without it aureport takes no AVC */
	if (a->operation)
		add(l, " op=%s", a->operation);
	if (a->object)
		add(l, " %s=0x%llx", a->object, (unsigned long long)a->object_value);
	add_context(l, "scontext", a->ssid);
	add_context(l, "tcontext", a->tsid);
	add(l, " tclass=%s permissive=%d", perm_class_name(a->perm), a->permissive);
	if (a->engine)
		add(l, " engine=%s", a->engine);
}

void audit_avc(const struct audit_avc *a)
{
	struct audit_place place = audit_ring_place(a->caller);
	struct line l;

	left_out_print(a->caller, place.left_out);
	if (!place.ring && !place.console)
		return;
	l = line_begin();
	add_record(&l, a);
	if (place.ring)
		audit_ring_put(a->caller, AUDIT_AVC, l.text + PREFIX_LEN, l.len - PREFIX_LEN);
	if (place.console)
		line_print(&l);
}

void audit_event(const struct audit_event *e, const char *fmt, ...)
{
	const struct vcpu *v = current_vcpu();
	struct line l = line_begin();
	va_list ap;

	va_start(ap, fmt);
	add_list(&l, fmt, ap);
	va_end(ap);
	if (v)
		add(&l, " by=%u", v->domain->id);
	if (e->ssid)
		add_context(&l, "old-ctx", e->ssid);
	if (e->tsid)
		add_context(&l, "vm-ctx", e->tsid);
	audit_ring_put(e->caller, e->type, l.text + PREFIX_LEN, l.len - PREFIX_LEN);
	line_print(&l);
}

int audit_init(void)
{
	for (unsigned int i = 0; i < cpu_count; i++) {
		cpu_text[i] = heap_alloc(NULL, LINE_ROOM + 1);
		if (!cpu_text[i])
			return -XEN_ENOMEM;
	}
	return audit_ring_init(options.audit_bytes) ?: audit_chain_init();
}
