/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xsm/flask as a library: its face, and libc in place of the hypervisor's heap, console and
 * processor.
 * Locking: single-threaded. Trust: see engine.h.
 */
#include "../engine.h"

#include <hv/console.h>
#include <hv/edge.h>
#include <hv/flask.h>
#include <hv/mm.h>
#include <hv/options.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct boot_options options;

/* --- what the engine needs of a hypervisor ---------------------------------------------------- */

void *heap_alloc(struct domain *payer, size_t size)
{
	(void)payer;
	return calloc(1, size);
}

void heap_free(struct domain *payer, void *p)
{
	(void)payer;
	free(p);
}

void *heap_alloc_pages(struct domain *payer, unsigned int order)
{
	(void)payer;
	return calloc(1, PAGE_SIZE << order);
}

void heap_free_pages(struct domain *payer, void *va, unsigned int order)
{
	(void)payer;
	(void)order;
	free(va);
}

/* What it would tell the log, the verbs tell the user. */
void log_print(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

unsigned int edge_cpu_id(void)
{
	return 0;
}

void edge_relax(void)
{
}

/* --- asking ----------------------------------------------------------------------------------- */

bool engine_load(const void *policy, size_t len, struct engine_refusal *why)
{
	static bool begun;
	struct flask_error err = { 0 };
	int rc = begun ? flask_load(policy, len, &err) : flask_init(policy, len, &err);

	*why = (struct engine_refusal){ err.offset, err.section, err.reason };
	if (rc == 0) {
		begun = true;
		flask_reclaim();
	}
	return rc == 0;
}

uint32_t engine_fallbacks(void)
{
	return flask_fallback_count();
}

bool engine_sid(const char *label, uint32_t *sid)
{
	return flask_context_to_sid(label, strlen(label), sid) == 0;
}

bool engine_label(uint32_t sid, char *text, size_t size)
{
	size_t needed;

	return flask_sid_to_context(sid, text, size, &needed) == 0;
}

bool engine_self(uint32_t source, uint32_t *self)
{
	return flask_transition(source, source, "domain", self) == 0;
}

bool engine_allows(uint32_t source, uint32_t target, const char *class_name, const char *perm)
{
	for (enum perm p = PERM_INVALID + 1; p < PERM_COUNT; p++)
		if (strcmp(perm_class_name(p), class_name) == 0 && strcmp(perm_name(p), perm) == 0)
			return flask_allowed(flask_vector(source, target), p);
	return false;
}
