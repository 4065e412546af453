/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of rules, sorted by source, target, class and kind, with an index by source.
 * Locking: immutable once finished. Trust: types and classes in rules were checked when read.
 */
#include "policydb.h"

static uint64_t rule_key(const struct rule *x)
{
	return (uint64_t)x->source << 48 | (uint64_t)x->target << 32 | (uint32_t)x->class << 16 | x->kind;
}

static void sift_down(struct rule *a, uint32_t root, uint32_t n)
{
	struct rule moved = a[root];

	for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && rule_key(&a[child]) < rule_key(&a[child + 1]))
			child++;
		if (rule_key(&a[child]) <= rule_key(&moved))
			break;
		a[root] = a[child];
	}
	a[root] = moved;
}

/* Heap sort: in place, no recursion, no bad case that a policy's author could choose. */
static void rules_sort(struct rule *a, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	for (uint32_t end = n; end > 1; end--) {
		struct rule first = a[0];

		a[0] = a[end - 1];
		a[end - 1] = first;
		sift_down(a, 0, end - 1);
	}
}

void rule_table_finish(struct reader *r, struct rule_table *t, uint32_t nr_types, bool unique)
{
	if (r->failed)
		return;
	rules_sort(t->rule, t->nr);
	for (uint32_t i = 1; unique && i < t->nr; i++)
		if (!reader_require(r, rule_key(&t->rule[i - 1]) != rule_key(&t->rule[i]), "a rule stands twice"))
			return;
	t->source_start = reader_array(r, nr_types + 2u, sizeof(*t->source_start));
	if (r->failed)
		return;
	for (uint32_t source = 0, i = 0; source < nr_types + 2u; source++) {
		while (i < t->nr && t->rule[i].source < source)
			i++;
		t->source_start[source] = i;
	}
}

static uint32_t lower_bound(const struct rule *a, uint32_t low, uint32_t high, uint32_t target)
{
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (a[mid].target < target)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct rule *rule_table_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t *nr)
{
	uint32_t end = t->source_start[source + 1];
	uint32_t first = lower_bound(t->rule, t->source_start[source], end, target);

	*nr = 0;
	while (first + *nr < end && t->rule[first + *nr].target == target)
		++*nr;
	return t->rule + first;
}

const struct rule *rule_find(const struct rule_table *t, uint32_t source, uint32_t target, uint32_t class, enum rule_kind kind)
{
	uint32_t nr;
	const struct rule *x = rule_table_find(t, source, target, &nr);

	for (uint32_t i = 0; i < nr; i++)
		if (x[i].class == class && x[i].kind == kind)
			return &x[i];
	return NULL;
}
