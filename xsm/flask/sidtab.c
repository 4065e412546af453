/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security identifiers.
 * Locking: `lock` for adding; lookups by number are lock-free. Trust: numbers may be anybody's, text is a policy's normal form.
 */
#include "sidtab.h"

#include <hv/console.h>
#include <hv/mm.h>
#include <hv/string.h>

#define TEXT_BUDGET (1u << 20)	/* bytes of all contexts' text */

static struct spinlock lock;
static _Atomic uint32_t count;
static char *text[FLASK_MAX_SIDS];
static size_t text_used;
static struct context_draft draft_of_lock;

void sidtab_init(void)
{
	atomic_store(&count, FLASK_INITIAL_SIDS);
	memset(text, 0, sizeof(text));
	text_used = 0;
}

void sidtab_lock(void)
{
	spin_lock(&lock);
}

void sidtab_unlock(void)
{
	spin_unlock(&lock);
}

uint32_t sidtab_count(void)
{
	return atomic_load_explicit(&count, memory_order_acquire);
}

struct context_draft *sidtab_draft(void)
{
	return &draft_of_lock;
}

static struct context *context_of(const struct policy *p, sid_t sid)
{
	struct policy *mutable = (struct policy *)(uintptr_t)p;	/* C11 has no atomic load of const objects */

	return atomic_load_explicit(&mutable->contexts[sid], memory_order_acquire);
}

sid_t sid_normal(const struct policy *p, sid_t sid)
{
	return sid > 0 && sid < FLASK_MAX_SIDS && context_of(p, sid) ? sid : SID_UNLABELED;
}

const struct context *sid_context(const struct policy *p, sid_t sid)
{
	return context_of(p, sid_normal(p, sid));
}

/* Text in normal form, for later policies; NULL over the budget. */
static char *keep_text(const struct policy *p, const struct context *c)
{
	size_t len = policy_context_print(p, c, NULL, 0);
	char *s;

	if (len > TEXT_BUDGET - text_used)
		return NULL;
	s = heap_alloc(NULL, len);
	if (!s)
		return NULL;
	policy_context_print(p, c, s, len);
	text_used += len;
	return s;
}

int sidtab_intern(struct policy *p, const struct context *c, sid_t *sid)
{
	uint32_t n = sidtab_count();
	struct context *kept;
	char *s;

	for (sid_t i = 1; i <= n; i++) {
		const struct context *known = context_of(p, i);

		if (known && known->type == c->type && context_equal(known, c)) {
			*sid = i;
			return 0;
		}
	}
	if (n + 1 >= FLASK_MAX_SIDS)
		return -XEN_ENOMEM;
	s = keep_text(p, c);
	if (!s)
		return -XEN_ENOMEM;
	kept = context_keep(c, &p->arena);
	if (!kept) {
		text_used -= strlen(s) + 1;
		heap_free(NULL, s);
		return -XEN_ENOMEM;
	}
	text[n + 1] = s;
	atomic_store_explicit(&p->contexts[n + 1], kept, memory_order_release);
	atomic_store_explicit(&count, n + 1, memory_order_release);
	*sid = n + 1;
	return 0;
}

void sidtab_translate(struct policy *p, sid_t first, sid_t last, struct context_draft *draft)
{
	for (sid_t sid = first; sid <= last; sid++) {
		struct context *c = sid <= FLASK_INITIAL_SIDS ? p->initial[sid] : NULL;

		if (sid > FLASK_INITIAL_SIDS && policy_context_parse(p, text[sid], strlen(text[sid]), draft)) {
			c = context_keep(&draft->c, &p->arena);
			if (!c)
				log_warn("flask: no memory for SID %u: it counts as unlabeled\n", sid);
		}
		atomic_store_explicit(&p->contexts[sid], c, memory_order_release);
	}
}
